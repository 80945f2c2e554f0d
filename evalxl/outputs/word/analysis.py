"""汇总分析报告: what the summary says, in the shape of an official report; every figure is from the tables."""

from __future__ import annotations

from pathlib import Path

from evalxl.district.findings import Severity, Status
from evalxl.facts.grade import exact_mean
from evalxl.facts.submissions import RULE_IN_WORDS
from evalxl.outputs.summary.ranking import OTHERS, bands, broken_rules, grade_spread
from evalxl.outputs.summary.tally import Department, Tally, rate
from evalxl.outputs.word import check_installed
from evalxl.outputs.word.blocks import BLANK, Block, Column, Heading, Look, Paragraph, Table
from evalxl.outputs.word.page import GB_9704, PageSetup
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_amount

_MOST = 15  # departments that a report names; the rest stand in the summary


def write_analysis(path: Path, tally: Tally, setup: PageSetup = GB_9704) -> None:
    """Write the report on a district, or on a merged run, as a Word document.

    UsageError where python-docx is not installed.
    """
    check_installed()
    from evalxl.outputs.word.document import render

    path.write_bytes(render(_title(tally), analysis_blocks(tally), setup))


def analysis_blocks(tally: Tally) -> list[Block]:
    """The whole report: organisation, coverage, execution, distribution, problems, and whom to recheck."""
    return [
        Paragraph(_title(tally), Look.TITLE),
        Heading(1, "一、组织开展情况"),
        *_organisation(tally),
        Heading(1, "二、自评覆盖情况"),
        *_coverage(tally),
        Heading(1, "三、预算执行情况"),
        *_execution(tally),
        Heading(1, "四、自评结果分布"),
        *_distribution(tally),
        Heading(1, "五、存在的主要问题"),
        *_problems(tally),
        Heading(1, "六、复核建议"),
        *_rechecks(tally),
        Paragraph("", Look.NOTE),
        Paragraph(f"{BLANK}（盖章）", Look.CLOSING),
        Paragraph(f"{BLANK}年{BLANK}月{BLANK}日", Look.CLOSING),
    ]


def _title(tally: Tally) -> str:
    return f"{tally.title}分析报告"


def _organisation(tally: Tally) -> list[Block]:
    received, counts, came = len(tally.departments), tally.statuses, tally.attendance
    texts = []
    if came:
        words = (
            f"按名册应报{came.expected}个部门，已报{came.present}个，报送覆盖率{_share(came.present, came.expected)}"
        )
        absent = "、".join(each.name for each in came.missing[:_MOST]) + ("等" if len(came.missing) > _MOST else "")
        texts.append(f"{words}；未报送{len(came.missing)}个：{absent}。" if came.missing else f"{words}。")
    states = "，".join(f"{state.word}{counts[state]}个" for state in Status if counts[state])
    texts.append(f"共收到自评工作簿{received}个，经核对，{states or '没有可以核对的'}。")
    if tally.superseded:
        texts.append(f"同一部门重复报送的，{RULE_IN_WORDS}，{len(tally.superseded)}个不计入汇总。")
    if counts[Status.REFUSED]:
        texts.append(f"{counts[Status.REFUSED]}个文件未能读取，不在本报告各项数字之内。")
    return [Paragraph(text) for text in texts]


def _coverage(tally: Tally) -> list[Block]:
    counted = [each.workbook for each in tally.departments if each.counted]
    income, spent, projects = (_sum(tally, line) for line in ("income_total", "expenditure_total", "project"))
    text = (
        f"纳入汇总的部门{len(counted)}个，项目{len(tally.counted.projects)}个，本年收入合计{show_amount(income)}万元，"
    )
    text += f"本年支出合计{show_amount(spent)}万元，其中项目支出{show_amount(projects)}万元"
    blocks: list[Block] = [Paragraph(text + (f"，占支出的{_share(projects, spent)}。" if spent else "。"))]
    if tally.levels:
        blocks += _by_district(tally)
    return blocks


def _by_district(tally: Tally) -> list[Block]:
    rows = []
    for level in sorted({each.level for each in tally.departments}):
        books = [each.workbook for each in tally.departments if each.counted and each.level == level]
        amounts = [tally.amount(book, "expenditure_total") for book in books]
        scores = [score for book in books if (score := tally.scores[book][0]) == score]
        spent = sum(amount for amount in amounts if given(amount))
        rows.append((level, str(len(books)), show_amount(spent), f"{exact_mean(scores):.2f}" if scores else ""))
    columns = (
        Column("区县", 62, "left"), Column("部门数", 22), Column("本年支出合计（万元）", 44, "right"),
        Column("平均得分", 28),
    )  # fmt: skip
    return [Paragraph("分区县情况表", Look.CAPTION), Table(columns, tuple(rows))]


