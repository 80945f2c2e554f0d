"""Reports as documents, and what is read of them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from evalxl.intake.forms.declaration import load
from evalxl.policy import policy as policies
from evalxl.template import build
from evalxl.transfer.forms.department import Gathered
from evalxl.transfer.forms.gathering import gather
from evalxl.transfer.report.draft import Imported, draft
from evalxl.transfer.report.package import open_report
from evalxl.transfer.report.pieces import pieces

docx = pytest.importorskip("docx", reason="python-docx is not installed")


POLICY = policies.load()


Part = str | tuple[str, str] | list[list[str]]


def typed(path: Path, *parts: Part) -> Path:
    """A report as people type it: paragraphs, styled paragraphs (style, text) and tables."""
    document = docx.Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
        elif isinstance(part, tuple):
            document.add_paragraph(part[1], style=part[0])
        else:
            table = document.add_table(len(part), max(map(len, part)))
            for row, texts in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, texts, strict=False):
                    cell.text = text
    document.save(path)
    return path


def imported(report: Path, out: Path) -> Gathered:
    """A report read into the template as the command does it."""
    found = gather([(report.name, report)], load(None), POLICY)
    build(out, POLICY, None, found.entries, found.notes)
    return found


def read_report(report: Path) -> Imported:
    """What a report says, as the command reads one without forms in it."""
    return draft(pieces(open_report(report)), POLICY)


def of_sheet(found: Imported, sheet: str) -> dict[str, object]:
    """The entries of one sheet, by cell."""
    return {key.partition("!")[2]: value for key, value in found.entries.items() if key.startswith(sheet + "!")}


def final(**amounts: float) -> dict[str, float]:
    return {f"{line}.final": amount for line, amount in amounts.items()}


# As a department typed it: a number of another kind, blanks, a broken sentence, notes under a table, long headings.
SEED = (
    "附件3", "鹿泉区政协", "2023年度整体支出绩效自评报告",
    "按照石家庄市鹿泉区财政局关于预算绩效管理的要求，对鹿泉区政协2023年整体支出开展了自评，现将情况报告如下。",
    "     一、部门基本情况",
    "（一）部门概况", "本部门履行四项职责：", "1．政治协商。组织委员协商议政。", "2．民主监督。提出意见建议。",
    "从决算编报单位构成看，纳入本单位决算编报范围的独立核算单位共1个，具体情况如下：",
    [["序号", "单位名称", "单位基本性质", "经费形式"], ["1", "鹿泉区政协（本级）", "行政", "全额"],
     ["注：1、单位基本性质分为行政单位、事业单位等。", "", "", ""]],
    "2、经费形式分为全额、差额等。",
    "（2） 部门收支预决算情况", "1、收入说明",
    "2023年预算收入859.16万元，其中：财政拨款收入859.16万元；事业收入0万元；其他收入0万元。",
    "2、 支出说明",
    "本部门2023年度支出合计859.16万元，其中：基本支出753.83万元；项目支出105.33万元；经营支出0万元；对附属单位补助支出0万元。",
    "（三）部门整体支出绩效目标、指标", "1、预决算公开。按时公开。", "2、资产管理。账实相符。",
    "二、自评工作开展情况", "    （一）自评的组织工作", "成立评价工作组。",
    "（2） 自评的方法和过程", "先由各科室对照年度目标自评，再由评价工作组复", "评，采用比较分析等方法。",
    "    三、部门整体支出绩效目标实现情况及指标分析",
    "（1） 总体绩效目标实现情况", "总体实现，会议专项资金绩效评价自评为优秀。",
    "    （二）分项绩效目标实现情况及指标分析", "1.预决算公开目标实现情况：已公开。",
    "四、评价结论和评价等级",
    "综合评价分为4个等级：得分≥85分为优秀；75≤得分＜85分为良好；60≤得分＜75分为一般；得分＜60分为较差。", "各项目得分如下表：",
    [["项目名称", "自评得分", "评价等级"], ["政协会议费", "100分", "优秀"], ["公务接待", "100", "优秀"]],
    "五、存在的问题及改进措施", "（一）存在的主要问题", "业务能力有待提高。",
    "（2） 针对问题提出具体的改进措施或建议", "1、加强培训。", "2、细化预算编制。",
    "六、评价工作组人员名单及签字（姓名、工作单位、职务、职称）", "评价工作组人员名单",
    [["姓 名", "工作单位", "职 务"], ["评价员甲", "鹿泉区政协", "办公室主任"], ["评价员乙", "鹿泉区政协", "财务负责人"]],
)  # fmt: skip


def package(path: Path, body: str, head: str = "", **more: bytes) -> Path:
    """The smallest Word file with a body of one's own."""
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "word/document.xml", f'{head}<w:document xmlns:w="{name}"><w:body>{body}</w:body></w:document>'
        )
        for part, content in more.items():
            archive.writestr(f"word/{part}.xml", content)
    return path
