"""What of a report's numbers stands in no cell: scores, rows of tables, by their words, so that nothing is lost."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from evalxl.facts.passages import GRADES
from evalxl.layout import GENERAL, template_address
from evalxl.transfer.report.amounts import QUOTED, Sentences
from evalxl.transfer.report.tables import Tables
from evalxl.values.folding import clean, short

_POINTS = re.compile(r"(?<![\d.])(\d{1,3}(?:\.\d+)?)分(?![之钟别析类公期批项段值管局布配])")
_OF_SCORES = re.compile(r"得分|评分|总分|自评|得(?=\d)")
_BANDS = re.compile(r"以上|以下|[≥≤<>＜＞]|之间|分至|满分|分为")
GRADE_CELL = template_address(GENERAL, "grade")
_GRADED = re.compile(rf"(?:等级|等次|评为|评定为|自评为|结果为|结论为)[为是：:]?[“\"]?(?:{GRADES})")
_OF_A_PROJECT = re.compile(r"项目(?!支出)|专项")
_DIGIT = re.compile(r"\d")
_NO_FIGURE = re.compile(r"[（(]?(?:19|20)\d\d年?度?[^\d]{0,8}[）)]?")  # 2022年决算 heads a column


def remainder(sentences: Sentences, tables: Tables, entries: Mapping[str, object]) -> Iterator[str]:
    """Everything with a number that was read for a cell and is in none, a sentence each."""
    taken = {_plain(value) for value in entries.values()}
    for sentence, _ in sentences:
        if not _OF_SCORES.search(sentence):
            continue
        clauses = [clause for clause in re.split(r"[，；,;：:]", sentence) if not _BANDS.search(clause)]
        left = [
            f"{points}分"
            for clause in clauses
            for points in _POINTS.findall(clause)
            if _plain(float(points)) not in taken
        ]
        if left:
            yield f"“{short(sentence.strip(), QUOTED)}”中的 {'、'.join(left)} 不能确定是哪一项的得分，没有填入。"
    if GRADE_CELL not in entries:
        told = [
            sentence for sentence, _ in sentences if not _BANDS.search(sentence) and not _OF_A_PROJECT.search(sentence)
        ]
        graded = [sentence for sentence in told if _GRADED.search(sentence)]
        yield from (f"“{short(each.strip(), QUOTED)}”中的等级不能确定是整体的，没有填入。" for each in graded)
    for rows, filled in ((tables.loose, set()), (tables.unread, taken)):
        yield from _of_rows(rows, filled)


def _of_rows(rows: Iterable[Sequence[str]], taken: set[str]) -> Iterator[str]:
    for row in rows:
        texts = [clean(text) for text in dict.fromkeys(row) if _DIGIT.search(text)]
        left = [text for text in texts if _plain(text) not in taken and not _NO_FIGURE.fullmatch(text)]
        if left:
            shown = short("｜".join(dict.fromkeys(part.replace("\n", " ") for part in row if part)), QUOTED)
            numbers = "、".join(short(each.replace("\n", " "), QUOTED) for each in left)
            yield f"表格行“{shown}”中的 {numbers} 没有填入。"


def _plain(value: object) -> str:
    """A value as it is compared: 95.0 and 95 are one."""
    text = str(value).strip().replace(",", "")
    return re.sub(r"\.0+$", "", text)
