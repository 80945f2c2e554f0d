"""规则覆盖 and 运行说明: how far the rules could be applied, and what the summary was made with."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from operator import attrgetter, itemgetter
from typing import NamedTuple

from evalxl import __version__, layout
from evalxl.district.findings import Change, Coverage, Severity, Status
from evalxl.facts.grade import MODES
from evalxl.facts.prevalence import prevalent_rules
from evalxl.facts.submissions import RULE_IN_WORDS
from evalxl.outputs.result.cover import bands_in_words
from evalxl.outputs.summary.problems_in_words import problem
from evalxl.outputs.summary.sheet import Links
from evalxl.outputs.summary.tally import Tally
from evalxl.rules import RULES
from evalxl.sheets.book import ROW_LIMIT, Book
from evalxl.sheets.columns import Cell, Column
from evalxl.sheets.table import write_records


def write_coverage(book: Book, coverage: list[Coverage], tally: Tally) -> None:
    """Write 规则覆盖: of each rule how often it passed, failed, did not apply or could not be held."""
    policy, found = tally.policy, defaultdict[str, set[Severity]](set)
    for finding in tally.findings:
        found[finding.rule].add(finding.severity)

    def severity(each: Coverage) -> str:
        known = RULES.get(each.rule)
        return policy.severity.get(each.rule) or (known.severity.value if known else "")

    def level(rule: Coverage) -> str:
        words = [each.word for each in Severity if each in found[rule.rule]]
        if words:  # as it was found: some rules grade what they find
            return "、".join(words)
        return Severity(severity(rule)).word if severity(rule) not in ("", "off") else "停用"

    def failed(each: Coverage) -> Cell:
        gravest = min(found[each.rule], key=attrgetter("rank"), default=Severity.INFO)
        return Cell(each.failed, gravest.value if each.failed and gravest is not Severity.INFO else "")

    columns = [
        Column("规则", "centre", least=8, of=attrgetter("rule")),
        Column("要求", least=50, of=lambda each: RULES[each.rule].page["要求"] if each.rule in RULES else ""),
        Column("级别", "centre", of=level), Column("通过", "count", of=attrgetter("passed")),
        Column("未通过", "count", of=failed), Column("不适用", "count", of=attrgetter("not_applicable")),
        Column("未能核对", "count", of=attrgetter("not_evaluated")),
    ]  # fmt: skip
    rows = sorted(coverage, key=attrgetter("rule"))
    note = "按工作簿计数（全区性规则按次计数）。未能核对：有关的数没有填好或读不出，不等于通过。"
    write_records(book.page("规则覆盖"), "规则覆盖", columns, rows, note=note, empty="没有运行规则")


class About(NamedTuple):
    """What only the run knows, beside what it has found in the workbooks.

    Where the files of departments lie, findings that are gone, workbooks that could not be marked, and explanations
    taken over.
    """

    links: Links = Links()
    fixed: int = 0
    unmarked: Mapping[str, str] = {}
    taken: int = 0


def write_about(book: Book, tally: Tally, coverage: list[Coverage], run: About) -> None:
    """Write 运行说明: versions, hashes, what was counted and what was not held."""
    rows = [*_program_and_policy(tally), *_beside_the_inbox(tally, run), *_counts(tally, coverage)]
    read = tally.d.workbooks["workbook"][tally.d.workbooks["readable"]]
    prevalent = "；".join(each.words(problem(each.rule)) for each in prevalent_rules(tally.findings, read))
    rows.append(("过半数都有的问题", prevalent or "没有"))
    if run.unmarked:
        words = "；".join(f"{workbook}：{why}" for workbook, why in sorted(run.unmarked.items()))
        rows.append((f"未能在原件上标注的 {len(run.unmarked)} 个", f"退回件改用问题清单。{words}"))
    columns = [
        Column("事项", least=20, of=lambda row: Cell(row[0], look="label")),
        Column("内容", most=80, least=80, of=itemgetter(1)),
    ]
    write_records(book.page("运行说明"), "运行说明", columns, rows)


def _program_and_policy(tally: Tally) -> list[tuple[str, str]]:
    policy = tally.policy
    digits = policy.digits_in_words
    changed = [
        f"{rule}：{'停用' if level == 'off' else Severity(level).word}"
        for rule, level in sorted(policy.severity.items())
    ]
    return [
        ("程序版本", f"evalxl {__version__}"),
        ("模板版本", layout.TEMPLATE_VERSION), ("模板校验值", layout.SHA256),
        *([("表样", layout.NAME)] if layout.NAME else []),
        ("规则文件", policy.head.name), ("规则文件校验值", policy.sha256), ("评价年度", str(tally.d.year or "未填")),
        ("分数段", f"{bands_in_words(policy)}（{policy.scheme.title}，{policy.scheme.caution}）"),
        ("整体得分", f"采用方式：{MODES[policy.head.overall]}。应评等级由采用的得分（{digits}）按分数段确定。"),
        ("参考得分", "项目得分按执行数加权平均；执行数不全的取简单平均；得分不全的不计算。不代替自评得分。"),
        ("调整过的规则", "；".join(changed) or "无，全部按规则本身的级别"),
    ]  # fmt: skip


def _beside_the_inbox(tally: Tally, run: About) -> list[tuple[str, str]]:
    """What the run had beside the inbox; a merged run has neither last year's results nor a round before it."""
    bureau, came = tally.d.bureau, tally.attendance
    roster = "没有给出，未核对未报送的部门"
    if came:
        roster = f"应报 {came.expected} 个部门，已报 {came.present} 个{'，' if came.reserve else ''}{came.reserve}"
    rechecks = f"{len(bureau.rechecks)} 个项目" if len(bureau.rechecks) else "没有给出"
    waived = len(tally.findings) - len(tally.standing)
    levels = set(tally.levels.values())
    if levels:
        return [
            ("合并", f"由 {len(levels)} 个区县的结果合并而成，见《区县汇总》"),
            ("名册", roster), ("复核结果", rechecks), ("豁免", f"豁免问题 {waived} 条，见《说明与豁免》"),
        ]  # fmt: skip
    changes = Counter(each.change for each in tally.findings if each.change)
    changed = [f"{Change(change).word} {changes[change]} 条" for change in ("new", "open", "back") if changes[change]]
    changed += [f"已改正 {run.fixed} 条"] if run.fixed else []
    changed += [f"从本结果文件夹的上一次运行沿用说明 {run.taken} 条"] if run.taken else []
    last = bureau.last_year
    return [
        ("名册", roster),
        ("上年结果", f"{last.year}年度，{len(last.workbooks)} 个文件" if last else "没有给出，未作跨年对照"),
        ("上一次结果", "；".join(changed) if changed else "没有给出，或没有可对照的问题"),
        ("复核结果", rechecks),
        ("豁免", f"豁免问题 {waived} 条，未起作用的豁免 {len(bureau.idle_waivers)} 条，见《说明与豁免》"),
    ]


