"""The architecture, held: imports run one way, one module knows cell addresses, files stay readable."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import evalxl

PACKAGE = Path(evalxl.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

# A room imports only from those above it.
ROOMS = (
    "values", "layout", "policy", "district", "facts", "rules", "sheets", "store", "intake", "bureau", "template",
    "transfer", "outputs", "run", "cli", "__main__",
)  # fmt: skip


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


NAMES = {_name(path): path for path in MODULES}


def _imported(path: Path) -> set[str]:
    """The modules of evalxl that a module imports, wherever in it, for types too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "evalxl":
            listed = (f"{node.module}.{each.name}" for each in node.names)
            found |= {each if each in NAMES else node.module for each in listed}
    return found - {_name(path)}


IMPORTS = {name: _imported(path) for name, path in NAMES.items()}


def _room(name: str) -> str:
    return name.split(".")[1] if "." in name else "values"  # the package itself holds the version alone


def test_every_room_is_on_the_architecture_page() -> None:
    assert {_room(name) for name in NAMES} == set(ROOMS)
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    listed = re.findall(r"^ {4}([a-z_]+)(?:/|\.py)", page, re.MULTILINE)
    assert tuple(listed) == ROOMS[:-1]


@pytest.mark.parametrize("name", NAMES)
def test_imports_run_one_way(name: str) -> None:
    backwards = {each for each in IMPORTS[name] if ROOMS.index(_room(each)) > ROOMS.index(_room(name))}
    assert not backwards, f"{name} imports from rooms below it: {backwards}"


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


def test_help_does_not_load_what_only_the_work_needs() -> None:
    code = (
        "import sys\nfrom evalxl.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted({'pandas', 'numpy', 'openpyxl', 'xlsxwriter', 'python_calamine', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.glob("test_*.py")), ids=lambda path: path.name)
def test_tests_stay_readable_and_stand_alone(path: Path) -> None:
    """What several tests share stands in a module of its own."""
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= 500
    assert not re.search(r"^\s*from test_", source, re.MULTILINE)
