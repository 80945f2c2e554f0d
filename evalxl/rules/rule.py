"""What a rule is: one function from the district's tables to the rows that break it, with everything said about it.

The function returns a table of the rows that break the rule, normally a selection of one of the district's tables, so
that each row carries ``workbook``, ``row`` and its fields. The engine (``engine.py``) adds address, words, severity and
fingerprint. Columns the function may add, each optional:

- ``expected``, ``actual``, ``tolerance``: numbers in the unit of the field, for messages with two numbers
- ``severity``: where a rule is graver in one case than in another
- ``sheet``, ``field``: where one rule looks at several sheets or fields
- ``sheet_title``, ``cell``, ``label``: where reading has noted the place already; of several addends ``key`` is
  ``part<total`` (B12)
- ``key``: what tells one finding of the rule from another over the rounds, beside department and field
- ``operands``: a list of ``Figure`` whose cells and values the message must name
- any further column: a text the message uses
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import pandas as pd

from evalxl import layout
from evalxl.district.findings import Severity, Verdict
from evalxl.district.tables import Bureau, District, Row
from evalxl.policy.policy import Policy
from evalxl.values.folding import fold, short

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

Breaks = Callable[[District, Policy], pd.DataFrame]
Verdicts = Callable[[District, Policy], Mapping[str, "Verdict"]]  # by workbook, where there is a verdict


class Scope(StrEnum):
    """What a rule must see at once."""

    WORKBOOK = "workbook"  # one workbook at a time; evaluated chunk by chunk
    DISTRICT = "district"  # all workbooks of the run
    REVIEW = "review"  # what became of all findings
    POLICY = "policy"  # the policy alone


@dataclass(frozen=True)
class Rule:
    """A rule with everything about it: id, severity, the field it points at, its words and its reason."""

    id: str
    severity: Severity
    at: str
    message: str
    fix: str
    breaks: Breaks
    needs: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    scope: Scope = Scope.WORKBOOK
    judged: Verdicts | None = None
    bureau: str = ""

    @property
    def sheet(self) -> str:
        """The key of the sheet the rule points at, '' for rules about files."""
        return self.at.partition(".")[0]

    @property
    def field(self) -> str:
        """The key of the field the rule points at."""
        return self.at.partition(".")[2]

    @property
    def page(self) -> dict[str, str]:
        """The rule's handbook page by section: 要求, 理由, 依据, 举例, 处理, 局限."""
        text = re.sub(r"\s*\n\s*", "\n", (self.breaks.__doc__ or "").strip())
        demand, _, rest = text.partition("\n")
        sections = {"要求": demand}
        for line in rest.strip().splitlines():
            head, colon, words = line.partition("：")
            if colon and head in ("理由", "依据", "举例", "处理", "局限"):
                current = head
                sections[current] = words
            else:
                sections[current] += line
        return sections


FAMILIES = {
    "F": "文件与单元格",
    "U": "单位",
    "B": "收支预决算",
    "P": "项目与执行",
    "I": "绩效指标",
    "S": "得分",
    "G": "等级",
    "R": "评价组",
    "N": "文字说明",
    "X": "跨年",
    "D": "区县",
    "Z": "本区县自设",
}

RULES: dict[str, Rule] = {}
LEFT_OUT: dict[str, str] = {}  # rules that are not asked, for a bureau's own layout leaves their column out; which

# Ids of the field's rule list that no rule checks, each with the reason; none is ever given to another rule.
NOT_CHECKABLE = {
    "U07": "模板没有人员分项，无从相加。",
    "B13": "模板没有“预算调整数”一栏，年初预算数与全年预算数之差就是调整数。",
    "B14": "模板没有行列交叉的合计表；逐列的合计见 B01、B02、B10。",
    "B17": "模板没有收支增减额一栏；两年都平衡时收支的增减额必然相等，上年数对照见 X01、X03，文字中的增减额见 B16。",
    "P11": "模板没有到位资金一栏。",
    "P12": "模板没有结余一栏。",
    "P15": "模板没有按资金来源分行的得分。",
    "D04": "不是核对，而是抽样：见汇总表《抽查名单》，随机种子记在 run.json。",
}


