"""What the report says, chapter by chapter: figures from the tables, text from 文字说明, visible blanks for the rest.

The order of chapters and sections is that of reports as departments publish them.
"""

from __future__ import annotations

import re

from evalxl.facts.grade import Grades
from evalxl.layout import AMOUNTS, BUDGET, PROJECTS, REVIEWERS, UNITS, Sheet
from evalxl.outputs.word import sentences
from evalxl.outputs.word.accomplishment import accomplishment
from evalxl.outputs.word.blocks import BLANK, Block, Column, Heading, Look, Paragraph, Table
from evalxl.outputs.word.figures import Figures
from evalxl.outputs.word.title import title_lines
from evalxl.policy.policy import Policy
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show, show_grouped

_SUBJECT = "部门整体支出绩效自评的报告"
UNITS_INTRODUCTION = "纳入部门整体支出绩效自评的独立核算单位共{count}个，基本情况见下表。"


def report_title(figures: Figures) -> list[str]:
    """The title in lines."""
    return title_lines(figures.text("general", "department"), f"关于{year_of(figures)}年度", _SUBJECT)


def year_of(figures: Figures) -> str:
    """The year evaluated, or a visible blank."""
    year = figures.field("general", "year")
    known = isinstance(year, float) and given(year)
    return f"{year:.0f}" if known else figures.missing("基本信息 评价年度")


def report_blocks(figures: Figures, grades: Grades, policy: Policy) -> list[Block]:
    """The whole report; what had to be left blank is in ``figures.blanks`` afterwards."""
    return [
        Paragraph("附件", Look.ANNEX),
        Paragraph("\n".join(report_title(figures)), Look.TITLE),
        Paragraph(f"（{figures.text('general', 'region')}）", Look.SUBTITLE),
        Heading(1, "一、部门基本情况"),
        *_section(figures, "（一）部门概况", "overview"),
        *_units(figures, policy),
        Heading(2, "（二）收支预决算情况"),
        *_money(figures, policy),
        *_section(figures, "（三）整体绩效目标", "goals"),
        Heading(1, "二、自评工作开展情况"),
        *_section(figures, "（一）自评组织", "organisation"),
        *_section(figures, "（二）自评方法和过程", "methods"),
        Heading(1, "三、绩效目标实现情况及指标分析"),
        *_section(figures, "（一）总体目标实现情况", "achievement"),
        *_section(figures, "（二）分项目标实现情况", "details"),
        *accomplishment(figures),
        Heading(1, "四、评价结论和评价等级"),
        *_conclusion(figures, grades, policy),
        Heading(1, "五、存在的问题及改进措施"),
        *_section(figures, "（一）存在的问题", "problems"),
        *_section(figures, "（二）改进措施", "measures"),
        Heading(1, "六、评价工作组人员名单及签字"),
        *_team(figures),
        *_closing(figures),
    ]


def _section(figures: Figures, heading: str, key: str) -> list[Block]:
    paragraphs = [line.strip() for line in figures.text("narrative", key).split("\n")]
    return [Heading(2, heading), *(Paragraph(line) for line in paragraphs if line)]


def _units(figures: Figures, policy: Policy) -> list[Block]:
    rows = figures.records("units")
    if not rows:
        return [Paragraph(f"独立核算单位：{figures.missing(f'第一章的独立核算单位（{_unfilled(UNITS)}）')}。")]
    columns = [Column("序号", 12), Column("单位名称", 60, "left"), Column("单位基本性质", 40), Column("经费形式", 44)]
    keys = ["name", "nature", "funding"]
    if any(given(row[key]) for row in rows for key in ("posts", "staff")):
        columns = [
            Column("序号", 12),
            Column("单位名称", 40, "left"),
            Column("单位基本性质", 37),
            Column("经费形式", 41),
        ]
        columns += [Column("编制\n人数", 13), Column("在职\n人数", 13)]
        keys += ["posts", "staff"]
    table = _table(figures, UNITS, columns, keys)
    legend = (
        f"注：单位基本性质分为{'、'.join(policy.labels('nature'))}；经费形式分为{'、'.join(policy.labels('funding'))}。"
    )
    return [
        Paragraph(UNITS_INTRODUCTION.format(count=len(rows))),
        Paragraph("独立核算单位基本情况表", Look.CAPTION),
        table,
        Paragraph(legend, Look.NOTE),
    ]


def _money(figures: Figures, policy: Policy) -> list[Block]:
    year = year_of(figures)
    texts = [
        sentences.income(figures, policy, year),
        sentences.expenditure(figures, policy, year),
        sentences.execution(figures, policy),
        sentences.others(figures, policy),
    ]
    return [*(Paragraph(text) for text in texts if text), *_budget_table(figures)]


def _budget_table(figures: Figures) -> list[Block]:
    """Budget beside final accounts, where the workbook states a budget; lines without any amount are left out."""
    amounts = {line.key: [figures.amount(line.key, column) for column in AMOUNTS] for line in BUDGET.lines}
    if not any(given(each) for line in amounts.values() for each in line[:2]):
        return []
    columns = [Column(BUDGET.fields[0].header, 54, "left")]
    columns += [Column(BUDGET.by_key[key].header, 34, "right") for key in AMOUNTS]
    rows = [
        (f"　{line.label}" if line.detail else line.label, *map(show_grouped, row))
        for line, row in zip(BUDGET.lines, amounts.values(), strict=True)
        if any(given(each) and each != 0 for each in row)
    ]
    return [
        Paragraph("收支预决算情况表", Look.CAPTION),
        Paragraph("单位：万元", Look.UNIT),
        Table(tuple(columns), tuple(rows)),
        Paragraph("注：没有金额的项目未列。", Look.NOTE),
    ]


