"""What is drawn can be read by everybody: enough contrast, and charts that say in words what they show."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from conftest import fill

from evalxl import library
from evalxl.sheets.looks import BLUE, FORM_LOOKS, FORM_MARKS, GOLD, LOOKS, MARKS

_TEXT, _SHAPE = 4.5, 3.0  # of WCAG 2.1 for texts, and for what is drawn
_EVERY = {f"{kind} {name}": look for kind, looks in (
    ("look", LOOKS), ("mark", MARKS), ("form", FORM_LOOKS), ("form mark", FORM_MARKS),
) for name, look in looks.items()}  # fmt: skip


def _brightness(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    darker, brighter = sorted((_brightness(one), _brightness(other)))
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("name", _EVERY)
def test_a_text_stands_out_from_what_is_behind_it(name: str) -> None:
    look = _EVERY[name]
    assert _contrast(look.get("font_color", "#000000"), look.get("bg_color", "#FFFFFF")) >= _TEXT


@pytest.mark.parametrize("colour", [BLUE, GOLD])
def test_a_bar_stands_out_from_the_paper(colour: str) -> None:
    assert _contrast(colour, "#FFFFFF") >= _SHAPE


def test_every_chart_says_what_it_shows(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "文化局.xlsx", {})
    library.run(tmp_path / "in", tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / library.SUMMARY) as package:
        drawings = [name for name in package.namelist() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
        frames = [frame for name in drawings for frame in re.findall("<xdr:cNvPr[^>]*>", package.read(name).decode())]
    assert len(frames) >= 3
    assert all(re.search(r' descr="[^"]+，各数见所依据的表格（[^"]+）"', frame) for frame in frames), frames
