"""What is handed on: the wheel holds the whole package, the source archive all that its tests need, every floor is stated."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from installed import COMMANDS, TREE, build, lowest
from packaging.requirements import Requirement

from evalxl.cli import app

PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The unpacked source archive and the wheel."""
    return build(tmp_path_factory.mktemp("dist"))


def below(folder: Path, *parts: str) -> set[str]:
    """The files below some parts of a folder that somebody wrote."""
    files = (path for part in parts for path in [folder / part, *(folder / part).rglob("*")] if path.is_file())
    return {path.relative_to(folder).as_posix() for path in files if "__pycache__" not in path.parts}


def test_the_wheel_holds_every_file_of_the_package_and_nothing_else(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}
    carried = {f"evalxl/docs/{name}" for name in ("cli.md", "fields.md", "policy.md", "rules.md")}
    carried |= {f"evalxl/{path.relative_to(TREE).as_posix()}" for path in (TREE / "docs").glob("guide-*.md")}
    carried |= {f"evalxl/{name}" for name in below(TREE, "docs/images")} | {"evalxl/samples.zip"}
    assert held == below(TREE, "evalxl") | carried
    assert all(name.isascii() for name in held)
    assert {
        "evalxl/outputs/summary/about.py",
        "evalxl/policy/policy.toml",
        "evalxl/policy/hunan.toml",
        "evalxl/py.typed",
    } <= held


def test_a_sub_package_that_is_not_named_is_missed(tmp_path: Path) -> None:
    """As ``evalxl.outputs.summary`` once was: the comparison above sees it."""
    tree = tmp_path / "tree"
    (tree / "evalxl" / "outputs" / "summary").mkdir(parents=True)
    for folder in ("evalxl", "evalxl/outputs", "evalxl/outputs/summary"):
        (tree / folder / "__init__.py").write_text('__version__ = "1"\n', encoding="utf-8")
    (tree / "README.md").touch()
    config = (TREE / "pyproject.toml").read_text(encoding="utf-8")
    by_hand, times = re.subn(
        r"\[tool\.setuptools\.packages\.find\]\ninclude = .*", '[tool.setuptools]\npackages = ["evalxl", "evalxl.outputs"]', config
    )  # fmt: skip
    assert times == 1
    (tree / "pyproject.toml").write_text(by_hand, encoding="utf-8")
    (tmp_path / "dist").mkdir()
    with zipfile.ZipFile(build(tmp_path / "dist", tree)[1]) as wheel:
        assert set(below(tree, "evalxl")) - set(wheel.namelist()) == {"evalxl/outputs/summary/__init__.py"}


def test_guides_and_samples_are_reached_from_the_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        wheel.extractall(tmp_path / "lib")
    code = (
        "import evalxl.library as library, pathlib\n"
        "print(library.__file__)\nprint(*(each.path for each in library.guides()), sep='\\n')\n"
        "library.guide_pages(pathlib.Path('guides'))\nlibrary.demo(pathlib.Path('demo'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(tmp_path / "lib")},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert all(line.startswith(str(tmp_path / "lib" / "evalxl")) for line in done.stdout.splitlines())
    there = {path.name: path.read_bytes() for path in (tmp_path / "demo").rglob("*") if path.is_file()}
    samples = [TREE / "samples" / "名册.csv", *(TREE / "samples" / "luquan-2023").iterdir()]
    assert there == {path.name: path.read_bytes() for path in samples} | {
        "evalxl.toml": 'roster = "名册.csv"\n'.encode()
    }


def test_the_metadata_keep_it_from_being_uploaded(built: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        (name,) = (each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
        metadata = wheel.read(name).decode()
    assert "\nClassifier: Private :: Do Not Upload\n" in metadata
    assert "\nLicense" not in metadata  # its owner has chosen none yet


def test_the_source_archive_holds_what_its_own_tests_need(built: tuple[Path, Path]) -> None:
    parts = ["evalxl", "tests", "samples", "templates", "docs", "bench", ".ci", "constraints.txt", "pyproject.toml"]
    parts += ["bundle", "setup.py", "Makefile", "README.md", "README.zh-CN.md", "CHANGELOG.md"]
    wanted = {name for name in below(TREE, *parts) if not name.endswith(".pyc")}
    assert wanted - below(built[0], *parts) == set()


def test_tests_of_the_source_archive_pass_in_it(built: tuple[Path, Path]) -> None:
    some = (
        "tests/test_layout.py",
        "tests/test_samples.py",
        "tests/test_cli.py::test_template_writes_the_committed_file",
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *some], cwd=built[0],
        env=os.environ | {"PYTHONPATH": str(built[0])}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_every_dependency_has_a_floor_that_the_pinned_version_is_not_below() -> None:
    """The floors are what ``tests/installed.py --lowest`` installs: there is no second list of them."""
    pinned = dict(
        line.lower().split("==") for line in (TREE / "constraints.txt").read_text(encoding="utf-8").splitlines()
    )
    extras = [each for listed in PROJECT["optional-dependencies"].values() for each in listed]
    for text in [*PROJECT["dependencies"], *extras]:
        requirement = Requirement(text)
        assert any(each.operator == ">=" for each in requirement.specifier), text
        assert requirement.specifier.contains(pinned[requirement.name.lower()]), text
    at = dict(each.split("==") for each in lowest())
    extra = [each for name in ("word", "serve") for each in PROJECT["optional-dependencies"][name]]
    assert set(at) == {Requirement(each).name for each in [*PROJECT["dependencies"], *extra]}
    assert at["XlsxWriter"] == "3.3"


def test_what_is_imported_is_declared() -> None:
    """Also what another dependency brings along today, as pandas does numpy."""
    files = [ast.parse(path.read_text(encoding="utf-8")) for path in (TREE / "evalxl").rglob("*.py")]
    nodes = [node for tree in files for node in ast.walk(tree)]
    named = {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    named |= {each.name for node in nodes if isinstance(node, ast.Import) for each in node.names}
    foreign = {name.partition(".")[0] for name in named} - set(sys.stdlib_module_names) - {"evalxl"}
    known = {"docx": "python-docx", "markdown_it": "markdown-it-py"}
    declared = [
        *PROJECT["dependencies"],
        *PROJECT["optional-dependencies"]["word"],
        *PROJECT["optional-dependencies"]["cluster"],
        *PROJECT["optional-dependencies"]["serve"],
    ]
    names = {Requirement(each).name.lower().replace("-", "_") for each in declared}
    assert {known.get(each, each).lower().replace("-", "_") for each in foreign} == names


def test_every_command_is_run_from_the_wheel() -> None:
    names = {each.name or each.callback.__name__ for each in app.registered_commands if each.callback}
    assert names <= {arguments[0] for _, arguments in COMMANDS}  # serve with a folder that is not there
