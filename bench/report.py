"""The benchmark's figures as a table and a plot, on the terminal and in docs/performance.md."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

DOCS = Path(__file__).parent.parent / "docs"
BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"


class Figure(NamedTuple):
    """A target and what was measured; the measured figure is to be at most the target, or at least."""

    words: str
    target: float
    measured: float
    least: bool = False

    @property
    def met(self) -> bool:
        """Whether the target is met; a figure that could not be taken meets nothing."""
        return self.measured >= self.target if self.least else self.measured <= self.target


def table(found: dict[str, Any], figures: list[Figure]) -> str:
    """The figures beside their targets, the times behind them, and what they were measured with."""
    lines = ["| ratio | target | measured | |", "| --- | --- | --- | --- |"]
    for each in figures:
        sign = "≥" if each.least else "≤"
        verdict = "met" if each.met else f"missed by {_missed(each)}"
        lines.append(f"| {each.words} | {sign} {each.target:g} | {_number(each.measured)} | {verdict} |")
    lines += ["", "| ms a workbook, medians | |", "| --- | --- |"]
    names = {
        "raw": "raw read of the same sheets", "write": "XlsxWriter, the results' cells", "check": "evalxl check",
        "run1": "evalxl run, 1 process", "run2": "evalxl run, 2 processes", "naive": "naive script",
    }  # fmt: skip
    for key, words in names.items():
        ms = median(each[key] for each in found["pipeline"]) / found["sample"] * 1000
        lines.append(f"| {words} | {_number(ms)} |")
    lines += ["", "| workbooks, 2 processes | ms each | parent MB | worker MB |", "| --- | --- | --- | --- |"]
    for each in found["scale"]:
        ms = each["seconds"] / each["workbooks"] * 1000
        lines.append(f"| {each['workbooks']:,} | {_number(ms)} | {each['parent']:.0f} | {each['worker']:.0f} |")
    versions = ", ".join(f"{name} {number}" for name, number in sorted(found["versions"].items()))
    lines += ["", f"{found['date']}, {found['machine']}; {found['rounds']} rounds of {found['sample']} workbooks, "
              f"seed {found['seed']}. {versions}."]  # fmt: skip
    return "\n".join(lines) + "\n"


def _missed(figure: Figure) -> str:
    factor = figure.target / figure.measured if figure.least else figure.measured / figure.target
    return f"a factor of {_number(factor)}"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def into_docs(found: dict[str, Any], words: str) -> None:
    """Put the table between the marks in docs/performance.md, and the plot beside it."""
    page = DOCS / "performance.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{words}\n{END}{after}", encoding="utf-8")
    points = [(each["workbooks"], each["seconds"] / each["workbooks"] * 1000) for each in found["scale"]]
    (DOCS / "scale.svg").write_text(plot(points), encoding="utf-8")


def plot(points: list[tuple[int, float]]) -> str:
    """Time a workbook against the number of workbooks, as SVG: the number on a logarithmic scale, time from nought."""
    most = max(ms for _, ms in points) * 1.25
    low, high = math.log10(points[0][0]) - 0.2, math.log10(points[-1][0]) + 0.2
    at = [(60 + 500 * (math.log10(count) - low) / (high - low), 240 - 200 * ms / most) for count, ms in points]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1f4e79"/>'
        f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="middle">{ms:.1f} ms</text>'
        f'<text x="{x:.1f}" y="262" text-anchor="middle">{count:,}</text>'
        for (x, y), (count, ms) in zip(at, points, strict=True)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 300" font-family="sans-serif" font-size="13">'
        '<rect width="600" height="300" fill="white"/><path d="M60 30V240H570" fill="none" stroke="#888"/>'
        f'<polyline points="{line}" fill="none" stroke="#1f4e79" stroke-width="2"/>{marks}'
        '<text x="315" y="288" text-anchor="middle">workbooks in one run, 2 processes</text>'
        '<text x="60" y="20" text-anchor="middle">ms a workbook</text></svg>\n'
    )
