"""Whatever way a program writes the same cells, the same tables are read of them, and nothing is noted that is not so."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from conftest import fill
from forms import members_of, zipped
from rewritings import CONTENT, PATHS, STYLES, ZIPS, Parts, any_style, restyled

from evalxl import layout
from evalxl.intake.probe import probe
from evalxl.intake.read import read
from evalxl.intake.read.opening import open_book
from evalxl.policy.policy import Policy, load

_TABLES = [sheet.key for sheet in layout.DATA_SHEETS]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The good workbook with one cell of each odd kind, a hidden row and column, and texts that look like markup."""
    edit = {"预算!D22": 903.0, "文字说明!B8": " <c r=\"XFD1\"> & ]] >\n'引' ", "单位!B6": "<!-- 局 -->"}
    parts = members_of(fill(tmp_path_factory.mktemp("plain") / "a.xlsx", edit).read_bytes())
    sheet = "xl/worksheets/sheet4.xml"
    content = parts[sheet]
    content, errors = re.subn(rb'(<c r="C8"[^<>]*)><v>[^<]*</v>', rb'\1 t="e"><v>#REF!</v>', content)
    content, empty = re.subn(rb'(<c r="C14"[^<>]*><f>[^<]*</f>)<v>[^<]*</v>', rb"\1<v></v>", content)
    content, other = re.subn(rb'(<c r="D9"[^<>]*)><v>', rb"\1><f>[2]Sheet1!B2</f><v>", content)
    content, hidden = re.subn(rb'<row r="9" ', rb'<row r="9" hidden="1" ', content)
    assert (errors, empty, other, hidden) == (1, 1, 1, 1)
    return parts | {sheet: content}


class _Told:
    """Everything that reading tells of a workbook."""

    def __init__(self, path: Path, content: bytes, policy: Policy) -> None:
        path.write_bytes(content)
        probed = probe(path)
        book = open_book(probed)
        self.cells = {title: book.grid(title) for title in book.titles}
        self.oddities, self.veils = probed.oddities, probed.veils
        formulas = [probed.formulas(sheet, range(1, 27)) for sheet in probed.sheets]
        self.beside = (probed.sheets, self.oddities, self.veils, formulas)
        self.district = read([("a.xlsx", path)], policy)

    def __eq__(self, other: object) -> bool:
        assert isinstance(other, _Told)
        assert other.beside == self.beside
        assert other.cells == self.cells
        for table in (*_TABLES, "notes"):
            pd.testing.assert_frame_equal(self.district.table(table), other.district.table(table))
        return True

    __hash__ = None  # type: ignore[assignment]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Callable[[bytes], _Told]:
    folder, policy = tmp_path_factory.mktemp("told"), load()
    return lambda content: _Told(folder / "a.xlsx", content, policy)


@pytest.fixture(scope="module")
def expected(plain: Parts, told: Callable[[bytes], _Told]) -> _Told:
    found = told(zipped(plain))
    kinds = {each.kind for odd in found.oddities.values() for each in odd}
    assert kinds == {"error_cell", "no_value", "external"}
    assert found.veils["预算"].rows == frozenset({9})
    return found


@pytest.mark.parametrize("name", STYLES)
def test_any_xml_that_says_the_same_is_read_the_same(
    plain: Parts, told: Callable[[bytes], _Told], expected: _Told, name: str
) -> None:
    assert told(zipped(restyled(plain, STYLES[name], random.Random(name)))) == expected


@pytest.mark.parametrize("name", [*PATHS, *CONTENT])
def test_any_names_and_anything_beside_the_cells_are_read_the_same(
    plain: Parts, told: Callable[[bytes], _Told], expected: _Told, name: str
) -> None:
    changed = (PATHS | CONTENT)[name](plain)
    assert changed != plain
    assert told(zipped(changed)) == expected


@pytest.mark.parametrize("name", ZIPS)
def test_any_zip_is_read_the_same(plain: Parts, told: Callable[[bytes], _Told], expected: _Told, name: str) -> None:
    assert told(ZIPS[name](PATHS["中文名"](plain))) == expected


@pytest.mark.parametrize("seed", range(60))
def test_all_of_it_together_is_read_the_same(
    plain: Parts, told: Callable[[bytes], _Told], expected: _Told, seed: int
) -> None:
    rng = random.Random(seed)
    parts = plain
    for number in sorted(rng.sample(range(len(CONTENT)), 2)):
        parts = list(CONTENT.values())[number](parts)
    parts = PATHS[rng.choice(list(PATHS))](parts)
    style = any_style(rng)
    assert told(ZIPS[rng.choice(list(ZIPS))](restyled(parts, style, rng))) == expected, style
