"""Packages as other programs write them: each is marked, and Excel has no more to complain of than before."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from copies import (
    ERROR,
    FORM,
    INFO,
    MAIN,
    RICH,
    RICH_MARKS,
    WARNING,
    Parts,
    book,
    changed,
    compare,
    finding,
    grid,
    packed,
    parts,
    plain,
    replacing,
    rich,
    values,
)
from soundness import complaints

from evalxl.district.findings import Finding
from evalxl.outputs.returned import CannotMark, mark

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")

Edit = Callable[[Parts], None]
SHEET, STYLES, BOOK, LINKS = (
    "xl/worksheets/sheet1.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
)
ROWS = '<row r="3"><c r="A3"><v>7</v></c><c r="D3" t="str"><v>丁</v></c></row>'
PLACES = {"表!B3": ERROR, "表!D3": WARNING, "表!C9": INFO}
FINDINGS = [finding(place, severity) for place, severity in PLACES.items()]


def marked(before: bytes, findings: list[Finding] | None = None) -> bytes:
    """The copy, which is sound, and the same when it is marked again."""
    findings = FINDINGS if findings is None else findings
    after = mark(before, "局", findings)
    assert complaints(after) - complaints(before) == set()
    assert mark(after, "局", findings) == after
    return after


def check(before: bytes) -> bytes:
    """Marked as every plain workbook is, and clean again when it comes back corrected."""
    after = marked(before)
    compare(before, after, PLACES)
    clean = marked(after, [])
    assert complaints(clean) - complaints(before) == set()
    compare(before, clean, {})
    return after


# ---------------------------------------------------------------- content types

_RELATIONS = "application/vnd.openxmlformats-package.relationships+xml"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def _types(edit: Callable[[str], str]) -> Edit:
    def change(content: Parts) -> None:
        before = content[FORM].decode()
        content[FORM] = edit(before).encode()
        assert content[FORM].decode() != before

    return change


def _without_defaults(text: str) -> str:
    """Every part declared by itself, as LibreOffice did up to 6.0."""
    names = ["/_rels/.rels", "/xl/_rels/workbook.xml.rels"]
    own = "".join(f'<Override PartName="{name}" ContentType="{_RELATIONS}"/>' for name in names)
    return re.sub("<Default [^>]*>", "", text).replace("</Types>", own + "</Types>")


CONTENT_TYPES: dict[str, Callable[[str], str]] = {
    "none by kind of file": _without_defaults,
    "relations by part": lambda text: _without_defaults(text).replace(
        "<Override", '<Default Extension="xml" ContentType="application/xml"/><Override', 1
    ),
    "capital extensions": lambda text: text.replace('"rels"', '"RELS"').replace('"xml"', '"Xml"'),
    "drawings of another kind": lambda text: text.replace(
        "<Default", '<Default Extension="VML" ContentType="application/octet-stream"/><Default', 1
    ),
    "main part by kind of file": lambda text: re.sub(
        rf'<Override PartName="/xl/workbook.xml" ContentType="{re.escape(_MAIN_TYPE)}"/>', "", text
    ).replace('Extension="xml" ContentType="application/xml"', f'Extension="xml" ContentType="{_MAIN_TYPE}"'),
    "prefixed": lambda text: re.sub(r"<(/?)(?=[A-Z])", r"<\1ct:", text).replace("xmlns=", "xmlns:ct="),
    "left over from a part that is gone": lambda text: text.replace(
        "</Types>", '<Override PartName="/xl/comments1.xml" ContentType="application/xml"/></Types>'
    ),
}


@pytest.mark.parametrize("name", CONTENT_TYPES)
def test_every_part_that_is_added_is_declared(name: str) -> None:
    check(changed(plain(ROWS), _types(CONTENT_TYPES[name])))


# ---------------------------------------------------------------- relations


def test_targets_are_written_as_excel_writes_them() -> None:
    after = parts(marked(plain(ROWS)))
    targets = {
        name: re.findall(r'Target="([^"]*)"', part.decode())
        for name, part in after.items()
        if name in (LINKS, "xl/worksheets/_rels/sheet1.xml.rels")
    }
    assert targets[LINKS][-1] == "worksheets/sheet2.xml"
    assert targets["xl/worksheets/_rels/sheet1.xml.rels"] == ["../comments1.xml", "../drawings/vmlDrawing1.vml"]


def _moved(new: str, target: str) -> Edit:
    """The sheet's part under another name."""

    def change(content: Parts) -> None:
        content[new] = content.pop(SHEET)
        content[LINKS] = content[LINKS].replace(b"worksheets/sheet1.xml", target.encode())
        content[FORM] = content[FORM].replace(b"/xl/worksheets/sheet1.xml", f"/{new}".encode())

    return change


