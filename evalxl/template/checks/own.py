"""What is asked of a column or a line that a bureau has added: filled in where it must be, numbers where they are."""

from __future__ import annotations

from collections.abc import Iterator

from evalxl.layout import Field
from evalxl.template.checks.verdicts import UNFINISHED, Check, say


def own_checks(field: Field, cell: str) -> Iterator[Check]:
    """The checks of one cell; of a field that is the program's own there are none here."""
    if not field.own or field.left_out:
        return
    if field.required:
        yield Check("F02", f'{cell}=""', say(f"缺{field.header}"), UNFINISHED)
    if field.kind.numeric:
        yield Check("F03", f'IF({cell}="",FALSE,NOT(ISNUMBER({cell})))', say(f"{field.header}须为纯数字"))
