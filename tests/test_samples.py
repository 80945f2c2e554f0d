"""The sample district: its workbooks are current, and its findings and summary are the committed goldens."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import unpacked
from python_calamine import CalamineWorkbook

from evalxl.district.findings import Finding
from evalxl.policy import policy
from evalxl.run import run as batch
from evalxl.run.settings import Settings

SAMPLES = Path(__file__).parent.parent / "samples"
DISTRICT = SAMPLES / "luquan-2023"
GOLDEN = SAMPLES / "expected"


@pytest.fixture(scope="module")
def outbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "outbox"
    assert batch.run(DISTRICT, out, Settings(policy.load())).exit_code == 3
    return out


def _golden(name: str, text: str, accept: bool) -> None:
    path = GOLDEN / name
    if accept:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode(), f"{name} differs; if that is meant: make samples"


def _values(path: Path, sheet: str) -> str:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(sheet).to_python()
    return "".join("\t".join(str(value).replace("\n", " ") for value in row).rstrip() + "\n" for row in rows)


def test_the_workbooks_are_those_the_stories_tell(tmp_path: Path) -> None:
    sys.path.insert(0, str(SAMPLES))
    from build import build_all

    build_all(tmp_path)
    built = {path.name: unpacked(path) for path in tmp_path.iterdir()}
    assert built == {path.name: unpacked(path) for path in DISTRICT.iterdir()}, "run: make samples"
    assert {name for name, parts in built.items() if not parts} == {"~$鹿泉区审计局.xlsx", "鹿泉区交通运输局.xlsx"}


def test_the_findings_are_as_expected(outbox: Path, accept: bool) -> None:
    _golden("findings.csv", (outbox / "findings.csv").read_bytes().decode("utf-8-sig"), accept)


@pytest.mark.parametrize("sheet", ["总览", "部门汇总", "项目汇总", "收支汇总"])
def test_the_summary_is_as_expected(outbox: Path, sheet: str, accept: bool) -> None:
    _golden(f"{sheet}.tsv", _values(outbox / "汇总表.xlsx", sheet), accept)


def test_the_faithful_copy_yields_what_the_source_document_shows() -> None:
    path = DISTRICT / "鹿泉区政协.xlsx"
    findings = batch.check_files([(path.name, path)], Settings(policy.load())).findings
    assert _rules(findings, "error") == set()
    assert _rules(findings, "warning") == {"S04", "P18", "G04", "N10"}
    assert _rules(findings, "info") == {"U02", "U03", "R03", "R06", "R07"}


def _rules(findings: list[Finding], severity: str) -> set[str]:
    return {finding.rule for finding in findings if finding.severity == severity}
