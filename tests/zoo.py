"""The zoo: everything that has been, or could be, sent in place of a workbook, each beast generated in a few lines."""

from __future__ import annotations

import hashlib
import io
import os
import re
import socket
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from forms import (
    HEAD,
    ONE,
    SHEET,
    TAIL,
    Cells,
    cells,
    edited,
    members_of,
    ods,
    ods_of,
    ole,
    parts,
    rc4,
    record,
    renamed,
    rows,
    table,
    workbook,
    xls,
    zipped,
)

CORNER = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


class Beast(NamedTuple):
    """One file and what must come of it: the code it is refused with, or '' where it is read."""

    code: str
    make: Callable[[Path], object]


def _writes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _makes(content: Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content())


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the address of a socket has room for a short name only
    try:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(path.name)
    finally:
        os.chdir(here)


def _unreadable(path: Path) -> None:
    path.write_bytes(b"x")
    path.chmod(0)


def _flagged(package: bytes, flag: int, method: int = 8) -> bytes:
    """A zip whose directory claims flags and methods for its members."""
    changed = bytearray(package)
    at = changed.find(b"PK\x01\x02")
    while at >= 0:
        changed[at + 8 : at + 12] = struct.pack("<HH", flag, method)
        at = changed.find(b"PK\x01\x02", at + 4)
    return bytes(changed)


def _lying(package: bytes, size: int) -> bytes:
    """A zip whose directory states a size for its last member that is not the true one."""
    changed = bytearray(package)
    at = changed.rfind(b"PK\x01\x02")
    changed[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(changed)


def _overlapping() -> bytes:
    """A zip whose directory points to one member under many names."""
    package = rows(cells(2000))
    start = package.find(b"PK\x01\x02")
    end = package.rfind(b"PK\x05\x06")
    entries = package[start:end]
    at = entries.rfind(b"PK\x01\x02")
    copies = b"".join(entries[at:].replace(b"docProps/app.xml", b"docProps/%03d.xml" % n) for n in range(900))
    directory = entries + copies
    count = entries.count(b"PK\x01\x02") + 900
    return (
        package[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, len(directory), start, 0)
    )


def _many_entries() -> bytes:
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    local = struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 33, 0, 0, 0, 1, 0) + b"a"
    count = 500_000
    directory = entry * count
    return local + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 65535, 65535, len(directory), len(local), 0)


def _bomb() -> bytes:
    return zipped(parts() | {"xl/media/image1.png": bytes(250 * 2**20)})


def _two_members() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in [*parts().items(), ("XL/worksheets/SHEET1.xml", HEAD + CORNER + TAIL)]:
            package.writestr(name, content)
    return stream.getvalue()


def _listed(sheets: bytes) -> bytes:
    return edited('<sheet name="预算" sheetId="1" r:id="rId1"/>'.encode(), sheets)


def _beside(kind: str, root: bytes) -> bytes:
    """A workbook with a sheet of another kind, listed first and as large as can be."""
    content = members_of(
        _listed(
            '<sheet name="甲" sheetId="2" state="hidden" r:id="rId9"/><sheet name="预算" sheetId="1" r:id="rId1"/>'.encode()
        )
    )
    relations = "xl/_rels/workbook.xml.rels"
    type_ = f"http://schemas.microsoft.com/office/2006/relationships/{kind}".encode()
    entry = b'<Relationship Id="rId9" Type="%s" Target="other/sheet1.xml"/></Relationships>' % type_
    content[relations] = content[relations].replace(b"</Relationships>", entry)
    return zipped(content | {"xl/other/sheet1.xml": (HEAD + CORNER + TAIL).replace(b"worksheet", root)})


def _at_root() -> bytes:
    """A workbook without the folder that all others have."""
    content = members_of(edited(b'"xl/workbook.xml', b'"workbook.xml'))
    return zipped({name.removeprefix("xl/"): part for name, part in content.items()})


def _protected(password: str) -> bytes:
    """A workbook encrypted with a password; of the content it only matters that the record is there."""
    salt, verifier = bytes(range(16)), bytes(range(100, 116))
    start = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    key = hashlib.md5(hashlib.md5((start + salt) * 16).digest()[:5] + bytes(4)).digest()
    proof = rc4(key, verifier + hashlib.md5(verifier).digest())
    code_page = record(0x42, struct.pack("<H", 1200))
    locked = record(0x2F, struct.pack("<HHH", 1, 1, 1) + salt + proof)
    return xls({"预算": [[1.0]]}).replace(code_page, code_page + locked, 1)


