"""How far a long piece of work is, for whoever watches it."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[int, int], None]  # called with the steps just done and the steps in all


def unwatched(_done: int, _total: int) -> None:
    """Nobody watches the progress."""
