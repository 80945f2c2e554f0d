"""The chain of hashes: what a run has written, what it was made from, and whether all of it is still so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from evalxl.outputs.records import to_json
from evalxl.store import files as out
from evalxl.store import schema
from evalxl.store.opening import opened
from evalxl.store.record import to_rows
from evalxl.values.errors import UsageError
from evalxl.values.file_content import content_of
from evalxl.values.folding import clean

_LARGEST = 256 << 20  # bytes of a run.json; 100,000 workbooks take 50 MB


class Fault(NamedTuple):
    """Something that is not accounted for: which file or sheet, which cell, and what is wrong with it."""

    where: str
    cell: str
    words: str

    @property
    def sentence(self) -> str:
        """The fault as a person reads it."""
        return clean(f"{self.where}{'!' if self.cell else ''}{self.cell}：{self.words}。")


def record_of(outbox: Path) -> dict[str, Any]:
    """The run.json of an outbox; UsageError where there is none, or it is no record of a run."""
    path = outbox / out.RUN_JSON
    if outbox.is_dir() and not path.exists():
        raise UsageError(f"{outbox} 不是结果文件夹（里面没有 {out.RUN_JSON}）；audit 先写结果文件夹，再写收件夹。")
    content = content_of(path, f"{outbox} 里的 {out.RUN_JSON}", _LARGEST)
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        raise UsageError(f"{path} 已损坏，不能审计；请重新运行那一批。") from None
    if not isinstance(record, dict) or not _names(record.get("written")):
        raise UsageError(f"{path} 没有记下各文件的校验值（由较早的版本生成，或已损坏）；请重新运行那一批后再审计。")
    return record


def _names(hashes: object) -> bool:
    return isinstance(hashes, dict) and all(isinstance(each, str) for each in hashes.values())


def files_changed(outbox: Path, record: dict[str, Any]) -> Iterator[Fault]:
    """Every file of an outbox that is not what its run has written, run.json among them."""
    written: dict[str, str] = record["written"]
    listed = record.get("files")
    if not isinstance(listed, list) or {*map(str, listed)} != {*written, out.RUN_JSON}:
        yield Fault(out.RUN_JSON, "", "所列文件与校验值不一致，已被改动")
    for name, sha256 in written.items():
        if Path(name).is_absolute() or ".." in name.replace("\\", "/").split("/"):
            yield Fault(out.RUN_JSON, "", "列有结果文件夹以外的文件，已被改动")
            continue
        found = out.sha256_or_blank(outbox / name)
        if found != sha256:
            yield Fault(name, "", "内容与运行时写出的不同，已被改动" if found else "不见了，或打不开")
    if not _is_what_the_database_says(outbox, record):
        yield Fault(out.RUN_JSON, "", "与数据库里的运行记录不一致，其中之一已被改动")


def _is_what_the_database_says(outbox: Path, record: dict[str, Any]) -> bool:
    """Whether run.json is, to the byte, what the database holds of the run, and the hashes beside it."""
    try:
        with opened(outbox) as database:
            rows = [tuple(row) for row in database.rows(schema.RUN)]
        data = (outbox / out.RUN_JSON).read_bytes()
    except (UsageError, OSError):
        return False
    own = {key: value for key, value in record.items() if key != "written"}
    return rows == to_rows(own) and data == to_json(record).encode(errors="surrogatepass")
