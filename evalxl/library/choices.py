"""evalxl.toml, the bureau's choices that lie beside its inbox, so that they need not be typed at every run."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from evalxl.library.policy import policy_file
from evalxl.library.work import Options
from evalxl.store.files import DATABASE
from evalxl.values.errors import UsageError
from evalxl.values.toml_file import read_toml

NAME = "evalxl.toml"
_FILES = ("policy", "roster", "waivers", "recheck", "layout")
KEYS = (*_FILES, "previous", "report", "jobs")
_ADDED = ("previous",)  # what is typed is added to what is written


@dataclass(frozen=True)
class Beside:
    """What the file says; without a file, nothing."""

    path: Path = Path(NAME)
    written: Mapping[str, object] = field(default_factory=dict)

    def under(self, typed: Options) -> Options:
        """The options of a command: what is typed goes before what is written; earlier runs are added to those."""
        # the layout has been chosen before anything was imported
        own = {key: _option(self.path, key, value) for key, value in self.written.items() if key != "layout"}
        options = own | {name: value for name, value in typed.items() if value}
        earlier = [*map(Path, typed.get("previous", ())), *cast("list[Path]", own.get("previous", []))]
        if earlier:
            options["previous"] = list({path.resolve(): path for path in earlier}.values())
        return cast("Options", options)

    @property
    def files(self) -> list[Path]:
        """The files that it names, policy and lists."""
        named = (self.written[key] for key in _FILES if key in self.written)
        return [self.path.parent / each for each in named if isinstance(each, str)]

    @property
    def layout(self) -> Path | None:
        """The file that declares the bureau's own template, where it names one."""
        value = self.written.get("layout")
        return self.path.parent / value if isinstance(value, str) else None

    def only(self, *keys: str) -> Beside:
        """What of it a command goes by."""
        return Beside(self.path, {key: value for key, value in self.written.items() if key in keys})

    def words(self, typed: Options) -> str:
        """What is taken from the file, as the operator reads it; '' when nothing is."""
        taken = {key: self.written[key] for key in self.written if key in _ADDED or not typed.get(key)}
        told = "，".join(f"{key} = {_shown(value)}" for key, value in taken.items())
        return f"已采用 {self.path}：{told}。" if told else ""


def beside(source: Path, outbox: Path | None = None) -> Beside:
    """The file beside the inbox, or beside the one that a workbook lies in; UsageError for what it may not say.

    An outbox that is to be compared with itself, and into which nothing has been run yet, is left out.
    """
    inbox = source if source.is_dir() else source.parent
    return choices_in((inbox.resolve() if inbox.name in ("", "..") else inbox).parent, outbox)


def choices_in(folder: Path, outbox: Path | None = None) -> Beside:
    """The file in a folder that inboxes lie in."""
    path = folder / NAME
    if not path.is_file():
        return Beside()
    written, _ = read_toml(path, "", '每行写成 roster = "名册.xlsx" 的样子')
    for key, value in written.items():
        _option(path, key, value)
    if isinstance(written.get("previous"), str):
        written["previous"] = [written["previous"]]
    if outbox is not None and not (outbox / DATABASE).exists():
        written = {
            key: _without(value, folder, outbox) if key == "previous" else value for key, value in written.items()
        }
    return Beside(path, {key: value for key, value in written.items() if value != []})


def _without(listed: list[str], folder: Path, outbox: Path) -> list[str]:
    return [each for each in listed if (folder / each).resolve() != outbox.resolve()]


def _option(path: Path, key: str, value: object) -> object:
    if key == "policy" and isinstance(value, str) and value:
        chosen = policy_file(value)  # a name of one that ships, or a file from there on
        return chosen if chosen.is_absolute() else path.parent / chosen
    if key in _FILES and isinstance(value, str) and value:
        return path.parent / value
    if key == "previous" and isinstance(value, str | list) and value:
        listed = [value] if isinstance(value, str) else value
        if all(isinstance(each, str) and each for each in listed):
            return [path.parent / str(each) for each in listed]
    if key == "report" and isinstance(value, bool):
        return value
    if key == "jobs" and type(value) is int and value >= 1:
        return value
    if key not in KEYS:
        like = difflib.get_close_matches(key, KEYS, 1)
        guess = f"，是否指 {like[0]}？" if like else f"，可以写 {'、'.join(KEYS)}。"
        raise UsageError(f"{path} 中没有 {key} 这一项{guess}")
    wanted = {"report": "写 true 或 false", "jobs": "写 1 以上的整数"}.get(key, "写引号里的路径")
    raise UsageError(f"{path} 中 {key} 的值不对，{wanted}。")


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
