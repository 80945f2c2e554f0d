"""七、结果应用 and 八、下一步建议: what follows from the figures; what the bureau decides stays blank."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from evalxl.district.findings import Severity, Status
from evalxl.outputs.summary.tally import Tally
from evalxl.outputs.word.analysis.execution import slow_projects
from evalxl.outputs.word.analysis.wording import money, name_of, named
from evalxl.outputs.word.blocks import BLANK, Block, Paragraph
from evalxl.values.folding import clean
from evalxl.values.quantities import given

# What is asked of departments whose reports fail rules of a letter.
_ADVICE = {
    "B": "核对收支预决算的勾稽关系，金额单位统一后再报",
    "P": "据实填列项目预算和执行，执行率偏低的写明原因和措施",
    "I": "细化绩效指标，目标值可衡量，完成值据实填写，扣分写明原因",
    "S": "按评分标准核对各项得分",
    "G": "等级与得分一致，执行率过低的项目不评最高等级",
    "N": "文字说明与各表一致，如实写存在的问题和改进措施",
    "U": "补全独立核算单位、编制和人员信息",
    "R": "健全评价工作组，按规定签字",
    "X": "与上年结果衔接，差异写明原因",
}


def application(tally: Tally) -> list[Block]:
    """What the results may be used for: the projects to look at when next year's budget is made."""
    worst = _graded_last(tally)
    slow = slow_projects(tally)
    texts = []
    if worst:
        amount = money(sum(executed for _, _, executed in worst if given(executed)))
        names = named([f"{name_of(tally, book)}“{clean(name)}”" for book, name, _ in worst])
        texts.append(
            f"自评为最低一级的项目{len(worst)}个，执行{amount}：{names}。安排下年度预算时的处理意见：{BLANK}。"
        )
    if slow:
        unspent = money(sum(each.unspent for each in slow))
        texts.append(f"执行率偏低的项目{len(slow)}个，未执行{unspent}，是否调减、收回或整合：{BLANK}。")
    best = tally.policy.best.grade
    top = sum(grade == best for grade in tally.counted_grades["grade"])
    if top:
        texts.append(f"整体自评达到“{best}”的部门{top}个，通报或激励意见：{BLANK}。")
    texts.append(f"自评结果公开的范围和时间：{BLANK}。")
    return [Paragraph(each) for each in texts]


def _graded_last(tally: Tally) -> list[tuple[str, str, float]]:
    last = min(tally.policy.scheme.bands, key=lambda band: band.start).grade
    projects = tally.counted.projects
    rows = zip(projects["workbook"], projects["name"], projects["executed"], tally.due, strict=True)
    return [(book, name, executed) for book, name, executed, grade in rows if grade == last]


def proposals(tally: Tally) -> list[Block]:
    """What is still to be done, and what to ask of departments for the next year."""
    lines = [*_unfinished(tally), *_advice(tally)]
    if not lines:
        return [Paragraph("各部门自评均已办结，没有需要改正的问题。")]
    return [Paragraph(f"{number}.{line}") for number, line in enumerate(lines, 1)]


def _unfinished(tally: Tally) -> Iterator[str]:
    missing, counts = tally.attendance.missing if tally.attendance else (), tally.statuses
    if missing:
        yield f"催报没有报送的{len(missing)}个部门。"
    waiting = [
        f"{each.word}{counts[each]}个" for each in (Status.RETURNED, Status.EXPLAIN, Status.REFUSED) if counts[each]
    ]
    if waiting:
        yield f"办结未通过的部门：{'，'.join(waiting)}；改正或说明后重新汇总。"


def _advice(tally: Tally) -> Iterator[str]:
    """What to ask for, the letters of most departments first."""
    books: dict[str, set[str]] = defaultdict(set)
    for each in tally.standing:
        if each.severity is not Severity.INFO and each.workbook:
            books[each.rule[:1]].add(each.workbook)
    for letter in sorted(_ADVICE, key=lambda letter: (-len(books[letter]), letter)):
        if books[letter]:
            yield f"{_ADVICE[letter]}（{len(books[letter])}个部门有此类问题）。"
