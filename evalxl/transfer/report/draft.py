"""A report read into the template's cells: every value with the place it came from, every doubt in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from evalxl.facts.passages import plain
from evalxl.facts.sentences.contexts import Names
from evalxl.facts.sentences.workbooks import is_own
from evalxl.layout import BUDGET, GENERAL, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, template_address
from evalxl.policy.policy import Policy
from evalxl.transfer.report.amounts import QUOTED, Sentences, as_written, sentences_of
from evalxl.transfer.report.budget import Settled, settled
from evalxl.transfer.report.contents import without_contents
from evalxl.transfer.report.facts import (
    Fact,
    closing_date,
    fact_of,
    judged,
    label_of,
    labelled_facts,
    overall,
    region_named,
    region_of,
    title_facts,
)
from evalxl.transfer.report.grids import read_tables
from evalxl.transfer.report.outline import Outline, kind_of, mended, outline
from evalxl.transfer.report.people import as_unit, people
from evalxl.transfer.report.pieces import Line, Piece
from evalxl.transfer.report.projects import Spoken, spoken_of
from evalxl.transfer.report.remainder import remainder
from evalxl.transfer.report.tables import Record, Tables
from evalxl.transfer.report.team import team
from evalxl.values.folding import label_key, short
from evalxl.values.kinds import Kind

_LONGEST_TEXT = 30_000  # characters; a cell holds 32,767
_LONGEST_LABEL = 20
_LONGEST_SOURCE = 160
_QUOTATION = re.compile("“([^“”]*)”")
_EXPECTED = re.compile(r"预期|设定|年初目标")
_MOST_DOUBTS = 5_000


@dataclass(frozen=True)
class Imported:
    """What a report says, ready for the template: ``entries`` and ``notes`` by cell, ``doubts`` one sentence each.

    ``following`` are the cells of what is not stated but follows from what is.
    """

    entries: dict[str, object] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    following: set[str] = field(default_factory=set)
    written: dict[str, str] = field(default_factory=dict)  # what is read in other words, as the report has it

    def hear(self, lines: Sequence[str]) -> None:
        """Know how the sentences of a report are written, which whoever looks them up has to find in it."""
        for read, own in as_written(lines).items():
            shown = own.replace("“", "‘").replace("”", "’")
            self.written.update({read: shown, short(read, QUOTED): short(shown, QUOTED)})

    def _quoted(self, text: str) -> str:
        return _QUOTATION.sub(lambda match: f"“{self.written.get(match[1], match[1])}”", text)

    def put(self, sheet: Sheet, key: str, value: object, source: str, row_or_line: int | str = 0) -> None:
        """One value with the place it was taken from."""
        address = template_address(sheet, key, row_or_line)
        source = self._quoted(source).replace("\n", " ")
        shown = source if len(source) <= _LONGEST_SOURCE else source[:_LONGEST_SOURCE] + "……"
        self.entries[address] = value
        self.notes[address] = f"待核对：{shown}"

    def doubt(self, sentence: str) -> None:
        """Something left blank, or to be looked at, once each."""
        sentence = self._quoted(sentence)
        if len(self.doubts) == _MOST_DOUBTS:
            self.doubts.append(f"报告中没有填入的超过 {_MOST_DOUBTS} 处，其余没有列出，请对照原报告。")
        if len(self.doubts) < _MOST_DOUBTS and sentence not in self.doubts:
            self.doubts.append(sentence)


def draft(document: Sequence[Piece], policy: Policy) -> Imported:
    """Everything that can be told from a report; what is ambiguous is left blank and listed."""
    found = Imported()
    document = mended(without_contents(document))
    lines = [piece.text for piece in document if isinstance(piece, Line)]
    titled = title_facts(lines).get("year")
    parts, tables = outline(document), read_tables(document, int(float(titled.value)) if titled else 0)
    general = _general(lines, tables, found)
    sentences = sentences_of(lines, _names(general, tables))
    found.hear(lines)
    _overall(parts, sentences, policy, found)
    if not any(record.sheet is REVIEWERS for record in tables.records):
        members = team(parts.team)
        tables.records.extend(members.records)
        tables.doubts.extend(members.doubts)
    counts = _records(tables, found)
    _people(sentences, tables, general, counts.get(UNITS.key, 0), found)
    spoken = spoken_of(sentences, tables.records)
    _spoken(spoken, found)
    budget = settled(sentences, tables, policy, spoken.shown)
    _budget(budget, found)
    _narrative(parts, tables, found)
    for sentence in (*tables.doubts, *remainder(sentences, tables, found.entries)):
        found.doubt(sentence)
    return found


def _names(general: Mapping[str, Fact], tables: Tables) -> Names:
    """What the report calls by name: itself, its projects and the units below it."""
    year, department = general.get("year"), general.get("department")
    own = plain(str(department.value)) if department else ""
    named = {sheet.key: [plain(str(each.values.get("name", ""))) for each in tables.records if each.sheet is sheet]
             for sheet in (PROJECTS, UNITS)}  # fmt: skip
    return Names(
        year=int(float(year.value)) if year else 0,
        own=(own,) if own else (),
        projects=tuple(named[PROJECTS.key]),
        units=tuple("" if is_own(name, own) else name for name in named[UNITS.key]),
    )


def _quoted(text: str) -> str:
    return f"取自报告“{text}”"


# ---------------------------------------------------------------- 基本信息


def _general(lines: list[str], tables: Tables, found: Imported) -> dict[str, Fact]:
    facts = title_facts(lines)
    for key, fact in (labelled_facts(lines) | _paired(tables)).items():
        _add(facts, key, fact, found)
    date = closing_date(lines)
    if date and "date" not in facts:
        _add(facts, "date", date, found)
    department = facts.get("department")
    if department is not None and "region" not in facts:
        region = region_of(department) or region_named(lines, str(department.value))
        facts |= {"region": region} if region else {}
    below = facts.pop("below", None)
    if below is not None and "unit_count" not in facts:
        count = float(below.value) + 1
        facts["unit_count"] = Fact(count, f"{below.source.strip()}；加上部门本级共 {count:.0f} 个")
    for key, fact in facts.items():
        value = int(fact.value) if isinstance(fact.value, float) else fact.value
        found.put(GENERAL, key, value, _quoted(fact.source))
    for key in ("department", "region", "year"):
        if key not in facts and not any(doubt.startswith(GENERAL.by_key[key].header) for doubt in found.doubts):
            found.doubt(f"没有找到{GENERAL.by_key[key].header}，请补填。")
    return facts


def _add(facts: dict[str, Fact], key: str, fact: Fact, found: Imported) -> None:
    """What stands beside a label, to what the title says."""
    before = facts.setdefault(key, fact)
    if fact.value == "":
        del facts[key]
        found.doubt(f"{GENERAL.by_key[key].header}写作“{fact.source.strip()}”，不是完整的日期，没有填入。")
    elif str(before.value) in str(fact.value):  # the label says it in full: 岳阳市 … 岳阳市城管局
        facts[key] = fact
    elif str(fact.value) not in str(before.value):
        del facts[key]
        told = f"标题写“{before.value}”，正文写“{fact.value}”，没有填入，请核对。"
        found.doubt(f"{GENERAL.by_key[key].header}：{told}")


def _paired(tables: Tables) -> dict[str, Fact]:
    """The fields of 基本信息 that the report has in a form, label beside value."""
    facts: dict[str, Fact] = {}
    for label, value in tables.pairs:
        key = label_of(label)
        if key and not label_of(value) and label_key(value) not in GENERAL.by_label:
            facts = fact_of(key, value, f"{label}｜{value}") | facts
    return facts


def _overall(parts: Outline, sentences: Sentences, policy: Policy, found: Imported) -> None:
    scores, grades = overall(parts.conclusion, policy)
    elsewhere = judged(sentences)
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


def _records(tables: Tables, found: Imported) -> dict[str, int]:
    """The rows of tables; how many of each sheet."""
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
        address = template_address(GENERAL, "unit_count")
        if found.entries.get(address, count) != count:
            told = f"报告写 {found.entries.pop(address)} 个，独立核算单位表列出 {count} 个"
            del found.notes[address]
            found.doubt(f"独立核算单位数：{told}，没有填入，请核对。")
        else:
            found.put(GENERAL, "unit_count", count, f"报告的独立核算单位表列出 {count} 个单位")
    for key, what in (("units", "独立核算单位表"), ("projects", "项目得分表"), ("reviewers", "评价工作组名单")):
        if not counts.get(key):
            found.doubt(f"没有找到{what}，请补填。")
    return counts


def _people(sentences: Sentences, tables: Tables, general: Mapping[str, Fact], rows: int, found: Imported) -> None:
    """Posts, staff and units that are told in words."""
    told = people(sentences, tables, int(float(general["year"].value)) if "year" in general else 0)
    department = str(general["department"].value) if "department" in general else ""
    row, doubts = as_unit(told.of_unit, rows, department)
    for key, value in row.items():
        address = template_address(UNITS, key, UNITS.FIRST_ROW)
        fact = told.of_unit.get(key)
        source = _quoted(fact.source) if fact else "报告没有列出单位，人员数填在部门本身一行"
        if found.entries.get(address, value) == value:
            found.put(UNITS, key, value, source, UNITS.FIRST_ROW)
        else:
            header = UNITS.by_key[key].header
            doubts.append(f"{header}：文字写 {value}，单位表写 {found.entries.pop(address)}，没有填入，请核对。")
            del found.notes[address]
    address = template_address(GENERAL, "unit_count")
    if told.units is not None:
        count = int(float(told.units.value))
        if address not in found.entries:
            found.put(GENERAL, "unit_count", count, _quoted(told.units.source))
        elif found.entries[address] != count:
            doubts.append(f"独立核算单位数：报告另有一处写 {count} 个（“{told.units.source}”），请核对。")
    for doubt in (*told.doubts, *doubts):
        found.doubt(doubt)


def _record(record: Record, row: int, found: Imported) -> None:
    for key, value in record.values.items():
        own = record.sheet.by_key[key]
        shown = _amount(value) if own.kind is Kind.AMOUNT and isinstance(value, float) else value
        found.put(record.sheet, key, shown, record.source, row)


def _spoken(spoken: Spoken, found: Imported) -> None:
    """What prose says of projects that the table lists without it."""
    for (number, key), (fen, sentence) in spoken.amounts.items():
        row = PROJECTS.FIRST_ROW + number
        if row <= PROJECTS.last_row and template_address(PROJECTS, key, row) not in found.entries:
            found.put(PROJECTS, key, _amount(fen), _quoted(sentence), row)


def _amount(fen: float) -> float:
    """Fen as the template takes them: 万元."""
    return float(Decimal(round(fen)).scaleb(-6))


# ---------------------------------------------------------------- 预算


def _budget(budget: Settled, found: Imported) -> None:
    for (line, column), each in budget.figures.items():
        if not BUDGET.line_by_key[line].computed:
            found.put(BUDGET, column, _amount(each.fen), each.source, line)
            if each.follows:
                found.following.add(template_address(BUDGET, column, line))
    for (line, column), note in budget.notes.items():
        found.notes[template_address(BUDGET, column, line)] = note
    for doubt in budget.doubts:
        found.doubt(doubt)
    found.put(GENERAL, "money_unit", "万元", "报告中的金额已一律换算为万元")


# ---------------------------------------------------------------- 文字说明


def _narrative(parts: Outline, tables: Tables, found: Imported) -> None:
    beside = [(label, value) for label, value in tables.pairs if len(value) > _LONGEST_LABEL]
    for label, value in (*tables.headed, *beside):  # reports on forms: the text below its label, or beside it
        kind = ("goals" if _EXPECTED.search(label) else kind_of(label)) if len(label) <= _LONGEST_LABEL else ""
        kind = "achievement" if not kind and "完成" in label else kind
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