def _counts(tally: Tally, coverage: list[Coverage]) -> list[tuple[str, str]]:
    unable = sum(each.not_evaluated for each in coverage)
    received, counted = tally.received, len(tally.departments) - len(tally.left_out)
    refused, repeated = tally.statuses[Status.REFUSED], len(tally.superseded)
    refused_words = f"未读取 {refused} 个" + (f"（其中不是自评表的 {len(tally.strays)} 个）" if tally.strays else "")
    return [
        ("收到文件", f"{received} 个：计入 {counted} 个，{refused_words}，重复未计入 {repeated} 个"),
        ("重复报送", f"同一部门同一年度报送几份的，{RULE_IN_WORDS}；都分不出的，计入其中一份并列为错误（F06）。"),
        ("汇总范围", "各项汇总数包括所有计入的工作簿，无论是否通过；未读取的和重复的不计入，逐份列在《核对》。"),
        ("未能核对", f"{unable} 次，因有关的数没有填好或读不出，见《规则覆盖》；未能核对不等于通过。"),
        ("级别", "错误：须改正后重报；提醒：须改正或书面说明；提示：程序作了换算或认定，请过目。"),
        (
            "状态",
            "通过：没有错误和提醒；说明后通过：提醒都已说明；待说明：有提醒未说明；退回：有错误；未读取：文件打不开。",
        ),
        ("金额", "以分为单位精确相加，以万元列示；合计为公式，可逐格核对，并在《核对》中逐份重加。"),
        ("行数限制", f"一张工作表至多 {ROW_LIMIT:,} 行；超出的，表中注明，全部数据见 evalxl.sqlite。"),
    ]