def _conclusion(figures: Figures, grades: Grades, policy: Policy) -> list[Block]:
    declared = grades.departments.to_dict("records")
    score, grade = (declared[0]["declared_score"], declared[0]["declared_grade"]) if declared else (float("nan"), "")
    shown = sentences.points(score) if given(score) else figures.missing("基本信息 整体自评得分")
    earned = str(grade) if grade else figures.missing("基本信息 整体评价等级")
    blocks: list[Block] = [
        Paragraph(f"经自评，本部门整体自评得分{shown}分，评价等级为{earned}。"),
        Paragraph(sentences.bands(policy)),
    ]
    if not figures.records("projects"):
        return [
            *blocks,
            Paragraph(f"项目自评得分和等级：{figures.missing(f'第四章的项目得分和等级（{_unfilled(PROJECTS)}）')}。"),
        ]
    return [*blocks, *_projects(figures, policy)]


def _projects(figures: Figures, policy: Policy) -> list[Block]:
    rows = figures.records("projects")
    with_money = any(given(row[key]) for row in rows for key in ("revised", "executed"))
    columns, keys = list(_PROJECT_COLUMNS), ["name", "score", "grade"]
    if with_money:
        columns, keys = list(_MONEY_COLUMNS), ["name", "revised", "executed", "rate", "score", "grade"]
    blocks: list[Block] = [
        Paragraph(sentences.grade_counts(figures, policy) + sentences.project_money(figures)),
        Paragraph("项目自评得分和评价等级表", Look.CAPTION),
    ]
    if with_money:
        blocks.append(Paragraph("单位：万元", Look.UNIT))
    return [*blocks, _table(figures, PROJECTS, columns, keys), _SPACE]


_SPACE = Paragraph("", Look.NOTE)


_PROJECT_COLUMNS = (Column("序号", 14), Column("项目名称", 82, "left"), Column("自评得分", 30), Column("评价等级", 30))
_MONEY_COLUMNS = (
    Column("序号", 12),
    Column("项目名称", 50, "left"),
    Column("全年预算数", 24, "right"),
    Column("全年执行数", 24, "right"),
    Column("执行率", 20, "right"),
    Column("自评\n得分", 13),
    Column("评价\n等级", 13),
)


def _team(figures: Figures) -> list[Block]:
    if not figures.records("reviewers"):
        return [Paragraph(f"评价工作组成员：{figures.missing(f'第六章的评价组成员（{_unfilled(REVIEWERS)}）')}。")]
    columns = [
        Column("序号", 12),
        Column("姓名", 22),
        Column("工作单位", 42),
        Column("职务", 28),
        Column("职称", 26),
        Column("签字", 26),
    ]
    table = _table(figures, REVIEWERS, columns, ["name", "workplace", "duty", "title"])
    # Signed by hand on paper, whatever the workbook says: the last column stays empty, the rows are tall.
    rows = tuple((*row, "") for row in table.rows)
    return [Paragraph("评价工作组人员名单", Look.CAPTION), Table(tuple(columns), rows, row_height=12, with_next=True)]


def _unfilled(sheet: Sheet) -> str:
    return f"《{sheet.title}》表没有填"


def _table(figures: Figures, sheet: Sheet, columns: list[Column], keys: list[str]) -> Table:
    """A table's records, numbered; amounts, rates and head counts may be missing, anything else is a visible blank."""
    rows = []
    for number, record in enumerate(figures.records(sheet.key), 1):
        texts = [str(number)]
        for key in keys:
            field = sheet.by_key[key]
            text = _cell(field.kind, record[key])
            if not text and field.kind not in (Kind.AMOUNT, Kind.RATE, Kind.COUNT):
                text = figures.missing(f"{sheet.title}第{number}{_CLASSIFIER[sheet.key]} {field.header}")
            texts.append(text)
        rows.append(tuple(texts))
    return Table(tuple(columns), tuple(rows))


_CLASSIFIER = {"units": "个", "projects": "个", "reviewers": "人"}


def _cell(kind: Kind, value: object) -> str:
    if kind is Kind.SCORE and isinstance(value, float):
        return sentences.points(value) if given(value) else ""
    if kind is Kind.AMOUNT and isinstance(value, float):
        return show_grouped(value)
    return show(kind, value).replace("\n", " ")


_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)")


def _closing(figures: Figures) -> list[Block]:
    """Who reports, and when: right aligned, the date in Arabic figures without leading zeros."""
    written = str(figures.field("general", "date"))
    date = _DATE.fullmatch(written)
    if date:
        day = f"{date[1]}年{int(date[2])}月{int(date[3])}日"
    elif written:
        day = written
    else:
        day = f"{figures.missing('基本信息 填报日期')}年{BLANK[:2]}月{BLANK[:2]}日"
    texts = ("", "", figures.text("general", "department"), day)
    return [Paragraph(text, Look.CLOSING) for text in texts]
