"""What acts by itself when a workbook is opened is told by part and target, and never handed on in the bureau's name."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from departments import POLICY, department, make

from evalxl import library
from evalxl.intake.probe import probe
from evalxl.intake.probe.active import active_in
from evalxl.outputs.returned.active import refuse_active
from evalxl.outputs.returned.markup import CannotMark
from evalxl.outputs.returned.package import Package as Marked

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_DDE = f'<externalLink xmlns="{_MAIN}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'
_OLE = f'<x:externalLink xmlns:x="{_MAIN}"><x:oleLink progId="Word.Document"/></x:externalLink>'
_LISTED = (
    f'<connections xmlns="{_MAIN}"><connection id="1"><webPr url="http://a.example/x"/></connection></connections>'
)
_OUT = ' TargetMode="External"'
# What is added: the list of relations, the kind of relation, the part or the target outside, its content.
ADDED: dict[str, tuple[str, str, str, str | None, str]] = {
    "DDE": ("xl/_rels/workbook.xml.rels", "externalLink", "externalLinks/e1.xml", _DDE, "DDE 链接（xl/externalLinks/e1.xml：cmd /c calc）"),
    "OLE": ("xl/_rels/workbook.xml.rels", "externalLink", "externalLinks/e1.xml", _OLE, "OLE 链接（xl/externalLinks/e1.xml：Word.Document）"),
    "连接": ("xl/_rels/workbook.xml.rels", "connections", "connections.xml", _LISTED, "数据连接（xl/connections.xml：http://a.example/x）"),
    "对象": ("xl/worksheets/_rels/sheet2.xml.rels", "oleObject", "../embeddings/o.bin", "x", "嵌入的对象（xl/embeddings/o.bin）"),
    "文件": ("xl/worksheets/_rels/sheet2.xml.rels", "package", "../embeddings/p.docx", "x", "嵌入的文件（xl/embeddings/p.docx）"),
    "控件": ("xl/worksheets/_rels/sheet2.xml.rels", "control", "../activeX/a.xml", "<ocx/>", "ActiveX 控件（xl/activeX/a.xml）"),
    "加载项": ("_rels/.rels", "webextensiontaskpanes", "xl/panes.xml", "<taskpanes/>", "网页加载项（xl/panes.xml）"),
    "功能区": ("_rels/.rels", "extensibility", "customUI/ui.xml", "<customUI/>", "自定义功能区（customUI/ui.xml）"),
    "图片": ("xl/drawings/_rels/drawing1.xml.rels", "image", "http://a.example/i.png", None, "链接的图片（xl/drawings/_rels/drawing1.xml.rels：http://a.example/i.png）"),
    "宏": ("xl/_rels/workbook.xml.rels", "vbaProject", "vbaProject.bin", "x", "宏（xl/vbaProject.bin）"),
    "实体": ("xl/_rels/workbook.xml.rels", "connections", "connections.xml", '<!DOCTYPE c [<!ENTITY a "b">]><c url="&a;"/>', "数据连接（xl/connections.xml）"),
}  # fmt: skip


def _with(folder: Path, relations: str, kind: str, target: str, content: str | None) -> Path:
    path = folder / "甲.xlsx"
    make(path, department("鹿泉区政协"))
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
    mode = _OUT if content is None else ""
    added = f'<Relationship Id="rIdX" Type="{_OFFICE}/{kind}" Target="{target}"{mode}/></Relationships>'
    parts[relations] = parts.get(relations, empty).replace(b"</Relationships>", added.encode())
    if content is not None:
        folder_of = relations.replace("_rels/", "").rpartition("/")[0]
        name = f"xl/{target[3:]}" if target.startswith("../") else f"{folder_of}/{target}".lstrip("/")
        parts[name] = content.encode()
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    return path


@pytest.mark.parametrize("what", ADDED)
def test_part_and_target_are_named_once_and_a_list_goes_back(what: str, tmp_path: Path) -> None:
    relations, kind, target, content, words = ADDED[what]
    path = _with(tmp_path, relations, kind, target, content)
    found = [each for each in library.check(path, policy=None).findings if each.rule == "F12"]
    assert [(each.severity.value, each.workbook) for each in found] == [("warning", str(path))]
    assert words in found[0].message
    assert "请删去" in found[0].fix
    library.run(tmp_path, tmp_path.parent / f"{tmp_path.name}-out")
    back = tmp_path.parent / f"{tmp_path.name}-out" / "退回" / "鹿泉区政协.xlsx"
    if back.exists():
        packed = probe(back).package
        assert packed is not None
        assert active_in(packed) == []


def test_links_to_pages_stay_and_are_told_once(tmp_path: Path) -> None:
    path = _with(tmp_path, "xl/worksheets/_rels/sheet2.xml.rels", "hyperlink", "http://www.a.example/", None)
    found = [each for each in library.check(path).findings if each.rule == "F12"]
    assert [each.severity.value for each in found] == ["info"]
    assert "1 个网页链接" in found[0].message
    refuse_active(Marked(path.read_bytes()))


@pytest.mark.parametrize("what", [each for each in ADDED if each != "宏"])  # macros are refused before
def test_what_is_told_is_not_marked(what: str, tmp_path: Path) -> None:
    relations, kind, target, content, _ = ADDED[what]
    path = _with(tmp_path, relations, kind, target, content)
    with pytest.raises(CannotMark, match="不能在原表上标注"):
        refuse_active(Marked(path.read_bytes()))


def test_nothing_of_ours_is_active(tmp_path: Path) -> None:
    inbox = tmp_path / "in"
    inbox.mkdir()
    make(inbox / "甲.xlsx", department("鹿泉区政协"))
    library.run(inbox, tmp_path / "out")
    library.template(tmp_path / "模板.xlsx")
    made = [*(tmp_path / "out").rglob("*.xlsx"), tmp_path / "模板.xlsx"]
    assert len(made) >= 3
    for path in made:
        packed = probe(path).package
        assert packed is not None
        assert [each for each in active_in(packed) if "网页链接" in each.what or each.target] == [], path
    assert POLICY.asks("F12")