def _execution(tally: Tally) -> list[Block]:
    limit = tally.policy.value("explain_rate")
    pairs = {each.workbook: _pair(tally, each.workbook) for each in tally.departments if each.counted}
    both = {book: (spent, planned) for book, (spent, planned) in pairs.items() if planned > 0 and given(spent)}
    if not both:
        return [Paragraph("各部门都没有填列全年预算数，未计算预算完成率。")]
    spent, planned = (sum(pair[at] for pair in both.values()) for at in (0, 1))
    text = f"填列全年预算数的部门{len(both)}个，全年支出预算{show_amount(planned)}万元，支出{show_amount(spent)}万元，"
    text += f"预算完成率{_share(spent, planned)}。"
    low = sorted((rate(*pair), book) for book, pair in both.items() if rate(*pair) < limit)
    if low:
        names = "、".join(f"{_name(tally, book)}（{show(Kind.RATE, reached)}）" for reached, book in low[:_MOST])
        more = "等" if len(low) > _MOST else ""
        text += f"完成率低于{limit:.0%}的部门{len(low)}个：{names}{more}。"
    rows = tuple((each.words, str(each.departments), show_amount(each.spent)) for each in bands(tally))
    columns = (Column("预算完成率", 56), Column("部门数", 40), Column("本年支出合计（万元）", 60, "right"))
    return [Paragraph(text), Paragraph("预算完成率分布表", Look.CAPTION), Table(columns, rows)]


def _distribution(tally: Tally) -> list[Block]:
    scores = [score for score, *_ in tally.scores.values() if given(score)]
    spread = grade_spread(tally)
    departments, projects = sum(each.departments for each in spread), sum(each.projects for each in spread)
    text = "各部门都没有填报整体自评得分。"
    if scores:
        text = f"填报整体自评得分的部门{len(scores)}个，平均{exact_mean(scores):.2f}分，"
        text += f"最高{show(Kind.SCORE, max(scores))}分，最低{show(Kind.SCORE, min(scores))}分。"
    rows = tuple(
        (
            each.grade, each.words, str(each.departments), _share(each.departments, departments), str(each.projects),
            _share(each.projects, projects),
        )
        for each in spread
    )  # fmt: skip
    columns = (
        Column("等级", 22), Column("分数段", 46), Column("部门数", 22), Column("占比", 22), Column("项目数", 22),
        Column("占比", 22),
    )  # fmt: skip
    return [Paragraph(text), Paragraph("自评等级分布表", Look.CAPTION), Table(columns, rows)]


def _problems(tally: Tally) -> list[Block]:
    counts = {severity: sum(each.severity is severity for each in tally.standing) for severity in Severity}
    listed = broken_rules(tally)
    if not listed:
        return [Paragraph("核对没有发现问题。")]
    words = "，".join(f"{severity.word}{count}条" for severity, count in counts.items())
    first = [each for each in listed if each.rule != OTHERS][:3]
    text = f"核对共发现问题{sum(counts.values())}条，其中{words}。"
    text += "最突出的是：" + "；".join(
        f"{each.demand}（{each.times}条，涉及{each.departments}个部门）" for each in first
    )
    waived = len(tally.findings) - len(tally.standing)
    text += f"。另有{waived}条经批准豁免。" if waived else "。"
    rows = tuple((each.rule, each.demand, str(each.times), str(each.departments)) for each in listed)
    columns = (Column("规则", 18), Column("要求", 98, "left"), Column("条数", 20), Column("部门数", 20))
    return [Paragraph(text), Paragraph("主要问题分类表", Look.CAPTION), Table(columns, rows)]


def _rechecks(tally: Tally) -> list[Block]:
    doubtful = [each for each in tally.departments if each.counted and (each.errors or each.warnings)]
    if not doubtful:
        return [Paragraph("各部门均无错误和提醒，按《抽查名单》随机复核即可。")]
    doubtful.sort(key=lambda each: (-each.errors, -each.warnings, each.workbook))
    text = f"有错误或提醒的部门{len(doubtful)}个，建议优先复核下列部门，并按《抽查名单》复核抽取的项目。"
    rows = tuple(_doubtful(tally, number, each) for number, each in enumerate(doubtful[:_MOST], 1))
    columns = (
        Column("序号", 14), Column("部门", 66, "left"), Column("错误", 16), Column("提醒", 16), Column("得分", 22),
        Column("状态", 22),
    )  # fmt: skip
    more = [Paragraph(f"注：只列前{_MOST}个，其余见汇总表。", Look.NOTE)] if len(doubtful) > _MOST else []
    return [Paragraph(text), Paragraph("建议复核的部门", Look.CAPTION), Table(columns, rows), *more]


def _doubtful(tally: Tally, number: int, each: Department) -> tuple[str, ...]:
    score = show(Kind.SCORE, tally.scores[each.workbook][0])
    name = _name(tally, each.workbook)
    return str(number), name, str(each.errors), str(each.warnings), score, each.status.word


def _name(tally: Tally, workbook: str) -> str:
    """A department's name, in a merged run with its district."""
    each = tally.by_workbook[workbook]
    name = each.name or workbook
    return f"{each.level} {name}" if each.level else name


def _pair(tally: Tally, workbook: str) -> tuple[float, float]:
    return tally.amount(workbook, "expenditure_total"), tally.amount(workbook, "expenditure_total", "revised")


def _sum(tally: Tally, line: str) -> float:
    amounts = (tally.amount(each.workbook, line) for each in tally.departments if each.counted)
    return sum(amount for amount in amounts if given(amount))


def _share(part: float, whole: float) -> str:
    return show(Kind.RATE, part / whole) if whole else "—"
