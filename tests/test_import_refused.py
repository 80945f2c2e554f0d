"""Reports that are not read, and the way there and back."""

from __future__ import annotations

import io
import struct
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from conftest import GOOD, fill
from drafts import POLICY, SEED, imported, of_sheet, package, read_report, typed

from evalxl.facts.grade import grade
from evalxl.intake.forms.declaration import load
from evalxl.intake.read import read
from evalxl.layout import BUDGET, GENERAL, NARRATIVE, PROJECTS, REVIEWERS, UNITS, template_cell
from evalxl.outputs.word import write_report
from evalxl.transfer.forms.gathering import gather
from evalxl.values.errors import UsageError

FAITHFUL = Path(__file__).parent.parent / "samples" / "luquan-2023" / "鹿泉区政协.xlsx"


def _bytes(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


SAVE_AS = "请用 Word 或 WPS 打开，另存为“Word 文档 (*.docx)”后再导入。"


NOT_WORD = io.BytesIO()


with zipfile.ZipFile(NOT_WORD, "w") as archive:
    archive.writestr("xl/workbook.xml", "<workbook/>")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (OLE, "是旧格式的 Word 文件（.doc 或 .wps），" + SAVE_AS),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "已加密，请取消打开密码，另存后再导入。"),
        (b"{\\rtf1 x}", "是 Word 文档，" + SAVE_AS),
        (b"%PDF-1.4", "是 PDF 文件，请找到原来的 Word 文件，或用 WPS 转为 .docx 后再导入。"),
        (b"", "是空文件，请让对方重发。"),
        ("一、部门概况".encode(), "是纯文本，不是Word 文件，请指定报告的 Word 文件（.docx）。"),
        (NOT_WORD.getvalue(), "不是 Word 文档（里面没有正文），请指定报告的 Word 文件（.docx）。"),
        (b"PK\x03\x04" + b"x" * 50, "已损坏，内容不完整，请用 Word 或 WPS 打开后重新保存，或让对方重发。"),
    ],
)
def test_other_files_are_refused_in_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = _bytes(tmp_path / "报告.docx", content)
    with pytest.raises(UsageError) as raised:
        read_report(path)
    assert str(raised.value) == f"{path} {message}"


def _without_text(path: Path) -> bytes:
    """A document whose part for the text is there, but empty."""
    stream = io.BytesIO()
    with zipfile.ZipFile(path) as full, zipfile.ZipFile(stream, "w") as emptied:
        for name in full.namelist():
            emptied.writestr(name, b"" if name == "word/document.xml" else full.read(name))
    return stream.getvalue()


def test_hostile_documents_are_refused(tmp_path: Path) -> None:
    deep = "<w:sdt>" * 300 + "</w:sdt>" * 300
    hostile = "内有文字处理软件不会写出的内容，可能是恶意文件，没有导入；请与提供报告的人联系。"
    bomb = "解压后过大，无法安全读取，没有导入；请与提供报告的人联系。"
    damaged = "已损坏，内容不完整，请用 Word 或 WPS 打开后重新保存，或让对方重发。"
    declared = package(tmp_path / "declared.docx", "&a;", '<!DOCTYPE d [<!ENTITY a "b">]>')
    huge = package(tmp_path / "huge.docx", " " * (40 * 2**20))
    cases = [(declared, hostile), (package(tmp_path / "deep.docx", deep), hostile), (huge, bomb)]
    cases.append((package(tmp_path / "broken.docx", "<w:p>"), damaged))
    cases.append((_bytes(tmp_path / "empty.docx", _without_text(package(tmp_path / "full.docx", "<w:p/>"))), damaged))
    lying = package(tmp_path / "lying.docx", "<w:p/>" * 1000)
    content = bytearray(lying.read_bytes())
    at = content.index(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 10)  # the directory claims ten bytes
    cases.append((_bytes(lying, bytes(content)), bomb))
    cases.append((package(tmp_path / "foreign.docx", "<w:p/>", '<?xml version="1.0" encoding="x-foo"?>'), damaged))
    extra = bytearray(package(tmp_path / "extra.docx", "<w:p/>").read_bytes())
    at, end = extra.index(b"PK\x01\x02"), extra.index(b"PK\x05\x06")
    struct.pack_into("<I", extra, at + 24, 0xFFFFFFFF)  # the size is said to stand in an extra field
    struct.pack_into("<H", extra, at + 30, 8)
    name = at + 46 + struct.unpack_from("<H", extra, at + 28)[0]
    extra[name:name] = struct.pack("<HHI", 1, 4, 10)  # which is too short for it
    struct.pack_into("<I", extra, end + 8 + 12, struct.unpack_from("<I", extra, end + 8 + 12)[0] + 8)
    cases.append((_bytes(tmp_path / "extra.docx", bytes(extra)), damaged))
    for path, message in cases:
        with pytest.raises(UsageError) as raised:
            read_report(path)
        assert str(raised.value) == f"{path} {message}"


