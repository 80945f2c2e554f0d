"""The folder for Windows, as far as it can be told without building it; `make bundle-test` builds and tries it."""

from __future__ import annotations

import re
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "bundle"))

import start  # noqa: E402
import windows  # noqa: E402

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.MULTILINE)


def _versions(file: Path) -> dict[str, str]:
    return {
        name.lower().replace("_", "-"): version for name, version in _PINNED.findall(file.read_text(encoding="utf-8"))
    }


def test_the_folder_has_the_versions_that_the_tests_ran_with() -> None:
    locked, pinned = _versions(windows.LOCK), _versions(ROOT / "constraints.txt")
    assert len(locked) > 15
    assert {name: version for name, version in locked.items() if pinned.get(name, version) != version} == {}


def test_the_folder_has_every_dependency_and_what_only_windows_needs() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.findall(
        r'^    "([A-Za-z0-9-]+)[><=]', project.partition("dependencies = [")[2].partition("]")[0], re.MULTILINE
    )
    assert needed
    assert {each.lower() for each in [*needed, "python-docx", "colorama", "tzdata"]} <= set(_versions(windows.LOCK))


def test_the_lock_names_a_sum_for_every_file_and_no_place() -> None:
    text = windows.LOCK.read_text(encoding="utf-8")
    assert "://" not in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[a-z])", text) if _PINNED.match(entry))


@pytest.mark.parametrize(
    ("command", "dropped", "words"),
    [
        ("check", ["甲.xlsx", "乙.xlsx"], ["check", "甲.xlsx", "乙.xlsx"]),
        ("run", ["in", "out", "--report"], ["run", "in", "out", "--report"]),
        ("check", [], ["check"]),
        ("desk", ["自评"], ["serve", "自评", "--open"]),
        ("desk", [], ["serve", str(ROOT), "--open"]),
    ],
)
def test_what_is_dropped_on_a_start_file_becomes_a_command(command: str, dropped: list[str], words: list[str]) -> None:
    assert start.arguments(command, dropped) == words


def test_the_results_of_a_dropped_folder_go_beside_it(tmp_path: Path) -> None:
    inbox = tmp_path / "收件"
    assert start.arguments("run", [str(inbox)]) == ["run", str(inbox), str(tmp_path / "收件-核对结果")]


def test_the_start_files_are_what_cmd_reads(tmp_path: Path) -> None:
    windows.start_files(tmp_path)
    for command in ("check", "run", "desk"):
        content = (tmp_path / f"{command}.bat").read_bytes()
        assert content.isascii()
        assert content.count(b"\n") == content.count(b"\r\n") == 3
        assert f'start.py" {command} %*'.encode() in content


def test_the_same_folder_gives_the_same_zip_and_a_foreign_name_none(tmp_path: Path) -> None:
    folder = tmp_path / "evalxl-0"
    folder.mkdir()
    (folder / "a.txt").write_text("a", encoding="utf-8")
    windows.sums(folder)
    for target in ("one.zip", "two.zip"):
        windows.pack(folder, tmp_path / target)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        assert packed.namelist() == ["evalxl-0/SHA256SUMS", "evalxl-0/a.txt"]
    (folder / "指南.txt").write_text("", encoding="utf-8")
    with pytest.raises(windows.Unbuildable):
        windows.pack(folder, tmp_path / "three.zip")
