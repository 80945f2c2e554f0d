"""Amounts that a report states in prose: which budget line, which column, how much, and in which sentence.

What a sentence names is for the one reader of sentences to say. An import asks for more than a comparison: there must
be one line and one column that can be meant, and whatever stands near an amount that was not understood as its part is
not understood either. Every other amount is named with its sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from evalxl.facts.passages import MONEY, NUMBER, amount
from evalxl.facts.sentences.contexts import Names
from evalxl.facts.sentences.figures import TOTALS, About, Statement
from evalxl.facts.sentences.lists import told_apart
from evalxl.facts.sentences.marks import QUOTES
from evalxl.facts.sentences.statements import by_sentence
from evalxl.facts.sentences.wordings import FINAL, INITIAL, LINE_NAME, REVISED
from evalxl.transfer.report.phrases import written_out

_AMOUNT = re.compile(
    r"(?<![\d.,，])\d[\d,，.]*\s*(?:[十百千]?[万亿]?[百千]?[美港欧日]?元|(?:亿|万)(?![元次人册平亩吨只株份件户名条台辆套个家]))"
)
_STAGE = re.compile(r"决算|实际|执行|全年(?!预算)|完成|发生|实现|使用|支付")
_BUDGET_NAMES = re.compile(
    r"一般公共预算|政府性基金预算|国有资本经营预算|预决算|预算(?:单位|执行|管理|绩效|编制|批复的?(?:文件|通知)|内|外|法|资金)"
    r"|(?:占|完成|为|比|较|与|达到)[^，。；：]{0,8}预算(?:数|安排)?[^，。；：]{0,6}?(?:相比|持平|增|减|\d[\d.]{0,9}%)"
)
_ASSUMED = re.compile(r"(?<!部门)(?<!年初)(?<!全年)预算(?:收入|支出)(?!预算)")
_BOTH = {"收支总计": ("income_grand", "expenditure_grand"), "收支总额": ("income_grand", "expenditure_grand"),
         "收支合计": ("income_total", "expenditure_total")}  # fmt: skip
_BARE = re.compile(r"(?:本年|全年|当年|年度|20\d\d年|部门|整体|总的?)(?:实际|总?共|合计|决算){0,3}(收入|支出)")
_ASIDE = re.compile(r"[（(][^（()）]*[）)]?")  # （上年为342.1万元）
_NARROW = re.compile(r"一般公共|财政拨款|基金|国有资本|机关(?!事业)|本级|下属|所属|二级单位")
_OF_APPROPRIATIONS = {
    "appropriation",
    "three_public",
    "abroad",
    "vehicle_purchase",
    "vehicle_running",
    "reception",
    "procurement",
}
_A_PART = re.compile(r"机关(?!事业)|本级")
# Of what 政府采购支出 is, only a sentence that begins with it makes clear.
_PROCUREMENT = re.compile(
    rf"^(?:20\d\d年度?)?政府采购支出(?:总额|合计|总计)?(?:共|为|是)?(?P<number>{NUMBER})(?P<unit>{MONEY})"
)
_CONTINUED = re.compile(r"^(?:其中|包括|包含|分别是)")
_COMPARED = re.compile(
    r"增加|减少|增长|下降|上升|降低|压减|节约|超出|相差|同比|相比|比(?:上|去)年|较(?:上|去)年|追加|调[增减]"
)
_PARTS = re.compile(r"其中|包括|包含|分别")
_HEADING = re.compile(
    r"^[（(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[）)、.．][^，。；\d]{2,30}[：:。]?$|^第[一二三四五六七八九十]+(?:部分|章|节).{0,30}$"
)
_LEVELS = (r"第", r"[一二三四五六七八九十]+[、.．]", r"[（(][一二三四五六七八九十]+", r"\d+[、.．]", r"[（(]\d+")
_LONGEST = 2_000  # characters; people's sentences have 300
_LONGEST_QUOTED = 200
QUOTED = 60  # characters of a sentence that is quoted among what was not filled in
_ENDED = re.compile(r"[^。！？!?\n]+")


class Stated(NamedTuple):
    """An amount a sentence states for a budget line: fen, and the fen its last printed digit stands for."""

    line: str
    column: str
    fen: float
    digit: float
    sentence: str
    assumed: bool = False  # 预算收入, which is what was received, unless somebody means the budget


class Unsure(NamedTuple):
    """Amounts of a sentence that were not taken, as written."""

    amounts: tuple[str, ...]
    sentence: str


Sentences = Sequence[tuple[str, list[Statement]]]


def sentences_of(lines: Iterable[str], names: Names) -> Sentences:
    """The sentences of a report's lines, each with what it states; in one without end nothing is understood."""
    found: list[tuple[str, list[Statement]]] = []
    parts = [part for line in lines for part in _clauses(line)]
    for endless, run in groupby(parts, lambda part: len(part) > _LONGEST):
        texts = list(run)
        found += [(text, []) for text in texts] if endless else by_sentence(written_out(texts), names)
    return found


