"""Rules that compare the texts of several departments (N04, N06, P17), and the reading of texts they stand on."""

from __future__ import annotations

import random
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from conftest import brief, fill, unpacked
from openpyxl import load_workbook

from evalxl.bureau.review import Round
from evalxl.district.findings import Finding
from evalxl.district.spine import WorkbookRow
from evalxl.district.tables import Bureau, District, sheet_frame, workbooks_frame
from evalxl.facts.passages import clauses, numbering, plain, whole
from evalxl.facts.sketches import pairs_of_like
from evalxl.intake.read import read
from evalxl.layout import NARRATIVE
from evalxl.policy.policy import Policy
from evalxl.rules import Scope
from evalxl.rules.engine import check
from evalxl.run.run import check_files, run
from evalxl.run.settings import Settings
from evalxl.values.folding import fold
from evalxl.values.grounds import says_nothing

CULTURE, WATER = "示范区文化局", "示范区水利局"
# The second department, in words of its own.
WATER_EDIT: dict[str, object] = {
    "基本信息!B5": WATER,
    "基本信息!B6": "303001",
    "单位!B5": "示范区水利局（本级）",
    "单位!B6": "示范区灌溉试验站",
    "项目!B5": "小型水库维修养护",
    "项目!D5": "示范区水利局（本级）",
    "项目!B6": "农村饮水安全",
    "项目!D6": "示范区灌溉试验站",
    "项目!B7": "渠道清淤",
    "项目!D7": "示范区水利局（本级）",
    "项目!B8": "防汛物资储备",
    "项目!D8": "示范区水利局（本级）",
    **{f"指标!A{row}": "农村饮水安全" for row in range(5, 10)},
    "指标!D6": "饮水工程处数",
    "评价组!C5": WATER,
    "评价组!C7": "示范区灌溉试验站",
    "文字说明!B5": "承担水资源管理、防汛抗旱、农村供水和水土保持职责，下属灌溉试验站负责节水技术推广，实有人员四十八名。",
    "文字说明!B6": "水库安全度汛，农村自来水普及率不低于百分之九十八，灌溉水利用系数稳步提高，水费收缴正常，群众用水满意。",
    "文字说明!B7": "分管副局长主持，工程科、财务室和试验站共同参加，四月底以前做完自评，结果公示一周，无异议后上报。",
    "文字说明!B8": "目标完成情况对比与现场核查相结合，随机走访十二个村的用水户，查阅施工监理日志，与支付凭证互相印证。",
    "文字说明!B9": "全区水库度汛无险情，供水水质抽检合格，渠系畅通，年度主要任务大体完成，清淤和物资储备没有做完。",
    "文字说明!B10": "维修水库九座，更换老旧管网二十六公里，清淤渠道四十公里，防汛编织袋和救生衣只到货六成，供水保证率提高。",
    "文字说明!B11": "防汛物资采购时间偏晚，部分村级管护人员年龄偏大，渠道清淤受秋季灌溉影响推迟。",
    "文字说明!B12": "物资采购提前到三月启动，推行区域化管护，逐步更新管护队伍，清淤错开灌溉期安排。",
}


def _pair(
    tmp_path: Path, policy: Policy, culture: Mapping[str, object], water: Mapping[str, object]
) -> dict[str, list[Finding]]:
    """The findings of two departments' workbooks, each after an edit, by department."""
    sources = [
        (f"{name}.xlsx", fill(tmp_path / f"{name}.xlsx", edit))
        for name, edit in ((CULTURE, culture), (WATER, WATER_EDIT | dict(water)))
    ]
    found = check_files(sources, Settings(policy)).findings
    assert {each.workbook for each in found} <= {name for name, _ in sources}
    return {name: [each for each in found if each.workbook == f"{name}.xlsx"] for name in (CULTURE, WATER)}


def test_two_departments_in_words_of_their_own_are_silent(tmp_path: Path, policy: Policy) -> None:
    assert _pair(tmp_path, policy, {}, {}) == {CULTURE: [], WATER: []}


