"""A typed report read back: every value with its sentence, nothing guessed, and a round trip that loses nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from drafts import SEED, final, of_sheet, package, read_report, typed

from evalxl.facts.sentences.contexts import Names
from evalxl.layout import BUDGET, template_address, template_cell
from evalxl.transfer.report.amounts import Stated, sentences_of, stated_amounts
from evalxl.transfer.report.draft import Imported


def budget(found: Imported) -> dict[str, object]:
    """The budget's entries by line and column."""
    places = {
        template_cell(BUDGET, column, line.key): f"{line.key}.{column}"
        for line in BUDGET.lines
        for column in ("initial", "revised", "final", "note")
    }
    return {places[cell]: value for cell, value in of_sheet(found, "预算").items()}


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("收入合计859.16万元，其中：财政拨款收入859.16万元，占100%。", {"income_total.final": 859.16, "appropriation.final": 859.16}),
        ("财政拨款收入为８５９．１６万元。", {"appropriation.final": 859.16}),
        ("财政拨款收入8,591,600元，事业收入0元。", {"appropriation.final": 859.16, "service_income.final": 0}),
        ("财政拨款收入0.0859亿元。", {"appropriation.final": 859}),
        ("财政拨款收入是850万。", {"appropriation.final": 850}),
        ("本年支出合计共计930万元（基本支出650万元、项目支出280万元）。", {"expenditure_total.final": 930, "basic.final": 650, "project.final": 280}),
        ("基本支出、项目支出分别为753.83万元和105.33万元。", {"basic.final": 753.83, "project.final": 105.33}),
        ("收入总计、支出总计均为980万元。", {"income_grand.final": 980, "expenditure_grand.final": 980}),
        ("经营支出、对附属单位补助支出共0.00万元。", {"business.final": 0, "affiliate_grant.final": 0}),
        ("上缴上级支出、经营支出合计5万元。", {"?": "5万元"}),
        ("2023年度收、支总计均为1523.26万元。", {"income_grand.final": 1523.26, "expenditure_grand.final": 1523.26}),
        ("没有经营收入、上级补助收入和其他收入。", {"business_income.final": 0, "superior_grant.final": 0, "other_income.final": 0}),
        ("经营支出、对附属单位补助支出均为0。", {"business.final": 0, "affiliate_grant.final": 0}),
        ("没有使用非财政拨款结余、年初结转和结余。", {"surplus_used.final": 0, "opening.final": 0}),
        ("未使用非财政拨款结余，无结余分配。", {"surplus_used.final": 0, "distribution.final": 0}),
        ("基本支出年初预算数640万元，全年预算数660万元，决算数650万元。", {"basic.initial": 640, "basic.revised": 660, "basic.final": 650}),
        ("我局实际项目支出280.00万元，比上年增加12万元，增长4.5%。", {"project.final": 280, "?": "12万元"}),
        ("因公出国（境）经费支出决算为0万元，完成预算的0%。", {"abroad.final": 0}),
        ("“三公”经费合计12万元，其中公务接待费2.5万元。", {"three_public.final": 12, "reception.final": 2.5}),
        ("2022年财政拨款收入812万元，2023年财政拨款收入859万元。", {"appropriation.final": 859, "?": "812万元"}),
        ("上年基本支出600万元。", {"?": "600万元"}),
        ("较上年基本支出减少5万元。", {"?": "5万元"}),
        ("一般公共预算财政拨款基本支出700万元。", {"?": "700万元"}),
        ("安排预算基本支出700万元。", {"?": "700万元"}),
        ("购置公务用车2辆，完成率100%，印发文件30份。", {}),
        ("公务接待2.5万元用于会议。", {"?": "2.5万元"}),
        ("财政拨款收入7,00.0,77元。", {"?": "7,00.0,77元"}),
    ],
)  # fmt: skip
def test_amounts_that_sentences_state(sentence: str, expected: dict[str, object]) -> None:
    found: dict[str, object] = {}
    for each in stated_amounts(sentences_of([sentence], Names(2023, ("示范区文化局",)))):
        if isinstance(each, Stated):
            found[f"{each.line}.{each.column}"] = each.fen / 1e6
        else:
            found["?"] = "、".join(each.amounts)
    assert found == expected


