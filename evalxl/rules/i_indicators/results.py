"""Rules about what is written in the cells of an indicator: target, unit, direction and result (I)."""

from __future__ import annotations

import re

import pandas as pd

from evalxl.district.tables import District, each_once, once_per_district, rows_of, rows_where
from evalxl.policy.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, rule
from evalxl.values.folding import short
from evalxl.values.targets import Value, Written, contradicts, has_sign, targets_in, understand, units_agree


@rule(
    "I05",
    WARNING,
    "indicators.achieved",
    needs="target achieved",
    shows="target",
    message="填的“{shown}”与年度指标值一字不差，是照抄的目标。",
    fix="请照实填写全年完成的数值，不带符号。",
)
def results_not_copied(d: District, p: Policy) -> pd.DataFrame:
    """实际完成值不照抄年度指标值（连同 ≥、不少于、以前等）。
    理由：带着符号的完成值说明没有统计实际数。数值恰好相同、不带符号的，不作判断。
    依据：已公开自评表中最常见的差错之一；财预〔2020〕10号。
    举例：年度指标值“≥95%”，实际完成值也填“≥95%”。
    处理：改填实际数，如 96.3%。
    局限：改了几个字的照抄看不出来。
    """
    rows = rows_where(d.indicators, _copied(d))
    return rows.assign(shown=rows["achieved"].map(short))


@once_per_district
def _understood(d: District, field: str) -> list[Value | None]:
    """What a column of targets or results says, row by row."""
    return each_once(understand, d.indicators[field])


def _copied(d: District) -> list[bool]:
    """Whether a result is its target copied with its sign, row by row."""
    texts = zip(d.folded("indicators", "target"), d.folded("indicators", "achieved"), strict=True)
    return [
        target == achieved and value is not None and value.sign not in ("", "=") and "达到" not in value.text
        for value, (target, achieved) in zip(_understood(d, "target"), texts, strict=True)
    ]


EMPTY_WORDS = {
    "好坏", "好", "好/坏", "达成预期指标", "达成年度指标", "达成预期目标", "达到预期目标", "完成预期目标", "完成预期指标",
    "全天候", "长期", "基本达成目标",
}  # fmt: skip
VAGUE_WORDS = EMPTY_WORDS | {
    "完成", "已完成", "全部完成", "基本完成", "按时完成", "按期完成", "及时完成", "已按时完成", "达成", "已达成", "达标", "良好",
    "较好", "优", "优秀", "合格", "是", "有", "提高", "提升", "改善", "有效提升", "明显提高", "显著提升", "逐步提高", "有所提高",
    "及时", "达到预期",
}  # fmt: skip

# What a lasting effect is usually said to be.
_LASTING = {"长期", "长期有效", "持续", "长期持续", "长效", "可持续", "永久"}


@rule(
    "I11",
    WARNING,
    "indicators.target",
    message="填的是“{shown}”，{found}。",
    fix="请改为可以核对的数值、时间或具体标准，如 ≥95%、12 期、12 月底前。",
)
def values_measurable(d: District, p: Policy) -> pd.DataFrame:
    """指标值和完成值可以衡量，不写“完成”“好坏”“达成预期指标”之类的空话。
    理由：空话无从核对。声明为定性的指标可写“良好”“显著提升”等，但不能写“好坏”“全天候”“达成预期指标”；
    目标是数值而完成值只写“完成”的，也在此列。可持续影响指标写“长期、持续”是通常的写法，不提醒。上限是否有约束力（如 ≤100%）要看业务，程序不作判断。
    依据：参照财预〔2021〕101号（印发中央部门）；已公开自评表中常见的差错。
    举例：正向指标的年度指标值填“完成”；目标 ≥95%，完成值填“已完成”。
    处理：改为数值、时间或具体标准。
    局限：具体却无法核实的说法看不出来。
    """
    at, fields, found = [], [], []
    targets, results, kinds = (d.folded("indicators", key) for key in ("target", "achieved", "level2"))
    columns = zip(_understood(d, "target"), targets, results, kinds, d.indicators["direction_standard"], strict=True)
    for position, (value, target, achieved, level2, direction) in enumerate(columns):
        qualitative = direction.startswith("定性")
        if "可持续" in level2 and target.strip("。") in _LASTING:
            continue
        if target.strip("。") in (EMPTY_WORDS if qualitative else VAGUE_WORDS):
            at.append(position)
            fields.append("target")
            found.append("无法衡量")
        elif achieved.strip("。") in VAGUE_WORDS and value and value.kind is Written.NUMBER and not qualitative:
            at.append(position)
            fields.append("achieved")
            found.append(f"而目标“{short(d.indicators['target'].iloc[position], 20)}”是数值")
    return _shown(d.indicators.iloc[at], fields).assign(found=found)


