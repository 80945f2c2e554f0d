"""The rule about what the template or a draft has left behind in a text (F08)."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.tables import District, each_once, rows_of, rows_where
from evalxl.policy.policy import Policy
from evalxl.rules.rule import WARNING, rule, table_of
from evalxl.values.folding import fold, short
from evalxl.values.kinds import Kind

# Each alternative is a sign of something not filled in. What stands around it keeps innocent texts out: 2×3, R&D,
# XXL, 请各科室填写, 王某某, 138****0000.
_LEFT = re.compile(
    r"(?<![0-9A-Za-zＡ-Ｚ０-９])[×✕╳]{2,}(?![0-9A-Za-z])"
    r"|(?<![0-9A-Za-zＡ-Ｚ０-９-])[XxＸｘ]{2,}(?![0-9A-Za-zＡ-Ｚ０-９]|世纪|型|-\d)"
    r"|(?<=20)[×XxＸ＊*]{1,2}(?=年)"
    r"|(?<![0-9A-Za-z×])[×XＸ]年[×XＸ]+月"
    r"|(?<![\d*＊])[*＊]{3,}(?=[局委办院部科处股室站所中县区市镇乡村街公单项资年月日元万人次])"
    r"|某某(?:局|部门|单位|区|县)(?!长)"
    r"|[_＿]{3,}"
    r"|[（(\[【<《](?:请|此处|在此|请在此)(?:如实|据实|简要)?(?:填写|填报|填入|输入|选择|插入)[^）)\]】>》]*[）)\]】>》]"
    r"|(?:增加|增长|上升|提高|增幅)[（(/／](?:减少|下降|降低|降幅)[）)]?"
    r"|(?:高于|超过)[（(/／]低于[）)]?"
    r"|[（(\[【〔](?:请|字数|原则上|一般|篇幅|应|须|限|约|不?(?:得|要|宜)?(?:超过|少于|多于|低于|大于|小于)|控制在|在|为|[\s:：，,])*+"
    r"\d{2,5}+(?:\s?[-—–~～至到]\s?\d{2,5}+)?\s?个?汉?字(?:符|以内|之内|以上|以下|左右|内|为宜|即可|[\s，。,])*+[）)\]】〕]"
    r"|[（(\[【〔](?:可另?[附加续]页|此[栏项处](?:[必选]填|不填)|[必选]填项?|请?简[要明](?:说明|描述|介绍|概述|阐述|填写)"
    r"[^）)\]】〕:：]{0,20})[）)\]】〕]"
    r"|□是[\s、，]*□否"
    r"|£(?=[\u4e00-\u9fff])"
)
_WHOLE = re.compile(
    r"(?:请|此处|在此|请在此|此栏|本栏)(?:如实|据实|简要|逐项)?(?:填写|填报|填入|输入|选择|选填)[^。；]{0,40}[。…]*"
    r"|填写[^，。；的]{0,10}[…。.]*"
    r"|[*＊×✕]{2,}"
    r"|.{0,50}?\d{2,5}字(?:以内|之内|以上|左右)[。…]*"
    r"|R(?:是|否|有|无|新增|延续|经常性|一次性|常年性|阶段性)(?:项目)?(?:\W.*)?"
    r"|(?:示例|样例|样表|范例)(?:[:：].*)?|(?:.*[（(])(?:示例|样例|样表|范例)[）)]"
)
_WORTH_A_LOOK = re.compile(
    r"[×✕╳XxＸｘ*＊_＿£R□]|某某|填|选择|插入|输入|示例|样例|样表|范例|[（(/／][减下降低]|\d\s*个?汉?字|[附加续]页|简[要明]"
)
_SKIPPED = {"general.phone"}  # a masked number such as 138****0000 is meant so
_TEXTS = [
    (sheet, field)
    for sheet in layout.DATA_SHEETS
    for field in sheet.fields
    if field.kind is Kind.TEXT and field.key not in ("index", "line") and f"{sheet.key}.{field.key}" not in _SKIPPED
]


def _left(text: str) -> str:
    """What has been left in a text, as a message quotes it; '' when nothing has."""
    if not _WORTH_A_LOOK.search(text):
        return ""
    if _WHOLE.fullmatch(text.strip()):
        return short(text)
    return "”、“".join(dict.fromkeys(match[0] for match in _LEFT.finditer(text)))


def _left_in(texts: list[str], hint: str) -> list[str]:
    """The same of a column, with the template's own hint where it stands alone or first; nothing, when nothing is left.

    All texts are searched at once; of prose only as much is folded as the hint is long.
    """
    distinct = set(texts)
    hints = {text: _hint_in(text, hint) for text in distinct if len(text) > len(hint) - _SLACK} if hint else {}
    if not any(hints.values()) and not _WORTH_A_LOOK.search("\n".join(distinct)):
        return []
    return [hints.get(text) or left for text, left in zip(texts, each_once(_left, texts), strict=True)]


_SLACK = 9  # characters by which a text may be longer or shorter than the hint that it is
_LEAST_HINT = 8  # characters; a shorter one (如：次、人、%。) may begin an honest text


def _hint_in(text: str, hint: str) -> str:
    """The template's hint at the beginning of a text, as a message quotes it; '' where it is not left."""
    head = text[: len(hint) + _SLACK]
    folded = fold(head)
    if len(text) == len(head) and folded.rstrip("。") == hint.rstrip("。"):
        return short(text)
    return short(head[: len(hint)]) if len(hint) >= _LEAST_HINT and folded.startswith(hint) else ""


@rule("F08", WARNING, message="还留有没有填写的内容：“{left}”。", fix="请改为实际内容；没有内容的清空或写“无”。")
def nothing_left_to_fill_in(d: District, p: Policy) -> pd.DataFrame:
    """文字中不得留有模板的占位、提示语和未作选择的选项。
    理由：占位未改，说明这一处没有填写，或者是套用了别处的文稿。
    依据：已公开自评报告中常见的差错。
    举例：“××局”“20XX年”“***”“（请填写主要职责）”“（100字以内）”“比上年增加（减少）”“£是 R否”；原样留下的填报说明，或在说明后面接着写的。
    选项栏目（如评价等级）填“请选择”的，由该栏目的规则报告，不重复提醒；打了星号的电话号码、“2×3”“R&D”不算。
    处理：改为实际内容；没有内容的清空或写“无”。
    局限：改写过的提示语、泛泛的套话看不出来。
    """
    found: list[dict[str, Any]] = []
    for sheet, field in _TEXTS:
        table = d.table(sheet.key)
        left = _left_in(table[field.key].tolist(), fold(field.hint))
        if any(left):
            rows = rows_where(table, map(bool, left)).assign(left=[each for each in left if each])
            found += rows_of(rows.assign(sheet=sheet.key, field=field.key))
    return table_of(found)
