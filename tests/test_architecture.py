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

# A module may import from its own layer and those before it, never from one after it.
LAYERS = (
    ("recall",),
    ("zipped",),
    ("money_units",),
    ("folding",),
    ("layout",),
    ("number_formats",),
    ("quantities",),
    ("targets",),
    ("findings",),
    ("policy",),
    ("district",),
    ("directory",),
    ("submissions",),
    ("scoring",),
    ("attendance",),
    ("rules", "sampling"),
    ("probe",),
    ("read",),
    ("bureau",),
    ("check",),
    ("review",),
    ("grade",),
    ("write",),
    ("returned",),
    ("template",),
    ("report",),
    ("inbox",),
    ("pool",),
    ("departments",),
    ("rerun",),
    ("chunks",),
    ("whole",),
    ("batch",),
    ("merge",),
    ("terminal",),
    ("cli",),
    ("__main__",),
)
ORDER = {name: position for position, layer in enumerate(LAYERS) for name in layer}


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported_parts(path: Path) -> set[str]:
    parts: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "evalxl":
            parts |= {alias.name for alias in node.names if not alias.name.startswith("__")}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("evalxl."):
            parts.add(node.module.split(".")[1])
    return parts


@pytest.mark.parametrize("path", [path for path in MODULES if path != PACKAGE / "__init__.py"], ids=str)
def test_imports_run_one_way(path: Path) -> None:
    here = ORDER[_part(path)]
    backwards = {part for part in _imported_parts(path) if ORDER[part] > here}
    if _part(path) == "terminal":
        backwards -= {"batch"}  # for types only
    assert not backwards, f"{path.name} imports from later layers: {backwards}"


_ADDRESS = re.compile(r"(?<![A-Za-z0-9_$.-])\$?[A-Z]{1,3}\$?[1-9]\d{0,4}(?![A-Za-z0-9_.-])")


@pytest.mark.parametrize("path", [path for path in MODULES if path.name != "layout.py"], ids=str)
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
