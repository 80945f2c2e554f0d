"""What is asked of evalxl: check workbooks, mark one, run an inbox, merge finished runs, list the rules."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from evalxl.library.policy import PolicySource, in_force
from evalxl.library.result import Result, RunResult
from evalxl.library.sources import NAMELESS, Sources, files_of
from evalxl.values.errors import UsageError
from evalxl.values.folding import clean
from evalxl.values.progress import Progress, unwatched

if TYPE_CHECKING:
    from evalxl.bureau.review import Round
    from evalxl.district.findings import Finding
    from evalxl.district.tables import Bureau
    from evalxl.policy.policy import Policy
    from evalxl.run.run import Run
    from evalxl.run.settings import Settings


class Options(TypedDict, total=False):
    """What a run may be given beside inbox and outbox; each is an option of ``evalxl run`` too."""

    policy: PolicySource
    roster: str | Path | None
    previous: Sequence[str | Path]
    waivers: str | Path | None
    recheck: str | Path | None
    report: bool
    jobs: int | None
    cluster: str
    redraw: str
    fresh: bool
    progress: Progress


def check(
    sources: Sources, *, policy: PolicySource = None, roster: str | Path | None = None, progress: Progress = unwatched
) -> Result:
    """Check workbooks as one district and write nothing.

    A path names a workbook, or a folder that stands for all files below it; bytes are a workbook themselves, and a
    mapping names several. UsageError says what is wrong with the call; a file that cannot be read is a finding.
    """
    from evalxl.run.run import check_files
    from evalxl.run.settings import Settings

    loaded = in_force(policy)
    settings = Settings(loaded, _bureau(roster, None, loaded))
    with files_of(sources) as files:
        return Result(check_files(files, settings, progress), settings.policy)


def marked(source: str | Path | bytes, *, policy: PolicySource = None, roster: str | Path | None = None) -> bytes:
    """A workbook with its findings listed in front and marked in its cells, as a department gets it back.

    Where a workbook cannot be marked itself, a workbook with the list alone; UsageError for one that cannot be read.
    """
    name, data = (NAMELESS, source) if isinstance(source, bytes) else _content(Path(source))
    result = check({name: data}, policy=policy, roster=roster)
    (book,) = result.workbooks
    if not result._outcome.district.workbooks["readable"].all():
        raise UsageError("".join(f"{each.message}{each.fix}" for each in result.findings))
    return marked_copy(name, data, book.department, result.of(name))


def marked_copy(name: str, data: bytes, department: str, findings: Sequence[Finding], seconds: float = 30.0) -> bytes:
    """A workbook that was read, marked with what was found; or the list alone, where it cannot be marked.

    What was not read must not be marked.
    """
    from evalxl.outputs.returned import returned_copy

    content, _ = returned_copy(data, department, name, findings, seconds)
    return content


def _content(path: Path) -> tuple[str, bytes]:
    from evalxl.values.errors import cause

    if not path.is_file():
        raise UsageError(f"没有 {path} 这个文件，请检查路径。")
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} 打不开（{cause(error)}），请检查。") from None


def run(inbox: str | Path, outbox: str | Path, **options: Unpack[Options]) -> RunResult:
    """Process an inbox into an outbox: results, marked copies, the district's summary and records.

    UsageError for a wrong call, OutputError when a file cannot be written: then the last results are whole.
    """
    from evalxl.run import run as running

    progress = options.pop("progress", unwatched)
    settings = _settings(Path(outbox), **options)
    return _finished(running.run(Path(inbox), Path(outbox), settings, progress), settings.policy, Path(outbox))


def merge(
    outboxes: Sequence[str | Path],
    outbox: str | Path,
    *,
    policy: PolicySource = None,
    report: bool = False,
    common: bool = False,
) -> RunResult:
    """Merge finished runs, districts into a city and cities into a province, from their outboxes alone.

    Where their templates differ, ``common`` merges what the standard one has; else they are refused.
    """
    from evalxl.run.merge import merge as join

    loaded = in_force(policy)
    _check_report(report)
    paths = [Path(each) for each in outboxes]
    return _finished(join(paths, Path(outbox), loaded, report=report, common=common), loaded, Path(outbox))


def left_out_in_common(outboxes: Sequence[Path]) -> str:
    """What a merge in common leaves out, in words."""
    from evalxl.run.merge import left_out

    return left_out(outboxes)


def _finished(run: Run, policy: Policy, outbox: Path) -> RunResult:
    return RunResult(run.outcome, policy, outbox, tuple(sorted(run.files)), run.reused)


def rules() -> list[dict[str, str]]:
    """Every rule: what it demands, why, on what ground, and what to do."""
    from evalxl.rules import catalogue

    return catalogue.entries()


def unchecked() -> dict[str, str]:
    """The demands of the regulations that no program can check, each with the reason."""
    from evalxl.rules.rule import NOT_CHECKABLE

    return dict(NOT_CHECKABLE)


def schema() -> dict[str, Any]:
    """The JSON Schema of findings.json and of ``Result.to_json``."""
    from evalxl.outputs.schema import schema as described

    return described()


def to_json(content: dict[str, Any]) -> str:
    """JSON as the project writes it."""
    from evalxl.outputs.records import to_json as written

    return written(content)


# ---------------------------------------------------------------- options


def _settings(outbox: Path, **options: Unpack[Options]) -> Settings:
    """A run's settings from its options; the files that they name are read now, so that a mistake shows at once."""
    from evalxl.run.settings import Settings

    strange = sorted(set(options) - set(Options.__annotations__))
    if strange:
        raise TypeError(f"evalxl.run has no option {', '.join(strange)}")
    policy = in_force(options.get("policy"))
    _check_report(options.get("report", False))
    roster, waivers, recheck = options.get("roster"), options.get("waivers"), options.get("recheck")
    previous = tuple(Path(each) for each in options.get("previous", ()))
    return Settings(
        policy,
        bureau=_bureau(roster, recheck, policy),
        round=_round(previous, waivers),
        previous=previous,
        report=options.get("report", False),
        jobs=options.get("jobs"),
        cluster=options.get("cluster", ""),
        made_from=_origins(previous, outbox, roster=roster, waivers=waivers, recheck=recheck),
        redraw=_reason(options.get("redraw", "")),
        fresh=options.get("fresh", False),
    )


