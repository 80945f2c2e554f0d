"""Rules about what is written in the cells of an indicator: target, unit, direction and result (I)."""

from __future__ import annotations

import pandas as pd

from evalxl.district import District
from evalxl.folding import fold
from evalxl.policy import Policy
from evalxl.rules.rule import ERROR, INFO, WARNING, rows_where, rule, short
from evalxl.targets import Written, contradicts, has_sign, targets_in, understand, units_agree


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
    """
    rows = rows_where(d.indicators, _copied(d.indicators))
    return rows.assign(shown=rows["achieved"].map(short))


def _copied(rows: pd.DataFrame) -> list[bool]:
    copied = []
    for target, achieved in zip(rows["target"], rows["achieved"], strict=True):
        value = understand(target) if target and fold(target) == fold(achieved) else None
        copied.append(value is not None and value.sign not in ("", "=") and "达到" not in value.text)
    return copied


_EMPTY_WORDS = {
    "好坏", "好", "好/坏", "达成预期指标", "达成年度指标", "达成预期目标", "达到预期目标", "完成预期目标", "完成预期指标",
    "全天候", "长期", "基本达成目标",
}  # fmt: skip
_VAGUE_WORDS = _EMPTY_WORDS | {
    "完成", "已完成", "全部完成", "基本完成", "按时完成", "按期完成", "及时完成", "已按时完成", "达成", "已达成", "达标", "良好",
    "较好", "优", "优秀", "合格", "是", "有", "提高", "提升", "改善", "有效提升", "明显提高", "显著提升", "逐步提高", "有所提高",
    "及时", "达到预期",
}  # fmt: skip


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
    目标是数值而完成值只写“完成”的，也在此列。上限是否有约束力（如 ≤100%）要看业务，程序不作判断。
    依据：财预〔2021〕101号；已公开自评表中常见的差错。
    举例：正向指标的年度指标值填“完成”；目标 ≥95%，完成值填“已完成”。
    处理：改为数值、时间或具体标准。
    """
    records, fields, shown, found = [], [], [], []
    columns = ("target", "achieved", "direction_standard")
    for at, (target, achieved, direction) in enumerate(zip(*(d.indicators[name] for name in columns), strict=True)):
        wanted, got = fold(target).strip("。"), fold(achieved).strip("。")
        value = understand(target)
        if wanted in (_EMPTY_WORDS if direction[:2] == "定性" else _VAGUE_WORDS):
            records.append(at)
            fields.append("target")
            shown.append(short(target))
            found.append("无法衡量")
        elif value is not None and value.kind is Written.NUMBER and direction[:2] != "定性" and got in _VAGUE_WORDS:
            records.append(at)
            fields.append("achieved")
            shown.append(short(achieved))
            found.append(f"而目标“{short(target, 20)}”是数值")
    return d.indicators.iloc[records].assign(field=fields, shown=shown, found=found)


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
    依据：财预〔2021〕101号。
    举例：年度指标值填“培训3次，参训120人”。
    处理：拆成几项指标。
    """
    counts = [targets_in(text) for text in d.indicators["target"]]
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
    依据：财预〔2021〕101号；内蒙古、河北等地表样。
    举例：指标性质选正向，年度指标值填“≤5%”。
    处理：更正其中一个。
    """
    pairs = zip(d.indicators["direction_standard"], d.indicators["target"], strict=True)
    rows = rows_where(d.indicators, (contradicts(direction, understand(target)) for direction, target in pairs))
    return rows.assign(shown=rows["direction"].map(short), value=rows["target"].map(short))


_EXECUTION = (
    r"(?:预算|资金|支出|经费)(?:的)?(?:执行|支付|支出|使用)?(?:完成)?(?:率|进度)$|^(?:全年)?执行率$"
    r"|^(?:全年|预算|资金|经费|项目)*(?:执行数|执行金额|支付金额|支出金额|支出数|执行数额)$"
)
_NOT_EXECUTION = "到位率|节约率|调整率|控制率|自给率|配套率|占比|增长率"


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
    依据：财预〔2020〕10号；财预〔2021〕101号。
    举例：产出指标下的三级指标为“预算执行率”。
    处理：换成反映产出或效果的指标。
    """
    rows = d.indicators
    named = rows["level3"].map(fold).astype(str)
    bad = named.str.contains(_EXECUTION) & ~named.str.contains(_NOT_EXECUTION)
    graded = rows["level1"].str.contains("产出|效益") & ~rows["level2"].str.contains("成本")
    rows = rows[bad & graded]
    return rows.assign(shown=rows["level3"].map(short), level=rows["level1"].map(short))


@rule(
    "I17",
    INFO,
    "indicators.achieved",
    message="填的是“{shown}”，{found}。",
    fix="请核对；完成值应为一个确定的数。",
)
def results_exact(d: District, p: Policy) -> pd.DataFrame:
    """实际完成值不带 ≥、≤ 等符号；百分比目标一般不超过 100%。
    理由：完成值是事实，不是范围；超过 100% 的目标多为算错基数。增长率、增幅等可以超过 100%，不在此列。
    依据：已公开自评表中常见的写法。
    举例：实际完成值填“≥96%”；合格率的年度指标值填“≥120%”。照抄目标的见规则 I05。
    处理：改填确定的数。
    """
    fields, found = [], []
    names = zip(d.indicators["target"], d.indicators["achieved"], d.indicators["level3"], strict=True)
    for (target, achieved, name), copied in zip(names, _copied(d.indicators), strict=True):
        result, value = understand(achieved), understand(target)
        ranged = result is not None and result.sign not in ("", "=") and has_sign(achieved) and not copied
        grows = any(word in name for word in ("增", "提高", "提升", "变动", "下降", "降低"))
        over = value is not None and value.unit == "%" and value.number > 100 and not grows
        fields.append("achieved" if ranged else "target" if over else "")
        found.append("完成值带有符号" if ranged else "目标超过 100%")
    rows = d.indicators.assign(field=pd.Series(fields, d.indicators.index, object), found=found)
    rows = rows[rows["field"] != ""]
    return rows.assign(shown=[short(row[row["field"]]) for row in rows.to_dict("records")])


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
    依据：财预〔2021〕101号；河北等地表样把符号、数值、单位分开填列。
    举例：目标 120 人，完成 350 人次；计量单位栏填“≥%”。
    处理：统一单位。
    """
    fields, found = [], []
    names = ("target", "measure_unit", "achieved")
    for target, unit, achieved in zip(*(d.indicators[name] for name in names), strict=True):
        wanted, got = understand(target), understand(achieved)
        numbers = wanted is not None and got is not None and wanted.kind is got.kind is Written.NUMBER
        differ = numbers and wanted is not None and got is not None and not units_agree(wanted, got, unit)
        fields.append("measure_unit" if has_sign(unit) else "achieved" if differ else "")
        own = "" if wanted is None or wanted.unit else f"（{short(unit)}）"
        found.append("计量单位里带有符号" if has_sign(unit) else f"与目标“{short(target, 20)}”{own}的计量单位不同")
    rows = d.indicators.assign(field=pd.Series(fields, d.indicators.index, object), found=found)
    rows = rows[rows["field"] != ""]
    return rows.assign(shown=[short(row[row["field"]]) for row in rows.to_dict("records")])
