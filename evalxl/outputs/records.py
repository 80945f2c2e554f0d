"""The records of a run for other programs: findings.json, findings.csv and run.json."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from operator import attrgetter
from pathlib import Path
from typing import Any, TextIO

from evalxl import __version__, layout
from evalxl.district.findings import Change, Coverage, Finding, Past, Severity, Status, status
from evalxl.district.tables import District
from evalxl.district.workbook import Workbook
from evalxl.facts.grade import Grades
from evalxl.policy.policy import Policy
from evalxl.store.files import replacing
from evalxl.values.kinds import Kind
from evalxl.values.quantities import given, show

FORMAT = 1  # of findings.json: raised when a field goes or changes its meaning; schema.py describes it


def statuses(d: District, findings: Iterable[Finding]) -> dict[str, tuple[Status, Counter[Severity]]]:
    """The status and the findings by severity of every workbook; what the bureau waived is not among them."""
    standing: dict[str, list[Finding]] = {workbook: [] for workbook in d.workbooks["workbook"]}
    for finding in findings:
        if finding.workbook and not finding.waiver:  # without a workbook it is about the district alone
            standing[finding.workbook].append(finding)
    readable = dict(zip(d.workbooks["workbook"], d.workbooks["readable"], strict=True))
    return {
        workbook: (status(readable[workbook], found), Counter(each.severity for each in found))
        for workbook, found in standing.items()
    }


def document(
    d: District,
    findings: list[Finding],
    grades: Grades,
    coverage: list[Coverage],
    policy: Policy,
) -> dict[str, Any]:
    """The whole outcome as findings.json and ``check --format json`` give it; findings become JSON as it is written."""
    return {
        "format": FORMAT,
        "evalxl": __version__,
        "policy": {"name": policy.head.name, "sha256": policy.sha256},
        "workbooks": [asdict(each) for each in workbooks(d, findings, grades)],
        "findings": findings,
        "coverage": [each.to_dict() for each in coverage],
    }


def workbooks(d: District, findings: Iterable[Finding], grades: Grades) -> list[Workbook]:
    """Every workbook with what became of it, in the order of their paths."""
    in_force = grades.departments.set_index("workbook")[["score", "grade"]].to_dict("index")
    judged = statuses(d, findings)
    listed = []
    for book in d.workbooks.to_dict("records"):
        outcome, counts = judged[book["workbook"]]
        graded = in_force.get(book["workbook"], {"score": float("nan"), "grade": ""})
        listed.append(
            Workbook(
                book["workbook"],
                book["sha256"],
                book["department"],
                int(book["year"]) if given(book["year"]) else None,
                outcome,
                show(Kind.SCORE, graded["score"]),
                graded["grade"],
                *(counts[severity] for severity in Severity),
            )
        )
    return listed


def changes(fixed: Iterable[Past], blanks: Mapping[str, list[str]]) -> dict[str, Any]:
    """What findings.json says beside the findings: those of the earlier round that are gone, and reports' blanks."""
    names = ("id", "rule", "severity", "workbook", "department", "message")
    gone = [{name: getattr(each, name) for name in names} | {"change": Change.FIXED.value} for each in fixed]
    return {"fixed": gone, "blanks": dict(blanks)}


def _own_layout() -> dict[str, object]:
    """What a bureau's own template is called, and what it adds; nothing of the standard one."""
    if not layout.NAME:
        return {}
    columns = [f"{sheet.title}·{each.header}" for sheet in layout.DATA_SHEETS for each in sheet.fields if each.own]
    lines = [f"{layout.BUDGET.title}·{each.label}" for each in layout.BUDGET.lines if each.own]
    return {"layout": layout.NAME, "own": [*columns, *lines]}


def run_record(
    d: District, findings: list[Finding], policy: Policy, exit_code: int, files: list[str]
) -> dict[str, Any]:
    """What a run was made with and what came of it; nothing in it depends on the machine or the moment."""
    judged = statuses(d, findings)
    outcomes = Counter(outcome.value for outcome, _ in judged.values())
    severities = Counter(finding.severity.value for finding in findings)
    return {
        "evalxl": __version__,
        "policy": {"name": policy.head.name, "sha256": policy.sha256},
        "template": {"version": layout.TEMPLATE_VERSION, "sha256": layout.SHA256} | _own_layout(),
        "year": d.year,
        "severity": policy.severity,
        "sampling": policy.sampling.model_dump(include={"share", "least", "seed", "weighted", "amount_share"}),
        "inputs": [
            {"workbook": workbook, "sha256": sha256, "status": judged[workbook][0].value}
            for workbook, sha256 in zip(d.workbooks["workbook"], d.workbooks["sha256"], strict=True)
        ],
        "counts": {
            "workbooks": len(judged),
            **{each.value: outcomes[each.value] for each in Status},
            **{f"{each.value}s": severities[each.value] for each in Severity},
        },
        "exit_code": exit_code,
        "files": sorted(files),
    }


