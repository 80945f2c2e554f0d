"""The Word report on paper: rendered by LibreOffice and measured, lines, characters, edges and page numbers."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import fill

from evalxl.facts.grade import grade
from evalxl.intake.read import read
from evalxl.outputs.word import write_report
from evalxl.policy import policy as policies

pytest.importorskip("docx", reason="python-docx is not installed")
pytestmark = pytest.mark.skipif(
    shutil.which("soffice") is None or shutil.which("pdftotext") is None,
    reason="LibreOffice or pdftotext is not installed",
)

FONTS = Path(__file__).parent / "fonts.conf"
POLICY = policies.load()
MILLIMETRES = 25.4 / 72
# No punctuation, which programs hang over the edge or push to the next line, each in its own way.
LONG = "全区公共文化服务设施按计划开放文物保护维修工程稳步推进群众文化活动如期举办" * 60


class Line(NamedTuple):
    text: str
    left: float  # millimetres from the page's left edge
    right: float
    top: float


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[list[Line]]:
    """The lines of each page of a report with 2,000 characters of goals in one paragraph."""
    folder = tmp_path_factory.mktemp("pages")
    path = fill(folder / "示范区文化局.xlsx", {"文字说明!B6": LONG})
    d = read([(path.name, path)], POLICY)
    write_report(folder / "报告.docx", d, grade(d, POLICY), POLICY)
    command = ["soffice", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", "pdf"]
    subprocess.run(
        [*command, "--outdir", str(folder), str(folder / "报告.docx")],
        check=True, capture_output=True, timeout=180, env=os.environ | {"FONTCONFIG_FILE": str(FONTS)},
    )  # fmt: skip
    done = subprocess.run(
        ["pdftotext", "-bbox", str(folder / "报告.pdf"), "-"], check=True, capture_output=True, timeout=60
    )
    return [_lines(page) for page in done.stdout.decode().split("<page ")[1:]]


def _lines(page: str) -> list[Line]:
    """Words that stand at the same height are one line."""
    pattern = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="[\d.]+">(.*?)</word>'
    words = sorted(
        (float(top), float(left), float(right), text) for left, top, right, text in re.findall(pattern, page)
    )
    lines: list[list[tuple[float, float, float, str]]] = []
    for word in words:
        if lines and word[0] - lines[-1][0][0] < 6:
            lines[-1].append(word)
        else:
            lines.append([word])
    return [
        Line(
            "".join(text for _, _, _, text in sorted(line, key=lambda word: word[1])),
            min(word[1] for word in line) * MILLIMETRES,
            max(word[2] for word in line) * MILLIMETRES,
            line[0][0] * MILLIMETRES,
        )
        for line in lines
    ]


def test_a_full_page_has_22_lines_of_28_characters(pages: list[list[Line]]) -> None:
    full = [page for page in pages if all(len(line.text) == 28 and line.text in LONG for line in page[:-1])]
    assert full, "no page is filled with the long paragraph"
    for *lines, number in full:
        assert [len(line.text) for line in lines] == [28] * 22
        assert re.fullmatch(r"—\d+—", number.text)


def test_the_text_fills_the_type_area(pages: list[list[Line]]) -> None:
    (*lines, number), *_ = [page for page in pages if all(line.text in LONG for line in page[:-1])]
    assert min(line.left for line in lines) == pytest.approx(28, abs=0.5)
    assert max(line.right for line in lines) == pytest.approx(210 - 26, abs=1.0)
    assert 37 <= lines[0].top <= 42
    assert lines[-1].top < 297 - 35
    assert 297 - 35 + 3 < number.top < 297 - 35 + 12


def test_page_numbers_stand_outside(pages: list[list[Line]]) -> None:
    numbers = [page[-1] for page in pages]
    assert [line.text for line in numbers] == [f"—{number}—" for number in range(1, len(pages) + 1)]
    for page, line in enumerate(numbers, 1):
        if page % 2:
            assert line.right == pytest.approx(210 - 26 - 5, abs=2), "right, one character in"
        else:
            assert line.left == pytest.approx(28 + 5, abs=2), "left, one character in"


def test_headings_and_tables_do_not_leave_the_type_area(pages: list[list[Line]]) -> None:
    for page in pages:
        for line in page:
            assert line.left > 27.5, line.text
            assert line.right < 210 - 26 + 6, line.text  # closing punctuation may hang over by its own half
    first = [line.text for line in pages[0]]
    assert first[:6] == [
        "附件",
        "示范区文化局关于2023年度",
        "部门整体支出绩效自评的报告",
        "（石家庄市示范区）",
        "一、部门基本情况",
        "（一）部门概况",
    ]


def test_a_short_table_stays_on_one_page(pages: list[list[Line]]) -> None:
    for words in ("评价员甲", "公共文化服务体系建设"):
        (page,) = [page for page in pages if any(line.text.startswith("1" + words) for line in page)]
        texts = "".join(line.text for line in page)
        assert ("评价员丙" in texts) if words == "评价员甲" else ("群众文化活动" in texts)