def as_written(lines: Iterable[str]) -> dict[str, str]:
    """The sentences of a report's lines that are read in other words than they are written in, each with its own.

    Where the sentences of a line cannot be told which is which, the whole line stands for each, if it is not long.
    """
    found: dict[str, str] = {}
    for part in (part for line in lines for part in _clauses(line)):
        paragraphs = QUOTES.sub("", written_out([part])).split("\n")
        read = [each for paragraph in paragraphs for each in _ENDED.findall(told_apart(paragraph))]
        own = _ENDED.findall(part)
        whole = [part] * len(read) if len(part) <= _LONGEST_QUOTED else read
        for one, written in zip(read, own if len(own) == len(read) else whole, strict=True):
            if one.strip() != written.strip():
                found[one.strip()] = written.strip()
    return found


def stated_amounts(sentences: Sentences) -> Iterator[Stated | Unsure]:
    """What a report states about the budget of its year, and every amount that was not taken from it."""
    reading = _Reading()
    for sentence, found in sentences:
        yield from reading.of(sentence, [each for each in found if each.about is About.AMOUNT])


def _clauses(line: str) -> list[str]:
    """A line; one without an end clause by clause."""
    return [line] if len(line) <= _LONGEST else re.split(r"(?<=[；;。])", line)


class _Reading:
    """What the headings and the sentence before leave to the next one."""

    def __init__(self) -> None:
        self._headings: dict[int, str] = {}
        self._open: tuple[str, ...] = ()  # the columns that parts in the next sentence may belong to; () for any
        self._lost = False  # the amount whose parts follow was not understood

    def of(self, sentence: str, statements: list[Statement]) -> Iterator[Stated | Unsure]:
        """One sentence: the amounts taken, and the others."""
        printed = _AMOUNT.findall(sentence)
        if not printed:
            self._hear_heading(sentence)
            return
        continued = bool(_CONTINUED.match(sentence))
        sure = _Sentence(sentence, self._open if continued else (), self._budgeted(), lost=continued and self._lost)
        sure.narrow = self._narrow()
        taken = [each for statement in statements for each in sure.take(statement)]
        yield from taken
        bought = _PROCUREMENT.match(sentence.strip())
        if bought and not self._budgeted():
            number = amount(bought["number"], bought["unit"])
            yield Stated("procurement", FINAL, number.size, number.ulp, sentence.strip())
            sure.shown.append(number.shown)
        left = list(printed)
        for shown in sure.shown:
            if shown in left:
                left.remove(shown)
        if left:
            yield Unsure(tuple(left), sentence.strip())
        if sure.hear_rest() or statements:
            self._open, self._lost = sure.open, sure.missed

    def _hear_heading(self, sentence: str) -> None:
        text = sentence.strip()
        if not _HEADING.match(text):
            return
        level = next((at for at, mark in enumerate(_LEVELS) if re.match(mark, text)), len(_LEVELS))
        self._headings = {at: each for at, each in self._headings.items() if at < level} | {level: text}
        self._open, self._lost = (), False

    def _budgeted(self) -> bool:
        """Whether the innermost heading that says anything of it announces the budget, not its execution."""
        for _, text in sorted(self._headings.items(), reverse=True):
            if _STAGE.search(text) or "预决算" in text:
                return False
            if re.search(r"预算|计划|申请", _BUDGET_NAMES.sub("", text)):
                return True
        return False

    def _narrow(self) -> bool:
        """Whether the headings speak of a part of the money, or of one of several units."""
        return any(_NARROW.search(text) for text in self._headings.values())


