"""Reports as departments write them: what is filled in, completely, and that no number is lost without a word."""

from __future__ import annotations

import random
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from drafts import POLICY, read_report, typed

from evalxl.layout import DATA_SHEETS, Shape, Sheet, column_number
from evalxl.transfer.report.draft import Imported, draft
from evalxl.transfer.report.pieces import Grid, Line
from evalxl.values.clock import limited

CASES: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "reports.toml").read_text(encoding="utf-8"))[
    "report"
]
SHEETS_BY_TITLE = {sheet.title: sheet for sheet in DATA_SHEETS}
_NUMBER = re.compile(r"(?<![\d.,])\d[\d,.]*(?:亿元|万元|元|人|分)?")
_NO_FIGURE = re.compile(
    r"^\s*[（(]?\d{1,2}[）)、.．]|(?<![\d.])(?:(?:19|20)\d\d[年.]?|\d{1,2}月(?:\d{1,2}日)?|\d+(?:\.\d+)?%|\d+[个项次]|219-)|[；:：]\d\."
)


def parts(text: str) -> list[str | list[list[str]]]:
    """The lines of a case; those that begin with a stroke are rows of a table."""
    found: list[str | list[list[str]]] = []
    for line in text.strip("\n").split("\n"):
        row = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            found.append(line)
        elif found and isinstance(found[-1], list):
            found[-1].append(row)
        else:
            found.append([row])
    return found


def read(tmp_path: Path, case: dict[str, Any]) -> Imported:
    return read_report(typed(tmp_path / "a.docx", *parts(case["lines"])))


def named(address: str) -> str:
    """A cell as people name it: 基本支出·决算数, 部门名称, 项目 1·项目名称."""
    title, _, cell = address.partition("!")
    sheet: Sheet = SHEETS_BY_TITLE[title]
    letters = cell.rstrip("0123456789")
    row = int(cell[len(letters) :])
    if sheet.shape is Shape.FORM:
        return sheet.fields[row - sheet.FIRST_ROW].header
    header = sheet.fields[column_number(letters) - 1].header
    if sheet.lines:
        return f"{sheet.lines[row - sheet.FIRST_ROW].label.removeprefix('其中：')}·{header}"
    return f"{title} {row - sheet.FIRST_ROW + 1}·{header}"


def filled(found: Imported) -> dict[str, object]:
    """Everything but the texts and the noughts that follow from a sum."""
    return {
        named(address): value
        for address, value in found.entries.items()
        if not address.startswith("文字说明!")
        and named(address) != "金额单位"
        and "按 0 填" not in found.notes[address]
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kind"])
def test_a_pattern_is_filled_in_as_far_as_it_is_certain(tmp_path: Path, case: dict[str, Any]) -> None:
    found = read(tmp_path, case)
    assert filled(found) == case["filled"]
    told = "\n".join(found.doubts)
    assert [number for number in case.get("named", []) if number not in told] == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["kind"])
def test_no_number_of_a_pattern_is_lost_without_a_word(tmp_path: Path, case: dict[str, Any]) -> None:
    found = read(tmp_path, case)
    texts = [str(value) for address, value in found.entries.items() if address.startswith("文字说明!")]
    told = re.sub(r"[\s,]", "", "\n".join((*found.doubts, *found.notes.values(), *texts)))
    numbers = {number for line in case["lines"].split("\n") for number in _NUMBER.findall(_NO_FIGURE.sub("", line))}
    lost = {each for each in numbers if each.rstrip("元万,.").replace(",", "") not in told}
    assert lost == set(case.get("totals", []))  # which are what the parts add up to, by the template's own formula


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_typed_is_read(seed: int) -> None:
    chance = random.Random(seed)
    pool = [part for case in CASES for part in parts(case["lines"])]
    for _ in range(25):
        document = [damaged(chance.choice(pool), chance) for _ in range(chance.randrange(1, 40))]
        found = draft(document, POLICY)
        assert found.notes.keys() >= found.entries.keys()


def damaged(part: str | list[list[str]], chance: random.Random) -> Line | Grid:
    """A line with something lost or put in, a table with its cells in another order or some of them missing."""
    if isinstance(part, str):
        at = chance.randrange(len(part))
        put = chance.choice(
            ["", "，", "。", "其中", "（", "）", "1", "万元", "2023年", "；", "分别为", "均为0", "\ue000"]
        )
        return Line(part[:at] + put + part[at + chance.randrange(3) :] or "空", level=chance.choice([0, 0, 0, 1, 2]))
    rows = [tuple(chance.sample(row, len(row))) if chance.random() < 0.3 else tuple(row) for row in part]
    return Grid(tuple(row[: chance.randrange(1, len(row) + 1)] if chance.random() < 0.2 else row for row in rows))


@pytest.mark.parametrize("text", ["基本支出600万元，", "其中：", "1万元", "2023年", "组长：张三、", "1、收入："])
def test_a_line_without_end_is_read_in_time(text: str) -> None:
    line = (text * 100_000)[:300_000]
    with limited(5.0):
        found = draft([Line(line)], POLICY)
    assert not [address for address in found.entries if address.startswith("预算!")]
