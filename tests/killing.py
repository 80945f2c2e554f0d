"""A run that is killed, and what it leaves."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import fill

from evalxl import cli
from evalxl.store.files import replacing
from evalxl.store.outbox import filling

posix = pytest.mark.skipif(os.name != "posix", reason="kills processes by signal")


Bytes = dict[str, str]


def contents(folder: Path) -> Bytes:
    """Every file below a folder, hidden ones too, with the hash of its bytes."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def evalxl(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evalxl", *map(str, arguments)], capture_output=True, encoding="utf-8", timeout=120,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """An inbox, an outbox as an earlier run with other workbooks left it, and one as a run left alone leaves it."""
    inbox = tmp_path_factory.mktemp("inbox")
    fill(inbox / "1.xlsx", {"基本信息!B5": "示范区民政局"})
    fill(inbox / "2.xlsx", {"预算!D22": 903})
    old, new = tmp_path_factory.mktemp("old"), tmp_path_factory.mktemp("new") / "out"
    assert evalxl("run", inbox, old).returncode == 1
    (inbox / "1.xlsx").unlink()
    fill(inbox / "2.xlsx", {})
    fill(inbox / "3.xlsx", {})  # the same department again: a rule of the whole district, and a numbered file name
    shutil.copytree(old, new)  # what is drawn for rechecking there stays drawn
    assert evalxl("run", inbox, new).returncode == 1
    return inbox, old, new


@pytest.fixture
def outbox(before: tuple[Path, Path, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(before[1], tmp_path / "out"))


def complain(capsys: pytest.CaptureFixture[str], inbox: Path, outbox: Path) -> tuple[int, str]:
    """The exit code of a run and the one sentence it ends with."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", str(inbox), str(outbox), "--jobs", "1", "--quiet"])
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1 if said.err else 0)
    return int(ended.value.code or 0), said.err


def pour(new: Path, outbox: Path) -> None:
    """A run that takes no time: the files it would write are copied."""
    with filling(outbox) as stage:
        for path in sorted(each for each in new.rglob("*") if each.is_file()):
            with replacing(stage / path.relative_to(new)) as temporary:
                shutil.copyfile(path, temporary)
