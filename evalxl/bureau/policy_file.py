"""The policy that a bureau hands in: as TOML, or as a table of 参数, 取值, 说明 that it edits in Excel or WPS."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from evalxl.bureau.table import Heading, Record, read_table
from evalxl.intake.read.outputs import POLICY
from evalxl.policy.cells import MAY_BE_EMPTY, in_chinese, value_of
from evalxl.policy.entries import Place, entries
from evalxl.policy.policy import CITATION, Policy, load, overridden
from evalxl.policy.wording import asked, line_of
from evalxl.values.errors import UsageError

ENDINGS = (".xlsx", ".xlsm", ".xltx", ".xls", ".et", ".ods", ".csv")
HEADINGS = (
    Heading("name", ("参数", "名称"), required=True),
    Heading("value", ("取值", "数值", "值"), required=True),
    Heading("source", ("依据",)),
    Heading("known", ("依据情况",)),
    Heading("since", ("自何年起", "起始年度")),
)
_CITING = ("thresholds", "schemes", "execution", "lengths", "sampling")


def read_policy(path: Path | None) -> Policy:
    """The policy that a bureau's file makes, a table or TOML; UsageError says what is wrong with it and where."""
    if path is None or path.suffix.lower() not in ENDINGS:
        return load(path)
    own, rows = _table(path)
    asked: list[Place] = []

    def row(place: Sequence[str]) -> str:
        asked.append(tuple(place))
        return _row(rows, place)

    try:
        return overridden(own, f"规则文件 {path}", row)
    except UsageError as error:
        head, own_path, sentence = str(error).partition(str(path))  # a path stays as it is
        raise UsageError(head + own_path + in_chinese(asked[-1] if asked else ("",), sentence)) from None


def place_in(path: Path, place: Place) -> str:
    """The line or row of a policy file in which an entry stands; '' where none can be told."""
    if path.suffix.lower() in ENDINGS:
        return _row(_table(path)[1], place)
    return line_of(path.read_text(encoding="utf-8-sig"), place)


def _table(path: Path) -> tuple[dict[str, Any], dict[Place, int]]:
    return entered(read_table(path, "规则文件", HEADINGS, ours={POLICY}), path)


def entered(records: Iterable[tuple[int, Record]], path: Path) -> tuple[dict[str, Any], dict[Place, int]]:
    """What the rows of a table say, as a policy file would, and the row of each entry."""
    own: dict[str, Any] = {}
    rows: dict[Place, int] = {}
    for number, record in records:
        where = f"规则文件 {path} 第 {number} 行"
        if not record["name"]:
            raise UsageError(f"{where}没有写参数，请补填或删去这一行。")
        place = _place(record["name"], where)
        if place in rows:
            raise UsageError(f"{where}与第 {rows[place]} 行是同一个参数，请只留一行。")
        rows[place] = number
        if record["value"] != "" or place[-1] in MAY_BE_EMPTY:
            try:
                _enter(own, place, record)
            except ValueError as error:
                raise UsageError(f"{where}的取值{error}") from None
    return own, rows


def _row(rows: Mapping[Place, int], place: Sequence[str]) -> str:
    """The row that a faulty entry stands in: of those that share the most of its place, the first."""

    def shared(own: Place) -> int:
        return next((at for at, pair in enumerate(zip(own, place, strict=False)) if pair[0] != pair[1]), len(own))

    best = max(rows, key=shared, default=())
    return f"第 {rows[best]} 行" if best and shared(best) >= min(2, len(place), len(best)) else ""


def _enter(own: dict[str, Any], place: Place, record: dict[str, str]) -> None:
    table = own
    for key in place[:-1]:
        table = table.setdefault(key, {})
    table[place[-1]] = value_of(place, record["value"])
    if place[0] in _CITING:
        table |= {key: value_of((key,), record[key]) for key in CITATION if record[key]}


def _place(name: str, where: str) -> Place:
    """The place that a name stands for; UsageError for one that stands for none."""
    known = _known()
    if name in known:
        return known[name]
    head, _, rest = name.partition(".")
    parts = tuple(each.strip(" \"'") for each in rest.split("."))
    if head in ("severity", "vocabulary") and rest:
        return head, rest
    if head == "thresholds" and rest:
        return _place(rest.removesuffix(".value"), where)
    if head.startswith("weights_") and (not rest or rest in ("unit", "description")):
        return "thresholds", head, rest or "value"
    if head in _DEPTHS and rest and len(parts) == _DEPTHS[head]:
        return (head, *parts)
    if name in ("sums", "balance"):
        return (name,)
    raise UsageError(f"{where}的参数“{name[:_LONGEST]}”认不出{asked(name, known)}用 evalxl policy 可列出全部参数。")


_DEPTHS = {"policy": 1, "schemes": 2, "execution": 1, "lengths": 2, "sampling": 1}  # names below the first
_LONGEST = 40  # characters of a wrong name that are repeated


@cache
def _known() -> dict[str, Place]:
    return {each.name: each.place for each in entries(load())}
