"""The files of one department read for what they are: reports, its own form, and the form of every project."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from evalxl import layout
from evalxl.intake.forms.declaration import Form
from evalxl.intake.inbox import Source
from evalxl.intake.probe import Unreadable, probe, refusal
from evalxl.intake.probe.file import LOCKS
from evalxl.policy.policy import Policy
from evalxl.transfer.forms.department import Gathered, Sources, fill
from evalxl.transfer.forms.document import forms_of
from evalxl.transfer.forms.form import Reading, Untaken
from evalxl.transfer.forms.pages import Page, workbook_pages
from evalxl.transfer.forms.reading import read_forms
from evalxl.transfer.report.draft import draft
from evalxl.transfer.report.package import open_report
from evalxl.transfer.report.pieces import TooLong, pieces
from evalxl.values.errors import UsageError

_NO_FORM = "没有认出自评表，没有导入"
_TAKEN = "可以导入的是自评表（.xlsx、.xls、.et、.docx）和自评报告（.docx）"
_DOCUMENTS = (".docx", ".doc", ".wps", ".rtf")


def gather(files: Iterable[Source], forms: Sequence[Form], policy: Policy) -> Gathered:
    """Read all files of one department; a file that cannot be read costs itself alone."""
    found, sources = Gathered(), Sources()
    for name, path in files:
        try:
            _read_file(name, path, forms, policy, sources, found)
        except Unreadable as error:
            found.unread.append(f"{name} {error.found}，没有导入；{_remedy(error)}。")
        except UsageError as error:
            found.unread.append(str(error).replace(str(path), name))
        except TooLong:
            found.unread.append(f"{name} 文字或表格过多，不像一份自评报告，没有导入；请指定报告本身。")
    fill(sources, found)
    return found


def _remedy(error: Unreadable) -> str:
    """What to do about a file, in the words of whoever imports it: nothing is sent in here, and no template asked."""
    own = any(word in error.remedy for word in ("模板", "收件夹"))
    return _TAKEN if own else error.remedy.replace("重报", "再导入")


def _read_file(name: str, path: Path, forms: Sequence[Form], policy: Policy, sources: Sources, found: Gathered) -> None:
    if path.name.startswith(LOCKS):
        raise refusal("lock")
    if path.suffix.lower() in _DOCUMENTS:
        readings, rest, alone = forms_of(pieces(open_report(path)), name, forms, policy)
        found.untaken += alone
        if rest:
            sources.reports.append((name, draft(rest, policy)))
    else:
        readings = []
        for page in workbook_pages(path, name):
            own = [] if page.hidden else read_forms(page, forms, policy)
            readings += own
            if not own and page.spots:
                found.untaken.append(_sheet_left(page))
        if not readings and _is_template(path):
            found.untaken = [each for each in found.untaken if each.file != name]
            found.unread.append(f"{name} 已是填报模板，不用导入。")
        elif not readings:
            titles = "、".join(f"《{form.title}》" for form in forms)
            found.untaken = [each for each in found.untaken if each.file != name]
            found.unread.append(f"{name} 里{_NO_FORM}；可以导入的是{titles}。")
    for reading in readings:
        if reading.name:
            sources.readings.append(reading)
        else:
            found.untaken.append(_nameless(reading))


def _is_template(path: Path) -> bool:
    """Whether a workbook is the template itself, which nothing is to be read into."""
    return {sheet.title for sheet in layout.DATA_SHEETS} <= set(probe(path).sheets)


def _sheet_left(page: Page) -> Untaken:
    first = min(page.spots.values(), key=lambda spot: (spot.row, spot.column))
    count = len({(spot.row, spot.column) for spot in page.spots.values()})
    why = "是隐藏的工作表，没有导入" if page.hidden else _NO_FORM
    return Untaken(page.file, page.title, page.place(first), "整张工作表", f"{first.text}（共 {count} 格）", why)


def _nameless(reading: Reading) -> Untaken:
    what = "项目名称" if reading.form.key == "project" else "部门名称"
    count = len(reading.said) + len(reading.indicators) + len(reading.untaken)
    return Untaken(
        reading.page.file, reading.page.title, "", reading.form.title, f"共 {count} 项", f"没有写{what}，整张没有导入"
    )
