"""The folder a run leaves its results in: written aside, put in place together, by one run at a time.

Until everything is written, the results of the last run stay as they are. Then each file is put in place by one
rename, run.json last: it says that what lies beside it belongs together. When a rename fails, what was already
renamed is put back; when the process is killed between two renames, every file is an old or a new one, whole, and
the next run does the rest.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from evalxl.store.files import (
    ANALYSIS,
    FOLDERS,
    RUN_JSON,
    SUMMARY,
    UNFINISHED,
    OutputError,
    files_of_last_run,
    is_stage,
    put_in_place,
    safe_name,
    stage_name,
    sync_file,
    sync_folder,
    unwritable,
)
from evalxl.store.lock import locked
from evalxl.values.names import own_name

_OURS = ".evalxl"  # a file in what an interrupted run left, which tells it from a folder of the operator's
_ASIDE = "aside"  # in the stage: what the new files take the place of, until all are in place


LEFT = "left"  # in a stage: the folders that unfinished runs have left


@contextlib.contextmanager
def filling(outbox: Path) -> Iterator[Path]:
    """A folder to write a run's files to: they move into the outbox when the block ends well.

    What moves is what the run.json written there lists. What a run that does not end well had finished stays in the
    outbox, after Ctrl-C in 未完成, where its results can be seen; the next run finds it in its stage, below LEFT.
    OutputError when another run is at work in the outbox, or a file in it is held open by another program.
    """
    with contextlib.ExitStack() as stack:
        try:
            outbox.mkdir(parents=True, exist_ok=True)
            held = stack.enter_context(locked(outbox))
            stage = outbox / stage_name()
            before = _take_over(outbox, stage) if held else set()
        except OSError as error:
            raise unwritable(outbox, error) from None
        if not held:
            raise OutputError(f"另一次运行正在往 {outbox} 写结果，请等它结束后再运行。")
        _try_out(outbox)
        try:
            yield stage
            _exchange(stage, outbox, before)
        except KeyboardInterrupt:
            _leave(stage, outbox)
            raise
        except Exception as error:
            full = isinstance(error, OutputError) and error.disk_full  # what is left would keep it full
            if full or not any(path.is_file() for path in stage.rglob("*")):
                shutil.rmtree(stage, ignore_errors=True)
            raise
        shutil.rmtree(stage, ignore_errors=True)


def _leave(stage: Path, outbox: Path) -> None:
    """Leave what an interrupted run had finished in 未完成; in 未完成（2） where the operator has such a folder."""
    if not stage.is_dir():
        return
    with contextlib.suppress(OSError):  # a full disk: then it stays where it is
        (stage / _OURS).touch()
        stage.replace(outbox / own_name(UNFINISHED, lambda each: os.path.lexists(outbox / each)))


def _is_left(folder: Path) -> bool:
    """Whether a folder in the outbox is what a killed or an interrupted run left."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    return is_stage(folder.name) or (folder.name.startswith(UNFINISHED) and (folder / _OURS).is_file())


def _take_over(outbox: Path, stage: Path) -> set[str]:
    """Move what unfinished runs have left into a stage; gives back the files that earlier runs put in place."""
    known = files_of_last_run(outbox)
    if stage.exists():  # left by a process of the same number
        stage.replace(stage.with_name(f".evalxl-{secrets.randbelow(10**9)}.tmp"))
    for folder in [each for each in outbox.iterdir() if _is_left(each)]:
        known |= files_of_last_run(folder)
        for each in [*folder.glob(f"{LEFT}/*"), folder]:
            target = stage / LEFT / secrets.token_hex(4)
            target.parent.mkdir(parents=True, exist_ok=True)
            each.replace(target)
    return known


def _try_out(outbox: Path) -> None:
    """See before the work that what will be replaced can be: Excel on Windows holds an open file fast."""
    for name in (SUMMARY, ANALYSIS):
        path = outbox / name
        try:
            if path.is_file():
                put_in_place(path, path)
        except OSError as error:
            raise unwritable(path, error) from None


def _exchange(stage: Path, outbox: Path, before: set[str]) -> None:
    """Put the files of a stage in place, run.json last, and take away those of earlier runs that are no more."""
    names = sorted(files_of_last_run(stage) - {RUN_JSON})
    undo: list[tuple[Path, Path]] = []
    path = outbox
    try:
        if names and hasattr(os, "sync"):
            os.sync()  # all at once: one by one, storing the results takes half as long as making them
        for name in [*names, RUN_JSON] if names else ():
            path = outbox / name
            sync_file(stage / name)
        for name in names:
            path = outbox / name
            _replace(stage / name, path, stage / _ASIDE / name, undo)
        _take_away(outbox, before - _in_any_case(names, before), stage / _ASIDE, undo)
        for folder in sorted({(outbox / name).parent for name in names} | {outbox}):
            sync_folder(folder)
        if names:
            path = outbox / RUN_JSON
            _replace(stage / RUN_JSON, path, stage / _ASIDE / RUN_JSON, undo)
            sync_folder(outbox)
    except BaseException as error:
        for source, target in reversed(undo):
            with contextlib.suppress(OSError):
                source.replace(target)
        if isinstance(error, OSError):
            raise unwritable(path, error) from None
        raise
    finally:
        for each in FOLDERS:
            with contextlib.suppress(OSError):  # not empty, or not there
                (outbox / each).rmdir()


def _replace(new: Path, path: Path, aside: Path, undo: list[tuple[Path, Path]]) -> None:
    """Put a new file in the place of an old one, of which a second name is kept while things may still go wrong."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        aside.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(OSError):  # some network disks know no second names: such a file cannot be put back
            aside.hardlink_to(path)
            undo.append((aside, path))
    else:
        undo.append((path, new))
    put_in_place(new, path)


def _in_any_case(names: list[str], before: set[str]) -> set[str]:
    """Those of the earlier names that a new file has taken; Windows and macOS do not tell A from a."""
    taken = {name.casefold() for name in [*names, RUN_JSON]}
    return {name for name in before if name.casefold() in taken}


def _take_away(outbox: Path, names: set[str], aside: Path, undo: list[tuple[Path, Path]]) -> None:
    """Take away results of earlier runs; whatever else lies in the outbox is not touched."""
    for name in sorted(names):
        folder, _, file = name.partition("/")
        if name == ANALYSIS or (folder in FOLDERS and file == safe_name(file)):
            (aside / name).parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(OSError):  # open in Excel, or already gone: an old result does no harm
                undo.append((aside / name, outbox / name))
                (outbox / name).replace(aside / name)
