"""A report read into the template's cells: every value with the place it came from, every doubt in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from evalxl.layout import BUDGET, GENERAL, NARRATIVE, Sheet, template_cell
from evalxl.policy.policy import Policy
from evalxl.transfer.report.amounts import Stated, Unsure, settle, stated_amounts
from evalxl.transfer.report.facts import Fact, closing_date, labelled_facts, overall, region_of, title_facts
from evalxl.transfer.report.grids import Amount, Record, Tables, read_tables
from evalxl.transfer.report.outline import Outline, kind_of, outline
from evalxl.transfer.report.pieces import Line, Piece
from evalxl.values.folding import label_key
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, read_number, show_amount

_LONGEST_TEXT = 30_000  # characters; a cell holds 32,767
_LONGEST_LABEL = 20
_LONGEST_SOURCE = 160
_MOST_DOUBTS = 200
_FROM_PAIRS = ("department", "code", "region", "year", "date", "preparer", "phone", "head")


@dataclass(frozen=True)
class Imported:
    """What a report says, ready for the template: ``entries`` and ``notes`` by cell, ``doubts`` one sentence each."""

    entries: dict[str, object] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    def put(self, sheet: Sheet, key: str, value: object, source: str, row_or_line: int | str = 0) -> None:
        """One value with the place it was taken from."""
        address = f"{sheet.title}!{template_cell(sheet, key, row_or_line)}"
        source = source.replace("\n", " ")
        shown = source if len(source) <= _LONGEST_SOURCE else source[:_LONGEST_SOURCE] + "……"
        self.entries[address] = value
        self.notes[address] = f"待核对：{shown}"

    def doubt(self, sentence: str) -> None:
        """Something left blank, or to be looked at, once each."""
        if sentence not in self.doubts and len(self.doubts) < _MOST_DOUBTS:
            self.doubts.append(sentence)


def draft(document: Sequence[Piece], policy: Policy) -> Imported:
    """Everything that can be told from a report; what is ambiguous is left blank and listed."""
    found = Imported()
    parts, tables = outline(document), read_tables(document)
    lines = [piece.text for piece in document if isinstance(piece, Line)]
    general = _general(lines, tables, found)
    _overall(parts, lines, policy, found)
    _records(tables, found)
    year = general.get("year")
    department = str(general["department"].value) if "department" in general else ""
    _budget(_told(lines, int(float(year.value)) if year else None, department), tables, policy, found)
    _narrative(parts, tables, found)
    for sentence in tables.doubts:
        found.doubt(sentence)
    return found


def _quoted(text: str) -> str:
    return f"取自报告“{text}”"


# ---------------------------------------------------------------- 基本信息


def _general(lines: list[str], tables: Tables, found: Imported) -> dict[str, Fact]:
    facts = title_facts(lines)
    for key, fact in (labelled_facts(lines) | _paired(tables)).items():
        before = facts.setdefault(key, fact)
        if str(before.value) in str(fact.value):  # the label says it in full: 岳阳市 … 岳阳市城管局
            facts[key] = fact
        elif str(fact.value) not in str(before.value):
            del facts[key]
            found.doubt(
                f"{GENERAL.by_key[key].header}：标题写“{before.value}”，正文写“{fact.value}”，没有填入，请核对。"
            )
    date = closing_date(lines)
    if date:
        facts.setdefault("date", date)
    if "region" not in facts and "department" in facts:
        region = region_of(facts["department"])
        if region:
            facts["region"] = region
    for key, fact in facts.items():
        value = int(fact.value) if isinstance(fact.value, float) else fact.value
        found.put(GENERAL, key, value, _quoted(fact.source))
    for key in ("department", "region", "year"):
        if key not in facts and not any(doubt.startswith(GENERAL.by_key[key].header) for doubt in found.doubts):
            found.doubt(f"没有找到{GENERAL.by_key[key].header}，请补填。")
    return facts


def _paired(tables: Tables) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for label, value in tables.pairs:
        own = GENERAL.by_label.get(label_key(label))
        if own is None or own.key not in _FROM_PAIRS or label_key(value) in GENERAL.by_label:
            continue
        if own.kind is Kind.YEAR:
            year = read_number(value, Kind.YEAR).value
            if given(year):
                facts.setdefault(own.key, Fact(year, f"{label}｜{value}"))
        else:
            facts.setdefault(own.key, Fact(value.replace("\n", " "), f"{label}｜{value}"))
    return facts


def _overall(parts: Outline, lines: list[str], policy: Policy, found: Imported) -> None:
    scores, grades = overall(parts.conclusion, policy)
    elsewhere = overall(lines, policy)
    for key, facts in (("score", scores or elsewhere[0]), ("grade", grades or elsewhere[1])):
        values = {fact.value for fact in facts}
        header = GENERAL.by_key[key].header
        if len(values) == 1:
            found.put(GENERAL, key, facts[0].value, _quoted(facts[0].source))
        elif values:
            stated = "、".join(str(value) for value in sorted(values, key=str))
            found.doubt(f"{header}：报告中有几种写法（{stated}），没有填入，请核对。")
        else:
            found.doubt(f"没有找到{header}，请补填。")


# ---------------------------------------------------------------- 单位、项目、评价组


def _records(tables: Tables, found: Imported) -> None:
    counts: dict[str, int] = {}
    for record in tables.records:
        sheet = record.sheet
        row = sheet.FIRST_ROW + counts.get(sheet.key, 0)
        counts[sheet.key] = counts.get(sheet.key, 0) + 1
        if row > sheet.last_row:
            found.doubt(f"《{sheet.title}》表只有 {sheet.room} 行，多出的没有导入。")
            continue
        _record(record, row, found)
    if counts.get("units"):
        count = counts["units"]
        found.put(GENERAL, "unit_count", count, f"报告的独立核算单位表列出 {count} 个单位")
    for key, what in (("units", "独立核算单位表"), ("projects", "项目得分表"), ("reviewers", "评价工作组名单")):
        if not counts.get(key):
            found.doubt(f"没有找到{what}，请补填。")


def _record(record: Record, row: int, found: Imported) -> None:
    for key, value in record.values.items():
        own = record.sheet.by_key[key]
        shown = _amount(value) if own.kind is Kind.AMOUNT and isinstance(value, float) else value
        found.put(record.sheet, key, shown, record.source, row)


def _amount(fen: float) -> float:
    """Fen as the template takes them: 万元."""
    return float(Decimal(round(fen)).scaleb(-6))


# ---------------------------------------------------------------- 预算


@dataclass
class _Told:
    certain: dict[tuple[str, str], list[Stated]] = field(default_factory=dict)
    unsure: list[Unsure] = field(default_factory=list)


def _told(lines: Iterable[str], year: int | None, department: str) -> _Told:
    told = _Told()
    for each in stated_amounts(lines, year, department):
        if isinstance(each, Stated):
            told.certain.setdefault((each.line, each.column), []).append(each)
        else:
            told.unsure.append(each)
    return told


def _budget(told: _Told, tables: Tables, policy: Policy, found: Imported) -> None:
    printed = {(each.line, each.column): each for each in tables.amounts}
    figures: dict[tuple[str, str], float] = {}
    for line in BUDGET.lines:
        for column in ("initial", "revised", "final"):
            at = (line.key, column)
            settled = _settled(told.certain.get(at, []), printed.get(at), line.label, found)
            if settled is not None:
                figures[at] = settled.fen
                if not line.computed:
                    found.put(BUDGET, column, _amount(settled.fen), settled.source, line.key)
    for unsure in told.unsure:
        if (unsure.line, "final") not in figures:
            found.doubt(f"“{unsure.text}”不能确定就是{BUDGET.line_by_key[unsure.line].label}，没有填入，请核对。")
    _totals(figures, policy, found)
    found.put(GENERAL, "money_unit", "万元", "报告中的金额已一律换算为万元")


def _settled(sentences: list[Stated], printed: Amount | None, label: str, found: Imported) -> Amount | None:
    """The amount that prose and table agree on; None, and a doubt, where they do not."""
    if not sentences:
        return printed
    agreed = settle(sentences)
    amounts = sorted({show_amount(each.fen) for each in sentences} | ({show_amount(printed.fen)} if printed else set()))
    if agreed is None or (printed and abs(printed.fen - agreed.fen) > agreed.digit / 2):
        found.doubt(f"{label}：报告中有几个数（{'、'.join(amounts)} 万元），没有填入，请核对。")
        return None
    if printed:
        return printed
    return Amount(agreed.line, agreed.column, agreed.fen, _quoted(agreed.sentence))


def _totals(figures: dict[tuple[str, str], float], policy: Policy, found: Imported) -> None:
    """Totals are the template's own formulas: a stated one is only compared with what its parts will add up to."""
    parts = policy.grand_totals | {identity.total: identity.parts for identity in policy.sums}

    def summed(line: str, column: str) -> float | None:
        if not BUDGET.line_by_key[line].computed or line not in parts:
            return figures.get((line, column))
        given = [amount for part in parts[line] if (amount := summed(part, column)) is not None]
        return sum(given) if given else None

    for (line, column), stated in figures.items():
        if not BUDGET.line_by_key[line].computed:
            continue
        label, added = BUDGET.line_by_key[line].label, summed(line, column)
        if added is not None and abs(added - stated) <= 30_000:  # six numbers, each rounded to 0.01 万元
            continue
        will = "各项没有填全" if added is None else f"导入的各项之和是 {show_amount(added)} 万元"
        header = BUDGET.by_key[column].header
        told = f"报告写 {show_amount(stated)} 万元，{will}；合计由公式得出，请核对各项。"
        found.notes[f"{BUDGET.title}!{template_cell(BUDGET, column, line)}"] = f"待核对：{told}"
        found.doubt(f"{label}{header}：{told}")


