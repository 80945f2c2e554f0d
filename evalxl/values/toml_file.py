"""A TOML file that a bureau has written: read within limits, and what is wrong with it said in one sentence."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from evalxl.values.errors import UsageError
from evalxl.values.file_content import content_of
from evalxl.values.folding import clean

LARGEST = 1 << 20  # bytes; the shipped policy has 20 KB
_MOST_DOTS = 500  # in a line: more than any key has, and the reader would follow them for hours


def read_toml(path: Path, what: str, advice: str) -> tuple[dict[str, Any], str]:
    """The entries of a file, and its text, in which a later fault is looked up.

    UsageError for a file that is none: ``what`` it should be, and ``advice`` how it is mended.
    """
    name = f"{what} {path}".strip()
    content = content_of(path, name, LARGEST)
    try:
        text = content.decode("utf-8-sig")
        if any(line.count(".") > _MOST_DOTS for line in text.splitlines()):
            raise RecursionError
        return _cleaned(tomllib.loads(text)), text
    except UnicodeDecodeError:
        raise UsageError(f"{name} 不是 UTF-8 文本，请另存为 UTF-8 后再用。") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{name} {_place(error)}写法有误，{advice}。") from None
    except (RecursionError, ValueError):  # brackets in brackets in brackets, a number of thousands of digits
        raise UsageError(f"{name} 写法有误（层次过深，或数字过长），{advice}。") from None


def _cleaned(value: Any) -> Any:
    """What was read, without the characters in it that move a terminal or turn a line round."""
    if isinstance(value, dict):
        return {clean(key): _cleaned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    return clean(value) if isinstance(value, str) else value


def _place(error: tomllib.TOMLDecodeError) -> str:
    match = re.search(r"line (\d+), column (\d+)", str(error))
    return f"第 {match[1]} 行第 {match[2]} 列" if match else ""
