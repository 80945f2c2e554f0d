"""The policy: bands that leave no score without a grade, words and their aliases, and files that are wrong."""

from __future__ import annotations

import math
from bisect import bisect_right
from pathlib import Path

import pytest
from conftest import brief, fill
from hypothesis import given
from hypothesis import strategies as st

from evalxl.district.findings import Finding, Severity
from evalxl.district.tables import District
from evalxl.facts.prevalence import prevalent_rules
from evalxl.policy.policy import Policy, load
from evalxl.rules import RULES, Scope
from evalxl.rules.engine import check
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.template.lists import ascending_bands
from evalxl.values.errors import UsageError
from evalxl.values.rounding import round_half_up


@pytest.mark.parametrize(
    ("score", "grade"),
    [
        (100, "优秀"), (85, "优秀"), (84.995, "优秀"), (84.994, "良好"), (84.99, "良好"), (75, "良好"), (74.99, "一般"),
        (60, "一般"), (59.99, "较差"), (0, "较差"), (math.nan, ""), (100.01, ""), (-0.01, ""),
    ],
)  # fmt: skip
def test_bands_are_half_open_on_the_rounded_score(policy: Policy, score: float, grade: str) -> None:
    assert policy.grade(score) == grade


@pytest.mark.parametrize(
    ("score", "grade"), [(90, "优"), (89.995, "优"), (89.5, "良"), (80, "良"), (60, "中"), (59, "差")]
)
def test_the_ministry_scheme(tmp_path: Path, score: float, grade: str) -> None:
    assert _own(tmp_path, '[policy]\nscheme = "mof2020"\n').grade(score) == grade


@given(st.floats(min_value=0, max_value=100))
def test_every_score_has_exactly_one_grade(score: float) -> None:
    for scheme in load().schemes.values():
        rounded = float(round_half_up(score, 2))
        earned = [band.grade for band in scheme.bands if band.start <= rounded < band.end or rounded == band.end == 100]
        assert len(earned) == 1


def test_half_up_as_accountants_round() -> None:
    assert [str(round_half_up(number, 2)) for number in (84.995, 0.125, 2.675, 1.005, -0.125)] == [
        "85.00", "0.13", "2.68", "1.01", "-0.13",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("vocabulary", "written", "when", "standard"),
    [
        ("nature", "行政", "", "行政单位"),
        ("nature", "自收自支（事业）", "", ""),
        ("nature", "参照公务员法管理的全额拨款事业单位", "", "参公事业单位"),
        ("funding", "全额", "行政单位", "财政拨款"),
        ("funding", "全额", "财政补助事业单位", "财政性资金基本保证"),
        ("funding", "差额拨款", "财政补助事业单位", "财政性资金定额或定项补助"),
        ("grade", "优", "", "优秀"),
        ("grade", "不合格", "", "较差"),
        ("grade", "A", "", ""),
        ("money_unit", " 元 ", "", "元"),
        ("direction", "正向（≥）", "", "正向(≥)"),
    ],
)
def test_words_are_known_by_their_aliases(
    policy: Policy, vocabulary: str, written: str, when: str, standard: str
) -> None:
    assert policy.standard(vocabulary, written, when) == standard


def test_every_alias_leads_to_a_label(policy: Policy) -> None:
    for name, words in policy.vocabulary.items():
        labels = set(policy.labels(name))
        for aliases in (words.aliases, *words.when.values()):
            assert set(aliases.values()) <= labels


def test_identities_name_rules_and_lines_that_exist(policy: Policy) -> None:
    named = {each.rule for each in policy.sums} | set(policy.balance.rules.values())
    assert named <= set(RULES)


def _own(tmp_path: Path, text: str) -> Policy:
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def test_an_own_file_overrides_by_key(tmp_path: Path) -> None:
    own = _own(tmp_path, "[thresholds.explain_rate]\nvalue = 0.8\n[severity]\nR03 = 'off'\n")
    assert own.value("explain_rate") == 0.8
    assert own.thresholds["explain_rate"].unit == "比例"
    assert own.sha256 != load().sha256


