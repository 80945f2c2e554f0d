"""evalxl as its users have it: the wheel alone, in an environment outside the tree, with every command run there.

``python tests/installed.py`` builds source archive and wheel, installs the wheel at the versions of constraints.txt and
compares exit codes and outputs with those of the tree, byte for byte. With ``--lowest`` it installs the lowest versions
that pyproject.toml allows; then the data must be the same, workbooks and words need not. With ``--python`` another
Python makes the environment. Needs the package index; test_packaging.py builds and compares without it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import urllib.request
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from self_evaluation_forms import MINISTRY, workbook

TREE = Path(__file__).parent.parent
INBOX = TREE / "samples" / "luquan-2023"
DATA = (".json", ".csv")  # the same whatever versions of the libraries write them
ROSTER = ("--roster", "roster.csv")
BOOK = "inbox/鹿泉区审计局.xlsx"
SERVE = ("serve", "--port", "0")  # ended once it has answered; what it answers stands for its output
COMMANDS: tuple[tuple[int, tuple[str, ...]], ...] = (  # the exit code, and the command that is to give it
    (0, ("--version",)),
    (0, ("--help",)),
    (0, ("rules",)),
    (0, ("rules", "b01")),
    (0, ("rules", "--format", "json")),
    (0, ("policy", "--policy", "广东")),
    (0, ("policy", "--format", "json")),
    (0, ("policy", "--policy", "hunan", "--new", "policy.toml")),
    (0, ("policy", "--policy", "hunan", "--new", "policy.xlsx")),
    (0, ("check", BOOK, "--policy", "policy.toml", "--format", "json")),
    (0, ("check", BOOK, "--policy", "policy.xlsx", "--format", "json")),
    (2, ("policy", "--policy", "guandong")),
    (0, ("template", "blank.xlsx", "--year", "2024")),
    (0, ("template", "roster.xlsx", "--roster-blank")),
    (0, ("template", "forms", "--year", "2024", *ROSTER)),
    (3, ("check", "inbox")),
    (0, ("check", BOOK)),
    (3, ("check", "inbox", "--format", "json")),
    (3, ("check", "inbox", "--format", "csv")),
    (3, ("check", "inbox", "--format", "json", "--output", "found.json")),
    (3, ("check", "inbox", "--format", "csv", "--output", "found.csv", "--quiet")),
    (5, ("check", BOOK, "--output", "inbox/../found.csv/x")),
    (3, ("run", "inbox", "out", "--jobs", "2", "--report", *ROSTER)),
    (3, ("run", "inbox", "out", "--report", "--previous", "out", *ROSTER)),
    (3, ("run", "inbox", "out", "--report", "--previous", "out", *ROSTER)),
    (3, ("merge", "out", "--out", "city", "--report")),
    (0, ("audit", "city", "out")),
    (0, ("report", "out", "--out", "words")),
    (0, ("report", BOOK, "--out", "word")),
    (2, ("report", BOOK, "--out", "word")),
    (0, ("report", "out", "--public", "--out", "public")),
    (0, ("template", "next", "--previous", "out", *ROSTER)),
    (0, ("template", "moved.xlsx", "--migrate", "inbox/鹿泉区政协.xlsx")),
    (0, ("import", "words/鹿泉区教育局.docx", "--out", "imported.xlsx")),
    (0, ("import", "form.xlsx", "--out", "gathered.xlsx")),
    (0, ("guide",)),
    (0, ("guide", "operator")),
    (0, ("guide", "--out", "guides")),
    (0, ("demo", "demo")),
    (2, ("serve", "nowhere")),
    (0, SERVE),
    (2, ("run", "nowhere", "out")),
    (2, ("nothing",)),
)


class Done(NamedTuple):
    """What a command gave: its exit code and the bytes of its two outputs."""

    code: int
    stdout: bytes
    stderr: bytes


# ---------------------------------------------------------------- archives


def build(folder: Path, tree: Path = TREE) -> tuple[Path, Path]:
    """The source archive of a tree, unpacked, and the wheel that is built from it; needs no network."""
    copy = folder / "tree"  # setuptools takes up what an earlier build left in the tree
    left = ("*.egg-info", "build", "dist", "demo-output", "__pycache__", ".*_cache", ".venv", ".git", ".hypothesis")
    shutil.copytree(tree, copy, ignore=shutil.ignore_patterns(*left))
    _setuptools("build_sdist", copy, folder)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    source = folder / archive.name.removesuffix(".tar.gz")
    _setuptools("build_wheel", source, folder)
    (wheel,) = folder.glob("*.whl")
    return source, wheel


def _setuptools(make: str, tree: Path, folder: Path) -> None:
    command = [sys.executable, "-c", f"import setuptools.build_meta as b; b.{make}({str(folder)!r})"]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{make} failed:\n{done.stderr}")


# ---------------------------------------------------------------- versions


def lowest() -> list[str]:
    """Every dependency at the lowest version that pyproject.toml allows; ValueError for one that names none."""
    project = tomllib.loads((TREE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *project["optional-dependencies"]["word"],
        *project["optional-dependencies"]["serve"],
    ]
    return [_at_lowest(requirement) for requirement in wanted]


def _at_lowest(requirement: str) -> str:
    match = re.fullmatch(r"([\w.-]+)>=([\d.]+)(?:,<[\d.]+)?", requirement)
    if match is None:
        raise ValueError(f"{requirement} has no lowest version")
    return f"{match[1]}=={match[2]}"


def install(wheel: Path, folder: Path, python: str, constraints: Path) -> Path:
    """A new environment that holds the wheel with its extras for Word and for the page; gives back its Python."""
    subprocess.run([python, "-m", "venv", folder], check=True)
    own = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    command = [str(own), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--constraint", str(constraints)]
    subprocess.run([*command, f"{wheel}[word,serve]"], check=True)
    return own


# ---------------------------------------------------------------- commands


@cache
def form() -> bytes:
    """A form that a department has, the same in both places: who saves one writes the time into it."""
    with tempfile.TemporaryDirectory() as folder:
        return workbook(Path(folder) / "form.xlsx", 自评表=MINISTRY).read_bytes()


def live(place: Path, program: list[str], environment: dict[str, str]) -> Iterator[Done]:
    """Every command, in a folder with a copy of the samples and nothing else."""
    shutil.copytree(INBOX, place / "inbox")
    shutil.copyfile(TREE / "samples" / "名册.csv", place / "roster.csv")
    (place / "form.xlsx").write_bytes(form())
    names = ("PYTHONPATH", "PYTHONHOME", "PYTHONIOENCODING")
    clean = {name: value for name, value in os.environ.items() if name not in names} | environment
    for _, arguments in COMMANDS:
        if arguments == SERVE:
            yield served([*program, *arguments], place, clean)
            continue
        done = subprocess.run(
            [*program, *arguments], cwd=place, env=clean, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        yield Done(done.returncode, done.stdout, done.stderr)


def served(command: list[str], place: Path, environment: dict[str, str]) -> Done:
    """The page, asked for the findings of one workbook; its output is what it answers."""
    with subprocess.Popen(
        command, cwd=place, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as running:
        if running.stdout is None or running.stderr is None:
            raise SystemExit("a process without outputs")
        address = re.search(rb"http://\S+", running.stdout.readline())
        if address is None:
            return Done(running.wait(), b"", running.stderr.read())
        head = b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.xlsx"\r\n\r\n'
        body = head + (place / BOOK).read_bytes() + b"\r\n--b--\r\n"
        headers = {"Content-Type": "multipart/form-data; boundary=b", "Accept": "application/json"}
        try:
            request = urllib.request.Request(f"{address[0].decode()}check", body, headers)
            with urllib.request.urlopen(request, timeout=120) as answer:
                return Done(0, answer.read(), b"")
        finally:
            running.terminate()


_OF_TREE = "import sys; from evalxl.cli import main; sys.argv[0] = 'evalxl'; main()"  # help says how it was called


def hashes(place: Path, *, exactly: bool = True) -> dict[str, str]:
    """Every file below a folder by its content."""
    files = sorted(path for path in place.rglob("*") if path.is_file())
    return {
        path.relative_to(place).as_posix(): hashlib.sha256(content(path, exactly=exactly)).hexdigest() for path in files
    }


def content(path: Path, *, exactly: bool) -> bytes:
    """What a file holds; other versions write other workbooks, whose hashes stand in run.json."""
    if exactly or path.name != "run.json":
        return path.read_bytes()
    record = json.loads(path.read_text(encoding="utf-8"))
    for hashes_of in ("written", "made_from"):
        record[hashes_of] = sorted(record.get(hashes_of, ()))
    return json.dumps(record).encode()


def faults(tree: list[Done], installed: list[Done], places: tuple[Path, Path], *, exactly: bool) -> Iterator[str]:
    """Where the installed program does otherwise than is expected, or than the tree does."""
    for (code, arguments), here, there in zip(COMMANDS, tree, installed, strict=True):
        words = " ".join(arguments)
        if (here.code, there.code) != (code, code):
            said = there.stderr.decode(errors="replace")[-500:]
            yield f"{words}: exit {here.code} in the tree, {there.code} installed, expected {code}\n{said}"
        elif (
            here.stdout != there.stdout
            and arguments != ("guide",)
            and (exactly or arguments == SERVE or "--format" in arguments)
        ):
            yield f"{words}: prints something else"
        elif here.stderr != there.stderr and exactly:
            yield f"{words}: says something else: {there.stderr.decode(errors='replace')}"
    files = [hashes(place, exactly=exactly) for place in places]
    for name in sorted(set(files[0]) ^ set(files[1])):
        yield f"{name}: only {'in the tree' if name in files[0] else 'installed'}"
    for name in sorted(set(files[0]) & set(files[1])):
        if files[0][name] != files[1][name] and (exactly or name.endswith(DATA)):
            yield f"{name}: another content"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lowest", action="store_true", help="at the lowest versions that pyproject.toml allows")
    parser.add_argument("--python", default=sys.executable, help="the Python that makes the environment")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, wheel = build(folder)
        constraints = source / "constraints.txt"
        if given.lowest:
            constraints = folder / "lowest.txt"
            constraints.write_text("\n".join(lowest()) + "\n", encoding="utf-8")
        python = install(wheel, folder / "environment", given.python, constraints)
        places = (folder / "by tree", folder / "by wheel")
        tree = list(live(places[0], [sys.executable, "-c", _OF_TREE], {"PYTHONPATH": str(TREE)}))
        installed = list(live(places[1], [str(python.with_name("evalxl"))], {}))
        found = list(faults(tree, installed, places, exactly=not given.lowest))
        files = len(hashes(places[1]))
    print("\n".join([*found, f"{len(COMMANDS)} commands, {files} files, {len(found)} faults"]))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
