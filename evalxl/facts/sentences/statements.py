"""One reader of sentences: what a text states, of what, for which year and column, as typed values with the words.

It needs a text and the names that are known, no tables and no rules. A number is read where the words before it name a
figure and nothing else (``wordings``) and the sentence does not speak of somebody else or of another time; whatever is
not surely understood is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy

from evalxl.facts.passages import Amount, amount, places, value, whole
from evalxl.facts.sentences import wordings
from evalxl.facts.sentences.absences import NOTHING, absence
from evalxl.facts.sentences.contexts import FIGURE, PARTS, WHOLE, Context, Names
from evalxl.facts.sentences.figures import TOTALS, About, Statement
from evalxl.facts.sentences.lists import is_listed, told_apart
from evalxl.facts.sentences.marks import QUOTES, marked
from evalxl.facts.sentences.wordings import FINAL, INITIAL, REVISED, Head, head_of, lines_of

_SENTENCE = re.compile(r"[^。！？!?]+")
_DELIMITER = re.compile(r"[，,、；;：:（）()]")
_INEXACT = re.compile(r"[左右余多以\-—~至到/]|[（(]不?含|以[上下内]|及以|之[间内]")

# 内设14个科室、9个派出所: parts of the department that nobody counts. 2019年组建: no year that figures are of.
_WITHIN = re.compile(r"内设(?:机构)?(?:有|为)?[^，。；;：:（）()\n]{0,60}")
_FOUNDED = re.compile(
    r"(?:19|20)\d\d年(?:\d{1,2}月)?(?:\d{1,2}日)?(?=[^，。；;\d]{0,8}(?:组建|成立|设立|挂牌|创建|建成|更名|划转|建局))"
)


def read(text: str, names: Names) -> list[Statement]:
    """What a plain text states, in its order."""
    return [each for _, found in by_sentence(text, names) for each in found]


def by_sentence(text: str, names: Names) -> Iterator[tuple[str, list[Statement]]]:
    """The sentences of a plain text, lists told apart, each with what it states in its order."""
    clean, shown = marked(QUOTES.sub("", text), names)
    context = Context(names)
    for paragraph in clean.split("\n"):
        context.paragraph()
        for sentence in _SENTENCE.findall(told_apart(paragraph)):
            context.begin()
            clear = _FOUNDED.sub("", _WITHIN.sub("", sentence))
            found = [] if context.heading(sentence) else list(_Sentence(clear, context).statements())
            yield (
                sentence.translate(shown),
                [each._replace(words=each.words.translate(shown), ours=each.year == names.year) for each in found],
            )


class _Sentence:
    """One sentence, read from number to number."""

    def __init__(self, text: str, context: Context) -> None:
        self.text, self.now = text, context
        self.outer: list[Context] = []
        self.last: tuple[int, Amount] | None = None  # the amount stated last, and where it ends
        self.last_lines: tuple[str, ...] = ()
        self.listed_after: int | None = None  # the end of an amount of a list that is not understood
        self.base: tuple[Amount, Amount] | None = None  # 甲占乙: both amounts, right after them
        self.total: Amount | None = None  # the amount whose parts are listed after 其中
        self.nested = False
        self.people: list[tuple[About, float]] = []  # posts and staff, as stated of each unit
        self.people_known = True  # nobody else has been counted
        self.people_moved = wordings.MOVED_STAFF.search(text) is not None
        self.unsaid = (INITIAL, REVISED, FINAL) if wordings.EVALUATED.search(text) else (FINAL,)  # a column not named

    def statements(self) -> Iterator[Statement]:
        """What the sentence states, in its order."""
        end = 0
        for figure in FIGURE.finditer(self.text):
            at = figure.start()
            words, free = self._split(end, at)
            inexact = _INEXACT.match(self.text, figure.end()) is not None
            self._brackets(free)
            found = self._one(figure, words, free, inexact=inexact)
            if found is not None:
                said = words if found.base is None else found.words  # 650万元占930万元的: both amounts are said
                yield found._replace(words=(said + figure[0]).lstrip("，,、；;：:（("))
            end = figure.end()

    def _split(self, begin: int, end: int) -> tuple[str, str]:
        """The words right before a number, and what stands before them since the last number."""
        gap = self.text[begin:end]
        bare = gap.rstrip("：:")
        cut = max((mark.end() for mark in _DELIMITER.finditer(bare)), default=0)
        return gap[cut:], gap[:cut]

    def _brackets(self, free: str) -> None:
        """What is said in brackets is said of what stands before them, and ends with them."""
        for mark in re.findall(r"[（()）]", free):
            if mark in "（(":
                self.outer.append(copy(self.now))
            elif self.outer:
                self.now.__dict__.update(self.outer.pop().__dict__)

    def _one(self, figure: re.Match[str], words: str, free: str, *, inexact: bool) -> Statement | None:
        self._parts(free + words)
        if is_listed(free, words):
            self._of_several(figure, free + words)
            return None
        self.now.hear(free)
        if not figure["head"] and self.now.is_of_the_office(words):
            self.now.elsewhere = True
        if figure["none"]:
            return absence(figure, words, self.now)
        if figure["money"]:
            return self._money(amount(figure["number"], figure["money"]), figure, words, inexact=inexact)
        if figure["nil"] and (head := head_of(words)) is not None and head.lines:
            return self._money(NOTHING, figure, words, inexact=inexact)
        if figure["number"]:
            printed = Amount(value(figure["number"]), 10.0 ** -places(figure["number"]), figure[0])
            found = (
                self._cent(printed, wordings.rate_of(free, words), figure)
                if figure["cent"]
                else self._score(printed, words)
            )
        elif figure["grade"]:
            found = self._grade(figure["grade"], words)
        else:
            found = None if figure["nil"] else self._people(figure, words, free)
        if found is None:
            self.now.hear(words)
        return None if inexact or (not figure["head"] and _OF.match(self.text, figure.end())) else found

    def _of_several(self, figure: re.Match[str], words: str) -> None:
        """基本支出、项目支出合计930万元: a figure of all that is listed, which is none of the figures in the tables."""
        now = self.now
        now.hear(words)
        if wordings.A_NAME.search(words) or figure["head"]:
            now.project = now.unit = None
            now.elsewhere = True
        now.lines, now.arranged, self.people_known = (), None, False
        if figure["money"]:
            self.last, self.last_lines = (figure.end(), amount(figure["number"], figure["money"])), ()

    def _parts(self, words: str) -> None:
        """After 其中 the parts of the amount before it are listed; after 包括 or another 其中 the parts of a part."""
        if PARTS.search(words):
            self.total = None if self.nested or self.last is None else self.last[1]
            self.nested = self.last is not None

    def _money(self, stated: Amount, figure: re.Match[str], words: str, *, inexact: bool) -> Statement | None:
        head, now = head_of(words) or self._appropriation(words, figure.start()), self.now
        is_base = words.startswith("占")
        self.base = (self.last[1], stated) if is_base and self.last is not None else None
        if self.base is not None:
            self.last = (figure.end(), self.base[0])  # 占…，占…: both shares are of the same amount
        else:
            self.last, self.last_lines = (figure.end(), stated), head.lines if head else ()
        if head is None:
            if self._is_arranged(words) and not inexact and _END.match(self.text, figure.end()):
                now.arranged = stated
            elif wordings.CHANGE.fullmatch(words):
                self.last = None  # 追加30万元，占…: of what, nobody can tell
            elif not is_base:
                now.hear(words)
                now.unknown = True
                now.qualified = bool(wordings.LINE_NAME.search(words)) or now.qualified
                self.listed_after = figure.end()
            return None
        year = self._year(head)
        if WHOLE.search(words):
            now.whole()
        # 涉及基本支出660万元、项目支出340万元: what is said of the first of a list is said of all.
        in_list = self.listed_after is not None and self.text[self.listed_after] in "、和及"
        if (in_list or now.qualified) and not (head.stages or head.year):
            self.listed_after = figure.end()
            return None
        self.listed_after = None
        if head.project is not None or head.unit is not None:
            now.hear(words)
        project = head.project if head.project is not None else now.project
        unclear = inexact or now.else_when or "unclear" in head.stages
        if project is not None and not (head.lines and head.project is None):
            unclear = unclear or now.unknown or bool(head.lines) or head.than
            bare = not head.stages
            ends = not bare or _SPENT.match(self.text, figure.end()) is not None
            clear = not unclear and ends and (head.project is not None or bool(head.stages))
            found = Statement(
                About.AMOUNT, words, year, stated, stages=head.stages, project=project, bare=bare, arranged=now.arranged
            )
            return found if clear and not is_base else None
        ends = _END.match(self.text, figure.end()) is not None
        of_a_line = self._of_a_line(head, stated, year, unclear=unclear or now.project is not None, ends=ends)
        now.unknown |= of_a_line is None and not (head.than or is_base)
        now.spoke |= of_a_line is not None
        return of_a_line

    def _appropriation(self, words: str, at: int) -> Head | None:
        """财政拨款 where income is spoken of: 收入方面，财政拨款900万元."""
        said = wordings.APPROPRIATION.fullmatch(words) and wordings.INCOME.search(self.text[max(at - 80, 0) : at])
        head = head_of(f"{words}收入") if said else None
        return head._replace(words=words) if head else None

    def _is_arranged(self, words: str) -> bool:
        """Whether words call an amount the funds of a project: 安排资金."""
        match = wordings.ARRANGED.fullmatch(words)
        if match is not None and match["project"]:
            self.now.hear(words)
        return match is not None and self.now.project is not None

    def _of_a_line(self, head: Head, stated: Amount, year: int, *, unclear: bool, ends: bool) -> Statement | None:
        """An amount of the budget: of the line named, or of the one spoken of last."""
        now = self.now
        if now.unknown and PARTS.search(head.words):
            now.elsewhere = True
        unclear = unclear or now.elsewhere or not self._known(head, ends=ends)
        lines = head.lines
        if not lines:
            if not (head.stages or head.than) or (head.implied and set(now.lines) & wordings.SOURCES):
                return None  # 财政拨款收入900万元，支出880万元: of that money
            others = () if head.than and not head.stages else head.side or TOTALS
            lines = tuple(dict.fromkeys((*now.lines, *now.spoken_lines, *others)))
        elif lines[0] in TOTALS:  # 三公经费预算15万元，全年支出12万元: of the line spoken of, or of all
            spoken = tuple(each for each in now.lines if each not in TOTALS and not head.item.endswith("总计"))
            loose = bool(spoken) and not _COUNTED_UP.search(head.item)
            head = head._replace(item="") if loose else head
            lines = tuple(dict.fromkeys((*(spoken + lines if loose else lines + spoken), *now.spoken_lines)))
        unsaid = head.stages or self.unsaid  # 年初预算收入905万元、支出949.38万元: both are of the budget
        stages = head.stages if head.stages and not head.implied else tuple(dict.fromkeys((*now.stages, *unsaid)))
        if not head.than:
            now.lines = head.lines or now.lines
            if head.stages:
                now.stages = tuple(each for each in head.stages if each != FINAL)
        if unclear or not lines:
            return None
        return Statement(
            About.AMOUNT, head.words, year, stated, item=head.item, lines=lines, stages=stages, unit=self._unit(head)
        )

    def _known(self, head: Head, *, ends: bool) -> bool:
        """Whether it is known of whom an amount speaks: a line has its name, a total is of the subject."""
        now = self.now
        if self._unit(head) is not None or (head.lines and head.lines[0] not in TOTALS):
            return True
        if head.than and not head.stages:
            return now.spoke
        if not head.lines and head.stages == (FINAL,) and not re.search("决算|全年执行", head.words):
            return now.spoke and ends and now.known_subject and not now.unknown
        own_year = bool(head.year) and head.item.endswith(("合计", "总计", "总额", "总支出", "总收入"))
        known = now.known_subject or (own_year and not now.heard)
        return known and ends and not now.unknown

    def _unit(self, head: Head) -> int | None:
        return head.unit if head.unit is not None else self.now.unit

    def _year(self, head: Head) -> int:
        year = self.now.year_of(head.year) if head.year else self.now.year
        if head.year and not head.than:
            self.now.year = year
        return year

    def _cent(self, stated: Amount, words: str, figure: re.Match[str]) -> Statement | None:
        share = wordings.wholly(wordings.SHARE, words)
        if share is not None:
            return self._share(share, stated, figure)
        if self.base is not None and _OF_IT.fullmatch(words):
            of, base = self.base
            return Statement(About.SHARE, f"{of.shown}占{base.shown}{words}", self.now.year, stated, of=of, base=base)
        rate = wordings.wholly(wordings.RATE, words)
        return self._rate(rate, stated, words) if rate is not None else None

    def _rate(self, rate: re.Match[str], stated: Amount, words: str) -> Statement | None:
        now = self.now
        if rate["year"]:
            now.year = now.year_of(rate["year"])
        if rate["project"]:
            now.hear(words)
        elif rate["loose"] and (now.project is not None or now.elsewhere or not now.known_subject):
            return None  # 到位资金45万元，支出率80%: of the amount named, which need not be the budget
        elif WHOLE.search(words):
            now.whole()
        if now.else_when or now.unknown or now.unit is not None:
            return None
        if now.project is not None:
            return Statement(About.RATE, words, now.year, stated, project=now.project, arranged=now.arranged)
        if now.elsewhere or not (rate["item"] or now.known_subject):
            return None
        named = lines_of(rate["item"]) if rate["item"] else (*now.lines, *now.spoken_lines)
        bare = rate["rate"] in ("执行率", "支出率", "资金支出率") and not named and not self.last
        vague = not WHOLE.search(words) and (bare or (bool(rate["loose"]) and not set(named) <= set(TOTALS)))
        lines = named if rate["item"] else tuple(dict.fromkeys((*named, *TOTALS)))
        return None if vague else Statement(About.RATE, words, now.year, stated, lines=lines)

    def _share(self, match: re.Match[str], stated: Amount, figure: re.Match[str]) -> Statement | None:
        """基本支出520万元，占支出合计的55.91%: a part and its base, by name or as stated."""
        now = self.now
        start = figure.start() - len(match[0])
        touching = self.last is not None and _TOUCHING.fullmatch(self.text[self.last[0] : start]) is not None
        of = self.last[1] if self.last is not None and touching and not match["part"] else None
        share = Statement(About.SHARE, match[0], now.year, stated, of=of)
        if not match["item"] and not match["stage"]:
            # 占30%: of the amount whose parts are listed, or of all that is spent or received
            return share._replace(base=self.total, lines=TOTALS) if of is not None and self.total is not None else None
        part = lines_of(match["part"]) if match["part"] else now.about[1] if of is None else self.last_lines
        if not match["item"] or (of is None and not part) or now.else_when or now.elsewhere:
            return None
        year = now.year_of(match["year"]) if match["year"] else now.year
        return share._replace(year=year, lines=lines_of(match["item"]), stages=wordings.stage_of(match), part=part)

    def _score(self, stated: Amount, words: str) -> Statement | None:
        match = wordings.wholly(wordings.SCORE, words)
        if match is None:
            return None
        of = match["of"] or ""
        whole_scale = stated.size == 100 and ("总分" in words or "分数" in words)
        if not _OF_ALL.search(words) and (
            stated.size <= _LARGEST_ITEM or (self.now.project is None and not match["project"])
        ):
            return None
        return self._judged(Statement(About.SCORE, words, self.now.year, stated), match, of, vague=whole_scale)

    def _grade(self, grade: str, words: str) -> Statement | None:
        match = wordings.wholly(wordings.GRADE, words)
        if match is None or not (match["called"] or re.search("[评定]|绩效", words)):
            return None
        return self._judged(Statement(About.GRADE, words, self.now.year, grade=grade), match, match["of"] or "")

    def _judged(self, found: Statement, match: re.Match[str], of: str, *, vague: bool = False) -> Statement | None:
        """A score or a grade: of the project named, or of the whole where nothing else is spoken of."""
        now, words = self.now, match[0]
        if match["year"]:
            now.year = now.year_of(match["year"])
            found = found._replace(year=now.year)
        if match["project"]:
            now.hear(words)
        elif re.search(rf"{wordings.OWN}|部门|整体|总体", words) and "项目" not in words:
            now.whole()
        elif "项目" in of:
            return None
        clear = now.project is not None or (now.known_subject and not now.elsewhere)
        if vague or now.else_when or not clear or now.unit is not None:
            return None
        return found._replace(project=now.project)

    def _people(self, figure: re.Match[str], words: str, free: str) -> Statement | None:
        called = figure["called"]
        head = words + (called or "")
        match = wordings.wholly(wordings.STAFF, head)
        now = self.now
        printed = Amount(float(whole(figure["men"])), 1.0, f"{figure['men']}{figure['head']}")
        if match is None:
            return self._together(head, printed, figure.end())
        if match["year"]:
            now.year = now.year_of(match["year"])
        if match["unit"]:
            now.hear(match["unit"])
        elif now.is_other(match[0]):
            now.elsewhere = True
        now.part_of_staff |= match["kind"] is not None
        now.alone |= "机关" in words or "本级" in words
        other = _OTHER_STAFF.search(free + head) or not (called or _AFTER_STAFF.match(self.text, figure.end()))
        about = About.POSTS if match["posts"] else About.STAFF
        away = match["present"] and wordings.AWAY_STAFF.search(self.text)
        unclear = bool(now.else_when or other or away or self.people_moved)
        self.people_known &= not unclear
        self.people.append((about, printed.size))
        if unclear or (now.elsewhere and now.unit is None) or not printed.size:
            return None
        found = Statement(about, head, now.year, printed, unit=now.unit, sure=now.known_subject)
        return found._replace(at_most=now.part_of_staff, alone=now.alone)

    def _together(self, head: str, printed: Amount, end: int) -> Statement | None:
        """Posts or staff of the whole after those of its units: 合计29人."""
        now = self.now
        total = wordings.TOGETHER.fullmatch(head)
        if total is None:
            now.elsewhere |= re.search("编制|在职", head) is not None
            self.people_known &= not printed.shown.endswith(("人", "名"))
            return None
        abouts = {about for about, _ in self.people}
        if total["posts"] or total["staff"]:
            abouts &= {About.POSTS if total["posts"] else About.STAFF}
        sums = [sum(size for about, size in self.people if about is each) for each in abouts]
        clear = self.people_known and not now.else_when and len(self.people) > 1 and _AFTER_STAFF.match(self.text, end)
        if not (clear and abouts) or printed.size in sums:
            return None
        about = About.STAFF if About.STAFF in abouts else About.POSTS
        return Statement(about, head, now.year, printed, sure=False, either=len(abouts) > 1)


_COUNTED_UP = re.compile(r"合计$|总[计额数]$")
_OF_ALL = re.compile(rf"{wordings.OWN}|自我?评|综合|整体|总体|部门|总得?分|总评|最终")
_LARGEST_ITEM = 50  # points that one part of a score may have
_TOUCHING = re.compile(r"[，,（(]?")
_AFTER_STAFF = re.compile(r"[，,。；;、（(）)\n]|$|其中")
_OF = re.compile(r"的(?!比[例重]|\d)")  # 执行率60%的项目
_END = re.compile(r"[，,。；;、：:（(）)\n]|$")
_SPENT = re.compile(r"[，,。；;、：:（(）)\n]|$|按[月季]|全部|已|均")  # 补助经费120万元按月发放
_OF_IT = re.compile(r"的(?:比[例重])?为?")
_OTHER_STAFF = re.compile(r"其中|工勤|参公|聘|临时|退休|空编|超编|领导职数|平均|年初|新增|调[入出]|增加|减少|缺编")
