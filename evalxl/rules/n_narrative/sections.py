"""Rules about the narrative (N): what it says beside what the sheets say. Copies from others are in ``copies.py``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, rows_where
from evalxl.facts.passages import (
    MONEY,
    NUMBER,
    TITLES,
    odd_numbering,
    passages,
    plain,
    sentences,
)
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, Scope, rule, table_of
from evalxl.values.folding import short
from evalxl.values.grounds import says_nothing
from evalxl.values.quantities import given


@rule("N01", ERROR, "narrative.overview", message="{found}。", fix="{remedy}。")
def sections_written(d: District, p: Policy) -> pd.DataFrame:
    """文字说明各栏都要填写；除存在的问题、改进措施外，不能写“无”。
    理由：报告的各章由这些文字组成，空白一栏报告就缺一节。空白为错误；部门概况、目标、组织、方法和实现情况写“无”的为提醒。
    依据：鹿泉区2023年度部门整体支出绩效自评报告的章节。
    举例：“存在的问题”空白。
    处理：填写；确实没有问题的，存在的问题、改进措施写“无”。
    局限：写了而与本栏无关的，看不出来。
    """
    found: list[dict[str, Any]] = []
    for field in layout.NARRATIVE.fields:
        may_be_none = field.key in _REMARKS
        remedy = "请填写这一栏" + ("；确无内容的写“无”" if may_be_none else "")
        for row in d.rows_with("narrative", field.key):
            text = row[field.key]
            if not text:
                told = {"field": field.key, "found": "没有填写", "remedy": remedy}
            elif not may_be_none and says_nothing(text):
                told = {"field": field.key, "found": f"写的是“{short(text)}”", "severity": WARNING.value}
                told["remedy"] = "这一栏每个部门都有内容可写，请如实填写"
            else:
                continue
            found.append({**row, **told})
    return table_of(found)


_REMARKS = ("problems", "measures")  # sections that one sentence may say, or 无


# What a year must stand before to be the year of the report: the report's own title, its goals, or its totals.
_WHOSE = (
    r"(?:(?:我|本|全)(?:部门|单位|局|委|办|院|区|县|市)|部门|年初|全年|年度|[\u4e00-\u9fff]{0,12}[局委办院会协联])?的?"
)
_HEADING = re.compile(
    rf"(20\d\d)年度?{_WHOSE}(?:部门)?(?:整体支出|整体绩效|整体自评|(?:总体|整体)(?:绩效)?目标|绩效自评|收支预决算)"
)
_TOTAL = re.compile(
    rf"(20\d\d)年度?{_WHOSE}(?:部门)?(?:决算)?(?:本年)?(?:总?收入|总?支出|收入和?支出|财政拨款收入|基本支出|项目支出)"
    rf"(?:合计|总计|总额|决算)?数?(?:共计|合计|共|为|是|达|[:：])*{NUMBER}{MONEY}"
)
_COMPARED = re.compile(
    r"上年|去年|往年|历年|以前年度|相比|对比|同比|比较|[较比与]$|以来|结转|参[照考]|[—~至到-]$|20\d\d年?度?[—~至到、和-]"
)
_FOLLOWED = re.compile(r"^[^，。；]{0,12}(?:结果|经验|发现|整改|反馈|相比|对比|为基数|同期)")
_NEXT = re.compile(r"下年|明年|次年|下一?步|下一年|计划|拟|将|预算|编制|纳入|安排|通知")


# What else an earlier year stands before when a text has been taken over: its goals, what the department did, its staff.
_LEFT_OVER = (
    re.compile(
        r"(?:^|(?<=[。；：\n]))(20\d\d)年度[，,]?(?:[我本全](?:部门|单位|局|委|办|院|会|校|中心))?"
        r"(?:紧紧|始终|牢牢)?(?:围绕|紧扣|聚焦|坚持以|以[^，。；]{2,20}为)[^，。；]{0,12}"
    ),
    re.compile(
        r"(?:^|(?<=[，。；：、）\n]))(20\d\d)年度?(?:[我本全](?:部门|单位|局|委|办|院|会|校|中心))?的?"
        r"(?:部门)?(?:(?:年度|总体|整体|主要|工作|预期|绩效){0,3}目标|主要工作任务|重点工作|工作任务)(?:完成情况|实现情况)?(?:[:：]|如下|为|是)"
    ),
    re.compile(
        r"(?:^|(?<=[。；：、）\n]))(?:在|截[至止])?(20\d\d)年(?:度|以?来)?[，,]?"
        r"(?:[我本全](?:部门|单位|局|委|办|院|会|校|中心)|在区|在县|在市|在[\u4e00-\u9fff]{2,8}领导下)[^。]*"
    ),
    re.compile(
        r"(?:^|(?<=[，。；：（\n]))(?:截[至止])?(20\d\d)年(?:年?[末底]|12月(?:底|末|31日))[，,]?"
        r"(?:[我本全](?:部门|单位|局|委|办|院|会|校|中心)|现|实|年末){0,2}"
        r"(?:共有|有|核定)?(?:在职|编制|实有人|在编|干部职工|资产总额|固定资产|独立核算|[内下]设)[^，。；]*"
    ),
)
_HISTORY = re.compile(
    r"[成设建]立|组建|机构改革|挂牌|更名|合并|合署|划[转入归]|整合|启动|开始|获|荣|评为|授予|以来|起[，,]|批准|批复|印发|出台|立项|开工|通过|"
    r"确定|列入|规划|三定|改制|撤销|迁|投入使用|首|创建|试点|文件|通知|跨年|续建|遗留"
)


@rule(
    "N03",
    ERROR,
    "narrative.overview",
    message="写的是“{said}”，评价年度是 {year}。",
    fix="请改正年度，并核对这一段是否沿用了往年的文字和数。",
    scope=Scope.DISTRICT,
)
def years_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """文字说明的标题和总括句中的年度，应为评价年度。
    理由：年度写错，多是沿用了往年的报告，其中的数也不可信。
    标题性的话（××年度部门整体支出、绩效自评、总体目标）和总数（××年收入合计若干万元）写成其他年度的为错误；往年的年度目标、“××年，我局……”、
    “××年末在职……”而整栏没有提到评价年度的为提醒；每栏报一次，列出所写的各年。与上年比较、年度区间、机构沿革、荣誉、
    文件名称、日期、下年计划不算，同一栏另有评价年度的同类说法也不算；次年开展自评的日期不算。改进措施一栏不核对。
    基本信息的年度填错而文字与本批年度一致的，只由 F07 报告（只有一本工作簿时看标题）。
    依据：已公开自评报告中常见的差错。
    举例：评价年度为 2023，写“2022年度部门整体支出绩效目标基本实现”“2022年本部门收入合计800万元”。
    处理：改正年度；沿用往年文字的，按本年情况重写。
    局限：没有写年度的旧文字看不出来。
    """
    years = dict(zip(d.workbooks["workbook"], d.workbooks["year"], strict=True))
    batch, alone = d.year, d.workbooks["year"].notna().sum() == 1
    titles = set(d.notes.loc[d.notes["kind"] == "title_year", "value"].astype(int)) if alone else set()
    records = []
    for each in passages(d):
        year = years.get(each.workbook, float("nan"))
        if not given(year) or each.field == "measures":
            continue
        found = list(_stated_years(TITLES.sub("", each.text), int(year)))
        wrong = [said for stated, said in found if stated not in {year, batch, *titles}]
        if wrong and len(wrong) == len(found):
            records.append(each.finding(said=short(wrong[0]), year=str(int(year))))
        elif not found:
            left = _left_over(TITLES.sub("", each.text), int(year), {batch, *titles})
            if left:
                words = {"said": "”、“".join(short(said) for said in left), "year": str(int(year))}
                records.append(each.finding(severity=WARNING.value, **words))
    return table_of(records)


def _left_over(text: str, year: int, others: set[int | None]) -> list[str]:
    """What a text that never speaks of its own year says of an earlier one, each year once."""
    if re.search(rf"{year}|本年|今年|当年", text):
        return []
    found: dict[int, str] = {}
    for sentence in sentences(text):
        for match in (match for pattern in _LEFT_OVER for match in pattern.finditer(sentence)):
            stated = int(match[1])
            honest = stated >= year or stated in others or _HISTORY.search(sentence)
            if not honest and not _COMPARED.search(sentence.replace(match[0], "")):
                found.setdefault(stated, match[0])
    return list(found.values())


def _stated_years(text: str, year: int) -> Iterator[tuple[int, str]]:
    """The years a text gives itself, with the words; the right year in any form is among them."""
    for sentence in sentences(text):
        for pattern in (_HEADING, _TOTAL):
            for match in pattern.finditer(sentence):
                stated, rest = int(match[1]), sentence[: match.start()] + "|" + sentence[match.end() :]
                compared = _COMPARED.search(sentence[: match.start()]) or _FOLLOWED.match(sentence[match.end() :])
                if stated != year and (compared or re.search(rf"本年|今年|{year}", rest)):
                    continue
                own_date = stated > year and (_NEXT.search(sentence) or not match[0].startswith(f"{stated}年度"))
                if not own_date:
                    yield stated, match[0]


_PROJECT_ONLY = re.compile(
    r"(?:^|(?<=[，。；：\n]))(?:该|本|此)(?:专项|项)(?:目|资金|经费)?[^，。；]{0,12}(?:目标|绩效|完成|实现|达到|实施)"
    r"|(?:^|(?<=[。；：\n]))(?:专项资金|专项经费|项目资金|项目)(?:年度)?(?:总体|绩效|年度)(?:绩效)?目标[^，。；]{0,10}(?:完成|实现|达到|达成)"
)
_DEPARTMENT = re.compile(
    r"部门|整体|全年|年度总体|[我全][局委办院区县市]|本(?:局|委|办|院|单位|机关|年度)|单位|各项|各个?项目|\d个项目|等项目"
)


@rule(
    "N07",
    WARNING,
    "narrative.achievement",
    message="写的是“{said}”，说的是专项资金或项目，不是部门整体。",
    fix="请对照整体绩效目标，写部门全年的完成情况；项目的情况写在“分项目标实现情况”。",
)
def conclusion_about_department(d: District, p: Policy) -> pd.DataFrame:
    """总体目标实现情况要写部门整体，不能只写某个专项资金或项目。
    理由：评价对象是部门整体支出；只写项目的，多是套用了项目自评的文字。
    通篇没有一处说到部门、整体、全年、我局等，而有“该项目”“本专项资金”“项目绩效目标”一类结论的，才提醒。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：写“该项目绩效目标已全部完成，专项资金使用规范”。
    处理：改写为部门全年总体目标的完成情况。
    局限：说到部门而内容全是项目的，看不出来。
    """
    rows = d.narrative
    said = [_PROJECT_ONLY.search(plain(text)) for text in rows["achievement"]]
    wrong = [
        match is not None and not _DEPARTMENT.search(plain(text))
        for match, text in zip(said, rows["achievement"], strict=True)
    ]
    quoted = [short(match[0]) for match, bad in zip(said, wrong, strict=True) if match is not None and bad]
    return rows_where(rows, wrong).assign(said=quoted)


_DOCUMENT = re.compile(
    r"[\u4e00-\u9fff]{1,6}(?:20\d\d[^\S\n]+\d{1,4}|(?<=[财冀石鹿府政][预绩监办发评字])20[012]\d\d{1,3})[^\S\n]*号(?![楼院线路机井渠])"
)


# 〔202〕25号: what stands in the brackets is no year; 〔2023 25号: a bracket is lost.
_BROKEN = re.compile(
    r"[\u4e00-\u9fff]{1,6}(?:[〔\[［【](?!20\d\d[〕\]］】]|19\d\d[〕\]］】])[^〕\]］】\n，。；、]{1,8}[〕\]］】]?"
    r"|(?<=[财冀石鹿府政预绩监办发评字函通委厅规])[（(](?!20\d\d[）)]|19\d\d[）)])\d{1,6}[）)]"
    r"|(?<![\d年〔\[［【（(])20\d\d[〕］】])[^\S\n]*第?\d{1,4}号(?![楼院线路机井渠馆厅])"
)


@rule(
    "N08",
    INFO,
    "narrative.overview",
    message="{found}。",
    fix="请理顺序号，把文号写完整，如财预〔2020〕10号。",
)
def numbering_in_order(d: District, p: Policy) -> pd.DataFrame:
    """同一栏文字的序号不重复、样式前后一致，文号的年份完整并带括号。
    理由：序号错乱和文号丢括号，多是拼接、粘贴的痕迹，公开时影响阅读。
    只看段首、句首的序号：紧接着重复同一个（如两个“（一）”），或“（一）”之后接“（2）”；分层编号、各层另起不算。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；本程序的取值。
    举例：“（一）……（2）……”；“财预2020 10号”；“鹿财绩〔202〕25号”。
    处理：理顺序号；文号写作财预〔2020〕10号。
    局限：内容错乱而序号整齐的看不出来。
    """
    records = []
    for field in layout.NARRATIVE.by_key:
        for workbook, row, text in zip(*(d.narrative[key] for key in ("workbook", "row", field)), strict=True):
            lost, broken = (each.search(text) if "号" in text else None for each in (_DOCUMENT, _BROKEN))
            found = f"文号“{lost[0]}”的年份没有括号" if lost else f"文号“{broken[0]}”的年份不完整" if broken else ""
            found = found or odd_numbering(plain(text))
            if found:
                records.append({"workbook": workbook, "row": row, "field": field, "found": found})
    return table_of(records)


@rule("N09", INFO, "narrative.overview", message="共 {length} 个字，{found}。", fix="请核对；{remedy}。")
def sections_of_fair_length(d: District, p: Policy) -> pd.DataFrame:
    """文字说明各栏不宜过短，也不宜过长。
    理由：过短的多是应付，过长的难以阅读和公开。
    字数不计空白；写“无、暂无”的不算过短；存在的问题、改进措施一句话可以说清，另定较少的字数（section_remark）。
    规则文件 lengths 另定了某一栏字数的，按所定的判断。
    依据：四川省项目支出绩效自评表填报要求；字数由 policy.toml 的 section_shortest、section_remark、section_longest、lengths 规定。
    举例：“自评组织”只写“按要求组织”。
    处理：写清要点；过长的，删去重复和与绩效无关的内容。
    局限：字数合适而空洞的看不出来。
    """
    usual, longest, of_a_remark = (p.value(f"section_{name}") for name in ("shortest", "longest", "remark"))
    records = []
    for each in passages(d):
        length = len(re.sub(r"\s", "", each.text))
        own = p.lengths.get(layout.NARRATIVE.by_key[each.field].header)
        least: float = of_a_remark if each.field in _REMARKS else usual
        least = own.least if own and own.least is not None else least
        most = own.most if own and own.most is not None else longest
        if length < least and not says_nothing(each.text):
            found, remedy = f"不足 {least:.0f} 字", "内容过简的，补充具体情况"
        elif length > most:
            found, remedy = f"超过 {most:.0f} 字", "删去重复和无关的内容"
        else:
            continue
        records.append(each.finding(length=str(length), found=found, remedy=remedy))
    return table_of(records)
