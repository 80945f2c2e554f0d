"""The audit as it is asked for: of an outbox against its inbox, of a merged one against its districts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, Unpack

from evalxl.library.policy import PolicySource, in_force
from evalxl.library.work import to_json
from evalxl.store.files import replacing
from evalxl.values.errors import UsageError
from evalxl.values.progress import Progress, unwatched

if TYPE_CHECKING:
    from evalxl.audit.audit import Audit


@dataclass(frozen=True)
class AuditResult:
    """What an audit has found, as text, JSON and workbook."""

    outbox: Path
    _found: Audit

    @property
    def exit_code(self) -> int:
        """0 when every figure is accounted for, else 1."""
        return self._found.exit_code

    @property
    def faults(self) -> list[str]:
        """What is not accounted for, each in a sentence."""
        from evalxl.audit.report import sentences

        return list(sentences(self._found.faults))

    @property
    def words(self) -> str:
        """What it comes to, in a sentence or two."""
        from evalxl.audit.report import in_words

        return "".join((in_words(self._found), *self._found.remarks))

    def to_json(self) -> str:
        """The audit as JSON."""
        from evalxl.audit.report import document

        return to_json(document(self._found))

    def write(self, path: Path) -> None:
        """Write 审计.xlsx; OutputError when it cannot be written."""
        from evalxl.audit.report import write_audit

        with replacing(path) as temporary:
            write_audit(temporary, self._found)

    def trace(self, wanted: str) -> list[str]:
        """The chain of one figure, line by line; UsageError where there is no such figure."""
        from evalxl.audit.report import Sender, traced
        from evalxl.store.earlier import load_district

        books = load_district(self.outbox, large=False).workbooks
        columns = (books[name] for name in ("workbook", "department", "sha256"))
        senders = {book: Sender(*whose) for book, *whose in zip(*columns, strict=True)}
        return list(traced(self._found, wanted, senders))


class AuditOptions(TypedDict, total=False):
    """What an audit may be given beside outbox and inbox: what the run was made with, and how to go about it."""

    policy: PolicySource
    roster: str | Path | None
    waivers: str | Path | None
    recheck: str | Path | None
    previous: Sequence[str | Path]
    jobs: int | None
    progress: Progress


def audit(outbox: str | Path, sources: Sequence[str | Path], **options: Unpack[AuditOptions]) -> AuditResult:
    """Audit an outbox against the inbox it was made from, or a merged one against its districts' outboxes."""
    from evalxl.audit.audit import Call
    from evalxl.audit.audit import audit as audited

    path = Path(outbox)
    if not path.is_dir():
        raise UsageError(f"没有结果文件夹 {path}，请检查路径。")
    earlier = tuple(each for each in map(Path, options.get("previous", ())) if each.resolve() != path.resolve())
    listed = {"roster": options.get("roster"), "waivers": options.get("waivers"), "recheck": options.get("recheck")}
    lists = {name: Path(each) for name, each in listed.items() if each}
    for name, each in (*(("previous", each) for each in earlier), *lists.items()):
        if not each.exists():
            raise UsageError(f"没有 {each}，请检查 --{name}。")
    sent = tuple(map(Path, sources))
    call = Call(path, sent, in_force(options.get("policy")), earlier, lists, options.get("jobs") or 1)
    return AuditResult(path, audited(call, options.get("progress", unwatched)))