def _reason(text: str) -> str:
    """Why the sample is drawn anew, as the list and the record repeat it."""
    reason = clean(text).strip()
    if len(reason) > _LONGEST_REASON:
        raise UsageError(f"--redraw 的原因超过 {_LONGEST_REASON} 字，请写短些。")
    return reason


_LONGEST_REASON = 200  # characters


def _origins(previous: tuple[Path, ...], outbox: Path, **lists: str | Path | None) -> dict[str, object]:
    """The hashes of what a run is made from beside its inbox and its policy, for whoever audits it.

    Of earlier runs the one that the outbox holds is named apart: this run replaces it, and nobody can show it again.
    """
    from evalxl.store.files import origin_of, sha256_of

    found: dict[str, object] = {name: sha256_of(Path(path)) for name, path in sorted(lists.items()) if path}
    own = [path for path in previous if path.resolve() == outbox.resolve()]
    others = [origin_of(path) for path in previous if path not in own]
    found |= {"previous": others} if others else {}
    return found | ({"replaced": origin_of(own[0])} if own else {})


def _bureau(roster: str | Path | None, recheck: str | Path | None, policy: Policy) -> Bureau:
    from evalxl.bureau.rechecks import read_rechecks
    from evalxl.bureau.roster import read_roster
    from evalxl.district.tables import Bureau

    nothing = Bureau()
    return Bureau(
        read_roster(Path(roster)) if roster else nothing.roster,
        read_rechecks(Path(recheck), policy) if recheck else nothing.rechecks,
    )


def _check_report(wanted: bool) -> None:
    """Say before a long run that Word reports cannot be written, not after it."""
    if wanted:
        from evalxl.outputs.word import check_installed

        check_installed()


def _round(outboxes: tuple[Path, ...], waivers: str | Path | None) -> Round:
    """What findings are held against: the latest of the earlier runs, and the bureau's waivers as of today."""
    from evalxl.bureau.review import Round
    from evalxl.bureau.waivers import Waivers, read_waivers
    from evalxl.store.earlier import by_year

    listed = read_waivers(Path(waivers), dt.date.today()) if waivers else Waivers()
    year, latest = max(by_year(outboxes).items(), default=(0, None))
    return Round(latest, year, listed)
