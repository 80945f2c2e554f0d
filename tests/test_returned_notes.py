"""The notes on the marked cells of a returned copy."""

from __future__ import annotations

import io
import re

import pytest
from copies import FORM, MAIN, RICH, Parts, book, changed, finding, grid, parts, plain, replacing, rich
from openpyxl.comments import Comment
from soundness import complaints

from evalxl.outputs.returned import mark

# What openpyxl cannot read is the very thing that must not be lost; parts are compared byte by byte as well.
pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported:UserWarning")


def test_a_note_says_every_finding_of_its_cell_and_where_they_stand() -> None:
    texts = book(mark(rich(), "局", RICH))["预算"]
    assert texts["B5"].comment.text == (
        "【核对意见】\n错误 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n"
        "提醒 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n（《问题清单》第 6、11 条）\n【核对意见完】"
    )


def test_a_note_that_was_there_stays_above_ours_and_remains() -> None:
    once = mark(rich(), "局", RICH)
    assert book(once)["预算"]["B3"].comment.text.startswith("原有批注\n【核对意见】\n提示 B01：")
    assert book(once)["预算"]["B3"].comment.author == "张三"
    off = book(mark(once, "局", []))["预算"]
    assert {c.coordinate: c.comment.text for row in off.iter_rows() for c in row if c.comment} == {
        "B3": "原有批注",
        "D9": "另一条批注",
    }


def test_what_somebody_adds_to_our_note_stays() -> None:
    data = mark(plain(), "局", [finding("表!B3")])
    later = changed(data, replacing("xl/comments1.xml", ("【核对意见完】", "【核对意见完】已与财政局核对")))
    assert book(mark(later, "局", []))["表"]["B3"].comment.text == "已与财政局核对"


def test_boxes_of_notes_have_numbers_of_their_own() -> None:
    drawing = parts(mark(rich(), "局", RICH))["xl/drawings/vmlDrawing1.vml"].decode()
    numbers = re.findall(r'<v:shape id="(_x0000_s\d+)"', drawing)
    assert len(numbers) == len(set(numbers)) == 2 + 6  # one of our seven notes is below one that was there
    assert drawing.count("<v:shapetype ") == 1
    for kind in ("Row", "Column"):
        assert drawing.count(f"<x:{kind}>") == 8


# ---------------------------------------------------------------- boxes, whoever drew them


def _with_notes(boxes: str, *cells: str, legacy: bool = True, root: str = "", head: str = "") -> bytes:
    """A plain workbook with a sender's notes on some cells, and their boxes as some program writes them."""
    said = "".join(f'<comment ref="{cell}" authorId="0"><text><t>自己的 {cell}</t></text></comment>' for cell in cells)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    drawing = f'<legacyDrawing xmlns:r="{kind}" r:id="rId2"/>' if legacy else ""
    names = root or (
        'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"'
    )

    def change(content: Parts) -> None:
        content["xl/comments1.xml"] = (
            f'<comments xmlns="{MAIN[1:-1]}"><authors><author>李四</author></authors><commentList>{said}</commentList></comments>'
        ).encode()
        content["xl/drawings/vmlDrawing1.vml"] = f"<xml {names}>{head}{boxes}</xml>".encode()
        content["xl/worksheets/_rels/sheet1.xml.rels"] = (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="rId1" Type="{kind}/comments" Target="../comments1.xml"/>'
            f'<Relationship Id="rId2" Type="{kind}/vmlDrawing" Target="../drawings/vmlDrawing1.vml"/></Relationships>'
        ).encode()
        types = (
            '<Default Extension="vml" ContentType="application/vnd.openxmlformats-officedocument.vmlDrawing"/>'
            '<Override PartName="/xl/comments1.xml" '
            'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"/></Types>'
        )
        content[FORM] = content[FORM].replace(b"</Types>", types.encode())

    return changed(plain('<row r="1"><c r="A1"><v>1</v></c></row>', tail=drawing), change)


def _box(number: int, row: int, column: int, p: str = "v", x: str = "x", more: str = "") -> str:
    return (
        f'<{p}:shape{more} id="_x0000_s{number}" type="#_x0000_t202"><{p}:textbox><div>甲<br>乙</div></{p}:textbox>'
        f'<{x}:ClientData ObjectType="Note"><{x}:Row>{row}</{x}:Row><{x}:Column>{column}</{x}:Column></{x}:ClientData></{p}:shape>'
    )


