"""抽查表.xlsx: the projects drawn, with cells to fill in that say at once what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from evalxl.district.tables import Row, each_row
from evalxl.facts.rechecks import rechecked_projects
from evalxl.layout import PROJECTS, cell
from evalxl.outputs.field_columns import field_column
from evalxl.outputs.summary.rechecks import how
from evalxl.outputs.summary.sheet import ROOM, few_or_many, sender_columns, signing_page
from evalxl.outputs.summary.tally import Tally
from evalxl.policy.policy import Policy
from evalxl.sheets.book import Book
from evalxl.sheets.columns import Cell, Column, Total
from evalxl.sheets.rows import Formula
from evalxl.sheets.table import FIRST_ROW, Paper, Placed, values_of, write_columns
from evalxl.values.quantities import NAN, given

_SHEET = "抽查名单"
_SCORE, _GRADE, _STATE = "复核得分", "复核等级", "核对"
_HOW = "只填有底色的格：复核得分 0 至 100，复核等级从下拉列表选取或留空，有出入的写复核说明；“核对”栏随填随变。"
_BY_HAND = {"remark": ("复核说明", 22), "reviewer": ("复核人", 12), "date": ("复核日期", 12)}
_NOTHING: Row = {"score": NAN, "grade": ""} | dict.fromkeys(_BY_HAND, "")


def write_recheck_form(path: Path, tally: Tally) -> None:
    """Write the form; a project that has been rechecked before shows what was found."""
    drawn, columns = tally.sampled, _columns(tally)
    with Book(path, f"{tally.scope}绩效自评抽查表") as book:
        placed = write_columns(
            signing_page(book, _SHEET, len(drawn)), f"{tally.scope}绩效自评抽查复核表", columns,
            few_or_many(len(drawn), lambda: values_of(columns, _rows(tally))),
            note=_HOW + how(tally), unit="单位：万元、分", empty="没有项目", paper=Paper(_STATE, ROOM),
        )  # fmt: skip
        if len(drawn):
            _validate(placed, tally.policy)


def _rows(tally: Tally) -> Iterator[Row]:
    """The projects drawn, each with what was found earlier and the row in which it will stand."""
    pairs = rechecked_projects(tally.counted) if len(tally.d.bureau.rechecks) else []
    known = {(row["workbook"], row["row"]): checked for row, checked in pairs}
    for at, row in enumerate(each_row(tally.sampled), FIRST_ROW):
        yield row | {"recheck": known.get((row["workbook"], row["row"]), _NOTHING), "at": at}


def _columns(tally: Tally) -> list[Column]:
    columns = [
        *sender_columns(tally, 24), field_column(PROJECTS, "name", most=36), field_column(PROJECTS, "unit", most=24),
        field_column(PROJECTS, "executed", total=Total.NONE), field_column(PROJECTS, "score"),
        field_column(PROJECTS, "grade", header="自报等级"),
        Column(_SCORE, "score", least=12, of=_earlier("score", "choice")),
        Column(_GRADE, "centre", least=12, of=_earlier("grade", "choice")),
        *(Column(words, most=30, least=least, of=_earlier(key)) for key, (words, least) in _BY_HAND.items()),
    ]  # fmt: skip
    # The formulas name columns: those that would be left out as empty must be known before.
    columns = [each for each in columns if not each.optional or (tally.sampled[each.field] != "").any()]
    at = {each.header: position for position, each in enumerate(columns, 1)}
    return [*columns, Column(_STATE, "centre", least=18, of=lambda project: _state(project, at, tally.policy))]


def _earlier(key: str, look: str = "writing") -> Callable[[Row], Cell]:
    """What was found earlier, in a cell that is to be filled in."""
    return lambda project: Cell(project["recheck"][key], look=look)


def _validate(placed: Placed, policy: Policy) -> None:
    """Only scores and grades that are some may be entered."""
    score = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 100}
    grades = {"validate": "list", "source": [band.grade for band in policy.scheme.bands]}
    for header, options, words in (
        (_SCORE, score, "请填 0 至 100 的数字，不要写“分”字。"),
        (_GRADE, grades, "请从下拉列表中选取，或留空。"),
    ):
        at = placed.columns[header] - 1
        stop = {"error_title": header, "error_message": words}
        placed.page.sheet.data_validation(placed.first - 1, at, placed.last - 1, at, options | stop)


def _state(project: Row, at: Mapping[str, int], policy: Policy) -> Formula:
    """Whether what is entered can be handed in, and whether it agrees with the score that the project has."""
    own = PROJECTS.by_key["score"].header
    score, grade, declared = (cell(project["at"], at[header]) for header in (_SCORE, _GRADE, own))
    return Formula(_formula(score, grade, declared, policy), _verdict(project["recheck"], project["score"], policy))


def _formula(score: str, grade: str, declared: str, policy: Policy) -> str:
    due, gap = _due(score, policy), f"ABS({score}-N({declared}))"
    steps = (
        (f'AND({score}="",{grade}="")', '""'),
        (f'{score}=""', '"请填复核得分"'),
        (f"NOT(ISNUMBER({score}))", '"复核得分应为数字"'),
        (f"OR({score}<0,{score}>100)", '"复核得分应为 0 至 100"'),
        (f'AND({grade}<>"",{grade}<>{due})', f'"按得分应为“"&{due}&"”"'),
        (f"AND(ISNUMBER({declared}),{gap}>{policy.value('recheck_gap'):g})", f'"与自评相差 "&TEXT({gap},"0.00")&" 分"'),
    )
    return "".join(f"IF({when},{words}," for when, words in steps) + '"√"' + ")" * len(steps)


def _due(score: str, policy: Policy) -> str:
    """The grade that a score earns, as a formula."""
    lowest, *others = sorted(policy.scheme.bands, key=lambda band: band.start)
    text = f'"{_quoted(lowest.grade)}"'
    for band in others:
        text = f'IF({score}>={band.start:g},"{_quoted(band.grade)}",{text})'
    return text


def _quoted(word: str) -> str:
    return word.replace('"', '""')


def _verdict(checked: Row, declared: float, policy: Policy) -> str:
    """What the formula says of what was found earlier: it was read, so it can be handed in."""
    score, grade = checked["score"], policy.standard("grade", checked["grade"])
    if not given(score):
        return "请填复核得分" if grade else ""
    due = policy.grade(score)
    if grade and grade != due:
        return f"按得分应为“{due}”"
    gap = abs(score - declared)
    return f"与自评相差 {gap:.2f} 分" if gap > policy.value("recheck_gap") else "√"
