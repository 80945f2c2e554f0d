"""What the findings of each case say, kept in tests/words/, one file a letter, as they are told to a department.

The cases themselves state which findings there are; here stands every word and figure of them, so that a wrong sum,
unit or list of cells is noticed too. Written anew with --accept (in one process), and to be read like code.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from evalxl.district.findings import Finding

FOLDER = Path(__file__).parent / "words"
_HEAD = "## "


def told(finding: Finding) -> str:
    """A finding in its own words: what is said, what is to be done, the figures and the cells it rests on."""
    figures = (finding.actual, finding.expected, finding.difference, finding.tolerance)
    cells = [f"    {each.sheet}!{each.cell} {each.label} {each.value}".rstrip() for each in finding.operands]
    lines = (finding.message, f"    {finding.fix}", f"    {' | '.join(figures)}" if any(figures) else "", *cells)
    return "\n".join(f"{finding.rule} {line}" if line is lines[0] else line for line in lines if line)


def kept(letter: str) -> dict[str, str]:
    """The words of the cases of a letter, by case."""
    path = FOLDER / f"{letter}.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return {head: words.strip("\n") for head, _, words in (each.partition("\n") for each in text.split(_HEAD)[1:])}


def hold(case: str, findings: Iterable[Finding], *, accept: bool) -> None:
    """Hold the words of a case (its rule and what it is called) against those kept, or keep them."""
    words = "\n".join(told(each) for each in findings)
    known = kept(case[0])
    if accept and known.get(case, "") != words:
        known[case] = words
        FOLDER.mkdir(exist_ok=True)
        write(case[0], known)
    assert known.get(case, "") == words, case


def write(letter: str, words: dict[str, str]) -> None:
    """Keep the words of the cases of a letter; a case without findings has none."""
    texts = [f"{_HEAD}{case}\n{told}\n" for case, told in sorted(words.items()) if told]
    (FOLDER / f"{letter}.txt").write_text("\n".join(texts), encoding="utf-8")
