"""Two thousand mutants of good workbooks: none stops the run, gets lost or harms the clean one beside it."""

from __future__ import annotations

from fuzz import bases, fuzz
from mutants import mutant

COUNT, SEED = 2000, 1


def test_no_mutant_stops_the_run_gets_lost_or_harms_another() -> None:
    assert fuzz(COUNT, SEED) == []


def test_the_same_seed_makes_the_same_mutants() -> None:
    sources = bases()
    first = [mutant(sources, SEED, number) for number in range(30)]
    assert first == [mutant(sources, SEED, number) for number in range(30)]
    assert len(set(first)) == 30
    assert not set(first) & set(sources)
