"""The first sheet of the district summary: two pages to sign, with the numbers beside every chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

from evalxl import layout
from evalxl.district.findings import Severity, Status
from evalxl.outputs.summary.ranking import bands, broken_rules, grade_spread, ranked
from evalxl.outputs.summary.sheet import sign_pages
from evalxl.outputs.summary.tally import Tally
from evalxl.sheets.book import Page
from evalxl.sheets.charts import Place, Range, Series, draw_chart
from evalxl.sheets.columns import FEN_PER_WAN, Cell, plain, shown
from evalxl.sheets.looks import GOLD
from evalxl.sheets.measure import height, lines, width
from evalxl.sheets.rows import Formula
from evalxl.sheets.table import Placed
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, given

_COLUMNS, _WIDTH = 12, 8.0
_PIXELS = int(_WIDTH * 7 + 5)  # of a column on the screen
_TABLE = 7  # columns of a table; the chart beside it takes the rest
_ROW = 21.0
_LEAST_ROWS = 8  # a chart beside fewer rows would be too flat to read
_LONGEST = 32  # a name that still leaves room for its bar
_ABSURD = 10  # a rate of completion that only a slip explains; it is not to burst its column
_FORMATS = {"amount": "#,##0.00", "rate": "0.00%", "score": "0.00", "count": "#,##0"}


class Card(NamedTuple):
    """One number to be seen at a glance."""

    label: str
    value: float
    look: str = "count"
    share: str = ""
    mark: str = ""
    formula: str = ""

    @property
    def shown(self) -> str:
        """The number as its format shows it."""
        return f"{self.value:,.2f}" if self.look == "amount" else shown(self.look, self.value)


class _Span(NamedTuple):
    """A column of a table, over some narrow ones of the sheet: header, look, value, and what it adds up to."""

    header: str
    first: int
    last: int
    look: str
    of: Callable[[Any], Any]
    total: float | None = None


def _counted(header: str, column: int, count: Callable[[Any], int], total: int) -> tuple[_Span, _Span]:
    """A count and beside it its share of the total."""
    share = _Span("占比", column + 1, column + 1, "share", lambda each: count(each) / (total or 1), float(total > 0))
    return _Span(header, column, column, "tally", count, total), share


def write_overview(page: Page, tally: Tally, departments: Placed, projects: Placed) -> None:
    """Draw the overview; its amounts are formulas into the sheets that carry the totals."""
    view = _Overview(page, tally)
    view.head()
    if tally.attendance:
        view.cards(_attendance_cards(tally))
    view.cards(_status_cards(tally))
    view.cards(_amount_cards(tally, departments, projects))
    view.caution()
    view.grades()
    view.execution()
    view.turn_over()
    view.scores()
    view.rules()
    sign_pages(page, upright=True)


def _attendance_cards(tally: Tally) -> list[Card]:
    came = tally.attendance
    if came is None:
        return []
    missing = len(came.missing)
    of = f"已报÷应报，{came.reserve}" if came.reserve else "已报÷应报"
    return [
        Card("应报部门（个）", came.expected, share=came.reserve or "名册所列"),
        Card("已报部门（个）", came.present, share="含未读取的"),
        Card(
            "未报送（个）", missing, share="见《未报送与未读取》" if missing else "", mark="returned" if missing else ""
        ),
        Card("报送覆盖率", came.present / came.expected, "rate", of),
    ]


def _status_cards(tally: Tally) -> list[Card]:
    received, counts = tally.received, tally.statuses
    others = (("重复未计入", len(tally.superseded)), ("含非自评表", len(tally.strays)))
    shares = [f"{words} {count} 个" for words, count in others if count]
    cards = [Card("收到文件（个）", received, share="\n".join(shares))]
    for state in Status:
        share = f"占 {counts[state] / received:.1%}" if received else ""
        cards.append(Card(f"{state.word}（个）", counts[state], share=share, mark=state.mark if counts[state] else ""))
    return cards


def _amount_cards(tally: Tally, departments: Placed, projects: Placed) -> list[Card]:
    def total(label: str, placed: Placed, header: str, look: str, share: str = "") -> Card:
        value = placed.totals.get(header, NAN)
        return Card(label, value, look, share, formula=placed.total_at(header) if given(value) else "")

    scored = int(tally.counted_grades["declared_score"].notna().sum())
    spent = departments.totals.get("本年支出合计", NAN)
    on_projects = departments.totals.get("其中：项目支出", NAN)
    share = f"占支出 {on_projects / spent:.1%}" if given(spent) and spent and given(on_projects) else ""
    budget = tally.counted.budget
    planned = int(budget[budget["key"] == "expenditure_total"]["revised"].notna().sum())  # the rate is of these alone
    return [
        total("全年预算（万元）", departments, "全年支出预算", "amount", f"{planned} 个部门填列"),
        total("支出合计（万元）", departments, "本年支出合计", "amount", "决算数"),
        total("预算完成率", departments, "预算完成率", "rate", f"该 {planned} 个部门"),
        total("项目支出（万元）", departments, "其中：项目支出", "amount", share),
        Card("项目（个）", len(tally.counted.projects), share=f"{projects.page.title}所列"),
        total("平均自评得分", departments, "整体自评得分", "score", f"{scored} 个部门的平均"),
    ]


class _Overview:
    def __init__(self, page: Page, tally: Tally) -> None:
        self.page, self.tally = page, tally
        self.look = page.book.look
        self.row = 1
        self.points = 0.0  # the height of the section so far
        page.columns([_WIDTH] * _COLUMNS)

    def head(self) -> None:
        title = self.tally.title
        self.page.merge(1, 1, _COLUMNS, title, self.look("great title"))
        self.page.rows(1, max(40.0, 30.0 * lines(title, _COLUMNS * _WIDTH / 2)))
        words = f"金额单位：万元　　分数段：{self.tally.policy.scheme.title}"
        self.page.merge(2, 1, _COLUMNS, words, self.look("subtitle"))
        self.page.rows(2, height(lines(words, _COLUMNS * _WIDTH)))
        self.page.rows(3, 8)
        self.row = 4

    def cards(self, cards: list[Card]) -> None:
        """A line of numbers that share the width of the page."""
        below = 18.0 + 12.0 * max(card.share.count("\n") for card in cards)
        for points, offset in ((18.0, 0), (30.0, 1), (below, 2), (8.0, 3)):
            self.page.rows(self.row + offset, points)
        wide = _COLUMNS // len(cards)
        widest = max(width(card.shown) for card in cards)
        room = wide * _WIDTH * 10  # in tenths of a point: a character is as wide as half its size
        fits = [name for name, size in (("card", 15), ("middle card", 12)) if (widest + 1) * size <= room]
        for at, card in enumerate(cards):
            self._card(card, wide * at + 1, wide * (at + 1), (*fits, "small card")[0])
        self.row += 4

    def _card(self, card: Card, first: int, last: int, name: str) -> None:
        page = self.page
        page.merge(self.row, first, last, card.label, self.look("card label", card.mark))
        page.merge(self.row + 2, first, last, card.share, self.look("card share", card.mark))
        look = self.look(name, card.mark, _FORMATS[card.look])
        page.merge(self.row + 1, first, last, card.value if given(card.value) else "—", look)
        if card.formula:
            page.formula(self.row + 1, first, card.formula, card.value, look)

    def caution(self) -> None:
        """What the sums contain that has not been accepted, and what they do not contain."""
        words, mark = _caution(self.tally)
        self.page.merge(self.row, 1, _COLUMNS, words, self.look("caution", mark))
        self.page.rows(self.row, height(lines(words, _COLUMNS * _WIDTH)) + 6)
        self.row += 1

    def grades(self) -> None:
        """How departments and projects spread over the grades, and the chart of their shares."""
        spread, departments, projects = grade_spread(self.tally), len(self.tally.counted_grades), len(self.tally.due)
        spans = (
            _Span("等级", 1, 1, "centre", attrgetter("grade")), _Span("分数段", 2, 3, "centre", attrgetter("words")),
            *_counted("部门数", 4, attrgetter("departments"), departments),
            *_counted("项目数", 6, attrgetter("projects"), projects),
        )  # fmt: skip
        most = max(max(each.departments / max(departments, 1), each.projects / max(projects, 1)) for each in spread)
        series = (Series("部门", 5, "0%;;"), Series("项目", 7, "0%;;", GOLD))
        rows = self._table_under("等级分布", spans, spread)
        self._chart("column", "各等级所占比例", rows._replace(most=most), series)

    def execution(self) -> None:
        """How the departments spread over the rate of completion of the budget."""
        spread = bands(self.tally)
        spent = sum(each.spent for each in spread) / FEN_PER_WAN
        spans = (
            _Span("完成率", 1, 2, "centre", attrgetter("words")),
            *_counted("部门数", 3, attrgetter("departments"), sum(each.departments for each in spread)),
            _Span("支出合计（万元）", 5, 7, "money", lambda each: each.spent / FEN_PER_WAN, spent),
        )  # fmt: skip
        most = max(each.departments for each in spread)
        rows = self._table_under("预算完成率分布", spans, spread)
        self._chart("bar", "各完成率区间的部门数", rows._replace(most=most), (Series("部门", 3, "0;;"),))

    def turn_over(self) -> None:
        """The second page begins here."""
        self.page.sheet.set_h_pagebreaks([self.row - 1])

    def scores(self) -> None:
        """The scores, best first: of all departments or of the first and last few, in a merged run of the districts."""
        title, listed, of = ranked(self.tally)
        spans = (
            _Span("名次", 1, 1, "index", attrgetter("place")), _Span(of, 2, 4, "text", attrgetter("name")),
            _Span("得分", 5, 5, "score", attrgetter("score")), _Span("等级", 6, 6, "centre", attrgetter("grade")),
            _Span("完成率", 7, 7, "rate", lambda each: f"≥{_ABSURD:.0%}" if each.rate >= _ABSURD else each.rate),
        )  # fmt: skip
        rows = self._table_under(title, spans, listed)
        if not listed:
            self.page.merge(self.row, 1, _TABLE, "没有得分", self.look("centre"))
            self._line(self.row, _ROW)
            return
        most = max(each.score for each in listed)
        tied = len({each.place for each in listed}) < len(listed)  # bars of the same place are told by name
        named = tied or all(width(each.name) <= _LONGEST for each in listed)
        title = "自评得分" if named else "自评得分（按名次）"
        self._chart("bar", title, rows._replace(column=2 if named else 1, most=most), (Series("得分", 5, "0.00"),))

    def rules(self) -> None:
        """The rules broken most often, with how often and by how many departments."""
        listed, counts = broken_rules(self.tally), Counter(each.severity for each in self.tally.standing)
        words = "，".join(f"{each.word} {counts[each]} 条" for each in Severity)
        waived = len(self.tally.findings) - len(self.tally.standing)
        words += f"；另有豁免 {waived} 条" if waived else ""
        title = f"主要问题（{words}）" if self.tally.findings else "主要问题"
        if not listed:
            self._section(title)
            self.page.merge(self.row, 1, _COLUMNS, "没有错误和提醒", self.look("centre"))
            self.row += 1
            return
        spans = (
            _Span("序号", 1, 1, "index", lambda each: listed.index(each) + 1),
            _Span("问题", 2, 6, "text", attrgetter("problem")),
            _Span("条数", 7, 7, "tally", lambda each: Cell(each.times, each.severity)),
            _Span("部门数", 8, 8, "tally", lambda each: each.departments or None),
        )  # fmt: skip
        rows = self._table_under(title, spans, listed)
        most = max(each.times for each in listed)
        self._chart("bar", "各项问题的条数", rows._replace(most=most), (Series("条数", 7, "0"),), 8)

    # ---------------------------------------------------------------- parts of a section

    def _section(self, words: str) -> None:
        self.page.rows(self.row, 10)
        self.row += 1
        self.page.merge(self.row, 1, _COLUMNS, words, self.look("section"))
        self.page.rows(self.row, 22)
        self.row += 1

    def _table_under(self, title: str, spans: Sequence[_Span], rows: Sequence[object]) -> Range:
        """A section with a table, and totals where there are any; gives the rows that its chart shows."""
        self._section(title)
        for span in spans:
            self.page.merge(self.row, span.first, span.last, span.header, self.look("header"))
        self.points = 0.0
        self._line(self.row, _ROW)
        at = range(self.row, self.row + len(rows))
        for row, each in zip(at, rows, strict=True):
            tallest = _ROW
            for span in spans:
                value = span.of(each)
                if span.look == "share":  # that the count before it has of the total
                    own, whole = layout.cell(row, span.first - 1), layout.cell(at.stop, span.first - 1)
                    value = Formula(f"IF({whole}=0,0,{own}/{whole})", value)
                look = self.look(span.look, value.mark if isinstance(value, Cell) else "")
                self.page.merge(row, span.first, span.last, plain(value), look)
                if span.look == "text":
                    room = (span.last - span.first + 1) * _WIDTH
                    tallest = max(tallest, height(lines(str(value), room)))
            self._line(row, tallest)
        if any(span.total is not None for span in spans):
            self._totals(spans, at)
        return Range(at.start, at.stop - 1, 1, 0.0)

    def _totals(self, spans: Sequence[_Span], rows: range) -> None:
        for position, span in enumerate(spans):
            value: object = None if position else "合计"
            if span.total is not None:
                area = f"{layout.cell(rows.start, span.first)}:{layout.cell(rows.stop - 1, span.first)}"
                value = Formula(f"SUM({area})", span.total)
            self.page.merge(rows.stop, span.first, span.last, value, self.look(span.look, "total"))
        self._line(rows.stop, _ROW)

    def _line(self, row: int, points: float) -> None:
        """Fix the height of a row of a section; its chart is as high as they are together."""
        self.page.rows(row, points)
        self.points += points
        self.row = row + 1

    def _chart(self, kind: str, title: str, of: Range, series: tuple[Series, ...], table: int = _TABLE) -> None:
        """The chart beside a table of so many columns."""
        top = of.first - 1
        while self.row - top < _LEAST_ROWS:
            self._line(self.row, _ROW)
        size = ((_COLUMNS - table) * _PIXELS - 8, int(self.points * 4 / 3) - 4)
        draw_chart(self.page, kind, title, of, series, Place(top, table + 1, *size))


def _caution(tally: Tally) -> tuple[str, str]:
    """The sentences on what is not settled, and the mark they are shown with."""
    waiting = [each.workbook for each in tally.departments if each.counted and each.status in _UNSETTLED]
    counts, parts = tally.statuses, []
    if waiting:
        total, theirs = (_spent(tally, books) for books in ([each.workbook for each in tally.departments], waiting))
        share = f"，占全部支出合计的 {theirs / total:.2%}" if total else ""
        parts.append(
            f"汇总数包括尚未通过的工作簿 {len(waiting)} 个（退回 {counts[Status.RETURNED]} 个，"
            f"待说明 {counts[Status.EXPLAIN]} 个），其支出合计 {shown('amount', theirs / FEN_PER_WAN)} 万元{share}。"
        )
        parts += _of_another_year(tally)
    parts += _unread(tally)
    said = len(parts)
    came = tally.attendance
    if came and came.extra:
        parts.append(f"有 {len(came.extra)} 个工作簿的部门不在名册上，计入的其数也在汇总数内。")
    if came and came.missing:
        parts.append(f"名册上有 {len(came.missing)} 个部门没有报送。")
    if tally.superseded:
        parts.append(f"有 {len(tally.superseded)} 个工作簿已由同一部门的另一份代替，不在汇总数内。")
    if counts[Status.REFUSED]:
        strays = f"（其中 {len(tally.strays)} 个不是自评表）" if tally.strays else ""
        parts.append(f"另有 {counts[Status.REFUSED]} 个文件未能读取{strays}，不在汇总数内。")
    if len(parts) > said:
        parts.append("详见《未报送与未读取》。")
    fine = "收到的工作簿全部通过。" if tally.departments else "没有收到工作簿。"
    return "".join(parts) or fine, "explain" if parts else "accepted"


_UNSETTLED = (Status.EXPLAIN, Status.RETURNED)
_NAMED = 3  # departments that a sentence names


def _unread(tally: Tally) -> list[str]:
    """How many figures stand in the workbooks that count and in no sum, because they could not be read."""
    notes = tally.counted.unread
    places = zip(notes["sheet"], notes["field"], strict=True)
    amounts = notes["workbook"][[layout.BY_KEY[sheet].by_key[key].kind is Kind.AMOUNT for sheet, key in places]]
    books = amounts.nunique()
    return [f"{books} 个工作簿有 {len(amounts)} 个金额未能读取，各项合计不含这些数。"] if books else []


def _of_another_year(tally: Tally) -> list[str]:
    """Whose figures of another year the sums contain: each has been returned for it (F07)."""
    others = [
        each
        for each in tally.departments
        if each.counted and each.status in _UNSETTLED and given(each.year) and each.year != tally.d.year
    ]
    if not others:
        return []
    names = "、".join(f"{each.name} {each.year:.0f} 年度" for each in others[:_NAMED])
    more = "等" if len(others) > _NAMED else ""
    return [f"其中 {len(others)} 个填报的不是 {tally.d.year} 年度（{names}{more}），其数也在内，请先核实。"]


def _spent(tally: Tally, workbooks: list[str]) -> float:
    amounts = (tally.amount(workbook, "expenditure_total") for workbook in workbooks)
    return sum(amount for amount in amounts if given(amount))
