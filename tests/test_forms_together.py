"""What a person sees of a workbook (formats, dates of 1904, links, flat rows, merges), whatever XML it is written in."""

from __future__ import annotations

import math
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import fill
from forms import members_of, zipped
from rewritings import PATHS, STYLES, Parts, any_style, restyled

from evalxl.intake.probe import Oddity, probe
from evalxl.intake.read import read
from evalxl.policy.policy import Policy
from evalxl.run.run import check_files
from evalxl.run.settings import Settings
from evalxl.values.quantities import Epoch

_BUDGET, _INDICATORS = "xl/worksheets/sheet4.xml", "xl/worksheets/sheet6.xml"
_CODE = "[&gt;=10000]0!.0,&quot;万元&quot;;0".encode()


def _changed(content: bytes, *changes: tuple[bytes, bytes]) -> bytes:
    for pattern, new in changes:
        content, count = re.subn(pattern, new, content, flags=re.DOTALL)
        assert count == 1, pattern
    return content


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Parts:
    """The good workbook: 60 (万元) stored in yuan, 70 in a date's format, an outer rate, a flat row, a merged name."""
    blank = dict.fromkeys((f"指标!A{row}" for row in range(6, 10)), "空")
    edit = {"预算!D31": 600_000, "指标!A5": "图书馆购书经费"}
    parts = members_of(fill(tmp_path_factory.mktemp("seen") / "a.xlsx", edit | blank).read_bytes())
    styles = parts["xl/styles.xml"]
    count = int(re.findall(rb'<cellXfs count="(\d+)"', styles)[0])
    own = (
        b'<xf numFmtId="300" fontId="0" fillId="0" borderId="0"/><xf numFmtId="14" fontId="0" fillId="0" borderId="0"/>'
    )
    return parts | {
        "xl/styles.xml": _changed(
            styles,
            (rb"</numFmts>", b'<numFmt numFmtId="300" formatCode="%s"/></numFmts>' % _CODE),
            (rb'<cellXfs count="\d+">', b'<cellXfs count="%d">' % (count + 2)),
            (rb"</cellXfs>", own + b"</cellXfs>"),
        ),
        "xl/workbook.xml": _changed(
            parts["xl/workbook.xml"],
            (rb"<workbookPr ", b'<workbookPr date1904="1" '),
            (
                rb"</definedNames>",
                "<definedName name=\"税率\">'[1]单价, 局''s'!$A$1</definedName></definedNames>".encode(),
            ),
        ),
        _BUDGET: _changed(
            parts[_BUDGET],
            (rb'(<c r="D31" )s="\d+"', rb'\1s="%d"' % count),
            (rb'(<c r="C31" )s="\d+"', rb'\1s="%d"' % (count + 1)),
            (rb'(<c r="D29"[^<>]*>)(?=<v>)', r"\1<f>税率*2</f>".encode()),
            (rb'(<row r="30")[^<>]*>', rb'\1 ht="0" customHeight="1">'),
        ),
        _INDICATORS: _changed(
            parts[_INDICATORS],
            (rb'(<mergeCells count=")\d+">', rb'\g<1>5"><mergeCell ref="A5:A9"/>'),
        ),
    }


_FINDINGS = [
    "F09 预算!D29 公务用车运行维护费：引用了其他文件（税率*2），按未填处理。",
    "F10 预算!A30：第 30 行被隐藏（或行高为 0），其中的数照样读取。",
    "F04 预算!C31 政府采购支出（全年预算数）：填的是“1904-03-11”，读作：70.00 万元。",
    "F04 预算!D31 政府采购支出：存的是 600000，按数字格式显示为 60.0万元，读作：60.00 万元。",
    "F10 指标!A5：数据区有 1 处竖向合并的文字（第 5 至 9 行），已按各行都填了同样的文字读取。",
]


@pytest.fixture
def check_seen(tmp_path: Path, policy: Policy) -> Callable[[Parts], None]:
    """Check that a workbook of some parts is read as a person sees it, with everything that is to be said of it."""

    def check(parts: Parts) -> None:
        path = tmp_path / "a.xlsx"
        path.write_bytes(zipped(parts))
        probed = probe(path)
        assert probed.epoch is Epoch.MAC
        assert [row for row in range(1, 40) if probed.is_formula("预算", row, 4)] == [11, 14, 22, 25, 26, 29]
        district = read([(path.name, path)], policy)
        lines = district.table("budget")
        amounts = {key: list(each) for key, *each in lines[["key", "initial", "revised", "final"]].values.tolist()}
        assert amounts["procurement"] == [70e6, 70e6, 60e6]
        assert amounts["vehicle_running"][:2] == [11e6, 11e6]
        assert math.isnan(amounts["vehicle_running"][2])
        assert district.table("indicators")["project"].tolist() == ["图书馆购书经费"] * 5
        findings = check_files([(path.name, path)], Settings(policy)).findings
        assert [f"{each.rule} {each.message}" for each in findings] == _FINDINGS

    return check


