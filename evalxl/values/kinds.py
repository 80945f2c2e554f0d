"""What a field holds, and so how it is read, stored and shown."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a field holds, and so how it is read, stored and shown."""

    TEXT = "文本"
    CHOICE = "选项"
    AMOUNT = "金额"  # float64, whole fen, NaN = blank
    RATE = "百分比"  # float64, 1.0 = 100 %
    SCORE = "分数"  # float64, points
    COUNT = "整数"  # float64, whole
    YEAR = "年度"  # float64, whole
    DATE = "日期"  # text, ISO where it could be read as a date

    @property
    def numeric(self) -> bool:
        """Whether tables hold this kind as float64 (otherwise as text)."""
        return self not in (Kind.TEXT, Kind.CHOICE, Kind.DATE)