def rule(
    identifier: str,
    severity: Severity,
    at: str = "",
    *,
    message: str,
    fix: str,
    needs: str = "",
    shows: str = "",
    scope: Scope = Scope.WORKBOOK,
    judged: Verdicts | None = None,
    bureau: str = "",
) -> Callable[[Breaks], Breaks]:
    """Enter a function into the rulebook; a misspelt field, a reused id or a module of another letter fails at import.

    ``needs`` names the fields of the sheet that must be filled in for a row to be judged, ``shows`` those whose cells
    and values the finding lists as operands (both: keys separated by blanks), ``bureau`` what the bureau must have
    handed in (a field of ``Bureau``) for the rule to apply at all.
    """

    def enter(function: Breaks) -> Breaks:
        if identifier in RULES:
            raise ValueError(f"rule {identifier} is declared twice")
        if not function.__module__.removeprefix("evalxl.rules.").startswith(f"{identifier[0].lower()}_"):
            raise ValueError(f"rule {identifier} stands in {function.__module__}, not in a module of its letter")
        if at:
            sheet, own = layout.field(at)
            fields_ = [own, *(sheet.by_key[key] for key in needs.split())]
            for key in shows.split():
                sheet.by_key[key]
            absent = next((each.header for each in fields_ if each.left_out), "")
            if absent:
                LEFT_OUT[identifier] = f"《{sheet.title}》的“{absent}”"
                return function
        if bureau and bureau not in {each.name for each in fields(Bureau)}:
            raise ValueError(f"rule {identifier} needs {bureau}, which no bureau gives")
        RULES[identifier] = Rule(
            identifier,
            severity,
            at,
            message,
            fix,
            function,
            tuple(needs.split()),
            tuple(shows.split()),
            scope,
            judged,
            bureau,
        )
        return function

    return enter


def without_merged_names(d: District, sheet: str) -> list[Row]:
    """The rows of a table but those that have their name from a cell merged down several rows, which rule F10 tells."""
    merged = [note for note in d.rows("notes") if note["kind"] == "merged_names" and note["sheet"] == sheet]
    below = set()
    for note in merged:
        for merge in note["detail"].split("、"):
            first, last = map(int, merge.split("-"))
            below |= {(note["workbook"], float(row)) for row in range(first + 1, last + 1)}
    return [row for row in d.rows(sheet) if (row["workbook"], row["row"]) not in below]


def repeats(rows: Iterable[Row], *keys: str) -> list[dict[str, Any]]:
    """The rows that say what an earlier one of their workbook says in some fields; ``others`` is where that stands."""
    first: dict[tuple[Any, ...], Row] = {}
    found = []
    for row in rows:
        before = first.setdefault((row["workbook"], *(row[key] for key in keys)), row)
        if before is not row:
            found.append({**row, "others": f"{before['row']:.0f}"})
    return found


NOTHING = pd.DataFrame(columns=["workbook", "row"])  # what most rules find; one for all of them


def table_of(records: Sequence[Mapping[Any, Any]]) -> pd.DataFrame:
    """The rows that a rule has gathered one by one as the table the engine expects, empty or not."""
    return pd.DataFrame(records) if records else NOTHING


def joined(tables: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Several tables of rows that break a rule as one; those without rows, which most are, are left out unread."""
    found = [each for each in tables if len(each)]
    return pd.concat(found) if found else NOTHING


def words_of_choice(
    d: District, p: Policy, sheet: str, field: str, standard: str, rows: Iterable[Row] | None = None
) -> pd.DataFrame:
    """The rows whose choice field is blank or unknown (errors) or written with an alias (info)."""
    labels = "、".join(p.labels(layout.BY_KEY[sheet].by_key[field].choices))
    found: list[dict[str, Any]] = []
    for row in d.rows_with(sheet, field) if rows is None else rows:
        written, known = row[field], row[standard]
        if not known:
            words = f"“{short(written)}”不在规定的选项中" if written else "未填"
            found.append({**row, "severity": ERROR, "found": words, "remedy": f"请选填：{labels}"})
        elif fold(written) != fold(known):
            words = f"填的是“{short(written)}”，按“{known}”读取"
            found.append({**row, "severity": INFO, "found": words, "remedy": "无须处理；建议从下拉列表选取"})
    return table_of(found)
