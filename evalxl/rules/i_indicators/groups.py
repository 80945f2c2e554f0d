"""Rules about the indicators of one project, or of the department as a whole, taken together (I)."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import pandas as pd

from evalxl.district.findings import Figure, Verdict
from evalxl.district.tables import District, rows_of
from evalxl.facts.indicators import CENT, Group, groups, likely, misnamed, of_the_department, settled, strays, torn
from evalxl.facts.scores import scored
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, rule, table_of
from evalxl.values.folding import fold, short
from evalxl.values.quantities import given

_CLASSES = {"execution": "预算执行率", "cost": "成本", "output": "产出", "benefit": "效益", "satisfaction": "满意度"}


def _weights_judged(d: District, p: Policy) -> dict[str, Verdict]:
    """The workbooks with weights; one blank, or a project name that is none, leaves their sum open."""
    verdicts: dict[str, Verdict] = {}
    for group in groups(d):
        if any(given(row["weight"]) for row in group.rows):
            apart = misnamed(d, group) and (group.workbook, group.project) not in torn(d)
            judged = given(group.total) and not apart
            known = verdicts.get(group.workbook) == Verdict.EVALUATED
            verdicts[group.workbook] = Verdict.EVALUATED if judged or known else Verdict.NOT_EVALUATED
    return verdicts


@rule(
    "I01",
    ERROR,
    "indicators.weight",
    needs="weight",
    judged=_weights_judged,
    message="{actual}，应为 {expected}{why}，{gap}{hint}。",
    fix="请核对各项分值（{cells}）；预算执行率也作为一行填列。",
)
def weights_add_up(d: District, p: Policy) -> pd.DataFrame:
    """一个项目（或部门整体）各项指标的分值合计为 100；没有单列预算执行率的，合计为 100，或为 90、80（执行率另占 10 或 20）。
    理由：总分 100 分，分值不合计就无从得分。分值有空白、或《项目》表有同名项目分不清的，不作判断；上下级重复计分的见规则 I19；
    项目名称像是写错了的（规则 I21）也不作判断。
    依据：财预〔2020〕10号；已公开自评表中合计 110 分的情形。
    举例：预算执行率 10、产出 50、效益 40、满意度 10，合计 110。分值按小数填写、合计为 1 的，也应改为百分制。
    处理：更正分值。
    局限：各项分值此多彼少而合计正好的，看不出来。
    """
    found = []
    for group in groups(d):
        part_of = torn(d).get((group.workbook, group.project))
        if part_of is None and misnamed(d, group):
            continue
        if given(group.total) and not group.adds_up and group.total > 0 and part_of != "":
            hints = [
                f"；从得分看，第 {row['row']:.0f} 行的分值应为 {settled(d)[at]:g}"
                for at, row in zip(group.index, group.rows, strict=True)
                if at in settled(d)
            ]
            operands = [
                Figure("indicators", "weight", row["row"], row["level3"] or row["level2"] or "分值", row["weight"])
                for row in group.leaves
            ]
            label = f"{group.name}·分值合计"
            hints += [f"；与“{short(part_of)}”合起来恰为 100，项目名称疑有误"] if part_of else []
            hints += _lost_rows(d, group) if part_of is None else []
            numbers = {"actual": group.total, "expected": group.due, "operands": operands}
            why = f"（没有单列预算执行率，执行率另占 {100 - group.due:g} 分）" if group.due < 100 else ""
            found.append(group.at(**numbers, label=label, why=why, hint="".join(hints)))
    return table_of(found)


def _lost_rows(d: District, group: Group) -> list[str]:
    """The rows of a group that may stand under a name that is no project's."""
    names = likely(d).get((group.workbook, group.project), []) if group.project else []
    return [f"；项目名称写作“{short(name)}”的行可能也是本项目的" for name in names]


def _class(row: dict[str, Any]) -> str:
    """The class of an indicator by its levels, '' for other frameworks such as 投入, 过程."""
    one, two = row["level1"], row["level2"]
    if row["executes"] and "产出" not in one and "效益" not in one:
        return "execution"
    if "满意" in one or "满意" in two:
        return "satisfaction"
    for word, name in (("成本", "cost"), ("产出", "output"), ("效益", "benefit"), ("效果", "benefit")):
        if word in one:
            return name
    return ""


