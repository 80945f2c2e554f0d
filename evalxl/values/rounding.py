"""Rounding as accountants do, half away from zero, judged on the shortest decimal form of a number."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal


def round_half_up(number: float, places: int) -> Decimal:
    """A number to so many decimals, half-up: 2.675 gives 2.68, which binary fractions put a little below."""
    return _exact(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def exact_mean(scores: Iterable[float], weights: Iterable[float] | None = None) -> float:
    """A mean of scores to two decimals, half-up, in decimal arithmetic: 94.60 and 85.23 give 89.92, not 89.91."""
    values = list(map(_exact, scores))
    shares = [Decimal(1)] * len(values) if weights is None else list(map(_exact, weights))
    total = sum(value * share for value, share in zip(values, shares, strict=True)) / sum(shares)
    return float(Decimal(total).quantize(Decimal("0.01"), ROUND_HALF_UP))


def _exact(number: float) -> Decimal:
    return Decimal(repr(float(number)))
