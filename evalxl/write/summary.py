"""The district summary: every workbook received, every project, what was found, and what it adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from evalxl import __version__, layout
from evalxl.district import District
from evalxl.findings import Coverage, Finding, Severity, Status
from evalxl.grade import MODES, Grades
from evalxl.policy import Policy
from evalxl.quantities import NAN
from evalxl.rules import RULES
from evalxl.sampling import draw
from evalxl.write.cover import bands_in_words
from evalxl.write.overview import write_overview
from evalxl.write.result import position, told
from evalxl.write.style import Book
from evalxl.write.table import Cell, Column, Placed, Total, write_table
from evalxl.write.tally import Tally, rate

_UNREADABLE_RULE = "F12"
_MORE = "，其余见 findings.csv 和 evalxl.sqlite"
_UNSAFE = frozenset('#%:?*"<>|\\\n\r\t')  # characters that a link to a file would read otherwise than a person does


def write_summary(
    path: Path,
    d: District,
    findings: list[Finding],
    grades: Grades,
    coverage: list[Coverage],
    policy: Policy,
    links: Mapping[str, str] | None = None,
) -> None:
    """Write the summary of a district; ``links`` gives, by workbook, where its result lies beside the summary."""
    summary = Tally(d, findings, grades, policy)
    with Book(path, summary.title) as book:
        overview = book.page("总览", pages_high=1)
        departments = _departments(book, summary, links or {})
        projects = _projects(book, summary)
        _budget(book, summary)
        _sample(book, summary)
        _findings(book, summary)
        _refused(book, summary)
        _coverage(book, coverage, policy)
        _about(book, summary)
        write_overview(overview, summary, departments, projects)
        overview.sheet.activate()


def _departments(book: Book, summary: Tally, links: Mapping[str, str]) -> Placed:
    money, whole = "本年支出合计", "全年支出预算"
    columns = [
        Column("序号", "index"), Column("部门", most=34, least=18), Column("部门编码", "centre", optional=True),
        Column("年度", "year"), Column("本年收入合计", "amount", Total.SUM), Column(money, "amount", Total.SUM),
        Column("其中：项目支出", "amount", Total.SUM), Column(whole, "amount", Total.SUM),
        Column("预算完成率", "rate", Total.RATIO, over=(money, whole)), Column("项目数", "count", Total.SUM),
        Column("整体自评得分", "score", Total.MEAN), Column("自报等级", "centre"), Column("应评等级", "centre"),
        Column("参考得分", "score"), Column("错误", "count", Total.SUM), Column("提醒", "count", Total.SUM),
        Column("提示", "count", Total.SUM), Column("状态", "centre", least=8), Column("来源文件", most=24),
    ]  # fmt: skip
    projects = Counter(summary.d.projects["workbook"].tolist())
    table = summary.grades.departments
    keys = ("declared_score", "declared_grade", "grade", "reference_score")
    graded = dict(
        zip(table["workbook"].tolist(), zip(*(table[key].tolist() for key in keys), strict=True), strict=True)
    )
    rows = []
    for number, each in enumerate(summary.departments, 1):
        book_, amount = each.workbook, summary.amount
        spent, planned = amount(book_, "expenditure_total"), amount(book_, "expenditure_total", "revised")
        score, declared, due, reference = graded.get(book_, (NAN, "", "", NAN))
        readable = each.status is not Status.REFUSED
        rows.append(
            (
                number, _linked(each.name, links.get(book_, "")), each.code, each.year, amount(book_, "income_total"),
                spent, amount(book_, "project"), planned, rate(spent, planned), projects[book_] if readable else NAN,
                score, declared, due, reference, each.errors, each.warnings, each.infos,
                Cell(each.status.word, each.status.value), book_,
            )
        )  # fmt: skip
    note = "参考得分由项目得分计算，不代替自评得分；预算完成率的合计只计填了全年预算数的部门；得分合计为平均数。"
    return write_table(
        book.page("部门汇总", landscape=True), "部门汇总", columns, rows, note=note, unit="单位：万元、分",
        total="合计", empty="没有收到文件", autofilter=True, more=_MORE,
    )  # fmt: skip


def _linked(name: str, target: str) -> object:
    """A department's name, linked to its result where the link would say just what the file name says."""
    safe = target and not _UNSAFE & set(target) and not target.startswith("/") and ".." not in target.split("/")
    return Cell(name, link=f"external:{target}") if safe and name else name


