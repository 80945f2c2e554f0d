"""The returned copy in another program: LibreOffice shows every mark, and what it saved is recognised and cleaned."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from copies import (
    RICH,
    RICH_MARKS,
    TEMPLATE,
    TEMPLATE_MARKS,
    bare,
    book,
    compare,
    filled,
    finding,
    grid,
    is_listed,
    rich,
    strict,
    values,
    with_prefix,
)

from evalxl.district.findings import Severity
from evalxl.intake.read import findings_list as words
from evalxl.outputs.returned import mark

pytestmark = [
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
    pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning"),
]

EXPLAINED = [RICH[0], replace(RICH[1], explanation="合同约定次年支付。"), *RICH[2:]]


def saved_by_libreoffice(folder: Path, files: dict[str, bytes], kind: str = "xlsx") -> dict[str, bytes]:
    """Files opened and saved by LibreOffice, all in one start of it."""
    (folder / "in").mkdir(parents=True)
    for name, data in files.items():
        (folder / "in" / f"{name}.xlsx").write_bytes(data)
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", kind]
    sources = [str(folder / "in" / f"{name}.xlsx") for name in files]
    subprocess.run([*command, "--outdir", str(folder / "out"), *sources], check=True, capture_output=True, timeout=300)
    return {name: (folder / "out" / f"{name}.{kind}").read_bytes() for name in files}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sent")
    return {"rich": rich(), "template": filled(folder)}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, sent: dict[str, bytes]) -> dict[str, bytes]:
    """The senders' workbooks, and their returned copies, each saved by LibreOffice."""
    copies = {
        "rich copy": mark(sent["rich"], "局", EXPLAINED),
        "template copy": mark(sent["template"], "局", TEMPLATE),
    }
    return saved_by_libreoffice(tmp_path_factory.mktemp("office"), sent | copies)


def noted(data: bytes) -> dict[str, str]:
    return {
        f"{sheet.title}!{cell.coordinate}": cell.comment.text
        for sheet in book(data)
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }


@pytest.mark.parametrize(("name", "marks"), [("rich", RICH_MARKS), ("template", TEMPLATE_MARKS)])
def test_it_opens_with_every_mark(saved: dict[str, bytes], name: str, marks: dict[str, Severity]) -> None:
    copy = saved[f"{name} copy"]
    assert book(copy).sheetnames[0] == "问题清单"
    ours = {place for place, said in noted(copy).items() if "【核对意见】" in said}
    assert ours == set(marks)
    colours = {severity: set() for severity in Severity}  # type: dict[Severity, set[str]]
    for place, severity in marks.items():
        sheet, _, cell = place.rpartition("!")
        colours[severity].add(book(copy)[sheet][cell].fill.fgColor.rgb)
    assert [len(found) for found in colours.values()] == [1, 1, 1]  # patterns become plain colours there
    assert len(set.union(*colours.values())) == 3


@pytest.mark.parametrize("name", ["rich", "template"])
def test_a_workbook_it_saved_keeps_everything(saved: dict[str, bytes], name: str) -> None:
    findings, marks = (RICH, RICH_MARKS) if name == "rich" else (TEMPLATE, TEMPLATE_MARKS)
    once = mark(saved[name], "局", findings)
    compare(saved[name], once, marks)
    assert mark(once, "局", findings) == once


@pytest.mark.parametrize(("name", "marks"), [("rich", RICH_MARKS), ("template", TEMPLATE_MARKS)])
def test_marks_come_off_what_it_saved(saved: dict[str, bytes], name: str, marks: dict[str, Severity]) -> None:
    copy = saved[f"{name} copy"]
    assert is_listed(copy)
    clean, origin = book(mark(copy, "局", [])), book(saved[name])
    assert clean.sheetnames == ["问题清单", *origin.sheetnames]
    assert noted(mark(copy, "局", [])) == noted(saved[name])
    for place in marks:
        sheet, _, cell = place.rpartition("!")
        was: Any = bare(origin[sheet][cell].fill)
        now: Any = bare(clean[sheet][cell].fill)
        assert (now.patternType, now.fgColor.rgb) == (was.patternType, was.fgColor.rgb) or place in {
            "预算!E6",
            "预算!C20",
        }, place


