"""What each text of tests/readings.txt states, whole; and that none of them states anything beside it."""

from __future__ import annotations

import readings


def test_every_text_is_read_as_it_stands(*, accept: bool) -> None:
    texts = readings.texts()
    found = {head: readings.reading(head) for head in texts}
    if accept:
        readings.write(found)
    else:
        assert {head: lines for head, lines in found.items() if lines != texts[head]} == {}
