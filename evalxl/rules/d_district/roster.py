"""Rules about who reports and what the bureau's own recheck says (D01, D05, D08, D09)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterator
from typing import Any

import pandas as pd

from evalxl.district.directory import Directory, of_roster
from evalxl.district.tables import District
from evalxl.facts.attendance import attendance, likely_missing
from evalxl.facts.rechecks import recheck_gaps
from evalxl.facts.submissions import RULE_IN_WORDS, iso_date, repeated
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, Scope, rule, table_of
from evalxl.values.folding import fold, name_key

Row = dict[Hashable, Any]

_WHOLE: Row = {"workbook": "", "row": float("nan"), "sheet": "", "field": ""}  # a finding about no one workbook


@rule(
    "D01",
    ERROR,
    scope=Scope.DISTRICT,
    bureau="roster",
    message="{found}。",
    fix="{remedy}。",
)
def roster_complete(d: District, p: Policy) -> pd.DataFrame:
    """名册上的部门都要报送，报送的部门都应在名册上。
    理由：漏报一个部门，全区汇总就不完整；名称与名册不一致，跨年对照就会断开。
    运行时用 --roster 给出名册才核对；先按名称，再按曾用名或简称，最后按部门编码对照。未报送为错误；名册上没有的、名称对不上而
    只按编码认出的、编码与名册不同的为提醒；按曾用名或简称认出的为提示。文件没有读取的部门按文件名对照，只在《未报送与未读取》中列出，不再算作未报送。
    依据：区县汇总要求；绩效自评汇总表（应评、已评部门数）。
    举例：名册有 100 个部门，收到 98 份，另两个部门列为未报送。
    处理：催报；不应报送的，从名册中删去；名称有变的，在名册中写上曾用名。
    局限：没有给名册的，不核对。
    """
    came = attendance(d)
    if came is None:
        return table_of([])
    written = dict(zip(d.general["workbook"], d.general["department"], strict=True))
    place: Row = {"row": float("nan"), "sheet": "general", "field": "department"}
    records: list[Row] = []
    likely = likely_missing(d, came)
    for workbook in came.extra:
        known = likely.get(workbook, "")
        listed = f"；名册上的“{known}”没有报送，请核对是否就是它" if known else ""
        found = {
            "found": f"“{written[workbook]}”不在名册上{listed}",
            "remedy": f"是的，请改填“{known}”；不是的，请告知财政部门补入名册"
            if known
            else "请核对部门名称；名称无误的，请告知财政部门补入名册，改过名的说明曾用名",
        }
        records.append(place | found | {"workbook": workbook, "severity": WARNING})
    directory = Directory(of_roster(d.bureau.roster))
    for workbook, name in came.renamed:
        by_name = directory.find([name_key(written[workbook])]) is not None
        found = {
            "found": f"填的是“{written[workbook]}”，{'按名册' if by_name else '名册上没有这个名称，只按编码'}认作“{name}”",
            "remedy": "请核对是否同一部门；以后请用名册上的名称"
            if by_name
            else "请核对名称和部门编码；改过名的，请告知财政部门在名册上写明曾用名",
        }
        records.append(place | found | {"workbook": workbook, "severity": INFO if by_name else WARNING})
    records += [place | {"field": "code", "severity": WARNING} | each for each in _other_codes(d, directory)]
    sent = {name: workbook for workbook, name in likely.items()}
    for each in came.missing:
        found = {"found": f"名册上的“{each.name}”没有报送", "remedy": "请催报；不应报送的，从名册中删去"}
        if book := sent.get(each.name):
            found["remedy"] = (
                f"请先看 {book} 是否就是它（填的是“{written[book]}”）：是的，请部门改用名册上的名称；不是的，请催报"
            )
        records.append(_WHOLE | found | {"key": each.name})
    return table_of(records)


def _bare(code: str) -> str:
    """A code as it is compared: a spreadsheet takes the zeros off the front of what it holds as a number."""
    return fold(code).lstrip("0")


def _other_codes(d: District, directory: Directory) -> Iterator[Row]:
    """The workbooks known by their name whose code is not the roster's."""
    codes = d.bureau.roster["code"].tolist()
    for workbook, key, code in zip(*(d.general[name] for name in ("workbook", "department_key", "code")), strict=True):
        known = directory.find([key]) if key else None
        if known is not None and code and codes[known] and _bare(code) != _bare(codes[known]):
            found = f"填的是 {code}，名册上本部门的编码是 {codes[known]}"
            yield {"workbook": workbook, "found": found, "remedy": "请核对部门编码；名册有误的，请告知财政部门"}


