"""The first sheet of a department's result: the verdict, the scores beside each other, and what to do next."""

from __future__ import annotations

from collections import Counter

import evalxl
from evalxl import layout
from evalxl.district.findings import Change, Finding, Severity, Status, status
from evalxl.district.tables import District, rows_of
from evalxl.facts.grade import Grades
from evalxl.policy.policy import Policy
from evalxl.sheets.book import Page
from evalxl.sheets.measure import height, lines
from evalxl.values.kinds import Kind
from evalxl.values.quantities import NAN, show, show_amount

_WIDTHS = [22.0, 25.0, 22.0, 25.0]
_ALL = sum(_WIDTHS[1:])
_FIGURES = (("income_total", "本年收入合计"), ("expenditure_total", "本年支出合计"), ("project", "其中：项目支出"))


def next_step(state: Status, errors: int, warnings: int) -> str:
    """What has to happen to a workbook of some status, in one sentence."""
    also = f"；另有 {warnings} 条提醒，请改正或书面说明" if warnings else ""
    return {
        Status.ACCEPTED: "各项核对没有发现错误和提醒，可以归档。",
        Status.EXPLAINED: f"没有错误，{warnings} 条提醒均已说明，说明见《问题》表，可以归档。",
        Status.EXPLAIN: f"请部门对《问题》表所列 {warnings} 条提醒逐条改正或书面说明，说明随本结果一并归档。",
        Status.RETURNED: f"请部门按《问题》表改正 {errors} 处错误{also}，然后重新报送工作簿。",
        Status.REFUSED: "文件未能读取，请部门按提示处理后重新报送。",
    }[state]


def bands_in_words(policy: Policy) -> str:
    """The grade bands in force, best first."""
    ranked = sorted(policy.scheme.bands, key=lambda band: -band.start)
    return "；".join(
        f"{band.grade} {band.start:g}≤得分{'≤' if not place else '＜'}{band.end:g}" for place, band in enumerate(ranked)
    )


def write_cover(
    page: Page,
    d: District,
    findings: list[Finding],
    grades: Grades,
    policy: Policy,
    marks: dict[tuple[str, str], str],
    fixed: int,
) -> dict[tuple[str, str], str]:
    """Draw the cover; gives back where each value of 基本信息 stands on it, by the sender's sheet and cell."""
    cover = _Cover(page, d, policy, marks)
    cover.head()
    cover.verdict(findings, fixed)
    cover.scores(grades)
    cover.own()
    cover.figures()
    cover.origin()
    cover.signatures()
    return cover.shown