_IDMAP = '<o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data="{}"/></o:shapelayout>'
_BUTTON = '<v:shape id="_x0000_s1030"><x:ClientData ObjectType="Button"><x:Row>2</x:Row><x:Column>1</x:Column></x:ClientData></v:shape>'
_OWN_NAMES = ' xmlns:ns0="urn:schemas-microsoft-com:vml" xmlns:ns1="urn:schemas-microsoft-com:office:excel"'
DRAWN = {
    "as Excel does": _with_notes(_box(1025, 0, 0), "A1", head=_IDMAP.format(1)),
    "under prefixes of each shape": _with_notes(_box(1026, 0, 0, "ns0", "ns1", _OWN_NAMES), "A1", root='id="a"'),
    "without a block": _with_notes(_box(1025, 0, 0), "A1"),
    "in a block far up": _with_notes(_box(99 * 1024 + 7, 0, 0), "A1", head=_IDMAP.format("98,99")),
    "beside a button": _with_notes(_box(1025, 0, 0) + _BUTTON, "A1", head=_IDMAP.format(1)),
    "not at all": _with_notes("", "A1", "C2", head=_IDMAP.format(1)),
    "in a drawing nobody refers to": _with_notes(_box(1025, 0, 0), "A1", legacy=False),
}


def _notes(data: bytes) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in book(data)["表"].iter_rows() for cell in row if cell.comment}


@pytest.mark.parametrize("name", DRAWN)
def test_the_senders_notes_and_boxes_stay_whoever_drew_them(name: str) -> None:
    before, findings = DRAWN[name], [finding("表!B3"), finding("表!A1")]
    after = mark(before, "局", findings)
    assert complaints(after) - complaints(before) == set()
    assert mark(after, "局", findings) == after
    own = {cell: f"自己的 {cell}" for cell in (("A1", "C2") if name == "not at all" else ("A1",))}
    assert {cell: said.partition("\n【")[0] for cell, said in _notes(after).items()} == {
        **own,
        "B3": "【核对意见】\n错误 B01：本年支出合计 859.61，各项之和 859.16。\n处理：请核对。\n（《问题清单》第 2 条）",
    }
    clean = mark(after, "局", [])
    assert complaints(clean) - complaints(before) == set()
    assert _notes(clean) == own
    for drawing in (part.decode() for key, part in parts(clean).items() if key.endswith(".vml")):
        assert drawing.count('ObjectType="Note"') in (len(own), 0)
        assert (drawing.count('ObjectType="Button"') == 1) is (name == "beside a button")