def _projects(book: Book, summary: Tally) -> Placed:
    over = ("全年执行数", "全年预算数")
    columns = [
        Column("序号", "index"), Column("部门", most=24), Column("项目名称", most=34),
        Column("项目编码", most=22, optional=True), Column("实施单位", most=20, optional=True),
        Column("年初预算数", "amount", Total.SUM),
        Column("全年预算数", "amount", Total.SUM), Column("全年执行数", "amount", Total.SUM),
        Column("执行率", "rate", Total.RATIO, over=over), Column("自评得分", "score", Total.MEAN),
        Column("自报等级", "centre"), Column("应评等级", "centre"), Column("偏差原因", most=26, optional=True),
        Column("改进措施", most=26, optional=True), Column("来源文件", most=30), Column("行", "index"),
    ]  # fmt: skip
    keys = ("workbook", "name", "code", "unit", "initial", "revised", "executed", "score", "grade", "grade_standard",
            "cause", "measure", "row")  # fmt: skip
    table = summary.d.projects
    rows = []
    for number, (values, due) in enumerate(
        zip(zip(*(table[key].tolist() for key in keys), strict=True), summary.due, strict=True), 1
    ):
        workbook, name, code, unit, initial, revised, executed, score, grade, known, cause, measure, row = values
        declared = Cell(grade, "warning") if grade and known != due else grade
        rows.append(
            (
                number, summary.names.get(workbook, ""), name, code, unit, initial, revised, executed,
                rate(executed, revised), score, declared, due, cause, measure, workbook, row,
            )
        )  # fmt: skip
    note = "执行率由执行数和预算数重新计算；自报等级与得分不符的用黄色标出；得分合计为平均数。"
    return write_table(
        book.page("项目汇总", landscape=True), "项目汇总", columns, rows, note=note, unit="单位：万元、分",
        total="合计", empty="没有项目", autofilter=True, more=_MORE,
    )  # fmt: skip


def _sample(book: Book, summary: Tally) -> None:
    """The projects drawn for rechecking, with room to write the result."""
    columns = [
        Column("序号", "index"), Column("部门", most=24), Column("项目名称", most=36),
        Column("实施单位", most=24, optional=True), Column("全年执行数", "amount"), Column("自评得分", "score"),
        Column("自报等级", "centre"), Column("复核得分", "score", least=12), Column("复核等级", "centre", least=12),
        Column("复核说明", least=30), Column("来源文件", most=30), Column("行", "index"),
    ]  # fmt: skip
    drawn = draw(summary.d, summary.policy)
    keys = ("workbook", "name", "unit", "executed", "score", "grade", "row")
    rows = [
        (number, summary.names.get(workbook, ""), name, unit, executed, score, grade, NAN, "", "", workbook, row)
        for number, (workbook, name, unit, executed, score, grade, row) in enumerate(
            zip(*(drawn[key].tolist() for key in keys), strict=True), 1
        )
    ]
    lot = summary.policy.sampling
    note = (
        f"每个部门随机抽取 {lot.share:.0%} 的项目，至少 {lot.least} 个；随机种子 {lot.seed}，相同的数据抽出相同的名单。"
    )
    write_table(
        book.page("抽查名单", landscape=True), "抽查复核名单", columns, rows, note=note, unit="单位：万元、分",
        empty="没有项目", more=_MORE,
    )  # fmt: skip


def _budget(book: Book, summary: Tally) -> None:
    fields = [layout.BUDGET.by_key[key] for key in layout.AMOUNT_COLUMNS]
    columns = [
        Column("项目", least=34), *(Column(each.header, "amount", least=16) for each in fields),
        Column("填列部门数", "count"),
    ]  # fmt: skip
    sums: dict[str, list[float]] = {line.key: [NAN] * len(fields) for line in layout.BUDGET.lines}
    given: Counter[str] = Counter()
    for (_, key), values in summary.amounts.items():
        given[key] += any(value == value for value in values)
        if key in sums:
            own = sums[key]
            for at, value in enumerate(values):
                if value == value:
                    own[at] = value if own[at] != own[at] else own[at] + value
    rows = []
    for line in layout.BUDGET.lines:
        mark, look = "subtotal" if line.computed else "", "detail" if line.detail else ""
        numbers = (Cell(value, mark) for value in (*sums[line.key], given[line.key]))
        rows.append((Cell(line.label, mark, look=look), *numbers))
    note = "各部门填报数相加；合计行是各部门所填合计数之和，不是由上面各行重新算出。"
    write_table(book.page("收支汇总"), "收支汇总", columns, rows, note=note, unit="单位：万元")


