"""The Word report: what it says, that it says nothing else, and that it is the official document it should be."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import fill
from printed import POLICY, content, rows, section, texts

from evalxl.facts.grade import grade
from evalxl.intake.read import read
from evalxl.outputs.word import write_report
from evalxl.outputs.word.blocks import Block, Heading, Look, Paragraph
from evalxl.policy import policy as policies
from evalxl.values.errors import UsageError

FAITHFUL = Path(__file__).parent.parent / "samples" / "luquan-2023" / "鹿泉区政协.xlsx"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def report(path: Path, out: Path) -> list[str]:
    d = read([(path.name, path)], POLICY)
    return write_report(out, d, grade(d, POLICY), POLICY)


def edited(tmp_path: Path, edit: dict[str, object]) -> tuple[list[Block], list[str]]:
    return content(fill(tmp_path / "示范区文化局.xlsx", edit))


# ---------------------------------------------------------------- what it says


def test_chapters_and_sections_are_those_of_the_source_report() -> None:
    blocks, _ = content(FAITHFUL)
    assert [(block.level, block.text) for block in blocks if isinstance(block, Heading)] == [
        (1, "一、部门基本情况"),
        (2, "（一）部门概况"),
        (2, "（二）收支预决算情况"),
        (2, "（三）整体绩效目标"),
        (1, "二、自评工作开展情况"),
        (2, "（一）自评组织"),
        (2, "（二）自评方法和过程"),
        (1, "三、绩效目标实现情况及指标分析"),
        (2, "（一）总体目标实现情况"),
        (2, "（二）分项目标实现情况"),
        (1, "四、评价结论和评价等级"),
        (1, "五、存在的问题及改进措施"),
        (2, "（一）存在的问题"),
        (2, "（二）改进措施"),
        (1, "六、评价工作组人员名单及签字"),
    ]


def test_the_faithful_copy_says_what_the_source_said_and_leaves_blank_what_it_left_out() -> None:
    blocks, blanks = content(FAITHFUL)
    assert blocks[:3] == [
        Paragraph("附件", Look.ANNEX),
        Paragraph("鹿泉区政协关于2023年度\n部门整体支出绩效自评的报告", Look.TITLE),
        Paragraph("（石家庄市鹿泉区）", Look.SUBTITLE),
    ]
    overview = section(blocks, "部门概况")
    assert texts(overview)[-1] == "纳入部门整体支出绩效自评的独立核算单位共1个，基本情况见下表。"
    assert rows(overview) == [
        ("序号", "单位名称", "单位基本性质", "经费形式"),
        ("1", "鹿泉区政协(本级)", "行政", "全额"),
    ]
    assert overview[-1] == Paragraph(
        "注：单位基本性质分为行政单位、参公事业单位、财政补助事业单位、经费自理事业单位；"
        "经费形式分为财政拨款、财政性资金基本保证、财政性资金定额或定项补助、财政性资金零补助。",
        Look.NOTE,
    )
    assert section(blocks, "收支预决算") == [
        Paragraph(
            "2023年，本部门本年收入合计859.16万元，其中：财政拨款收入859.16万元，占100%；没有事业收入、其他收入。"
        ),
        Paragraph(
            "2023年，本部门本年支出合计859.16万元，其中：基本支出753.83万元，占87.74%；"
            "项目支出105.33万元，占12.26%；没有经营支出、对附属单位补助支出。"
        ),
    ]
    conclusion = section(blocks, "评价结论")
    assert texts(conclusion) == [
        "经自评，本部门整体自评得分＿＿＿＿分，评价等级为＿＿＿＿。",
        "评价结果按百分制计分，分为优秀、良好、一般、较差4个等级：85分（含）至100分为优秀；"
        "75分（含）至85分（不含）为良好；60分（含）至75分（不含）为一般；0分（含）至60分（不含）为较差。",
        "本部门对9个项目开展了绩效自评，等级均为优秀，各项目的得分和等级见下表。",
    ]
    assert rows(conclusion)[:2] == [
        ("序号", "项目名称", "自评得分", "评价等级"),
        ("1", "政协委员工作站（室）建设活动经费", "100", "优秀"),
    ]
    assert len(rows(conclusion)) == 10
    assert rows(section(blocks, "人员名单"))[1] == ("1", "评价员甲", "鹿泉区政协", "办公室主任", "＿＿＿＿", "")
    assert blocks[-1] == Paragraph("＿＿＿＿年＿＿月＿＿日", Look.CLOSING)
    assert blanks == [
        "基本信息 整体自评得分",
        "基本信息 整体评价等级",
        "评价组第1人 职称",
        "评价组第2人 职称",
        "评价组第3人 职称",
        "基本信息 填报日期",
    ]


def test_a_complete_workbook_leaves_no_blank(tmp_path: Path) -> None:
    blocks, blanks = edited(tmp_path, {})
    assert blanks == []
    assert texts(section(blocks, "收支预决算")) == [
        "2023年，本部门本年收入合计955.62万元，其中：财政拨款收入900.00万元，占94.18%；上级补助收入20.00万元，占2.09%；"
        "事业收入30.50万元，占3.19%；其他收入5.12万元，占0.54%；没有经营收入、附属单位上缴收入。"
        "年初结转和结余44.38万元，没有使用非财政拨款结余，收入总计1,000.00万元。",
        "2023年，本部门本年支出合计930.00万元，其中：基本支出650.00万元（人员经费520.00万元，公用经费130.00万元），占69.89%；"
        "项目支出280.00万元，占30.11%；没有上缴上级支出、经营支出、对附属单位补助支出。"
        "年末结转和结余70.00万元，没有结余分配，支出总计1,000.00万元。",
        "本年支出年初预算数949.38万元，全年预算数1,000.00万元，决算数930.00万元，预算执行率93%。",
        "三公经费合计12.00万元，其中：公务用车运行维护费9.50万元；公务接待费2.50万元；没有因公出国（境）费、公务用车购置费。"
        "政府采购支出60.00万元。",
    ]
    money = rows(section(blocks, "收支预决算"))
    assert money[:2] == [
        ("项目", "年初预算数", "全年预算数", "决算数"),
        ("财政拨款收入", "850.00", "900.00", "900.00"),
    ]
    assert ("　公务接待费", "4.00", "4.00", "2.50") in money
    assert not any(row[0] == "经营支出" for row in money), "a line without any amount needs no row"
    conclusion = section(blocks, "评价结论")
    assert texts(conclusion)[0] == "经自评，本部门整体自评得分88.2分，评价等级为优秀。"
    assert texts(conclusion)[2] == (
        "本部门对4个项目开展了绩效自评，其中优秀2个、良好1个、一般1个，各项目的得分和等级见下表。"
        "项目全年预算数共340.00万元，全年执行数共280.00万元，执行率82.35%。"
    )
    assert rows(conclusion)[3] == ("3", "文物保护维修", "90.00", "56.00", "62.22%", "79.5", "良好")
    assert blocks[-2:] == [Paragraph("示范区文化局", Look.CLOSING), Paragraph("2024年3月15日", Look.CLOSING)]


@pytest.mark.parametrize(
    ("edit", "heading", "sentence"),
    [
        ({"预算!D9": 0.5, "预算!D10": 4.62}, "收支", "附属单位上缴收入0.50万元，占0.05%；其他收入4.62万元，占0.48%；没有经营收入。"),
        ({"预算!D12": 3, "预算!D13": 0}, "收支", "使用非财政拨款结余3.00万元，没有年初结转和结余，收入总计958.62万元。"),
        ({"预算!D7": "空"}, "收支", "事业收入＿＿＿＿万元"),
        ({"预算!D16": "空", "预算!D17": "空"}, "收支", "基本支出650.00万元，占69.89%；"),
        ({"预算!C15": "空", "预算!C18": "空", "预算!C19": "空", "预算!C20": "空", "预算!C21": "空"}, "收支", "政府采购支出60.00万元。"),
        ({"预算!D31": 0}, "收支", "没有政府采购支出。"),
        ({"预算!D5": 900.123456}, "收支", "财政拨款收入900.123456万元"),
        ({"基本信息!B11": "空"}, "评价结论", "整体自评得分＿＿＿＿分，评价等级为优秀。"),
        ({"基本信息!B12": "良好"}, "评价结论", "整体自评得分88.2分，评价等级为良好。"),
        ({"项目!J8": "空"}, "评价结论", "其中优秀2个、良好1个、未填等级1个"),
        ({"项目!G8": "空"}, "评价结论", "各项目的得分和等级见下表。"),
        ({"文字说明!B11": "空"}, "（一）存在的问题", "＿＿＿＿"),
        ({"文字说明!B11": "第一段。\n\n　　第二段。"}, "（一）存在的问题", "第一段。|第二段。"),
    ],
)  # fmt: skip
def test_sentences_agree_with_the_figures(tmp_path: Path, edit: dict[str, object], heading: str, sentence: str) -> None:
    blocks, _ = edited(tmp_path, edit)
    assert sentence in "|".join(texts(section(blocks, heading)))


def test_a_budget_of_nothing_but_noughts_lists_what_there_was_not(tmp_path: Path) -> None:
    noughts = {f"预算!D{row}": 0 for row in (5, 6, 7, 10)}
    blocks, _ = edited(tmp_path, dict(noughts))
    assert texts(section(blocks, "收支"))[0].startswith(
        "2023年，本部门本年收入合计0.00万元，没有财政拨款收入、上级补助收入、事业收入、经营收入、附属单位上缴收入、其他收入。"
    )


def test_what_is_missing_is_named_where_the_accountant_finds_it(tmp_path: Path) -> None:
    tables = {
        f"{sheet}!{column}{row}": "空"
        for sheet, last in (("单位", 6), ("评价组", 7))
        for column in "BCDEF"
        for row in range(5, last + 1)
    }
    tables |= {f"项目!{column}{row}": "空" for column in "BCDEFGIJKL" for row in range(5, 9)}
    general = {f"基本信息!B{row}": "空" for row in (5, 7, 8, 11, 12, 15)}
    narrative = {f"文字说明!B{row}": "空" for row in range(5, 13)}
    _, blanks = edited(tmp_path, {**tables, **general, **narrative, "指标!A5": "空", "预算!D5": "空"})
    assert blanks == [
        "基本信息 部门名称",
        "基本信息 评价年度",
        "基本信息 所属地区",
        "文字说明 部门概况",
        "第一章的独立核算单位（《单位》表没有填）",
        "预算 财政拨款收入 决算数",
        "文字说明 整体绩效目标",
        "文字说明 自评组织",
        "文字说明 自评方法和过程",
        "文字说明 总体目标实现情况",
        "文字说明 分项目标实现情况",
        "基本信息 整体自评得分",
        "基本信息 整体评价等级",
        "第四章的项目得分和等级（《项目》表没有填）",
        "文字说明 存在的问题",
        "文字说明 改进措施",
        "第六章的评价组成员（《评价组》表没有填）",
        "基本信息 填报日期",
    ]


@pytest.mark.parametrize(
    ("department", "title"),
    [
        ("鹿泉区政协", "鹿泉区政协关于2023年度\n部门整体支出绩效自评的报告"),
        (
            "石家庄市示范区文化广电体育和旅游局",
            "石家庄市示范区文化广电体育和旅游局\n关于2023年度部门整体支出绩效自评的报告",
        ),
        ("中国共产主义青年团示范区委员会", "中国共产主义青年团示范区委员会\n关于2023年度部门整体支出绩效自评的报告"),
        ("石" * 21, "石" * 11 + "\n" + "石" * 10 + "\n关于2023年度部门整体支出绩效自评的报告"),
    ],
)
def test_the_title_breaks_where_the_sense_does(tmp_path: Path, department: str, title: str) -> None:
    blocks, _ = edited(tmp_path, {"基本信息!B5": department})
    assert blocks[1] == Paragraph(title, Look.TITLE)


def test_another_scheme_of_grades_is_put_into_words(tmp_path: Path) -> None:
    own = tmp_path / "规则.toml"
    own.write_text('[policy]\nscheme = "mof2020"\n', encoding="utf-8")
    blocks, _ = content(fill(tmp_path / "a.xlsx", {}), policies.load(own))
    assert texts(section(blocks, "评价结论"))[1].startswith(
        "评价结果按百分制计分，分为优、良、中、差4个等级：90分（含）至100分为优；"
    )


# ---------------------------------------------------------------- the document


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, str]:
    pytest.importorskip("docx", reason="python-docx is not installed")
    report(FAITHFUL, tmp_path / "报告.docx")
    with zipfile.ZipFile(tmp_path / "报告.docx") as package:
        return {name: package.read(name).decode() for name in package.namelist()}


def test_the_page_is_that_of_the_standard(parts: dict[str, str]) -> None:
    document = parts["word/document.xml"]
    assert re.search(r'<w:pgSz w:w="11906" w:h="16838"/>', document)
    margins = dict(re.findall(r'w:(\w+)="(\d+)"', re.search(r"<w:pgMar[^>]*>", document)[0]))  # type: ignore[index]
    assert margins == {  # 37, 26, 35 and 28 mm
        "top": "2098", "right": "1474", "bottom": "1984", "left": "1587", "header": "850", "footer": "1447", "gutter": "0",
    }  # fmt: skip
    assert "docGrid" not in document
    assert 'w:line="579" w:lineRule="exact"' in parts["word/styles.xml"]  # 28.95 pt
    assert "<w:evenAndOddHeaders/>" in parts["word/settings.xml"]


def test_every_style_names_its_east_asian_font_and_there_is_no_theme(parts: dict[str, str]) -> None:
    assert not [name for name in parts if "theme" in name]
    assert not [name for name, content in parts.items() if "Theme=" in content or "/theme" in content]
    styles = dict(
        re.findall(r'w:type="paragraph"[^>]*w:styleId="(\w+)">.*?w:eastAsia="([^"]+)"', parts["word/styles.xml"])
    )
    assert styles == {
        "Normal": "仿宋", "Heading1": "黑体", "Heading2": "楷体", "Heading3": "仿宋", "Heading4": "仿宋",
        "Annex": "黑体", "Title": "方正小标宋简体", "Subtitle": "楷体", "Caption": "黑体", "TableUnit": "仿宋",
        "TableNote": "仿宋", "TableHead": "黑体", "TableText": "仿宋", "TableHead5": "黑体", "TableText5": "仿宋",
        "TableHead5Small": "黑体", "TableText5Small": "仿宋", "Closing": "仿宋",
        "FooterOdd": "宋体", "FooterEven": "宋体",
    }  # fmt: skip
    sizes = dict(re.findall(r'w:styleId="(\w+)">.*?<w:sz w:val="(\d+)"/>', parts["word/styles.xml"]))
    assert (sizes["Normal"], sizes["Heading1"], sizes["Title"], sizes["FooterOdd"]) == ("32", "32", "44", "28")
    assert re.search(r"<w:docDefaults>.*?w:eastAsia=\"仿宋\".*?</w:docDefaults>", parts["word/styles.xml"])
    used = set(re.findall(r'<w:pStyle w:val="(\w+)"', parts["word/document.xml"]))
    assert used <= set(styles)


def test_the_page_number_stands_outside_between_dashes(parts: dict[str, str]) -> None:
    odd, even = parts["word/footer1.xml"], parts["word/footer2.xml"]
    for footer, style in ((odd, "FooterOdd"), (even, "FooterEven")):
        assert f'<w:pStyle w:val="{style}"/>' in footer
        assert re.sub("<[^>]+>", "", footer).split() == ["—", "PAGE", "1", "—"]
    styles = parts["word/styles.xml"]
    assert re.search(r'"FooterOdd">.*?<w:ind w:left="0" w:right="280" [^>]*/><w:jc w:val="right"/>', styles)
    assert re.search(r'"FooterEven">.*?<w:ind w:left="280" w:right="0" [^>]*/><w:jc w:val="left"/>', styles)


def test_blanks_are_highlighted_and_nothing_else_is(parts: dict[str, str]) -> None:
    runs = re.findall(r"<w:r>(.*?)</w:r>", parts["word/document.xml"])
    marked = {"w:highlight" in run: set(re.findall(r"<w:t[^>]*>([^<]*)</w:t>", run)) for run in runs}
    assert marked[True] <= {"＿＿＿＿", "＿＿"}
    assert all(("w:highlight" in run) == ("＿＿" in run) for run in runs)


def test_the_same_workbook_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("docx", reason="python-docx is not installed")
    for name in ("a.docx", "b.docx"):
        report(FAITHFUL, tmp_path / name)
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as package:
        assert {member.date_time for member in package.infolist()} == {(2026, 1, 1, 0, 0, 0)}


def test_hostile_text_survives_as_text(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx", reason="python-docx is not installed")
    long = "长" * 5000
    edit: dict[str, object] = {
        "文字说明!B5": "</w:t><w:p>&amp; \"引\" '号'\n=cmd|' /C calc'!A0\n" + long,
        "项目!B5": "<b>加粗</b>&nbsp;{{ name }}",
        "评价组!B5": "甲\x07乙",
        "基本信息!B5": "示范<局>&\n第二行",
    }
    path = fill(tmp_path / "示范区文化局.xlsx", edit)
    report(path, tmp_path / "报告.docx")
    document = docx.Document(tmp_path / "报告.docx")
    lines = [paragraph.text for paragraph in document.paragraphs]
    start = lines.index("（一）部门概况")
    assert lines[start + 1 : start + 4] == ["</w:t><w:p>&amp; \"引\" '号'", "=cmd|' /C calc'!A0", long]
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert "<b>加粗</b>&nbsp;{{ name }}" in cells
    assert "甲乙" in cells
    assert "示范<局>& 第二行" in lines
    with zipfile.ZipFile(tmp_path / "报告.docx") as package:
        written = package.read("word/document.xml").decode()
        assert (
            "<dc:title>示范&lt;局&gt;&amp; 第二行关于2023年度部门整体支出绩效自评的报告</dc:title>"
            in package.read("docProps/core.xml").decode()
        )
    assert "w:hyperlink" not in written
    assert "w:fldSimple" not in written


def test_without_python_docx_one_sentence_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    monkeypatch.delitem(sys.modules, "evalxl.outputs.word.document", raising=False)
    with pytest.raises(UsageError) as raised:
        report(FAITHFUL, tmp_path / "报告.docx")
    assert (
        str(raised.value)
        == "写 Word 报告要用 python-docx，请先安装：pip install python-docx（不能联网的见操作指南第一节）。"
    )
