"""The guides, the handbooks and the sample district, wherever evalxl is installed."""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from evalxl.values.errors import UsageError
from evalxl.values.layout_file import named

PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<link rel="stylesheet" href="guide.css"></head>
<body><main>
{body}
</main></body></html>
"""
STYLE = """body { font: 16px/1.7 "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; margin: 2em auto; color: #222 }
main { max-width: 46em; margin: auto; padding: 0 1em }
h1, h2 { color: #1f3864 }
code, pre { font: 14px/1.5 Consolas, monospace; background: #f3f3f3 }
pre { padding: .6em; white-space: pre-wrap; overflow-wrap: anywhere }
table { border-collapse: collapse; display: block; overflow-x: auto }
td, th { border: 1px solid #bbb; padding: .3em .6em; text-align: left }
img { max-width: 100% }
@media print {
  body { font-size: 11pt; margin: 0 }
  main { max-width: none; padding: 0 }
  code, pre { font-size: 9.5pt; background: none }
  pre { border: 1px solid #bbb }
  table { display: table }
  h1, h2, h3 { break-after: avoid }
  pre, tr, img { break-inside: avoid }
}
"""


@dataclass(frozen=True)
class Guide:
    """One guide or handbook."""

    name: str  # what the command calls it, and its page
    title: str
    path: Path

    @property
    def text(self) -> str:
        """The whole text, as Markdown; that of the fields follows the layout in force."""
        if self.name == "fields" and named() is not None:
            from evalxl.policy.policy import load
            from evalxl.template.handbook import handbook

            return handbook(load())
        return self.path.read_text(encoding="utf-8")


_FILES = {
    "accountant": "guide-accountant.zh-CN.md", "operator": "guide-operator.zh-CN.md", "commands": "cli.md",
    "fields": "fields.md", "rules": "rules.md", "policy": "policy.md",
}  # fmt: skip


_PACKAGE = Path(__file__).parent.parent  # the wheel carries inside it what stands beside it in the tree


def guides() -> list[Guide]:
    """Every guide and handbook, those for people first."""
    found = []
    docs = next(each for each in (_PACKAGE / "docs", _PACKAGE.parent / "docs") if each.is_dir())
    for name, file in _FILES.items():
        path = docs / file
        heading = re.search(r"^# (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        found.append(Guide(name, heading[1] if heading else name, path))
    return found


def guide(name: str) -> Guide:
    """A guide by its name or its Chinese title; UsageError for one that is not there."""
    known = guides()
    for each in known:
        if name in (each.name, each.title):
            return each
    raise UsageError(f"没有指南 {name}，可用的有 {'、'.join(f'{each.name}（{each.title}）' for each in known)}。")


def guide_pages(target: Path) -> list[Path]:
    """The guides as pages that a browser opens by double click, with their pictures; what else lies there stays."""
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    known = guides()
    target.mkdir(parents=True, exist_ok=True)
    (target / "guide.css").write_text(STYLE, encoding="utf-8", newline="\n")
    pages = []
    for each in known:
        text = re.sub(r"^<!--.*?-->\n", "", each.text)
        for picture in re.findall(r"!\[[^\]]*\]\(([^):]+)\)", text):
            if (each.path.parent / picture).is_file():  # one that is named and not yet drawn is no reason to fail
                shutil.copyfile(each.path.parent / picture, target / Path(picture).name)
            text = text.replace(f"]({picture})", f"]({Path(picture).name})")
        for other in known:
            text = text.replace(f"({other.path.name}", f"({other.name}.html")
        page = PAGE.format(title=each.title, body=reader.render(text))
        (target / f"{each.name}.html").write_text(page, encoding="utf-8", newline="\n")
        pages.append(target / f"{each.name}.html")
    return pages


def demo(target: Path) -> Path:
    """The sample district as an office has it: an inbox, the roster and evalxl.toml beside it; gives the inbox."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} 已经有内容，为免混在一起，请换一个文件夹。")
    target.mkdir(parents=True, exist_ok=True)
    carried, samples, inbox = _PACKAGE / "samples.zip", _PACKAGE.parent / "samples", target / "收件夹"
    if carried.is_file():
        with zipfile.ZipFile(carried) as archive:
            archive.extractall(target)
        (target / "luquan-2023").rename(inbox)
    else:
        shutil.copytree(samples / "luquan-2023", inbox, copy_function=shutil.copyfile)
        shutil.copyfile(samples / "名册.csv", target / "名册.csv")
    (target / "evalxl.toml").write_text('roster = "名册.csv"\n', encoding="utf-8", newline="\n")
    return inbox
