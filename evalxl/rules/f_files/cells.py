"""Rules about what stands in cells (F): numbers and how they are written and shown, formulas, the unit of money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, Row
from evalxl.policy.policy import Policy
from evalxl.rules.f_files.notes import Wording, noted
from evalxl.rules.rule import ERROR, INFO, NOTHING, rule, table_of
from evalxl.values.folding import short
from evalxl.values.quantities import show_amount


@rule("F03", ERROR, message="{found}。", fix="{remedy}。")
def amounts_are_numbers(d: District, p: Policy) -> pd.DataFrame:
    """金额、人数、年度、执行率等栏目须填数字。
    理由：文字不能参加计算，程序也不猜测其含义，按未填处理。
    单元格的数字格式使所见与所存不同、又不能确定指多少的（百分数、外币、不显示、缩小而没有写明单位），也按未填处理。
    依据：各类绩效自评表表样。
    举例：决算数填“约八百万”；决算数 0.6 设为百分数格式，显示为 60%。
    处理：改填数字，单位按《基本信息》所选的金额单位；数字格式设为“常规”或“数值”。
    局限：数字本身填错而写法正确的，看不出来。
    """
    notes = noted(
        d,
        {
            "not_numeric": Wording(ERROR, "填的是“{raw}”，不是数字", "请只填数字，不带文字和符号"),
            "shown_otherwise": Wording(
                ERROR,
                "存的是 {raw}，而数字格式“{detail}”使它{value}，不能确定是多少，按未填处理",
                "请把单元格的数字格式改为“常规”或“数值”，再核对或重填这个数",
            ),
        },
    )
    for note in (note for note in notes if note["field"] == "year"):
        note["found"] = note["found"].replace("不是数字", "不是一个年度")
        note["remedy"] = "请填四位数的年度，如 2023"
    passed_on = _passed_on(d, notes)
    return table_of([note for note in notes if _at(note) not in passed_on])


@rule("F04", INFO, message="{found}。", fix="{remedy}。")
def values_normalised(d: District, p: Policy) -> pd.DataFrame:
    """数字栏目中带单位、全角、千分位、空格、百分号等写法的，换算后读取，并列明原文与读取结果。
    理由：换算是程序所为，填报人应当知道自己的数被读成了什么。
    数字格式以万元显示（如 0!.0,"万元"）或写有单位的金额，按所见读取；取准确值，不取显示时四舍五入的数。
    依据：已公开自评报告中常见的写法。
    举例：决算数填“859.16万元”，读作 859.16 万元；单元格存 600000，显示为 60.0万元，读作 60.00 万元；一列中多格如此的合为一条，列出各格；得分显示为 88.2%，读作 88.20；
    评价年度填成日期 2023-01-01，读作 2023。没有名称、只有 0、短横或“无”的行（公式向下拖出来的），不算填了一行，一张表提示一次。
    《指标》只在第一行写了项目名称、下面空着的，合起来分值恰为 100 时按同一项目读取。
    处理：核对读取结果；不对时改填纯数字。
    局限：看到的与存储的都合理、只是单位记错的，见 B08、F11。
    """
    notes = d.notes[d.notes["kind"].isin(("normalised", *_OTHERWISE_READ))]
    if notes.empty:
        return NOTHING
    columns = (notes[name] for name in ("kind", "sheet", "raw", "value", "detail"))
    words = [_as_read(*each) for each in zip(*columns, strict=True)]
    notes = notes.assign(found=[found for found, _ in words], remedy=[remedy for _, remedy in words])
    return _once_a_column(notes)


_MANY_CELLS = 3  # so many cells of a column that a number format shows otherwise are one habit, told once


def _once_a_column(notes: pd.DataFrame) -> pd.DataFrame:
    """The notes with those of one column whose cells are all shown otherwise as one, which names every cell."""
    shown = notes[(notes["kind"] == "normalised") & (notes["detail"] != "") & (notes["cell"] != "")]
    left_out: list[Any] = []
    found = notes["found"].copy()
    for _, column in shown.groupby(["workbook", "sheet", "field"], sort=False):
        if len(column) > _MANY_CELLS:
            cells = "、".join(layout.ranges(column["cell"]))
            found[column.index[0]] += f"；这一列有 {len(column)} 格如此（{cells}），都按所见读取"
            left_out += list(column.index[1:])
    return notes.assign(found=found).drop(index=left_out)


_OTHERWISE_READ = {
    "percent_scores": ("单元格显示的是 {raw}，读作：{value}{detail}", "请核对读作的数；得分请直接填 0 至 100 的数字"),
    "names_continued": (
        "有 {value} 行没有填项目名称，各行分值与上面有名称的行合起来恰为 100，已按上面的项目（如“{raw}”）读取",
        "请核对；以后请逐行填写项目名称（留空表示部门整体指标）",
    ),
    "empty_rows": ("{value}没有名称，只有 0、短横或“无”，按空行处理", "无须处理；不用的行请清空"),
}


def _as_read(kind: str, sheet: str, raw: str, value: str, detail: str) -> tuple[str, str]:
    """What was found and the remedy; where a number format makes a cell show another number, ``detail`` is what is seen."""
    if kind in _OTHERWISE_READ:
        found, remedy = _OTHERWISE_READ[kind]
        return found.format(raw=short(raw), value=value, detail=detail), remedy
    if detail:
        return f"存的是 {short(raw)}，按数字格式显示为 {short(detail)}，读作：{value}", _AS_IT_IS_SHOWN
    remedy = (
        "没有发生额的请填 0" if value == "未填" else _TEXT_IN_A_SUM if sheet == "budget" else _AS_THE_TEMPLATE_HAS_IT
    )
    return f"填的是“{short(raw)}”，读作：{value}", remedy


_AS_IT_IS_SHOWN = "请核对读作的数；请直接填以金额单位计的数，数字格式设为“常规”或“数值”"
_AS_THE_TEMPLATE_HAS_IT = "请核对读作的数；以后请按模板的格式填写"
_TEXT_IN_A_SUM = "请改填纯数字：以文字填写的数，表中的合计公式不会计入"


@rule("F05", ERROR, message="填的是“{shown}”，{found}。", fix="{remedy}。")
def numbers_undamaged(d: District, p: Policy) -> pd.DataFrame:
    """数字不得有两个小数点、错位的千分位、开头的逗号、末尾的小数点或重复的文字；超过 15 位的编码须以文本填写。
    理由：损坏的数有多种读法，猜测会造成错误，按未填处理；表格软件只保留数字的前 15 位，其后的编码已经丢失。
    依据：已公开自评报告中出现的错误写法。
    举例：7,00.0,77；,867.48；7.50.；854万854万。
    处理：对照原始凭证重新填写。
    局限：数字敲错而位数、写法都正常的，看不出来。
    """
    found = []
    for note in (note for note in d.rows("notes") if note["kind"] == "damaged"):
        if note["detail"] == "digits":
            told = {"found": "以数字存储，只保留了前 15 位", "remedy": "请先把单元格设为文本格式，再重新填写"}
        else:
            told = {"found": "数字写法有误，无法确定是多少", "remedy": "请对照原始凭证重新填写这个数"}
        found.append({**note, **told, "shown": short(note["raw"])})
    return table_of(found)


@rule("F09", ERROR, message="{found}。", fix="{remedy}。")
def cells_have_values(d: District, p: Policy) -> pd.DataFrame:
    """单元格不得是错误值、没有计算结果的公式或对其他文件的引用；模板自带的公式没有结果或结果是旧的，由程序重算，为提示。
    理由：错误值不是空白；没有结果的公式读出来是空白，会被误当作未填。
    依据：表格软件的存储方式（实测）。
    举例：决算数显示 #REF!；决算数引用另一个文件的单元格，或引用指向另一个文件的名称；工作簿由程序填写后没有用 WPS 或
    Excel 打开保存过，合计仍是空的、0 或填写以前的数：按公式所加的各格重算。表格的列（表1[2023]）不是其他文件。
    预算表的合计公式被改写为数值，而数值相符的，为提示；不相符的，由收支的各条规则报告。
    处理：更正公式，或直接填数；用 WPS 或 Excel 打开后另存一次。
    局限：公式的逻辑错而结果是数的，只在合计关系中看得出。
    """
    notes = noted(
        d,
        {
            "error_cell": Wording(ERROR, "是错误值 {raw}，按未填处理", "请更正公式，或直接填数"),
            "no_value": Wording(
                ERROR, "是没有计算结果的公式，按未填处理", "请用 WPS 或 Excel 打开后另存再报，或直接填数"
            ),
            "external": Wording(ERROR, "引用了其他文件（{raw}），按未填处理", "请改填数值（复制后“选择性粘贴—数值”）"),
            "recomputed": Wording(
                INFO, "模板公式没有计算结果，已由程序重算", "无须处理；用 WPS 或 Excel 打开后另存一次即可"
            ),
            "stale": Wording(
                INFO,
                "模板公式的结果是旧的（存的是 {raw}，应为 {value}），已由程序重算",
                "请核对重算的数；用 WPS 或 Excel 打开后另存一次即可",
            ),
            "overwritten": Wording(
                INFO,
                "模板的公式被改写为数值（{detail}），现与各项相符",
                "建议恢复公式；否则再改各项时，这里不会随之改变",
            ),
        },
    )
    passed_on = _passed_on(d, [note for note in notes if note["kind"] == "error_cell"])
    # A file saved by a program lacks every result at once: that is one mistake, told once a sheet.
    several: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for note in (note for note in notes if note["kind"] in _ADDED_UP):
        several.setdefault((note["workbook"], note["sheet"], note["kind"]), []).append(note)
    first = [same[0] for same in several.values()]
    for note, same in zip(first, several.values(), strict=True):
        more = f"共 {len(same)} 处" if len(same) > 1 else ""
        note["found"] = note["found"].replace("模板公式", f"{more}模板公式")
    single = (note for note in notes if note["kind"] not in _ADDED_UP)
    return table_of([*(note for note in single if _at(note) not in passed_on), *first])


_ADDED_UP = ("recomputed", "stale")


_At = tuple[str, str, str, str, float]


def _at(note: Row) -> _At:
    return note["kind"], note["workbook"], note["sheet"], note["field"], note["row"]


def _passed_on(d: District, notes: Sequence[Row]) -> set[_At]:
    """Unreadable values in totals that only pass on that of a cell they add up: it is told once, at its source."""
    lines = {(line["workbook"], line["row"]): line["key"] for line in d.rows("budget")} if notes else {}
    passed_on, sources = {}, set()
    for note in (note for note in notes if note["sheet"] in ("budget", "projects")):
        _, book, sheet, field, row = _at(note)
        line = layout.BUDGET.line_by_key.get(lines.get((book, row), "")) if sheet == "budget" else None
        computed = line.computed if line else layout.BY_KEY[sheet].by_key[field].computed
        place = (book, sheet, field) if sheet == "budget" else (book, sheet, row)
        if computed:
            passed_on[_at(note)] = place
        else:
            sources.add(place)
    return {at for at, place in passed_on.items() if place in sources}


@rule("F11", INFO, message="{found}。", fix="{remedy}。")
def one_unit_of_money(d: District, p: Policy) -> pd.DataFrame:
    """金额单位只能是万元或元；为元的，换算为万元并提示核对；同一工作簿不得标明两种单位。
    理由：元与万元相差一万倍，单位不明则每个数都不可信。
    单位以离数最近处标明的为准：本行的项目名称或单位栏，表头，表头上方、表名或注释，《基本信息》的金额单位；都没有的按万元。
    近处与别处不一致的，按近处换算，并为错误；分不出远近或不能换算的（外币、角），有关金额一律按未填处理，并为错误。
    依据：已公开自评报告中单位混用的情形。
    举例：《基本信息》选“万元”，《预算》表头写“决算数【元】”：这一列除以一万读取，并请统一单位。
    处理：统一金额单位，重新填写单位不符的金额。
    局限：没有任何标注、数额又合常理的，看不出单位填错。
    """
    found = noted(
        d,
        {
            "unit_yuan": Wording(INFO, "金额单位为元，已全部换算为万元", "请核对换算后的数"),
            "unit_converted": Wording(INFO, "此处标明金额单位为“{raw}”，{detail}已换算为万元", "请核对换算后的数"),
            "unit_conflict": Wording(
                ERROR, "此处标明“{raw}”，而别处标明“{value}”，{detail}按“{raw}”读取", "请统一金额单位，并核对各表金额"
            ),
            "unit_open": Wording(
                ERROR,
                "此处标明“{raw}”，不能确定金额按什么单位换算为万元，{detail}没有读取",
                "请改填以万元或元计的金额，并在《基本信息》选定金额单位",
            ),
            "unit_unknown": Wording(ERROR, "填的是“{raw}”，只能是万元或元；{detail}", "请选万元或元，并核对各表金额"),
        },
    )
    lines = (line for line in d.rows("budget") if found and line["key"] == p.balance.expenditure[0])
    spent = {line["workbook"]: show_amount(line["final"]) for line in lines}
    for note in found:
        if note["kind"] == "unit_open" and note["value"]:
            note["found"] = note["found"].replace("不能确定", f"而别处标明“{note['value']}”，不能确定")
        if note["kind"] in _CONVERTED and spent.get(note["workbook"]):
            note["remedy"] += f"：本年支出合计 {spent[note['workbook']]} 万元"
    return table_of(found)


_CONVERTED = ("unit_yuan", "unit_converted")
