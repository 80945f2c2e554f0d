"""Rules about grades (G)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from evalxl.district.tables import District
from evalxl.facts.passages import Passage, clauses, passages
from evalxl.facts.scores import scored
from evalxl.policy.parts import Band
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, Scope, rule, table_of, words_of_choice
from evalxl.values.folding import short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show


@rule(
    "G01",
    ERROR,
    "projects.grade",
    shows="score",
    message="填的是“{stated}”，得分 {score} 应为“{due}”（{band}）。",
    fix="请按得分更正等级，或核对得分 {cells}。",
)
def grades_follow(d: District, p: Policy) -> pd.DataFrame:
    """评价等级须与得分所在的分数段一致。
    理由：等级由得分确定；分数段含下限、不含上限，按两位小数（规则文件 score_digits）的得分判断。
    依据：现行分数段见规则文件 schemes；财预〔2020〕10号。
    举例：得分 84.99 填“优秀”，应为“良好”。
    处理：更正等级。
    局限：得分本身打高了的，看不出来。
    """
    bands = {band.grade: f"{band.start:g} 至 {band.end:g} 分" for band in p.scheme.bands}
    found = []
    for row in (row for row in scored(d) if 0 <= row["score"] <= 100 and row["grade_standard"]):
        due = p.grade(row["score"])
        if row["grade_standard"] != due:
            told = {"due": due, "stated": short(row["grade"]), "band": bands.get(due, ""), "field": "grade"}
            found.append({**row, **told})
    return table_of(found)


@rule("G02", ERROR, "projects.grade", message="{found}。", fix="{remedy}。")
def grades_known(d: District, p: Policy) -> pd.DataFrame:
    """评价等级须是现行分数段的等级名称；以通行别写填报的，为提示。
    理由：等级名称各地不同，统一后才能汇总。
    依据：现行分数段见规则文件 schemes。
    举例：填“优”，按“优秀”读取（提示）；填“A”（错误）。
    处理：从下拉列表选取。
    局限：等级选错而名称合规的，见 G01。
    """
    graded = (row for row in scored(d) if row["grade"])
    return words_of_choice(d, p, "projects", "grade", "grade_standard", graded)


@rule("G04", WARNING, "projects.grade", shows="score", message="{found}。", fix="{remedy}。")
def scores_and_grades_together(d: District, p: Policy) -> pd.DataFrame:
    """得分与等级须同时填写，部门整体也要有得分和等级。
    理由：只有得分或只有等级，都不能说明评价结果；报告承诺了整体得分而未填的也不少见。
    依据：鹿泉区2023年度部门整体支出绩效自评报告。
    举例：整体自评得分和整体评价等级都空白；项目有得分而无等级。
    处理：补填。项目没有得分的见规则 S06。
    局限：两者都填而都不对的，见 G01、S01。
    """
    found: list[dict[str, Any]] = []
    for row in d.rows("general"):
        if not given(row["score"]) or not row["grade"]:
            told = {"sheet": "general", "field": "grade" if given(row["score"]) else "score", "key": ""}
            words = _overall_missing(row["score"], row["grade"])
            found.append({**row, **told, "found": words, "remedy": "请填写整体自评得分和整体评价等级"})
    for rows in d.by_workbook("projects").values():
        told = {"sheet": "projects", "field": "grade", "remedy": "请按得分填写评价等级"}
        ungraded = [row for row in rows if given(row["score"]) and not row["grade"]]
        # No project graded at all (or no such column) is one omission, told once.
        if ungraded and not any(row["grade"] for row in rows):
            found.append({**ungraded[0], **told, "found": "各项目都没有填评价等级", "key": ""})
        else:
            found += [{**row, **told, "found": "没有填评价等级"} for row in ungraded]
    return table_of(found)


def _overall_missing(score: float, grade: str) -> str:
    if given(score):
        return "没有填整体评价等级，而有整体自评得分"
    return "没有填整体自评得分，而有整体评价等级" if grade else "部门整体没有得分和等级"


@rule(
    "G07",
    ERROR,
    scope=Scope.POLICY,
    message="分数段“{scheme}”：{found}。",
    fix="请改正规则文件中的 bands，使各段首尾相接，覆盖 0 至 100 分。",
)
def bands_cover(d: District, p: Policy) -> pd.DataFrame:
    """规则文件的分数段不得重叠或有空当，须覆盖 0 至 100 分。
    理由：分数段按整数写（90–100、80–89）时，89.5 分没有等级。
    依据：财政部有关通知按整数列示的分数段；财预〔2020〕10号。
    举例：优 90 至 100，良 80 至 89。
    处理：写成首尾相接的半开区间：90 至 100、80 至 90。
    局限：分数段定得是否合理，由财政部门决定。
    """
    problems = [(name, found) for name, scheme in p.schemes.items() for found in _uncovered(scheme.bands)]
    return pd.DataFrame(problems, columns=["scheme", "found"]).assign(workbook="", row=float("nan"))


def _uncovered(bands: Sequence[Band]) -> Iterator[str]:
    """What keeps bands from covering the scores from 0 to 100 once each, from the lowest up."""
    reached = 0.0
    within = ((max(band.start, 0.0), min(band.end, 100.0)) for band in bands)
    for start, end in sorted(each for each in within if each[0] < each[1]):
        if start > reached:
            yield f"{reached:g} 至 {start:g} 分有空当"
        elif start < reached:  # one band may lie wholly within another
            yield f"{start:g} 至 {min(reached, end):g} 分重叠"
        reached = max(reached, end)
    if reached < 100:
        yield f"{reached:g} 至 100 分有空当"
    if any(band.start < 0 or band.end > 100 for band in bands):
        yield "有一段超出 0 至 100 分"
    if any(band.start >= band.end for band in bands):
        yield "有一段的下限不小于上限"


@rule(
    "G05",
    WARNING,
    "projects.grade",
    needs="grade executed revised",
    shows="executed revised",
    message="评为“{grade}”，而执行率只有 {rate}。",
    fix="请核对得分和等级，或核对 {cells}。",
)
def best_grade_needs_execution(d: District, p: Policy) -> pd.DataFrame:
    """执行率过低（默认低于 60%，见规则文件 top_grade_rate）的项目不应评为最高等级。
    理由：近一半资金没有用出去，目标多半没有完成。
    依据：本程序的取值（省级预算绩效系统有此做法，没有公开文号）。
    举例：执行率 45%，评为“优秀”。
    处理：核对得分和等级，并说明偏差原因。
    局限：执行率高而目标没有完成的，见 I06。
    """
    found = []
    for row in d.rows("projects"):
        if row["grade_standard"] == p.best.grade and row["revised"] > 0:
            rate = row["executed"] / row["revised"]
            if round(rate, 9) < p.value("top_grade_rate"):
                found.append({**row, "rate": show(Kind.RATE, rate)})
    return table_of(found)


@rule(
    "G06",
    INFO,
    "projects.score",
    message="{actual}，离分数线 {line} 分在 {near} 分以内。",
    fix="可作为复核的重点；得分无误的无须处理。",
)
def scores_near_a_line(d: District, p: Policy) -> pd.DataFrame:
    """得分离分数线很近（默认 0.5 分以内，见规则文件 near_line）的，提示复核。
    理由：差一点就上一档或下一档，得分是否准确直接决定等级。
    依据：财政重点复核的通行做法。
    举例：85.30 分，分数线 85 分。
    处理：复核时优先查看；得分无误的无须处理。
    局限：是否有意压线，程序不能判断。
    """
    lines = [band.start for band in p.scheme.bands if band.start > 0]
    near = p.value("near_line")
    found = []
    for row in (row for row in scored(d) if row["score"] <= 100):
        score = row["score"]
        close = [line for line in lines if round(abs(score - line), 6) <= near]
        if close:
            line = min(close, key=lambda line: abs(score - line))
            found.append({**row, "actual": score, "near": f"{near:g}", "line": f"{line:g}"})
    return table_of(found)


_GRADES = "优秀|良好|一般|合格|中等|较差|不合格|优|良|中|差"
_LABEL = rf"[“\"]?(?P<label>{_GRADES})[”\"]?(?![\u4e00-\u9fff]*[优良差])(?!秀|好|等[^级]|间)"
_IS = r"(?:的)?[，,]?(?:评价|绩效|评定)?(?:等级|结果)?(?:评为|定为|确定为|为|是|属于|[:：])"
_BANDS = (
    re.compile(rf"(?P<low>\d{{2,3}})分?(?:（含）|（含(?P=low)分?）)?(?:及|\(含\))?以上{_IS}{_LABEL}"),
    re.compile(rf"(?:≥|>=|大于等于|不低于|不少于)(?P<low>\d{{2,3}})分?{_IS}{_LABEL}"),
    re.compile(
        rf"(?P<low>\d{{2,3}})分?(?:（含）|（含(?P=low)分?）)?(?:≤|[—~至到-]|≤[^，；。\d]{{1,6}}[<≤])(?P<high>\d{{2,3}})分?(?:（[不含\d分]+）)?{_IS}{_LABEL}"
    ),
    re.compile(rf"(?P<low>\d{{2,3}})分?≤[^，；。\d]{{1,6}}[<≤](?P<high>\d{{2,3}})分?{_IS}{_LABEL}"),
    re.compile(rf"(?P<high>\d{{2,3}})分?(?:（不含）)?以下{_IS}{_LABEL}"),
    re.compile(rf"(?:<|低于|小于)(?P<high>\d{{2,3}})分?{_IS}{_LABEL}"),
)
_FIRST = rf"[“]?(?P<label>{_GRADES})[”]?(?:等级)?[（:：](?:得分|总分|分数|分值)?"
_NO_COUNT = r"(?!分?）?[，、]?(?:的|项目)*\d+[个项])"
_BANDS_AFTER = (
    re.compile(rf"{_FIRST}(?P<low>\d{{2,3}})分?(?:（含）)?(?:及|\(含\))?以上{_NO_COUNT}"),
    re.compile(rf"{_FIRST}(?:≥|>=)(?P<low>\d{{2,3}})(?!\d){_NO_COUNT}"),
    re.compile(
        rf"{_FIRST}(?P<low>\d{{2,3}})分?(?:（含）)?(?:≤[^，；。\d]{{1,6}}[<≤]|[—~至到-])(?P<high>\d{{2,3}})(?!\d){_NO_COUNT}"
    ),
    re.compile(rf"{_FIRST}(?:<(?P<high>\d{{2,3}})(?!\d)){_NO_COUNT}"),
)
_POINTS, _GRADE = re.compile(r"\d\d"), re.compile(_GRADES)  # without both no clause states a band
_OTHER_SCALE = re.compile(
    r"满意|评选|先进|竞赛|面试|职称|考核|测评|考试|成绩|学生|空气|水质|信用|年度考评|旧|原标准|不再|上年|去年|往年"
)


@rule(
    "G03",
    WARNING,
    "narrative.methods",
    message="写的是“{said}”，现行分数段“{grade}”为 {start} 分（含）至 {end} 分。",
    fix="请按现行分数段改写，并核对各项目和部门的等级。",
)
def bands_of_the_text(d: District, p: Policy) -> pd.DataFrame:
    """文字中说明的等级分数线，应与现行分数段一致。
    理由：分数线写错，等级就可能按错误的标准评定；多是套用了其他地区或往年的文稿。
    核对“90分以上为优”“75≤得分＜85为良好”“60分以下为差”一类写法；分数段写整数上限的（80至89分）视为一致；
    满意度、考核等另有标准的得分，说明是旧标准、上年标准的不核对。
    依据：鹿泉区2023年度部门整体支出绩效自评报告；policy.toml 采用的分数段。
    举例：现行 85 分以上为优秀，文字写“90分以上为优”。
    处理：按现行分数段改写；等级评错的，一并更正。
    局限：没有写成分数段的标准看不出来。
    """
    records = []
    for each in passages(d):
        found = next(_wrong_bands(each, p), None)
        if found is not None:
            records.append(found)
    return table_of(records)


def _wrong_bands(each: Passage, p: Policy) -> Iterator[dict[str, object]]:
    bands = {band.grade: band for band in p.scheme.bands}
    for clause in clauses(each.text):
        if not _POINTS.search(clause) or not _GRADE.search(clause) or _OTHER_SCALE.search(clause):
            continue
        for match in (match for pattern in (*_BANDS, *_BANDS_AFTER) for match in pattern.finditer(clause)):
            band, given = bands.get(p.standard("grade", match["label"])), match.groupdict()
            low, high = given.get("low"), given.get("high")
            if band is None or (low and not high and band.end != max(b.end for b in bands.values())):
                continue  # 60分以上为合格 says nothing of where the band ends
            if (low and float(low) != band.start) or (high and float(high) not in (band.end, band.end - 1)):
                words = {"grade": band.grade, "start": f"{band.start:g}", "end": f"{band.end:g}"}
                yield each.finding(said=short(match[0]), **words)