def schemes(p: Policy) -> dict[str, dict[str, float]]:
    """The accepted ways to spread 100 points over the classes: thresholds named weights_<scheme>_<class>."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: dict.fromkeys(_CLASSES, 0.0))
    for key, threshold in p.thresholds.items():
        head, _, rest = key.partition("_")
        scheme, _, name = rest.rpartition("_")
        if head == "weights" and name in _CLASSES and (not p.head.weights or scheme in p.head.weights):
            found[scheme][name] = threshold.value
    return dict(found)


@rule(
    "I02",
    WARNING,
    "indicators.weight",
    needs="level1 weight",
    message="{found}，与各通行方案都相差超过 {gap_allowed} 分。",
    fix="请按规定的方案分配分值；确需调整的，请说明理由。",
)
def classes_weighted(d: District, p: Policy) -> pd.DataFrame:
    """各类指标的分值与通行方案之一大致相符：10/50/30/10，含成本指标的 10/20/40/20/10，或 20/60/10/10。
    理由：分值偏到一类，得分就反映不了整体。方案可因地因项目合理调整，故各类相差不超过 10 分的不提醒；
    合计不符（规则 I01）、缺少一类（规则 I15）、有的指标归不了类的，不作判断。
    依据：财预〔2020〕10号；参照财预〔2021〕101号（印发中央部门）；方案和允许差见规则文件 weights_ 各项、policy.weights、class_weight_gap。
    举例：预算执行率 10、产出 20、效益 60、满意度 10。
    处理：调整分值，或说明理由。
    局限：指标级别写得特别、归不了类的，不判断。
    """
    found = []
    allowed = p.value("class_weight_gap")
    for group in groups(d):
        sums = _class_sums(group)
        if sums is None or _missing_classes(group):
            continue
        gaps = [max(abs(sums[name] - scheme[name]) for name in _CLASSES) for scheme in schemes(p).values()]
        if gaps and min(gaps) > allowed + CENT:
            told = "、".join(f"{_CLASSES[name]} {weight:g}" for name, weight in sums.items() if weight)
            found.append(group.at(found=told, gap_allowed=f"{allowed:g}", label=f"{group.name}·分值"))
    return table_of(found)


def _class_sums(group: Group) -> dict[str, float] | None:
    """The points of each class, or None where the weights do not add up or a row belongs to no class."""
    if not group.adds_up or (group.due == 100 and not group.lists_execution):
        return None
    sums = dict.fromkeys(_CLASSES, 0.0)
    for row in group.leaves:
        name = _class(row)
        if not name:
            return None
        sums[name] += row["weight"]
    if not group.lists_execution:
        sums["execution"] = 100 - group.due
    return sums


def _missing_classes(group: Group) -> list[str]:
    if not any("产出" in row["level1"] for row in group.rows) or not all(row["level1"] for row in group.rows):
        return []
    texts = [row["level1"] + row["level2"] + row["level3"] for row in group.rows]
    missing = []
    if not any("效益" in text or "效果" in text or "影响" in text for text in texts):
        missing.append("效益指标")
    if not any("满意" in text for text in texts):
        missing.append("满意度指标")
    return missing


@rule(
    "I15",
    WARNING,
    "indicators.level1",
    needs="level1",
    message="没有{missing}。",
    fix="请补设；确实不适用的，请说明理由。",
)
def classes_complete(d: District, p: Policy) -> pd.DataFrame:
    """设了产出指标的项目（或部门整体），也应有效益指标和满意度指标。
    理由：只看产出，看不出效果和服务对象的评价。一级指标有空白、或用其他框架（投入、过程）的，不作判断。
    依据：财预〔2020〕10号；参照财预〔2021〕101号（印发中央部门）。
    举例：某项目只有产出指标和效益指标，没有满意度指标。
    处理：补设指标，或说明理由。
    局限：只看有没有这类指标，不看指标好不好。
    """
    found = []
    for group in groups(d):
        missing = _missing_classes(group)
        if missing and (group.workbook, group.project) not in torn(d) and not misnamed(d, group):
            found.append(group.at(missing="、".join(missing), label=f"{group.name}·一级指标"))
    return table_of(found)


@rule(
    "I19",
    WARNING,
    "indicators.weight",
    needs="weight",
    message="{actual}，下级指标又有分值，重复计分。",
    fix="请只在最末一级指标填分值。",
)
def scored_once(d: District, p: Policy) -> pd.DataFrame:
    """分值只填在最末一级指标，上级指标的合计行不填分值。
    理由：上下级都有分值，总分就重复计算。
    依据：项目支出绩效自评表表样。
    举例：一行只写“产出指标”、分值 50，下面各项产出指标又有分值共 50。
    处理：清空上级指标行的分值和得分。
    局限：没有按级次填列的表分不出上级。
    """
    found = []
    for group in groups(d):
        for row in group.parents:
            label = f"{row['level2'] if row['own2'] else row['level1']}·分值"
            found.append(group.at(row=row["row"], key=row["key"], actual=row["weight"], label=label))
    return table_of(found)


@rule("I20", WARNING, "narrative.goals", needs="goals", message="{found}。", fix="请写明年度总体目标；完成情况另写。")
def goals_written(d: District, p: Policy) -> pd.DataFrame:
    """整体绩效目标要写成文字，不能只是一个数，也不能与实现情况一字不差。
    理由：目标是年初定的，照抄完成情况就无从比较。空白的见文字说明各栏的规则。
    依据：财预〔2020〕10号；已公开自评表中常见的差错。
    举例：整体绩效目标只填“100%”；整体绩效目标与总体目标实现情况完全相同。
    处理：分别填写目标和完成情况。
    局限：写得长而空泛的目标看不出来。
    """
    found = []
    for row in rows_of(d.narrative):
        goals = fold(row["goals"])
        if re.fullmatch(r"[\d.,%万亿元个项次]+", goals):
            found.append({**row, "found": f"只填了“{short(row['goals'])}”，不是目标"})
        elif goals and goals == fold(row["achievement"]):
            found.append({**row, "found": "与总体目标实现情况一字不差"})
    return table_of(found)


_COMMON = re.compile(
    r"项目|经费|资金|专项|补助|工作|完成|及时|质量|数量|满意度?|合格|达标|群众|服务对象|指标|情况|提高|提升|保障|有效|执行率?|预算"
)


_NO_WORD = re.compile(r"[^\w]+|\d+")


def _pairs(folded: str) -> set[str]:
    """The pairs of neighbouring characters in a folded text, without the words that stand in every indicator."""
    words = _NO_WORD.split(_COMMON.sub(" ", folded))
    return {word[at : at + 2] for word in words for at in range(len(word) - 1)}


@rule(
    "I21",
    INFO,
    "indicators.level3",
    needs="project level3",
    message="{found}。",
    fix="{remedy}。",
)
def indicators_belong(d: District, p: Policy) -> pd.DataFrame:
    """指标的项目名称应与《项目》表一致（不一致为提醒）；项目的指标与项目名称或整体绩效目标应有关联（没有的为提示）。
    理由：全部指标与项目没有一个共同的词，可能是从别的项目抄来的。只供复核的人参考；少于三项指标、没有写整体目标的不作判断。
    依据：参照财预〔2021〕101号（印发中央部门）关于指标相关性的要求。
    名称不在《项目》表中的，指标就不知道是哪个项目的，得分也无从核对；有相近名称的，问一声“您是否指”，不代为认定。
    只有一张表的名称前带系统编码（13012120230001-政协会议费），或引号、括号、横线写法不同的，认作同一个项目。
    项目名称空白、写“部门整体”或部门名称的，是部门整体的指标；《项目》表没有项目的不核对。
    举例：“道路养护”项目的指标是“培训期数”“学员通过率”“教材数量”；项目名称少写两个字。
    处理：复核；名称写错的，改成与《项目》表一致。
    局限：只看字面是否有关联。
    """
    goals = zip(d.narrative["workbook"], d.narrative["goals"], strict=True)
    words = {book: _pairs(fold(goal)) for book, goal in goals if goal}
    apart = strays(d).keys() | torn(d).keys()
    found = [_stray(group, strays(d)[group.workbook, group.project]) for group in groups(d) if _is_stray(d, group)]
    for group in groups(d):
        named = [row for row in group.rows if row["level3"] and not row["executes"]]
        at = (group.workbook, group.project)
        if len(named) < 3 or group.workbook not in words or at in apart or of_the_department(d, group):
            continue
        if _unrelated(named, group.name, words[group.workbook]):
            told = f"{len(named)} 项指标与项目名称、整体绩效目标没有一个相同的词"
            remedy = "请复核这些指标是否属于本项目；无误的不必处理"
            label = f"{group.name}·三级指标"
            found.append(group.at(found=told, remedy=remedy, field="level3", severity=INFO, label=label))
    return table_of(found)


def _unrelated(rows: list[dict[str, Any]], project: str, words: set[str]) -> bool:
    """Whether some indicators say something, and nothing of it is among the words; mostly the first of them is."""
    said = False
    own = _pairs(fold(project))
    for row in rows:
        pairs = _pairs(f"{fold(row['level3'])};{fold(row['target'])}")
        if not (pairs.isdisjoint(own) and pairs.isdisjoint(words)):
            return False
        said = said or bool(pairs)
    return said


def _is_stray(d: District, group: Group) -> bool:
    at = (group.workbook, group.project)
    return at in strays(d) and at not in torn(d)  # torn from another: rule I01 has told it


def _stray(group: Group, guess: str) -> dict[str, Any]:
    more = f"（{len(group.rows)} 行）" if len(group.rows) > 1 else ""
    asked = f"；您是否指“{short(guess)}”" if guess else ""
    return group.at(
        field="project",
        severity=WARNING,
        label="项目名称",
        found=f"《项目》表中没有“{short(group.name)}”{more}{asked}",
        remedy="请改成与《项目》表一致的名称；确是另一个项目的，请补列到《项目》表",
    )


def _have_indicators(d: District, p: Policy) -> dict[str, Verdict]:
    return {group.workbook: Verdict.EVALUATED for group in groups(d)}


@rule(
    "I22",
    ERROR,
    "projects.score",
    message="{actual}，是各项得分又乘了一次分值的百分比；各项得分之和为 {expected}。",
    fix="请把各项得分直接相加，不要再乘分值。",
    judged=_have_indicators,
)
def weights_applied_once(d: District, p: Policy) -> pd.DataFrame:
    """总分是各项得分之和，不再乘以分值。
    理由：得分已经按分值计算，再乘一次就把总分压低。有得分超过分值的（各项按百分制打分）不在此列。
    依据：财预〔2020〕10号；已公开自评表中的情形。
    举例：五项得分 10、30、20、28、10，总分填 23.40。
    处理：把各项得分直接相加。
    局限：得分已折算、表中看不出折算过程的，不判断。
    """
    declared = defaultdict(list)
    for row in scored(d):
        declared[row["workbook"], row["key"]].append(row)
    found = []
    for group in groups(d):
        scores = [(row["points"], row["weight"]) for row in group.leaves]
        total = round(sum(points for points, _ in scores), 6)
        twice = sum(points * weight for points, weight in scores) / 100
        for row in declared.get((group.workbook, group.project), []):
            fits = abs(row["score"] - twice) <= CENT + 1e-9 and abs(total - twice) > 1
            if fits and all(points <= weight + CENT for points, weight in scores):
                found.append({**row, "actual": row["score"], "expected": total})
    return table_of(found)


@rule(
    "I23",
    INFO,
    "indicators.weight",
    message="“{project}”的 {count} 项指标分值都是 {shared}。",
    fix="请按重要程度分配分值。",
)
def weights_differ(d: District, p: Policy) -> pd.DataFrame:
    """一个项目的指标较多（4 项以上，不计预算执行率）时，分值应有轻重之分。
    理由：分值平均分配，核心指标和一般指标就没有区别，得分说明不了问题。
    依据：财预〔2020〕10号（按指标重要程度确定分值）；项数为本程序的取值：两三项指标平分是常事。
    举例：九项指标各 10 分。
    处理：突出核心指标，重新分配分值。
    局限：分值略有差别而同样没有轻重的，看不出来。
    """
    records = []
    for group in groups(d):
        weights = [row["weight"] for row in group.leaves if not row["executes"] and row["weight"] > 0]
        shared = set(weights)
        if len(weights) >= 4 and len(shared) == 1:
            words = {"count": str(len(weights)), "shared": f"{shared.pop():g}"}
            records.append(group.at(**words) | {"project": group.name})
    return table_of(records)
