"""The page of an official document by GB/T 9704-2012: sizes, margins, line pitch and character spacing.

Lines of 28.95 pt exactly, with characters 0.25 pt closer, give the 22 lines of 28 characters that it demands; 29 pt
gives 20 lines, and the document grid is misread by LibreOffice.
"""

from __future__ import annotations

A4 = (210.0, 297.0)  # millimetres
SIZE_2, SIZE_3, SIZE_4, SMALL_4, SIZE_5, SMALL_5 = 22.0, 16.0, 14.0, 12.0, 10.5, 9.0  # 字号 in points


def millimetres(points: float) -> float:
    """A length in points as millimetres."""
    return points * 25.4 / 72


def twips(points: float) -> int:
    """A length in points as Word counts it, in twentieths of a point."""
    return round(points * 20)


def twips_of_mm(length: float) -> int:
    """A length in millimetres as Word counts it."""
    return twips(length / 25.4 * 72)


# Margins in millimetres. Top and bottom are disputed: GB/T 33476.2-2016 is read as 34.58 and 32.58 mm with 29.45 pt.
TOP, BOTTOM, LEFT, RIGHT = 37.0, 35.0, 28.0, 26.0
WIDTH = A4[0] - LEFT - RIGHT  # of the type area
FOOTER = BOTTOM - 7.0 - millimetres(SIZE_4) / 2  # from the lower edge: the number's dashes lie 7 mm below the type area
PITCH, SPACING = 28.95, -0.25  # of lines and of characters, in points
