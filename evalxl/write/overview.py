"""The first sheet of the district summary: one page to sign, with the numbers beside their chart."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from evalxl import layout
from evalxl.findings import Finding, Severity, Status
from evalxl.quantities import NAN
from evalxl.rules import RULES
from evalxl.write.style import BLUE, GOLD, GREY, HEI, SONG, Page, height, lines, width
from evalxl.write.table import FEN_PER_WAN, Placed, shown
from evalxl.write.tally import Tally

_COLUMNS, _WIDTH = 12, 8.0
_TABLE = 7  # columns of the table of grades; the chart takes the rest
_ROW = 21.0
_TOP_RULES = 10
_UNGRADED = "未评"
_REPEATED_RULE = "F06"
_FORMATS = {"amount": "#,##0.00", "rate": "0.00%", "score": "0.00", "count": "#,##0"}
_LABELS = {"name": SONG, "size": 9, "color": GREY}


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


def write_overview(page: Page, summary: Tally, departments: Placed, projects: Placed) -> None:
    """Draw the overview; its amounts are formulas into the sheets that carry the totals."""
    view = _Overview(page, summary)
    view.head()
    view.cards(_status_cards(summary))
    view.cards(_amount_cards(summary, departments, projects))
    view.caution()
    view.grades()
    view.top_rules()
    view.signatures()


def _status_cards(summary: Tally) -> list[Card]:
    received, counts = len(summary.departments), summary.statuses
    cards = [Card("收到（个）", received, share="文件")]
    for state in Status:
        share = f"占 {counts[state] / received:.1%}" if received else ""
        cards.append(Card(f"{state.word}（个）", counts[state], share=share, mark=state.value if counts[state] else ""))
    cards.append(Card("发现的问题（条）", len(summary.findings), share=_by_severity(summary.findings)))
    return cards


def _by_severity(findings: list[Finding]) -> str:
    counts = Counter(each.severity for each in findings)
    return f"错误 {counts[Severity.ERROR]}，提醒 {counts[Severity.WARNING]}"


def _amount_cards(summary: Tally, departments: Placed, projects: Placed) -> list[Card]:
    def total(label: str, placed: Placed, header: str, look: str, share: str = "") -> Card:
        value = placed.totals.get(header, NAN)
        return Card(label, value, look, share, formula=placed.total_at(header) if value == value else "")

    scored = int(summary.grades.departments["declared_score"].notna().sum())
    spent = departments.totals.get("本年支出合计", NAN)
    on_projects = departments.totals.get("其中：项目支出", NAN)
    share = f"占支出 {on_projects / spent:.1%}" if spent == spent and spent and on_projects == on_projects else ""
    count = len(summary.d.projects)
    totals = summary.d.budget[summary.d.budget["key"] == "expenditure_total"]
    planned = int(totals["revised"].notna().sum())  # the rate is of these departments alone
    return [
        total("全年预算（万元）", departments, "全年支出预算", "amount", f"{planned} 个部门填列"),
        total("支出合计（万元）", departments, "本年支出合计", "amount", "决算数"),
        total("预算完成率", departments, "预算完成率", "rate", f"该 {planned} 个部门"),
        total("项目支出（万元）", departments, "其中：项目支出", "amount", share),
        Card("项目（个）", count, share=f"{projects.page.title}所列"),
        total("平均自评得分", departments, "整体自评得分", "score", f"{scored} 个部门的平均"),
    ]


class _Overview:
    def __init__(self, page: Page, summary: Tally) -> None:
        self.page, self.summary = page, summary
        self.look = page.book.look
        self.row = 1
        page.columns([_WIDTH] * _COLUMNS)

    def head(self) -> None:
        self.page.merge(1, 1, _COLUMNS, self.summary.title, self.look("great title"))
        self.page.rows(1, max(40.0, 30.0 * lines(self.summary.title, _COLUMNS * _WIDTH / 2)))
        words = f"金额单位：万元　　分数段：{self.summary.policy.scheme.title}"
        self.page.merge(2, 1, _COLUMNS, words, self.look("subtitle"))
        self.page.rows(3, 8)
        self.row = 4

    def cards(self, cards: list[Card]) -> None:
        """A line of six numbers, each on two columns."""
        for points, offset in ((18.0, 0), (30.0, 1), (18.0, 2), (8.0, 3)):
            self.page.rows(self.row + offset, points)
        widest = max(width(card.shown) for card in cards)
        room = 2 * _WIDTH * 10  # in tenths of a point: a character is as wide as half its size
        fits = [name for name, size in (("card", 15), ("middle card", 12)) if (widest + 1) * size <= room]
        for at, card in enumerate(cards):
            self._card(card, 2 * at + 1, (*fits, "small card")[0])
        self.row += 4

    def _card(self, card: Card, first: int, name: str) -> None:
        page, last = self.page, first + 1
        page.merge(self.row, first, last, card.label, self.look("card label", card.mark))
        page.merge(self.row + 2, first, last, card.share, self.look("card share", card.mark))
        look = self.look(name, card.mark, _FORMATS[card.look])
        page.merge(self.row + 1, first, last, card.value if card.value == card.value else "—", look)
        if card.formula:
            page.formula(self.row + 1, first, card.formula, card.value, look)

    def caution(self) -> None:
        """What the sums contain that has not been accepted."""
        summary = self.summary
        waiting = {each.workbook for each in summary.departments if each.status in (Status.EXPLAIN, Status.RETURNED)}
        spent = {each.workbook: summary.amount(each.workbook, "expenditure_total") for each in summary.departments}
        total = sum(value for value in spent.values() if value == value)
        theirs = sum(value for book, value in spent.items() if book in waiting and value == value)
        counts = summary.statuses
        parts = []
        if waiting:
            share = f"，占全部支出合计的 {theirs / total:.2%}" if total else ""
            parts.append(
                f"汇总数包括尚未通过的工作簿 {len(waiting)} 个（退回 {counts[Status.RETURNED]} 个，"
                f"待说明 {counts[Status.EXPLAIN]} 个），"
                f"其支出合计 {shown('amount', theirs / FEN_PER_WAN)} 万元{share}。"
            )
        repeated = {each.workbook for each in summary.findings if each.rule == _REPEATED_RULE}
        if repeated:
            parts.append(f"有 {len(repeated)} 个工作簿属重复报送，其数都计在汇总数内，见《问题清单》{_REPEATED_RULE}。")
        if counts[Status.REFUSED]:
            parts.append(f"另有 {counts[Status.REFUSED]} 个文件未能读取，不在汇总数内，见《未读取》。")
        words = "".join(parts) or ("收到的工作簿全部通过。" if summary.departments else "没有收到工作簿。")
        mark = "explain" if parts else "accepted"
        self.page.merge(self.row, 1, _COLUMNS, words, self.look("caution", mark))
        self.page.rows(self.row, height(lines(words, _COLUMNS * _WIDTH)) + 6)
        self.row += 1

    def grades(self) -> None:
        """How departments and projects spread over the grades, and the chart of their shares beside it."""
        self._section("等级分布")
        top, look = self.row, self.look
        for first, last, words in (
            (1, 1, "等级"),
            (2, 3, "分数段"),
            (4, 4, "部门数"),
            (5, 5, "占比"),
            (6, 6, "项目数"),
            (7, 7, "占比"),
        ):
            self.page.merge(top, first, last, words, look("header"))
        self.page.rows(top, _ROW)
        spread = self._spread()
        first, last = top + 1, top + len(spread)
        for row, (grade, band, *counts) in enumerate(spread, first):
            self.page.put(row, 1, grade, look("centre"))
            self.page.merge(row, 2, 3, band, look("centre"))
            self._counts(row, counts, last + 1)
        self.page.put(last + 1, 1, "合计", look("centre", "total"))
        self.page.merge(last + 1, 2, 3, None, look("centre", "total"))
        self._count_totals(first, last, spread)
        self.row = last + 2
        rows = self.row - top
        while rows < 8:  # room for the chart
            self.page.rows(self.row, _ROW)
            self.row, rows = self.row + 1, rows + 1
        self._chart(top, first, last, rows)

    def _spread(self) -> list[tuple[Any, ...]]:
        """Each grade with its band and the departments and projects that earn it; ungraded ones last."""
        policy = self.summary.policy
        departments = Counter(grade or _UNGRADED for grade in self.summary.grades.departments["grade"])
        projects = Counter(grade or _UNGRADED for grade in self.summary.due)
        ranked = sorted(policy.scheme.bands, key=lambda band: -band.start)
        rows: list[tuple[Any, ...]] = [
            (band.grade, f"{band.start:g}（含）—{band.end:g} 分", departments[band.grade], projects[band.grade])
            for band in ranked
        ]
        if departments[_UNGRADED] or projects[_UNGRADED]:
            rows.append((_UNGRADED, "没有得分", departments[_UNGRADED], projects[_UNGRADED]))
        return rows

    def _counts(self, row: int, counts: list[int], total_row: int) -> None:
        totals = (len(self.summary.grades.departments), len(self.summary.due))
        for column, count, total in zip((4, 6), counts, totals, strict=True):
            self.page.put(row, column, count, self.look("tally"))
            own, whole = layout.cell(row, column), layout.cell(total_row, column)
            share = count / total if total else 0.0
            self.page.formula(row, column + 1, f"IF({whole}=0,0,{own}/{whole})", share, self.look("share"))
        self.page.rows(row, _ROW)

    def _count_totals(self, first: int, last: int, spread: list[tuple[Any, ...]]) -> None:
        for column, position in ((4, 2), (6, 3)):
            total = sum(row[position] for row in spread)
            for at, look, value in ((column, "tally", total), (column + 1, "share", float(total > 0))):
                formula = f"SUM({layout.cell(first, at)}:{layout.cell(last, at)})"
                self.page.formula(last + 1, at, formula, value, self.look(look, "total"))
        self.page.rows(last + 1, _ROW)

    def _chart(self, top: int, first: int, last: int, rows: int) -> None:
        chart = self.page.book.workbook.add_chart({"type": "column"})
        for column, name, colour in ((5, "部门", BLUE), (7, "项目", GOLD)):
            chart.add_series(
                {
                    "name": name,
                    "categories": [self.page.title, first - 1, 0, last - 1, 0],
                    "values": [self.page.title, first - 1, column - 1, last - 1, column - 1],
                    "fill": {"color": colour}, "border": {"none": True}, "gap": 60, "overlap": -5,
                    "data_labels": {"value": True, "num_format": "0%;;", "font": _LABELS | {"size": 8}},
                }
            )  # fmt: skip
        title = {"name": HEI, "size": 10, "bold": False, "color": GREY}
        chart.set_title({"name": "各等级所占比例", "name_font": title, "overlay": False})
        chart.set_legend({"position": "bottom", "font": _LABELS})
        chart.set_x_axis({"num_font": _LABELS, "line": {"color": "#BFBFBF"}, "major_tick_mark": "none"})
        chart.set_y_axis({"visible": False, "major_gridlines": {"visible": False}, "min": 0})
        chart.set_chartarea({"border": {"color": "#D9D9D9"}})
        pixels = int((_COLUMNS - _TABLE) * (_WIDTH * 7 + 5)) - 10
        chart.set_size({"width": pixels, "height": int(rows * _ROW * 4 / 3) - 4})
        self.page.sheet.insert_chart(top - 1, _TABLE, chart, {"x_offset": 10, "y_offset": 2, "object_position": 1})

    def top_rules(self) -> None:
        """The rules broken most often, with how often and by how many departments."""
        counts: dict[str, Counter[Severity]] = defaultdict(Counter)
        books: dict[str, set[str]] = defaultdict(set)
        for each in self.summary.findings:
            counts[each.rule][each.severity] += 1
            books[each.rule].add(each.workbook)
        order = sorted(counts, key=lambda rule: (*(-counts[rule][each] for each in Severity), rule))
        self._section(f"最常见的问题（前 {_TOP_RULES} 项，错误在前）" if order else "最常见的问题")
        look = self.look
        for first, last, words in (
            (1, 1, "规则"),
            (2, 8, "要求"),
            (9, 9, "错误"),
            (10, 10, "提醒"),
            (11, 11, "提示"),
            (12, 12, "部门数"),
        ):
            self.page.merge(self.row, first, last, words, look("header"))
        self.page.rows(self.row, _ROW)
        self.row += 1
        for rule in order[:_TOP_RULES]:
            demand = RULES[rule].page["要求"].partition("；")[0].rstrip("。") if rule in RULES else ""
            self.page.put(self.row, 1, rule, look("centre"))
            self.page.merge(self.row, 2, 8, demand, look("text"))
            for column, severity in zip((9, 10, 11), Severity, strict=True):
                count = counts[rule][severity]
                self.page.put(self.row, column, count or None, look("tally", severity.value if count else ""))
            self.page.put(self.row, 12, len(books[rule]), look("tally"))
            self.page.rows(self.row, max(_ROW, height(lines(demand, 7 * _WIDTH))))
            self.row += 1
        if not order:
            self.page.merge(self.row, 1, _COLUMNS, "没有发现问题", look("centre"))
            self.row += 1

    def signatures(self) -> None:
        self.row += 1
        self.page.rows(self.row - 1, 14)
        self.page.rows(self.row, 26)
        parts = ((1, 1, 3, "填表人："), (4, 4, 6, "审核人："), (7, 8, 10, "单位负责人："), (11, 11, 12, "日期："))
        for first, label_end, last, word in parts:
            self.page.merge(self.row, first, label_end, word, self.look("sign label"))
            self.page.merge(self.row, label_end + 1, last, None, self.look("sign"))

    def _section(self, words: str) -> None:
        self.page.rows(self.row, 10)
        self.row += 1
        self.page.merge(self.row, 1, _COLUMNS, words, self.look("section"))
        self.page.rows(self.row, 22)
        self.row += 1