def to_json(content: dict[str, Any]) -> str:
    """JSON as the project writes it: UTF-8, readable, ending in a line break."""
    stream = io.StringIO()
    _put_json(stream, content)
    return stream.getvalue()


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON file in one step, bit by bit: as one text the findings would take 20 KB a workbook."""
    with _text(path, "utf-8") as stream:
        _put_json(stream, content)


def _put_json(stream: TextIO, content: dict[str, Any]) -> None:
    opening = "{"
    for key, value in content.items():
        stream.write(f"{opening}\n {_scalar(key)}: ")
        if isinstance(value, list):
            stream.writelines(_listed(value))
        else:
            stream.write(_indented(value, "\n "))
        opening = ","
    stream.write("\n}\n")


def _listed(values: list[Any]) -> Iterator[str]:
    """A list of the document, one entry after another."""
    for at, each in enumerate(values):
        yield f"{',' if at else '['}\n  {_indented(each, _ENTRY)}"
    yield "\n ]" if values else "[]"


_scalar = json.JSONEncoder(ensure_ascii=False).encode
_ENTRY = "\n  "  # what stands before a line of an entry


def _indented(value: object, margin: str) -> str:
    """A value as ``json.dump`` writes it with ``indent=1``, which takes four times as long over lists of findings."""
    if isinstance(value, Finding):
        value = value.to_json()
    inner = margin + " "
    if isinstance(value, Mapping) and value:
        pieces = [f"{inner}{_scalar(key)}: {_indented(each, inner)}" for key, each in value.items()]
        return "{" + ",".join(pieces) + margin + "}"
    if isinstance(value, list | tuple) and value:
        return "[" + ",".join([inner + _indented(each, inner) for each in value]) + margin + "]"
    return _scalar(value)


def to_csv(d: District, findings: Iterable[Finding]) -> str:
    """The findings as CSV; a text that a spreadsheet would take for a formula is led by an apostrophe."""
    stream = io.StringIO()
    _put_csv(stream, d, findings)
    return stream.getvalue()


def write_csv(path: Path, d: District, findings: Iterable[Finding]) -> None:
    """Write the findings as CSV in one step, with the byte order mark that Excel and WPS need to read UTF-8."""
    with _text(path, "utf-8-sig") as stream:
        _put_csv(stream, d, findings)


def _put_csv(stream: TextIO, d: District, findings: Iterable[Finding]) -> None:
    from evalxl.outputs.finding_columns import CSV_HEADERS, in_words  # XlsxWriter is not needed to check

    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow((CSV_HEADERS[0], "部门", *CSV_HEADERS[1:]))
    for finding in findings:
        workbook, *others = in_words(finding)
        writer.writerow(map(_harmless, (workbook, departments.get(workbook, ""), *others)))


def finding_rows(d: District, findings: Iterable[Finding]) -> Iterator[tuple[str, ...]]:
    """The findings as tables of programs have them, by the names of findings.json; the header first."""
    from evalxl.outputs.finding_columns import CSV_FIELDS  # XlsxWriter is not needed to check

    departments = dict(zip(d.workbooks["workbook"], d.workbooks["department"], strict=True))
    workbook, *others = CSV_FIELDS
    fields = attrgetter(*others)
    yield workbook, "department", *others
    for finding in findings:
        yield finding.workbook, departments.get(finding.workbook, ""), *map(str, fields(finding))


@contextlib.contextmanager
def _text(path: Path, encoding: str) -> Iterator[TextIO]:
    with replacing(path) as temporary, temporary.open("w", encoding=encoding, newline="") as stream:
        yield stream


def _harmless(text: str) -> str:
    if text[:1] in ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r") and not _is_number(text):
        return "'" + text
    return text


def _is_number(text: str) -> bool:
    try:
        float(text.removesuffix("%"))
    except ValueError:
        return False
    return True
