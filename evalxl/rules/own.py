"""A bureau's own rules (Z): a few closed forms, declared in the policy file, judged and told like any other rule."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from evalxl import layout
from evalxl.district.findings import Severity
from evalxl.district.tables import District, of_tables, rows_where, sheet_frame
from evalxl.layout import Field, Shape, Sheet
from evalxl.policy.parts import Example, OwnRule, Relation
from evalxl.policy.policy import Policy
from evalxl.rules.rule import Rule
from evalxl.values.errors import UsageError
from evalxl.values.folding import fold, label_key, short
from evalxl.values.kinds import Kind
from evalxl.values.quantities import FEN_PER, NAN, given, read_number, show, show_amount

_COMPARED: Mapping[Relation, Callable[[Any, Any], Any]] = {
    Relation.AT_MOST: operator.le, Relation.BELOW: operator.lt, Relation.EQUAL: operator.eq, Relation.OTHER: operator.ne,
    Relation.AT_LEAST: operator.ge, Relation.ABOVE: operator.gt,
}  # fmt: skip
_TAIL = 1e-9  # what arithmetic on decimals leaves
_LARGEST = 9e15  # fen


class _Place(NamedTuple):
    """A cell that a total must equal: a form's field, or a column of a fixed line."""

    sheet: Sheet
    field: Field
    line: str

    def of(self, d: District) -> dict[str, float]:
        """Its value by workbook."""
        table = d.table(self.sheet.key)
        rows = table[table["key"] == self.line] if self.line else table
        return dict(zip(rows["workbook"], rows[self.field.key], strict=True))


@lru_cache(maxsize=8)
def own_rules(policy: Policy) -> tuple[Rule, ...]:
    """The rules that a policy declares; UsageError where one names what the layout does not have."""
    ids = [each.id for each in policy.rules]
    twice = next((each for each in ids if ids.count(each) > 1), "")
    if twice:
        raise UsageError(f"规则 {twice} 写了两次，请改用另一个编号。")
    return tuple(_Own(each).rule for each in policy.rules)


