"""Two thousand mutants of good workbooks: none stops the run, gets lost or harms the clean one beside it."""

from __future__ import annotations

import pytest
from fuzz import WORK, bases, fuzz
from mutants import mutant

PARTS, SEED = 5, 1


@pytest.mark.parametrize("part", range(PARTS))
def test_no_mutant_stops_the_run_gets_lost_or_harms_another(part: int) -> None:
    assert fuzz(WORK, SEED, first=part * WORK) == []


def test_the_same_seed_makes_the_same_mutants() -> None:
    sources = bases()
    first = [mutant(sources, SEED, number) for number in range(30)]
    assert first == [mutant(sources, SEED, number) for number in range(30)]
    assert len(set(first)) == 30
    assert not set(first) & set(sources)
