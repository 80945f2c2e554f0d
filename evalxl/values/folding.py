"""Folding of text before it is compared: what people type differently but mean alike."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from evalxl.values.recall import remembered

# Every Unicode blank, plus the zero-width and soft characters that copies from Word and web pages carry.
_BLANKS = re.compile(r"[\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u205f-\u2064\ufeff]+")
# Also what breaks a line or turns its direction unseen: a text must not pose as another on a terminal or in a cell.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
    r"|_x[0-9A-Fa-f]{4}_"
)
_BRACKETS = str.maketrans("〔〕[]【】〈〉{}－—–−‐", "()()()()()-----")

# Marks that people type one for another, under the one they are compared as, beside those that NFKC makes alike.
_ALIKE = {
    "(": "〔[【〖〘〚{❨❪❲❴⦅",
    ")": "〕]】〗〙〛}❩❫❳❵⦆",
    "《": "〈⟨⟪❬❮❰«‹<",
    "》": "〉⟩⟫❭❯❱»›>",
    ".": "·・•‧∙⋅●⸱⸳",
    "-": "—–−‐‒―⁃─━⸺⸻~∼〜⁓ー",
    ":": "∶꞉",
    "〇": "○◯",
}
# Quotation marks say nothing, nor do characters that nobody sees (those of _BLANKS are no letters to begin with).
_SAYS_NOTHING = "\"'`“”„‟‘’‚‛′‵‶ʹʼˊˋ「」『』〝〞〟❛❜❝❞" + "".join(
    map(chr, [0x0301, 0x034F, 0x115F, 0x1160, 0x2800, *range(0xFE00, 0xFE10)])  # the first is what NFKC leaves of ´
)
# Fonts and PDF files put a radical for the character that it looks like. NFKC resolves those of Kangxi (U+2F00) and
# the compatibility ideographs, but of those from U+2E80 on only two: here is what Unicode says the others equal.
_RADICALS = dict(
    zip(
        [*range(0x2E81, 0x2E9A), *range(0x2E9B, 0x2E9F), *range(0x2EA0, 0x2EF3)],
        "厂乛乚乙亻冂𠘨刀刂卜㔾小小兀尣尢𡯂巳幺彑𫜹忄心扌攵旡日月歺民氵氺灬爫爫丬牛犭王𤴔目示礻𥫗糹纟罓罒㓁冗𦉫羊𦍌𦍋耂肀聿肉"
        "𦥑艹艹艹虎衤覀西见角𧢲讠贝𧾷车辶辶辶邑钅長镸长门𨸏阝雨青韦页风飞食𩙿飠饣𩠐马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀",
        strict=True,
    )
)
_SPELLING = (
    {ord(mark): plain for plain, marks in _ALIKE.items() for mark in marks}
    | dict.fromkeys(map(ord, _SAYS_NOTHING), "")
    | _RADICALS
)
_DASHES = re.compile("-{2,}")
# In a label 《》 are but brackets, and the star of a required field does not count. The other characters are those
# that the forms' labels are made of, in their traditional form.
_LABELLED = str.maketrans(
    "《》專個業務萬價餘體單縣號後員國執護報撥級組經結給績維編繳職聯繫營補彌評話說説調負責財質購採費車轉運過進門問際頁項預題額計總應標權類稱簽"
    "實對屬數來決況劃辦區備獨現電碼關",
    "()专个业务万价余体单县号后员国执护报拨级组经结给绩维编缴职联系营补弥评话说说调负责财质购采费车转运过进门问际页项预题额计总应标权类称签"
    "实对属数来决况划办区备独现电码关",
    "*★☆※",
)

# 一、 （一） 1. (1) ① at the head of a label; a bare numeral is kept, for 三公经费 begins with one.
_NUMBERING = re.compile(r"^(?:\((?:[一二三四五六七八九十]+|\d+)\)|(?:[一二三四五六七八九十]+|\d+)[、.])")
_LEAD = re.compile(r"^(?:其中:?|减:|加:)")
_UNIT = re.compile(r"\((?:单位:)?(?:亿元|万元|元|%|分|人|个|年)\)$")
# Codes that systems export before a name: 205001-, （205001）, [205001], 205001 with a blank or nothing behind it.
_CODE = re.compile(r"^(?:\(?\d{3,}\)?[-_.:]+|\(\d{3,}\)|\d{6,}(?=[\u4e00-\u9fff]))")
_PROJECT_CODE = re.compile(
    r"^(?:[a-z]?\d[0-9a-z]{5,29}[-_.:]|\([a-z]?\d[0-9a-z]{5,29}\)|[a-z]?\d[0-9a-z]{9,29}(?=[\u4e00-\u9fff]))[-_.:]*"
)
_LEVEL = re.compile(r"\((?:本级|汇总|本部|机关)\)$")


def _is_plain(text: str) -> bool:
    """Whether a text has neither control characters nor any blank but " ", as nine in ten have not.

    What str.isprintable says of it, the tests hold against every character there is.
    """
    return text.isprintable() and "_x" not in text


def clean(text: str) -> str:
    """Text as it may be shown: no control characters, no blanks at the ends, single line breaks."""
    if _is_plain(text):
        return unicodedata.normalize("NFC", text).strip(" ")
    text = _CONTROL.sub("", unicodedata.normalize("NFC", text))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip(" \t\n\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff")


def cleaned(texts: list[str]) -> list[str]:
    """Each of some texts as ``clean`` gives it; asked of all at once, as in most columns there is nothing to clean."""
    whole = "|".join(texts)
    if not (_is_plain(whole) and unicodedata.is_normalized("NFC", whole)):
        return [clean(text) for text in texts]
    if " |" in whole or "| " in whole or whole[:1] == " " or whole[-1:] == " ":
        return [text.strip(" ") for text in texts]
    return texts


def plain(text: str) -> str:
    """Text in plain characters, as figures are read from it: widths, brackets, dashes, case and blanks do not count."""
    return _narrow(text).translate(_BRACKETS).casefold()


@remembered(longest=100, most=16_384)  # twice the names that a chunk holds; each is asked for three times
def fold(text: str) -> str:
    """Text as it is compared: nor do quotation marks, nor which of like marks or characters was typed."""
    folded = _narrow(text).translate(_SPELLING).casefold()
    return _DASHES.sub("-", folded) if "--" in folded else folded


def _narrow(text: str) -> str:
    if _is_plain(text):
        return unicodedata.normalize("NFKC", text).replace(" ", "")
    return _BLANKS.sub("", unicodedata.normalize("NFKC", _CONTROL.sub("", text)))


@lru_cache(maxsize=4096)  # the same few hundred labels come back in every workbook
def label_key(text: str) -> str:
    """A header, row label or sheet name without its decoration: 其中：, 一、, （万元）, * and colons."""
    from evalxl.values.money_units import without_unit  # ten milliseconds, which no help text needs

    key = fold(without_unit(text)).translate(_LABELLED)
    key = _LEAD.sub("", _NUMBERING.sub("", key))
    return _UNIT.sub("", key.rstrip(":")).rstrip(":")


def name_key(text: str) -> str:
    """A unit, project or person name for comparison: without leading code and level mark such as （本级）."""
    return _LEVEL.sub("", _CODE.sub("", fold(text)))


def without_code(key: str) -> str:
    """A project's folded name without the code that a system exports before it: 13012120230001-政协会议费."""
    return _PROJECT_CODE.sub("", key) or key


def short(text: str, most: int = 40) -> str:
    """A sender's text as a message quotes it: on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[:most] + "…"
