"""Rules about files, sheets, headers and cells (F): most turn what reading noted into findings."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from evalxl.district.tables import District, rows_where
from evalxl.facts.submissions import repeated
from evalxl.policy.policy import Policy
from evalxl.rules.f_files.notes import Wording, noted
from evalxl.rules.rule import ERROR, INFO, NOTHING, WARNING, Scope, rule, table_of
from evalxl.values.quantities import given


@rule("F01", ERROR, message="{found}。", fix="{remedy}。")
def sheets_present(d: District, p: Policy) -> pd.DataFrame:
    """工作簿须有模板规定的各张工作表，每张只有一张，只填一个部门；表名写法不同而能认出的，为提示。
    理由：缺一张表，其中的数就无从核对；多一张表，其中的数会被漏掉。
    依据：鹿泉区2023年度部门整体支出绩效自评报告的构成；evalxl 模板。
    举例：删除了《评价组》工作表；同一张表另有填了内容的副本（如“项目 (2)”），或两个部门填在一个工作簿里：副本没有读取。
    模板版本比本程序新的，为提醒；比本程序旧的，为提示，按表头识别。
    处理：从模板中复制缺少的工作表填好；不要更改工作表名称。
    局限：表内另起的第二张小表、画成图片的表看不见。
    """
    notes = noted(
        d,
        {
            "missing_sheet": Wording(
                ERROR,
                "缺少这张工作表{guess}",
                "请从模板中补上这张工作表并填写；已有而名称或表头写错的，请改回模板的写法",
            ),
            "two_departments": Wording(
                ERROR,
                "一个工作簿里填了两个部门（{detail}），只读取了前一个，{raw} 没有读取",
                "一个工作簿只填一个部门，请把另一个部门的各表另存为一本报送",
            ),
            "second_general": Wording(
                ERROR, "《{value}》填了两张，只读取了前一张，{raw} 没有读取", "请把内容并入一套表，删除多余的工作表"
            ),
            "second_sheet": Wording(
                ERROR, "也是《{value}》表，其中的内容没有读取", "请把内容并入《{value}》，或删除这张工作表"
            ),
            "newer_template": Wording(
                WARNING,
                "模板是 {raw} 版，比本程序所用的 {value} 版新，新增的内容没有读取",
                "请更新本程序，或改用所要求的模板填报",
            ),
            "other_layout": Wording(
                WARNING,
                "这本工作簿按“{raw}”填报，本次按“{value}”核对，两者不同的栏目没有读取",
                "请用所要求的表样填报，或用 --layout 指定这本工作簿的表样后再运行",
            ),
            "older_template": Wording(
                INFO, "模板是 {raw} 版，比本程序所用的 {value} 版旧，已按表头识别", "无须处理；下次请用新模板填报"
            ),
            "sheet_alias": Wording(
                INFO, "工作表名称“{raw}”与模板不同，已按内容识别", "无须处理；以后请保留模板的工作表名称"
            ),
        },
    )
    return table_of(notes)


@rule("F02", ERROR, message="{found}。", fix="{remedy}。")
def headers_present(d: District, p: Policy) -> pd.DataFrame:
    """各表须有模板规定的必填表头，且只出现一次，必填栏目不得空白；以别名或带空格、换行写出的，为提示。
    理由：程序按表头认列，缺失或重复时不能确定数属于哪一栏。
    依据：各类绩效自评表表样；evalxl 模板。
    所属地区未填的只提醒：财政部门知道本区是哪里。本区自加的选项栏，填的不是所列的选项的，为提醒。
    表头下分几列的，取其中的合计或评价年度一列，为提示；不能确定取哪一列的，均不读取。
    举例：《项目》表删除了“自评得分”列；《预算》表出现两列“决算数”；“决算数”下分财政拨款、其他资金两列而没有合计。预算表中模板没有的行如果有金额，为提醒。
    写错了字、与模板相近的，问一声“您是否指”，不代为认定；预算表缺少的行列出来，缺合计行为提醒，缺其他行为提示。
    处理：恢复模板的表头；模板没有的行请并入相应的行。
    局限：表头写得与模板相去太远的，只说缺少，认不出是哪一列。
    """
    notes = noted(
        d,
        {
            "missing_header": Wording(ERROR, "缺少这个必填表头{guess}", "请恢复模板的表头"),
            "duplicate_header": Wording(
                ERROR, "这个表头出现在 {detail}，无法确定以哪一列为准，均未读取", "请只保留一列"
            ),
            "header_split": Wording(
                ERROR,
                "这个表头分了几列（{raw}），不能确定取哪一列，均未读取",
                "请只保留合计（或评价年度）一列，其余移到别处",
            ),
            "header_part": Wording(INFO, "这个表头分了几列（{raw}），取“{value}”一列", "请核对；以后请只填一列"),
            "duplicate_line": Wording(ERROR, "这一行出现两次（{detail}），只读取了前一行", "请把两行的金额合并为一行"),
            "blank_required": Wording(ERROR, "必填而未填", "请填写"),
            "unknown_choice": Wording(WARNING, "“{raw}”不在规定的选项中", "请选填：{detail}"),
            "header_guess": Wording(
                WARNING,
                "不是模板的表头，其中的内容没有读取；您是否指“{value}”",
                "如果是，请改回模板的写法；如果不是，无须处理",
            ),
            "unknown_line": Wording(
                WARNING, "不是模板规定的行，其中的金额 {raw} 未计入{guess}", "请把金额并入模板规定的行，或删除这一行"
            ),
            "missing_total": Wording(WARNING, "缺少合计行（{detail}），收支是否平衡无法核对", "请从模板中补上合计行"),
            "missing_line": Wording(
                INFO, "缺少这些行：{detail}，按没有填报处理", "没有发生额的无须处理；有发生额的请补上"
            ),
            "header_alias": Wording(INFO, "写作“{raw}”，已按同义词识别", "无须处理；建议使用模板的写法"),
            "header_blanks": Wording(INFO, "“{raw}”中有空格或换行，已忽略", "无须处理；建议使用模板的写法"),
        },
    )
    for note in notes:
        if note["kind"] == "blank_required" and note["field"] == "region":  # the bureau knows where it is
            note["severity"] = WARNING
    return table_of(notes)


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
    局限：同一部门改了名称又没有名册可对的，认作两个部门。
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
    举例：评价年度填 2022，而本批为 2023；文件名写“2022年度”。文件名中的文号（〔2024〕12号）不算年度。
    处理：核对是否报错了年度；本批年度取多数工作簿所填的年度。
    局限：标题和文件名都没有写年度的，只与本批其他工作簿比。
    """
    general = d.general
    titles: dict[str, set[str]] = {}
    for kind, book, year in zip(d.notes["kind"], d.notes["workbook"], d.notes["value"], strict=True):
        if kind == "title_year":
            titles.setdefault(book, set()).add(year)
    told = [
        _year_conflict(book, int(year), d.year, titles.get(book, set())) if given(year) else None
        for book, year in zip(general["workbook"], general["year"], strict=True)
    ]
    wrong = [words for words in told if words]
    if not wrong:
        return NOTHING
    rows = rows_where(general, map(bool, told))
    return rows.assign(stated=rows["year"], found=[found for found, _ in wrong], remedy=[remedy for _, remedy in wrong])