def test_a_severity_can_be_set_for_one_sheet_or_column(tmp_path: Path) -> None:
    path = fill(tmp_path / "示范区文化局.xlsx", {"文字说明!B5": "负责文化。", "文字说明!B7": "按要求组织。"})
    for number, (text, found) in enumerate(
        [
            ("", ["N09 文字说明!B5 提示", "N09 文字说明!B7 提示"]),
            ("'N09.自评组织' = 'off'", ["N09 文字说明!B5 提示"]),
            ("'N09.自评组织' = 'warning'\nN09 = 'off'", ["N09 文字说明!B7 提醒"]),
            ("'N09.文字说明' = 'off'", []),
        ]
    ):
        (tmp_path / str(number)).mkdir()
        own = _own(tmp_path / str(number), f"[severity]\n{text}\n")
        assert brief(check_files([(path.name, path)], Settings(own)).findings) == found


def test_a_rule_at_most_departments_is_named_with_the_line_that_changes_it() -> None:
    def finding(rule: str, workbook: str, severity: Severity) -> Finding:
        return Finding("", rule, severity, workbook, "", "", "", "", "")

    found = [finding("N09", book, Severity.WARNING) for book in "甲乙丙"] + [
        finding("S05", book, Severity.WARNING) for book in "甲乙"
    ]
    found += [finding("F09", book, Severity.INFO) for book in "甲乙丙丁"]  # a hint asks nobody for anything
    (only,) = prevalent_rules(found, "甲乙丙丁")
    words = only.words("文字过短")
    assert words.startswith("N09“文字过短”（提醒）在 4 本工作簿中的 3 本都有")
    assert words.endswith('N09 = "info"')
    assert prevalent_rules(found, "甲乙丙") == []  # too few to tell


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[thresholds.explain_rate]\nvalue = '九成'\n", "thresholds.explain_rate.value 应为数字"),
        ("[thresholds.explain_rates]\nvalue = 1\n", "没有“explain_rates”这一项"),
        ("[thresholds.explain_rate]\nvalue = 80\n", "80% 写作 0.8"),
        ("[polic]\nname = 'x'\n", "polic 没有这一项"),
        ("[policy]\nscheme = 'nope'\n", "不在 schemes 中"),
        ("[severity]\nB01 = 'fatal'\n", "severity.B01 取值不在允许的范围内"),
        ("[[sums]]\nrule = 'B01'\ntotal = 'no_line'\nparts = ['basic']\n", "没有“no_line”这一行"),
        ("bands = [", "写法有误"),
        (
            "[schemes.default]\nbands = [{ grade = '合格', from = 0, to = 100 }]\n",
            "第 2 行：schemes.default.bands 至少要有 2 个等级，请补全。",
        ),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as wrong:
        _own(tmp_path, text)
    assert words in str(wrong.value)
    assert "own.toml" in str(wrong.value)


def test_a_wrong_entry_is_named_with_its_line(tmp_path: Path) -> None:
    text = "# 本区\n[policy]\nname = '本区'\n\n[thresholds.reviewers]\nunit = '人'\nvalue = '三'\n"
    with pytest.raises(UsageError, match=r"第 7 行：thresholds\.reviewers\.value 应为数字"):
        _own(tmp_path, text)


def test_a_file_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="打不开"):
        load(tmp_path / "no.toml")
    (tmp_path / "gbk.toml").write_bytes("[policy]\nname = '区'\n".encode("gb18030"))
    with pytest.raises(UsageError, match="UTF-8"):
        load(tmp_path / "gbk.toml")


