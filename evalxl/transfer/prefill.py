"""One workbook for each department of the roster, with what is known of it already filled in."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from evalxl.district.directory import Directory, Listed
from evalxl.district.tables import District
from evalxl.facts.submissions import superseded
from evalxl.layout import BUDGET, GENERAL, REVIEWERS, UNITS, template_address
from evalxl.policy.policy import Policy
from evalxl.store.files import file_names, replacing
from evalxl.template import build
from evalxl.transfer.filling import Filled, Record, entries_of, records_of
from evalxl.values.errors import UsageError
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show

_CARRIED = (UNITS, REVIEWERS)
_ASK = {
    UNITS: "以下各单位沿用{}所填，请核对有无增减，并按本年年末数更新编制人数和在职人数。",
    REVIEWERS: "以下成员沿用{}所填，请按本次评价组的实际人员增减、更新。",
}


def prefill(
    folder: Path, roster: pd.DataFrame, policy: Policy, year: int | None = None, last_year: District | None = None
) -> list[Path]:
    """A fill-in workbook for each department of the roster, in its order; the files are named after the departments.

    Name, code, region and year are filled in; from last year also the units, their number and the reviewers (without
    signatures), and last year's closing balance as a note on the opening balance, never as its value. People who
    sign or answer the telephone are not carried over. Without ``year`` it is the one after last year's. UsageError,
    with nothing written, where a file exists already or ``last_year`` is not the year before.
    """
    previous = last_year.year if last_year is not None else None
    if year is not None and previous is not None and previous != year - 1:
        raise UsageError(f"上年结果是 {previous} 年度的，不是评价年度 {year} 的上一年，请核对 --year 和 --previous。")
    year = previous + 1 if year is None and previous is not None else year
    departments = records_of(roster)
    names = file_names((str(number), each["name"]) for number, each in enumerate(departments))
    paths = [folder / f"{name}.xlsx" for name in names.values()]
    _keep_what_is_there(folder, paths)
    reports = _Reports(last_year) if last_year is not None else None
    for path, department in zip(paths, departments, strict=True):
        report = reports.of(department) if reports is not None else None
        entries, notes = _known(department, year, report, policy)
        with replacing(path) as temporary:
            build(temporary, policy, None, entries, notes)
    return paths


def _keep_what_is_there(folder: Path, paths: list[Path]) -> None:
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} 是文件，不是文件夹，请给出存放各部门模板的文件夹。")
    there = [path.name for path in paths if path.exists()]
    if there:
        others = f"等 {len(there)} 个文件" if len(there) > 1 else ""
        raise UsageError(
            f"{folder} 里已有 {there[0]}{others}，为免覆盖填好的内容，一个文件也没有写；"
            "请换一个文件夹，或先移走这些文件。"
        )


class _Reports:
    """Last year's workbooks by the department they are of; of several the one that counts."""

    def __init__(self, last_year: District) -> None:
        general = last_year.general[~last_year.general["workbook"].isin(superseded(last_year))]
        self._books = general["workbook"].tolist()
        keys = zip(general["department_key"], general["code"], strict=True)
        self._directory = Directory([Listed(key, (), code) for key, code in keys])
        self._districts = dict(last_year.split())

    def of(self, department: Record) -> District | None:
        """A department's own workbook: found by its name, then by its other names, then by a code nobody else has."""
        names = [department["key"], *department["aliases"].split("|")]
        found = self._directory.find(names, department["code"])
        return None if found is None else self._districts[self._books[found]]


def _known(
    department: Record, year: int | None, report: District | None, policy: Policy
) -> tuple[dict[str, object], dict[str, str]]:
    """The entries and notes of one department."""
    said = records_of(report.general)[0] if report is not None else {}
    facts: dict[str, object] = {
        "department": department["name"],
        "code": department["code"] or said.get("code", ""),
        "region": department["region"] or said.get("region", ""),
        "year": year or "",
    }
    notes: dict[str, str] = {}
    carried = Filled()
    if report is not None:
        carried = entries_of(_to_carry(report), policy)
        count = said["unit_count"]
        facts["unit_count"] = int(count) if given(count) else ""
        notes = _where_from(report)
        if None in (year, report.year) or report.year == (year or 0) - 1:
            notes |= _closing(report)
    entries = {template_address(GENERAL, key): value for key, value in facts.items() if value != ""}
    return entries | carried.entries, notes


def _to_carry(report: District) -> District:
    """What stays the same from year to year: the units, and who reviewed, without their signatures."""
    return District(
        workbooks=report.workbooks,
        units=report.units,
        reviewers=report.reviewers.assign(signature=""),
    )


def _where_from(report: District) -> dict[str, str]:
    """A note on the first row of each table carried over, so that nobody takes it for this year's."""
    return {
        template_address(sheet, sheet.name, sheet.FIRST_ROW): _ASK[sheet].format(_year_of(report))
        for sheet in _CARRIED
        if len(report.table(sheet.key))
    }


def _closing(report: District) -> dict[str, str]:
    """A note with last year's closing balance on this year's opening one: neither its value nor the sender's remark."""
    closing = report.budget.loc[report.budget["key"] == "closing", "final"]
    amount = show(Kind.AMOUNT, float(closing.iloc[0])) if len(closing) else ""
    words = f"{_year_of(report)}《预算》所填年末结转和结余（决算数）为 {amount} 万元，"
    words += "应与本行一致；不一致的，请在备注中写明原因。"
    return {template_address(BUDGET, "final", "opening"): words} if amount else {}


def _year_of(report: District) -> str:
    return f"{report.year}年度" if report.year is not None else "上年"