# ---------------------------------------------------------------- 文字说明


def _narrative(parts: Outline, tables: Tables, found: Imported) -> None:
    for label, value in tables.pairs:  # reports on forms: the label on the left, the text beside it
        kind = kind_of(label) if len(label) <= _LONGEST_LABEL < len(value) else ""
        if kind in NARRATIVE.by_key and kind not in parts.text:
            parts.text[kind], parts.headings[kind] = [value], [label]
    for own in NARRATIVE.fields:
        text = "\n".join(line for line in parts.text.get(own.key, []) if line.strip("＿_ 。"))
        heading = "、".join(parts.headings.get(own.key, []))
        if len(text) > _LONGEST_TEXT:
            found.doubt(f"“{heading}”的文字超过 {_LONGEST_TEXT} 字，后面的没有导入。")
            text = text[:_LONGEST_TEXT]
        if text:
            found.put(NARRATIVE, own.key, text, f"{_quoted(heading)}一节")
        elif not (parts.mixed and own.key == "measures"):
            found.doubt(f"没有找到{own.header}的文字，请补填。")
    if parts.mixed:
        found.doubt(f"“{parts.mixed}”没有分开写，文字都放在“存在的问题”栏，请把措施移到“改进措施”栏。")
    for heading in parts.aside:
        found.doubt(f"“{heading}”一节只取了数字、得分和表格，文字没有对应的栏目，没有导入。")
    for heading in parts.lost:
        found.doubt(f"“{heading}”一节没有对应的栏目，没有导入。")
