"""Rules about files, sheets, headers and cells (F): most turn what reading noted into findings."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district import District
from evalxl.policy import Policy
from evalxl.quantities import show_amount
from evalxl.rules.rule import ERROR, INFO, WARNING, Scope, rule, short, table_of
from evalxl.submissions import repeated


def _notes(d: District, severities: dict[str, str], texts: dict[str, str], fixes: dict[str, str]) -> pd.DataFrame:
    """The notes of some kinds, each with its severity, what was found and the remedy."""
    notes = d.notes[d.notes["kind"].isin(severities)]
    each = list(zip(notes["kind"], notes["raw"], notes["value"], notes["detail"], strict=True))
    return notes.assign(
        severity=notes["kind"].map(severities),
        found=[_fill(texts[kind], *words) for kind, *words in each],
        remedy=[_fill(fixes[kind], *words) for kind, *words in each],
    )


def _fill(text: str, raw: str, value: str, detail: str) -> str:
    guess = f"；您是否指“{short(detail)}”" if detail else ""
    merged = short(detail.replace("-", " 至 "))
    return text.format(raw=short(raw), value=short(value), detail=detail, guess=guess, merged=merged)


@rule("F01", ERROR, message="{found}。", fix="{remedy}。")
def sheets_present(d: District, p: Policy) -> pd.DataFrame:
    """工作簿须有模板规定的各张工作表，每张只有一张，只填一个部门；表名写法不同而能认出的，为提示。
    理由：缺一张表，其中的数就无从核对；多一张表，其中的数会被漏掉。
    依据：鹿泉区2023年度部门整体支出绩效自评报告的构成；evalxl 模板。
    举例：删除了《评价组》工作表；同一张表另有填了内容的副本（如“项目 (2)”），或两个部门填在一个工作簿里：副本没有读取。
    模板版本比本程序新的，为提醒；比本程序旧的，为提示，按表头识别。
    处理：从模板中复制缺少的工作表填好；不要更改工作表名称。
    """
    return _notes(
        d,
        {
            "missing_sheet": ERROR,
            "two_departments": ERROR,
            "second_general": ERROR,
            "second_sheet": ERROR,
            "newer_template": WARNING,
            "older_template": INFO,
            "sheet_alias": INFO,
        },
        {
            "missing_sheet": "缺少这张工作表{guess}",
            "two_departments": "一个工作簿里填了两个部门（{detail}），只读取了前一个，{raw} 没有读取",
            "second_general": "《{value}》填了两张，只读取了前一张，{raw} 没有读取",
            "second_sheet": "也是《{value}》表，其中的内容没有读取",
            "newer_template": "模板是 {raw} 版，比本程序所用的 {value} 版新，新增的内容没有读取",
            "older_template": "模板是 {raw} 版，比本程序所用的 {value} 版旧，已按表头识别",
            "sheet_alias": "工作表名称“{raw}”与模板不同，已按内容识别",
        },
        {
            "missing_sheet": "请从模板中补上这张工作表并填写；已有而名称或表头写错的，请改回模板的写法",
            "two_departments": "一个工作簿只填一个部门，请把另一个部门的各表另存为一本报送",
            "second_general": "请把内容并入一套表，删除多余的工作表",
            "second_sheet": "请把内容并入《{value}》，或删除这张工作表",
            "newer_template": "请更新本程序，或改用所要求的模板填报",
            "older_template": "无须处理；下次请用新模板填报",
            "sheet_alias": "无须处理；以后请保留模板的工作表名称",
        },
    )


@rule("F02", ERROR, message="{found}。", fix="{remedy}。")
def headers_present(d: District, p: Policy) -> pd.DataFrame:
    """各表须有模板规定的必填表头，且只出现一次，必填栏目不得空白；以别名或带空格、换行写出的，为提示。
    理由：程序按表头认列，缺失或重复时不能确定数属于哪一栏。
    依据：各类绩效自评表表样；evalxl 模板。
    举例：《项目》表删除了“自评得分”列；《预算》表出现两列“决算数”。预算表中模板没有的行如果有金额，为提醒。
    写错了字、与模板相近的，问一声“您是否指”，不代为认定；预算表缺少的行列出来，缺合计行为提醒，缺其他行为提示。
    处理：恢复模板的表头；模板没有的行请并入相应的行。
    """
    return _notes(
        d,
        {
            "missing_header": ERROR,
            "duplicate_header": ERROR,
            "duplicate_line": ERROR,
            "blank_required": ERROR,
            "header_guess": WARNING,
            "unknown_line": WARNING,
            "missing_total": WARNING,
            "missing_line": INFO,
            "header_alias": INFO,
            "header_blanks": INFO,
        },
        {
            "missing_header": "缺少这个必填表头{guess}",
            "duplicate_header": "这个表头出现在 {detail}，无法确定以哪一列为准，均未读取",
            "duplicate_line": "这一行出现两次（{detail}），只读取了前一行",
            "blank_required": "必填而未填",
            "header_guess": "不是模板的表头，其中的内容没有读取；您是否指“{value}”",
            "unknown_line": "不是模板规定的行，其中的金额 {raw} 未计入{guess}",
            "missing_total": "缺少合计行（{detail}），收支是否平衡无法核对",
            "missing_line": "缺少这些行：{detail}，按没有填报处理",
            "header_alias": "写作“{raw}”，已按同义词识别",
            "header_blanks": "“{raw}”中有空格或换行，已忽略",
        },
        {
            "missing_header": "请恢复模板的表头",
            "duplicate_header": "请只保留一列",
            "duplicate_line": "请把两行的金额合并为一行",
            "blank_required": "请填写",
            "header_guess": "如果是，请改回模板的写法；如果不是，无须处理",
            "unknown_line": "请把金额并入模板规定的行，或删除这一行",
            "missing_total": "请从模板中补上合计行",
            "missing_line": "没有发生额的无须处理；有发生额的请补上",
            "header_alias": "无须处理；建议使用模板的写法",
            "header_blanks": "无须处理；建议使用模板的写法",
        },
    )


@rule("F03", ERROR, message="填的是“{shown}”，不是数字。", fix="请只填数字，不带文字和符号。")
def amounts_are_numbers(d: District, p: Policy) -> pd.DataFrame:
    """金额、人数、年度、执行率等栏目须填数字。
    理由：文字不能参加计算，程序也不猜测其含义，按未填处理。
    依据：各类绩效自评表表样。
    举例：决算数填“约八百万”。
    处理：改填数字，单位按《基本信息》所选的金额单位。
    """
    notes = d.notes[d.notes["kind"] == "not_numeric"]
    notes = notes[~notes.index.isin(_spread(d, notes))]
    return notes.assign(shown=notes["raw"].map(short))


@rule("F04", INFO, message="{found}。", fix="{remedy}。")
def values_normalised(d: District, p: Policy) -> pd.DataFrame:
    """数字栏目中带单位、全角、千分位、空格、百分号等写法的，换算后读取，并列明原文与读取结果。
    理由：换算是程序所为，填报人应当知道自己的数被读成了什么。
    依据：已公开自评报告中常见的写法。
    举例：决算数填“859.16万元”，读作 859.16 万元；得分显示为 88.2%，读作 88.20；评价年度填成日期 2023-01-01，读作 2023。
    没有名称、只有 0、短横或“无”的行（公式向下拖出来的），不算填了一行，一张表提示一次。
    处理：核对读取结果；不对时改填纯数字。
    """
    notes = d.notes[d.notes["kind"].isin(_READ_AS)]
    each = list(zip(*(notes[name] for name in ("kind", "sheet", "raw", "value", "detail")), strict=True))
    return notes.assign(
        found=[_READ_AS[kind].format(short(raw), value, detail) for kind, _, raw, value, detail in each],
        remedy=[_read_remedy(kind, sheet, value) for kind, sheet, _, value, _ in each],
    )


_READ_AS = {
    "normalised": "填的是“{0}”，读作：{1}",
    "percent_scores": "单元格显示的是 {0}，读作：{1}{2}",
    "empty_rows": "{1}没有名称，只有 0、短横或“无”，按空行处理",
}


def _read_remedy(kind: str, sheet: str, value: str) -> str:
    if kind == "empty_rows":
        return "无须处理；不用的行请清空"
    if value == "未填":
        return "没有发生额的请填 0"
    return _TEXT_IN_A_SUM if sheet == "budget" else _AS_THE_TEMPLATE_HAS_IT


_AS_THE_TEMPLATE_HAS_IT = "请核对读作的数；以后请按模板的格式填写"
_TEXT_IN_A_SUM = "请改填纯数字：以文字填写的数，表中的合计公式不会计入"


@rule("F05", ERROR, message="填的是“{shown}”，{found}。", fix="{remedy}。")
def numbers_undamaged(d: District, p: Policy) -> pd.DataFrame:
    """数字不得有两个小数点、错位的千分位、开头的逗号、末尾的小数点或重复的文字；超过 15 位的编码须以文本填写。
    理由：损坏的数有多种读法，猜测会造成错误，按未填处理；表格软件只保留数字的前 15 位，其后的编码已经丢失。
    依据：已公开自评报告中出现的错误写法。
    举例：7,00.0,77；,867.48；7.50.；854万854万。
    处理：对照原始凭证重新填写。
    """
    notes = d.notes[d.notes["kind"] == "damaged"]
    cut = notes["detail"] == "digits"
    return notes.assign(
        shown=notes["raw"].map(short),
        found=cut.map({True: "以数字存储，只保留了前 15 位", False: "数字写法有误，无法确定是多少"}),
        remedy=cut.map({True: "请先把单元格设为文本格式，再重新填写", False: "请对照原始凭证重新填写这个数"}),
    )


@rule(
    "F06",
    ERROR,
    "general.department",
    scope=Scope.DISTRICT,
    message="同一部门同一年度报送了 {count} 份：{others}，{found}。",
    fix="请确认以哪一份为准，并告知财政部门移出其余各份。",
)
def one_workbook_a_department(d: District, p: Policy) -> pd.DataFrame:
    """一个部门一个年度只报送一份工作簿。
    理由：两份都计入会重复汇总，只取一份又可能取错。
    汇总只计入一份：文件内记录的保存时间最晚的，保存时间分不出的取填报日期最晚的（见规则 D08）；错误只记在不计入的各份上。
    都分不出先后的，各份都是错误，须由人确认。
    依据：区县汇总要求。
    举例：收件夹里同时有“鹿泉区政协.xlsx”和“鹿泉区政协（改）.xlsx”。
    处理：由报送单位确认有效的一份，其余移出收件夹。
    """
    records = []
    for each in repeated(d):
        others = {"count": str(len(each.workbooks)), "others": "、".join(sorted(each.workbooks)), "row": float("nan")}
        if each.told_by:
            found = f"{each.counted} 的{each.told_by}最晚，以它为准，本份不计入汇总"
            records += [others | {"workbook": book, "found": found} for book in each.workbooks[:-1]]
        else:
            found = f"分不出哪一份在后，暂以 {each.counted} 计入汇总"
            records += [others | {"workbook": book, "found": found} for book in each.workbooks]
    return table_of(records)


@rule("F07", ERROR, "general.year", scope=Scope.DISTRICT, message="{found}。", fix="{remedy}。")
def one_year(d: District, p: Policy) -> pd.DataFrame:
    """评价年度须与本批一致，并与标题、文件名中的年度一致。
    理由：常见把上年的工作簿改名后再报，或用了别的年度的模板。
    依据：区县汇总要求。
    举例：评价年度填 2022，而本批为 2023；文件名写“2022年度”。
    处理：核对是否报错了年度；本批年度取多数工作簿所填的年度。
    """
    rows = d.general.rename(columns={"year": "stated"})
    rows = rows[rows["stated"].notna()]
    batch = d.year or 0
    titles = d.notes[d.notes["kind"] == "title_year"].groupby("workbook")["value"].agg(set)
    found, remedy = [], []
    for workbook, stated in zip(rows["workbook"], rows["stated"], strict=True):
        words = _year_conflict(str(workbook), int(stated), batch, titles.get(workbook, set()))
        found.append(words[0])
        remedy.append(words[1])
    rows = rows.assign(found=found, remedy=remedy, year=rows["stated"])
    return rows[rows["found"] != ""]


# The number of the notice that asked for the workbook: 鹿财绩〔2024〕12号.
_NOTICE = re.compile(
    r"[〔\[【（(〈［]\s*(?:19|20)\d\d\s*年?[〕\]】）)〉］]\s*(?:第\s*)?\d{1,5}\s*号|(?:19|20)\d\d\s*年?\s*第\s*\d{1,5}\s*号"
)


def _year_conflict(workbook: str, year: int, batch: int, titles: set[str]) -> tuple[str, str]:
    name = _NOTICE.sub("", workbook.rpartition("/")[2])
    named = {int(text) for text in re.findall(r"((?:19|20)\d\d)\s*年度", name)}
    # Without 年度 a year in a file name may be the year of reporting, one later than the year reported on.
    loose = {int(text) for text in re.findall(r"(?<!\d)((?:19|20)\d\d)(?!\d)", name)} - named
    if year != batch:
        return f"填的是 {year}，本批工作簿的年度是 {batch}", "请核对是否报送了别的年度的工作簿"
    wrong_titles = sorted(text for text in titles if int(text) != year)
    if wrong_titles:
        return f"填的是 {year}，工作表标题写的是 {'、'.join(wrong_titles)}", "请核对年度，使各处一致"
    if named and year not in named:
        return f"填的是 {year}，文件名写的是 {min(named)} 年度", "请核对年度或更正文件名"
    if loose and not named and not loose & {year, year + 1}:
        return f"填的是 {year}，文件名写的是 {min(loose)}", "请核对年度或更正文件名"
    return "", ""


@rule("F09", ERROR, message="{found}。", fix="{remedy}。")
def cells_have_values(d: District, p: Policy) -> pd.DataFrame:
    """单元格不得是错误值、没有计算结果的公式或对其他文件的引用；模板自带的合计公式没有结果的，由程序重算，为提示。
    理由：错误值不是空白；没有结果的公式读出来是空白，会被误当作未填。
    依据：表格软件的存储方式（实测）。
    举例：决算数显示 #REF!；工作簿由程序填写后没有用 WPS 或 Excel 打开保存过。
    预算表的合计公式被改写为数值，而数值相符的，为提示；不相符的，由收支的各条规则报告。
    处理：更正公式，或直接填数；用 WPS 或 Excel 打开后另存一次。
    """
    severities = {"error_cell": ERROR, "no_value": ERROR, "external": ERROR, "recomputed": INFO, "overwritten": INFO}
    notes = _notes(
        d,
        dict(severities),
        {
            "error_cell": "是错误值 {raw}，按未填处理",
            "no_value": "是没有计算结果的公式，按未填处理",
            "external": "引用了其他文件（{raw}），按未填处理",
            "recomputed": "模板公式没有计算结果，已由程序重算",
            "overwritten": "模板的公式被改写为数值（{detail}），现与各项相符",
        },
        {
            "error_cell": "请更正公式，或直接填数",
            "no_value": "请用 WPS 或 Excel 打开后另存再报，或直接填数",
            "external": "请改填数值（复制后“选择性粘贴—数值”）",
            "recomputed": "无须处理；用 WPS 或 Excel 打开后另存一次即可",
            "overwritten": "建议恢复公式；否则再改各项时，这里不会随之改变",
        },
    )
    notes = notes[~notes.index.isin(_spread(d, notes[notes["kind"] == "error_cell"]))]
    # A file saved by a program lacks every result at once: that is one mistake, told once a sheet.
    several = notes[notes["kind"] == "recomputed"]
    counts = several.groupby(["workbook", "sheet"])["cell"].transform("size")
    first = several[~several.duplicated(["workbook", "sheet"])]
    told = [f"共 {count:.0f} 处" if count > 1 else "" for count in counts[first.index]]
    first = first.assign(
        found=[words.replace("模板公式", f"{more}模板公式") for words, more in zip(first["found"], told, strict=True)]
    )
    return pd.concat([notes[notes["kind"] != "recomputed"], first])


@rule("F10", WARNING, message="{found}。", fix="{remedy}。")
def nothing_hidden_or_merged(d: District, p: Policy) -> pd.DataFrame:
    """填有数据的行、列、工作表不得隐藏，数据区不得合并单元格。
    理由：隐藏的数照样读取和汇总，填报人和审核人却看不见；合并的单元格只有左上角有数，其余按空白读取。
    依据：表格软件的存储方式（实测）。
    举例：项目表第 9 行被隐藏（行高或列宽为 0 的同样算隐藏），而其中有项目；两个项目的执行数合并成一格。模板自带的隐藏表“列表”不算。
    竖向合并的文字（如《指标》的项目名称、一级指标，项目得分也是），对合并的各行都算，只作提示；一个项目、单位的名称合并了几行的，
    按几条读取，为提醒；合并的金额、分值、人数只算一次，也为提醒。
    处理：取消隐藏，删除不用的行；取消合并，逐格填写。
    """
    return _notes(
        d,
        {
            "hidden_sheet": WARNING,
            "hidden_rows": WARNING,
            "hidden_columns": WARNING,
            "merged": WARNING,
            "merged_names": WARNING,
            "merged_words": INFO,
        },
        {
            "hidden_sheet": "工作表被隐藏，其中的数照样读取",
            "hidden_rows": "第 {value} 行被隐藏（或行高为 0），其中的数照样读取",
            "hidden_columns": "{value} 列被隐藏（或列宽为 0），其中的数照样读取",
            "merged": "数据区有 {value} 处合并的单元格，只读取了各处左上角的内容",
            "merged_names": "有 {value} 处名称合并了几行（第 {merged} 行），每行各按一条读取，名称相同",
            "merged_words": "数据区有 {value} 处竖向合并的文字（第 {merged} 行），已按各行都填了同样的文字读取",
        },
        {
            "hidden_sheet": "请取消隐藏",
            "hidden_rows": "请取消隐藏；不用的行请删除",
            "hidden_columns": "请取消隐藏；不用的列请清空",
            "merged": "请取消合并，逐格填写",
            "merged_names": "请取消合并；本是一条的，把几行的数合计为一行",
            "merged_words": "无须处理；以后请逐格填写",
        },
    )


def _spread(d: District, notes: pd.DataFrame) -> list[Any]:
    """Unreadable values in totals that only pass on that of a cell they add up: it is told once, at its source."""
    errors = notes[notes["sheet"].isin(["budget", "projects"])]
    lines = {
        (book, row): key for book, row, key in zip(d.budget["workbook"], d.budget["row"], d.budget["key"], strict=True)
    }
    passed_on, sources = {}, set()
    for at, book, sheet, field, row in zip(
        errors.index, errors["workbook"], errors["sheet"], errors["field"], errors["row"], strict=True
    ):
        line = layout.BUDGET.line_by_key.get(lines.get((book, row), "")) if sheet == "budget" else None
        computed = line.computed if line else layout.BY_KEY[sheet].by_key[field].computed
        place = (book, sheet, field) if sheet == "budget" else (book, sheet, row)
        if computed:
            passed_on[at] = place
        else:
            sources.add(place)
    return [at for at, place in passed_on.items() if place in sources]


@rule("F11", INFO, message="{found}。", fix="{remedy}。")
def one_unit_of_money(d: District, p: Policy) -> pd.DataFrame:
    """金额单位只能是万元或元；为元的，换算为万元并提示核对；同一工作簿不得标明两种单位。
    理由：元与万元相差一万倍，单位不明则每个数都不可信。
    依据：已公开自评报告中单位混用的情形。
    举例：《基本信息》选“元”，《预算》表头写“决算数（万元）”。
    处理：统一金额单位，重新填写单位不符的金额。
    """
    found = _notes(
        d,
        {"unit_yuan": INFO, "unit_conflict": ERROR, "unit_unknown": ERROR},
        {
            "unit_yuan": "金额单位为元，已全部换算为万元",
            "unit_conflict": "此处标明“{raw}”，而各表金额按“{value}”读取",
            "unit_unknown": "填的是“{raw}”，只能是万元或元；各表金额暂按万元读取",
        },
        {
            "unit_yuan": "请核对换算后的数",
            "unit_conflict": "请统一金额单位，并核对各表金额",
            "unit_unknown": "请选万元或元，并核对各表金额",
        },
    )
    total = d.budget[d.budget["key"] == p.balance.expenditure[0]]
    spent = dict(zip(total["workbook"], map(show_amount, total["final"]), strict=True))
    converted = [
        f"{remedy}：本年支出合计 {spent[book]} 万元" if kind == "unit_yuan" and spent.get(book) else remedy
        for book, kind, remedy in zip(found["workbook"], found["kind"], found["remedy"], strict=True)
    ]
    return found.assign(remedy=converted)


@rule("F12", WARNING, message="文件“{workbook}”{value}，{outcome}。", fix="{detail}。")
def files_readable(d: District, p: Policy) -> pd.DataFrame:
    """收件夹中的文件须是能打开的工作簿；加密、损坏、临时文件和 Word、PDF 等不读取，逐一列出。
    理由：一个坏文件不应中断整批，也不应不声不响地漏掉一个部门。
    依据：批量收件的实际情况。
    旧格式（.xls、.et）和 .ods 照常读取，只作提示：它们不能在原表上标注问题后退回。
    举例：设了打开密码的工作簿；邮件中被截断的文件；“~$”开头的临时文件。
    处理：按提示转换、解密或请报送单位重发。
    """
    unread = d.notes[d.notes["kind"] == "unreadable"].assign(outcome="未读取", severity="warning")
    old = d.notes[d.notes["kind"] == "old_format"]
    words = {"xls": "是旧格式（.xls 或 .et）", "ods": "是 OpenDocument 格式（.ods）"}
    old = old.assign(
        value=old["raw"].map(words), outcome="已照常读取", detail="无须处理；建议另存为 .xlsx 再报", severity="info"
    )
    return pd.concat([unread, old])
