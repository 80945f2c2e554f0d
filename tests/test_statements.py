"""The reader of sentences: what it reads as typed values, and what sentences give beside the good workbook."""

from __future__ import annotations

import signal
import tomllib

import pytest
from conftest import GOOD, HERE, Findings

from evalxl.facts.passages import plain
from evalxl.facts.sentences.contexts import Names
from evalxl.facts.sentences.counts import Counted, counts
from evalxl.facts.sentences.figures import About, Statement
from evalxl.facts.sentences.growth import growths
from evalxl.facts.sentences.lists import told_apart
from evalxl.facts.sentences.statements import read
from evalxl.facts.sentences.sums import listed_sums
from evalxl.layout import NARRATIVE
from evalxl.values.clock import limited

SENTENCES = tomllib.loads((HERE / "sentences.toml").read_text(encoding="utf-8"))
_SECTIONS = dict(zip(("概况", "目标", "组织", "方法", "总体", "分项", "问题", "措施"), NARRATIVE.by_key, strict=True))
NAMES = Names(2023, ("示范区文化局",), ("公共文化服务体系建设", "群众文化活动"), ("示范区图书馆",))


def edit_of(place: str, text: str) -> dict[str, object]:
    """A sentence in its cell; what the section of the good workbook says follows it."""
    if place not in _SECTIONS:
        return {place: text}
    cell = f"文字说明!B{NARRATIVE.row(_SECTIONS[place])}"
    return {cell: f"{text.rstrip('。')}。{GOOD[cell]}"}


@pytest.mark.parametrize(("place", "text"), SENTENCES["honest"])
def test_an_honest_sentence_is_silent(place: str, text: str, findings_after: Findings) -> None:
    assert [each.message for each in findings_after(edit_of(place, text))] == []


@pytest.mark.parametrize(("place", "text", "rules"), SENTENCES["contradictions"])
def test_a_contradiction_is_told(place: str, text: str, rules: str, findings_after: Findings) -> None:
    found = findings_after(edit_of(place, text))
    assert sorted(each.rule for each in found) == rules.split(), [each.message for each in found]


def _read(text: str, names: Names = NAMES) -> list[Statement]:
    return read(plain(text), names)


def test_amounts_are_read_with_line_column_year_and_words() -> None:
    first, second, third = _read("2023年年初预算安排基本支出640万元，2022年项目支出260万元。我局全年支出930万元。")
    assert (first.lines, first.stages, first.year, first.number.size) == (("basic",), ("initial",), 2023, 640e6)
    assert (second.lines, second.year, second.ours) == (("project",), 2022, False)
    assert (third.lines[0], third.stages, third.words) == ("expenditure_total", ("final",), "我局全年支出930万元")


def test_a_unit_is_known_by_what_its_name_adds_to_its_departments() -> None:
    names = Names(2023, ("示范区退役军人事务局",), (), ("", "示范区退役军人服务中心"))
    first, second = _read("局机关编制18名，下设服务中心编制12名。", names)
    assert (first.about, first.unit, first.alone, first.words) == (About.POSTS, None, True, "局机关编制18名")
    assert (second.unit, second.alone, second.words) == (1, False, "下设服务中心编制12名")
    assert [each.unit for each in _read("下设养老服务中心编制12名。", names)] == []


def test_some_of_the_posts_are_at_most_all() -> None:
    assert [each.at_most for each in _read("局机关行政编制15名，在职14人。")] == [True, True]
    assert [each.at_most for each in _read("局机关编制15名，在职14人。")] == [False, False]


def test_a_sum_of_people_is_read_where_it_is_not_that_of_its_parts() -> None:
    (*_, last) = _read("局机关编制18名、在职17人，示范区图书馆编制12名、在职12人，合计39人。")
    assert (last.about, last.number.size, last.unit, last.either) == (About.STAFF, 39, None, True)
    assert not any(each.either for each in _read("局机关编制18名、在职17人，退休20人，合计39人。"))


def test_a_projects_funds_stand_beside_what_was_spent_of_them() -> None:
    (spent,) = _read("群众文化活动安排资金20万元，支出19万元。")
    assert (spent.project, spent.stages, spent.arranged and spent.arranged.size) == (1, ("final",), 20e6)


def test_an_amount_of_the_next_year_is_of_the_next_year() -> None:
    assert [(each.year, each.ours) for each in _read("群众文化活动2024年预算安排35万元。")] == [(2024, False)]


