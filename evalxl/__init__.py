"""evalxl: self-evaluations of departments' whole expenditure, from filled-in workbooks to a signed district summary.

What ``__all__`` names is the library (docs/library.md); everything else is private and may change at any time. Nothing
heavy is imported before a function is called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalxl.library import (
        Finding,
        Operand,
        Options,
        OutputError,
        Result,
        RuleBug,
        RunResult,
        Severity,
        Status,
        UsageError,
        Workbook,
        check,
        marked,
        merge,
        rules,
        run,
        schema,
        template,
    )

__version__ = "0.1.0"
__all__ = [
    "Finding",
    "Operand",
    "Options",
    "OutputError",
    "Result",
    "RuleBug",
    "RunResult",
    "Severity",
    "Status",
    "UsageError",
    "Workbook",
    "check",
    "marked",
    "merge",
    "rules",
    "run",
    "schema",
    "template",
]


if not TYPE_CHECKING:  # so that a type checker knows what is not there

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(f"module 'evalxl' has no attribute {name!r}")
        from evalxl import library

        return getattr(library, name)


class _Face(ModuleType):
    """Keeps ``evalxl.run`` the function, also once somebody has imported the room of that name."""

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
