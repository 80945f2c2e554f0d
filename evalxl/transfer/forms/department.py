"""What one department's sources say, taken together and set into the cells of one template."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from evalxl import layout
from evalxl.layout import BUDGET, GENERAL, INDICATORS, PROJECTS, Shape, Sheet, column_number, template_address
from evalxl.sheets.measure import TEXT_LIMIT, cell_text
from evalxl.transfer.filling import beyond
from evalxl.transfer.forms.form import Indicator, Reading, Said, Untaken
from evalxl.transfer.forms.ledger import REPORT, Agreed, Ledger, Place
from evalxl.transfer.forms.strangers import departments, own_readings, own_reports, sender
from evalxl.transfer.report.draft import Imported
from evalxl.values.folding import clean, fold, name_key, short, without_code
from evalxl.values.kinds import Kind
from evalxl.values.quantities import show

_FEN_OF_WAN = 1_000_000
_EXECUTION = "预算执行率"
_NOT_FOUND = re.compile(r"没有找到(.{1,20}?)(?:的文字)?，请补填。")
_TABLES = {"项目得分表": PROJECTS}
_FROM_TABLE = "取自报告表格"
_SHEET_BY_TITLE = {sheet.title: sheet for sheet in layout.DATA_SHEETS}


class Doubt(NamedTuple):
    """Something to be filled in or looked at, in a sentence, and the report that leaves it open; '' for none."""

    file: str
    text: str


@dataclass
class Gathered:
    """One department's sources taken together, ready for the template."""

    entries: dict[str, object] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    untaken: list[Untaken] = field(default_factory=list)
    open: list[Doubt] = field(default_factory=list)  # what is to be filled in or looked at
    unread: list[str] = field(default_factory=list)  # files that were not read, each in a sentence
    mixed: list[str] = field(default_factory=list)  # the departments they are of, where no one of them prevails
    reports: int = 0
    departments: int = 0
    projects: int = 0

    @property
    def doubts(self) -> list[str]:
        """What is to be filled in or looked at, in sentences; of several reports each with its name."""
        several = self.reports > 1
        return [f"{each.file}：{each.text}" if several and each.file else each.text for each in self.open]

    @property
    def documents(self) -> int:
        """How many reports and forms were read."""
        return self.reports + self.departments + self.projects


@dataclass
class Sources:
    """The forms and reports of one department, as they were read."""

    readings: list[Reading] = field(default_factory=list)
    reports: list[tuple[str, Imported]] = field(default_factory=list)


def fill(sources: Sources, found: Gathered) -> None:
    """Set what the sources agree on into the template's cells, and name what they do not."""
    ledger, projects = Ledger(), _Projects()
    own = sender(sources.readings, sources.reports)
    named = [] if own.department else departments(sources.readings, sources.reports)
    found.mixed = named if len(named) > 1 else []
    readings = own_readings(sources.readings, own, found.untaken)
    reports = own_reports(sources.reports, own, found.untaken)
    for reading in readings:
        of_project = reading.form.key == "project"
        found.projects += of_project
        found.departments += not of_project
        record = projects.record(reading) if of_project else ""
        _state_form(ledger, reading, record)
        found.untaken += reading.untaken
    for following in (False, True):
        for name, imported in reports:
            _state_report(ledger, name, imported, projects, following=following)
    found.reports += len(reports)
    agreed, contradicted = ledger.settled(projects.names)
    found.untaken += contradicted
    _set_fixed(agreed, found)
    _set_projects(agreed, projects, found)
    _set_indicators(agreed, projects, found)
    _add_doubts(reports, found)
    if found.documents:
        at = template_address(GENERAL, "money_unit")
        found.entries[at], found.notes[at] = "万元", "待核对：各来源的金额已一律换算为万元"


class _Projects:
    """The projects by their names, and by their units where two units have one of the same name."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  # as written, by record
        self._units: dict[str, str] = {}

    def record(self, reading: Reading) -> str:
        """The record of the project that a form is of."""
        said = reading.said.get("projects.unit")
        unit = name_key(str(said.value)) if said else ""
        record = key_of(reading.name)
        while unit and self._units.get(record, unit) != unit:
            record += "+"
        if unit:
            self._units[record] = unit
        self.names.setdefault(record, reading.name)
        return record

    def named(self, name: str) -> str:
        """The record of a project that a report names."""
        self.names.setdefault(key_of(name), name)
        return key_of(name)


def key_of(project: str) -> str:
    """A project's name as it is compared."""
    return without_code(name_key(project))