def _findings(book: Book, summary: Tally) -> None:
    columns = [
        Column("序号", "index"), Column("部门", most=24), Column("级别", "centre"), Column("规则", "centre"),
        Column("位置", most=20), Column("栏目", most=24), Column("发现的问题", most=46), Column("怎样处理", most=36),
        Column("应为", "figure", most=16), Column("实为", "figure", most=16), Column("差额", "figure", most=16),
        Column("来源文件", most=30),
    ]  # fmt: skip
    rows = [
        (
            number, summary.names.get(each.workbook, ""), Cell(each.severity.word, each.severity.value), each.rule,
            position(each), each.label, told(each), each.fix, each.expected, each.actual, each.difference,
            each.workbook,
        )
        for number, each in enumerate(summary.findings, 1)
    ]  # fmt: skip
    page = book.page("问题清单", landscape=True)
    placed = write_table(
        page, "问题清单", columns, rows, unit="金额单位：万元", empty="没有发现问题", autofilter=True, more=_MORE
    )
    page.sheet.ignore_errors({"number_stored_as_text": f"{layout.cell(1, 9)}:{layout.cell(placed.below, 11)}"})


def _refused(book: Book, summary: Tally) -> None:
    reasons = {each.workbook: each for each in summary.findings if each.rule == _UNREADABLE_RULE}
    columns = [
        Column("序号", "index"),
        Column("文件", least=34),
        Column("原因", least=30),
        Column("怎样处理", least=40),
    ]
    refused = [each.workbook for each in summary.departments if each.status is Status.REFUSED]
    rows = []
    for number, workbook in enumerate(refused, 1):
        found = reasons.get(workbook)
        words = (told(found), found.fix) if found else ("文件打不开", "请报送单位用 WPS 或 Excel 另存为 .xlsx 后重报")
        rows.append((number, workbook, *words))
    note = "这些文件没有读取，不在各项汇总数之内。"
    write_table(book.page("未读取", landscape=True), "未读取的文件", columns, rows, note=note, empty="无")


def _coverage(book: Book, coverage: list[Coverage], policy: Policy) -> None:
    columns = [
        Column("规则", "centre", least=8), Column("要求", least=50), Column("级别", "centre"), Column("通过", "count"),
        Column("未通过", "count"), Column("不适用", "count"), Column("未能核对", "count"),
    ]  # fmt: skip
    rows = []
    for each in sorted(coverage, key=lambda each: each.rule):
        known = RULES.get(each.rule)
        severity = policy.severity.get(each.rule) or (known.severity.value if known else "")
        level = Severity(severity).word if severity not in ("", "off") else "停用"
        rows.append(
            (
                each.rule, known.page["要求"] if known else "", level, each.passed,
                Cell(each.failed, severity if each.failed and severity != "info" else ""),
                each.not_applicable, each.not_evaluated,
            )
        )  # fmt: skip
    note = "按工作簿计数（全区性规则按次计数）。未能核对：有关的数没有填好或读不出，不等于通过。"
    write_table(book.page("规则覆盖"), "规则覆盖", columns, rows, note=note, empty="没有运行规则")


def _about(book: Book, summary: Tally) -> None:
    policy, page = summary.policy, book.page("运行说明")
    changed = [
        f"{rule}：{'停用' if level == 'off' else Severity(level).word}"
        for rule, level in sorted(policy.severity.items())
    ]
    counts = summary.statuses
    rows = [
        ("程序版本", f"evalxl {__version__}"), ("模板版本", layout.TEMPLATE_VERSION),
        ("规则文件", policy.head.name), ("规则文件校验值", policy.sha256), ("评价年度", str(summary.d.year or "未填")),
        ("收到文件", f"{len(summary.departments)} 个，其中未读取 {counts[Status.REFUSED]} 个"),
        ("分数段", f"{bands_in_words(policy)}（{policy.scheme.title}，{policy.scheme.source}）"),
        ("整体得分", f"采用方式：{MODES[policy.head.overall]}。应评等级由采用的得分（两位小数）按分数段确定。"),
        ("参考得分", "项目得分按执行数加权平均；执行数不全的取简单平均；得分不全的不计算。不代替自评得分。"),
        ("调整过的规则", "；".join(changed) or "无，全部按规则本身的级别"),
        ("级别", "错误：须改正后重报；提醒：须改正或书面说明；提示：程序作了换算或认定，请过目。"),
        ("状态", "通过：没有错误和提醒；待说明：有提醒；退回：有错误；未读取：文件打不开。"),
        ("汇总范围", "各项汇总数包括所有读取了的工作簿，无论是否通过。"),
        ("金额", "以分为单位精确相加，以万元列示；合计为公式，可逐格核对。"),
    ]  # fmt: skip
    shown = [(Cell(label, look="label"), words) for label, words in rows]
    write_table(page, "运行说明", [Column("事项", least=20), Column("内容", most=80, least=80)], shown)
