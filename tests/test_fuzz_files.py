"""Some hundreds of mutants of old workbooks, documents, databases, records, lists and policies: none is a traceback."""

from __future__ import annotations

import pytest
from fuzz_files import fuzz

COUNT, PARTS = 240, 4


@pytest.mark.parametrize("part", range(PARTS))
def test_any_mutant_is_read_or_refused_in_one_sentence(part: int) -> None:
    each = COUNT // PARTS
    assert fuzz(each, seed=1, first=part * each) == []