def test_what_is_too_long_for_a_report_is_left_out_in_one_sentence(tmp_path: Path) -> None:
    endless = package(tmp_path / "endless.docx", "<w:p><w:r><w:t>长</w:t></w:r></w:p>" * 300_001)
    found = gather([("endless.docx", endless)], load(None), POLICY)
    assert found.unread == ["endless.docx 文字或表格过多，不像一份自评报告，没有导入；请指定报告本身。"]
    assert (found.entries, found.documents) == ({}, 0)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        read_report(tmp_path / "没有.docx")
    assert str(raised.value) == f"没有报告 {tmp_path / '没有.docx'}，请检查路径。"


def _report(path: Path, out: Path) -> Path:
    d = read([(path.name, path)], POLICY)
    write_report(out, d, grade(d, POLICY), POLICY)
    return out


# What the report does not carry, in the good workbook's own cells.
NOT_CARRIED = (
    {f"基本信息!{template_cell(GENERAL, key)}" for key in ("code", "preparer", "phone", "head")}
    | {f"评价组!{template_cell(REVIEWERS, 'signature', row)}" for row in range(5, 8)}
)  # fmt: skip


def test_the_good_workbook_comes_back_field_by_field(tmp_path: Path) -> None:
    found = read_report(_report(fill(tmp_path / "示范区文化局.xlsx", {}), tmp_path / "a.docx"))
    carried = {key: value for key, value in GOOD.items() if key not in NOT_CARRIED}
    nil = {key for key, value in carried.items() if key[:4] in ("预算!B", "预算!C") and value == 0}
    assert found.entries == {key: value for key, value in carried.items() if key not in nil} | {
        f"预算!{template_cell(BUDGET, column, 'closing')}": 0 for column in ("initial", "revised")
    }
    assert found.doubts == []


def test_the_faithful_copy_comes_back_table_by_table(tmp_path: Path) -> None:
    again = tmp_path / "again.xlsx"
    found = imported(_report(FAITHFUL, tmp_path / "a.docx"), again)
    before, after = (read([("a.xlsx", path)], POLICY) for path in (FAITHFUL, again))
    for sheet in (UNITS, PROJECTS, REVIEWERS, NARRATIVE):
        fields = [field.key for field in sheet.fields if not field.computed]
        pd.testing.assert_frame_equal(before.table(sheet.key)[fields], after.table(sheet.key)[fields])
    for key in ("department", "region", "year"):
        assert before.general[key].tolist() == after.general[key].tolist()
    amounts = dict(zip(after.budget["key"], after.budget["final"], strict=True))
    assert {key: amounts[key] for key in before.budget["key"]} == dict(
        zip(before.budget["key"], before.budget["final"], strict=True)
    )
    assert found.doubts == ["没有找到整体自评得分，请补填。", "没有找到整体评价等级，请补填。"]


def test_the_workbook_shows_every_source_in_a_note(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    found = imported(typed(tmp_path / "a.docx", *SEED), tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    shown = {
        f"{sheet.title}!{cell.coordinate}": cell.comment.text
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment
    }
    assert shown == found.notes


@pytest.mark.parametrize(
    "text",
    [
        "第一段。\n第二段：\n（一）存在的问题\n1.改进措施",
        "情况详见下表",
        "一、部门概况",
        "无",
        "x<y & z",
        "收入合计1万元，没有2元。",
    ],
)
def test_any_text_comes_back_as_it_was(tmp_path: Path, text: str) -> None:
    cells = [template_cell(NARRATIVE, field.key) for field in NARRATIVE.fields]
    path = fill(tmp_path / "示范区文化局.xlsx", {f"文字说明!{cell}": text for cell in cells})
    found = read_report(_report(path, tmp_path / "a.docx"))
    assert of_sheet(found, "文字说明") == dict.fromkeys(cells, text)
