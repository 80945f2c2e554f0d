"""LibreOffice as tests use it: files converted, or saved anew with their formulas computed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

needs_libreoffice = pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")


def converted(paths: Sequence[Path], folder: Path, kind: str = "xlsx") -> list[Path]:
    """The same files as LibreOffice writes them, in a folder, with a profile of their own."""
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder / "out")]
    subprocess.run([*command, *map(str, paths)], check=True, capture_output=True, timeout=600)
    return [folder / "out" / f"{path.stem}.{kind.partition(':')[0]}" for path in paths]
