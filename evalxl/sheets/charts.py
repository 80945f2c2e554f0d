"""The charts of the overview, each drawn beside the numbers it shows."""

from __future__ import annotations

from typing import Any, NamedTuple

from evalxl.sheets.book import Page
from evalxl.sheets.looks import BLUE, GREY, HEI, LINE, SONG

_LABELS = {"name": SONG, "size": 9, "color": GREY}
_EDGE = "#D9D9D9"
_ROOM = 1.15  # of the longest bar, so that the number at its end is not cut off


class Series(NamedTuple):
    """One row of numbers: its name, the column it stands in, its number format and its colour."""

    name: str
    column: int
    number_format: str
    colour: str = BLUE


class Place(NamedTuple):
    """Where a chart lies: its upper left cell, counted from 1, and its size in pixels."""

    row: int
    column: int
    width: int
    height: int


class Range(NamedTuple):
    """The rows a chart shows, the column its categories stand in, and the largest number among those shown."""

    first: int
    last: int
    column: int
    most: float  # the largest number shown


def draw_chart(page: Page, kind: str, title: str, of: Range, series: tuple[Series, ...], place: Place) -> None:
    """Draw a column chart (``column``) or one with its bars lying (``bar``) of numbers that stand on the page."""
    chart: Any = page.book.workbook.add_chart({"type": kind})
    for each in series:
        chart.add_series(
            {
                "name": each.name,
                "categories": [page.title, of.first - 1, of.column - 1, of.last - 1, of.column - 1],
                "values": [page.title, of.first - 1, each.column - 1, of.last - 1, each.column - 1],
                "fill": {"color": each.colour}, "border": {"none": True}, "gap": 60, "overlap": -5,
                "data_labels": {"value": True, "num_format": each.number_format, "font": _LABELS | {"size": 8}},
            }
        )  # fmt: skip
    chart.set_title({"name": title, "name_font": {"name": HEI, "size": 10, "bold": False, "color": GREY}})
    chart.set_legend({"position": "bottom", "font": _LABELS} if len(series) > 1 else {"none": True})
    categories = {"num_font": _LABELS, "line": {"color": LINE}, "major_tick_mark": "none"}
    values = {"visible": False, "major_gridlines": {"visible": False}, "min": 0, "max": of.most * _ROOM or 1}
    if kind == "bar":  # XlsxWriter's x axis is the horizontal one; the first category is to stand on top
        chart.set_x_axis(values)
        chart.set_y_axis(categories | {"reverse": True})
    else:
        chart.set_x_axis(categories)
        chart.set_y_axis(values)
    chart.set_chartarea({"border": {"color": _EDGE}})
    chart.set_size({"width": place.width, "height": place.height})
    words = f"{title}，各数见所依据的表格（{'、'.join(each.name for each in series)}）"  # for whoever cannot see it
    options = {"x_offset": 8, "y_offset": 2, "object_position": 1, "description": words}
    page.sheet.insert_chart(place.row - 1, place.column - 1, chart, options)