def test_the_fourth_of_five_grades_is_read() -> None:
    assert [each.grade for each in _read("部门整体评价等级为低，年度目标未完成。")] == ["低"]


def test_a_column_goes_on_about_the_line_before_it() -> None:
    statements = _read("基本支出年初预算640万元，全年预算660万元，决算650万元。")
    assert [(each.lines[0], each.stages) for each in statements] == [
        ("basic", ("initial",)), ("basic", ("revised",)), ("basic", ("final",)),
    ]  # fmt: skip


def test_what_is_said_under_a_heading_is_said_of_the_project_it_names() -> None:
    statements = _read("1.群众文化活动\n年初预算40万元，执行率60%，自评得分72分，等级为一般。\n2.其他工作\n执行率80%。")
    assert [(each.about, each.project) for each in statements] == [
        (About.AMOUNT, 1), (About.RATE, 1), (About.SCORE, 1), (About.GRADE, 1),
    ]  # fmt: skip


def test_a_unit_named_is_whose_figures_they_are() -> None:
    statements = _read("示范区图书馆编制20人，在职19人，收入合计210万元。")
    assert [(each.about, each.unit, each.number.size) for each in statements] == [
        (About.POSTS, 0, 20), (About.STAFF, 0, 19), (About.AMOUNT, 0, 210e6),
    ]  # fmt: skip


def test_figures_listed_after_names_are_parted() -> None:
    statements = _read("基本支出、项目支出分别为650万元、280万元。")
    assert [(each.lines, each.number.size) for each in statements] == [(("basic",), 650e6), (("project",), 280e6)]


def test_a_share_has_its_part_and_its_base() -> None:
    (by_name,) = _read("基本支出占本年支出的69.89%。")
    assert (by_name.part, by_name.lines[0], by_name.number.size) == (("basic",), "expenditure_total", 69.89)
    stated = _read("购书80万元，占支出合计930万元的8.6%。")[-1]
    assert (stated.of and stated.of.size, stated.base and stated.base.size) == (80e6, 930e6)


@pytest.mark.parametrize(
    "text",
    [
        "财政拨款基本支出640万元。", "支出合计约930万元。", "支出合计930万元左右。", "计划支出合计980万元。", "每季度支出合计230万元。",
        "各项目执行率90%以上。", "得9.5分。", "满分100分。", "购书8200册，完成率102%。",
    ],
)  # fmt: skip
def test_what_is_not_surely_understood_is_passed_over(text: str) -> None:
    assert _read(text) == []


def test_names_stand_in_the_words_as_written() -> None:
    assert [each.words for each in _read("群众文化活动项目执行率60%。")] == ["群众文化活动项目执行率60%"]


def test_counts_are_of_units_projects_and_grades() -> None:
    text = "下属2个独立核算单位。全年共实施四个项目，其中2个项目评为优秀。"
    found = [(each.counted, each.number, each.grade, each.below) for each in counts(plain(text), 2023)]
    assert found == [
        (Counted.UNITS, 2, "", True),
        (Counted.PROJECTS, 4, "", False),
        (Counted.GRADED, 2, "优秀", False),
    ]


def test_growth_is_of_one_kind_of_thing() -> None:
    (one,) = growths("6482户，比2022年的5930户增长9.31%")
    sizes = [each and each.size for each in (one.current, one.base, one.change, one.share)]
    assert (sizes, one.up, one.money) == ([6482, 5930, None, 9.31], True, False)
    assert list(growths("购书8200册，比上年投入80万元增加20万元")) == []


def test_sums_know_whether_their_parts_are_all() -> None:
    (whole,) = listed_sums("培训费20万元，由师资费8万元、场地费7万元和资料费5万元组成。")
    (some,) = listed_sums("培训费20万元，其中：师资费8万元、场地费7万元。")
    assert (whole.complete, len(whole.parts), some.complete) == (True, 3, False)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no clock for the time of computing")
@pytest.mark.parametrize(
    "kind",
    [
        "1万元、", "1万元、合计", "，其中甲1万元", "基本支出方面，1万元", "占1%的", "1场，比上年增加1场，", "5个项目，", "项目1个评为优秀",
        "（1万元", "群众文化活动，1万元", "甲、乙分别为1万元、", "在职1人，", "一、甲\n", "2019年，我局", "由1户增加到", "得9分，", "5个项目中，1个评为优秀，", "基本支出、", "培训费，",
    ],
)  # fmt: skip
def test_no_text_is_read_for_ever(kind: str) -> None:
    text = plain((kind * 32_000)[:32_000])
    with limited(2.0):
        _read(text)
        for reader in (growths, listed_sums, lambda each: counts(each, 2023)):
            list(reader(text))