@pytest.mark.parametrize(
    ("new", "target", "way"),
    [
        ("xl/工作表/表一.xml", "工作表/表一.xml", "../comments1.xml"),
        ("xl/my sheets/sheet 1.xml", "my%20sheets/sheet%201.xml", "../comments1.xml"),
        ("Data/Sheet1.xml", "/data/SHEET1.xml", "../xl/comments1.xml"),
        ("sheet1.xml", "../sheet1.xml", "xl/comments1.xml"),
    ],
)
def test_the_way_to_a_note_from_wherever_the_sheet_lies(new: str, target: str, way: str) -> None:
    before = changed(plain(ROWS), _moved(new, target))
    after = parts(marked(before))
    folder, _, name = new.rpartition("/")
    relations = after[f"{folder}/_rels/{name}.rels".lstrip("/")].decode()
    assert re.findall(r'Target="([^"]*)"', relations)[0] == way


# ---------------------------------------------------------------- sheets


SECTIONS = {
    "CDATA in a formula": '<row r="2"><c r="A2" t="str"><f><![CDATA[IF(1<2,"<c r=\'B3\'/></row>","]]&gt;<![CDATA[")]]></f><v>1</v></c></row>',
    "CDATA in a text": '<row r="2"><c r="A2" t="inlineStr"><is><t><![CDATA[<row r="9"><c r="A9"/>]]></t></is></c></row>',
    "a comment": '<!-- <row r="9"><c r="B3" s="1"/></row> <![CDATA[ --><row r="2"><c r="A2"><v>1</v></c><!-- > --></row>',
    "an instruction": '<?mso <row r="9"/> ?><row r="2"><c r="A2"><v>1</v></c></row>',
}


@pytest.mark.parametrize("name", SECTIONS)
def test_what_looks_like_a_tag_and_is_none(name: str) -> None:
    before = plain(SECTIONS[name], ROWS, tail="<!-- <legacyDrawing/> <sheetData> -->")
    assert SECTIONS[name] in parts(check(before))[SHEET].decode()


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("declared", [True, False])
def test_parts_in_other_encodings(encoding: str, declared: bool) -> None:
    names = [SHEET, STYLES, LINKS, FORM]

    def encode(content: Parts) -> None:
        for name in names:
            text = content[name].decode().partition("?>")[2] or content[name].decode()
            kind = "UTF-16" if "16" in encoding else "UTF-8"
            head = f'<?xml version="1.0" encoding="{kind}" standalone="yes"?>\r\n' if declared else ""
            bom = "\ufeff" if encoding != "utf-8-sig" else ""
            content[name] = (bom + head + text).encode(encoding)

    before = changed(plain(ROWS), encode)
    after = mark(before, "局", FINDINGS)
    assert complaints(after) == set()
    assert mark(after, "局", FINDINGS) == after
    compare(plain(ROWS), after, PLACES)


def test_a_sheet_that_is_only_looked_at_keeps_its_encoding() -> None:
    before = changed(rich(), lambda content: content.update({LINKS: content[LINKS].decode().encode("utf-16")}))
    after = parts(mark(before, "局", RICH))
    assert b"UTF-16" not in after[LINKS]
    assert after["docProps/app.xml"] == parts(before)["docProps/app.xml"]