# The number of the notice that asked for the workbook: 鹿财绩〔2024〕12号.
_NOTICE = re.compile(
    r"[〔\[【（(〈［]\s*(?:19|20)\d\d\s*年?[〕\]】）)〉］]\s*(?:第\s*)?\d{1,5}\s*号|(?:19|20)\d\d\s*年?\s*第\s*\d{1,5}\s*号"
)


def _year_conflict(workbook: str, year: int, batch: int | None, titles: set[str]) -> tuple[str, str] | None:
    """What contradicts the year that a workbook gives, and the remedy; None where nothing does."""
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
    return None


@rule("F10", WARNING, message="{found}。", fix="{remedy}。")
def nothing_hidden_or_merged(d: District, p: Policy) -> pd.DataFrame:
    """填有数据的行、列、工作表不得隐藏，数据区不得合并单元格。
    理由：隐藏的数照样读取和汇总，填报人和审核人却看不见；合并的单元格只有左上角有数，其余按空白读取。
    依据：表格软件的存储方式（实测）。
    举例：项目表第 9 行被隐藏（行高或列宽为 0 的同样算隐藏），而其中有项目；两个项目的执行数合并成一格。模板自带的隐藏表“列表”不算。
    竖向合并的文字（如《指标》的项目名称、一级指标，项目得分也是），对合并的各行都算，只作提示；一个项目、单位的名称合并了几行的，
    按几条读取，为提醒；合并的金额、分值、人数只算一次，也为提醒。
    处理：取消隐藏，清空不用的行；取消合并，逐格填写。
    局限：用白色字、极小字号遮住的内容看不见。
    """
    notes = noted(
        d,
        {
            "hidden_sheet": Wording(WARNING, "工作表被隐藏，其中的数照样读取", "请取消隐藏"),
            "hidden_rows": Wording(
                WARNING, "第 {value} 行被隐藏（或行高为 0），其中的数照样读取", "请取消隐藏；不用的行请清空"
            ),
            "hidden_columns": Wording(
                WARNING, "{value} 列被隐藏（或列宽为 0），其中的数照样读取", "请取消隐藏；不用的列请清空"
            ),
            "merged": Wording(
                WARNING, "数据区有 {value} 处合并的单元格，只读取了各处左上角的内容", "请取消合并，逐格填写"
            ),
            "merged_names": Wording(
                WARNING,
                "有 {value} 处名称合并了几行（第 {merged} 行），每行各按一条读取，名称相同",
                "请取消合并；本是一条的，把几行的数合计为一行",
            ),
            "merged_words": Wording(
                INFO,
                "数据区有 {value} 处竖向合并的文字（第 {merged} 行），已按各行都填了同样的文字读取",
                "无须处理；以后请逐格填写",
            ),
        },
    )
    return table_of(notes)


