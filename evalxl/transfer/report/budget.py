"""The budget of a report: what prose and tables agree on, line by line, and what follows from stated sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from evalxl.layout import AMOUNT_COLUMNS, BUDGET, PROJECTS
from evalxl.policy.policy import Policy
from evalxl.transfer.report.amounts import QUOTED, Sentences, Stated, Unsure, settle, stated_amounts
from evalxl.transfer.report.tables import Amount, Tables
from evalxl.values.folding import short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import read_number, show_amount

_FINAL = "final"
_SLACK = 30_000  # fen: six numbers, each rounded to 0.01 万元
_EXACT = 100  # fen; what adds up to less than a yuan adds up
_MOST_SHOWN = 200  # amounts of one sentence
_TOTALS = ("income_total", "expenditure_total", "income_grand", "expenditure_grand")

Place = tuple[str, str]


@dataclass
class Settled:
    """The figures of a budget by line and column, what they are taken from, and what to look at."""

    figures: dict[Place, Amount] = field(default_factory=dict)
    notes: dict[Place, str] = field(default_factory=dict)  # of totals, which are formulas
    doubts: list[str] = field(default_factory=list)


@dataclass
class _Told:
    certain: dict[Place, list[Stated]] = field(default_factory=dict)
    unsure: list[Unsure] = field(default_factory=list)


def settled(
    sentences: Sentences, tables: Tables, policy: Policy, of_rows: Mapping[str, Sequence[str]] | None = None
) -> Settled:
    """What the sentences and the tables of a report say about its budget; ``of_rows`` were taken for projects."""
    printed, summed = tables.amounts, _sums_of_projects(tables)
    told = _told(sentences, printed)
    found = Settled()
    by_place: dict[Place, list[Amount]] = {}
    for each in printed:
        by_place.setdefault((each.line, each.column), []).append(each)
    for line in BUDGET.lines:
        for column in AMOUNT_COLUMNS:
            at = (line.key, column)
            agreed = _agreed(told.certain.get(at, []), by_place.get(at, []), line.label, found.doubts)
            if agreed is not None:
                found.figures[at] = agreed
    open_lines = {line for line, _ in (*told.certain, *by_place)} - {line for line, _ in found.figures}
    _derive(found, open_lines, policy)
    for unsure in told.unsure:
        of_projects = summed if "项目" in unsure.sentence else set()
        left = [each for each in unsure.amounts if _fen(each) not in of_projects]
        for shown in (of_rows or {}).get(unsure.sentence, ()):
            if shown in left:
                left.remove(shown)
        if not left:
            continue
        amounts = "、".join(left[:_MOST_SHOWN]) + (f" 等 {len(left)} 个数" if len(left) > _MOST_SHOWN else "")
        found.doubts.append(f"“{short(unsure.sentence, QUOTED)}”中的 {amounts} 不能确定填在哪一格，没有填入。")
    _totals(found, policy)
    return found


def _sums_of_projects(tables: Tables) -> set[float]:
    """What the amounts of the projects' table add up to, which a sentence may say again."""
    amounts: dict[str, list[float]] = {}
    for record in tables.records:
        for key, value in record.values.items():
            if record.sheet is PROJECTS and PROJECTS.by_key[key].kind is Kind.AMOUNT and isinstance(value, float):
                amounts.setdefault(key, []).append(value)
    return {sum(each) for each in amounts.values()}


def _fen(written: str) -> float:
    return read_number(written.replace("，", ","), Kind.AMOUNT).value


def _told(sentences: Sentences, printed: Sequence[Amount]) -> _Told:
    """What the sentences state; 预算收入 counts as received where it is what the totals say elsewhere."""
    told = _Told()
    stated = list(stated_amounts(sentences))
    sure = {round(each.fen) for each in stated if isinstance(each, Stated) and not each.assumed and _is_total(each)}
    sure |= {round(each.fen) for each in printed if each.line in _TOTALS and each.column == _FINAL}
    borne_out = {
        each.sentence
        for each in stated
        if isinstance(each, Stated) and each.assumed and each.line in _TOTALS and round(each.fen) in sure
    }
    guessed: dict[str, list[str]] = {}
    for each in stated:
        if isinstance(each, Unsure):
            told.unsure.append(each)
        elif each.assumed and each.sentence not in borne_out:
            guessed.setdefault(each.sentence, []).append(f"{show_amount(each.fen)} 万元")
        else:
            told.certain.setdefault((each.line, each.column), []).append(each)
    told.unsure += [Unsure(tuple(amounts), sentence) for sentence, amounts in guessed.items()]
    return told


def _is_total(each: Stated) -> bool:
    return each.line in _TOTALS and each.column == _FINAL


