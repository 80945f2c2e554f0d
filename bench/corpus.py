"""A district of made-up departments on the real template: 30 % small, 55 % typical, 15 % large, 1 % wrong cells.

`python bench/corpus.py 2000 FOLDER` writes 2,000 workbooks. The same number and seed give the same workbooks. The first
400 are drawn on the template; the others are those again under other names and with other words, which is quicker.
Two more districts are made of the same departments: in ``COPIED`` all share one paragraph, so that a rule of the
district touches every workbook; in ``FAULTY`` they also have many wrong cells and were saved by openpyxl.
"""

from __future__ import annotations

import random
import re
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

from openpyxl import load_workbook

from evalxl import __version__, layout
from evalxl.layout import BUDGET, GENERAL, INDICATORS, NARRATIVE, PROJECTS, REVIEWERS, UNITS, Sheet, template_cell
from evalxl.policy import policy
from evalxl.template import build

SEED = 7
SIZES = (  # share; units, projects and reviewers at most; indicators a project
    (0.30, (3, 8, 4), 3),
    (0.55, (8, 24, 7), 5),
    (0.15, (20, 60, 10), 5),
)
DRAWN = 400  # workbooks; drawing one takes 100 ms
FAULTS, MANY_FAULTS = 0.01, 0.055  # of the cells of every kind below; the latter give some 18 findings a workbook
PLAIN, COPIED, FAULTY = "plain", "copied", "faulty"
PARAGRAPH = "部分项目前期论证不够充分，资金支付集中在下半年，绩效指标与业务工作结合不紧，个别指标难以量化，日常跟踪监控的频次偏低，结果应用还没有形成固定的制度。"
WRONG: dict[str, tuple[object, ...]] = {  # what stands in a wrong cell
    "initial": ("约十万", -5), "revised": ("待定",), "executed": ("12,3x", 99_999.0), "score": (105, "九十"),
    "points": (120, "满分"), "weight": (-1,), "nature": ("其它性质",), "posts": (2.5,), "date": ("二月三十日",),
}  # fmt: skip
_FIRST, _SECOND = "东西南北中山河湖林田城乡新永安平昌兴和丰", "桥岭湾屯店寨庄坪沟堡塘坡镇营泉台口川洲原"
_BUREAUS = ("教育局", "财政局", "水利局", "民政局", "文化局", "卫健局", "审计局", "农业局", "统计局", "司法局")
_WORDS = tuple(
    "道路 绿化 排水 养护 巡查 培训 宣传 检测 维修 采购 监测 普查 评审 救助 补贴 灌溉 防汛 消防 供暖 照明 档案 网络 "
    "图书 体育 就业 托幼 养老 康复 防疫 执法 调解 普法".split()
)
_ACTS = tuple("推进 完成 组织 落实 规范 改善 加强 细化 保障 核查 跟踪 汇总 通报 整理 更新 统筹".split())
_PLACES = tuple("全区 各镇 各村 重点片区 沿河地段 老旧小区 学校周边 工业园区 山区 城区主干道".split())
_TIMES = tuple("上半年 三季度 年底前 汛期 全年 春季 冬季 每季度 分批 按月".split())
_TITLES = (("办公室主任", "高级经济师"), ("财务科长", "会计师"), ("业务科长", "工程师"), ("科员", "无"))
_LEVELS = (
    ("产出指标", "数量指标", "完成数量", "≥{}", "次"), ("效益指标", "社会效益指标", "受益人数", "≥{}", "人"),
    ("满意度指标", "服务对象满意度指标", "服务对象满意度", "≥{}%", "%"),
    ("产出指标", "质量指标", "验收合格率", "≥{}%", "%"), ("产出指标", "时效指标", "按时完成率", "≥{}%", "%"),
)  # fmt: skip

Cells = dict[str, object]