_PROJECT_FORM: Cells = [
    ["项目支出绩效自评表（2023年度）"],
    ["项目名称", "购书经费", "主管部门", "示范区文化局"],
    ["项目资金（万元）", "年初预算数", "全年预算数", "全年执行数"],
    ["年度资金总额", 50.0, 60.0, 57.5],
    ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"],
    ["产出指标", "数量指标", "新增图书", "≥10000册", "10200册", 50.0, 50.0],
]


_WRONG_TYPE: dict[str, Beast] = {
    "空文件.xlsx": Beast("empty", _writes(b"")),
    "全是零.xlsx": Beast("empty", _writes(bytes(5000))),
    "文本表格.xlsx": Beast("csv", _writes("项目,金额\n收入,859.16\n".encode("gb18030"))),
    "制表符.xlsx": Beast("csv", _writes("\ufeff项目\t金额\r\n收入\t859.16\r\n".encode())),
    "utf16.xlsx": Beast("csv", _writes("项目\t金额\r\n收入\t859.16\r\n".encode("utf-16"))),
    "说明.xlsx": Beast("text", _writes("本单位无项目支出。\n特此说明。\n".encode())),
    "数据.xlsx": Beast("json", _writes(b'{"a": [1, 2]}')),
    "网页.xlsx": Beast("markup", _writes("<html><table><tr><td>收入</td></tr></table></html>".encode())),
    "网页2.xlsx": Beast("markup", _writes(b"\xef\xbb\xbf\n<!DOCTYPE html><table>")),
    "xml.xlsx": Beast("xml", _writes(b'<?xml version="1.0"?><data/>')),
    "2003.xlsx": Beast(
        "xml2003",
        _writes(b'<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'),
    ),
    "自评表.xls": Beast("form", _makes(lambda: xls({"Sheet1": _PROJECT_FORM}))),
    "单个网页.xlsx": Beast("mhtml", _writes(b"From: <Saved by WPS>\r\nMIME-Version: 1.0\r\n\r\n<html>")),
    "扫描.xlsx": Beast("pdf", _writes(b"%PDF-1.7\n...")),
    "照片.xlsx": Beast("image", _writes(b"\xff\xd8\xff\xe0\0\x10JFIF")),
    "截图.xlsx": Beast("image", _writes(b"\x89PNG\r\n\x1a\n")),
    "打包.xlsx": Beast("archive", _writes(b"Rar!\x1a\x07\x01\0")),
    "打包7.xlsx": Beast("archive", _writes(b"7z\xbc\xaf\x27\x1c")),
    "打包gz.xlsx": Beast("archive", _writes(b"\x1f\x8b\x08\0")),
    "打包zip.xlsx": Beast("zip", _makes(lambda: zipped({"审计局.xlsx": rows(ONE)}))),
    "加密包.zip": Beast("zip_encrypted", _makes(lambda: _flagged(zipped({"审计局.xlsx": rows(ONE)}), 1))),
    "空包.xlsx": Beast("archive", _makes(lambda: zipped({}))),
    "报告.xlsx": Beast("word", _makes(lambda: zipped({"[Content_Types].xml": b"", "word/document.xml": b"<w/>"}))),
    "内嵌表格.xlsx": Beast("word", _makes(lambda: ole("Workbook\0".encode("utf-16-le"), "WordDocument"))),
    "旧报告.xlsx": Beast("word", _makes(lambda: ole(b"", "WordDocument"))),
    "格式文本.xlsx": Beast("word", _writes(b"{\\rtf1\\ansi")),
    "汇报.xlsx": Beast("slides", _makes(lambda: zipped({"[Content_Types].xml": b"", "ppt/presentation.xml": b"<p/>"}))),
    "旧汇报.xlsx": Beast("slides", _makes(lambda: ole(b"", "PowerPoint Document"))),
    "版式.xlsx": Beast("ofd", _makes(lambda: zipped({"OFD.xml": b"<o/>"}))),
    "二进制.xlsx": Beast("binary", _makes(lambda: zipped({"[Content_Types].xml": b"", "xl/workbook.bin": b"x"}))),
    "其他ole.xlsx": Beast("foreign", _makes(lambda: ole(b"", "Catalog"))),
    "乱码.xlsx": Beast("foreign", _writes(bytes(range(1, 256)) * 9)),
    "有密码.xlsx": Beast("encrypted", _makes(lambda: ole(b"", "EncryptedPackage"))),
    "有密码.xls": Beast("encrypted", _makes(lambda: xls({"预算": [[1.0]]}).replace(b"\x42\0\x02\0", b"\x2f\0\x02\0", 1))),
    "保护工作簿.xls": Beast("protected", _makes(lambda: _protected("VelvetSweatshop"))),
    "有密码二.xls": Beast("encrypted", _makes(lambda: _protected("另一个"))),
    "单文件.fods": Beast("flat", _writes(b'<?xml version="1.0"?>\n<office:document xmlns:office="urn:x"/>')),
    "有密码.ods": Beast(
        "encrypted",
        _makes(
            lambda: zipped(
                members_of(ods({"预算": [[1.0]]})) | {"META-INF/manifest.xml": b"<m:encryption-data/>"}
            )
        ),
    ),
}  # fmt: skip