@pytest.mark.parametrize(
    ("bands", "words"),
    [
        ([("优", 90, 100), ("良", 80, 89), ("中", 60, 80), ("差", 0, 60)], ["89 至 90 分有空当"]),
        ([("优", 85, 100), ("良", 80, 90), ("中", 60, 80), ("差", 0, 60)], ["85 至 90 分重叠"]),
        ([("优", 90, 100), ("良", 80, 90), ("差", 10, 80)], ["0 至 10 分有空当"]),
        ([("优", 90, 100), ("良", 80, 90), ("差", 0.5, 80)], ["0 至 0.5 分有空当"]),
        ([("优", 90, 95), ("良", 80, 90), ("差", 0, 80)], ["95 至 100 分有空当"]),
        ([("优", 90, 99.5), ("良", 80, 90), ("差", 0, 80)], ["99.5 至 100 分有空当"]),
        ([("优", 90, 100.5), ("差", 0, 90)], ["有一段超出 0 至 100 分"]),
        ([("优", 90, 100), ("差", -5, 90)], ["有一段超出 0 至 100 分"]),
        ([("优", 60, 110), ("良", -5, 60), ("差", -5, 0)], ["有一段超出 0 至 100 分"]),
        ([("满分", 100, 105), ("优", 60, 100), ("差", 0, 60)], ["有一段超出 0 至 100 分"]),
        ([("优", 0, 100), ("良", 50, 60)], ["50 至 60 分重叠"]),  # beyond 60 there is no gap
        ([("优", 0, 100), ("差", 0, 60)], ["0 至 60 分重叠"]),
        ([("优", 100, 100), ("良", 80, 100), ("差", 0, 80)], ["有一段的下限不小于上限"]),
        ([("优", 60, 110), ("满分", 100, 105), ("差", 0, 60)], ["有一段超出 0 至 100 分"]),
        ([("优", 60, 100), ("中", 50, 50), ("差", 0, 60)], ["有一段的下限不小于上限"]),
        ([("优", 90, 80), ("良", 80, 100), ("差", 0, 80)], ["有一段的下限不小于上限"]),
        ([("优", 80, 90), ("差", 0, 70)], ["70 至 80 分有空当", "90 至 100 分有空当"]),
    ],
)
def test_bands_that_overlap_or_leave_a_gap(
    tmp_path: Path, bands: list[tuple[str, float, float]], words: list[str]
) -> None:
    listed = ", ".join(f'{{ grade = "{grade}", from = {start}, to = {end} }}' for grade, start, end in bands)
    own = _own(tmp_path, f"[schemes.default]\nbands = [{listed}]\n")
    findings = check(District(), own, Scope.POLICY).findings
    assert sorted((each.rule, each.message) for each in findings) == sorted(
        ("G07", f"分数段“default”：{each}。") for each in words
    )


def test_the_shipped_bands_cover(policy: Policy) -> None:
    assert check(District(), policy, Scope.POLICY).findings == []


def test_a_district_adds_an_identity_without_code(tmp_path: Path) -> None:
    import tomllib
    from importlib import resources

    shipped = tomllib.loads(resources.files("evalxl.policy").joinpath("policy.toml").read_text(encoding="utf-8"))[
        "sums"
    ]
    sums = [*shipped, {"rule": "B06", "total": "three_public", "parts": ["vehicle_running", "reception"]}]
    listed = "".join(
        f"[[sums]]\nrule = {each['rule']!r}\ntotal = {each['total']!r}\nparts = {each['parts']!r}\n"
        f"breakdown = {str(each.get('breakdown', False)).lower()}\n"
        for each in sums
    )
    own = _own(tmp_path, listed)
    path = fill(tmp_path / "w.xlsx", {"预算!D27": 1, "预算!D26": 13})
    found = check_files([("w.xlsx", path)], Settings(own)).findings
    assert brief([each for each in found if each.rule == "B06"]) == ["B06 预算!D26 提醒"]


@pytest.mark.parametrize(
    ("digits", "score", "grade"),
    [
        (2, 84.994, "良好"),
        (2, 84.995, "优秀"),
        (1, 84.94, "良好"),
        (1, 84.95, "优秀"),
        (0, 84.49, "良好"),
        (0, 84.5, "优秀"),
    ],
)
def test_grades_follow_from_the_score_as_it_is_rounded(tmp_path: Path, digits: int, score: float, grade: str) -> None:
    own = _own(tmp_path, f"[thresholds.score_digits]\nvalue = {digits}\n")
    assert own.grade(score) == grade
    starts = [start for start, _ in ascending_bands(own)]  # the template rounds to two decimals and looks up
    named = [name for _, name in ascending_bands(own)]
    assert named[bisect_right(starts, float(round_half_up(score, 2))) - 1] == grade


def test_a_score_that_is_rounded_still_adds_up(tmp_path: Path) -> None:
    edit = {"指标!得分@8": 27.6, "项目!自评得分@6": 98}  # 97.60
    path = fill(tmp_path / "示范区文化局.xlsx", edit)
    for digits, found in ((2, ["S01 项目!I6"]), (0, [])):
        own = _own(tmp_path, f"[thresholds.score_digits]\nvalue = {digits}\n")
        listed = check_files([(path.name, path)], Settings(own)).findings
        assert brief([each for each in listed if each.rule == "S01"]) == found