def test_explanations_come_back_from_it(saved: dict[str, bytes]) -> None:
    assert words.explanations(grid(saved["rich copy"])) == {RICH[1].id: ("合同约定次年支付。", RICH[1].evidence)}


def test_marking_again_what_it_saved(saved: dict[str, bytes]) -> None:
    again = mark(saved["rich copy"], "局", EXPLAINED)
    assert set(RICH_MARKS) <= set(noted(again))
    assert all(said.count("【核对意见】") <= 1 for said in noted(again).values())
    assert mark(again, "局", EXPLAINED) == again


def test_the_list_prints_on_one_page_wide(tmp_path: Path, sent: dict[str, bytes]) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    many = [finding("预算!D22", message="长" * 300, id=f"{number}") for number in range(30)]
    saved_by_libreoffice(tmp_path, {"copy": mark(sent["template"], "局", many)}, "pdf")
    done = subprocess.run(
        ["pdftotext", "-layout", str(tmp_path / "out" / "copy.pdf"), "-"], capture_output=True, check=True
    )
    pages = done.stdout.decode().split("\f")
    listed = [page for page in pages if "发现的问题" in page]
    assert len(listed) >= 3  # the header is repeated
    assert all("说明" in page and "序号" in page for page in listed)


def test_copies_written_in_other_ways_open_with_every_mark(tmp_path: Path) -> None:
    copies = {"prefixed": mark(with_prefix(rich()), "局", RICH), "strict": mark(strict(rich()), "局", RICH)}
    for name, data in saved_by_libreoffice(tmp_path, copies).items():
        assert book(data).active.title == "问题清单", name
        assert {place for place, said in noted(data).items() if "【核对意见】" in said} == set(RICH_MARKS), name


@pytest.mark.parametrize("name", ["rich", "template"])
def test_it_reads_every_value_of_the_sender(saved: dict[str, bytes], name: str) -> None:
    for title in book(saved[name]).sheetnames:
        assert values(saved[f"{name} copy"], title) == values(saved[name], title)


def test_every_mark_is_seen_on_the_page(tmp_path: Path) -> None:
    """The template fills whole columns by condition; what is printed of the copy has the colours of the marks."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not installed")
    before = filled(tmp_path)
    places = {
        "指标!J5": Severity.ERROR,
        "指标!D6": Severity.WARNING,
        "项目!K5": Severity.WARNING,
        "项目!H6": Severity.ERROR,
    }
    copy = mark(before, "局", [finding(place, severity) for place, severity in places.items()])
    saved_by_libreoffice(tmp_path / "pages", {"before": before, "copy": copy}, "pdf")
    seen = {name: _colours(tmp_path / "pages" / "out" / f"{name}.pdf") for name in ("before", "copy")}
    for severity in (Severity.ERROR, Severity.WARNING):
        pages = [sum(_close(colour, severity) * count for colour, count in page.items()) for page in seen["copy"]]
        assert sum(number > 50 for number in pages) == 2, severity  # on the pages of both sheets
        assert not any(_close(colour, severity) for page in seen["before"] for colour in page)


def _close(colour: bytes, severity: Severity) -> bool:
    """Whether a colour is the plain one that LibreOffice makes of a mark's pattern."""
    made = {Severity.ERROR: (0xF8, 0xAF, 0xB4), Severity.WARNING: (0xF6, 0xDF, 0x89)}[severity]
    return all(abs(a - b) <= 2 for a, b in zip(colour, made, strict=True))


def _colours(pdf: Path) -> list[Counter[bytes]]:
    """How often each colour is seen, page by page."""
    subprocess.run(["pdftoppm", "-r", "100", str(pdf), str(pdf.with_suffix(""))], check=True, timeout=120)
    found = []
    for path in sorted(pdf.parent.glob(f"{pdf.stem}-*.ppm")):
        pixels = path.read_bytes().split(b"\n", 3)[3]
        found.append(Counter(pixels[at : at + 3] for at in range(0, len(pixels), 3)))
    return found
