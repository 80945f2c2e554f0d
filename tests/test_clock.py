"""The limit to the time that work may take, in one block and in one within another."""

from __future__ import annotations

import signal

import pytest

from evalxl.values.clock import TimeIsUp, limited

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system knows no such clock")


def _compute_for_ever() -> None:
    while True:
        pass


def test_what_computes_for_ever_is_ended() -> None:
    with pytest.raises(TimeIsUp), limited(0.05):
        _compute_for_ever()


def test_a_block_within_another_has_no_more_time_than_that() -> None:
    with pytest.raises(TimeIsUp), limited(0.05), limited(600.0):
        _compute_for_ever()


def _compute_after_an_inner_block() -> None:
    with limited(0.05):
        pass
    _compute_for_ever()


def test_the_outer_limit_holds_after_the_inner_block() -> None:
    with pytest.raises(TimeIsUp), limited(0.2):
        _compute_after_an_inner_block()


def test_the_inner_limit_ends_the_inner_block_alone() -> None:
    with limited(600.0):
        with pytest.raises(TimeIsUp), limited(0.05):
            _compute_for_ever()
        left, _ = signal.getitimer(signal.ITIMER_VIRTUAL)
    assert 500 < left < 600
    assert signal.getitimer(signal.ITIMER_VIRTUAL) == (0.0, 0.0)
