"""Who of the roster has reported: told by name, former name or code; of a file that cannot be read, by its name."""

from __future__ import annotations

from evalxl.district.attendance import NOBODYS, Attendance, Missing
from evalxl.district.directory import Directory, of_roster
from evalxl.district.tables import District


def attendance(d: District) -> Attendance | None:
    """Who of the roster has reported; None where the bureau gave no roster."""
    roster = d.bureau.roster
    if roster.empty:
        return None
    names = roster["name"].tolist()
    directory = Directory(of_roster(roster))
    received, extra, renamed = _by_file(d, directory), [], []
    for workbook, key, code in zip(*(d.general[name] for name in ("workbook", "department_key", "code")), strict=True):
        known = directory.find([key], code) if key else None
        if known is None and key:
            extra.append(workbook)
        elif known is not None:
            received.add(known)
            if key != roster["key"].iloc[known]:
                renamed.append((workbook, names[known]))
    people = zip(names, roster["contact"], roster["phone"], strict=True)
    missing = [Missing(*person) for index, person in enumerate(people) if index not in received]
    return Attendance(len(names), tuple(missing), tuple(extra), tuple(renamed))


def _by_file(d: District, directory: Directory) -> set[int]:
    """The departments whose files do not say whose they are, told by the file's name."""
    named = set(d.general["workbook"][d.general["department_key"] != ""])
    nobodys = set(d.notes["workbook"][(d.notes["kind"] == "unreadable") & d.notes["raw"].isin(NOBODYS)])
    silent = [workbook for workbook in d.workbooks["workbook"] if workbook not in named | nobodys]
    found = (directory.named_in(workbook.rpartition("/")[2]) for workbook in silent)
    return {each for each in found if each is not None}