def test_children_of_a_sheet_stand_in_the_order_of_the_standard() -> None:
    tail = (
        '<sheetProtection sheet="1"/><conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>TRUE'
        "</formula></cfRule></conditionalFormatting>"
        '<pageMargins left="1" right="1" top="1" bottom="1" header="0" footer="0"/><extLst/>'
    )
    check(plain(ROWS, tail=tail))


# ---------------------------------------------------------------- workbook and styles


@pytest.mark.parametrize("used", [(65534,), (1, 65534), (2, 65534)], ids=str)
def test_the_highest_sheet_number_is_taken(used: tuple[int, ...]) -> None:
    def change(content: Parts) -> None:
        more = "".join(f'<sheet name="表{n}" sheetId="{n}" r:id="rId9{n}"/>' for n in used[1:])
        content[BOOK] = content[BOOK].replace(b'sheetId="1"', f'sheetId="{used[0]}"'.encode())
        content[BOOK] = content[BOOK].replace(b"</sheets>", more.encode() + b"</sheets>")
        for number in used[1:]:
            kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
            relation = f'<Relationship Id="rId9{number}" Type="{kind}" Target="worksheets/more{number}.xml"/>'
            content[LINKS] = content[LINKS].replace(b"</Relationships>", relation.encode() + b"</Relationships>")
            name = f"xl/worksheets/more{number}.xml"
            content[name] = f'<worksheet xmlns="{MAIN[1:-1]}"><sheetData/></worksheet>'.encode()
            own = f'<Override PartName="/{name}" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
            content[FORM] = content[FORM].replace(b"</Types>", own.encode() + b"</Types>")

    after = marked(changed(plain(ROWS), change))
    numbers = re.findall(r'sheetId="(\d+)"', parts(after)[BOOK].decode())
    assert numbers == [str(next(n for n in range(1, 9) if n not in used)), *map(str, used)]


def _styled(*pairs: tuple[str, str]) -> Edit:
    def change(content: Parts) -> None:
        text = content[STYLES].decode()
        for pattern, new in pairs:
            text, times = re.subn(pattern, new, text, flags=re.DOTALL)
            assert times, pattern
        content[STYLES] = text.encode()

    return change