_NOT_A_FILE: dict[str, Beast] = {
    "快捷方式.lnk": Beast("shortcut", _writes(b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F")),
    "保存中.tmp": Beast("lock", _writes(b"PK\x03\x04")),
    "~$审计局.xlsx": Beast("lock", _writes(b"\x05admin")),
    "伴随.xlsx": Beast("companion", _writes(b"\0\x05\x16\x07\0\2\0\0Mac OS X")),
    "快捷.xlsx": Beast("dangling", lambda path: path.symlink_to("没有的.xlsx")),
    "循环.xlsx": Beast("dangling", lambda path: path.symlink_to(path.name)),
    "管道.xlsx": Beast("special", os.mkfifo),
    "套接字.xlsx": Beast("special", _socket),
    "链接.xlsx": Beast("link", lambda path: path.symlink_to(__file__)),
    "设备.xlsx": Beast("special", lambda path: path.symlink_to("/dev/zero")),
    "无权限.xlsx": Beast("unopenable" if os.geteuid() else "text", _unreadable),
}

_DAMAGED: dict[str, Beast] = {
    "截断.xlsx": Beast("damaged", _makes(lambda: rows(ONE)[:700])),
    "缺尾.xlsx": Beast("damaged", _makes(lambda: rows(ONE)[:-30])),
    "缺关系.xlsx": Beast("damaged", _makes(lambda: renamed({"xl/_rels/workbook.xml.rels": "xl/x.xml"}))),
    "坏xml.xlsx": Beast("damaged", _makes(lambda: workbook(b"<worksheet><sheetData><row></worksheet>"))),
    "坏序号.xlsx": Beast("unreadable", _makes(lambda: rows(b'<row r="1"><c r="A1" t="s"><v>9</v></c></row>'))),
    "坏行号.xlsx": Beast("damaged", _makes(lambda: rows(b'<row r="9_999_999"><c t="e"><v>1</v></c></row>'))),
    "长行号.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="%s"><c t="e"/></row>' % (b"1" * 5000)))),
    "截断.xls": Beast("unreadable", _makes(lambda: xls({"预算": [[1.0]]})[:1600])),
    "坏.ods": Beast("unreadable", _makes(lambda: ods_of("<table:table>"))),
    "截断.ods": Beast("damaged", _makes(lambda: ods({"预算": [[1.0]]})[:300])),
    "加密部件.xlsx": Beast("encrypted", _makes(lambda: _flagged(rows(ONE), 1))),
    "特殊压缩.xlsx": Beast("packing", _makes(lambda: zipped(parts(), zipfile.ZIP_LZMA))),
    "未知压缩.xlsx": Beast("packing", _makes(lambda: _flagged(rows(ONE), 0, 9))),
    "无表.xlsx": Beast("sheetless", _makes(lambda: _listed(b""))),
    "只有图表.xlsx": Beast("sheetless", _makes(lambda: edited(b"relationships/worksheet", b"relationships/chartsheet"))),
    "无表.ods": Beast("sheetless", _makes(lambda: ods_of(""))),
    "无表.xls": Beast("sheetless", _makes(lambda: xls({}))),
}  # fmt: skip

_HOSTILE: dict[str, Beast] = {
    "炸弹.xlsx": Beast("bomb", _makes(_bomb)),
    "谎报大小.xlsx": Beast("bomb", _makes(lambda: _lying(rows(ONE), 10))),
    "谎报过大.xlsx": Beast("damaged", _makes(lambda: _lying(rows(ONE), 10_000))),
    "重叠.xlsx": Beast("bomb", _makes(_overlapping)),
    "百万部件.xlsx": Beast("bomb", _makes(_many_entries)),
    "大索引.xlsx": Beast("bomb", _makes(lambda: edited(b"</workbook>", b"<a/>" * 1_100_000 + b"</workbook>"))),
    "重名部件.xlsx": Beast("duplicate", _makes(_two_members)),
    "远角.xlsx": Beast("extent", _makes(lambda: rows(CORNER))),
    "远角变体1.xlsx": Beast("extent", _makes(lambda: rows(CORNER.replace(b"<c ", b'<c s="0" ')))),
    "远角变体2.xlsx": Beast("extent", _makes(lambda: rows(CORNER.replace(b"<c ", b"<c\t").replace(b'"', b"'")))),
    "远角变体3.xlsx": Beast("extent", _makes(lambda: workbook((HEAD + CORNER + TAIL).replace(b"xmlns=", b"xmlns:z=").replace(b"<", b"<z:").replace(b"<z:/", b"</z:").replace(b"<z:?", b"<?")))),
    "远角变体4.xlsx": Beast("damaged", _makes(lambda: rows(b'<row r="1"><c r="A1" r="XFD1048576"><v>1</v></c></row>'))),
    "远角变体5.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="1"><c r="ZZZZZZZZ1"><v>1</v></c></row>'))),
    "远角变体6.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="1"><c r="%s1"/></row>' % (b"A" * 500_000)))),
    "远角异名.xlsx": Beast(
        "extent",
        _makes(
            lambda: zipped(
                {
                    n.replace("worksheets/sheet1.xml", "s.dat"): c.replace(b"worksheets/sheet1.xml", b"s.dat")
                    for n, c in members_of(rows(CORNER)).items()
                }
            )
        ),
    ),
    "远角实体.xlsx": Beast("extent", _makes(lambda: rows(CORNER.replace(b"XFD1048576", b"&#88;FD1048576")))),
    "远角双字节.xlsx": Beast("extent", _makes(lambda: workbook((HEAD + CORNER + TAIL).decode().encode("utf-16")))),
    "远角在后.xlsx": Beast("extent", _makes(lambda: workbook(HEAD + ONE + b"</sheetData><sheetData>" + CORNER + TAIL))),
    "远角在注释后.xlsx": Beast("extent", _makes(lambda: rows(b"<!-- </sheetData> -->" + CORNER))),
    "远行.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="1048576"><c><v>1</v></c></row>'))),
    "宽.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="1"><c r="XFD1"><v>1</v></c></row><row r="20000"><c r="A20000" t="e"><v>1</v></c></row>'))),
    "无址百万格.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="1">' + b"<c/>" * 1_000_001 + b"</row>"))),
    "异写百万格.xlsx": Beast("extent", _makes(lambda: rows(cells(900_000).replace(b" r=", b" s='0' r=")))),
    "百万属性.xlsx": Beast("extent", _makes(lambda: rows(b"<row %s/>" % b"".join(b'a%d="" ' % n for n in range(1_600_000))))),
    "百万属性带错.xlsx": Beast("extent", _makes(lambda: rows(b'<row r="1"><c r="A1" t="e" %s><v>1</v></c></row>' % b" ".join(b'a%d=""' % n for n in range(1_400_000))))),
    "千万行.xlsx": Beast("extent", _makes(lambda: rows(b"<row/>" * 7_000_000))),
    "百万格带错.xlsx": Beast("extent", _makes(lambda: rows(cells(990_000, b"<f>1</f></c>")))),
    "谎报串数.xlsx": Beast("hostile", _makes(lambda: edited(b'uniqueCount="1"', b'uniqueCount="4294967295"'))),
    "声明.xlsx": Beast("hostile", _makes(lambda: workbook(b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'))),
    "声明在旁.xlsx": Beast("hostile", _makes(lambda: edited(b"<sst", b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><sst'))),
    "双字节声明.xlsx": Beast("hostile", _makes(lambda: workbook("<!DOCTYPE x><worksheet/>".encode("utf-16")))),
    "声明在样式.xlsx": Beast("hostile", _makes(lambda: edited(b"<styleSheet", b'<!DOCTYPE x [<!ENTITY a "b">]><styleSheet'))),
    "声明在目录.xlsx": Beast("hostile", _makes(lambda: edited(b"<workbook", b"<!DOCTYPE x><workbook"))),
    "声明.ods": Beast("hostile", _makes(lambda: zipped(members_of(ods({"a": [[1.0]]})) | {"content.xml": b"<!DOCTYPE a><a/>"}))),
    "深层.xlsx": Beast("unreadable", _makes(lambda: rows(ONE.replace(b"<v>", b"<f/>" + b"<a>" * 300_000)))),
    "深层索引.xlsx": Beast("hostile", _makes(lambda: edited(b"<sheets>", b"<a>" * 300_000 + b"<sheets>"))),
    "深层.ods": Beast("hostile", _makes(lambda: ods_of("<table:table>" * 300_000))),
    "同一部件.xlsx": Beast("duplicate", _makes(lambda: _listed(b"".join(b'<sheet name="%d" sheetId="1" r:id="rId1"/>' % n for n in range(200))))),
    "同名表.xlsx": Beast("duplicate", _makes(lambda: _listed(b'<sheet name="a" sheetId="1" r:id="rId1"/>' * 2))),
    "千张表.xlsx": Beast("sheets", _makes(lambda: _listed(b"".join(b'<sheet name="%d" sheetId="1" r:id="rId1"/>' % n for n in range(3000))))),
    "长文.xlsx": Beast("text_length", _makes(lambda: edited("项目".encode(), b"x" * 5_000_000, zipped(parts())))),
    "长文藏在注释后.xlsx": Beast("text_length", _makes(lambda: edited("项目".encode(), b"<!-- <si> -->".join([b"x" * 30_000] * 9), zipped(parts())))),
    "长文格内.xlsx": Beast("text_length", _makes(lambda: rows(b'<row r="1"><c r="A1" t="inlineStr"><is><t>' + b"x" * 40_000 + b"</t></is></c></row>"))),
    "长文.ods": Beast("text_length", _makes(lambda: ods({"预算": [["x" * 40_000]]}))),
    "一文万格.xlsx": Beast("bomb", _makes(lambda: zipped(members_of(edited("项目".encode(), b"x" * 32_000, zipped(parts()))) | {SHEET: HEAD + b'<row r="1">' + b'<c t="s"><v>0</v></c>' * 16_000 + b"</row>" + TAIL}))),
    "合并无数.xlsx": Beast("merges", _makes(lambda: rows(ONE, b'<mergeCell ref="A1:XFD9"/>' * 50_000))),
    "重复格.ods": Beast("extent", _makes(lambda: ods_of(table('<table:table-row><table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>' * 99)))),
    "重复行.ods": Beast("extent", _makes(lambda: ods_of(table('<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="float" office:value="1"/></table:table-row>')))),
    "远格.ods": Beast("extent", _makes(lambda: ods_of(table('<table:table-row table:number-rows-repeated="1048575"/><table:table-row><table:table-cell table:number-columns-repeated="900"/><table:table-cell office:value-type="float" office:value="1"/></table:table-row>')))),
    "千张表.ods": Beast("sheets", _makes(lambda: ods({str(n): [[1.0]] for n in range(300)}))),
    "千张表.xls": Beast("sheets", _makes(lambda: xls({str(n): [[1.0]] for n in range(300)}))),
}  # fmt: skip

_READ: dict[str, Beast] = {
    "a[final].xlsx": Beast("", _makes(lambda: rows(ONE))),
    "=cmd.xlsx": Beast("", _makes(lambda: rows(ONE))),
    "引'号\"名 .xlsx": Beast("", _makes(lambda: rows(ONE))),
    "换\n行.xlsx": Beast("", _makes(lambda: rows(ONE))),
    "Cafe\u0301.xlsx": Beast("", _makes(lambda: rows(ONE))),
    "长" * 80 + ".xlsx": Beast("", _makes(lambda: rows(ONE))),
    os.fsdecode(b"\xff\xfe\x80.xlsx"): Beast("", _makes(lambda: rows(ONE))),
    os.fsdecode("审计局".encode("gb18030") + b".xlsx"): Beast("", _makes(lambda: rows(ONE))),
    "无扩展名": Beast("", _makes(lambda: rows(ONE))),
    "宏.xlsm": Beast("", _makes(lambda: zipped(members_of(edited(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")) | {"xl/vbaProject.bin": b"\xd0\xcf"}))),
    "模板型.xlsx": Beast("", _makes(lambda: edited(b"sheet.main+xml", b"template.main+xml"))),
    "严格.xlsx": Beast("", _makes(lambda: edited(b"http://schemas.openxmlformats.org/officeDocument/2006/", b"http://purl.oclc.org/ooxml/officeDocument/", edited(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main")))),
    "反斜杠.xlsx": Beast("", _makes(lambda: renamed({SHEET: "xl\\worksheets\\sheet1.xml"}))),
    "反斜杠2.xlsx": Beast("", _makes(lambda: renamed({SHEET: "xl\\worksheets\\sheet1.xml"}, b'"worksheets/', b'"worksheets\\'))),
    "大小写.xlsx": Beast("", _makes(lambda: renamed({SHEET: "XL/Worksheets/SHEET1.XML", "xl/workbook.xml": "XL/Workbook.XML"}))),
    "绝对路径.xlsx": Beast("", _makes(lambda: edited(b'Target="worksheets', b'Target="/xl/worksheets'))),
    "点路径.xlsx": Beast("", _makes(lambda: edited(b'Target="worksheets', b'Target="./worksheets'))),
    "绕路.xlsx": Beast("", _makes(lambda: edited(b'Target="worksheets', b'Target="../xl/worksheets'))),
    "别名.xlsx": Beast("", _makes(lambda: renamed({"xl/workbook.xml": "xl/workbook7.xml", "xl/_rels/workbook.xml.rels": "xl/_rels/workbook7.xml.rels"}, b"xl/workbook.xml", b"xl/workbook7.xml"))),
    "路径把戏.xlsx": Beast("", _makes(lambda: zipped(members_of(rows(ONE)) | {"../../evil.xml": b"<a/>", "/etc/passwd": b"x", "C:\\x": b""}))),
    "谎报范围.xlsx": Beast("", _makes(lambda: edited(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>'))),
    "合并一大片.xlsx": Beast("", _makes(lambda: rows(ONE, b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'))),
    "万列定义.xlsx": Beast("", _makes(lambda: edited(b"<sheetData>", b"<cols>" + b'<col min="1" max="16384" hidden="1"/>' * 65_536 + b"</cols><sheetData>"))),
    "万样式.xlsx": Beast("", _makes(lambda: edited(b"</cellXfs>", b'<xf numFmtId="0"/>' * 65_536 + b"</cellXfs>"))),
    "万名称.xlsx": Beast("", _makes(lambda: edited(b"</workbook>", b"<definedNames>" + b'<definedName name="a">1</definedName>' * 65_536 + b"</definedNames></workbook>"))),
    "百万格式行.xlsx": Beast("", _makes(lambda: rows(ONE + b"".join(b'<row r="%d" s="1" customFormat="1"/>' % n for n in range(2, 1_000_000))))),
    "四十万格式格.xlsx": Beast("", _makes(lambda: rows(ONE + cells(400_000, b"</c>")))),
    "大串表.xlsx": Beast("", _makes(lambda: edited(b"</sst>", b"<si><t>a</t></si>" * 900_000 + b"</sst>"))),
    "64位.xlsx": Beast("", lambda path: _zip64(path)),
    "前有杂物.xlsx": Beast("", _makes(lambda: rows(ONE) + b"\0" * 40)),
    "千合并.xlsx": Beast("", _makes(lambda: rows(ONE, b"<mergeCells>" + b'<mergeCell ref="B2:C3"/>' * 5000 + b"</mergeCells>"))),
    "内嵌文档.xls": Beast("", _makes(lambda: xls({"预算": [[1.0, "WordDocument"]]}))),
    "两个关系.xlsx": Beast("", _makes(lambda: edited(b"r:id=", b'x:id="rId2" r:id='))),
    "远角在旁.xlsx": Beast("", _makes(lambda: zipped(members_of(rows(ONE)) | {"xl/a.bin": HEAD + CORNER + TAIL, "xl/worksheets/sheet9.xml": HEAD + CORNER + TAIL}))),
    "远格式格.xlsx": Beast("", _makes(lambda: rows(ONE + b'<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576" s="0" t="s"></c></row>'))),
    "宏表.xlsm": Beast("", _makes(lambda: _beside("xlMacrosheet", b"macrosheet"))),
    "图表在旁.xlsx": Beast("", _makes(lambda: _beside("chartsheet", b"chartsheet"))),
    "对话框.xlsx": Beast("", _makes(lambda: _beside("dialogsheet", b"dialogsheet"))),
    "深藏表.xlsx": Beast("", _makes(lambda: _listed('<sheet name="预算" sheetId="1" state="veryHidden" r:id="rId1"/>'.encode()))),
    "双字节.xlsx": Beast("", _makes(lambda: workbook((HEAD + ONE + TAIL).decode().encode("utf-16")))),
    "双字节附件.xlsx": Beast("", _makes(lambda: zipped(members_of(rows(ONE)) | {"customXml/item1.xml": "<a/>".encode("utf-16"), "xl/b.xml": b"<!DOCTYPE a><a/>"}))),
    "带注释.xlsx": Beast("", _makes(lambda: rows(ONE.replace(b"<v>1", b"<v><![CDATA[1]]><!-- <v>2</v> -->")))),
    "格内扩展.xlsx": Beast("", _makes(lambda: rows(ONE.replace(b"</v>", b"</v><extLst><ext/></extLst>")))),
    "另择.xlsx": Beast("", _makes(lambda: rows(b'<a:AlternateContent xmlns:a="http://schemas.openxmlformats.org/markup-compatibility/2006"><a:Choice><row r="9"/></a:Choice><a:Fallback>%s</a:Fallback></a:AlternateContent>' % ONE))),
    "未声明前缀.xlsx": Beast("", _makes(lambda: rows(b"<!-- a -->" + ONE.replace(b"<row ", b'<row x14ac:dyDescent="0.2" ')))),
    "根目录工作簿.xlsx": Beast("", _makes(lambda: _at_root())),
    "大写流.xls": Beast("", _makes(lambda: xls({"预算": [[1.0]]}, name="WORKBOOK"))),
    "老流.xls": Beast("", _makes(lambda: xls({"预算": [[1.0]]}, name="BOOK"))),
    "坏批注.xls": Beast("", _makes(lambda: xls({"预算": [[1.0]]}, extra=record(0x1C, bytes(40))))),
    "旧.xls": Beast("", _makes(lambda: xls({"预算": [[1.0]]}))),
    "文字.et": Beast("", _makes(lambda: xls({"预算": [[1.0]]}))),
    "旧.xlsx": Beast("", _makes(lambda: xls({"预算": [[1.0]]}))),
    "开放.ods": Beast("", _makes(lambda: ods({"预算": [[1.0]]}))),
    "无类型.ods": Beast("", _makes(lambda: zipped({"content.xml": members_of(ods({"预算": [[1.0]]}))["content.xml"], "META-INF/manifest.xml": b"<m application/vnd.oasis.opendocument.spreadsheet/>"}))),
    "开放.xlsx": Beast("", _makes(lambda: ods({"预算": [[1.0]]}))),
    "双字节.ods": Beast("", _makes(lambda: _ods_content(lambda text: text.encode("utf-16")))),
    "异前缀.ods": Beast("", _makes(lambda: _ods_content(lambda text: re.sub("(?<=[</ ])table:", "t:", text.replace('xmlns:table="', 'xmlns:t="')).encode()))),
    "类型在后.ods": Beast("", _makes(lambda: zipped(dict(reversed(list(members_of(ods({"预算": [[1.0]]})).items())))))),
    "空行到底.ods": Beast("", _makes(lambda: ods_of(table('<table:table-row><table:table-cell office:value-type="float" office:value="1"/><table:table-cell table:number-columns-repeated="16383"/></table:table-row><table:table-row table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>')))),
}  # fmt: skip


def _ods_content(written: Callable[[str], bytes]) -> bytes:
    """A workbook in OpenDocument form whose content is written in another way."""
    content = members_of(ods({"预算": [[1.0]]}))
    return zipped(content | {"content.xml": written(content["content.xml"].decode())})


def _zip64(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members_of(rows(ONE)).items():
            with package.open(name, "w", force_zip64=True) as member:
                member.write(content)


ZOO: dict[str, Beast] = _WRONG_TYPE | _NOT_A_FILE | _DAMAGED | _HOSTILE | _READ
