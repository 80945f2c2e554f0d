"""What a run, or a merge of runs, leaves about the district as a whole: summary, analysis, findings and database."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from evalxl.policy.policy import Policy
from evalxl.run.chunks import Outcome
from evalxl.store import files as out

if TYPE_CHECKING:
    from evalxl.outputs.summary import Beside


def names_of_whole(*, report: bool) -> list[str]:
    """The files that ``write_whole`` writes, below the outbox."""
    names = [out.SUMMARY, out.FINDINGS_JSON, out.FINDINGS_CSV, out.RUN_JSON, out.DATABASE]
    return [*names, out.ANALYSIS] if report else names


def write_whole(
    outbox: Path,
    outcome: Outcome,
    policy: Policy,
    record: Mapping[str, Any],
    beside: Beside,
    *,
    report: bool,
    told: Mapping[str, Any] | None = None,
    kept: pd.DataFrame | None = None,
) -> None:
    """Write the files of the whole; OutputError when one cannot be written.

    ``record`` is what run.json says, ``told`` what findings.json says beside the findings, ``kept`` what the next run
    must know to keep workbooks.
    """
    from evalxl.outputs import records  # XlsxWriter is not needed to check
    from evalxl.outputs.summary import write_summary
    from evalxl.store import database  # XlsxWriter is not needed to check

    d, findings, grades, coverage = outcome.district, outcome.findings, outcome.grades, outcome.coverage
    with out.replacing(outbox / out.SUMMARY) as temporary:
        tally = write_summary(temporary, d, findings, grades, coverage, policy, beside)
    if report:
        from evalxl.outputs.word.analysis import write_analysis  # needs python-docx, which not everybody has

        with out.replacing(outbox / out.ANALYSIS) as temporary:
            write_analysis(temporary, tally)
    run = dict(record) | ({"attendance": tally.attendance.to_dict()} if tally.attendance else {})
    content = records.document(d, findings, grades, coverage, policy) | dict(told or {})
    records.write_json(outbox / out.FINDINGS_JSON, content)
    records.write_csv(outbox / out.FINDINGS_CSV, d, findings)
    database.write_database(
        outbox / out.DATABASE, d, findings, outcome.past, grades, coverage, run, outcome.spilled, kept
    )
    records.write_json(outbox / out.RUN_JSON, run)
