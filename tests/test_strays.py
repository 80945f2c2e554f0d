"""What lies in an inbox beside the departments' workbooks: no row of a signed sheet, and nobody's message to send."""

from __future__ import annotations

from pathlib import Path

import pytest
from departments import POLICY, department, make, sheet
from summaries import roster_of, rows_of

from evalxl.district.tables import Bureau
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.template.workbook import build

_PDF, _ROSTER = b"%PDF-1.7\n", (("教育局", "", ""), ("水利局", "", ""), ("民政局", "", ""))


def _inbox(folder: Path) -> Path:
    """Two departments, a blank template of a third, and attachments: of one that has reported, of nobody, of a fourth."""
    inbox = folder / "收件"
    (inbox / "附件").mkdir(parents=True)
    for name in ("教育局", "水利局"):
        make(inbox / f"{name}.xlsx", department(name))
    build(inbox / "民政局.xlsx", POLICY)
    (inbox / "附件" / "教育局自评报告.pdf").write_bytes(_PDF)
    (inbox / "附件" / "照片.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (inbox / "人社局.pdf").write_bytes(_PDF)
    return inbox


@pytest.mark.parametrize(
    ("listed", "rows", "missing", "strays"),
    [
        (True, ["教育局", "水利局"], ["民政局"], 4),
        (False, ["教育局", "水利局", "人社局", "照片"], [], 2),  # without a roster either may be all that somebody sent
    ],
)
def test_attachments_and_blank_templates_are_no_departments(
    tmp_path: Path, listed: bool, rows: list[str], missing: list[str], strays: int
) -> None:
    bureau = roster_of(*_ROSTER) if listed else Bureau()
    batch.run(_inbox(tmp_path), tmp_path / "结果", Settings(POLICY, bureau=bureau))
    summary = tmp_path / "结果" / "汇总表.xlsx"
    assert sorted(row["部门"] for row in rows_of(summary, "部门汇总")) == sorted(rows)
    beside = [(row["情况"], row["部门"] or row["文件"]) for row in rows_of(summary, "未报送与未读取")]
    files = ["民政局.xlsx", "附件/教育局自评报告.pdf", "附件/照片.png", "人社局.pdf"]
    assert sorted(beside) == sorted([("未报送", name) for name in missing] + [("未读取", name) for name in files])
    overview = [str(cell) for row in sheet(summary, "总览") for cell in row]
    assert [cell for cell in overview if "自评表" in cell] == [
        f"含非自评表 {strays} 个",
        next(
            cell for cell in overview if f"另有 4 个文件未能读取（其中 {strays} 个不是自评表），不在汇总数内。" in cell
        ),
    ]
    (received,) = [row[1] for row in sheet(summary, "运行说明") if row[0] == "收到文件"]
    assert received == f"6 个：计入 2 个，未读取 4 个（其中不是自评表的 {strays} 个），重复未计入 0 个"
    waiting = {row["部门"] for row in rows_of(tmp_path / "结果" / "待办.xlsx", "待办")}
    assert waiting & {"照片", "教育局自评报告", "民政局"} == (set(missing) if listed else {"照片"})


def test_a_department_whose_name_begins_like_another_is_not_lost(tmp_path: Path) -> None:
    """The report of 水利局执法队 is all that it has sent, and no attachment of 水利局; that of 水务局, once 水利局, is."""
    inbox = tmp_path / "收件"
    inbox.mkdir()
    make(inbox / "水利局.xlsx", department("水务局"))
    for name in ("水利局执法队自评报告", "水利局自评报告"):
        (inbox / f"{name}.pdf").write_bytes(_PDF)
    bureau = roster_of(("水利局", "水务局", ""), ("水利局执法队", "", ""))
    batch.run(inbox, tmp_path / "结果", Settings(POLICY, bureau=bureau))
    summary = tmp_path / "结果" / "汇总表.xlsx"
    assert [row["部门"] for row in rows_of(summary, "部门汇总")] == ["水利局", "水利局执法队"]
    waiting = {row["部门"]: row["状态"] for row in rows_of(tmp_path / "结果" / "待办.xlsx", "待办")}
    assert waiting["水利局执法队"] == "未读取"
    (received,) = [row[1] for row in sheet(summary, "运行说明") if row[0] == "收到文件"]
    assert received == "3 个：计入 1 个，未读取 2 个（其中不是自评表的 1 个），重复未计入 0 个"