def test_a_length_holds_for_its_own_section(tmp_path: Path) -> None:
    path = fill(tmp_path / "示范区文化局.xlsx", {})
    own = _own(tmp_path, '[lengths."自评组织"]\nleast = 300\n[lengths."存在的问题"]\nmost = 20\n')
    found = check_files([(path.name, path)], Settings(own)).findings
    assert brief(found) == ["N09 文字说明!B7 提示", "N09 文字说明!B11 提示"]
    assert "不足 300 字" in found[0].message
    assert "超过 20 字" in found[1].message


_SUM = "[[sums]]\nrule = 'B01'\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[thresholds.score_digits]\nvalue = 0.5\n", "第 2 行：score_digits 是得分的小数位数，写 0、1 或 2"),
        ("[lengths.自评组织]\n", "写法有误"),
        ('[lengths."自评组只"]\nmost = 5\n', "文字说明没有“自评组只”这一栏"),
        ('[lengths."自评组织"]\nmost = 5\nleast = 9\n', "第 2 行：自评组织的最少字数 9 多于最多字数 5"),
        ("[execution]\nsteps = [{ from = 95, share = 1 }]\n", "第 2 行：execution.steps.0.from 不能大于 1。"),
        ("[execution]\nstep = []\n", "第 2 行：execution.step 没有这一项，是否指“steps”？"),
        ("[policy]\nweights = ['mof']\n", "第 2 行：policy.weights 写的“mof”没有 weights_mof_ 各项"),
        ("[policy]\nscheme = 'mof2O20'\n", "第 2 行：policy.scheme 写的“mof2O20”不在 schemes 中，是否指“mof2020”？"),
        (
            "[policy]\noverall = 'average'\n",
            "第 2 行：policy.overall 取值不在允许的范围内，可用的有 declared、weighted、mean。",
        ),
        ("[thresholds.explain_rat]\nvalue = 0.8\n", "没有“explain_rat”这一项，是否指 explain_rate？"),
        (f"{_SUM}total = 'income_total'\nparts = ['income_total']\n", "第 1 行：“income_total”的组成里有它自己"),
        (
            f"{_SUM}total = 'basic'\nparts = ['personnel']\n{_SUM}total = 'personnel'\nparts = ['basic']\n",
            "第 5 行：“personnel”的组成里有它自己",
        ),
        (f"{_SUM}total = 'income_total'\nparts = ['income_grand']\n", "第 1 行：“income_total”的组成里有它自己"),
        (
            f"{_SUM}total = 'basic'\nparts = ['personnel', 'personnel']\n",
            "第 1 行：“basic”的组成里有一项写了两次（personnel）",
        ),
        ("[balance]\nincome = ['opening', 'opening']\n", "第 2 行：“income_grand”的组成里有一项写了两次（opening）"),
        ("[balance.rules]\nfnal = 'B03'\n", "第 2 行：预算表没有“fnal”这一列，是否指“final”？"),
        ("[[execution_caps]]\nfrom = 0.8\nto = 0.7\ncap = 80\n", "第 1 行：execution_caps 的一档从 0.8 到 0.7"),
        (
            "[schemes.default]\nbands = [{ grade = '优', from = 85 }, { grade = '差', from = 0, to = 85 }]\n",
            "第 2 行：schemes.default.bands.0.to 缺少这一项，请补全。",
        ),
        ("sums = 3\n", "sums 应为方括号里的一项或几项。"),
        ("thresholds = 3\n", "thresholds 应为一段，一行一项。"),
    ],
)
def test_a_wrong_entry_is_asked_about(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(UsageError) as wrong:
        _own(tmp_path, text)
    assert words in str(wrong.value)


def test_a_file_that_has_changed_is_read_anew(tmp_path: Path) -> None:
    """A page, or a program of somebody's own, runs for days while the office edits its file."""
    path = tmp_path / "本区规则.toml"
    found = []
    for rate in (0.8, 0.7):
        path.write_text(f"[thresholds.explain_rate]\nvalue = {rate}\n", encoding="utf-8")
        found.append((load(path).value("explain_rate"), load(path) is load(path)))
    assert found == [(0.8, True), (0.7, True)]