def test_the_source_report_as_it_was_typed(tmp_path: Path) -> None:
    found = read_report(typed(tmp_path / "a.docx", *SEED))
    assert of_sheet(found, "基本信息") == {
        "B5": "鹿泉区政协",
        "B7": "石家庄市鹿泉区",
        "B8": 2023,
        "B9": 1,
        "B10": "万元",
    }
    assert of_sheet(found, "单位") == {"B5": "鹿泉区政协（本级）", "C5": "行政", "D5": "全额"}
    assert budget(found) == final(
        appropriation=859.16,
        **dict.fromkeys(("superior_grant", "service_income", "business_income", "affiliate_remittance"), 0),
        other_income=0,
        basic=753.83,
        project=105.33,
        **dict.fromkeys(("remittance", "business", "affiliate_grant"), 0),
    )
    assert of_sheet(found, "项目") == {
        "B5": "政协会议费",
        "I5": 100,
        "J5": "优秀",
        "B6": "公务接待",
        "I6": 100,
        "J6": "优秀",
    }
    assert of_sheet(found, "评价组") == {
        "B5": "评价员甲", "C5": "鹿泉区政协", "D5": "办公室主任", "B6": "评价员乙", "C6": "鹿泉区政协", "D6": "财务负责人",
    }  # fmt: skip
    assert of_sheet(found, "文字说明") == {
        "B5": "本部门履行四项职责：\n1．政治协商。组织委员协商议政。\n2．民主监督。提出意见建议。",
        "B6": "1、预决算公开。按时公开。\n2、资产管理。账实相符。",
        "B7": "成立评价工作组。",
        "B8": "先由各科室对照年度目标自评，再由评价工作组复评，采用比较分析等方法。",
        "B9": "总体实现，会议专项资金绩效评价自评为优秀。",
        "B10": "1.预决算公开目标实现情况：已公开。",
        "B11": "业务能力有待提高。",
        "B12": "1、加强培训。\n2、细化预算编制。",
    }
    assert found.doubts == ["没有找到整体自评得分，请补填。", "没有找到整体评价等级，请补填。"]
    assert found.notes.keys() == found.entries.keys()
    stated = "支出合计859.16万元，其中：基本支出753.83万元；项目支出105.33万元；经营支出0万元；对附属单位补助支出0万元"
    assert found.notes["预算!D18"] == f"待核对：取自报告“本部门2023年度{stated}”"
    assert found.notes["预算!D5"].endswith("（“预算收入”“预算支出”与总数相符，按实际收支填）")
    assert found.notes["预算!D19"] == (
        "待核对：报告写的本年支出合计正好等于基本支出、项目支出、经营支出、对附属单位补助支出之和，没有提到上缴上级支出，按 0 填"
    )
    assert found.notes["项目!I5"] == "待核对：取自报告表格行“政协会议费｜100分｜优秀”"
    assert found.notes["文字说明!B8"] == "待核对：取自报告“（2） 自评的方法和过程”一节"


