"""The policies that ship with the program: each by its name, by what else it is called, a file beside this one."""

from __future__ import annotations

import difflib
from pathlib import Path

from evalxl.values.errors import UsageError
from evalxl.values.folding import fold

SHIPPED: dict[str, tuple[str, ...]] = {  # the first of the other names is the one shown
    "default": ("默认", "evalxl", "程序默认"),
    "mof2020": ("财政部", "部颁", "mof", "中央"),
    "hebei": ("河北", "河北省", "冀"),
    "hubei": ("湖北", "湖北省", "鄂"),
    "hunan": ("湖南", "湖南省", "湘"),
    "guangdong": ("广东", "广东省", "粤"),
    "sichuan": ("四川", "四川省", "川"),
}
_BY_NAME = {fold(each): name for name, others in SHIPPED.items() for each in (name, *others)}


def shipped(name: str) -> Path | None:
    """The file of the shipped policy that goes by a name, however it is typed; None where none does."""
    known = _BY_NAME.get(fold(name))
    return Path(__file__).with_name(f"{'policy' if known == 'default' else known}.toml") if known else None


def shipped_in_words() -> str:
    """All shipped policies by both their names: guangdong（广东）."""
    return "、".join(f"{name}（{others[0]}）" for name, others in SHIPPED.items())


def chosen(text: str) -> Path:
    """The file that somebody means who chooses a policy by name or by file; UsageError says what a name may have meant.

    A name is what has neither folder nor ending; where no policy ships by it, it may still be a file's.
    """
    path, found = Path(text), shipped(text)
    if path.name != text or path.suffix:
        return path
    if found is not None:
        return found
    if path.exists():
        return path
    guesses = [f"{name}（{SHIPPED[name][0]}）" for name in _meant(text)]
    asked = f"，是否指 {'或 '.join(guesses)}？" if guesses else "。"
    others = f"自带的有 {shipped_in_words()}；自己的规则文件请写文件名，如 本区规则.toml。"
    raise UsageError(f"没有名为“{text[:_LONGEST]}”的规则{asked}{others}")


def _meant(text: str) -> list[str]:
    """The policies whose names are like a wrong one: 湖男, or begin it: 河北石家庄."""
    written = fold(text)[:_LONGEST]
    begun = [name for each, name in _BY_NAME.items() if len(each) > 1 and written.startswith(each)]
    alike = difflib.get_close_matches(written, _BY_NAME, 2, _ALIKE if len(written) > _SHORT else _ALIKE_SHORT)
    return list(dict.fromkeys(begun or [_BY_NAME[each] for each in alike]))


_ALIKE, _ALIKE_SHORT, _SHORT = 0.7, 0.5, 3  # one character of two, where a name has no more
_LONGEST = 40  # characters of a wrong name that are repeated
