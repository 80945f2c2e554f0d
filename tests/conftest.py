"""The good workbook, cell by cell, and what becomes of it after an edit in the accountant's words."""

from __future__ import annotations

import tomllib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from addresses import cell_of
from hypothesis import HealthCheck, settings

from evalxl.district.findings import Finding
from evalxl.policy import policy as policies
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.template import build

pytest.register_assert_rewrite(
    "copies", "departments", "killing", "soundness", "structures", "submissions", "summaries"
)  # what they assert is told as in a test

# A busy machine is no fault, and what fails once fails again.
settings.register_profile("evalxl", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("evalxl")

HERE = Path(__file__).parent
GOOD: dict[str, object] = {
    cell_of(f"{sheet}!{cell}"): value
    for sheet, cells in tomllib.loads((HERE / "good.toml").read_text(encoding="utf-8")).items()
    for cell, value in cells.items()
}
RULEBOOK: dict[str, dict[str, list[Any]]] = {}  # a rule's cases may stand in several files
for _path in sorted((HERE / "rulebook").glob("*.toml")):
    for _rule, _kinds in tomllib.loads(_path.read_text(encoding="utf-8")).items():
        for _kind, _cases in _kinds.items():
            RULEBOOK.setdefault(_rule, {}).setdefault(_kind, []).extend(_cases)
EDGES: dict[str, list[Any]] = {  # cases at the boundaries, several in one workbook; for the tests, not for the handbook
    _rule: _cases
    for _path in sorted((HERE / "edges").glob("*.toml"))
    for _rule, _cases in tomllib.loads(_path.read_text(encoding="utf-8")).items()
}
BLANK = "空"  # in an edit: clear the cell, formula and all


TYPED: Mapping[str, object] = {
    "预算!B11": 905, "预算!C11": 955.62, "预算!D11": 955.62, "预算!B14": 949.38, "预算!C14": 1000, "预算!D14": 1000,
    "预算!B22": 949.38, "预算!C22": 1000, "预算!D22": 930, "预算!B25": 949.38, "预算!C25": 1000, "预算!D25": 1000,
    "预算!B26": 15, "预算!C26": 15, "预算!D26": 12,
    "项目!H5": 0.95, "项目!H6": 1, "项目!H7": 56 / 90, "项目!H8": 0.6,
}  # fmt: skip


def unpacked(path: Path) -> dict[str, bytes]:
    """What a workbook is made of; compressors differ from machine to machine, its parts do not."""
    try:
        with zipfile.ZipFile(path) as package:
            return {name: package.read(name) for name in package.namelist()}
    except zipfile.BadZipFile:
        return {}


Findings = Callable[[Mapping[str, object]], list[Finding]]


def fill(path: Path, edit: Mapping[str, object], policy: Policy | None = None) -> Path:
    """The good workbook with an edit, as a file."""
    entries = GOOD | {cell_of(cell): None if value == BLANK else value for cell, value in edit.items()}
    build(path, policy or policies.load(), None, entries)
    return path


def brief(findings: list[Finding]) -> list[str]:
    """Findings as the tables of expectations write them: rule and place, with the severity where it is no error."""
    return [f"{each.rule} {each.sheet}!{each.cell}" + _SUFFIX[each.severity.value] for each in findings]


_SUFFIX = {"error": "", "warning": " 提醒", "info": " 提示"}


@pytest.fixture
def policy() -> Policy:
    return policies.load()


@pytest.fixture
def findings_after(tmp_path: Path, policy: Policy) -> Findings:
    """The complete findings on the good workbook after an edit."""

    def findings(edit: Mapping[str, object]) -> list[Finding]:
        path = fill(tmp_path / "示范区文化局.xlsx", edit)
        return check_files([(path.name, path)], Settings(policy)).findings

    return findings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write the goldens anew from what the program gives now")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--accept"))