# ---------------------------------------------------------------- 各来源所说


def _state_form(ledger: Ledger, reading: Reading, record: str) -> None:
    for path, said in reading.said.items():
        if place := _place_at(path, record):
            ledger.state(place, said)
    for path, disputed in reading.disputed.items():
        if place := _place_at(path, record):
            ledger.dispute(place, disputed)
    counts: Counter[str] = Counter()
    for indicator in [*_execution(reading), *reading.indicators]:
        name = fold(str(indicator["level3"].value))
        counts[name] += 1
        for key, said in indicator.items():
            ledger.state((INDICATORS, f"{record}\n{name}\n{counts[name]}", key), said)


def _place_at(path: str, record: str) -> Place | None:
    """The place of a path in a form; None for what has its place among the indicators."""
    sheet_key, *rest = path.split(".")
    if sheet_key == "execution":
        return None
    sheet = layout.BY_KEY[sheet_key]
    line = rest[0] if sheet is BUDGET else record if sheet is PROJECTS else ""
    return sheet, line, rest[-1]


def _execution(reading: Reading) -> list[Indicator]:
    """The row for budget execution, which forms score beside their amounts and not among the indicators."""
    said = {path.partition(".")[2]: each for path, each in reading.said.items() if path.startswith("execution.")}
    if "weight" not in said and "points" not in said:
        return []
    first = next(iter(said.values()))
    own = next((each for each in reading.indicators if _EXECUTION in fold(str(each["level3"].value))), None)
    if own is not None:
        for key, each in said.items():
            if key in own and own[key].value != each.value:
                why = f"指标中的{_EXECUTION}写“{own[key].raw}”，不一致，没有填入"
                reading.untaken.append(Untaken(each.file, each.page, each.cell, _EXECUTION, each.raw, why))
        return []
    name = first._replace(value=_EXECUTION, raw=_EXECUTION)
    return [{"level1": name, "level3": name, **said}]


def _state_report(ledger: Ledger, file: str, imported: Imported, projects: _Projects, *, following: bool) -> None:
    """What a report says, by the place and not by the cell that it was drafted for; what follows from it, last."""
    records: dict[tuple[str, str], str] = {}
    name = PROJECTS.column("name")
    for address, value in imported.entries.items():
        title, _, cell = address.partition("!")
        if title == PROJECTS.title and _column_row(cell)[0] == name:
            records[title, _column_row(cell)[1]] = projects.named(str(value))
    records |= _indicators_by_row(imported, projects)
    for address, value in imported.entries.items():
        title, _, cell = address.partition("!")
        sheet = _SHEET_BY_TITLE[title]
        column, row = _column_row(cell)
        place = _place_of(sheet, column, int(row), records.get((title, row), row))
        if (sheet, place[2]) in ((GENERAL, "money_unit"), (PROJECTS, "name"), (INDICATORS, "project")):
            continue
        follows = address in imported.following
        if follows != following or (follows and place in ledger.statements):  # what another source states counts
            continue
        note = imported.notes[address].removeprefix("待核对：")
        told, own = note.removeprefix("取自报告"), _as_table(sheet, place[2], value)
        said = Said(own, file, REPORT, short(told), show(sheet.by_key[place[2]].kind, own))
        table = note.startswith(_FROM_TABLE)
        ledger.state(place, said, f"取自 {file} {told}", prose=not table and sheet.key != "narrative")


def _indicators_by_row(imported: Imported, projects: _Projects) -> dict[tuple[str, str], str]:
    """The indicators that a report lists, by their row: what they are known by, as those of forms are."""
    said: dict[str, dict[str, str]] = {}
    for address, value in imported.entries.items():
        title, _, cell = address.partition("!")
        if title == INDICATORS.title:
            column, row = _column_row(cell)
            said.setdefault(row, {})[INDICATORS.fields[column - 1].key] = str(value)
    records: dict[tuple[str, str], str] = {}
    counts: Counter[str] = Counter()
    for row, values in said.items():
        project = projects.named(values["project"]) if "project" in values else ""
        known = f"{project}\n{fold(values.get('level3', ''))}"
        counts[known] += 1
        records[INDICATORS.title, row] = f"{known}\n{counts[known]}"
    return records


def _column_row(cell: str) -> tuple[int, str]:
    letters = cell.rstrip("0123456789")
    return column_number(letters), cell[len(letters) :]


