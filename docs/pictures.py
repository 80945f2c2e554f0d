"""Draws the pictures of the guides: `python docs/pictures.py` writes docs/images/.

Every picture is a page of a real workbook: the template filled in as in tests/good.toml, the result evalxl made of it,
and, where `make demo` has run, the demo's summary. Needs LibreOffice (soffice) and poppler (pdftoppm, pdftotext); the
pages of `evalxl serve` are shot by Chromium.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import openpyxl

from evalxl.policy import policy as policies
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.template import build

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.append(str(ROOT / "tests"))

from addresses import cell_of  # noqa: E402 - tests/ is no package
from browser import Browser  # noqa: E402

IMAGES, RECORD = HERE / "images", HERE / "pictures.json"
INBOX = ROOT / "samples" / "luquan-2023"
SUMMARY = ROOT / "demo-output" / "汇总表.xlsx"
DPI = 96
MISTAKE: Mapping[str, object] = {"预算!D22": 903, "项目!J7": "优秀", "项目!K8": None}


class Picture(NamedTuple):
    """A part of one sheet, shown with its check column."""

    name: str
    sheet: str
    area: str
    edit: Mapping[str, object] = {}
    dpi: int = DPI


PICTURES = (
    Picture("instructions", "填报说明", "A1:C36", dpi=68),
    Picture("general", "基本信息", "A1:D16"),
    Picture("units", "单位", "A1:F10"),
    Picture("budget", "预算", "A1:F31"),
    Picture("projects", "项目", "A1:M11", dpi=160),
    Picture("indicators", "指标", "A1:K12"),
    Picture("reviewers", "评价组", "A1:F10"),
    Picture("narrative", "文字说明", "A1:D8"),
    Picture("wrong-general", "基本信息", "A1:D5", MISTAKE),
    Picture("wrong-budget", "预算", "A15:F25", MISTAKE),
    Picture("wrong-projects", "项目", "A3:M9", MISTAKE, dpi=160),
)


def good() -> dict[str, object]:
    """The good workbook of the tests, by sheet and cell."""
    cells = tomllib.loads((ROOT / "tests" / "good.toml").read_text(encoding="utf-8"))
    return {cell_of(f"{sheet}!{cell}"): value for sheet, row in cells.items() for cell, value in row.items()}


def drawn_from(folder: Path) -> dict[str, str]:
    """For every picture of the template a hash of the texts on it; what formulas show is not among them."""
    build(folder / "blank.xlsx", policies.load())
    book = openpyxl.load_workbook(folder / "blank.xlsx")
    found = {}
    for picture in PICTURES:
        entered = good() | dict(picture.edit)
        texts = [
            "" if value is None or str(value).startswith("=") else str(value)
            for row in book[picture.sheet][picture.area]
            for value in (entered.get(f"{picture.sheet}!{cell.coordinate}", cell.value) for cell in row)
        ]
        found[picture.name] = hashlib.sha256(json.dumps([picture.area, texts]).encode()).hexdigest()
    return found


def recorded() -> dict[str, str]:
    """The same as they were when the pictures were drawn."""
    return dict(json.loads(RECORD.read_text(encoding="utf-8"))) if RECORD.exists() else {}


def _record(wanted: set[str], folder: Path) -> None:
    """Note what the pictures that were drawn just now show, so that a test notices when the template says other."""
    known, now = recorded(), drawn_from(folder)
    told = {name: now[name] if not wanted or name in wanted else known.get(name, "") for name in now}
    RECORD.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def draw(picture: Picture, folder: Path) -> None:
    """One sheet of the filled-in template; openpyxl drops stored results, so that LibreOffice computes the checks."""
    path = folder / f"{picture.name}.xlsx"
    build(path, policies.load())
    book = openpyxl.load_workbook(path)
    for place, value in (good() | dict(picture.edit)).items():
        title, _, cell = place.partition("!")
        book[title][cell].value = value
    _only(book, picture.sheet, picture.area)
    book.save(path)
    _picture(path, picture.name, picture.dpi)


def draw_page(source: Path, page: int, name: str, folder: Path) -> None:
    """One page of a finished workbook as it is printed; not through openpyxl, which would change its charts."""
    path = folder / f"{name}.xlsx"
    shutil.copy(source, path)
    _picture(path, name, page=page)


def _only(book: openpyxl.Workbook, title: str, area: str) -> None:
    """Leave one sheet to print: all of an area on one wide page."""
    for sheet in book.worksheets:
        if sheet.title != title:  # LibreOffice prints a hidden sheet too, if it has a print area
            sheet.sheet_state, sheet.print_area, sheet.print_title_rows = "hidden", None, None
    sheet = book[title]
    book.active = book.index(sheet)
    sheet.oddFooter.center.text = ""
    sheet.print_area, sheet.print_title_rows = area, None
    sheet.page_setup.orientation = "landscape" if sheet.title != "填报说明" else "portrait"
    sheet.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 1


def _picture(path: Path, name: str, dpi: int = DPI, page: int = 1) -> None:
    """A page of a workbook as a picture, cut to what stands on it."""
    profile = (Path(tempfile.gettempdir()) / "lo_docs").as_uri()
    office = ["soffice", f"-env:UserInstallation={profile}", "--headless", "--convert-to", "pdf"]
    subprocess.run([*office, "--outdir", str(path.parent), str(path)], check=True, capture_output=True, timeout=180)
    pdf, only = str(path.with_suffix(".pdf")), ["-f", str(page), "-l", str(page)]
    box = [str(round(length / 72 * dpi)) for length in _content(pdf, only)]
    crop = [arg for pair in zip(("-x", "-y", "-W", "-H"), box, strict=True) for arg in pair]
    target = IMAGES / name
    draw = ["pdftoppm", *only, "-r", str(dpi), "-png", "-singlefile", *crop, pdf, str(target)]
    subprocess.run(draw, check=True, timeout=60)
    print(f"{target}.png  {target.with_suffix('.png').stat().st_size // 1024} KB")


_BOX = re.compile(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)')
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)"')


def _content(pdf: str, only: list[str]) -> tuple[float, float, float, float]:
    """Left, top, width and height of what stands on a page above its footer, in points."""
    words = subprocess.run(
        ["pdftotext", *only, "-bbox", pdf, "-"], check=True, capture_output=True, text=True, timeout=60
    ).stdout
    page = _PAGE.search(words)
    if page is None:
        raise SystemExit(f"{pdf} is blank")
    width, height = float(page[1]), float(page[2])
    boxes = [[float(number) for number in match[:4]] for match in _BOX.findall(words)]
    boxes = [box for box in boxes if box[3] < height - 50]  # the footer
    side = 24.0  # the printed page's margin: the outermost cells may hold no words
    top, bottom = max(min(box[1] for box in boxes) - 10, 0.0), max(box[3] for box in boxes) + 14
    return side, top, width - 2 * side, min(bottom, height) - top


def draw_pages(folder: Path) -> None:
    """The self-check with what it finds, and the desk, as a browser shows them."""
    root = folder / "自评"
    shutil.copytree(INBOX, root / "2023年度")
    command = [sys.executable, "-m", "evalxl", "serve", str(root), "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=environment) as served:
        if served.stdout is None:
            raise SystemExit("evalxl serve says nothing")
        check, desk = (served.stdout.readline() for _ in range(2))
        with Browser(folder, width=1000, height=620) as browser:
            browser.open(check.partition("：")[2].strip())
            browser.choose("#files", [INBOX / "鹿泉区水利局.xlsx"])
            browser.click("button")
            browser.picture(IMAGES / "self-check.png")
            browser.open(desk.partition("：")[2].partition("（")[0].strip())
            browser.picture(IMAGES / "desk.png")
        served.terminate()


def main() -> None:
    """Draw all pictures, or those named on the command line."""
    IMAGES.mkdir(exist_ok=True)
    wanted = set(sys.argv[1:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for picture in PICTURES:
            if not wanted or picture.name in wanted:
                draw(picture, folder)
        if not wanted or wanted & {"returned-list", "returned-marks"}:
            (folder / "in").mkdir()
            build(folder / "in" / "示范区文化局.xlsx", policies.load(), None, good() | dict(MISTAKE))
            batch.run(folder / "in", folder / "out", Settings(policies.load()))
            returned = folder / "out" / "退回" / "示范区文化局.xlsx"
            draw_page(returned, 1, "returned-list", folder)
            draw_page(returned, 6, "returned-marks", folder)
        if not wanted or wanted & {"self-check", "desk"}:
            draw_pages(folder)
        if SUMMARY.exists() and (not wanted or "summary" in wanted):
            draw_page(SUMMARY, 1, "summary", folder)
        _record(wanted, folder)


if __name__ == "__main__":
    main()
