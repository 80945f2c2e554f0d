"""四、存在的问题: what departments say themselves, what was found on checking, and what they mean to do."""

from __future__ import annotations

from evalxl.district.findings import Severity
from evalxl.outputs.summary.ranking import OTHERS, broken_rules
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis.themes import Theme, examples, themes
from evalxl.outputs.word.analysis.wording import counted, name_of, table
from evalxl.outputs.word.blocks import Block, Column, Heading, Paragraph
from evalxl.values.folding import clean


def problems(tally: Tally) -> list[Block]:
    """The chapter."""
    return [
        Heading(2, "（一）各部门反映的问题"),
        *_told(tally, "problems", "问题"),
        Heading(2, "（二）审核发现的问题"),
        *_found(tally),
        Heading(2, "（三）各部门提出的改进措施"),
        *_told(tally, "measures", "措施"),
    ]


def _told(tally: Tally, section: str, what: str) -> list[Block]:
    listed = themes(tally, section)
    if not listed:
        return [Paragraph(f"各部门的文字说明没有写{what}。")]
    speaking = len({book for each in listed for book in each.workbooks})
    first = "、".join(f"{each.name}（{len(each.workbooks)}个部门）" for each in listed[:3])
    text = f"纳入汇总的{len(counted(tally))}个部门中，{speaking}个写了{what}，集中在{first}。"
    rows = [(each.name, str(len(each.workbooks)), _quoted(tally, each)) for each in listed]
    columns = (Column("类别", 34), Column("部门数", 18), Column("部门的表述（举例）", 104, "left"))
    caption = f"各部门{'反映的问题' if section == 'problems' else '提出的措施'}分类表"
    return [Paragraph(text), *table(caption, columns, rows, _CLASSED)]


_CLASSED = "各部门结果《文字说明》，按措辞归类，写了几方面的分别计入"


def _quoted(tally: Tally, theme: Theme) -> str:
    return "\n".join(f"“{clean(item)}”（{name_of(tally, workbook)}）" for workbook, item in examples(theme))


def _found(tally: Tally) -> list[Block]:
    counts = {severity: sum(each.severity is severity for each in tally.standing) for severity in Severity}
    listed = broken_rules(tally)
    if not listed:
        hints = f"，另有提示{counts[Severity.INFO]}条" if counts[Severity.INFO] else ""
        return [Paragraph(f"审核没有发现错误和需要说明的问题{hints}。")]
    words = "，".join(f"{severity.word}{count}条" for severity, count in counts.items())
    first = [each for each in listed if each.rule != OTHERS][:3]
    text = f"审核共发现问题{sum(counts.values())}条，其中{words}。最突出的是："
    text += "；".join(f"{each.problem}（{each.times}条{_of(each.departments)}）" for each in first)
    waived = len(tally.findings) - len(tally.standing)
    text += f"。另有{waived}条经批准豁免。" if waived else "。"
    rows = [(each.problem, str(each.times), str(each.departments or "—")) for each in listed]
    columns = (Column("问题", 112, "left"), Column("条数", 22), Column("部门数", 22))
    return [Paragraph(text), *table("审核发现的主要问题", columns, rows, "汇总表《问题清单》")]


def _of(count: int) -> str:
    """How many departments a problem is of; nothing of one that is the district's own."""
    return f"，涉及{count}个部门" if count else ""
