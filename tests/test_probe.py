"""Files as they come: what each is, said with its remedy; nothing dangerous is opened."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from pathlib import Path
from typing import cast

import pytest
import xlsxwriter
from conftest import fill
from forms import members_of, zipped
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from evalxl.intake.probe import Unreadable, cells, is_litter, passwords, probe
from evalxl.intake.probe.formulas import formulas_in
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.values.recall import remembered

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def _zip(**members: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


def _workbook(sheet: bytes) -> bytes:
    """A minimal package around the XML of one sheet."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.add_worksheet("预算").write(0, 0, "项目")
    out = io.BytesIO()
    with zipfile.ZipFile(stream) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    return out.getvalue()


_HEAD = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
_TAIL = b"</sheetData></worksheet>"


def _sheet(rows: bytes) -> bytes:
    return _workbook(_HEAD + rows + _TAIL)


def _with(package: bytes, old: bytes, new: bytes) -> bytes:
    """A package with some bytes of its parts replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(package)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(old, new))
    return out.getvalue()


_CORNER = _sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


_STRANGE = {
    "empty": b"",
    "empty NULs": bytes(4096),
    "encrypted": _OLE + "EncryptedPackage".encode("utf-16-le"),
    "foreign OLE": _OLE,
    "pdf": b"%PDF-1.7 ...",
    "markup html": "<html><table><tr><td>收入</td></tr></table></html>".encode(),
    "xml": b'<?xml version="1.0"?><Workbook/>',
    "csv": "项目,金额\n收入,859.16\n".encode("gb18030"),
    "archive": _zip(),
    "zip": _zip(readme=b"x"),
    "word": _zip(word__document=b"<w/>"),
    "binary": _zip(**{"xl__workbook.bin": b"x"}),
    "damaged": _sheet(b"")[:500],
    "hostile": _workbook(b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'),
    "extent corner": _CORNER,
    "sheetless": _with(_CORNER, b"relationships/worksheet", b"relationships/chartsheet"),
    "extent of another target": _with(_CORNER, b'Target="worksheets/', b'Target="./worksheets/'),
    "extent by attribute order": _sheet(b'<row r="1048576"><c s="0" r="XFD1048576"><v>1</v></c></row>'),
    "extent by tab": _sheet(b"<row r='1048576'><c\tr='XFD1048576'><v>1</v></c></row>"),
    "extent by prefix": _workbook(
        b'<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        b'<x:row r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    ),
    "extent wide": _sheet(
        b'<row r="1"><c r="XFD1"><v>1</v></c></row>' + b"".join(b'<row r="%d"><c r="A%d"><v>1</v></c></row>' % (n, n) for n in range(2, 20000))
    ),
    "extent cells": _sheet(b'<row r="1">' + b"<c/>" * 1_000_001 + b"</row>"),
}  # fmt: skip


@pytest.mark.parametrize("name", _STRANGE)
def test_what_is_no_safe_workbook_is_refused_with_its_kind(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(_STRANGE[name])
    with pytest.raises(Unreadable) as refused:
        probe(path)
    assert refused.value.code == name.partition(" ")[0]
    assert refused.value.found
    assert refused.value.remedy


def test_a_zip_bomb_is_refused_by_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b"")
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(256):
                member.write(bytes(2**20))
    assert path.stat().st_size < 2**20
    with pytest.raises(Unreadable) as refused:
        probe(path)
    assert refused.value.code == "bomb"


def test_a_lock_file_is_named_and_litter_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "~$审计局.xlsx"
    path.write_bytes(b"\x05admin")
    with pytest.raises(Unreadable) as refused:
        probe(path)
    assert refused.value.code == "lock"
    assert [name for name in ("._a.xlsx", ".DS_Store", "Thumbs.db", "a.xlsx") if is_litter(name)] == [
        "._a.xlsx",
        ".DS_Store",
        "Thumbs.db",
    ]


def test_a_missing_file_is_a_sentence_too(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="打不开"):
        probe(tmp_path / "no.xlsx")


@pytest.mark.parametrize(
    ("rows", "oddities"),
    [
        (b'<row r="1"><c r="A1" t="e"><v>#REF!</v></c></row>', [(1, 1, "error_cell", "#REF!")]),
        (b'<row r="2"><c r="B2" t=\'e\'><v>#SPILL!</v></c></row>', [(2, 2, "error_cell", "#SPILL!")]),
        (b'<row r="1"><c r="A1"><f>SUM(B1:B9)</f></c></row>', [(1, 1, "no_value", "SUM(B1:B9)")]),
        (b'<row r="1"><c r="A1"><f>1+1</f><v /></c></row>', [(1, 1, "no_value", "1+1")]),
        (b'<row r="1"><c r="A1"><f t="shared" si="0"/><v></v></c></row>', [(1, 1, "no_value", "")]),
        (b'<row r="1"><c r="A1" t="str"><f>IF(1,"")</f><v></v></c></row>', []),
        (b'<row r="1"><c r="A1"><f>1+1</f><v>2</v></c></row>', []),
        (b'<row r="1"><c r="A1"><f>[1]Sheet1!A1</f><v>2</v></c></row>', [(1, 1, "external", "[1]Sheet1!A1")]),
        (b"<row><c><v>1</v></c><c t='e'><v>#N/A</v></c></row>", [(1, 2, "error_cell", "#N/A")]),
    ],
)
def test_cells_that_would_be_misread_are_found(
    tmp_path: Path, rows: bytes, oddities: list[tuple[int, int, str, str]]
) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(_sheet(rows))
    assert list(probe(path).oddities.get("预算", ())) == oddities


_ADDRESSES = [' r="A1"', ' r="Z9999"', ' r="AA1"', ' r="A10000"', ' r="xfd7"', "", '\nr="B2"', " r='C3'"]
_REST = [
    "",
    ' s="2"',
    ' t="s"',
    ' s="2" t="str"',
    ' t="e"',
    " t='e'",
    ' t = "e"',
    ' cm="1"',
    ' r="XFD9"',
    '  r = "AB7"',
    ' ph=">" t="e"',
    ' ph=">" r="XFD9"',
    ' s="2" r="XFD9"',
]
_WITHIN = ["", "<v>1</v>", "<f>1+1</f><v>2</v>", "<f>1+1</f>", '<f>IF(A1="e",1)</f><v/>', "<f>[1]A!B2</f><v>2</v>"]
_ROW_TAGS = [' r="3"', ' r="3" spans="1:9" ht="30"', "", ' r="10000"', ' spans="1:2" r="70000"', ' r="3" r="70000"']
_CELLS = st.builds(
    lambda tag, *rest: "<{0}{1}{2}>{3}</{0}>".format(tag, *rest),
    st.sampled_from(["c"] * 9 + ["x:c"]),
    *map(st.sampled_from, (_ADDRESSES[:2] * 9 + _ADDRESSES, _REST[:4] * 9 + _REST, _WITHIN)),
)
_ROWS = st.builds(
    "<row{}>{}</row>".format, st.sampled_from(_ROW_TAGS[:2] * 9 + _ROW_TAGS), st.lists(_CELLS, max_size=3).map("".join)
)


@given(st.lists(_ROWS, min_size=1, max_size=3).map("".join))
@settings(max_examples=3000, deadline=None, derandomize=True)
def test_of_a_near_sheet_the_complete_tests_find_no_more(rows: str) -> None:
    content = f"<worksheet><cols/><sheetData>{rows}</sheetData></worksheet>".encode()
    if cells.form_of(content) is not cells.Form.NEAR:
        return
    assert not any(far in rows for far in ("x:c", "XFD9", "AB7", "70000", "AA1", "xfd7"))
    reach, most = (cells.extent(content, "", form) for form in (cells.Form.NEAR, cells.Form.OTHER))
    assert (reach.cells >= most.cells, reach.area >= most.area) == (True, True)
    odd = [cells.odd_cells(content, "", form, content) for form in cells.Form]
    odd.append(cells.odd_cells(content, "", cells.Form.NEAR, cells.without_formulas(content)))
    assert odd == [odd[-1]] * len(odd)


_INSIDE = [
    "<!-- <f>1</f> -->",
    "<v><![CDATA[<f>x</f>]]></v>",
    "<f><?p <f>?></f><v>5</v>",
    "<?q?><v>7</v>",
    '<f t="shared" si="0">1</f><v>2</v>',
    "<is><t>a</t></is>",
]


@given(st.lists(st.one_of(_ROWS, st.sampled_from(_INSIDE).map('<row r="5"><c r="A5" t="str">{}</c></row>'.format)),
                min_size=1, max_size=4).map("".join))  # fmt: skip
@settings(max_examples=500, deadline=None, derandomize=True)
def test_the_value_reader_is_given_what_says_the_same(rows: str) -> None:
    content = f"<worksheet><cols/><sheetData>{rows}</sheetData></worksheet>".encode()
    lean = cells.without_formulas(content)
    if cells.form_of(lean) is not cells.Form.NEAR:
        return
    assert cells.form_of(content) is cells.Form.NEAR
    first_columns = range(1, 27)
    assert formulas_in(lean, first_columns).keys() == formulas_in(content, first_columns).keys()
    given_, sent = (_values(_workbook(each)) for each in (lean, content))
    assert given_ == sent


def _values(package: bytes) -> list[list[object]] | str:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(package))
        return cast("list[list[object]]", book.get_sheet_by_index(0).to_python(skip_empty_area=False))
    except Exception as error:
        return type(error).__name__


def test_a_small_package_is_given_to_the_value_reader_as_it_was_unpacked(tmp_path: Path) -> None:
    path = fill(tmp_path / "good.xlsx", {})
    probed = probe(path)
    assert all(each.compress_type == zipfile.ZIP_STORED for each in zipfile.ZipFile(io.BytesIO(probed.data)).infolist())
    assert zipfile.ZipFile(io.BytesIO(probed.data)).testzip() is None
    ours, theirs = (CalamineWorkbook.from_filelike(io.BytesIO(data)) for data in (probed.data, path.read_bytes()))
    assert ours.sheet_names == theirs.sheet_names
    for name in ours.sheet_names:
        grids = [book.get_sheet_by_name(name).to_python(skip_empty_area=False) for book in (ours, theirs)]
        assert grids[0] == grids[1]


def test_no_bad_file_harms_its_neighbours(tmp_path: Path, policy: Policy) -> None:
    good = fill(tmp_path / "good.xlsx", {})
    for number, content in enumerate(_STRANGE.values()):
        (tmp_path / f"bad{number:02}.xlsx").write_bytes(content)
    sources = [(path.name, path) for path in sorted(tmp_path.iterdir())]
    outcome = check_files(sources, Settings(policy))
    assert len(outcome.district.workbooks) == len(_STRANGE) + 1
    assert {finding.workbook for finding in outcome.findings} == {
        f"bad{number:02}.xlsx" for number in range(len(_STRANGE))
    }
    assert {finding.rule for finding in outcome.findings} == {"F12"}
    assert outcome.district.workbooks.set_index("workbook").loc[good.name, "readable"]


def test_a_workbook_whose_xml_is_broken_is_refused_by_the_reader(tmp_path: Path, policy: Policy) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(_workbook(b"<worksheet><sheetData><row></worksheet>"))
    findings = check_files([("x.xlsx", path)], Settings(policy)).findings
    assert [finding.rule for finding in findings] == ["F12"]


@pytest.mark.parametrize("kind", ["sharedStrings", "styles"])
def test_texts_and_dates_are_read_where_no_relation_names_them(kind: str, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        page = book.add_worksheet("基本信息")
        page.write_string(0, 0, "部门名称")
        page.write_datetime(0, 1, dt.datetime(2023, 5, 6), book.add_format({"num_format": "yyyy-mm-dd"}))
    parts = members_of(stream.getvalue())
    name = "xl/_rels/workbook.xml.rels"
    parts[name] = re.sub(rb"<Relationship [^>]*/%b\"[^>]*/>" % kind.encode(), b"", parts[name])
    assert kind.encode() + b'"' not in parts[name]
    path = tmp_path / "a.xlsx"
    path.write_bytes(zipped(parts))
    with CalamineWorkbook.from_filelike(io.BytesIO(probe(path).data)) as found:
        assert found.get_sheet_by_index(0).to_python() == [["部门名称", dt.date(2023, 5, 6)]]


@pytest.mark.parametrize(
    ("settings", "day"),
    [
        (b'<workbookPr date1904="1"/><x:workbookPr xmlns:x="urn:later"/>', dt.date(2027, 5, 7)),
        (b'<workbookPr/><x:workbookPr xmlns:x="urn:later" date1904="1"/>', dt.date(2023, 5, 6)),
    ],
)
def test_days_count_from_where_the_workbook_says_and_no_extension_of_it(
    tmp_path: Path, settings: bytes, day: dt.date
) -> None:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        form = book.add_format({"num_format": "yyyy-mm-dd"})
        book.add_worksheet("基本信息").write_datetime(0, 0, dt.datetime(2023, 5, 6), form)
    parts = members_of(stream.getvalue())
    name = "xl/workbook.xml"
    parts[name] = re.sub(rb"<workbookPr[^>]*/>", settings, parts[name])
    path = tmp_path / "a.xlsx"
    path.write_bytes(zipped(parts))
    with CalamineWorkbook.from_filelike(io.BytesIO(probe(path).data)) as found:
        assert found.get_sheet_by_index(0).to_python() == [[day]]


@pytest.mark.parametrize(
    ("formula", "outside"),
    [
        ("[1]Sheet1!A1", True),
        ("SUM(A1,[12]Sheet1!A1)", True),
        ("'[2]a, b''s (1)'!A1*2", True),
        ("[3]!rate", True),
        ("SUM(表1[2023])", False),
        ("表1[[#This Row],[2023]]*Sheet2!B1", False),
        ("Table1[[2023]:[2024]]&amp;'[1]'", False),
    ],
)
def test_which_formulas_read_another_file(tmp_path: Path, formula: str, outside: bool) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(_sheet(f'<row r="1"><c r="A1"><f>{formula}</f><v>2</v></c></row>'.encode()))
    odd = [(1, 1, "external", formula)] if outside else []
    assert list(probe(path).oddities.get("预算", ())) == odd


_SALT = "000102030405060708090a0b0c0d0e0f"
_PROVIDER = (
    "010002000200040000002000000004000000000000000168000004800000{:02x}00000001000000000000000000000010000000" + _SALT
)


@pytest.mark.parametrize(
    "record",  # made with another implementation of the three ways, for a verifier of the bytes 100 to 115
    [
        "00000a9a",
        "000000000a9a",
        f"010001000100{_SALT}01fd4e05dc6e0e72fcc4b72175686883ded643a3b989170bc6e163b5debaf714",
        _PROVIDER.format(40) + "c872728f14b55d849b7dde3f7cfd96a714000000d5e6c96d597b070d79bf31b1599eddf2ece8d44b",
        _PROVIDER.format(128) + "a024a295d910dcd16b2b69c9dfef19191400000074a70eb0e7278136e857318b9e9a13d19115d50b",
    ],
)
def test_the_password_that_nobody_typed_is_known_in_each_way_of_encrypting(record: str) -> None:
    content = bytes.fromhex(record)
    assert passwords.opens_by_itself(content)
    assert not passwords.fits(content, "velvetsweatshop")
    assert not passwords.opens_by_itself(content[:-1] + bytes([content[-1] ^ 1]))
    assert not any(passwords.opens_by_itself(content[:size]) for size in range(len(content)) if size != 4)


def test_what_lists_very_much_is_not_remembered() -> None:
    asked: list[int] = []

    @remembered(longest=3, most=8)
    def length(content: bytes) -> int:
        asked.append(len(content))
        return len(content)

    assert [length(each) for each in (b"abc", b"abc", b"abcd", b"abcd")] == [3, 3, 4, 4]
    assert asked == [3, 4, 4]