def _place_of(sheet: Sheet, column: int, row: int, record: str) -> Place:
    if sheet.shape is Shape.FORM:
        return sheet, "", sheet.fields[row - sheet.FIRST_ROW].key
    key = sheet.fields[column - 1].key
    return (sheet, sheet.lines[row - sheet.FIRST_ROW].key, key) if sheet is BUDGET else (sheet, record, key)


def _as_table(sheet: Sheet, key: str, value: object) -> str | float:
    if isinstance(value, str):
        return value
    number = float(str(value))
    return float(round(number * _FEN_OF_WAN)) if sheet.by_key[key].kind is Kind.AMOUNT else number


# ---------------------------------------------------------------- 填入模板


def _set(found: Gathered, sheet: Sheet, key: str, at: int | str, value: str | float, note: str) -> None:
    address = template_address(sheet, key, at)
    found.entries[address], found.notes[address] = _typed(sheet, key, value), note
    if isinstance(value, str) and cell_text(value) != clean(value):
        found.open.append(Doubt("", f"{address} 超过 {TEXT_LIMIT} 字，单元格放不下，后面的部分没有填入。"))


def _typed(sheet: Sheet, key: str, value: str | float) -> object:
    if isinstance(value, str):
        return cell_text(value)
    if sheet.by_key[key].kind is Kind.AMOUNT:
        return Decimal(round(value)) / _FEN_OF_WAN
    return int(value) if value == int(value) else value


def _set_fixed(agreed: Agreed, found: Gathered) -> None:
    """Forms, fixed lines, and the tables whose rows only a report has."""
    for (sheet, record, key), (value, note) in agreed.items():
        if sheet in (PROJECTS, INDICATORS):
            continue
        at: int | str = record if sheet is BUDGET else int(record) if record else 0
        _set(found, sheet, key, at, value, note)


def _set_projects(agreed: Agreed, projects: _Projects, found: Gathered) -> None:
    for row, (record, name) in enumerate(projects.names.items(), PROJECTS.FIRST_ROW):
        own = {place[2]: said for place, said in agreed.items() if place[:2] == (PROJECTS, record)}
        source = next(iter(own.values()), (0.0, "待核对：取自自评表"))[1]
        for key, (value, note) in ({"name": (name, source)} | own).items():
            _set(found, PROJECTS, key, row, value, note)
    _tell_beyond(PROJECTS, len(projects.names), found)


def _set_indicators(agreed: Agreed, projects: _Projects, found: Gathered) -> None:
    rows: dict[str, dict[str, tuple[str | float, str]]] = {}
    for (sheet, record, key), said in agreed.items():
        if sheet is INDICATORS:
            rows.setdefault(record, {})[key] = said
    order = {record: number for number, record in enumerate(["", *projects.names])}
    ordered = sorted(rows.items(), key=lambda each: order[each[0].partition("\n")[0]])
    for row, (record, own) in enumerate(ordered, INDICATORS.FIRST_ROW):
        project = projects.names.get(record.partition("\n")[0], "")
        if project:
            _set(found, INDICATORS, "project", row, project, own["level3"][1])
        for key, (value, note) in own.items():
            _set(found, INDICATORS, key, row, value, note)
    _tell_beyond(INDICATORS, len(rows), found)


def _tell_beyond(sheet: Sheet, count: int, found: Gathered) -> None:
    told = beyond(sheet, count)
    if told:
        found.open.append(Doubt("", f"《{sheet.title}》有 {count} 行{told}。"))


def _add_doubts(reports: list[tuple[str, Imported]], found: Gathered) -> None:
    """What the reports leave open, without what another source has answered."""
    filled = {_header_at(address) for address in found.entries} | {
        words for words, sheet in _TABLES.items() if any(each.startswith(f"{sheet.title}!") for each in found.entries)
    }
    for name, imported in reports:
        for doubt in imported.doubts:
            missing = _NOT_FOUND.fullmatch(doubt)
            if missing is None or missing[1] not in filled:
                found.open.append(Doubt(name, doubt))
        for address, note in imported.notes.items():
            if address not in imported.entries:  # a total, which is a formula: what the report says of it
                found.notes.setdefault(address, note)


def _header_at(address: str) -> str:
    title, _, cell = address.partition("!")
    sheet = _SHEET_BY_TITLE[title]
    row = _column_row(cell)[1]
    return sheet.fields[int(row) - sheet.FIRST_ROW].header if sheet.shape is Shape.FORM else ""
