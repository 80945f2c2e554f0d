"""Amounts that a report states in prose: which budget line, which column, how much, and in which sentence.

A number counts only where the words right before it name a budget line and nothing else: 财政拨款基本支出 is not
基本支出, what the year before had or what grew by so much is not this year's. What is near but not certain is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from evalxl.layout import BUDGET
from evalxl.values.kinds import Kind
from evalxl.values.quantities import FEN_PER, given, read_number

_LONGEST = 2000  # characters; people's sentences have 300
_SENTENCE = re.compile(r"(?<=。)|\n")
_DIGITS = str.maketrans("０１２３４５６７８９．％－", "0123456789.%-")
_AMOUNT = r"(?<![\d.,，])[-−]?\d[\d,，.]*\s*(?:亿元|亿|万元|万|元)"
_NIL = r"(?:0+(?:\.0+)?|零)(?:万元|元)?(?![\d.%个项次家年月日分人])"
_NUMBER = re.compile(rf"(?P<amount>{_AMOUNT})|(?<![\d.])(?P<nil>{_NIL})")
_PARTED = re.compile(rf"([^，。；：,;:]{{0,100}}?)分别(?:为|是|达到|达)?((?:{_AMOUNT}[、，,和及与]?)+)")
_ALL_NIL = re.compile(r"([^，。；：,;:]{0,100}?)(?:均|都)(?:为|是)\s*(?:0+(?:\.0+)?|零)(?:万元|元)?")
_NONE = re.compile(r"(?:没有|未发生|未安排|未(?=使用)|无)([^，。；,;（）()]*)")
_DELIMITER = re.compile(r"[，。；：,;:（()）\n]")
_LISTED = re.compile(r"[、和及与]")

_EACH = re.compile(r"(?:均|都|各)(?:为|是|达)?\s*$")
_TOGETHER = re.compile(r"(?:均|都|各|共计|合计|总计|共)?(?:为|是|达)?\s*$")
_LINK = re.compile(r"(?:为|是|达到|达|共计|共|约|人民币|=|＝|\s)+$")
_ONLY = re.compile(r"^(?:收入|支出)?(?:为|是|达到|达|共|约|:|：|\s)*$")
_SPENT = re.compile(r"支出$")
_SUM_WORD = re.compile(r"(?:合计|总计|总额|金额|数额|数)$")
_NEUTRAL = re.compile(
    r"(?:其中|全年|当年|我(?:局|委|办|院|会|部门|部|中心|单位|县|区|市)|本(?:局|委|办|院|会|部门|部|中心|单位|级|年度|年)|"
    r"部门整体|整体|部门|单位|年度|(?:19|20)\d\d年度?|实际|实现|取得|完成|总的|的|[一二三四五六七八九]是|\d{1,2}[.、]|[①-⑨])"
)
_COLUMNS = (
    ("initial", re.compile(r"年初(?:部门)?预算(?:数|批复)?|年初批复(?:数)?")),
    ("revised", re.compile(r"全年预算(?:数)?|调整后?(?:的)?预算(?:数)?|预算调整(?:数)?")),
    ("final", re.compile(r"决算(?:数)?|全年执行(?:数)?|实际(?:支出|执行)")),
)
_BUDGET_NAMES = re.compile(r"一般公共预算|政府性基金预算|国有资本经营预算|预决算|预算(?:单位|执行|管理|绩效|编制|批复)")
_COMPARED = re.compile(
    r"增加|减少|增长|下降|上升|降低|压减|节约|超出|相差|较|同比|相比|比(?:上年|去年|年初|预算)|与(?:上年|去年)|占"
)
_YEAR = re.compile(r"((?:19|20)\d\d)\s*年|(上年|去年|上一年|下年|明年)(?!度?结转|度?结余)")
# Short names say too much in prose: 其他, 事业, 公务接待 are projects and reasons as often as budget lines.
_LEAST_NAME = 4
_IN_PROSE = {"因公出国（境）经费": "abroad"}
_TOO_COMMON = {"公务接待", "指标名称", "公务用车购置", "公务用车运行费"}
_PAIRED = {"收支总计": ("income_grand", "expenditure_grand"), "收支合计": ("income_total", "expenditure_total")}


class Stated(NamedTuple):
    """An amount a sentence states for a budget line: fen, and the fen its last printed digit stands for."""

    line: str
    column: str
    fen: float
    digit: float
    sentence: str


class Unsure(NamedTuple):
    """An amount that may belong to a budget line, and why that is not certain."""

    line: str
    text: str
    sentence: str


def _names() -> dict[str, str]:
    names = dict(_IN_PROSE)
    for line in BUDGET.lines:
        for name in (line.label.removeprefix("其中："), *line.aliases):
            plain = _plain(name)
            if len(plain) >= _LEAST_NAME and plain not in _TOO_COMMON:
                names[plain] = line.key
    return names


def _plain(text: str) -> str:
    return _joined(re.sub(r"[“”\"'‘’\s]", "", text).replace("(", "（").replace(")", "）"))


def _joined(text: str) -> str:
    """Names without the 和 they contain, which would part them in a list."""
    return text.replace("结转和结余", "结转结余").replace("结余和专用结余", "结余专用结余")


_NAMES = _names()
_BY_LENGTH = sorted(_NAMES, key=len, reverse=True)


def stated_amounts(lines: Iterable[str], year: int | None, department: str = "") -> Iterator[Stated | Unsure]:
    """What the lines of a report state about the budget in one year."""
    for line in lines:
        for sentence in _sentences(line):
            if sentence.strip() and len(sentence) <= _LONGEST:
                yield from _Sentence(sentence, year, department).amounts()


def _sentences(line: str) -> Iterator[str]:
    """A line's sentences; one without end is taken clause by clause."""
    for sentence in _SENTENCE.split(line):
        yield from [sentence] if len(sentence) <= _LONGEST else re.split(r"[；;]", sentence)


