"""Rules about one section that says what another says (N15)."""

from __future__ import annotations

import re

import pandas as pd

from evalxl.district.tables import District
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import fold
from evalxl.values.grounds import says_nothing

# A section, the one whose words it must not be, and what is then wrong.
_PAIRS = (
    ("measures", "problems", "与存在的问题一字不差", "请针对每个问题写出具体措施"),
    ("achievement", "goals", "照抄整体绩效目标，没有写完成情况", "请对照目标写全年实际完成的情况"),
    ("details", "goals", "照抄整体绩效目标，没有写完成情况", "请对照目标逐项写实际完成的情况"),
    ("details", "achievement", "与总体目标实现情况一字不差", "请逐项写各分项目标的完成情况"),
)
_LEAST = 12  # characters; shorter words are the same by chance
_MARKS = re.compile(r"\W+")


@rule("N15", WARNING, "narrative.measures", message="{found}。", fix="{remedy}。")
def sections_of_their_own(d: District, p: Policy) -> pd.DataFrame:
    """改进措施不能照抄存在的问题，实现情况不能照抄绩效目标。
    理由：照抄等于没有写：问题没有措施，目标没有结果。
    两栏不计标点、空格完全相同的，或者目标原文占了实现情况九成以上的，才提醒；两栏都写“无”的不算，不足 12 个字的不比较。
    与其他部门、与上年雷同的见规则 N06，目标与总体实现情况一字不差的见规则 I20；项目的偏差原因与改进措施相同的，同样提醒。
    依据：已公开自评报告中常见的差错；本程序的取值。
    举例：存在的问题和改进措施两栏都写“部分项目前期准备不足，执行进度偏慢”。
    处理：分别重写。只比较一字不差的，改动几个字的由审核人判断。
    局限：改写过的照抄看不出来。
    """
    records = []
    for row in (row for rows in d.by_workbook("narrative").values() for row in rows):
        for field, source, found, remedy in _PAIRS:
            told_elsewhere = field == "achievement" and fold(row[field]) == fold(row[source])  # by I20
            if not told_elsewhere and _is_copy(row[field], row[source]):
                words = {"field": field, "found": found, "remedy": remedy}
                records.append({"workbook": row["workbook"], "row": row["row"], **words})
                break
    for row in (row for rows in d.by_workbook("projects").values() for row in rows):
        if _is_copy(row["measure"], row["cause"], whole=True):
            named = {"sheet": "projects", "field": "measure", "key": row["key"], "name": row["name"]}
            copied = {"found": "与偏差原因一字不差", "remedy": "请针对偏差原因写出具体措施"}
            records.append({"workbook": row["workbook"], "row": row["row"], **named, **copied})
    return table_of(records)


def _is_copy(text: str, source: str, *, whole: bool = False) -> bool:
    """Whether a text is another, word for word, or hardly more than it."""
    if says_nothing(source):
        return False
    copied, of = (_MARKS.sub("", fold(each)) for each in (text, source))
    return len(of) >= _LEAST and (copied == of or (not whole and of in copied and len(of) >= 0.9 * len(copied)))