def test_a_department_that_is_a_centre_is_meant_by_the_word() -> None:
    centre = Names(2023, ("示范区融媒体中心",))
    text = "融媒体中心为公益一类事业单位，编制68名，在职63人。"
    assert [(each.about, each.number.size) for each in _read(text, centre)] == [(About.POSTS, 68), (About.STAFF, 63)]
    assert _read("局机关之外，中心编制12名、在职12人。") == []


def test_what_stands_inside_the_department_is_not_somebody_else() -> None:
    statements = _read("我局2019年组建，内设14个科室、9个派出所，编制386名，年末实有在职人员379人。")
    assert [(each.about, each.number.size, each.ours) for each in statements] == [
        (About.POSTS, 386, True), (About.STAFF, 379, True),
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["“三馆”免费开放《阅读》专项", "三馆免费开放阅读专项", '"三馆"免费开放阅读专项'])
def test_a_project_with_quotation_marks_in_its_name_is_known(written: str) -> None:
    names = Names(2023, ("示范区文化局",), ("“三馆”免费开放《阅读》专项",))
    (stated,) = _read(f"{written}执行率为95%。", names)
    assert (stated.about, stated.project, stated.number.size) == (About.RATE, 0, 95)


@pytest.mark.parametrize(
    ("word", "year"),
    [("上年", 2022), ("去年", 2022), ("今年", 2023), ("明年", 2024), ("下年", 2024), ("次年", 2024), ("2021年", 2021)],
)
def test_the_year_that_a_word_means(word: str, year: int) -> None:
    (stated,) = _read(f"{word}基本支出640万元。")
    assert (stated.lines[0], stated.year, stated.ours, stated.number.size) == ("basic", year, year == 2023, 640e6)


def test_a_sum_of_people_by_its_words() -> None:
    names = Names(2023, ("示范区文化局",), (), ("示范区图书馆", "示范区少儿文化馆"))
    both = _read("局机关编制30名，在职28人，合计58人。", names)
    assert [(each.about, each.number.size, each.alone, each.sure, each.either) for each in both] == [
        (About.POSTS, 30, True, True, False), (About.STAFF, 28, True, True, False), (About.STAFF, 58, False, False, True),
    ]  # fmt: skip
    for called in ("示范区少儿文化馆", "少儿文化馆"):
        units = _read(f"{called}编制8人，在职7人。", names)
        assert [(each.about, each.number.size, each.unit) for each in units] == [
            (About.POSTS, 8, 1), (About.STAFF, 7, 1),
        ]  # fmt: skip
    assert _read("图书馆编制8人。", names) == []  # of three characters: not surely a name


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("基本支出、项目支出分别为650万元、280万元。", "基本支出650万元、项目支出280万元。"),
        ("基本支出、项目支出分别为650万元、280万元、1万元。", ""),
        ("2022年、2023年基本支出分别为640万元、650万元。", "2022年基本支出640万元，2023年基本支出650万元。"),
        ("2022年、2023年基本支出分别为640万元、650万元、660万元。", ""),
    ],
)
def test_lists_are_parted_where_names_and_figures_are_as_many(written: str, read_as: str) -> None:
    assert told_apart(written) == (read_as or written)


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("部门自评得分92分。", [92]),
        ("自评得分50分。", [50]),
        ("得分50分。", []),
        ("群众文化活动得分50分。", []),
        ("群众文化活动得分51分。", [51]),
    ],
)
def test_few_points_may_be_those_of_a_part(text: str, points: list[float]) -> None:
    assert [each.number.size for each in _read(text)] == points


def test_what_is_counted_and_in_which_year() -> None:
    for text, found in (
        ("2022年共有5个预算项目。", []),
        ("2024年共有5个预算项目。", [5]),  # the year in which the report is written
        ("2023年共有5个预算项目。", [5]),
        ("2022年3个，2023年共有5个预算项目。", [5]),
    ):
        assert [each.number for each in counts(plain(text), 2023)] == found
    (units,) = counts(plain("我局下属2家独立核算单位。"), 2023)
    assert (units.counted, units.number, units.below) == (Counted.UNITS, 2, True)