def _prepared(text: str) -> str:
    """Digits in one width, and names that contain a bracket or a list mark made whole."""
    text = _joined(text.translate(_DIGITS)).replace("(境)", "境").replace("（境）", "境")
    return re.sub(r"收(?:入)?[、和]支(?:出)?(总计|合计)", r"收支\1", text)


class _Sentence:
    """One sentence; what is understood is struck out of it, so that no number is read twice."""

    def __init__(self, text: str, year: int | None, department: str) -> None:
        self._text, self._year, self._department = _prepared(text), year, department
        self._shown = text.strip()
        self._subject = ""  # the line spoken of last: …，决算数650万元 goes on about it

    def amounts(self) -> Iterator[Stated | Unsure]:
        yield from self._parted()
        yield from self._nil()
        end = 0
        for number in _NUMBER.finditer(self._text):
            clause = _DELIMITER.split(self._text[end : number.start()])[-1]
            end = number.end()
            names = _list(clause)
            if len(names) > 1 and all(_whole(name) for name in names[:-1]):
                yield from self._shared(names, number[0], number.start())
            else:
                yield from self._judge(names[-1] if names else "", number[0], number.start())

    def _shared(self, names: list[str], amount: str, at: int) -> Iterator[Stated | Unsure]:
        """收入总计、支出总计均为980万元 is each; 经营支出、其他支出共5万元 is not told apart, unless it is nil."""
        each = _EACH.search(names[-1])
        names[-1] = _TOGETHER.sub("", names[-1])
        for name in names:
            for found in self._judge(name, amount, at):
                known = each or _fen(amount)[0] == 0
                yield found if known else Unsure(found.line, f"{name}等{amount}", self._shown)

    def _parted(self) -> Iterator[Stated | Unsure]:
        """基本支出、项目支出分别为753.83万元、105.33万元"""
        for match in list(_PARTED.finditer(self._text)):
            names, amounts = _list(match[1]), re.findall(_AMOUNT, match[2])
            if len(names) == len(amounts) > 1:
                for name, amount in zip(names, amounts, strict=True):
                    yield from self._judge(name, amount, match.start())
                self._strike(match)

    def _nil(self) -> Iterator[Stated]:
        """没有事业收入、其他收入 · 经营支出、其他支出均为0"""
        for pattern in (_ALL_NIL, _NONE):
            for match in list(pattern.finditer(self._text)):
                lines = [_match(name, self._department) for name in _list(match[1])]
                named = [each for each in lines if each is not None and not each.rest]
                if not named or len(named) < len(lines):
                    continue
                context = _Context(self._text[: match.start()], self._year)
                for each in named if context.current else ():
                    yield Stated(each.line, each.column or context.column or "final", 0.0, 1.0, self._shown)
                self._strike(match)

    def _strike(self, match: re.Match[str]) -> None:
        self._text = self._text[: match.start()] + "；" * len(match[0]) + self._text[match.end() :]

    def _judge(self, name: str, amount: str, at: int) -> Iterator[Stated | Unsure]:
        context = _Context(self._text[:at], self._year)
        if context.compared or not context.current:
            return
        fen, digit = _fen(amount)
        pair = next((lines for words, lines in _PAIRED.items() if words in name), ())
        for line in pair if given(fen) else ():
            yield Stated(line, context.column or "final", fen, digit, self._shown)
        named = None if pair else self._named(name)
        if named is None:
            return
        self._subject = named.line
        if not given(fen) or named.rest or not (named.column or context.certain):
            yield Unsure(named.line, f"{name.strip()}{amount}", self._shown)
        else:
            yield Stated(named.line, named.column or context.column or "final", fen, digit, self._shown)

    def _named(self, name: str) -> _Named | None:
        column = next((key for key, pattern in _COLUMNS if _ONLY.sub("", pattern.sub("", name)) == ""), "")
        if self._subject and column and any(pattern.search(name) for _, pattern in _COLUMNS):
            return _Named(self._subject, column, "")
        return _match(name, self._department)