CONDITION = (
    '<conditionalFormatting sqref="A1:D9"><cfRule type="expression" priority="4"><formula>TRUE</formula></cfRule>'
    "</conditionalFormatting>"
)
STYLE_PARTS: dict[str, Edit] = {
    "one fill": _styled(("<fills.*</fills>", '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>')),
    "no fills": _styled(("<fills.*</fills>", "")),
    "empty fills": _styled(("<fills.*</fills>", '<fills count="0"/>')),
    "no counts": _styled((r' count="\d+"', "")),
    "no looks of cells": _styled(("<cellStyleXfs.*</cellStyleXfs>", ""), ("<cellStyles.*</cellStyles>", ""), (' xfId="0"', "")),
    "no conditional looks": _styled(("<dxfs[^>]*/>", ""), ("<tableStyles[^>]*/>", '<extLst/>')),
    "empty conditional looks": _styled(("<dxfs[^>]*/>", '<dxfs count="0"></dxfs>')),
    "no borders": _styled(("<borders.*</borders>", "")),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore:Workbook contains no default style:UserWarning")
@pytest.mark.parametrize("name", STYLE_PARTS)
def test_styles_that_leave_things_out(name: str) -> None:
    before = changed(plain(ROWS, tail=CONDITION), STYLE_PARTS[name])
    after = marked(before)
    assert {place: book(after)["表"][place.partition("!")[2]].fill.patternType for place in PLACES} == {
        "表!B3": "lightUp", "表!D3": "gray125", "表!C9": "gray0625",
    }  # fmt: skip
    assert values(after, "表") == values(before, "表")
    assert {cell.fill.patternType for row in book(marked(after, []))["表"].iter_rows() for cell in row} == {None}


@pytest.mark.parametrize("related", [True, False])
def test_no_styles_at_all(related: bool) -> None:
    def change(content: Parts) -> None:
        del content[STYLES]
        content[FORM] = re.sub(rb'<Override PartName="/xl/styles.xml"[^>]*>', b"", content[FORM])
        if not related:
            content[LINKS] = re.sub(rb'<Relationship [^>]*Target="styles.xml"/>', b"", content[LINKS])

    before = changed(plain(ROWS), change)
    after = mark(before, "局", FINDINGS)
    assert complaints(after) == set()
    assert mark(after, "局", FINDINGS) == after
    assert book(after)["表"]["B3"].fill.patternType == "lightUp"
    assert values(after, "表") == {(2, 0): 7.0, (2, 3): "丁"}


# ---------------------------------------------------------------- the list that came back


def test_what_the_old_list_had_of_its_own_goes_with_it() -> None:
    """A formula, a note and a printer's settings on the list: neither they nor what refers to them are left behind."""
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    types = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def use(content: Parts) -> None:
        name = "xl/worksheets/sheet4.xml"
        content[name] = content[name].replace(
            b"</sheetData>", b'<row r="99"><c r="A99"><f>1+1</f><v>2</v></c></row></sheetData>'
        )
        content["xl/worksheets/_rels/sheet4.xml.rels"] = (
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
            f'Type="{kind}/printerSettings" Target="../printerSettings/printerSettings1.bin"/></Relationships>'
        ).encode()
        content["xl/printerSettings/printerSettings1.bin"] = b"\0"
        content["xl/calcChain.xml"] = f'<calcChain xmlns="{MAIN[1:-1]}"><c r="A99" i="4"/></calcChain>'.encode()
        own = f'<Default Extension="bin" ContentType="{types}.printerSettings"/>'
        own += f'<Override PartName="/xl/calcChain.xml" ContentType="{types}.calcChain+xml"/></Types>'
        content[FORM] = content[FORM].replace(b"</Types>", own.encode())
        chain = f'<Relationship Id="rId77" Type="{kind}/calcChain" Target="calcChain.xml"/></Relationships>'
        content[LINKS] = content[LINKS].replace(b"</Relationships>", chain.encode())

    data = rich()
    again = mark(changed(mark(data, "局", RICH), use), "局", RICH)
    assert complaints(again) == complaints(data)
    assert set(parts(again)) == set(parts(mark(data, "局", RICH)))
    compare(data, again, RICH_MARKS)


# ---------------------------------------------------------------- what acts by itself


def _with_part(name: str, content: str, kind: str, source: str = BOOK, mode: str = "") -> Edit:
    """A part, and what refers to it; without content a target outside."""
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

    def change(parts_: Parts) -> None:
        folder, _, own = source.rpartition("/")
        sheet = f"{folder}/_rels/{own}.rels"
        empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        target = name if mode or not content else "/" + name
        relation = f'<Relationship Id="rIdX" Type="{base}{kind}" Target="{target}"{mode}/></Relationships>'
        parts_[sheet] = parts_.get(sheet, empty).replace(b"</Relationships>", relation.encode())
        if content:
            parts_[name] = content.encode()
            type_ = f'<Override PartName="/{name}" ContentType="application/xml"/></Types>'
            parts_[FORM] = parts_[FORM].replace(b"</Types>", type_.encode())

    return change


_OUTSIDE = ' TargetMode="External"'
_LINK = f'<externalLink xmlns="{MAIN[1:-1]}">' + "{}</externalLink>"
_CONNECTION = (
    f'<connections xmlns="{MAIN[1:-1]}"><connection id="1"><webPr url="http://a.example/x"/></connection></connections>'
)
ACTIVE: dict[str, tuple[Edit, str]] = {
    "connection": (_with_part("xl/connections.xml", _CONNECTION, "connections"), "含有数据连接（xl/connections.xml：http://a.example/x）"),
    "DDE": (_with_part("xl/externalLinks/externalLink1.xml", _LINK.format('<ddeLink ddeService="cmd" ddeTopic="/c x"/>'), "externalLink"), "含有DDE 链接（xl/externalLinks/externalLink1.xml：cmd /c x）"),
    "OLE link": (_with_part("xl/externalLinks/externalLink1.xml", _LINK.format('<oleLink progId="Word.Document"/>'), "externalLink"), "含有OLE 链接（xl/externalLinks/externalLink1.xml：Word.Document）"),
    "object": (_with_part("xl/embeddings/oleObject1.bin", "x", "oleObject", SHEET), "含有嵌入的对象（xl/embeddings/oleObject1.bin）"),
    "control": (_with_part("xl/activeX/activeX1.xml", "<a/>", "control", SHEET), "含有ActiveX 控件（xl/activeX/activeX1.xml）"),
    "add-in": (_with_part("xl/webextensions/taskpanes.xml", "<a/>", "webextensiontaskpanes", BOOK), "含有网页加载项（xl/webextensions/taskpanes.xml）"),
    "real-time data": (_with_part("xl/volatileDependencies.xml", "<a/>", "volatileDependencies"), "含有实时数据（xl/volatileDependencies.xml）"),
    "picture from the net": (_with_part("http://a.example/p.png", "", "image", SHEET, _OUTSIDE), "含有指向外部的链接（xl/worksheets/sheet1.xml：http://a.example/p.png）"),
    "workbook on a server": (_with_part(r"file:///\\server\share\a.xlsx", "", "externalLinkPath", SHEET, _OUTSIDE), "含有指向外部的链接"),
    "workbook on the net": (_with_part("https://a.example/b.xlsx", "", "xlPathMissing", SHEET, _OUTSIDE), "含有指向外部的链接"),
    "macro sheet": (_with_part("xl/macrosheets/sheet1.xml", "<a/>", "xlMacrosheet"), "含有宏"),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTIVE)
def test_what_acts_by_itself_is_not_handed_on(name: str) -> None:
    edit, reason = ACTIVE[name]
    with pytest.raises(CannotMark, match=re.escape(reason)):
        mark(changed(plain(ROWS), edit), "局", FINDINGS)


@pytest.mark.parametrize(
    ("target", "kind"),
    [("https://a.example/", "hyperlink"), (r"C:\表\a.xlsx", "externalLinkPath"), ("a.xlsx", "externalLinkPath"),
     ("file:///C:/a.xlsx", "externalLinkPath"), ("ANALYS32.XLL", "xlLibrary")],
)  # fmt: skip
def test_what_is_only_followed_when_asked_for_stays(target: str, kind: str) -> None:
    before = changed(plain(ROWS), _with_part(target, "", kind, SHEET, _OUTSIDE))
    assert f'Target="{target}"'.encode() in parts(marked(before))["xl/worksheets/_rels/sheet1.xml.rels"]


# ---------------------------------------------------------------- very many findings


def test_very_many_findings_are_cut_and_that_is_said() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 12_001))
    many = [finding(f"表!A{n}", ERROR if n % 100 == 0 else WARNING) for n in range(1, 12_001)]
    data = plain(rows)
    after = marked(data, many)
    said = grid(after)
    assert said[1][0] == (
        "共 12000 条：错误 120 条，提醒 11880 条，提示 0 条。"
        "条数过多，本表只列出并标注最严重的 3000 条，其余 9000 条改正后再报时列出。金额单位：万元。"
    )
    assert len(said) == 5 + 3_000
    assert [row[3] for row in said[5:7]] == ["表!A100", "表!A200"]
    patterns = [row[0].fill.patternType for row in book(after)["表"].iter_rows(max_col=1)]
    assert (patterns.count("lightUp"), patterns.count("gray125"), patterns.count(None)) == (120, 2_880, 9_000)
    assert len(re.findall("<comment ", parts(after)["xl/comments1.xml"].decode())) == 3_000
    compare(data, marked(after, []), {})


def test_two_of_a_name_are_not_marked() -> None:
    data = packed(parts(plain(ROWS)) | {"XL/Styles.xml": b"<styleSheet/>"})
    with pytest.raises(CannotMark, match="重名"):
        mark(data, "局", FINDINGS)


def test_replacing_is_told_of_nothing_to_replace() -> None:
    with pytest.raises(AssertionError):
        changed(plain(), replacing(BOOK, ("没有", "有")))
