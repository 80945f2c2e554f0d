"""The Ministry's two forms as provinces and departments have them: each value in its place, or left out and named."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
import self_evaluation_forms as drawn
from self_evaluation_forms import AS_READ, DEPARTMENT, MINISTRY, PROJECT_FORMS, Edit, Flat, Row, Shown, edited, workbook

from evalxl.intake.forms.declaration import load
from evalxl.intake.probe.contents import Area
from evalxl.policy import policy as policies
from evalxl.transfer.forms.department import Gathered, Sources, fill
from evalxl.transfer.forms.form import Reading
from evalxl.transfer.forms.pages import Page, page_of, workbook_pages
from evalxl.transfer.forms.reading import read_forms

POLICY, FORMS = policies.load(), load()


def read_rows(tmp_path: Path, **sheets: Sequence[Row]) -> list[Reading]:
    return [each for page in pages(tmp_path, **sheets) for each in read_forms(page, FORMS, POLICY)]


def pages(tmp_path: Path, **sheets: Sequence[Row]) -> list[Page]:
    return workbook_pages(workbook(tmp_path / "表.xlsx", **sheets), "表.xlsx")


AMOUNT = re.compile(r"\.(?:initial|revised|executed|final)$")


def flat(reading: Reading) -> Flat:
    """Everything that a form says, by field; amounts in 万元, indicators by their names."""
    found: Flat = {
        path: float(said.value) / 1e6 if AMOUNT.search(path) else said.value for path, said in reading.said.items()
    }
    for indicator in reading.indicators:
        name = indicator["level3"].value
        found |= {f"{name}.{key}": said.value for key, said in indicator.items() if key != "level3"}
    return found


def left(reading: Reading) -> list[tuple[str, str]]:
    """What a form leaves out, apart from what the template has no place for: as written, and why."""
    return [(each.raw, each.why) for each in reading.untaken if not each.why.startswith("模板没有")]


# ---------------------------------------------------------------- 各省的表，逐栏

LEFT: dict[str, list[tuple[str, str]]] = {
    "河北": [("文字描述", "不是模板的指标性质")],
    "内蒙古": [("定量", f"同一栏另取了“指标方向”列的“{each}”") for each in ("正向", "正向", "反向")],
    "重庆": [("500", "同一栏另取了“调整后指标值”列的“520”")],
}  # fmt: skip


@pytest.mark.parametrize("province", PROJECT_FORMS)
def test_a_project_form_of_each_province(province: str, tmp_path: Path) -> None:
    (reading,) = read_rows(tmp_path, 自评表=PROJECT_FORMS[province])
    assert flat(reading) == AS_READ[province]
    assert left(reading) == LEFT.get(province, [])


DEPARTMENTS: dict[str, tuple[list[Row], Flat]] = {
    "财政部": (DEPARTMENT, {
        "general.year": 2023, "general.department": "示范区文化局", "general.score": 98.69, "general.preparer": "填报员甲", "general.phone": "0311-00000000", "general.date": "2024-03-15",
        "narrative.goals": "办好群众文化活动。", "narrative.achievement": "办了四十场。",
        "budget.basic.initial": 640, "budget.basic.revised": 670, "budget.basic.final": 650, "budget.project.initial": 260, "budget.project.revised": 290, "budget.project.final": 280,
        "execution.weight": 10, "execution.achieved": "96.875%", "execution.points": 9.69,
        "群众文化活动.level1": "产出指标", "群众文化活动.level2": "数量指标", "群众文化活动.target": "≥40场", "群众文化活动.achieved": "40场", "群众文化活动.weight": 50, "群众文化活动.points": 50,
        "群众满意度.level1": "效益指标", "群众满意度.level2": "社会效益指标", "群众满意度.target": "≥90%", "群众满意度.achieved": "92%", "群众满意度.weight": 40, "群众满意度.points": 39,
    }),
    "福建": (drawn.DEPARTMENT_FUJIAN, {
        "general.year": 2023, "general.department": "示范市海洋局", "general.score": 99.5,
        "budget.basic.initial": 300, "budget.basic.revised": 300, "budget.basic.final": 300, "budget.project.initial": 500, "budget.project.revised": 520, "budget.project.final": 480,
        "execution.achieved": "95.12%", "execution.points": 9.5,
        "巡查海域.level1": "产出指标", "巡查海域.level2": "数量指标", "巡查海域.scoring": "每少1次扣1分", "巡查海域.target": "12次", "巡查海域.achieved": "12次", "巡查海域.points": 90,
    }),
    "湖南": (drawn.DEPARTMENT_HUNAN, {
        "general.year": 2023, "general.department": "示范县农业农村局", "general.score": 99.65,
        "budget.basic.revised": 420, "budget.basic.final": 418, "budget.project.revised": 300, "budget.project.final": 277,
        "推广面积.level1": "产出指标", "推广面积.level2": "数量指标", "推广面积.target": "≥20万亩", "推广面积.achieved": "21万亩", "推广面积.weight": 90, "推广面积.points": 90,
    }),
}  # fmt: skip


@pytest.mark.parametrize("province", DEPARTMENTS)
def test_a_department_form_of_each_province(province: str, tmp_path: Path) -> None:
    rows, expected = DEPARTMENTS[province]
    (reading,) = read_rows(tmp_path, 自评表=rows)
    assert flat(reading) == expected
    by_unit = [each for each in left(reading) if each[1] == "分单位列出，只取合计"]
    assert (len(by_unit), len(left(reading))) == ((12, 12) if province == "湖南" else (0, 0))


# ---------------------------------------------------------------- 每一格都有下落

ALL_FORMS = {**PROJECT_FORMS, **{f"部门{name}": rows for name, (rows, _) in DEPARTMENTS.items()}}


@pytest.mark.parametrize("name", ALL_FORMS)
def test_every_number_is_filled_in_or_named(name: str, tmp_path: Path) -> None:
    """Only what follows from other cells may go without a word: rates of parts, nil, full marks, totals, repetitions."""
    (page,) = pages(tmp_path, 自评表=ALL_FORMS[name])
    (reading,) = read_forms(page, FORMS, POLICY)
    cells = {said.cell for said in reading.said.values()} | {each.cell for each in reading.untaken}
    cells |= {said.cell for indicator in reading.indicators for said in indicator.values()}
    unnamed = {
        spot.text
        for spot in page.spots.values()
        if re.search(r"\d", spot.text) and page.place(spot) not in cells and not re.search(r"[一-鿿①-⑳]", spot.text)
    }
    derived = {"0", "0.00", "100", "0.00%", "100.00", "85.45%", "92.31%", "100%", "100.00%", "14.55%"} | (
        {"10"} if name == "重庆" else set()
    )
    totals = {"900", "960", "930", "800", "820", "780", "720", "695"} if name.startswith("部门") else set()
    assert unnamed <= derived | totals


# ---------------------------------------------------------------- 填法各异

VARIANTS: dict[str, tuple[Edit, Flat, list[tuple[str, str]]]] = {
    "写了单位的数": ({(7, 4): "50万元", (7, 5): "600000元"}, {"projects.initial": 50, "projects.revised": 60}, []),
    "文字里的千分位和货币符号": ({(7, 4): "￥ 1,050.00", (7, 5): "１０６０．５"} | dict.fromkeys([(8, 4), (9, 4), (8, 5), (9, 5)]),
                                    {"projects.initial": 1050, "projects.revised": 1060.5, "projects.executed": 57.5, "execution.achieved": None},
                                    [("95.83%", "按金额计算的执行率是 5.42%")]),
    "单位写在各列": ({(6, 1): "项目资金", (6, 4): "年初预算数（元）", (7, 4): 500000, (8, 4): 500000, (6, 5): "全年预算数（万元）", (6, 7): "全年执行数（万元）"}, {}, []),
    "没有写单位": ({(6, 1): "项目资金"}, {"projects.initial": None, "projects.revised": None, "projects.executed": None},
                   [(each, "没有写明金额单位") for each in ("50", "60", "57.5", "50", "55", "52.5", "5", "5")]),
    "以元填在万元栏": ({(7, 4): 500000, (7, 5): 600000, (7, 7): 575000}, {"projects.initial": None, "projects.revised": None, "projects.executed": None},
                      [("500000", "疑为以元填写"), ("600000", "疑为以元填写"), ("575000", "疑为以元填写")]),
    "总额为零而分项有数": ({(7, 4): 0}, {"projects.initial": None}, [("0", "总额写 0.00 万元，各项之和是 50.00 万元"), ("50", "总额写 0.00 万元")]),
    "年初没有预算": ({(7, 4): None, (8, 4): None, (9, 4): None}, {"projects.initial": None}, []),
    "数后面有说明": ({(7, 7): "57.5（含上年5）"}, {"projects.executed": None}, [("57.5（含上年5）", "不是能确定的数字")]),
    "执行率写成小数": ({(7, 9): 0.9583}, {}, []),
    "执行率写成百分数的数": ({(7, 9): 95.83}, {}, []),
    "执行率与金额不符": ({(7, 9): "85%"}, {"execution.achieved": None}, [("85%", "按金额计算的执行率是 95.83%")]),
    "得分写成文字": ({(7, 10): "9.58分", (15, 9): "9.6 分", (19, 9): "97.18分"}, {}, []),
    "得分不是数": ({(15, 9): "良好"}, {"新增期刊.points": None}, [("良好", "不是能确定的数字")]),
    "权重写成百分数": ({(14, 8): Shown(0.2, "0%"), (15, 8): "10%"}, {}, []),
    "错误值": ({(15, 7): "#N/A"}, {"新增期刊.achieved": None}, [("#N/A", "是错误值")]),
    "总分两处不一": ({(3, 1): "自评总分：96"}, {"projects.score": None, "general.year": None}, [("96", "同一张表上写了不同的数"), ("97.18", "同一张表上写了不同的数")]),
    "指标名叫合计": ({(14, 4): "合计拨款笔数"}, {"合计拨款笔数.level1": "产出指标"}, []),
    "标签里有空格": ({(4, 1): "项 目 名 称", (5, 1): "主　管　部　门：", (5, 7): "实 施\n单 位", (7, 3): "年 度 资 金 总 额："}, {}, []),
    "没有一级指标的合并": ({(14, 2): "产出指标", (15, 2): None, (16, 2): None}, {}, []),
    "空的指标行": ({(15, 4): "指标2：", (15, 6): None, (15, 7): None, (15, 8): None, (15, 9): None, (15, 10): None},
                  {"新增期刊": None}, []),
    "有数没有名称的指标": ({(15, 4): None}, {"新增期刊": None}, [("≥50种", "没有认出"), ("48", "没有认出"), ("10", "没有认出"), ("9.6", "没有认出"), ("两种停刊", "没有认出")]),
    "没有写年度": ({(3, 1): "（  年度）"}, {"general.year": None}, []),
    "同一格两个数": ({(7, 7): "57.5/60"}, {"projects.executed": None}, [("57.5/60", "不是能确定的数字")]),
    "没有总分": ({(19, 8): None, (19, 9): None}, {"projects.score": None}, []),
    "分值合计不是一百": ({(19, 8): 90}, {}, []),
    "日期作完成值": ({(14, 7): "2023年11月"}, {"新增图书.achieved": "2023年11月"}, []),
    "格式带单位": ({(15, 7): Shown(48, '0"种"')}, {"新增期刊.achieved": "48种"}, []),
    "指标性质在指标值前": ({(14, 6): Shown(10000, '"≥"0"册"')}, {}, []),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_a_form_filled_in_otherwise(name: str, tmp_path: Path) -> None:
    edit, changes, expected = VARIANTS[name]
    (reading,) = read_rows(tmp_path, 自评表=edited(MINISTRY, edit))
    base = dict(AS_READ["财政部"])
    for key, value in changes.items():
        if value is None:
            base = {path: each for path, each in base.items() if path != key and not path.startswith(f"{key}.")}
        elif key in base or "." not in key or key.split(".")[0] in ("projects", "general", "execution"):
            base[key] = value
        else:  # an indicator of another name
            base = {path.replace("新增图书", key.split(".")[0]): each for path, each in base.items()}
    assert flat(reading) == base
    told = left(reading)
    assert len(told) == len(expected), told
    for (raw, why), (raw_due, why_due) in zip(sorted(told), sorted(expected), strict=True):
        assert raw_due in raw
        assert why_due in why


# ---------------------------------------------------------------- 写坏了的表

_PUT = ["", "项目名称", "合计", "年度资金总额", "100%", "-", "—", "0", "1e308", "nan", "=1+1", "12万元", "（元）", "一级指标",
        "三级指标", "得分", "总分", 1.5, -3, 10**15, "2023年度", "优秀", "<", "≥"]  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_done_to_a_form_is_read(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        form = chance.choice([*PROJECT_FORMS.values(), DEPARTMENT])
        rows = [[plain_cell(cell) for cell in row] for row in form]
        width = max(map(len, rows))
        rows = [row + [""] * (width - len(row)) for row in rows]
        for _ in range(chance.randrange(1, 25)):
            at, left = chance.randrange(len(rows)), chance.randrange(width)
            if chance.random() < 0.7:
                rows[at][left] = chance.choice(_PUT)
            elif chance.random() < 0.5:
                rows.insert(at, list(rows[left % len(rows)]))
            elif len(rows) > 3:
                rows.pop(at)
        top = chance.randrange(1, len(rows) + 1)
        merges = [Area(top, 1, min(len(rows), top + chance.randrange(3)), chance.randrange(1, width + 1))]
        readings = read_forms(page_of("表.xlsx", "自评表", rows, merges), FORMS, POLICY)
        found = Gathered()
        fill(Sources(readings=[each for each in readings if each.name]), found)
        assert found.notes.keys() == found.entries.keys()


def plain_cell(cell: object) -> object:
    """A cell as it is read: what merging draws is blank, a number in a format is a number."""
    return "" if cell in ("<", "^", None) else cell.number if isinstance(cell, Shown) else cell


def test_an_indicator_whose_name_cannot_be_told_is_named_and_not_filled_in(tmp_path: Path) -> None:
    at = next(number for number, row in enumerate(MINISTRY, 1) if "三级指标" in row) + 1
    name = MINISTRY[at - 2].index("三级指标") + 1
    book = openpyxl.load_workbook(workbook(tmp_path / "表.xlsx", 自评表=MINISTRY))
    book["自评表"].cell(at, name).value = "#REF!"
    book["自评表"].cell(at, name).data_type = "e"
    book.save(tmp_path / "表.xlsx")
    (page,) = workbook_pages(tmp_path / "表.xlsx", "表.xlsx")
    (whole,) = read_rows(tmp_path, 自评表=MINISTRY)
    (reading,) = read_forms(page, FORMS, POLICY)
    assert len(reading.indicators) == len(whole.indicators) - 1
    assert [each.why for each in reading.untaken].count("指标的名称不能确定") > 1
