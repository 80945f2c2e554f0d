"""What masks a text that is published: people who are named, and numbers that reach or identify a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

# What people type one for another, under the one that is searched for; each is one character, so that places agree.
_PLAIN = str.maketrans("０１２３４５６７８９－—–−‐‑―（）：，／　\xa0", "0123456789-------():,/  ")
_GAP = "[ -]?"
_LOCAL = rf"\d{{3,4}}{_GAP}\d{{4}}"
_AREA = rf"\(?0(?:10|2\d|[3-9]\d\d)\)?(?:{_GAP})"
_NO_MEASURE = r"(?!\d|[.,]\d|[万亿元年%人个件部台次户亩吨])"  # what follows an amount, a year or a count
_AGAIN = rf"(?:[ 、/,;；或和转至]{{1,3}}{_LOCAL}{_NO_MEASURE})*"
# Of each the first group stays as it is, the digits of the rest become stars.
_IDENTITY = re.compile(r"(?<!\d)(\d{6})(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx](?!\d)")
_MOBILE = re.compile(rf"(?:(?<!\d)|(?<=\+86)|(?<=0086))(1[3-9]\d)(?:{_GAP}\d{{4}}){{2}}(?!\d|[.,]\d|[万亿元%])")
_LANDLINE = re.compile(rf"(?<!\d)({_AREA}){_LOCAL}(?!\d|[.,]\d|[万亿元%]){_AGAIN}")
_CALLED = re.compile(
    r"((?:电话|手机|联系方式|传真|热线|座机|拨打|请拨|致电|[Tt][Ee][Ll]|\*)(?:号码?)?(?:为|是)?[:：,(. ]{0,3})"
    rf"(?:{_AREA})?{_LOCAL}{_NO_MEASURE}{_AGAIN}"
)
_NUMBERS = (_IDENTITY, _MOBILE, _LANDLINE, _CALLED)
# Before a number that reaches nobody.
_CODE = re.compile(r"(?:编码|编号|代码|账号|帐号|合同号|凭证号|文号|〕)[为是: ]{0,3}$")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,4}")

# Names that are words as well, and what stands in a field for names and is none.
_WORDS = (
    "高峰 高远 高洁 高亮 高新 文明 文化 安全 安康 安宁 安静 和平 平安 方正 方圆 时光 周密 向阳 向荣 江山 江河 金融 "
    "黄河 黄金 白云 马力 石英 严明 常青 万全 万里 华夏 明亮 年华 温暖 温馨 康健 康乐 雷达 雷锋 田野 田园 易地 "
    "花园 丰收 古城 水利 关爱 管理 成功 成果 成长 同上 附后 暂无 已签 见附"
)
# No person is called 财务科, or so at length.
_OFFICE = re.compile(r".{2,20}[科室处股局部办组站所院校心会]|[\u3400-\u9fff]{5,}")
_BEFORE = r"(?:^|(?<=[\s，,、；;：:。（(“由])|(?<=[长任员人师]))"
_AFTER = r"(?=$|[\s，,、；;：:。）)”]|同志|局长|副|主任|科长|为|任|担任|牵头|负责|等)"
_SURELY = r"(?=同志|局长|主任|科长|担任|牵头|负责)"

_BRACKETED = re.compile(r"[(（][^()（）]{0,40}[)）]?")
_APART = re.compile(r"[、，,;；/\n]+")
_NO_NAME = re.compile(r"[\d*+()（）:：\-—－]+")
_DUTY = re.compile(
    r"(?:副?(?:局长|主任|科长|股长|处长|部长|院长|校长|馆长|所长|站长|书记|主席)|会计|出纳|同志|老师|先生|女士)$"
)
_HAN = re.compile(r"[\u3400-\u9fff]")


def names_in(text: str) -> list[str]:
    """The people whom a field for people names: without duty, number and the blank in 张　三."""
    found = []
    for part in _APART.split(_BRACKETED.sub(" ", text)):
        pieces = _NO_NAME.sub(" ", part).split()
        if all(len(piece) == 1 for piece in pieces):
            pieces = ["".join(pieces)]
        for piece in pieces:
            name = _DUTY.sub("", piece) if len(piece) > 3 else piece
            found += [name] if name else []
    return list(dict.fromkeys(found))


def mask_name(text: str) -> str:
    """People with only the first character of each name: 张三丰、李四 is 张**、李*."""
    return "、".join(name[0] + "*" * (len(name) - 1) if len(name) > 1 else "*" for name in names_in(text))


def mask_numbers(text: str) -> str:
    """A text without numbers that reach or identify a person; amounts, years, counts and codes stay."""
    if "@" in text:
        text = _MAIL.sub("***", text)
    for pattern in _NUMBERS:
        text = _stars(text, pattern)
    return text


def _stars(text: str, pattern: re.Pattern[str], *, known: bool = False) -> str:
    plain, characters = text.translate(_PLAIN), list(text)
    for found in pattern.finditer(plain):
        if known or not _CODE.search(plain[max(found.start() - 8, 0) : found.start()]):
            for at in range(found.end(1), found.end()):
                characters[at] = "*" if plain[at] in "0123456789Xx" else characters[at]
    return "".join(characters)


def digits_in(text: str) -> list[str]:
    """The telephone numbers in a field for them, without their area code."""
    runs = re.findall(r"\d+", re.sub(r"(?<=\d{3})[ -](?=\d{4}(?!\d))", "", text.translate(_PLAIN)))
    return [re.sub(r"^0(?:10|2\d|[3-9]\d\d)(?=\d{7})", "", run) for run in runs if len(run) >= 7]


class Filed(NamedTuple):
    """What a workbook files in its fields for people and for numbers, and what it calls itself."""

    people: Collection[str]
    numbers: Collection[str]
    own: str


def mask_of(filed: Filed, hidden: Callable[[str], str]) -> Callable[[str], str]:
    """What masks the texts of a workbook; ``hidden`` takes out of them what nobody may know."""
    names = sorted({name for name in filed.people if len(name) > 1}, key=lambda name: (-len(name), name))
    named = re.compile("|".join(_person(name, filed.own) for name in names) or "(?!)")
    # A number that is known is one wherever it stands, beside an amount's unit too.
    reached = re.compile(
        "()(?:" + ("|".join(rf"(?<!\d){_GAP.join(each)}(?!\d)" for each in filed.numbers) or "(?!)") + ")"
    )

    def mask(text: str) -> str:
        return mask_numbers(_stars(named.sub(lambda found: mask_name(found[0]), hidden(text)), reached, known=True))

    return mask


def _person(name: str, own: str) -> str:
    """The pattern of a name: one that is a word or part of an own name counts only where a person's may stand."""
    if not _HAN.search(name):
        return rf"\b{re.escape(name)}\b"
    spaced = r"[ \u3000]{0,4}".join(map(re.escape, name))
    if name in _WORDS or name in own or _OFFICE.fullmatch(name):
        return f"{_BEFORE}{spaced}{_AFTER}|{spaced}{_SURELY}"
    return spaced