@pytest.mark.parametrize(
    "text",
    [
        "示范区水利局承担全区文化服务、文物保护和群众文化活动的组织实施，下设局机关和一个图书馆，共有人员四十八人。",
        "负责全区公共文化服务。2023年，示范区水利局紧紧围绕年度目标，完成文物保护和群众文化活动等各项任务。",
        "负责全区公共文化服务。评价组对示范区水利局2023年度部门整体支出绩效开展评价，共有在职人员四十八人，设八个科室。",
        "负责全区公共文化服务，示范区\n水利局全年完成文物保护和群众文化活动等各项任务，共有在职人员四十八人。",
    ],
)
def test_another_departments_name_is_found(tmp_path: Path, policy: Policy, text: str) -> None:
    """N04: the copier is told, the other department is not."""
    found = _pair(tmp_path, policy, {"文字说明!B5": text}, {})
    assert brief(found[CULTURE]) == ["N04 文字说明!B5 提醒"]
    assert WATER in found[CULTURE][0].message
    assert found[WATER] == []


@pytest.mark.parametrize(
    "text",
    [
        "负责全区公共文化服务，配合区水利局做好水利文物普查，接受区财政局、区审计局监督，共有在职人员四十八人。",
        "负责全区公共文化服务，会同示范区水利局开展水利文物普查，按照示范区水利局的要求备案，共有在职人员四十八人。",
        "负责全区公共文化服务，与示范区文物局、示范区水利局联合开展普查，示范区文化局共有在职人员四十八人。",
        "示范区文化局负责全区公共文化服务，下设示范区图书馆，水利局旧址改建为文化馆，共有在职人员四十八人。",
        "负责全区公共文化服务。2023年机构改革，水利文物保护职责划入示范区水利局，示范区水利局承接人员三名，我局不再承担。",
        "负责全区公共文化服务。示范区水利局负责水利文物的日常管护，我局负责业务指导，共有在职人员四十八人。",
        "负责全区公共文化服务；机构改革后，示范区水利局承担的水文化展览职责划入我局，共有在职人员四十八人。",
        "负责全区公共文化服务，水利文物由示范区水利局管护，示范区水利局移交资料二百卷，共有在职人员四十八人。",
    ],
)
def test_dealings_with_another_department_are_no_copy(tmp_path: Path, policy: Policy, text: str) -> None:
    """N04, innocent."""
    assert _pair(tmp_path, policy, {"文字说明!B5": text}, {}) == {CULTURE: [], WATER: []}


def test_bodies_that_every_report_mentions_are_no_copy(tmp_path: Path, policy: Policy) -> None:
    """N04, innocent: a finance bureau in the batch."""
    bureau = {"基本信息!B5": "示范区财政局", "单位!B5": "示范区财政局（本级）"}
    bureau |= {f"项目!D{row}": "示范区财政局（本级）" for row in (5, 7, 8)}
    text = "示范区财政局全年拨付专项资金，保障了图书馆免费开放；购书八千二百册，文物保护维修完成主体工程。"
    assert _pair(tmp_path, policy, {"文字说明!B10": text}, bureau)[CULTURE] == []


METHODS = (
    "采用比较法、因素分析法和公众评判法，先由各科室对照年初目标逐项打分，再由评价组抽查项目档案、付款凭证和验收单据，"
    "对存疑事项到现场核实，最后提交局务会集体审定，并在部门网站公示五个工作日。"
)
RESULTS = (
    "全年各项工作任务基本完成，重点项目按照时间节点有序推进，资金使用规范，管理制度健全，社会公众反映良好，"
    "服务水平有了新的提高，预期的经济效益、社会效益和可持续影响都得到了较好的体现，没有发生安全事故。"
)


def test_near_copies_are_found_on_both_sides(tmp_path: Path, policy: Policy) -> None:
    """N06: a few words changed."""
    water = METHODS.replace("五个工作日", "七天").replace("付款凭证", "支付凭证")
    found = _pair(tmp_path, policy, {"文字说明!B8": METHODS}, {"文字说明!B8": water})
    assert {name: brief(each) for name, each in found.items()} == {
        name: ["N06 文字说明!B8 提示"] for name in (CULTURE, WATER)
    }
    assert f"《{WATER}.xlsx》" in found[CULTURE][0].message
    assert f"《{CULTURE}.xlsx》" in found[WATER][0].message


def test_several_copied_sections_are_one_finding(tmp_path: Path, policy: Policy) -> None:
    """N06: the sections are listed, at the first of them; those that repeat the notice's words apart, as an info."""
    both = {"文字说明!B7": METHODS.replace("采用比较法", "由办公室牵头组织，采用比较法"), "文字说明!B8": METHODS}
    both |= {"文字说明!B9": RESULTS, "文字说明!B10": RESULTS.replace("全年", "本年")}
    found = _pair(tmp_path, policy, both, both)
    assert brief(found[CULTURE]) == brief(found[WATER]) == ["N06 文字说明!B7 提示", "N06 文字说明!B9 提醒"]
    assert "自评组织 100%、自评方法和过程 100%" in found[CULTURE][0].message
    assert "总体目标实现情况 100%、分项目标实现情况 100%" in found[CULTURE][1].message


