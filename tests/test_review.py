"""What becomes of findings: waived by the bureau, explained by the sender, new, open, fixed or back (rule D09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import fill

from evalxl.bureau.review import Round
from evalxl.bureau.waivers import Waivers, read_waivers
from evalxl.district.findings import Finding, Severity, Status, status
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.values.errors import UsageError

TODAY = dt.date(2024, 4, 1)
_HEADERS = "规则,部门,行,理由,批准人,有效期至\r\n"
_LATE_REASON: Mapping[str, object] = {"项目!K8": None}  # an execution rate of 60 % without a reason: P09


def _waivers(tmp_path: Path, *rows: str) -> Waivers:
    path = tmp_path / "waivers.csv"
    path.write_text(_HEADERS + "\r\n".join(rows), encoding="utf-8-sig")
    return read_waivers(path, TODAY)


def _findings(tmp_path: Path, policy: Policy, edit: Mapping[str, object], *rows: str) -> list[Finding]:
    path = fill(tmp_path / "w.xlsx", edit)
    return check_files([("w.xlsx", path)], Settings(policy, round=Round(waivers=_waivers(tmp_path, *rows)))).findings


def test_of_two_sentences_in_one_cell_the_one_that_stays_keeps_its_id(tmp_path: Path, policy: Policy) -> None:
    text = "文字说明!B5"
    wrong = _findings(
        tmp_path, policy, {text: "我局核定编制52名，年末在职49人，负责全区文化服务和文物保护，下属图书馆。"}
    )
    ids = {each.message.partition("“")[2].partition("”")[0]: each.id for each in wrong if each.rule == "N13"}
    mended = _findings(
        tmp_path, policy, {text: "我局核定编制50名，年末在职49人，负责全区文化服务和文物保护，下属图书馆。"}
    )
    assert set(ids) == {"我局核定编制52名", "年末在职49人"}
    assert [each.id for each in mended if each.rule == "N13"] == [ids["年末在职49人"]]
    other = _findings(
        tmp_path, policy, {text: "我局核定编制52名，年末在职47人，负责全区文化服务和文物保护，下属图书馆。"}
    )
    assert [each.id for each in other if each.rule == "N13"] == [
        each.id for each in wrong if each.rule == "N13"
    ]  # another wrong number is the same


def test_a_waived_finding_stays_visible_and_does_not_count(tmp_path: Path, policy: Policy) -> None:
    found = _findings(tmp_path, policy, _LATE_REASON, "P09,示范区文化局,群众文化活动,受疫情影响,李局长,2024-12-31")
    assert [(each.rule, each.waiver) for each in found] == [("P09", "受疫情影响（李局长 批准，有效期至 2024-12-31）")]
    assert status(True, found) is Status.ACCEPTED


def test_an_error_too_can_be_waived_but_only_by_the_bureau(tmp_path: Path, policy: Policy) -> None:
    found = _findings(tmp_path, policy, {"项目!J7": "优秀"}, "G01,示范区文化局,,上级文件另有规定,李局长,")
    assert [(each.rule, each.severity, bool(each.waiver)) for each in found] == [("G01", Severity.ERROR, True)]
    assert status(True, found) is Status.ACCEPTED
    explained = [replace(each, waiver="", explanation="因雨季停工") for each in found]
    assert status(True, explained) is Status.RETURNED


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("P09,示范区文化局,,已说明,李局长,2024-03-31", "（P09 示范区文化局）已于 2024-03-31 到期，不再生效。"),
        ("P09,示范区水利局,,已说明,李局长,", "（P09 示范区水利局）本次没有对应的问题，没有用到。"),
        ("P09,示范区文化局,文物保护,已说明,李局长,", "（P09 示范区文化局 文物保护）本次没有对应的问题，没有用到。"),
        ("P04,示范区文化局,,已说明,李局长,", "（P04 示范区文化局）本次没有对应的问题，没有用到。"),
    ],
)
def test_an_expired_or_unused_waiver_is_itself_a_finding(tmp_path: Path, policy: Policy, row: str, said: str) -> None:
    found = _findings(tmp_path, policy, _LATE_REASON, row)
    assert [(each.rule, each.waiver) for each in found] == [("D09", ""), ("P09", "")]
    assert found[0].message == "豁免清单第 2 行" + said


@pytest.mark.parametrize("until", ["2024-04-01", "2024年4月1日", ""])
def test_a_waiver_holds_on_its_last_day(tmp_path: Path, policy: Policy, until: str) -> None:
    found = _findings(tmp_path, policy, _LATE_REASON, f"p09,示范区文化局（本级）,,已说明,李局长,{until}")
    assert [(each.rule, bool(each.waiver)) for each in found] == [("P09", True)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (["P09,示范区文化局,,,李局长,"], "第 2 行没有填理由"),
        (["P09,示范区文化局,,已说明,,"], "第 2 行没有填批准人"),
        (["Q09,示范区文化局,,已说明,李局长,"], "第 2 行的规则“Q09”不存在"),
        (["P09,示范区文化局,,已说明,李局长,年底"], "第 2 行的有效期“年底”不是日期"),
    ],
)
def test_what_is_wrong_with_a_list_of_waivers_is_one_sentence(tmp_path: Path, rows: Sequence[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        _waivers(tmp_path, *rows)


def _finding(severity: Severity, **words: object) -> Finding:
    base = Finding("id", "P09", severity, "w.xlsx", "项目", "K8", "偏差原因", "项目!K8 偏差原因：未填。", "请填写。")
    return replace(base, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ([], Status.ACCEPTED),
        ([_finding(Severity.INFO)], Status.ACCEPTED),
        ([_finding(Severity.WARNING)], Status.EXPLAIN),
        ([_finding(Severity.WARNING, explanation="雨季停工")], Status.EXPLAINED),
        ([_finding(Severity.WARNING, explanation="雨季停工", lapsed=True)], Status.EXPLAIN),
        ([_finding(Severity.WARNING, explanation="雨季停工"), _finding(Severity.WARNING)], Status.EXPLAIN),
        (
            [_finding(Severity.WARNING, explanation="雨季停工"), _finding(Severity.WARNING, waiver="同意")],
            Status.EXPLAINED,
        ),
        ([_finding(Severity.WARNING, explanation="无")], Status.EXPLAIN),
        ([_finding(Severity.WARNING, explanation="情况属实。")], Status.EXPLAIN),
        ([_finding(Severity.ERROR, explanation="雨季停工")], Status.RETURNED),
    ],
)
def test_status_follows_from_what_stands(findings: list[Finding], expected: Status) -> None:
    assert status(True, findings) is expected
    assert status(False, findings) is Status.REFUSED


def test_evidence_is_of_the_figures_not_of_the_place() -> None:
    here = _finding(
        Severity.WARNING, message="预算!D22 本年支出合计 859.61，各项之和 859.16（D15、D18）。", actual="859.61"
    )
    moved = replace(here, cell="E30", message="预算!E30 本年支出合计 859.61，各项之和 859.16（E23、E26）。")
    changed = replace(here, message=here.message.replace("859.16", "859.26"))
    assert here.evidence == moved.evidence != changed.evidence
    assert here.evidence != replace(here, actual="859.62").evidence
