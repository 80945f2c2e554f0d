"""待办.xlsx: whom the bureau has to write to, what is open with each, and the words to send."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from operator import attrgetter
from pathlib import Path

from evalxl import layout
from evalxl.district.attendance import NOBODYS, Pending
from evalxl.district.directory import identities
from evalxl.district.findings import Finding, Severity, Status, by_workbook
from evalxl.facts.attendance import likely_missing
from evalxl.intake.probe.refusals import OPERATORS
from evalxl.outputs.summary.tally import Department, Tally
from evalxl.sheets.book import Book
from evalxl.sheets.columns import NUMBER, Cell, Column
from evalxl.sheets.table import Placed, write_records
from evalxl.values.folding import name_key

_NAMED = 3  # places that a list names of what is open
_HINTS = 5  # hints that a message repeats
_LEFT = "剩余天数"
_DAYS = '0" 天";"已过 "0" 天";"今天截止"'  # of a number of days that may be over, or be none
_OPEN = (Status.REFUSED, Status.RETURNED, Status.EXPLAIN)


def write_pending(path: Path, tally: Tally, returned: Mapping[str, str]) -> None:
    """Write the list: the departments that are not finished, and what those that have passed may yet look at."""
    unfinished, until = pending(tally, returned), _deadline(tally)
    with Book(path, f"{tally.scope}绩效自评待办") as book:
        note = "一个部门一行；“发送文字”可复制到短信或工作群，退回件作为附件发送。"
        note += "" if until else "规则文件没有写截止日期，不计算剩余天数。"
        placed = write_records(
            book.page("待办", landscape=True), f"{tally.scope}绩效自评待办", _columns(until), unfinished, note=note,
            empty="全部部门都已办结", autofilter=bool(unfinished),
        )  # fmt: skip
        _count_days(placed, until)
        hints = list(_hints(tally, by_workbook(tally.standing), _people(tally)))
        write_records(
            book.page("提示", landscape=True), "已通过部门的提示", _columns("", "提示"), hints,
            note="不要求改正，请部门过目，以后注意。", empty="没有",
        )  # fmt: skip


def pending(tally: Tally, returned: Mapping[str, str]) -> list[Pending]:
    """The departments that are not finished: first those that sent nothing, then the others in the order of files.

    ``returned`` names, by workbook, the copy that goes back.
    """
    until = _deadline(tally)
    return [*_missing(tally, until), *_unfinished(tally, by_workbook(tally.standing), _people(tally), returned, until)]


def _deadline(tally: Tally) -> str:
    deadline = tally.policy.head.deadline
    return f"{deadline:%Y-%m-%d}" if deadline else ""


def _columns(until: str, matter: str = "待办事项") -> list[Column]:
    last_day = [Column("截止日期", "centre", least=12, of=lambda _: until), Column(_LEFT, "count", least=13)]
    return [
        NUMBER, Column("部门", most=26, of=attrgetter("department")),
        Column("状态", "centre", least=10, of=lambda each: Cell(each.state, each.mark)),
        Column(matter, most=40, least=24, of=attrgetter("matter")),
        Column("联系人", "centre", of=attrgetter("contact")), Column("联系电话", "centre", of=attrgetter("phone")),
        *(last_day if until else []),
        Column("附件", most=30, optional=True, of=attrgetter("file")),
        Column("发送文字", most=50, least=50, of=attrgetter("message")),
    ]  # fmt: skip


def _count_days(placed: Placed, until: str) -> None:
    """The days left, as the program that opens the list counts them: the list itself is the same on any day."""
    if not until:
        return
    year, month, day = until.split("-")
    look = placed.page.book.look("count", number_format=_DAYS)
    for row in range(placed.first, placed.last + 1):
        text = f"DATE({int(year)},{int(month)},{int(day)})-TODAY()"
        placed.page.formula(row, placed.columns[_LEFT], text, "", look)


def _people(tally: Tally) -> dict[str, tuple[str, str]]:
    """Whom to ask about each workbook: as the roster says, or else the workbook."""
    roster = tally.d.bureau.roster
    listed = {
        key: (who, phone) for key, who, phone in zip(roster["key"], roster["contact"], roster["phone"], strict=True)
    }
    general, names = tally.d.general, identities(tally.d)
    rows = zip(*(general[each] for each in ("workbook", "preparer", "phone")), strict=True)
    found = {book: (who, phone) for book, who, phone in rows}
    for book, name in names.items():
        who, phone = listed.get(name_key(name), ("", ""))
        own = found.get(book, ("", ""))
        found[book] = (who or own[0], phone or own[1])
    return found


def _wanted(tally: Tally) -> str:
    return f"{tally.d.year or ''}{'年度' if tally.d.year else ''}{layout.TITLE}表"


def _last_day(until: str) -> str:
    """The last day, in words that hold whether it is still to come or past: the list says the same on any day."""
    return f"，截止日期{until}" if until else ""


_LIKELY = "名册上没有报送，但收到名称相近的一份，先看是不是它，见下"


def _missing(tally: Tally, until: str) -> Iterator[Pending]:
    came = tally.attendance
    likely = set(likely_missing(tally.d, came).values()) if came else set()
    for each in came.missing if came else ():
        if each.name in likely:  # whoever sent a workbook under a name like it is asked, once
            yield Pending(each.name, "未报送", "returned", _LIKELY, each.contact, each.phone, "", "")
            continue
        words = f"{each.name}：贵单位的{_wanted(tally)}尚未收到，请尽快报送{_last_day(until)}。"
        yield Pending(each.name, "未报送", "returned", "没有报送", each.contact, each.phone, "", words)


_REPEATED = "F06"  # of several workbooks of one department nothing in the one at hand is wrong


def _unfinished(
    tally: Tally,
    findings: Mapping[str, list[Finding]],
    people: Mapping[str, tuple[str, str]],
    returned: Mapping[str, str],
    until: str,
) -> Iterator[Pending]:
    codes, listed = _refused(tally), {each.workbook for each in tally.listed}
    for each in (each for each in tally.departments if each.status in _OPEN):
        code, found = codes.get(each.workbook, ""), findings.get(each.workbook, [])
        unpacked = code in OPERATORS - NOBODYS and each.workbook not in tally.superseded  # whosever it is
        if each.workbook not in listed and not unpacked:
            continue
        name = each.name or each.workbook
        if each.status is Status.REFUSED:
            said = "；".join(f"{one.statement.rstrip('。')}；{one.fix}" for one in found[:1]).rstrip("。")
            matter = said or "文件打不开"
            words = f"{name}：贵单位报送的{matter}（请尽快报来{_last_day(until)}）。"
            words = "" if code in OPERATORS else words
        else:
            to_do = [one for one in found if one.severity is not Severity.INFO and not _answered(one)]
            matter = _matter(to_do)
            again = "请在附件上改正或说明，尽快重新报送"
            if twice := [one.statement.rstrip("。") for one in to_do if one.rule == _REPEATED]:
                matter, again = f"{twice[0]}；{matter}", f"请回复以哪一份为准；其余问题{again.removeprefix('请')}"
            words = f"{name}：贵单位的{_wanted(tally)}经审核，{matter}。{again}{_last_day(until)}。"
        file = returned.get(each.workbook, "")
        who = people.get(each.workbook, ("", ""))
        yield Pending(name, each.status.word, each.status.mark, matter, *who, file, words)


def _refused(tally: Tally) -> dict[str, str]:
    """Why each file that is not read is not, as a code."""
    notes = tally.d.notes[tally.d.notes["kind"] == "unreadable"]
    return dict(zip(notes["workbook"], notes["raw"], strict=True))


def _answered(finding: Finding) -> bool:
    return finding.explained and finding.severity is Severity.WARNING


def _matter(to_do: list[Finding]) -> str:
    """How much is to be corrected and how much to be explained, and where the first of it stands."""
    counts = Counter(each.severity for each in to_do)
    words = [f"错误{counts[Severity.ERROR]}条须改正"] if counts[Severity.ERROR] else []
    words += [f"提醒{counts[Severity.WARNING]}条须改正或书面说明"] if counts[Severity.WARNING] else []
    ordered = sorted(to_do, key=lambda each: each.severity.rank)
    places = list(dict.fromkeys(" ".join(filter(None, (each.place, each.label))) for each in ordered))
    return "，".join(words) + f"（{'、'.join(places[:_NAMED])}{'等' if len(places) > _NAMED else ''}）"


def _hints(
    tally: Tally, findings: Mapping[str, list[Finding]], people: Mapping[str, tuple[str, str]]
) -> Iterator[Pending]:
    for each in tally.departments:
        if not _passed(each) or each.workbook in tally.superseded:
            continue
        infos = [one for one in findings.get(each.workbook, ()) if one.severity is Severity.INFO]
        if infos:
            said = [f"{one.place} {one.statement.rstrip('。')}".strip() for one in infos]
            words = "；".join(said[:_HINTS]) + ("；等" if len(said) > _HINTS else "")
            message = f"{each.name}：贵单位的{_wanted(tally)}已审核通过。另有{len(said)}条提示请过目：{words}。"
            who = people.get(each.workbook, ("", ""))
            yield Pending(each.name, each.status.word, each.status.mark, f"{len(said)}条", *who, "", message)


def _passed(each: Department) -> bool:
    return each.status in (Status.ACCEPTED, Status.EXPLAINED)