def test_numbers_of_boxes_are_those_of_the_workbook() -> None:
    """Two sheets with notes of ours and one of the sender's: every drawing has a block of its own."""
    after = mark(rich(), "局", RICH)
    drawings = {key: part.decode() for key, part in parts(after).items() if key.endswith(".vml")}
    blocks = {key: re.findall(r'idmap [^>]*data="([\d,]+)"', text) for key, text in drawings.items()}
    assert blocks == {f"xl/drawings/vmlDrawing{number}.vml": [str(number)] for number in (1, 2, 3)}
    for key, text in drawings.items():
        numbers = {int(each) // 1024 for each in re.findall(r'<v:shape id="_x0000_s(\d+)"', text)}
        assert [str(each) for each in numbers] == blocks[key]


def test_more_boxes_than_a_block_has_numbers() -> None:
    data = plain(*(f'<row r="{n}"><c r="A{n}"/></row>' for n in range(1, 2_501)))
    findings = [finding(f"表!A{n}") for n in range(1, 2_501)]
    after = mark(data, "局", findings)
    assert complaints(after) == set()
    drawing = parts(after)["xl/drawings/vmlDrawing1.vml"].decode()
    assert re.findall(r'idmap [^>]*data="([\d,]+)"', drawing) == ["1,2,3"]
    assert mark(after, "局", findings) == after


def test_a_box_at_the_edge_of_the_sheet_stays_in_it() -> None:
    after = mark(plain(), "局", [finding("表!XFD1048576")])
    drawing = parts(after)["xl/drawings/vmlDrawing1.vml"].decode()
    left, _, top, _, right, _, bottom, _ = map(int, re.findall(r"<x:Anchor>([^<]*)<", drawing)[0].split(","))
    assert (left < right, right <= 16_383, top < bottom, bottom <= 1_048_575) == (True, True, True, True)


# ---------------------------------------------------------------- conversations


def _with_thread(data: bytes) -> bytes:
    """A conversation on A1, as Excel keeps it: the note is only its shadow for older programs."""
    kind = "http://schemas.microsoft.com/office/2017/10/relationships/threadedComment"
    names = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"

    def change(content: Parts) -> None:
        content["xl/threadedComments/threadedComment1.xml"] = (
            f'<ThreadedComments xmlns="{names}"><threadedComment ref="A1" dT="2024-03-01T08:00:00.00" '
            'personId="{1}" id="{2}"><text>请核对</text></threadedComment></ThreadedComments>'
        ).encode()
        sheet = "xl/worksheets/_rels/sheet1.xml.rels"
        relation = (
            f'<Relationship Id="rId9" Type="{kind}" Target="../threadedComments/threadedComment1.xml"/></Relationships>'
        )
        content[sheet] = content[sheet].replace(b"</Relationships>", relation.encode())
        own = '<Override PartName="/xl/threadedComments/threadedComment1.xml" ContentType="application/vnd.ms-excel.threadedcomments+xml"/></Types>'
        content[FORM] = content[FORM].replace(b"</Types>", own.encode())

    return changed(data, change)


def test_a_conversation_is_left_alone_and_the_list_says_so() -> None:
    before = _with_thread(DRAWN["as Excel does"])
    findings = [finding("表!A1"), finding("表!B3")]
    after = mark(before, "局", findings)
    assert complaints(after) == complaints(before)
    assert mark(after, "局", findings) == after
    assert _notes(after)["A1"] == "自己的 A1"
    assert _notes(after)["B3"].startswith("【核对意见】")
    assert book(after)["表"]["A1"].fill.patternType == "lightUp"
    thread = "xl/threadedComments/threadedComment1.xml"
    assert parts(after)[thread] == parts(before)[thread]
    rows = {row[3]: row[6] for row in grid(after)[5:]}
    assert rows == {"表!A1": "请核对。（该单元格已有对话批注，未再加批注，请看本行。）", "表!B3": "请核对。"}
    clean = mark(after, "局", [])
    assert parts(clean)["xl/comments1.xml"] == parts(before)["xl/comments1.xml"].replace(
        b"</author>", "</author><author>绩效自评核对</author>".encode(), 1
    )


def test_where_every_marked_cell_has_a_conversation_no_note_is_added() -> None:
    before = _with_thread(DRAWN["as Excel does"])
    after = mark(before, "局", [finding("表!A1")])
    assert parts(after)["xl/comments1.xml"] == parts(before)["xl/comments1.xml"]
    assert parts(after)["xl/drawings/vmlDrawing1.vml"] == parts(before)["xl/drawings/vmlDrawing1.vml"]


def test_texts_written_as_cdata_are_read_and_kept() -> None:
    before = changed(
        DRAWN["as Excel does"],
        replacing("xl/comments1.xml", ("<t>自己的 A1</t>", "<t><![CDATA[a<b & ]]>c<![CDATA[</t>]]></t>")),
    )
    after = mark(before, "局", [finding("表!A1")])
    assert _notes(after)["A1"].startswith("a<b & c</t>\n【核对意见】\n错误")
    assert _notes(mark(after, "局", []))["A1"] == "a<b & c</t>"


REPLIES = {
    "after it": ("【核对意见完】", "【核对意见完】\n已改", "\n已改"),
    "before it": ("【核对意见】", "已改\n【核对意见】", "已改"),
    "between its lines": ("处理：请核对。", "处理：请核对。\n已与财政局\n核对", "\n已与财政局\n核对"),
    "in place of its end": ("【核对意见完】", "已改", "\n已改"),
}


@pytest.mark.parametrize("where", REPLIES)
def test_a_reply_written_into_our_note_stays(where: str) -> None:
    old, new, left = REPLIES[where]
    data = mark(plain(), "局", [finding("表!B3"), finding("表!C4")])
    content = parts(data)["xl/comments1.xml"].decode()
    replied = content.replace(old, new, 1)
    assert replied != content
    clean = mark(changed(data, lambda all_: all_.update({"xl/comments1.xml": replied.encode()})), "局", [])
    assert _notes(clean) == {"B3": left}
    assert complaints(clean) == set()


def test_a_sentence_of_several_lines_is_one_line_of_the_note() -> None:
    data = mark(plain(), "局", [finding("表!B3", message="写的是“甲\n乙”，\r\n不符。")])
    assert _notes(data)["B3"].splitlines()[1] == "错误 B01：写的是“甲 乙”， 不符。"
    assert _notes(mark(data, "局", [])) == {}


def test_notes_go_though_the_list_was_deleted_and_the_fills_with_it() -> None:
    workbook = book(mark(plain(), "局", [finding("表!B3")]))
    del workbook["问题清单"]
    workbook["表"]["B3"].style = "Normal"
    workbook["表"]["A1"].comment = Comment("自己的", "李四")
    stream = io.BytesIO()
    workbook.save(stream)
    assert _notes(mark(stream.getvalue(), "局", [])) == {"A1": "自己的"}
