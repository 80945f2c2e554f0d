"""The architecture, held: imports run one way, one module knows cell addresses, files stay readable."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import evalxl
from evalxl.district.notes import NOTE_COLUMNS
from evalxl.district.spine import WORKBOOK_COLUMNS
from evalxl.store import schema

PACKAGE = Path(evalxl.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room imports only from those above it.
ROOMS = (
    "values", "layout", "policy", "district", "facts", "rules", "sheets", "store", "intake", "bureau", "template",
    "transfer", "outputs", "run", "audit", "library", "evalxl", "serve", "cli", "__main__",
)  # fmt: skip
OUTER = {"serve", "cli", "__main__"}  # where people and programs come in: through the library, as everybody else does


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


NAMES = {_name(path): path for path in MODULES}


def _imported(path: Path) -> set[str]:
    """The modules of evalxl that a module imports, wherever in it, for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "evalxl":
            listed = [f"{node.module}.{each.name}" for each in node.names if each.name != "__version__"]
            found |= {each if each in NAMES and not _is_of_the_face(each) else node.module for each in listed}
    return found - {_name(path)}


def _is_of_the_face(name: str) -> bool:
    """Whether ``from evalxl import run`` means the function: a room of that name lies beside it."""
    return name.removeprefix("evalxl.") in evalxl.__all__


IMPORTS = {name: _imported(path) for name, path in NAMES.items()}


def _room(name: str) -> str:
    return name.split(".")[1] if "." in name else "evalxl"


def test_every_room_is_on_the_architecture_page() -> None:
    assert {_room(name) for name in NAMES} == set(ROOMS)
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^ {4}([a-z_]+)(?:/|\.py)", page, re.MULTILINE)
    assert tuple(listed) == tuple(room for room in ROOMS if room not in ("evalxl", "__main__"))


@pytest.mark.parametrize("name", NAMES)
def test_imports_run_one_way(name: str) -> None:
    backwards = {each for each in IMPORTS[name] if ROOMS.index(_room(each)) > ROOMS.index(_room(name))}
    assert not backwards, f"{name} imports from rooms below it: {backwards}"


@pytest.mark.parametrize("name", [name for name in NAMES if _room(name) in OUTER])
def test_command_line_and_page_enter_through_the_library(name: str) -> None:
    past = {each for each in IMPORTS[name] if _room(each) not in {"library", "evalxl", "serve", "cli"}}
    if name == "evalxl.__main__":  # chooses the layout, before the library may be imported
        past -= {"evalxl.values.layout_file", "evalxl.values.errors"}
    assert not past, f"{name} goes past the library: {past}"
    inside = {each for each in IMPORTS[name] if each.startswith("evalxl.library.")}
    assert not inside, f"{name} reaches into the library: {inside}"


def test_no_circle_of_imports() -> None:
    left = {name: set(IMPORTS[name]) for name in NAMES}
    while free := {name for name, imports in left.items() if not imports}:
        left = {name: imports - free for name, imports in left.items() if name not in free}
    assert not left, f"circles of imports: {sorted(left)}"


_ADDRESS = re.compile(r"(?<![A-Za-z0-9_$.-])\$?[A-Z]{1,3}\$?[1-9]\d{0,4}(?![A-Za-z0-9_.-])")


@pytest.mark.parametrize("path", [path for path in MODULES if path.parent.name != "layout"], ids=str)
def test_only_the_layout_knows_cell_addresses(path: Path) -> None:
    found = []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            found += [match for match in _ADDRESS.findall(node.value) if not _is_rule_id(match)]
    assert not found, f"{path.name} names cells: {found}"


def _is_rule_id(text: str) -> bool:
    return bool(re.fullmatch(r"[FUBPISGRNXD]\d\d", text))


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_files_stay_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, "a file of more than 400 lines asks to be split"


HELP = "from evalxl.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
HEAVY = {"pandas", "numpy", "openpyxl", "xlsxwriter", "python_calamine", "pydantic"}


@pytest.mark.parametrize(
    ("code", "loaded"),
    [
        ("import evalxl", set()),
        ("import evalxl\nevalxl.check, evalxl.Status, evalxl.UsageError", set()),
        (HELP, set()),
        ("import evalxl\nevalxl.rules()", {"pandas", "numpy", "pydantic"}),  # the measure sees what is loaded
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(code: str, loaded: set[str]) -> None:
    code = f"import sys\n{code}\nprint(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == str(sorted(loaded))


def test_importing_evalxl_imports_nothing_of_it() -> None:
    code = "import sys, evalxl\nprint([name for name in sys.modules if name.startswith('evalxl.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("test_*.py")), ids=lambda path: path.name)
def test_tests_stay_readable_and_stand_alone(path: Path) -> None:
    """What several tests share stands in a module of its own."""
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 500
    assert not re.search(r"^\s*from test_", source, re.MULTILINE)


def test_the_page_names_every_column_that_reading_adds_and_every_table_that_is_stored() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    lines = {line.split("|")[1].strip(" `").partition("`")[0]: line for line in page.splitlines() if "| `" in line[:4]}
    for table, columns in (("workbooks", WORKBOOK_COLUMNS), ("notes", NOTE_COLUMNS)):
        words = set(re.findall(r"\w+", lines[table]))
        assert set(columns) - {"workbook"} <= words, table
    stored = [each.name for each in vars(schema).values() if isinstance(each, schema.Table)]
    assert [name for name in stored if f"`{name}`" not in page] == []