class _Own:
    """One declared rule with the columns that it names."""

    def __init__(self, declared: OwnRule) -> None:
        self.declared = declared
        self.sheet = self._sheet(declared.sheet)
        self.field = self._field(declared.column)
        self.when = self._field(declared.when) if declared.when else None
        self.values = self._known("is", self.when, declared.values) if self.when else frozenset()
        self.among = self._known("among", self.field, declared.among)
        self.other = self._other() if declared.demands in _COMPARED else None
        self.total = self._place(declared.total) if declared.demands is Relation.TOTAL else None
        if declared.demands is Relation.ONE_OF and not declared.among:
            raise self._wrong("要写明有哪些选项（among）")
        if declared.demands is Relation.TOTAL and not self.field.kind.numeric:
            raise self._wrong(f"“{self.field.header}”不是数字栏，不能合计")

    @property
    def rule(self) -> Rule:
        """The rule as the engine asks it."""
        declared = self.declared

        def breaks(d: District, p: Policy) -> pd.DataFrame:
            return self.broken(d)

        breaks.__doc__ = (
            f"{declared.words}。\n理由：本区县自设的规则：《{self.sheet.title}》的“{self.field.header}”{self.demand}。\n依据：{declared.source}\n"
            f"举例：见规则文件中的例子。\n处理：{declared.fix}。\n局限：只核对所写的这一种关系。"
        )
        needs = () if declared.demands is Relation.FILLED else (self.field.key,)
        return Rule(
            declared.id, Severity(declared.severity), f"{self.sheet.key}.{self.field.key}",
            message="{found}。", fix=f"{declared.fix}。".replace("{", "{{").replace("}", "}}"), breaks=breaks, needs=needs,
        )  # fmt: skip

    @property
    def demand(self) -> str:
        """What is demanded, in words."""
        declared = self.declared
        than = f"“{self.other.header}”" if isinstance(self.other, Field) else f" {_plain(declared.than)}"
        words = {
            Relation.ONE_OF: f"只能是 {'、'.join(map(_plain, declared.among))}",
            Relation.TOTAL: f"合计等于 {declared.total}",
        }
        told = words.get(declared.demands, declared.demands.value + (than if self.other is not None else ""))
        among = f"为 {'、'.join(map(_plain, declared.values))}" if declared.values else "已填"
        return f"{told}（“{self.when.header}”{among}的）" if self.when else told

    def broken(self, d: District) -> pd.DataFrame:
        """The rows that break the rule, with what was found."""
        rows = d.table(self.sheet.key)
        if self.when is not None:
            rows = rows_where(rows, map(self._applies, rows[self.when.key]))
        demands, words = self.declared.demands, self.declared.words
        if demands is Relation.FILLED:
            rows = rows_where(rows, (not _filled(value) for value in rows[self.field.key]))
            return rows.assign(found=f"未填，{words}")
        rows = rows_where(rows, map(_filled, rows[self.field.key]))
        if self.total is not None:
            return self._unequal_totals(d, rows, self.total)
        if demands in _COMPARED:
            return self._against(rows)
        keys = pd.Series([_key(value) for value in rows[self.field.key]], rows.index, object)
        if demands is Relation.UNIQUE:
            rows = rows[pd.DataFrame({"workbook": rows["workbook"], "key": keys}).duplicated()]
        else:
            rows = rows[~keys.isin(self.among)]
        return rows.assign(found=[f"填的是“{self._shown(value)}”，{words}" for value in rows[self.field.key]])

    def _applies(self, value: object) -> bool:
        return _filled(value) and (not self.values or _key(value) in self.values)

    def _against(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows whose value is not as it must be against the other column, or the number."""
        other, compare = self.other, _COMPARED[self.declared.demands]
        if isinstance(other, Field):
            rows = rows_where(rows, map(_filled, rows[other.key]))
            against: Sequence[Any] = rows[other.key].tolist()
        else:
            against = [self._number()] * len(rows)
        pairs = list(zip(rows[self.field.key], against, strict=True))
        if self.field.kind.numeric:
            pairs = [(round(one, 6), round(two, 6)) for one, two in pairs]
        else:
            pairs = [(fold(one), fold(_plain(two))) for one, two in pairs]
        rows = rows_where(rows.assign(against=against), (not compare(one, two) for one, two in pairs))
        of = f"“{other.header}”是 " if isinstance(other, Field) else "规定的数是 "
        found = [
            f"填的是 {self._shown(one)}，{of}{self._shown(two)}，{self.declared.words}"
            for one, two in zip(rows[self.field.key], rows["against"], strict=True)
        ]
        return rows.assign(found=found)

    def _unequal_totals(self, d: District, rows: pd.DataFrame, total_: _Place) -> pd.DataFrame:
        """The first row of the workbooks whose column does not add up to the cell that is named."""
        stated, sums = total_.of(d), rows.groupby("workbook")[self.field.key].agg(["sum", "size"])
        apart = {
            str(book): (float(total), stated[str(book)])
            for book, total, count in sums.itertuples()
            if given(stated.get(str(book), NAN)) and abs(total - stated[str(book)]) > (count + 1) / 2 * self._tail
        }
        first = rows[rows["workbook"].isin(apart)].drop_duplicates("workbook")
        found = [
            f"各行合计 {self._shown(apart[book][0])}，{self.declared.total} 是 {self._shown(apart[book][1])}，{self.declared.words}"
            for book in first["workbook"]
        ]
        return first.assign(found=found, key="")

    @property
    def _tail(self) -> float:
        return 10_000.0 if self.field.kind is Kind.AMOUNT else _TAIL  # fen: half of 0.01 万元 a row is rounding

    def _shown(self, value: Any) -> str:
        if self.field.kind is Kind.AMOUNT:
            return show_amount(value)
        return show(self.field.kind, value) if self.field.kind.numeric else short(str(value))

    def _number(self) -> Any:
        number = self.declared.than
        return float(number) * FEN_PER["万元"] if self.field.kind is Kind.AMOUNT else number

    # ---------------------------------------------------------------- what the declaration names

    def _wrong(self, words: str) -> UsageError:
        return UsageError(f"规则 {self.declared.id}：{words}。")

    def _sheet(self, title: str) -> Sheet:
        for sheet in layout.DATA_SHEETS:
            if label_key(title) in map(label_key, (sheet.title, *sheet.aliases)):
                return sheet
        raise self._wrong(f"没有《{title}》这张表，可写 {'、'.join(each.title for each in layout.DATA_SHEETS)}")

    def _field(self, header: str, sheet: Sheet | None = None) -> Field:
        sheet = sheet or self.sheet
        field = sheet.by_label.get(label_key(header))
        if field is None:
            known = "、".join(each.header for each in sheet.fields)
            raise self._wrong(f"《{sheet.title}》没有“{header}”这一栏，可写 {known}")
        return field

    def _other(self) -> Field | float | str:
        than = self.declared.than
        if isinstance(than, str) and label_key(than) in self.sheet.by_label:
            other = self._field(than)
            if (other.kind is Kind.AMOUNT) is not (
                self.field.kind is Kind.AMOUNT
            ) or other.kind.numeric is not self.field.kind.numeric:
                raise self._wrong(f"“{self.field.header}”和“{other.header}”不是同一类的数，不能比较")
            return other
        if self.field.kind.numeric and isinstance(than, str):
            raise self._wrong(f"than 要写《{self.sheet.title}》的一栏，或一个数，写的是“{short(than)}”")
        if than == "":
            raise self._wrong("要写 than：与哪一栏、哪个数比较")
        if not self.field.kind.numeric and self.declared.demands not in (Relation.EQUAL, Relation.OTHER):
            raise self._wrong(f"“{self.field.header}”是文字栏，只能核对等于、不等于")
        return than

    def _known(self, key: str, field: Field, values: Sequence[str | float]) -> frozenset[object]:
        """The values that a declaration lists, as they are compared."""
        words = list(map(_plain, values))
        if not field.kind.numeric:
            return frozenset(map(fold, words))
        numbers = {word: read_number(word, field.kind).value for word in words}
        strange = next((word for word, number in numbers.items() if not given(number)), None)
        if strange is not None:
            raise self._wrong(f"{key} 要写数字，因为“{field.header}”是数字栏，写的是“{short(strange)}”")
        return frozenset(map(_key, numbers.values()))

    def _place(self, address: str) -> _Place:
        title, _, place = address.replace("！", "!").partition("!")
        header, _, label = place.partition("@")
        sheet = self._sheet(title)
        field = self._field(header, sheet)
        if sheet.shape is Shape.TABLE or not field.kind.numeric:
            raise self._wrong(f"total 要写一个数字的格子，如 预算!决算数@项目支出，写的是“{short(address)}”")
        line = sheet.line_by_label.get(label_key(label)) if sheet.shape is Shape.LINES else None
        if sheet.shape is Shape.LINES and line is None:
            raise self._wrong(f"《{sheet.title}》没有“{label}”这一行")
        return _Place(sheet, field, line.key if line else "")

    # ---------------------------------------------------------------- examples

    def holds(self, example: Sequence[Example]) -> bool:
        """Whether an example, some rows by their headers, keeps the rule; UsageError for a header that is none."""
        for name in (
            name for row in example for name in row if self._address(name) != self._address(self.declared.total)
        ):
            self._field(name)
        return self.broken(self._district(example)).empty

    def _district(self, rows: Sequence[Example]) -> District:
        values: dict[str, list[Any]] = {
            "workbook": ["例"] * len(rows),
            "row": [float(5 + at) for at in range(len(rows))],
        }
        for field in self.sheet.fields:
            values[field.key] = [self._value(field, row) for row in rows]
        extra = [name for name in District().table(self.sheet.key).columns if name not in values]
        values |= {name: [""] * len(rows) for name in extra}
        d = District()
        tables = d.tables | {self.sheet.key: sheet_frame(self.sheet, values)}
        if self.total is not None:
            tables |= self._cell(d, rows, self.total)
        return of_tables(tables, {})

    def _value(self, field: Field, row: Example) -> Any:
        written = next((value for name, value in row.items() if self.sheet.by_label.get(label_key(name)) is field), "")
        return self._number_of(field, written) if field.kind.numeric else _plain(written)

    def _number_of(self, field: Field, written: float | str) -> float:
        if written == "":
            return NAN
        if isinstance(written, str):
            raise self._wrong(f"例子中“{field.header}”要写数字，写的是“{short(written)}”")
        number = float(written) * (FEN_PER["万元"] if field.kind is Kind.AMOUNT else 1)
        if not abs(number) < _LARGEST:
            raise self._wrong(f"例子中“{field.header}”的数太大")
        return number

    def _address(self, name: str) -> str:
        """What the address of a total is known by; of a header itself."""
        return label_key(name.replace("！", "!"))

    def _cell(self, d: District, rows: Sequence[Example], total: _Place) -> dict[str, pd.DataFrame]:
        wanted = self._address(self.declared.total)
        written = next((value for row in rows for name, value in row.items() if self._address(name) == wanted), "")
        number = self._number_of(total.field, written)
        columns = d.table(total.sheet.key).columns
        record: dict[str, Any] = {str(name): "" for name in columns}
        record |= {each.key: NAN for each in total.sheet.fields if each.kind.numeric}
        record |= {"workbook": "例", "row": 5.0, "key": total.line, total.field.key: number}
        frame = sheet_frame(total.sheet, {name: [record[str(name)]] for name in map(str, columns)})
        return {total.sheet.key: frame}


def _filled(value: object) -> bool:
    return given(value) if isinstance(value, float | np.floating) else value not in ("", None)


def _key(value: object) -> object:
    """A value as it is compared: texts by what they read like, numbers without what arithmetic leaves."""
    return fold(value) if isinstance(value, str) else round(float(value), 6)  # type: ignore[arg-type]


def _plain(value: float | str) -> str:
    """A text or a number of the policy as a cell would show it."""
    return value if isinstance(value, str) else f"{value:.15g}"


class Tried(NamedTuple):
    """An example that was tried: of which rule, its number, whether it should hold, and whether it does."""

    rule: str
    number: int
    should: bool
    does: bool


def tried(policy: Policy) -> Iterator[Tried]:
    """All examples of a policy's own rules, tried."""
    own_rules(policy)  # what cannot be is said first
    for declared in policy.rules:
        own = _Own(declared)
        for should, examples in ((True, declared.holds), (False, declared.breaks)):
            for number, example in enumerate(examples, 1):
                rows = (example,) if isinstance(example, Mapping) else example
                yield Tried(declared.id, number, should, own.holds(rows))