def _shown(rows: pd.DataFrame, fields: list[str]) -> pd.DataFrame:
    """Rows each with the field that is at fault and what is written there."""
    rows = rows.assign(field=fields)
    return rows.assign(shown=[short(row[row["field"]]) for row in rows_of(rows)])


@rule(
    "I12",
    WARNING,
    "indicators.target",
    needs="target",
    message="“{shown}”里有 {count} 个目标。",
    fix="请拆成几项指标，各有自己的完成值和分值。",
)
def one_target_each(d: District, p: Policy) -> pd.DataFrame:
    """一项指标只设一个目标。
    理由：几个目标合在一格，无法判断完成了哪个、得几分。日期、编号、千分位逗号和区间（90%-95%）不算。
    依据：参照财预〔2021〕101号（印发中央部门）。
    举例：年度指标值填“培训3次，参训120人”。
    处理：拆成几项指标。
    局限：用“及”“并”连写而没有数字的两个目标看不出来。
    """
    counts = each_once(targets_in, d.indicators["target"])
    rows = rows_where(d.indicators, (count > 1 for count in counts))
    return rows.assign(shown=rows["target"].map(short), count=[str(count) for count in counts if count > 1])


@rule(
    "I13",
    WARNING,
    "indicators.direction",
    needs="direction target",
    shows="target",
    message="“{shown}”与年度指标值“{value}”的符号矛盾。",
    fix="请核对指标性质，或核对 {cells}；改好后才能判断是否达到目标。",
)
def direction_agrees(d: District, p: Policy) -> pd.DataFrame:
    """指标性质与指标值的符号一致：正向用 ≥，反向用 ≤，等于用 =；定性指标不带符号和数值。
    理由：方向不明就无法判断是否达到目标。“=”可用于正向和反向指标（如 =100%），不算矛盾。
    依据：参照财预〔2021〕101号（印发中央部门）；内蒙古、河北等地表样。
    举例：指标性质选正向，年度指标值填“≤5%”。
    处理：更正其中一个。
    局限：没有写符号的不判断；方向选错而符号也错的看不出来。
    """
    pairs = zip(d.indicators["direction_standard"], _understood(d, "target"), strict=True)
    rows = rows_where(d.indicators, (contradicts(direction, target) for direction, target in pairs))
    return rows.assign(shown=rows["direction"].map(short), value=rows["target"].map(short))


_EXECUTION = re.compile(
    r"(?:预算|资金|支出|经费)(?:的)?(?:执行|支付|支出|使用)?(?:完成)?(?:率|进度)$|^(?:全年)?执行率$"
    r"|^(?:全年|预算|资金|经费|项目)*(?:执行数|执行金额|支付金额|支出金额|支出数|执行数额)$"
)
_NOT_EXECUTION = re.compile("到位率|节约率|调整率|控制率|自给率|配套率|占比|增长率")


@rule(
    "I14",
    WARNING,
    "indicators.level3",
    needs="level1 level3",
    message="“{shown}”是预算执行情况，不应再作为{level}。",
    fix="请换成反映产出或效果的指标；预算执行率单列一行。",
)
def execution_counted_once(d: District, p: Policy) -> pd.DataFrame:
    """预算执行率、支出进度、执行金额不作产出或效益指标。
    理由：预算执行率已单独计分，再作产出指标就重复计分。成本指标（如预算控制数）不在此列。
    依据：财预〔2020〕10号；参照财预〔2021〕101号（印发中央部门）。
    举例：产出指标下的三级指标为“预算执行率”。
    处理：换成反映产出或效果的指标。
    局限：换了说法的执行指标看不出来。
    """
    levels = (d.indicators["level1"], d.indicators["level2"], d.folded("indicators", "level3"))
    rows = rows_where(
        d.indicators,
        (
            ("产出" in one or "效益" in one) and "成本" not in two and _is_execution(three)
            for one, two, three in zip(*levels, strict=True)
        ),
    )
    return rows.assign(shown=rows["level3"].map(short), level=rows["level1"].map(short))


