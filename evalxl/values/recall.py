"""Answers that are remembered: workbooks on one template ask for the same again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Concatenate, ParamSpec, TypeVar

S = TypeVar("S", str, bytes)
P = ParamSpec("P")
T = TypeVar("T")


def remembered(longest: int, most: int) -> Callable[[Callable[Concatenate[S, P], T]], Callable[Concatenate[S, P], T]]:
    """Have a function of a text remember so many answers, which then are not to be changed.

    About texts longer than ``longest`` it does not: they seldom come back, and a sender's could fill the memory.
    """

    def remember(answer: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
        known = lru_cache(most)(answer)

        @wraps(answer)
        def ask(text: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
            if len(text) > longest:
                return answer(text, *args, **kwargs)
            return known(text, *args, **kwargs)  # type: ignore[arg-type]  # all that is asked about is hashable

        return ask

    return remember
