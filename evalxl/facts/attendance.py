"""Who of the roster has reported: told by name, former name or code; of a file that cannot be read, by its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd
from rapidfuzz.fuzz import ratio

from evalxl.district.attendance import NOBODYS, Attendance, Missing
from evalxl.district.directory import Directory, identities, of_roster
from evalxl.district.tables import District
from evalxl.values.folding import fold, name_key


def attendance(d: District) -> Attendance | None:
    """Who of the roster has reported; None where the bureau gave no roster."""
    roster = d.bureau.roster
    if roster.empty:
        return None
    names = roster["name"].tolist()
    directory = Directory(of_roster(roster))
    found, extra, renamed = _by_file(d, directory), [], []
    for workbook, key, code in zip(*(d.general[name] for name in ("workbook", "department_key", "code")), strict=True):
        known = directory.find([key], code) if key else None
        if known is None and key:
            extra.append(workbook)
        elif known is not None:
            found[workbook] = known
            if key != roster["key"].iloc[known]:
                renamed.append((workbook, names[known]))
    people = zip(names, roster["contact"], roster["phone"], strict=True)
    received = set(found.values())
    missing = [Missing(*person) for index, person in enumerate(people) if index not in received]
    listed = sorted(found, key=lambda workbook: (found[workbook], workbook))
    return Attendance(len(names), tuple(missing), tuple(extra), tuple(renamed), known=tuple(listed))


def named_by_file(d: District) -> pd.DataFrame:
    """The spine; a file that does not say whose it is bears the name of the roster where its own tells the department.

    Of such a file else only its own name is known: a Word report called 示范区总工会自评报告 is of 示范区总工会.
    """
    books, roster = d.workbooks, d.bureau.roster
    found = _by_file(d, Directory(of_roster(roster))) if len(roster) else {}
    if not found:
        return books
    names, own = roster["name"].tolist(), zip(books["workbook"], books["department"], strict=True)
    return books.assign(department=[names[found[book]] if book in found else name for book, name in own])


_ALIKE = 80  # of 100: a name with one wrong character of five is still thought to be that of the roster


def likely_missing(d: District, came: Attendance) -> dict[str, str]:
    """Of workbooks that the roster does not know, the missing department whose name theirs may be, if it is one."""
    written = dict(zip(d.general["workbook"], d.general["department_key"], strict=True))
    missing = {name_key(each.name): each.name for each in came.missing}
    found = {}
    for workbook in came.extra:
        own = written[workbook]
        alike = [name for key, name in missing.items() if own in key or key in own or ratio(own, key) >= _ALIKE]
        if len(alike) == 1:
            found[workbook] = alike[0]
    return found


def _by_file(d: District, directory: Directory) -> dict[str, int]:
    """The departments of the files that do not say whose they are, told by the file's name."""
    named = set(d.general["workbook"][d.general["department_key"] != ""]) | _refused_as(d, NOBODYS)
    silent = [workbook for workbook in d.workbooks["workbook"] if workbook not in named]
    found = ((workbook, directory.named_in(workbook.rpartition("/")[2])) for workbook in silent)
    return {workbook: each for workbook, each in found if each is not None}


# What is sent along with a workbook; alone it may be all that a department has sent.
_ATTACHMENTS = frozenset(("word", "slides", "pdf", "ofd", "image", "archive", "zip", "zip_encrypted", "text", "json"))


def strays(d: District, came: Attendance | None, levels: Mapping[str, str]) -> set[str]:
    """The files that are no department's report: what programs leave behind, other workbooks, and attachments.

    The latter two may be what a department sent by mistake: unless there is a roster, and they are named like none of
    it, or an attachment is named like a department of its own district whose workbook has been read. Which department
    that is the roster knows: the name of one may stand in that of another, of which nothing else has come.
    """
    attached = _refused_as(d, _ATTACHMENTS)
    others = {
        book for book in attached | _refused_as(d, {"stranger"}) if came and came.covers(levels.get(book, ""))
    } - set(came.known if came else ())
    return _refused_as(d, NOBODYS) | others | (_beside(d, came, levels, attached) if attached else set())


def _beside(d: District, came: Attendance | None, levels: Mapping[str, str], attached: Collection[str]) -> set[str]:
    """The attachments of departments whose workbooks have been read, told by the names of the files."""
    names = identities(d) | (dict(came.renamed) if came else {})
    listed = set(came.known if came else ()).intersection(attached)
    read = d.general["workbook"][d.general["department_key"] != ""]
    sent = {(levels.get(book, ""), name_key(names[book])) for book in read}
    filed = zip(d.general["workbook"], d.general["department_key"], strict=True)
    written = sent | {(levels.get(book, ""), key) for book, key in filed if key}

    def is_beside(book: str) -> bool:
        level, file = levels.get(book, ""), fold(book.rpartition("/")[2])
        if book in listed:
            return (level, name_key(names[book])) in sent
        return any(level == where and key in file for where, key in written)

    return {book for book in attached if is_beside(book)}


def answers(d: District) -> set[str]:
    """The lists of findings that came back beside a workbook: they are none, but what was written in them is read."""
    return _refused_as(d, {"answer"})


def _refused_as(d: District, codes: Collection[str]) -> set[str]:
    notes = d.notes
    return set(notes["workbook"][(notes["kind"] == "unreadable") & notes["raw"].isin(codes)])