def corpus(count: int, seed: int = SEED, folder: Path | None = None, kind: str = PLAIN) -> Path:
    """A folder with that many workbooks; made once and kept in the temporary folder, by everything it depends on."""
    stamp = f"{__version__}-{layout.SHA256[:8]}-{policy.load().sha256[:8]}-{seed}-{count}-{kind}"
    target = folder or Path(tempfile.gettempdir()) / "evalxl-bench" / stamp
    target.mkdir(parents=True, exist_ok=True)
    done = target.parent / f"{target.name}.done"
    if not done.exists():
        rulebook = policy.load()
        for number in range(count):
            path = target / f"{number:05d}.xlsx"
            if number < DRAWN:
                build(path, rulebook, None, workbook(number, seed, kind))
                if kind == FAULTY:
                    load_workbook(path).save(path)
            else:
                _vary(target / f"{number % DRAWN:05d}.xlsx", path, number)
        done.touch()
    return target


def _vary(drawn: Path, path: Path, number: int) -> None:
    """A drawn workbook again as another department: its own name and code, and every word exchanged for another."""
    others = random.Random(number).sample(_WORDS, len(_WORDS))
    words = dict(zip(_WORDS, others, strict=True))
    words |= {department(number % DRAWN): department(number), _code(number % DRAWN): _code(number)}
    either = re.compile("|".join(sorted(words, key=len, reverse=True)))
    with zipfile.ZipFile(drawn) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename.startswith("xl/sharedStrings") or part.filename.startswith("xl/worksheets/sheet"):
                content = either.sub(lambda match: words[match[0]], content.decode()).encode()
            new.writestr(part, content, zipfile.ZIP_DEFLATED)


