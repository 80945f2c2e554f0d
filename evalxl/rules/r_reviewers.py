"""Rules about the review team (R)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, rows_where
from evalxl.facts.submissions import iso_date
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, repeats, rule, table_of, without_merged_names
from evalxl.values.folding import name_key


@rule("R01", WARNING, "reviewers.name", message="评价组只有 {count} 人，少于 {least} 人。", fix="请补充评价组成员。")
def enough_reviewers(d: District, p: Policy) -> pd.DataFrame:
    """评价组不少于规定人数（默认 3 人，见规则文件 reviewers）。
    理由：自评由工作组集体评定，人数过少难以互相复核。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（评价组 3 人）；最少人数见规则文件。
    举例：只列了组长和一名成员。
    处理：补充成员。
    局限：人数够而没有参加的，看不出来。
    """
    least, listed = p.value("reviewers"), d.by_workbook("reviewers")
    place = {"row": float(layout.REVIEWERS.FIRST_ROW), "key": "", "label": "姓名"}
    counts = {book: len(listed.get(book, ())) for book in d.having_sheet("reviewers")}
    few = {book: count for book, count in counts.items() if count < least}
    return table_of(
        [{"workbook": book, **place, "count": str(count), "least": f"{least:.0f}"} for book, count in few.items()]
    )


@rule("R02", ERROR, "reviewers.name", message="没有填{header}。", fix="请补填{header}。")
def reviewers_complete(d: District, p: Policy) -> pd.DataFrame:
    """评价组成员的姓名、工作单位、职务都要填写。
    理由：评价结果由成员签字负责，身份须明确。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：第二名成员没有填职务。
    处理：补填。
    局限：填了不实信息的看不出来。
    """
    found = []
    for key in ("name", "workplace", "duty"):
        told = {"field": key, "header": layout.REVIEWERS.by_key[key].header}
        found += [{**row, **told} for row in d.rows_with("reviewers", key) if not row[key]]
    return table_of(found)


@rule("R03", INFO, "reviewers.title", message="{found}。", fix="请补填职称；没有职称的写“无”。")
def reviewers_titled(d: District, p: Policy) -> pd.DataFrame:
    """评价组成员应填职称；没有职称的写“无”。
    理由：报告的名单标题列有职称，职称说明成员的专业能力；公务员多没有职称，所以只作提示。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：名单没有职称一列；某一成员职称空白。
    处理：补填职称。
    局限：职称是否属实，不核对。
    """
    found: list[dict[str, Any]] = []
    for rows in d.by_workbook("reviewers").values():
        blank = [row for row in rows if not row["title"]]
        if len(blank) == len(rows):
            found.append({**rows[0], "found": "成员都没有填职称", "key": "", "label": "职称"})
        else:
            found += [{**row, "found": "没有填职称"} for row in blank]
    return table_of(found)


@rule(
    "R04",
    ERROR,
    "reviewers.name",
    needs="name",
    message="“{name}”已列在工作表的第 {others} 行。",
    fix="请清空重复的行；剩下的人数不够的，补填成员。",
)
def reviewers_distinct(d: District, p: Policy) -> pd.DataFrame:
    """评价组中同一人只列一次；姓名和工作单位都相同的视为同一人。
    理由：重复列名会使人数虚增。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：第 5 行和第 7 行都是“评价员甲”。
    处理：清空重复的行。
    局限：同名同单位的两个人会被当作一人。
    """
    named = (row for row in without_merged_names(d, "reviewers") if row["key"])
    return table_of(repeats(named, "key", "workplace"))


@rule("R05", INFO, "reviewers.duty", message="评价组没有财务、会计人员。", fix="建议吸收财务人员参加自评。")
def finance_takes_part(d: District, p: Policy) -> pd.DataFrame:
    """评价组应有财务或会计人员。
    理由：自评要核对预算、决算和支付数据。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（评价组有财务负责人）。
    举例：三名成员的职务分别是办公室主任、业务科长、科员，职称也与会计无关。
    处理：吸收财务人员参加；职务没有写明的，请写明。
    局限：职务、职称中没有写出财务、会计字样的认不出来。
    """
    found = []
    for rows in d.by_workbook("reviewers").values():
        words = [row["duty"] + row["title"] for row in rows]
        finance = any(word in each for word in _FINANCE for each in words)
        if all(row["duty"] for row in rows) and not finance:
            found.append({**rows[0], "key": "", "label": "职务"})
    return table_of(found)


_FINANCE = ("财务", "会计", "出纳", "财会", "财审", "计财", "装财", "审计")


@rule(
    "R06",
    INFO,
    "reviewers.workplace",
    message="成员都来自被评价的部门。",
    fix="有条件的，建议吸收外单位人员或专家参加。",
)
def outsiders_take_part(d: District, p: Policy) -> pd.DataFrame:
    """评价组宜有被评价部门以外的人员。
    理由：全部由本部门人员自评，容易失之偏宽。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：三名成员的工作单位都是本部门或其所属单位。
    处理：有条件的，吸收财政部门、审计部门或专家参加。
    局限：工作单位写得与部门名称不像的，当作外部人员。
    """
    own = {(row["workbook"], row["key"]) for row in d.rows("units")}
    own |= {(row["workbook"], row["department_key"]) for row in d.rows("general")}
    teams = d.by_workbook("reviewers").items()
    inside = [rows[0] for book, rows in teams if all((book, name_key(row["workplace"])) in own for row in rows)]
    return table_of([{**row, "key": "", "label": "工作单位"} for row in inside])


@rule(
    "R07", INFO, "reviewers.signature", message="没有签字，也没有填报日期。", fix="打印后由成员签字，并填写填报日期。"
)
def signed_or_dated(d: District, p: Policy) -> pd.DataFrame:
    """评价组成员应签字，工作簿应有填报日期；两者都没有的，提示。
    理由：自评结果由成员签字负责；电子报送时签字常在打印件上，有填报日期的不提示；签字栏里贴的是图片的，算已签字。
    依据：鹿泉区2023年度部门整体支出绩效自评报告（标题列有签字而表中没有）。
    举例：签字一列空白，填报日期也空白。
    处理：打印签字，并填写填报日期。
    局限：签字是否本人所签，程序看不出来。
    """
    dated = {row["workbook"] for row in d.rows("general") if row["date"]}
    teams = d.by_workbook("reviewers").items()
    neither = [rows[0] for book, rows in teams if book not in dated and not any(row["signature"] for row in rows)]
    return table_of([{**row, "key": "", "label": "签字"} for row in neither])


@rule("R08", WARNING, "general.date", message="填的是 {written}，{found}。", fix="请核对填报日期和评价年度。")
def dated_after_the_year(d: District, p: Policy) -> pd.DataFrame:
    """填报日期应在评价年度结束以后；年初头两周填报的，决算多未办理，提示核对。
    理由：自评以全年决算为依据，年度没有结束就没有可评的结果。
    依据：财预〔2020〕10号（预算执行结束后开展自评）；两周为本程序的取值：部门决算一般在一月下旬以后编制。
    举例：评价年度 2023，填报日期 2023-11-20。
    处理：更正填报日期；用未定稿的数填报的，决算办理后重新核对。
    局限：日期填得合理而实际更早填写的，看不出来。
    """
    dates = [_date(iso_date(str(each))) for each in d.general["date"]]
    ends = [_end(year) for year in d.general["year"]]
    after = [(date - end).days if date and end else None for date, end in zip(dates, ends, strict=True)]
    early = [days is not None and days <= _FIRST_DAYS for days in after]
    rows = rows_where(d.general.assign(written=[date.isoformat() if date else "" for date in dates]), early)
    running = [days <= 0 for days in after if days is not None and days <= _FIRST_DAYS]
    return rows.assign(
        found=["评价年度还没有结束" if each else "年度刚结束，决算多未办理" for each in running],
        severity=[(WARNING if each else INFO).value for each in running],
    )


_FIRST_DAYS = 14


def _date(iso: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(iso)
    except ValueError:
        return None


def _end(year: float) -> dt.date | None:
    try:
        return dt.date(int(year), 12, 31)
    except (ValueError, OverflowError):  # none is filled in, or one that no calendar has
        return None