class _Sentence:
    """One sentence, statement by statement."""

    def __init__(self, text: str, columns: tuple[str, ...], budgeted: bool, *, lost: bool) -> None:
        self._text, self._at, self._budgeted = text, 0, budgeted
        self.open, self._lost = columns, lost
        self.missed = False  # an amount that no statement was read from, other than a comparison
        self._of_a_part = False
        self.narrow = False
        self._named = ""  # the line that the last statement named, which 实际支出 goes on about
        self._subject: tuple[str, ...] = ()  # the line spoken of last
        self.shown: list[str] = []

    def take(self, statement: Statement) -> list[Stated]:
        """An amount that can only be meant for one cell; none where it might be another."""
        begin = self._text.find(statement.words, self._at)
        before = self._text[: begin if begin >= 0 else len(self._text)]
        gap = self._text[self._at : begin] if begin >= 0 else before
        self._at = begin + len(statement.words) if begin >= 0 else self._at
        self._hear(gap)
        self._hear(statement.words.removesuffix(statement.number.shown))
        words = statement.words.removesuffix(statement.number.shown)
        columns = self._columns(statement, words, before)
        mine = (
            statement.ours
            and statement.unit is None
            and statement.project is None
            and not (self._lost or self._of_a_part)
        )
        lines = next((lines for name, lines in _BOTH.items() if name in words), self._lines(statement, words))
        if statement.item:
            self._named = statement.lines[0]
        assumed = columns == ("assumed",)
        if len(columns) == 3 and _ASSUMED.search(words):
            assumed = True
            lines = ("income_total" if "收入" in words else "expenditure_total",) if not statement.item else lines
        if assumed:
            self.open = ("assumed",)
        elif columns == (FINAL,):
            self.open = ()
        elif len(columns) > 1 or columns == (INITIAL,) or columns == (REVISED,):
            self.open = tuple(dict.fromkeys((*columns, FINAL)))
        if self.narrow and not set(lines) <= _OF_APPROPRIATIONS:
            return []
        if not mine or not lines or (len(columns) > 1 and not assumed):
            return []
        self.shown.append(statement.number.shown)
        self._subject = lines
        column = FINAL if assumed else columns[0]
        number = statement.number
        return [Stated(line, column, number.size, number.ulp, self._text.strip(), assumed) for line in lines]

    def hear_rest(self) -> bool:
        """Take in what follows the last statement; whether the sentence states anything but comparisons."""
        self._hear(self._text[self._at :])
        return self.missed

    def _hear(self, words: str) -> None:
        """Parts of an amount that no statement was read from are not understood, and those of 局机关 not the whole."""
        if "；" in words or ";" in words:
            self._of_a_part, self._named = False, ""
        if LINE_NAME.search(words):
            self._named = ""
        self._of_a_part |= bool(_A_PART.search(words))
        before, *after = _PARTS.split(_ASIDE.sub("", words), maxsplit=1)
        self.missed |= any(
            _AMOUNT.search(clause) and not _COMPARED.search(clause) for clause in re.split("[，；,;]", before)
        )
        self._lost |= bool(after) and self.missed

    def _columns(self, statement: Statement, words: str, before: str) -> tuple[str, ...]:
        stages = statement.stages
        if len(stages) == 1 and stages != (FINAL,):
            return stages
        done = _STAGE.search(words) or (not statement.item and "支出" in words)
        if done and "预算" not in _BUDGET_NAMES.sub("", words):
            return (FINAL,)
        if stages != (FINAL,):
            return self.open if self.open == ("assumed",) else stages
        if self.open:
            return self.open
        return (INITIAL, REVISED, FINAL) if self._budgeted or _plans(before) else (FINAL,)

    def _lines(self, statement: Statement, words: str) -> tuple[str, ...]:
        """The line that a statement is of; none where it may be several."""
        if not statement.lines:
            return ()
        first, *others = statement.lines
        if not statement.item and first == self._named:
            return (first,)
        if first not in TOTALS or statement.item:
            return () if any(each not in TOTALS for each in others) else (first,)
        bare = _BARE.search(words)
        if bare:
            return ("income_total",) if bare[1] == "收入" else ("expenditure_total",)
        return self._subject if self._subject and set(self._subject) <= set(TOTALS) else ()


def _plans(before: str) -> bool:
    """Whether a plain 预算 leaves it open of what a sentence speaks."""
    last = max((mark.end() for mark in _STAGE.finditer(before)), default=0)
    return "预算" in _BUDGET_NAMES.sub("", before)[-len(before[last:]) :] if before[last:] else False


def settle(found: Iterable[Stated]) -> Stated | None:
    """The one amount several sentences agree on, in its finest digits; None where they contradict each other."""
    ranked = sorted(found, key=lambda each: each.digit)
    finest = ranked[0]
    agree = all(abs(each.fen - finest.fen) <= each.digit / 2 for each in ranked)
    return finest if agree else None
