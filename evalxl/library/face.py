"""All that the command line, the page and other programs ask of evalxl.

Promised is what ``evalxl.__all__`` names; the rest is there for our own command line and page.
"""

from evalxl.district.attendance import Attendance, Pending
from evalxl.district.findings import Change, Finding, Operand, Severity, Status
from evalxl.district.workbook import Workbook
from evalxl.library.apart import check_apart
from evalxl.library.auditing import AuditResult, audit
from evalxl.library.choices import Beside, beside, choices_in
from evalxl.library.forms import Report, filled_forms, migrated, reports, roster_blank, template
from evalxl.library.handbooks import Guide, demo, guide, guide_pages, guides
from evalxl.library.imports import Gathering, gathered
from evalxl.library.policy import (
    PolicyInWords,
    PolicySource,
    layout_in_words,
    policy_document,
    policy_file,
    policy_in_words,
    policy_to_change,
    tried_examples,
)
from evalxl.library.publication import publish
from evalxl.library.result import Result, RunResult
from evalxl.library.sources import Sources
from evalxl.library.work import (
    Options,
    check,
    left_out_in_common,
    marked,
    marked_copy,
    merge,
    rules,
    run,
    schema,
    to_json,
    unchecked,
)
from evalxl.store.files import (
    LEDGER,
    PENDING,
    RECHECKS,
    REPORTS,
    RESULTS,
    RETURNED,
    RUN_JSON,
    SUMMARY,
    OutputError,
    files_of_last_run,
    replacing,
    safe_name,
)
from evalxl.values.errors import RuleBug, UsageError, cause
from evalxl.values.layout_file import named_to_new_processes
from evalxl.values.progress import Progress

__all__ = [
    "LEDGER",
    "PENDING",
    "RECHECKS",
    "REPORTS",
    "RESULTS",
    "RETURNED",
    "RUN_JSON",
    "SUMMARY",
    "Attendance",
    "AuditResult",
    "Beside",
    "Change",
    "Finding",
    "Gathering",
    "Guide",
    "Operand",
    "Options",
    "OutputError",
    "Pending",
    "PolicyInWords",
    "PolicySource",
    "Progress",
    "Report",
    "Result",
    "RuleBug",
    "RunResult",
    "Severity",
    "Sources",
    "Status",
    "UsageError",
    "Workbook",
    "audit",
    "beside",
    "cause",
    "check",
    "check_apart",
    "choices_in",
    "demo",
    "files_of_last_run",
    "filled_forms",
    "gathered",
    "guide",
    "guide_pages",
    "guides",
    "layout_in_words",
    "left_out_in_common",
    "marked",
    "marked_copy",
    "merge",
    "migrated",
    "named_to_new_processes",
    "policy_document",
    "policy_file",
    "policy_in_words",
    "policy_to_change",
    "publish",
    "replacing",
    "reports",
    "roster_blank",
    "rules",
    "run",
    "safe_name",
    "schema",
    "template",
    "to_json",
    "tried_examples",
    "unchecked",
]