def _saved(path: Path, when: str) -> tuple[str, Path]:
    """A workbook as though it had been saved at a time."""
    parts = unpacked(path)
    core = parts["docProps/core.xml"].decode()
    parts["docProps/core.xml"] = re.sub(r"(<dcterms:modified[^>]*>)[^<]*", rf"\g<1>{when}", core).encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path.name, path


def test_only_who_saved_later_is_asked_to_write_anew(tmp_path: Path, policy: Policy) -> None:
    """N06: three with one paragraph are one group; the first is not warned, the others are told of both."""
    park = "示范区园林局"
    edits: dict[str, dict[str, object]] = {CULTURE: {}, WATER: WATER_EDIT, park: _strange(park)}
    days = {CULTURE: "2024-03-05T08:00:00Z", WATER: "2024-03-01T08:00:00Z", park: "2024-03-09T08:00:00Z"}
    sources = [
        _saved(fill(tmp_path / f"{name}.xlsx", edit | {"文字说明!B9": RESULTS}), days[name])
        for name, edit in edits.items()
    ]
    found = [each for each in check_files(sources, Settings(policy)).findings if each.rule == "N06"]
    assert [(each.workbook[:-5], each.severity.value) for each in found] == [(park, "warning"), (CULTURE, "warning")]
    assert f"与《{park}.xlsx》（{park}）、《{WATER}.xlsx》（{WATER}）的文字相似" in found[1].message
    assert all(f"《{WATER}.xlsx》在先" in each.fix for each in found)


def test_who_copied_is_not_asked_of_the_author_because_he_saves_again(tmp_path: Path, policy: Policy) -> None:
    """N06 in the next round: a third has copied too, and the first has sent his unchanged text again."""
    inbox, park = tmp_path / "inbox", "示范区园林局"
    inbox.mkdir()

    def round_of(outbox: str, **days: str) -> dict[str, Finding]:
        for name, edit in ((WATER, WATER_EDIT), (CULTURE, {}), (park, _strange(park))):
            if name in days:
                day = f"2024-03-{days[name]}T08:00:00Z"
                _saved(fill(inbox / f"{name}.xlsx", dict(edit) | {"文字说明!B9": RESULTS}), day)
        found = run(inbox, tmp_path / outbox, Settings(policy)).outcome.findings
        return {each.workbook[:-5]: each for each in found if each.rule == "N06"}

    before = round_of("out", **{WATER: "01", CULTURE: "05"})
    assert set(before) == {CULTURE}
    after = round_of("out", **{WATER: "09", park: "07"})
    assert set(after) == {CULTURE, park}
    assert (after[CULTURE].id, after[CULTURE].evidence) == (before[CULTURE].id, before[CULTURE].evidence)
    assert f"《{park}.xlsx》" in after[CULTURE].message
    assert f"《{WATER}.xlsx》在先" in after[park].fix
    # Without the earlier round, only the times are known.
    assert set(round_of("anew")) == {WATER, park}


def test_a_copy_that_was_sent_back_and_corrected_does_not_become_the_later(tmp_path: Path, policy: Policy) -> None:
    """N06: whose text was first cannot be told of a returned copy, and what was explained of it stays explained."""
    park, inbox = "示范区园林局", tmp_path / "收件"
    inbox.mkdir()
    edits: dict[str, dict[str, object]] = {CULTURE: {}, WATER: WATER_EDIT, park: _strange(park)}
    for day, (name, edit) in enumerate(edits.items(), 1):
        wrong = {"文字说明!B9": RESULTS, "预算!D22": 903}
        _saved(fill(inbox / f"{name}.xlsx", edit | wrong), f"2024-03-0{day}T08:00:00Z")

    def told(number: int, earlier: Round) -> dict[str, tuple[str, str, str]]:
        findings = run(inbox, tmp_path / str(number), Settings(policy, round=earlier)).outcome.findings
        return {
            each.workbook[:-5]: (each.change, each.explanation, each.fix.partition("；")[0])
            for each in findings
            if each.rule == "N06"
        }

    first = f"《{CULTURE}.xlsx》在先"
    assert told(1, Round()) == {WATER: ("", "", first), park: ("", "", first)}
    for name in edits:
        book = load_workbook(tmp_path / "1" / "退回" / f"{name}.xlsx")
        rows = list(book["问题清单"].iter_rows())
        at = next(cell.column for row in rows for cell in row if cell.value == "说明")
        for row in rows:
            if "N06" in [cell.value for cell in row]:
                row[at - 1].value = "三家合写了这一段"
        book.save(inbox / f"{name}.xlsx")
        _saved(inbox / f"{name}.xlsx", f"2024-04-0{1 if name == WATER else 2}T08:00:00Z")
    words = "三家合写了这一段"
    assert told(2, Round(tmp_path / "1", 2023)) == {WATER: ("open", words, first), park: ("open", words, first)}
    unknown = "请核对由谁起草"  # without the earlier round
    assert told(3, Round()) == {CULTURE: ("", "", unknown), WATER: ("", words, unknown), park: ("", words, unknown)}


