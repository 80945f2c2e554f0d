"""The folder for Windows tried under Wine: every command of tests/installed.py, and its files compared with Linux's.

Wine 8 lacks one function that Rust's libraries need and the complex numbers of the C library that NumPy names; two
stand-ins made with mingw serve this trial and are never part of the folder. SQLite's file is not compared, for it
names the version of SQLite that wrote it; messages are not, for they name paths as Windows writes them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path[:0] = [str(ROOT / "tests")]

import installed  # noqa: E402 - tests/ is no package

MINGW = "x86_64-w64-mingw32-gcc"
BUILTIN = Path("/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll")
_COMPLEX = ["abs", "arg", "cos", "cosh", "exp", "imag", "pow", "real", "sin", "sinh", "tan", "tanh"]
_EXPORT = re.compile(r"^\s*\[\s*\d+\](?: \+base\[\s*\d+\]\s+[0-9a-f]+)?\s+(?:[0-9a-f]+ )?([A-Za-z_]\w*)$", re.MULTILINE)
_ENTRY = "import sys; from evalxl.cli import main; sys.argv[0] = 'evalxl'; main()"


def lacking() -> str:
    """What this machine lacks for the trial, '' when it has all."""
    programs = [each for each in ("wine", MINGW, "x86_64-w64-mingw32-objdump") if shutil.which(each) is None]
    return "、".join(programs + [str(BUILTIN)] * (not BUILTIN.exists()))


def stand_ins(python: Path) -> None:
    """Put what Wine 8 lacks beside the folder's Python: ProcessPrng, and a C library that knows complex numbers."""
    source = HERE / "wine" / "bcryptprimitives.c"
    _compile("-O", "-o", python / "bcryptprimitives.dll", source, "-ladvapi32")
    said = subprocess.run(["x86_64-w64-mingw32-objdump", "-p", BUILTIN], capture_output=True, text=True, check=True)
    names = _EXPORT.findall(said.stdout.partition("[Ordinal/Name Pointer] Table")[2])
    own = {f"c{each}{kind}" for each in _COMPLEX for kind in ("", "f", "l")} & set(names) - {"cabs"}
    lines = [f"{name}={_double(name)}" if name in own else f"{name}=ucrtreal.{name}" for name in names]
    definition = python / "ucrtbase.def"
    definition.write_text("\n".join(["LIBRARY ucrtbase", "EXPORTS", *lines, ""]), encoding="ascii")
    (python / "empty.c").write_text("", encoding="ascii")
    _compile("-o", python / "ucrtbase.dll", python / "empty.c", definition, "-static-libgcc")
    shutil.copy(BUILTIN, python / "ucrtreal.dll")


def _compile(*words: str | Path) -> None:
    subprocess.run([MINGW, "-shared", *words], check=True)


def _double(name: str) -> str:
    """On Windows a long double is a double."""
    return name[:-1] if name.endswith("l") and name != "creal" else name


def trial(archive: Path, scratch: Path) -> list[str]:
    """Every command in the unpacked folder and in the tree; gives what differs."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(scratch)
    (folder,) = scratch.glob("evalxl-*")
    python = folder / "python"
    stand_ins(python)
    environment = {
        "WINEPREFIX": str(scratch / "prefix"), "WINEDEBUG": "-all",
        "WINEDLLOVERRIDES": "ucrtbase=n,b;bcryptprimitives=n",
    }  # fmt: skip
    places = (scratch / "by tree", scratch / "by folder")
    program = ["wine", str(python / "python.exe"), "-X", "utf8", "-c", _ENTRY]
    try:
        there = list(installed.live(places[1], program, environment))
    finally:
        subprocess.run(["wineserver", "-k"], env=os.environ | environment, check=False)
    here = list(installed.live(places[0], [sys.executable, "-c", _ENTRY], {"PYTHONPATH": str(ROOT)}))
    for place in places:
        for database in place.rglob("evalxl.sqlite"):
            database.unlink()
    found = installed.faults(here, there, places, exactly=False)
    files = [installed.hashes(place, exactly=False) for place in places]  # the databases, and their hashes, differ
    same = sum(files[0].get(name) == digest for name, digest in files[1].items())
    other = [f"{name}: other bytes" for name, digest in files[1].items() if files[0].get(name, digest) != digest]
    return [
        *found,
        *other,
        f"{len(installed.COMMANDS)} commands, {same} of {len(files[1])} files byte for byte as on Linux",
    ]


def main() -> int:
    """The command line."""
    (archive,) = (ROOT / "dist").glob("evalxl-*-win64.zip")
    missing = lacking()
    if missing:
        sys.stdout.write(f"not tried: this machine lacks {missing}\n")
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        lines = trial(archive, Path(scratch))
    sys.stdout.write("\n".join(lines) + "\n")
    return int(len(lines) > 1)


if __name__ == "__main__":
    sys.exit(main())