@rule(
    "D05",
    WARNING,
    "projects.score",
    scope=Scope.DISTRICT,
    bureau="rechecks",
    message="自评 {declared}，复核 {rechecked}，{found}。",
    fix="{remedy}，按复核结果调整或书面说明。",
)
def recheck_agrees(d: District, p: Policy) -> pd.DataFrame:
    """自评得分与财政部门复核得分相差不应超过规定分数（默认 5 分，见规则文件 recheck_gap），等级应当一致。
    理由：差得多说明自评不实，抽查结果要反馈部门并作为以后加大抽查的依据。
    运行时用 --recheck 给出填好的抽查表（或汇总表里的《抽查名单》）才核对；按部门、项目名称和实施单位对照。恰好差 5 分不算。
    复核得分与复核等级不符的，一并指出；抽查表写有复核说明的，照引给部门。
    依据：绩效自评汇总表的“抽查复核得分、差异”栏；本程序的取值。
    举例：自评 95 分（优秀），复核 82 分（良好）。
    处理：核实并调整，或说明理由。
    局限：只核对复核过的项目和部门。
    """
    return table_of(recheck_gaps(d, p))


@rule(
    "D08",
    INFO,
    "general.date",
    scope=Scope.DISTRICT,
    message="{found}。",
    fix="{remedy}。",
)
def late_or_repeated(d: District, p: Policy) -> pd.DataFrame:
    """重复报送的说明以哪一份为准，迟于截止日期的予以提示。
    理由：汇总只能计入一份，取的是哪一份、为什么，要让人看得到；迟报影响汇总进度。
    同一部门同一年度的几份，以文件内记录的保存时间最晚的一份为准；保存时间相同或没有的，以填报日期最晚的一份为准；都分不出的见规则 F06。
    截止日期写在规则文件 policy.deadline（如 "2024-03-31"），没有写的不核对；按《基本信息》的填报日期判断，恰在当日不算迟。
    依据：区县汇总要求；本程序的取值。
    举例：收件夹里有“文化局.xlsx”和“文化局（改）.xlsx”，后者保存得晚，以后者为准。
    处理：无须处理；取错了的，把不要的一份移出收件夹。
    局限：文件里没有保存时间的，以文件名先后为准。
    """
    records: list[Row] = [
        {
            "workbook": each.counted,
            "row": float("nan"),
            "field": "department",
            "found": f"同一部门同一年度报送了 {len(each.workbooks)} 份，{each.told_by}以本份最晚，汇总时以本份为准",
            "remedy": f"无须处理；取错了的，请把不要的一份移出收件夹（{RULE_IN_WORDS}）",
        }
        for each in repeated(d)
        if each.told_by
    ]
    if p.head.deadline is not None:
        records += _late(d, p.head.deadline)
    return table_of(records)


def _late(d: District, deadline: dt.date) -> list[Row]:
    return [
        {
            "workbook": workbook,
            "row": float("nan"),
            "found": f"填报日期 {date}，迟于截止日期 {deadline:%Y-%m-%d}",
            "remedy": "无须处理；以后请按期报送",
        }
        for workbook, date in zip(d.general["workbook"], d.general["date"], strict=True)
        if iso_date(date) > f"{deadline:%Y-%m-%d}"
    ]


@rule(
    "D09",
    WARNING,
    scope=Scope.REVIEW,
    bureau="waivers_given",
    message="豁免清单第 {line} 行（{about}）{found}。",
    fix="请核对后从豁免清单删去，或改正规则号、部门名称和行。",
)
def waivers_in_use(d: District, p: Policy) -> pd.DataFrame:
    """豁免清单中的每一条都应当有效，并对应本次发现的问题。
    理由：到期的豁免不再生效，用不上的豁免多是写错了部门或规则号，留着会误以为已经豁免。
    依据：区县审核要求（豁免须有理由、批准人和有效期）。
    举例：豁免有效期至 2024-06-30，而在 2024-07-15 运行。
    处理：续批、改正或删去这一条。
    局限：豁免是否应当给，由财政部门决定。
    """
    idle = d.bureau.idle_waivers
    lines = [f"{row:.0f}" for row in idle["row"]]
    return idle.assign(
        line=lines,
        workbook="",
        row=float("nan"),
        key=lines,
        about=[" ".join(filter(None, each)) for each in zip(*(idle[name] for name in _WAIVED), strict=True)],
    )


_WAIVED = ("rule_waived", "department", "label")  # which finding a line of the list waives