@rule("F12", WARNING, message="文件“{workbook}”{value}，{outcome}。", fix="{detail}。")
def files_readable(d: District, p: Policy) -> pd.DataFrame:
    """收件夹中的文件须是部门填好的、能打开的工作簿；加密、损坏、临时文件和 Word、PDF、压缩包等不读取，逐一列出。
    理由：一个坏文件不应中断整批，也不应不声不响地漏掉一个部门。
    依据：批量收件的实际情况。
    本程序自己的输出（汇总表、审核结果、名册、规则手册、单独的问题清单）和空白模板也不读取，不算一个部门，不计入任何合计；
    退回件填好报回的，是报送件。压缩包写明里面有哪些文件，须解压后再运行。
    各部门已有的项目支出绩效自评表、部门整体支出绩效自评表不是填报模板，写明用 evalxl import 读入。
    含有打开时会自行动作或通向外部的内容的（宏、数据连接、DDE、OLE、嵌入的文件、控件、加载项、链接的图片），数照常读取，逐项列出部件和去向，
    标注件不予转发；普通的网页链接保留，提示一次。
    旧格式（.xls、.et）和 .ods 照常读取，只作提示：它们不能在原表上标注问题后退回。
    举例：设了打开密码的工作簿；邮件中被截断的文件；“~$”开头的临时文件；误放进来的上次的汇总表；没有填的模板。
    处理：按提示转换、解密、解压、移走，或请报送单位重发。
    局限：加密文件的内容、压缩包里的工作簿都没有看。
    """
    found: list[dict[str, Any]] = []
    for note in d.rows("notes"):
        if note["kind"] == "unreadable":
            read = note["raw"] == "answer"  # what was written in a list that came back
            found.append(
                {**note, "outcome": "不算一份报送" if read else "未读取", "severity": "info" if read else "warning"}
            )
        elif note["kind"] == "old_format":
            told = {"outcome": "已照常读取", "detail": "无须处理；建议另存为 .xlsx 再报", "severity": "info"}
            found.append({**note, "value": _OLD_FORMATS[note["raw"]], **told})
        elif note["kind"] == "active" and note["raw"].endswith("网页链接"):
            found.append({**note, "outcome": "没有打开", "detail": "无须处理", "severity": "info"})
        elif note["kind"] == "active":
            told = {"outcome": "数照常读取，没有执行；不随标注件转发，退回的是问题清单"}
            found.append({**note, **told, "detail": "请删去后另存为普通的 .xlsx 再报", "severity": "warning"})
    return table_of(found)


_OLD_FORMATS = {"xls": "是旧格式（.xls 或 .et）", "ods": "是 OpenDocument 格式（.ods）"}