CheckSeen = Callable[[Parts], None]


@pytest.mark.parametrize("name", STYLES)
def test_what_is_seen_is_read_in_any_xml(seen: Parts, check_seen: CheckSeen, name: str) -> None:
    check_seen(restyled(seen, STYLES[name], random.Random(name)))


@pytest.mark.parametrize("seed", range(8))
def test_what_is_seen_is_read_in_any_xml_and_zip(seen: Parts, check_seen: CheckSeen, seed: int) -> None:
    rng = random.Random(seed)
    check_seen(restyled(PATHS[rng.choice(list(PATHS))](seen), any_style(rng), rng))


def test_a_mark_of_more_in_a_format_may_stand_for_itself(seen: Parts, check_seen: CheckSeen) -> None:
    """As Java programs write attributes."""
    styles = seen["xl/styles.xml"]
    assert styles.count(b"[&gt;=10000]") == 1
    check_seen(seen | {"xl/styles.xml": styles.replace(b"[&gt;=10000]", b"[>=10000]")})


@pytest.mark.parametrize("link", ["[1]", "&#91;1&#93;", "&#x5B;1&#x5d;"])
def test_a_link_may_be_written_by_the_numbers_of_its_characters(seen: Parts, tmp_path: Path, link: str) -> None:
    path = tmp_path / "a.xlsx"
    names = (rb"<definedNames>.*</definedNames>", b"")
    formula = ("<f>税率.2</f>".encode().replace(b".", rb"\*"), f"<f>{link}Sheet1!B2*2</f>".encode())
    changed = {part: _changed(seen[part], change) for part, change in (("xl/workbook.xml", names), (_BUDGET, formula))}
    path.write_bytes(zipped(seen | changed))
    assert probe(path).oddities == {"预算": (Oddity(29, 4, "external", "[1]Sheet1!B2*2"),)}


_ODS = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"
_STYLES_OF_ALL = """<office:document-styles {}><office:styles>
<number:number-style style:name="N1"><number:number number:decimal-places="0" number:min-integer-digits="1"
number:display-factor="1000"/><number:text>千元</number:text></number:number-style>
<style:style style:name="行" style:family="table-row"><style:table-row-properties style:row-height="0cm"/></style:style>
</office:styles></office:document-styles>"""
_CONTENT = """<office:document-content {}><office:automatic-styles><style:style style:name="ce1"
style:family="table-cell" style:data-style-name="N1"/></office:automatic-styles><office:body><office:spreadsheet>
<table:calculation-settings><table:null-date table:date-value="1904-01-01"/></table:calculation-settings>
<table:table table:name="预算"><table:table-row table:style-name="行"><table:table-cell table:style-name="ce1"
table:formula="of:=[.B1]" office:value-type="float" office:value="600000"/></table:table-row></table:table>
</office:spreadsheet></office:body></office:document-content>"""
_SPACES = {"office": "office", "table": "table", "style": "style", "number": "datastyle", "text": "text"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "gb18030"])
@pytest.mark.parametrize("prefixes", ["usual", "others", "undeclared"])
def test_opendocument_is_seen_in_any_xml(tmp_path: Path, encoding: str, prefixes: str) -> None:
    """The styles of all workbooks and those of this one lie in two parts."""
    declared = " ".join(f'xmlns:{prefix}="{_ODS.format(name)}"' for prefix, name in _SPACES.items())
    found = {}
    for part, content in (("styles.xml", _STYLES_OF_ALL), ("content.xml", _CONTENT)):
        xml = content.format("" if prefixes == "undeclared" else declared)
        if prefixes == "others":
            xml = re.sub(r"\b(office|table|style|number|text)(?=:[a-z-]+[ =>/])", r"x-\1", xml)
            xml = re.sub(r"xmlns:(?=[a-z]+=)", "xmlns:x-", xml)
        found[part] = f'<?xml version="1.0" encoding="{encoding}"?>{xml}'.encode(encoding)
    path = tmp_path / "a.ods"
    path.write_bytes(zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"} | found))
    probed = probe(path)
    assert probed.grids == {"预算": [[600_000.0]]}
    assert probed.formats("预算") == {(1, 1): '0,"千元"'}
    assert (probed.epoch, probed.is_formula("预算", 1, 1)) == (Epoch.MAC, True)
    assert probed.veils["预算"].rows == frozenset({1})