def _list(text: str) -> list[str]:
    return [name for name in _LISTED.split(text) if name.strip()]


class _Context:
    """What a sentence has said before a number: of which year it speaks, and of which column."""

    def __init__(self, before: str, year: int | None) -> None:
        clauses = [clause for clause in re.split(r"[，；,;]", before) if not _COMPARED.search(clause)]
        plain = "，".join(clauses)
        years = list(_YEAR.finditer(plain))
        last = years[-1] if years else None
        self.current = last is None or (bool(last[1]) and (year is None or int(last[1]) == year))
        self.column, self.certain = _column(plain)
        self.compared = bool(_COMPARED.search(re.split(r"[，；,;（(]", before)[-1]))


def _column(text: str) -> tuple[str, bool]:
    """The column the last such word names, and whether a plain 预算 leaves it open."""
    found = [(match.end(), key) for key, pattern in _COLUMNS for match in pattern.finditer(text)]
    end, key = max(found, default=(0, ""))
    return key, "预算" not in _BUDGET_NAMES.sub("", text[end:])


def _whole(name: str) -> bool:
    """Whether a text is the name of a budget line and nothing else."""
    found = _match(name, "")
    return found is not None and not found.rest


class _Named(NamedTuple):
    line: str
    column: str
    rest: str  # words before the name that may change its meaning


def _match(text: str, department: str) -> _Named | None:
    """The budget line that the end of a text names, with what stands before it."""
    label = _LINK.sub("", _plain(text)).replace("国境", "国（境）")
    column, stem = "", label
    for key, pattern in _COLUMNS:
        if pattern.search(label):
            column, stem = key, _LINK.sub("", pattern.sub("", label))
            break
    for candidate in (label, _SUM_WORD.sub("", label), stem, _SUM_WORD.sub("", stem), _SPENT.sub("", stem)):
        name = next((name for name in _BY_LENGTH if candidate.endswith(name)), "")
        if name:
            before = candidate.removesuffix(name).replace(department or "\0", "")
            for _, pattern in _COLUMNS:
                before = pattern.sub("", before)
            return _Named(_NAMES[name], column, _NEUTRAL.sub("", before))
    return None


def _fen(amount: str) -> tuple[float, float]:
    """An amount in fen and what its last digit stands for."""
    text = amount.replace("，", ",").replace("−", "-").replace(" ", "")
    if re.fullmatch(_NIL, text):
        return 0.0, 1.0
    unit = next(unit for unit in FEN_PER if text.endswith(unit))
    _, _, decimals = text.removesuffix(unit).partition(".")
    return read_number(text, Kind.AMOUNT).value, float(Decimal(FEN_PER[unit]).scaleb(-len(decimals)))


def settle(found: Iterable[Stated]) -> Stated | None:
    """The one amount several sentences agree on, in its finest digits; None where they contradict each other."""
    ranked = sorted(found, key=lambda each: each.digit)
    finest = ranked[0]
    agree = all(abs(each.fen - finest.fen) <= each.digit / 2 for each in ranked)
    return finest if agree else None