class _Cover:
    def __init__(self, page: Page, d: District, policy: Policy, marks: dict[tuple[str, str], str]) -> None:
        self.page, self.d, self.policy, self.marks = page, d, policy, marks
        self.look = page.book.look
        self.book = {key: values[0] for key, values in d.columns("workbooks").items()}
        self.general = {key: values[0] for key, values in d.columns("general").items() if values}
        self.shown: dict[tuple[str, str], str] = {}
        self.row = 1
        page.columns(_WIDTHS)

    def head(self) -> None:
        self.page.merge(1, 1, 4, f"{layout.TITLE}审核结果", self.look("great title"))
        self.page.rows(1, 40)
        year = show(Kind.YEAR, self.book["year"])
        parts = [self.book["region"], f"{year}年度" if year else "", "金额单位：万元"]
        self.page.merge(2, 1, 4, "　".join(part for part in parts if part), self.look("subtitle"))
        self.row = 4
        self._wide("部门名称", self.book["department"], "department")
        self._pair(("所属地区", "region"), ("评价年度", "year"))
        self._pair(("部门编码", "code"), ("独立核算单位数", "unit_count"))
        self._pair(("填报人", "preparer"), ("联系电话", "phone"))
        self._pair(("填报日期", "date"), ("单位负责人", "head"))

    def verdict(self, findings: list[Finding], fixed: int) -> None:
        standing = Counter(each.severity for each in findings if not each.waiver)
        errors, warnings, infos = (standing[each] for each in Severity)
        state = status(bool(self.book["readable"]), findings)
        self._section("审核结论")
        self.page.put(self.row, 1, "结论", self.look("label"))
        self.page.merge(self.row, 2, 4, state.word, self.look("verdict", state.mark))
        self.page.rows(self.row, 34)
        self.row += 1
        self._wide("下一步", next_step(state, errors, warnings))
        waived = sum(bool(each.waiver) for each in findings)
        counts = f"错误 {errors} 条，提醒 {warnings} 条，提示 {infos} 条"
        self._wide("发现的问题", counts + (f"；另有财政部门豁免 {waived} 条" if waived else ""))
        changes = Counter(each.change for each in findings if each.change)
        if changes or fixed:
            words = [f"{each.word} {changes[each.value]} 条" for each in Change if changes[each.value]]
            self._wide("与上一次相比", "，".join([*words, f"{Change.FIXED.word} {fixed} 条"]))

    def scores(self, grades: Grades) -> None:
        rows = rows_of(grades.departments)
        mine = rows[0] if rows else {}
        self._section("得分与等级")
        self._pair(("整体自评得分（自报）", "score"), ("整体评价等级（自报）", "grade"))
        in_force = _score(mine.get("score", NAN))
        self._put_pair(
            (f"采用得分（{mine.get('mode', '')}）", in_force or "未评分"), ("应评等级", mine.get("grade") or "—")
        )
        reference = _score(mine.get("reference_score", NAN))
        self._put_pair(
            (
                "参考得分（仅供参考）",
                f"{reference}（各项目得分{mine.get('reference_mode', '')}）" if reference else "无法计算",
            ),
            ("参考等级（仅供参考）", mine.get("reference_grade") or "—"),
        )
        self._wide(
            "分数段", f"{bands_in_words(self.policy)}（{self.policy.scheme.title}，{self.policy.scheme.caution}）"
        )

    def figures(self) -> None:
        budget = self.d.columns("budget")
        amounts = dict(zip(budget["key"], budget["final"], strict=True))
        self._section("主要数据（万元）")
        figures = [(label, show_amount(amounts.get(key, NAN)) or "未填") for key, label in _FIGURES]
        self._put_pair(*figures[:2])
        self._put_pair(figures[2], ("项目个数", f"{len(self.d.projects)}"))

    def origin(self) -> None:
        self._section("依据")
        self._wide("报送文件", self.book["workbook"])
        self._wide("文件校验值（sha256）", self.book["sha256"])
        self._wide("程序与规则", f"evalxl {evalxl.__version__}；{self.policy.head.name}（{self.policy.sha256[:12]}）")

    def signatures(self) -> None:
        self.row += 2
        for column, word in ((1, "审核人："), (3, "审核日期：")):
            self.page.put(self.row, column, word, self.look("sign label"))
            self.page.put(self.row, column + 1, None, self.look("sign"))

    def own(self) -> None:
        """The lines that a bureau has added to 基本信息."""
        for field in (each for each in layout.GENERAL.fields if each.own):
            self._wide(field.header, show(field.kind, self.general.get(field.key, "")) or "未填", field.key)

    def _section(self, words: str) -> None:
        self.row += 1
        self.page.merge(self.row, 1, 4, words, self.look("section"))
        self.page.rows(self.row, 22)
        self.row += 1

    def _wide(self, label: str, value: object, key: str = "") -> None:
        text = str(value)
        self.page.put(self.row, 1, label, self.look("label"))
        self.page.merge(self.row, 2, 4, text, self.look("text", self._mark(key, 2)))
        self.page.rows(self.row, height(max(lines(text, _ALL), lines(label, _WIDTHS[0]))))
        self.row += 1

    def _pair(self, *fields: tuple[str, str]) -> None:
        """Two values of 基本信息 beside each other."""
        values = []
        for label, key in fields:
            value = self.general.get(key, self.book.get(key, ""))
            values.append((label, show(layout.GENERAL.by_key[key].kind, value)))
        self._put_pair(*values, marks=[self._mark(key, 2 * at + 2) for at, (_, key) in enumerate(fields)])

    def _put_pair(self, *pairs: tuple[str, str], marks: list[str] | None = None) -> None:
        for at, (label, text) in enumerate(pairs):
            self.page.put(self.row, 2 * at + 1, label, self.look("label"))
            self.page.put(self.row, 2 * at + 2, text, self.look("text", marks[at] if marks else ""))
        texts = [text for pair in pairs for text in pair]
        tallest = max(lines(text, room) for text, room in zip(texts, _WIDTHS, strict=True))
        self.page.rows(self.row, height(tallest))
        self.row += 1

    def _mark(self, key: str, column: int) -> str:
        """The fill of a value of 基本信息; where it stands is noted for the links."""
        address = self.d.cell(self.book["workbook"], "general", key, NAN) if key else ("", "")
        if not address[1]:
            return ""
        self.shown[address] = self.page.at(self.row, column)
        severity = self.marks.get(address, "")
        return "" if severity == Severity.INFO.value else severity


def _score(score: float) -> str:
    return show(Kind.SCORE, score)
