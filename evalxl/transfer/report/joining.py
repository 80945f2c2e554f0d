"""What several tables of a report say of one project, as one record."""

from __future__ import annotations

from collections import defaultdict

from evalxl.layout import PROJECTS
from evalxl.transfer.report.tables import Record, Tables
from evalxl.values.folding import fold
from evalxl.values.kinds import Kind
from evalxl.values.quantities import show


def join_projects(found: Tables, first: int) -> None:
    """Take what a table has told, from a record on, into the records of the same projects of the tables before it.

    Of several projects of one name the first is the first, and so on. Where two tables differ, neither holds.
    """
    known: defaultdict[str, list[Record]] = defaultdict(list)
    for each in found.records[:first]:
        if each.sheet is PROJECTS:
            known[_name(each)].append(each)
    told = found.records[first:]
    del found.records[first:]
    for record in told:
        same = known[_name(record)]
        if same:
            _complete(same.pop(0), record, found)
        else:
            found.records.append(record)


def _name(record: Record) -> str:
    return fold(str(record.values.get("name", "")))


def _complete(known: Record, record: Record, found: Tables) -> None:
    for key, value in record.values.items():
        before = known.values.setdefault(key, value)
        if before != value and key != "name":
            kind = PROJECTS.by_key[key].kind
            both = "、".join(show(kind, each) if kind is not Kind.TEXT else str(each) for each in (before, value))
            del known.values[key]
            whose = f"“{known.values['name']}”的{PROJECTS.by_key[key].header}"
            found.doubts.append(f"{whose}，报告中两张表写的不同（{both}），没有填入，请核对。")