def test_a_third_copier_who_names_the_first_hides_nothing(tmp_path: Path, policy: Policy) -> None:
    """N06: of the pair that N04 tells nothing is said; each of the others is told of each."""
    park = "示范区园林局"
    texts = {
        CULTURE: METHODS,
        WATER: METHODS.replace("五个工作日", "七天").replace("付款", "支付"),
        park: f"{CULTURE}{METHODS}",
    }
    edits: dict[str, dict[str, object]] = {CULTURE: {}, WATER: WATER_EDIT, park: _strange(park)}
    sources = [
        (f"{name}.xlsx", fill(tmp_path / f"{name}.xlsx", edits[name] | {"文字说明!B8": text}))
        for name, text in texts.items()
    ]
    found = {(each.workbook[:-5], each.rule): each.message for each in check_files(sources, Settings(policy)).findings}
    assert f"《{WATER}.xlsx》" in found[CULTURE, "N06"]
    assert f"《{CULTURE}.xlsx》" in found[WATER, "N06"]
    assert (park, "N04") in found


def _strange(name: str) -> dict[str, object]:
    """A third department, in words that are like nobody's."""
    texts: dict[str, object] = {f"文字说明!B{row}": _own_text(row)[:70] for row in range(5, 13)}
    return texts | {"基本信息!B5": name, "基本信息!B6": "304001", "单位!B5": f"{name}（本级）", "单位!B6": "示范区苗圃"}


def test_short_sections_are_compared_together(tmp_path: Path, policy: Policy) -> None:
    """N06: every section too short to be compared alone, and all of them another's."""
    same = {f"文字说明!B{row}": str(WATER_EDIT[f"文字说明!B{row}"])[:45] for row in range(6, 13)}
    own = {name: {"文字说明!B5": _own_text(number)} for number, name in enumerate((CULTURE, WATER))}  # and long
    found = _pair(tmp_path, policy, same | own[CULTURE], same | own[WATER])
    for name in (CULTURE, WATER):
        alike = [each for each in found[name] if each.rule == "N06"]
        assert brief(alike) == ["N06 文字说明!B6 提醒"]
        assert "不足 60 字的各栏合起来 100%" in alike[0].message


def test_who_copied_is_clear_where_the_other_is_named(tmp_path: Path, policy: Policy) -> None:
    """N04 instead of N06: one mistake, one finding, and none against the department that was copied."""
    text = "2023年，示范区水利局" + METHODS
    found = _pair(tmp_path, policy, {"文字说明!B8": text}, {"文字说明!B8": text})
    assert brief(found[CULTURE]) == ["N04 文字说明!B8 提醒"]
    assert found[WATER] == []