def test_parts_and_chapters_with_a_table_of_contents(tmp_path: Path) -> None:
    found = read_report(
        typed(
            tmp_path / "a.docx",
            "目    录", "第一部分 部门概况\t1", "第二部分 收入支出情况\t3", "示范市水务局", "2024年度部门整体支出绩效自评报告",
            "第一部分 部门概况", "一、部门职责", "（一）贯彻执行水法规，负责预算管理。", "二、机构设置", "下设三个科室。",
            "第二部分 收入支出情况", "一、收入支出总体情况", "2024年度收、支总计均为1523.26万元。与2023年相比，收、支总计各增加12.10万元。",
            "二、收入情况", "本年收入合计1500.26万元，其中：财政拨款收入1400.26万元，占93%；事业收入100万元，占7%；没有上级补助收入、经营收入。",
            "三、支出情况", "本年支出合计1510.26万元，其中：基本支出1000.26万元；项目支出510万元。年末结转和结余13万元。",
            "第三部分 绩效情况", "一、绩效目标完成情况", "全年任务完成。",
            "二、自评结果", "经自评，2024年度部门整体支出绩效自评得分为95.5分，评价结果为“优秀”。其中水利项目自评得分为80分。",
            "三、存在的主要问题", "（一）预算编制不够精准。", "（二）绩效目标设置不够细化。",
            "四、下一步工作措施", "（一）完善资金管理制度，解决存在的问题。", "（二）细化绩效目标。",
        )
    )  # fmt: skip
    assert of_sheet(found, "基本信息") == {"B5": "示范市水务局", "B8": 2024, "B10": "万元", "B11": 95.5, "B12": "优秀"}
    assert budget(found) == final(
        appropriation=1400.26,
        service_income=100,
        superior_grant=0,
        business_income=0,
        **dict.fromkeys(("affiliate_remittance", "other_income"), 0),
        basic=1000.26,
        project=510,
        **dict.fromkeys(("remittance", "business", "affiliate_grant", "distribution"), 0),
        closing=13,
    )
    # As it is read, 没有上级补助收入 is 上级补助收入0万元; the note quotes what the report says.
    nought = found.notes[template_address(BUDGET, "final", "superior_grant")]
    assert nought.startswith("待核对：取自报告“本年收入合计1500.26万元，其中：")
    assert nought.endswith("事业收入100万元，占7%；没有上级补助收入、经营收入”")
    assert of_sheet(found, "文字说明") == {
        "B5": "（一）贯彻执行水法规，负责预算管理。\n下设三个科室。",
        "B9": "全年任务完成。",
        "B11": "（一）预算编制不够精准。\n（二）绩效目标设置不够细化。",
        "B12": "（一）完善资金管理制度，解决存在的问题。\n（二）细化绩效目标。",
    }
    assert (
        "收入总计决算数：报告写 1523.26 万元，导入的各项之和是 1500.26 万元；合计由公式得出，请核对各项。"
        in found.doubts
    )


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["1.部门概况", "服务企业。", "2.绩效目标完成情况", "完成培训10期。", "3.存在的主要问题及原因", "经费不足。",
          "4.针对存在问题拟采取的措施", "争取经费。"], {"B5": "服务企业。", "B9": "完成培训10期。", "B11": "经费不足。", "B12": "争取经费。"}),
        (["一、部门基本情况", "1、部门概况", "政治协商。", "2、部门收支情况", "收入若干。", "（3）绩效目标", "保障会议。"],
         {"B5": "政治协商。", "B6": "保障会议。"}),
        (["二、自评工作开展情况", "1.组织情况：成立小组。", "2.方法：比较法。"], {"B7": "成立小组。", "B8": "比较法。"}),
        (["目 录", "一、存在的问题 3", "二、改进措施 4", "某局关于自评的说明", "一、存在的问题", "人少。", "二、改进措施", "加人。"],
         {"B11": "人少。", "B12": "加人。"}),
        (["一、存在的问题", "（一）部门整体绩效自评工作的组织力量有待加强", "人少。"],
         {"B11": "（一）部门整体绩效自评工作的组织力量有待加强\n人少。"}),
    ],
)  # fmt: skip
def test_sections_are_known_by_their_words(tmp_path: Path, lines: list[str], expected: dict[str, str]) -> None:
    title = "示范区文化局2023年度部门整体支出绩效自评报告"
    assert of_sheet(read_report(typed(tmp_path / "a.docx", title, *lines)), "文字说明") == expected


def test_run_in_headings_yuan_and_a_table_with_other_words(tmp_path: Path) -> None:
    found = read_report(
        typed(
            tmp_path / "a.docx",
            "关于示范县教育局2022年度部门整体支出绩效自评报告", "部门（单位）名称：示范县教育局",
            "一、部门（单位）概况", "（一）主要职能。负责全县教育工作。", "（二）机构情况。下设十二个股室。",
            "二、部门整体支出管理及使用情况", "（一）基本支出情况",
            "2022年基本支出年初预算数为6,400,000.00元，决算数为6,500,000.50元，其中人员经费5,200,000.50元，公用经费1,300,000元。",
            "（二）项目支出情况", "项目支出2,800,000元。",
            "三、部门整体支出绩效情况", "成效明显。",
            "四、存在的主要问题及改进措施", "问题是执行慢。措施是加快执行。",
            "五、其他需要说明的情况", "无。",
            "附表：项目自评得分表（单位：元）",
            [["序号", "项目", "预算数", "支出数", "得分", "等次"], ["1", "校舍维修", "2000000", "1,800,000", "92.5", "优"],
             ["2", "教师培训", "1000000", "未支", "88", "良"], ["合计", "", "3000000", "1800000", "", ""]],
            "2023年4月20日",
        )
    )  # fmt: skip
    assert of_sheet(found, "基本信息") == {"B5": "示范县教育局", "B8": 2022, "B10": "万元", "B15": "2023-04-20"}
    assert budget(found) == {"basic.initial": 640} | final(
        basic=650.00005, personnel=520.00005, operating=130, project=280
    )
    assert of_sheet(found, "项目") == {
        "B5": "校舍维修", "F5": 200, "G5": 180, "I5": 92.5, "J5": "优", "B6": "教师培训", "F6": 100, "I6": 88, "J6": "良",
    }  # fmt: skip
    assert of_sheet(found, "文字说明") == {
        "B5": "负责全县教育工作。\n下设十二个股室。",
        "B9": "成效明显。",
        "B11": "问题是执行慢。措施是加快执行。",
    }
    assert (
        "“四、存在的主要问题及改进措施”没有分开写，文字都放在“存在的问题”栏，请把措施移到“改进措施”栏。" in found.doubts
    )
    assert "“五、其他需要说明的情况”一节没有对应的栏目，没有导入。" in found.doubts
    assert "表格中“教师培训”的全年执行数写作“未支”，不是能确定的数字，没有填入。" in found.doubts
    assert not any("改进措施的文字" in doubt for doubt in found.doubts)


