"""Numbers of forms: as the house reads them, in the unit that the form states, and none that is a guess."""

from __future__ import annotations

from evalxl.intake.read.cells import Odd
from evalxl.transfer.forms.pages import Spot
from evalxl.values.kinds import Kind
from evalxl.values.money_units import FEN_PER
from evalxl.values.number_formats import look_of
from evalxl.values.quantities import NAN, Formatted, given, read_number

NO_UNIT = "没有写明金额单位"
NOT_A_NUMBER = "不是能确定的数字"
DOUBTFUL = "数很大，疑为以元填写，请核对金额单位"


def is_given(spot: Spot) -> bool:
    """Whether something is stated at all: a dash or a stroke says that nothing is."""
    return spot.text.strip(" -–—―─－/\\*") != ""


def points(spot: Spot) -> tuple[float, str]:
    """Points or a weight, and '' or why they cannot be told; 10% of a hundred points are ten."""
    if isinstance(spot.raw, Formatted) and look_of(spot.raw.code, spot.raw.number).power == -2:
        return round(spot.raw.number * 100, 6), ""
    return _read(spot, Kind.SCORE, "万元")


def amount(spot: Spot, unit: str, doubtful: float) -> tuple[float, str]:
    """An amount in fen, and '' or why it cannot be told; ``unit`` is what the form states, '' where it does not."""
    own = isinstance(spot.raw, str) and spot.text.rstrip("）) ").endswith(tuple(FEN_PER))
    if not unit and not own and spot.text.strip() not in ("0", "0.00", "无"):
        return NAN, NO_UNIT
    fen, why = _read(spot, Kind.AMOUNT, unit or "万元")
    return (NAN, DOUBTFUL) if not why and abs(fen) >= doubtful * FEN_PER["万元"] else (fen, why)


def _read(spot: Spot, kind: Kind, unit: str) -> tuple[float, str]:
    if isinstance(spot.raw, Odd):
        return NAN, spot.raw.words()
    reading = read_number(spot.raw, kind, unit)
    return (reading.value, "") if given(reading.value) else (NAN, NOT_A_NUMBER)