def workbook(number: int, seed: int = SEED, kind: str = PLAIN) -> Cells:
    """What one department filled in, by cell."""
    draw = random.Random(f"{seed}/{number}")
    rank = draw.random()
    size = 0 if rank < SIZES[0][0] else 1 if rank < SIZES[0][0] + SIZES[1][0] else 2
    (units, projects, reviewers), indicators = SIZES[size][1:]
    name = department(number)
    unit_names = [f"{name}（本级）", *(f"{name}下属{n}所" for n in range(2, draw.randint(1, units) + 1))]
    cells: Cells = {}
    executed = _projects(cells, draw, unit_names, draw.randint(max(2, projects // 2), projects), indicators)
    _general(cells, draw, name, number, len(unit_names))
    for row, unit in enumerate(unit_names, UNITS.FIRST_ROW):
        posts = draw.randint(8, 60)
        record = {"name": unit, "nature": "行政单位", "funding": "财政拨款", "posts": posts, "staff": posts - 1}
        _record(cells, UNITS, row, record)
    _budget(cells, draw, executed)
    for row in range(draw.randint(3, reviewers)):
        duty, title = _TITLES[row % len(_TITLES)]
        person: Cells = {
            "name": f"评价员{row + 1}",
            "workplace": f"{name[:3]}财政局" if row == 1 else name,
            "duty": duty,
            "title": title,
            "signature": "已签",
        }
        _record(cells, REVIEWERS, REVIEWERS.FIRST_ROW + row, person)
    for field in NARRATIVE.fields:
        _put(cells, NARRATIVE, field.key, "".join(_sentences(draw, 2 + size)))
    if kind != PLAIN:
        _put(cells, NARRATIVE, "problems", PARAGRAPH)
    _spoil(cells, draw, MANY_FAULTS if kind == FAULTY else FAULTS)
    return cells


def department(number: int) -> str:
    """A name for each number up to 4,000, and numbered ones beyond."""
    rest, bureau = divmod(number, len(_BUREAUS))
    rest, second = divmod(rest, len(_SECOND))
    round_, first = divmod(rest, len(_FIRST))
    return f"{_FIRST[first]}{_SECOND[second]}区{_BUREAUS[bureau]}" + (f"第{round_ + 1}分局" if round_ else "")


def _code(number: int) -> str:
    return f"Z{number:06d}"


def _put(cells: Cells, sheet: Sheet, key: str, value: object, row_or_line: int | str = 0) -> None:
    cells[f"{sheet.title}!{template_cell(sheet, key, row_or_line)}"] = value


def _record(cells: Cells, sheet: Sheet, row: int, record: dict[str, object]) -> None:
    for key, value in record.items():
        _put(cells, sheet, key, value, row)


def _general(cells: Cells, draw: random.Random, name: str, number: int, units: int) -> None:
    score = round(draw.uniform(76, 84.9), 2)
    general = {
        "department": name, "code": _code(number), "region": "某市示范区", "year": 2023,
        "unit_count": units, "money_unit": "万元", "score": score, "grade": "良好", "preparer": "填报员",
        "phone": "0311-00000000", "date": "2024-03-20", "head": "负责人",
    }  # fmt: skip
    for key, value in general.items():
        _put(cells, GENERAL, key, value)


def _projects(cells: Cells, draw: random.Random, units: list[str], count: int, indicators: int) -> float:
    """Fill in projects and their indicators; gives what they spent."""
    total = 0.0
    at = INDICATORS.FIRST_ROW
    for number in range(count):
        matter = f"{draw.choice(_WORDS)}{draw.choice(_WORDS)}"
        name = f"{draw.choice(_PLACES)}{matter}项目{number + 1}"
        revised = round(draw.uniform(10, 400), 2)
        executed = round(revised * draw.uniform(0.91, 0.999), 2)
        total = round(total + executed, 2)
        lost = draw.randint(16, 19)
        _record(cells, PROJECTS, PROJECTS.FIRST_ROW + number, {
            "name": name, "unit": draw.choice(units), "initial": revised, "revised": revised, "executed": executed,
            "score": 100 - lost, "grade": "良好",
        })  # fmt: skip
        for index in range(indicators):
            at = _indicator(cells, draw, at, (name, matter), index, indicators, lost)
    return total


def _indicator(
    cells: Cells, draw: random.Random, at: int, project: tuple[str, str], index: int, count: int, lost: int
) -> int:
    """One line of a project's indicators; what points the project lost it lost on the first. Gives the next row."""
    level1, level2, level3, target, unit = _LEVELS[index]
    weight = 100 // count + (100 % count if index == 0 else 0)
    aim = draw.randint(90, 95) if unit == "%" else draw.randint(200, 9000)
    missed = index == 0
    share = (weight - lost) / weight
    achieved = f"{aim * share:.0f}" if missed else f"{aim + 1}%" if unit == "%" else str(aim + 5)
    _record(cells, INDICATORS, at, {
        "project": project[0], "level1": level1, "level2": level2, "level3": project[1] + level3,
        "direction": "正向(≥)", "target": target.format(aim), "measure_unit": unit, "achieved": achieved,
        "weight": weight, "points": weight - lost if missed else weight,
        "cause": next(_sentences(draw, 1)) if missed else None,
    })  # fmt: skip
    return at + 1


def _budget(cells: Cells, draw: random.Random, spent: float) -> None:
    personnel, operating = round(draw.uniform(200, 3000), 2), round(draw.uniform(20, 300), 2)
    basic = round(personnel + operating, 2)
    amounts = {
        "appropriation": round(basic + spent, 2), "basic": basic, "personnel": personnel, "operating": operating,
        "project": spent, "vehicle_running": round(draw.uniform(1, 9), 2), "reception": round(draw.uniform(0.1, 3), 2),
        "procurement": round(draw.uniform(1, 90), 2),
    }  # fmt: skip
    for line in BUDGET.lines:
        if not line.computed:
            for column in layout.AMOUNT_COLUMNS:
                _put(cells, BUDGET, column, amounts.get(line.key, 0), line.key)


def _sentences(draw: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        parts = [
            f"{draw.choice(_TIMES)}{draw.choice(_ACTS)}{draw.choice(_PLACES)}{draw.choice(_WORDS)}和{draw.choice(_WORDS)}"
            for _ in range(draw.randint(2, 4))
        ]
        yield "，".join(parts) + "。"


def _spoil(cells: Cells, draw: random.Random, share: float) -> None:
    """Make a share of several kinds of cell wrong."""
    for sheet in (GENERAL, UNITS, PROJECTS, INDICATORS):
        wrong = {field.key: WRONG[field.key] for field in sheet.fields if field.key in WRONG}
        last = sheet.FIRST_ROW + sheet.room
        rows = range(sheet.FIRST_ROW, last) if sheet.room else (0,)
        for key, values in wrong.items():
            for row in rows:
                cell = f"{sheet.title}!{template_cell(sheet, key, row)}"
                if cell in cells and draw.random() < share:
                    cells[cell] = draw.choice(values)


if __name__ == "__main__":
    sys.stdout.write(f"{corpus(int(sys.argv[1]), SEED, Path(sys.argv[2]))}\n")