def _agreed(sentences: list[Stated], printed: list[Amount], label: str, doubts: list[str]) -> Amount | None:
    """The amount that prose and tables agree on; None, and a doubt, where they do not."""
    agreed = settle(sentences) if sentences else None
    alike = not printed or max(each.fen for each in printed) - min(each.fen for each in printed) <= _EXACT
    differ = agreed and printed and abs(printed[0].fen - agreed.fen) > agreed.digit / 2
    if not alike or differ or (sentences and agreed is None):
        fens = [*(each.fen for each in sentences), *(each.fen for each in printed)]
        shown = sorted({show_amount(fen) for fen in fens})
        doubts.append(f"{label}：报告中有几个数（{'、'.join(shown)} 万元），没有填入，请核对。")
        return None
    if printed:
        return printed[0]
    if agreed is None:
        return None
    source = f"取自报告“{agreed.sentence}”"
    if agreed.assumed:
        source += "（“预算收入”“预算支出”与总数相符，按实际收支填）"
    return Amount(agreed.line, agreed.column, agreed.fen, source)


# ---------------------------------------------------------------- 由总数得出的


def _derive(found: Settled, open_lines: set[str], policy: Policy) -> None:
    """基本支出 of its two parts, and noughts for what is not mentioned where the parts stated are all of the total."""
    sums = [(identity.total, identity.parts) for identity in policy.sums]
    for column in AMOUNT_COLUMNS:
        for total, parts in sums:
            if not BUDGET.line_by_key[total].computed and (total, column) not in found.figures:
                _add(found, total, parts, column, open_lines, sums)
    for total, parts in policy.totals:
        stated, given = found.figures.get((total, _FINAL)), _given(found, parts, _FINAL)
        missing = [part for part in parts if part not in given and not BUDGET.line_by_key[part].computed]
        whole = not set(missing) & open_lines and all(part in given or part in missing for part in parts)
        if stated is None or not missing or not given or not whole:
            continue
        if stated.fen > 0 and abs(sum(each.fen for each in given.values()) - stated.fen) <= _EXACT:
            named = "、".join(_label(part) for part in given)
            for part in missing:
                source = f"报告写的{_label(total)}正好等于{named}之和，没有提到{_label(part)}，按 0 填"
                found.figures[part, _FINAL] = Amount(part, _FINAL, 0.0, source, follows=True)


def _given(found: Settled, parts: Sequence[str], column: str) -> dict[str, Amount]:
    return {part: found.figures[part, column] for part in parts if (part, column) in found.figures}


def _add(
    found: Settled,
    line: str,
    parts: Sequence[str],
    column: str,
    open_lines: set[str],
    sums: Sequence[tuple[str, Sequence[str]]],
) -> None:
    """A line that is not stated, of its parts; not where a total says that this is not what it comes to."""
    given = _given(found, parts, column)
    if line in open_lines or len(given) < len(parts):
        return
    fen = sum(each.fen for each in given.values())
    added = "、".join(f"{_label(part)} {show_amount(each.fen)}" for part, each in given.items())
    source = f"报告没有写{_label(line)}，由{added} 相加"
    for total, others in sums:
        stated = found.figures.get((total, column))
        if line in others and stated is not None:
            rest = sum(each.fen for each in _given(found, others, column).values())
            if fen + rest > stated.fen + _SLACK:
                found.doubts.append(f"{_label(line)}：{source}是 {show_amount(fen)} 万元，超过总数，没有填入，请核对。")
                return
    found.figures[line, column] = Amount(line, column, fen, source, follows=True)


def _label(line: str) -> str:
    return BUDGET.line_by_key[line].name


# ---------------------------------------------------------------- 合计


def _totals(found: Settled, policy: Policy) -> None:
    """Totals are the template's own formulas: a stated one is only compared with what its parts will add up to."""
    parts = policy.grand_totals | {identity.total: identity.parts for identity in policy.sums}

    def summed(line: str, column: str) -> float | None:
        if not BUDGET.line_by_key[line].computed or line not in parts:
            each = found.figures.get((line, column))
            return each.fen if each else None
        added = [amount for part in parts[line] if (amount := summed(part, column)) is not None]
        return sum(added) if added else None

    for line, column, stated in _computed(found):
        added = summed(line, column)
        if added is not None and abs(added - stated) <= _SLACK:
            continue
        will = "各项没有填全" if added is None else f"导入的各项之和是 {show_amount(added)} 万元"
        told = f"报告写 {show_amount(stated)} 万元，{will}；合计由公式得出，请核对各项。"
        found.notes[line, column] = f"待核对：{told}"
        found.doubts.append(f"{BUDGET.line_by_key[line].label}{BUDGET.by_key[column].header}：{told}")


def _computed(found: Settled) -> Iterator[tuple[str, str, float]]:
    for (line, column), each in list(found.figures.items()):
        if BUDGET.line_by_key[line].computed:
            yield line, column, each.fen