def test_tables_of_income_beside_expenditure_and_a_form(tmp_path: Path) -> None:
    found = read_report(
        typed(
            tmp_path / "a.docx",
            "示范区民政局2023年度部门整体绩效自评报告",
            [["部门（单位）名称", "示范区民政局", "评价年度", "2023年"], ["填报人", "填报员甲", "联系电话", "0311-00000000"]],
            "单位：元",
            [["收入", "", "支出", ""], ["项目", "决算数", "项目", "决算数"], ["财政拨款收入", "9000000", "基本支出", "7000000"],
             ["事业收入", "0", "项目支出", "2000000"], ["本年收入合计", "9000000", "本年支出合计", "9000000"]],
        )
    )  # fmt: skip
    assert of_sheet(found, "基本信息") == {
        "B5": "示范区民政局", "B8": 2023, "B10": "万元", "B13": "填报员甲", "B14": "0311-00000000",
    }  # fmt: skip
    unmentioned = ("superior_grant", "business_income", "affiliate_remittance", "other_income")
    assert budget(found) == final(
        appropriation=900,
        service_income=0,
        **dict.fromkeys(unmentioned, 0),
        basic=700,
        project=200,
        **dict.fromkeys(("remittance", "business", "affiliate_grant"), 0),
    )
    assert not any("合计由公式" in doubt for doubt in found.doubts)


def test_heading_styles_outrank_what_only_looks_like_a_heading(tmp_path: Path) -> None:
    found = read_report(
        typed(
            tmp_path / "a.docx",
            ("Title", "2023年度示范区司法局部门整体支出绩效自评报告"),
            ("Heading 1", "部门基本情况"), "职责若干。",
            ("Heading 1", "自评工作开展情况"), ("Heading 2", "自评组织"), "分工如下", "（一）改进措施", "（二）存在的问题",
            ("Heading 2", "自评方法和过程"), "比较法。",
            ("Heading 1", "存在的问题"), "少。", ("Heading 1", "改进措施"), "多。",
        )
    )  # fmt: skip
    assert of_sheet(found, "文字说明") == {
        "B5": "职责若干。", "B7": "分工如下\n（一）改进措施\n（二）存在的问题", "B8": "比较法。", "B11": "少。", "B12": "多。",
    }  # fmt: skip


def test_a_report_on_a_form_with_a_cover(tmp_path: Path) -> None:
    duties = "负责全市数字化城市管理工作，受理、分派、督办市民反映的问题。"
    found = read_report(
        typed(
            tmp_path / "a.docx",
            "示范市2018年度部门整体支出", "绩效评价自评报告",
            "部门（单位）名称：  示范市城市管理监督指挥中心  ", "预 算 编 码：  906017", "报告日期：2019年06月18日",
            "一、部门（单位）基本概况",
            [["联系人", "填报员甲", "联络电话", "0730-0000000"], ["人员编制", "21", "实有人数", "21"], ["职能职责概述", duties, duties, duties],
             ["存在的问题", "少", "少", "少"]],
        )
    )  # fmt: skip
    assert of_sheet(found, "基本信息") == {
        "B5": "示范市城市管理监督指挥中心", "B6": "906017", "B8": 2018, "B10": "万元", "B13": "填报员甲", "B14": "0730-0000000", "B15": "2019-06-18",
    }  # fmt: skip
    assert of_sheet(found, "单位") == {"B5": "示范市城市管理监督指挥中心", "E5": 21, "F5": 21}
    assert of_sheet(found, "文字说明") == {"B5": duties}


