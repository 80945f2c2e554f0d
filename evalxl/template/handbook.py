"""The field handbook, as Markdown: every sheet, column and line of the layout in force."""

from __future__ import annotations

from collections.abc import Iterable

from evalxl import layout
from evalxl.layout import BUDGET, DATA_SHEETS, Field, Shape, Sheet
from evalxl.policy.policy import Policy


def table(headers: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A Markdown table."""
    headers = list(headers)
    lines = ([str(each).replace("|", "\\|").replace("*", "\\*") for each in line] for line in (headers, *rows))
    first, *rest = ("| " + " | ".join(line) + " |" for line in lines)
    return "\n".join((first, "| --- " * len(headers) + "|", *rest)) + "\n\n"


def handbook(p: Policy) -> str:
    """The whole handbook."""
    text = f"# 填报字段手册{f'：{layout.NAME}' if layout.NAME else ''}\n\n"
    text += (
        f"模板版本 {layout.TEMPLATE_VERSION}。表头和栏目按文字识别，写成“别名”所列的也认得；空格、全角半角、括号样式和"
        "（万元）一类的单位标注不作区别。列序可以变动，表格可以多于模板的行数。\n\n"
    )
    rows = (
        (s.title, s.shape, "必有" if s.required else "选填", s.last_row - s.FIRST_ROW + 1, "、".join(s.aliases))
        for s in DATA_SHEETS
    )
    text += table(("工作表", "形式", "是否必有", "模板行数", "也认得的表名"), rows)
    return text + "".join(_sheet(each, p) for each in DATA_SHEETS)


def _sheet(sheet: Sheet, p: Policy) -> str:
    text = f"## {sheet.title}\n\n{sheet.note}"
    text += "" if sheet.shape is Shape.FORM else f"表头在第 {sheet.HEADER_ROW} 行，数据从第 {sheet.FIRST_ROW} 行起。"
    headers = ("单元格" if sheet.shape is Shape.FORM else "列", "栏目", "类型", "必填", "选项", "别名", "填写说明")
    text += "\n\n" + table(headers, (_field(sheet, each, p) for each in sheet.fields))
    return text + (_budget_lines(p) if sheet is BUDGET else "")


def _field(sheet: Sheet, field: Field, p: Policy) -> tuple[str, ...]:
    place = layout.column_letter(sheet.column(field.key))
    place = layout.template_cell(sheet, field.key) if sheet.shape is Shape.FORM else place
    kind, required = field.kind + ("（公式）" if field.computed else ""), "是" if field.required else ""
    choices = "、".join(p.labels(field.choices)) if field.choices else ""
    return place, field.header, kind, required, choices, "、".join(field.aliases), field.hint


def _budget_lines(p: Policy) -> str:
    """The fixed lines with what each total consists of, from the policy's identities."""
    made = {each.total: (each.parts, each.rule) for each in p.sums}
    made |= {total: (parts, p.balance.rules["final"]) for total, parts in p.grand_totals.items()}
    rows = []
    for line in BUDGET.lines:
        parts, rule = made.get(line.key, ((), ""))
        consists = "＋".join(BUDGET.line_by_key[part].name for part in parts)
        kind = "公式" if line.computed else "其中项" if line.detail else ""
        rows.append((BUDGET.row(line.key), line.label, kind, consists, rule, "、".join(line.aliases), line.hint))
    return "### 预算各行\n\n" + table(("行", "项目", "性质", "应等于", "规则", "别名", "填写说明"), rows)
