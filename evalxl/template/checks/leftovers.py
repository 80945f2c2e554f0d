"""What the template or a draft has left in texts (rule F08), as far as a comparison with patterns finds it."""

from __future__ import annotations

from evalxl import layout
from evalxl.layout import Field, Sheet
from evalxl.template.checks.verdicts import Check, say
from evalxl.template.references import column_of
from evalxl.values.kinds import Kind

LEFTOVERS = "evalxl_leftovers"  # the patterns, on the list sheet
_MARKS = (
    "*××*", "*~*~*~*局*", "~*~*~*", "~*~*", "*20XX*", "*XX年*",
    *(f"*{mark}{of}*" for mark in ("XX", "某某") for of in ("局", "科", "部门", "单位", "项目", "区", "县")),
    *(f"*{bracket}{word}*" for bracket in "（(【" for word in ("请填写", "此处填写", "字数")),
    *(f"*字以内{bracket}*" for bracket in "）)】"),
    "请填写*", "*增加（减少）*", "*增长（下降）*", "*提高（降低）*", "*高于（低于）*",
    "*□是□否*", "*□是 □否*", "*£是*", "*£否*", "R是*", "R否*",
)  # fmt: skip
_LEAST_HINT = 8  # characters; a shorter one may begin an honest text
_SKIPPED = {"phone"}  # a masked number such as 138****0000 is meant so
_WORDS = "还留有提示语或占位（××、请填写 等），请改为实际内容"


def patterns() -> list[str]:
    """All patterns as COUNTIF takes them: marks of drafts, and the hints of the template's own text fields."""
    hints = [_plain(field.hint) for sheet in layout.DATA_SHEETS for field in texts(sheet) if field.hint]
    return [*_MARKS, *dict.fromkeys(hint + ("*" if len(hint) >= _LEAST_HINT else "") for hint in hints)]


def _plain(hint: str) -> str:
    return hint.rstrip("。").replace("~", "~~").replace("*", "~*").replace("?", "~?")[:200]


def texts(sheet: Sheet) -> list[Field]:
    """The fields of a sheet that hold texts of the sender's own."""
    keys = {"index", "line", *_SKIPPED}
    return [field for field in sheet.fields if field.kind is Kind.TEXT and field.key not in keys]


def leftovers(sheet: Sheet, cells: str = "") -> Check:
    """The check of a form's cell, or of all text columns of a table."""
    if not cells:
        counts = "+".join(_count(column_of(sheet, field.key)) for field in texts(sheet))
        return Check("F08", f"{counts}>0", f'({counts})&" 格{_WORDS}"')
    return Check("F08", f"{_count(cells)}>0", say(_WORDS))


def _count(cells: str) -> str:
    return f"SUMPRODUCT(COUNTIF({cells},{LEFTOVERS}))"