@pytest.mark.parametrize(
    ("sentence", "score", "grade"),
    [
        ("经自评，本部门整体自评得分88.2分，评价等级为优秀。", 88.2, "优秀"),
        ("自评综合得分为96.5分，评价结果为“优”。", 96.5, "优"),
        ("总得分98分，达到“良好”等次。", 98, "良好"),
        ("自评总得分98分，自评为良。", 98, "良"),
        ("85分以上的评价等级为优秀，75分至85分评价等级为良好。", None, None),
        ("各项目自评得分为100分，项目评价等级为优秀。", None, None),
        ("自评得分120分。", None, None),
    ],
)
def test_the_overall_score_and_grade(tmp_path: Path, sentence: str, score: float | None, grade: str | None) -> None:
    found = read_report(typed(tmp_path / "a.docx", "四、评价结论", sentence))
    assert (found.entries.get("基本信息!B11"), found.entries.get("基本信息!B12")) == (score, grade)


@pytest.mark.parametrize(
    ("lines", "doubt"),
    [
        (["基本支出700万元。", "全年基本支出705万元。"], "基本支出：报告中有几个数（700.00、705.00 万元），没有填入，请核对。"),
        (["一般公共预算财政拨款基本支出700万元。"], "“一般公共预算财政拨款基本支出700万元”中的 700万元 不能确定填在哪一格，没有填入。"),
        ([[["项目名称", "全年执行数", "自评得分"], ["会议费", "20", "90"]]], "表格中“会议费”的全年执行数写作“20”，没有写明金额单位，没有填入。"),
        (["部门名称：示范区民政厅"], "部门名称：标题写“示范区民政局”，正文写“示范区民政厅”，没有填入，请核对。"),
        (["四、评价结论", "部门整体自评得分90分。", "综合得分为92分。"], "整体自评得分：报告中有几种写法（90.0、92.0），没有填入，请核对。"),
        ([[["姓名", "单位", "职务/职称"], ["甲", "民政局", "科长"]]], "名单把“职务/职称”写在一栏，没有填入，请分开填写职务和职称。"),
        ([[["一级指标", "二级指标", "三级指标", "得分"], ["产出", "数量", "次数", "9"]]], "报告中有绩效指标表，没有导入，请对照报告填写《指标》表。"),
    ],
)  # fmt: skip
def test_what_is_ambiguous_is_left_blank_and_listed(tmp_path: Path, lines: list[Any], doubt: str) -> None:
    found = read_report(typed(tmp_path / "a.docx", "示范区民政局2023年度部门整体支出绩效自评报告", *lines))
    assert doubt in found.doubts
    assert not budget(found)
    assert set(of_sheet(found, "基本信息")) <= {"B5", "B8", "B10"}


def test_amounts_in_different_precision_agree(tmp_path: Path) -> None:
    lines = ["示范区民政局2023年度部门整体支出绩效自评报告", "项目支出0.0201亿元。", "项目支出201.22万元。"]
    assert budget(read_report(typed(tmp_path / "a.docx", *lines))) == final(project=201.22)


def test_the_region_a_department_is_named_after(tmp_path: Path) -> None:
    found = read_report(typed(tmp_path / "a.docx", "石家庄市示范区文化局2023年度部门整体支出绩效自评报告"))
    assert of_sheet(found, "基本信息") == {
        "B5": "石家庄市示范区文化局",
        "B7": "石家庄市示范区",
        "B8": 2023,
        "B10": "万元",
    }


def test_a_title_in_han_figures_is_a_year(tmp_path: Path) -> None:
    found = read_report(typed(tmp_path / "a.docx", "二〇二三年度示范区文化局部门整体支出绩效自评报告"))
    assert (found.entries["基本信息!B5"], found.entries["基本信息!B8"]) == ("示范区文化局", 2023)


def test_tracked_changes_content_controls_and_a_frame_around_the_text(tmp_path: Path) -> None:
    inserted = '<w:ins w:id="1" w:author="a"><w:r><w:t>支出650万元。</w:t></w:r></w:ins>'
    deleted = '<w:del w:id="2" w:author="a"><w:r><w:delText>支出640万元。</w:delText></w:r></w:del>'
    control = "<w:sdt><w:sdtContent><w:p><w:r><w:t>项目支出280万元。</w:t></w:r></w:p></w:sdtContent></w:sdt>"
    body = f"<w:p><w:r><w:t>基本</w:t></w:r>{deleted}{inserted}</w:p>{control}"
    framed = f"<w:tbl><w:tr><w:tc>{body}</w:tc></w:tr></w:tbl>"
    for content in (body, framed):
        assert budget(read_report(package(tmp_path / "a.docx", content))) == final(basic=650, project=280)
