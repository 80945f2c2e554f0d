"""What several sources state of one department, figure by figure: agreed once, contradicted nowhere filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalxl.layout import BUDGET, GENERAL, NARRATIVE, Sheet
from evalxl.template.page import STRONG
from evalxl.transfer.forms.form import Said, Untaken, alike
from evalxl.values.folding import name_key, short
from evalxl.values.kinds import Kind

REPORT = "报告"  # what stands for the sheet of what a report says
_ROUNDING = 5_000.0  # fen: half of 0.01 万元
_NAMES = {(GENERAL.key, "department"), ("projects", "unit")}

Place = tuple[Sheet, str, str]  # the sheet, the record or line ('' for a form's only one), the field


Agreed = dict[Place, tuple[str | float, str]]  # the value, and the note that says where it is from


class Statement(NamedTuple):
    """One source's value; what stands in prose is less sure than what stands in a cell.

    What a source itself gainsays is named already, and never filled in; it only keeps others from being filled in.
    """

    said: Said
    note: str
    prose: bool
    disputed: bool = False


@dataclass
class Ledger:
    """The statements by the place they are for, in the order in which they came."""

    statements: dict[Place, list[Statement]] = field(default_factory=dict)

    def state(self, place: Place, said: Said, note: str = "", *, prose: bool = False) -> None:
        """One source says something of one place."""
        statement = Statement(said, note or f"取自 {said.source}", prose)
        self.statements.setdefault(place, []).append(statement)

    def dispute(self, place: Place, values: Sequence[Said]) -> None:
        """One source says something of one place that it gainsays itself."""
        statements = [Statement(said, f"取自 {said.source}", prose=False, disputed=True) for said in values]
        self.statements.setdefault(place, []).extend(statements)

    def settled(self, names: Mapping[str, str]) -> tuple[Agreed, list[Untaken]]:
        """What the sources agree on, and what is said where they do not; ``names`` are the projects' by record."""
        agreed: Agreed = {}
        untaken: list[Untaken] = []
        for place, all_said in self.statements.items():
            said = sorted(all_said, key=lambda each: each.disputed)
            sure = [each for each in said if not each.disputed]
            if not sure:
                continue
            best = next((each for each in sure if not each.prose), sure[0])
            if place[0] is NARRATIVE:  # texts are no figures: the report's own section counts
                best = next((each for each in sure if each.said.page == REPORT), best)
                agreed[place] = (best.said.value, _note(best, [best]))
                untaken += _other_texts(_label(place, names), best, sure)
                continue
            if all(_agree(place, each.said.value, best.said.value) for each in said):
                agreed[place] = (best.said.value, _note(best, said))
            else:
                untaken += _contradictions(_label(place, names), place, said)
        return agreed, untaken


def _other_texts(label: str, best: Statement, said: list[Statement]) -> list[Untaken]:
    why = f"这一栏取了 {best.said.file} 的文字，没有并入"
    return [
        Untaken(each.said.file, each.said.page, each.said.cell, label, each.said.raw, why)
        for each in said
        if not alike(each.said.value, best.said.value)
    ]


def _agree(place: Place, one: str | float, other: str | float) -> bool:
    sheet, _, key = place
    if isinstance(one, str) and isinstance(other, str) and (sheet.key, key) in _NAMES:
        return name_key(one) == name_key(other)
    if isinstance(one, float) and isinstance(other, float) and sheet.by_key[key].kind is Kind.AMOUNT:
        return abs(one - other) <= _ROUNDING
    return alike(one, other)


_SOURCES_SHOWN = 3


def _note(best: Statement, said: list[Statement]) -> str:
    """Where a value comes from, and who else says so; what stands in prose alone is to be looked at first."""
    head = f"{STRONG}请重点核对（只见于文字）：" if best.prose else "待核对："
    others = list(dict.fromkeys(each.note for each in said if each.note != best.note))
    also = (
        f"；另见 {'、'.join(each.removeprefix('取自').strip() for each in others[:_SOURCES_SHOWN])}" if others else ""
    )
    more = f"等 {len(others)} 处" if len(others) > _SOURCES_SHOWN else ""
    return f"{head}{best.note}{also}{more}"


def _contradictions(label: str, place: Place, said: list[Statement]) -> list[Untaken]:
    """What is said of one place in several ways: once, with all that differ from the first."""
    distinct: list[Statement] = []
    for each in said:
        if not any(_agree(place, each.said.value, other.said.value) for other in distinct):
            distinct.append(each)
    first, *others = (each.said for each in distinct)
    told = "；".join(f"{each.source}写“{short(each.raw)}”" for each in others[:_SOURCES_SHOWN])
    more = f"等 {len(others)} 处" if len(others) > _SOURCES_SHOWN else ""
    why = f"与另一处不一致（{told}{more}），都没有填入"
    return [Untaken(first.file, first.page, first.cell, label, first.raw, why)]


def _label(place: Place, names: Mapping[str, str]) -> str:
    """A place as people name it: 项目支出·决算数, 会议费·全年预算数, 会议费·会议次数·得分."""
    sheet, record, key = place
    header = sheet.by_key[key].header
    if sheet is BUDGET:
        return f"{BUDGET.line_by_key[record].label}·{header}"
    project, _, indicator = record.partition("\n")
    return "·".join(filter(None, (names.get(project, ""), indicator.rpartition("\n")[0], header)))