def test_short_or_different_texts_are_no_copy(tmp_path: Path, policy: Policy) -> None:
    """N06, innocent: the same stock phrase of fewer than 60 characters; half a text alike; another section alike."""
    stock = "由局办公室牵头，财务、业务科室各派一人组成评价组，于次年三月集中开展自评，先自查后汇总。"
    half = (
        METHODS[: len(METHODS) // 2] + "随机走访十二个村的用水户，查阅施工监理日志，与票务系统记录互相印证，逐一登记。"
    )
    edits: tuple[dict[str, object], dict[str, object]] = (
        {"文字说明!B7": stock, "文字说明!B8": METHODS},
        {"文字说明!B7": stock, "文字说明!B8": half, "文字说明!B10": METHODS},
    )
    assert _pair(tmp_path, policy, *edits) == {CULTURE: [], WATER: []}


def test_another_departments_project_is_found(tmp_path: Path, policy: Policy) -> None:
    """P17."""
    found = _pair(tmp_path, policy, {"项目!B8": "水利局办公楼文物修缮"}, {})
    assert brief(found[CULTURE]) == ["P17 项目!B8 提示"]
    assert WATER in found[CULTURE][0].message


def test_projects_with_innocent_names_are_own(tmp_path: Path, policy: Policy) -> None:
    """P17, innocent: a subject is no organ, and an own unit's name is no other department's."""
    names = {"项目!B8": "水利文化遗产普查", "项目!B7": "示范区文化局办公设备"}
    assert _pair(tmp_path, policy, names, {}) == {CULTURE: [], WATER: []}


def test_a_wrong_year_cell_is_not_reported_again_for_the_text(tmp_path: Path, policy: Policy) -> None:
    """N03: F07 has said that the cell differs from the batch; the text agrees with the batch."""
    text = {"文字说明!B9": "2023年度部门整体支出绩效目标基本实现，公共文化服务设施正常开放，文物保护工程稳步推进。"}
    third = fill(tmp_path / "third.xlsx", WATER_EDIT | {"基本信息!B5": "示范区园林局"})
    found = check_files(
        [
            ("一.xlsx", fill(tmp_path / "one.xlsx", text | {"基本信息!B8": 2022})),
            ("二.xlsx", fill(tmp_path / "two.xlsx", WATER_EDIT)),
            ("三.xlsx", third),
        ],
        Settings(policy),
    ).findings
    assert [each.rule for each in found if each.workbook == "一.xlsx"] == ["F07"]


PROBLEMS = (
    "一是购书计划上报偏晚，采购程序集中在下半年，部分图书年底尚未编目上架；二是文物保护工程受雨季影响，工期顺延，"
    "验收资料整理不及时；三是基层文化站人员兼职较多，活动记录不完整，满意度调查样本偏少。"
)


def _after_last_year(
    tmp_path: Path, policy: Policy, last: Mapping[str, object], this: Mapping[str, object]
) -> list[Finding]:
    before = fill(tmp_path / "last.xlsx", {"基本信息!B8": 2022, "预算!D13": 0, "预算!D24": 44.38} | dict(last))
    bureau = Bureau(last_year=read([("last.xlsx", before)], policy))
    return check_files([("this.xlsx", fill(tmp_path / "this.xlsx", this))], Settings(policy, bureau=bureau)).findings


def test_sections_copied_from_last_year_are_found(tmp_path: Path, policy: Policy) -> None:
    """N06: one finding for all of them, at the first."""
    last = {"文字说明!B9": f"2022年{METHODS}", "文字说明!B10": "上年另有所述。", "文字说明!B11": PROBLEMS}
    found = _after_last_year(tmp_path, policy, last, {"文字说明!B9": f"2023年{METHODS}", "文字说明!B11": PROBLEMS})
    assert brief([each for each in found if each.rule == "N06"]) == ["N06 文字说明!B9 提醒"]
    told = next(each for each in found if each.rule == "N06")
    assert told.message.endswith("与本部门上年报送的文字相似：总体目标实现情况 98%、存在的问题 100%。")
    assert told.fix == "请按本年的实际情况重写。"


@pytest.mark.parametrize(
    ("last", "this"),
    [
        ({"文字说明!B8": METHODS, "文字说明!B5": PROBLEMS}, {"文字说明!B8": METHODS, "文字说明!B5": PROBLEMS}),
        ({"文字说明!B11": PROBLEMS[:40]}, {"文字说明!B11": PROBLEMS[:40]}),
        ({"文字说明!B11": PROBLEMS}, {"文字说明!B11": PROBLEMS[:60] + METHODS[:60]}),
        ({"文字说明!B11": PROBLEMS, "基本信息!B5": WATER, "基本信息!B6": "303001"}, {"文字说明!B11": PROBLEMS}),
    ],
    ids=["what stays from year to year", "few words", "half of it new", "of another department"],
)
def test_what_is_not_copied_from_last_year(
    tmp_path: Path, policy: Policy, last: dict[str, object], this: dict[str, object]
) -> None:
    """N06, innocent."""
    short: dict[str, object] = {
        f"文字说明!B{row}": f"上年第{row}栏写的是另外的话，与本年不同。" for row in (9, 10, 11, 12)
    }
    assert [each for each in _after_last_year(tmp_path, policy, short | last, this) if each.rule == "N06"] == []


# The same rules over many departments.


def _many(texts: list[str]) -> District:
    """A district of workbooks that hold nothing but one text each, as methods."""
    names = [f"{number:05}.xlsx" for number in range(len(texts))]
    books = [
        WorkbookRow(
            name,
            "",
            0.0,
            readable=True,
            department=f"第{number}县第{number}局",
            year=2023.0,
            money_unit="万元",
            ulp=1e4,
        )
        for number, name in enumerate(names)
    ]
    values: dict[str, list[Any]] = {"workbook": names, "row": [5.0] * len(texts)}
    values |= {field.key: texts if field.key == "methods" else [""] * len(texts) for field in NARRATIVE.fields}
    return District(workbooks=workbooks_frame(books), narrative=sheet_frame(NARRATIVE, values))


def _copies(d: District, policy: Policy) -> set[str]:
    return {each.workbook for each in check(d, policy, Scope.DISTRICT).findings if each.rule == "N06"}


def _own_text(number: int) -> str:
    """A text that shares no more than chance with any other."""
    return "".join(
        chr(0x4E00 + (number * 7919 + place * place * 104729 + place * number * 31) % 20000) for place in range(90)
    )


def test_copies_are_found_among_many(policy: Policy) -> None:
    texts = [_own_text(number) for number in range(400)]
    spread = "".join("改" if place % 11 == 5 else letter for place, letter in enumerate(texts[3]))
    texts[200], texts[399] = spread, texts[7][:45] + "另有几个字" + texts[7][45:]
    assert _copies(_many(texts), policy) == {f"{number:05}.xlsx" for number in (3, 7, 200, 399)}


def test_a_form_letter_of_thousands_is_soon_held_against_itself(policy: Policy) -> None:
    texts = [f"{METHODS}本报告由第{number}号单位于三月{number % 28 + 1}日编制。" for number in range(2000)]
    assert len(_copies(_many(texts), policy)) == 2000
    assert len(pairs_of_like([fold(text) for text in texts])) < 100 * len(texts)  # of two million


def test_copies_are_found_among_reports_of_few_words() -> None:
    """Where all texts are put together of the same words, most short pieces stand in hundreds of them."""
    draw = random.Random(7)
    words = [_own_text(number)[:2] for number in range(80)]
    places = [words[:6], words[6:14], words[14:20], words[20:32], words[20:32]]  # when, does, where, what, and what
    texts = ["".join(draw.choice(each) for _ in range(7) for each in places) for _ in range(8000)]
    copied = draw.sample(range(8000), 400)
    for one, other in zip(copied[::2], copied[1::2], strict=True):
        letters = list(texts[one])
        for place in draw.sample(range(len(letters)), 6):
            letters[place] = "改"
        texts[other] = "".join(letters)
    pairs = {tuple(sorted(pair)) for pair in zip(copied[::2], copied[1::2], strict=True)}
    assert pairs <= set(pairs_of_like(texts))


@pytest.mark.parametrize("texts", [[], ["一个字"], ["短", "", "短的"]])
def test_texts_too_few_or_too_short_are_like_no_other(texts: list[str]) -> None:
    assert pairs_of_like(texts) == []


# Reading.


def test_text_is_read_without_the_damage_of_copying() -> None:
    assert plain("收入 合计\u00a0８５９．１６ 万元") == "收入合计859.16万元"
    assert plain("财预2020 10号") == "财预2020 10号"
    assert plain("本年收入\n合计为 5 万元。\n（一）支出") == "本年收入合计为5万元。\n（一）支出"
    assert plain("二〇二三年、二零二二年度") == "2023年、2022年度"
    assert clauses("甲；乙。丙") == ["甲", "乙", "丙"]


@pytest.mark.parametrize(
    ("text", "number"), [("十二", 12), ("二十", 20), ("两", 2), ("9", 9), ("百", 0), ("三十五", 35)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert whole(text) == number


@pytest.mark.parametrize("text", ["无", "无。", "暂无", "（无）", "不存在问题", "没有发现问题", "本部门暂无重大问题。"])
def test_nothing_is_said(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["无专人负责。", "不存在问题的项目占九成，其余有偏差。", "没有及时支付。", "问题"])
def test_something_is_said(text: str) -> None:
    assert not says_nothing(text)


def test_numbering_is_read_at_the_beginning_of_lines_and_clauses() -> None:
    assert [mark.shown for mark in numbering("一、甲；（一）乙。\n1.丙\n1.5万元\n(2)丁，（三）戊")] == [
        "一、", "（一）", "1.", "(2)",
    ]  # fmt: skip