def _is_execution(name: str) -> bool:
    return bool(_EXECUTION.search(name)) and not _NOT_EXECUTION.search(name)


@rule(
    "I17",
    INFO,
    "indicators.achieved",
    message="填的是“{shown}”，{found}。",
    fix="请核对；完成值应为一个确定的数。",
)
def results_exact(d: District, p: Policy) -> pd.DataFrame:
    """实际完成值不带 ≥、≤ 等符号，也不写“约、余、左右”；百分比目标一般不超过 100%。
    理由：完成值是事实，不是范围，也不是估计；超过 100% 的目标多为算错基数。增长率、增幅等可以超过 100%，不在此列。
    依据：已公开自评表中常见的写法。
    举例：实际完成值填“≥96%”“200余人”；合格率的年度指标值填“≥120%”。照抄目标的见规则 I05。
    处理：改填确定的数。
    局限：完成值超过 100% 是否合理，要看业务。
    """
    columns = (_understood(d, "target"), _understood(d, "achieved"), d.indicators["achieved"], d.indicators["level3"])
    fields, found = [], []
    for (target, result, written, name), copied in zip(zip(*columns, strict=True), _copied(d), strict=True):
        ranged = result is not None and result.sign not in ("", "=") and has_sign(written) and not copied
        guessed = _ESTIMATE.search(written) is not None
        over = target is not None and target.unit == "%" and target.number > 100 and not _GROWS.search(name)
        fields.append("achieved" if ranged or guessed else "target" if over else "")
        found.append("完成值带有符号" if ranged else "完成值是约数" if guessed else "目标超过 100%")
    rows = _shown(rows_where(d.indicators, map(bool, fields)), list(filter(None, fields)))
    return rows.assign(found=[words for words, field in zip(found, fields, strict=True) if field])


# 200余人, 约3万册, 95%左右; but 近3年 is a time, and 2万多元 of a cause stands in another column.
_ESTIMATE = re.compile(
    r"(?:大?约|将近|近|大概)[\d０-９]+(?![\d０-９.]*[年月天日])|[\d０-９][万千百十亿]?[余多几](?!\d)|左右|上下$"
)
_GROWS = re.compile("增|提高|提升|变动|下降|降低")


@rule(
    "I18",
    ERROR,
    "indicators.achieved",
    shows="target measure_unit",
    message="填的是“{shown}”，{found}。",
    fix="请统一计量单位后重填，或核对 {cells}；改好后才能判断是否达到目标。",
)
def units_match(d: District, p: Policy) -> pd.DataFrame:
    """实际完成值与年度指标值的计量单位一致；计量单位栏只写单位，不写符号。
    理由：单位不同的数不能比较（人与人次）。一方没有写单位的，按计量单位栏；万元与元、万人与人可以换算；个、项、件视为相同。
    依据：参照财预〔2021〕101号（印发中央部门）；河北等地表样把符号、数值、单位分开填列。
    举例：目标 120 人，完成 350 人次；计量单位栏填“≥%”。
    处理：统一单位。
    局限：单位写法不同而意思相同的，未必都认得。
    """
    columns = (_understood(d, "target"), _understood(d, "achieved"), d.indicators["measure_unit"])
    signs = each_once(has_sign, d.indicators["measure_unit"])
    fields, own = [], []
    for (target, achieved, unit), sign in zip(zip(*columns, strict=True), signs, strict=True):
        field = "measure_unit" if sign else "achieved" if _differ(target, achieved, unit) else ""
        fields.append(field)
        if field:
            own.append(f"（{short(unit)}）" if target and not target.unit else "")
    rows = _shown(rows_where(d.indicators, map(bool, fields)), list(filter(None, fields)))
    found = [
        "计量单位里带有符号" if field == "measure_unit" else f"与目标“{short(target, 20)}”{unit}的计量单位不同"
        for field, target, unit in zip(rows["field"], rows["target"], own, strict=True)
    ]
    return rows.assign(found=found)


def _differ(target: Value | None, achieved: Value | None, unit: str) -> bool:
    """Whether target and result are both numbers, in units that cannot be compared."""
    if target is None or achieved is None or not target.kind is achieved.kind is Written.NUMBER:
        return False
    return not units_agree(target, achieved, unit)
