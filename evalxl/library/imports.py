"""What departments already have, gathered into the template: their reports and the forms of their projects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from evalxl.library.files import new_file
from evalxl.library.policy import PolicySource, in_force
from evalxl.store.files import file_names, replacing
from evalxl.values.errors import UsageError

if TYPE_CHECKING:
    from evalxl.intake.forms.declaration import Form
    from evalxl.intake.inbox import Source
    from evalxl.policy.policy import Policy
    from evalxl.transfer.forms.department import Gathered

_BESIDE = (
    "与各部门的文件夹并列，不知道是哪个部门的，没有导入；请放进部门的文件夹，都是一个部门的，--out 写 .xlsx 文件名。"
)

_FILES = (".xls", ".xlsm", ".xlsb", ".xltx", ".et", ".ods", ".csv", ".docx", ".doc", ".wps", ".pdf")  # no folder's name


@dataclass(frozen=True)
class Gathering:
    """One department's workbook: what was not filled in, in sentences, and what became of it in one."""

    name: str  # '' where there is but one department, and for what belongs to none
    lines: tuple[str, ...]
    summary: str
    unread: bool  # something could not be read


def gathered(
    sources: Sequence[Path], out: Path, *, form: Path | None = None, policy: PolicySource = None
) -> Iterator[Gathering]:
    """Read reports and forms into the template, a workbook for each department, each as it gets done."""
    from evalxl.intake.forms.declaration import load

    loaded, forms = in_force(policy), load(form)
    departments, beside = _departments(list(sources), out)
    if beside:
        yield Gathering("", tuple(f"{name} {_BESIDE}" for name in beside), "", unread=True)
    for target, files in departments:
        yield _import_one(files, target, forms, loaded, target.stem if len(departments) > 1 else "")


def _departments(paths: list[Path], out: Path) -> tuple[list[tuple[Path, list[Source]]], list[str]]:
    """The workbook and files of each department, and the files that stand beside the departments' folders."""
    from evalxl.intake.inbox import inventory, known_as

    for path in paths:
        if not path.exists():
            raise UsageError(f"没有 {path} 这个文件或文件夹，请检查路径。")
    if out.suffix.lower() in _FILES and not out.is_dir():
        raise UsageError(f"不能生成 {out.name}，--out 请写 .xlsx 文件名或文件夹。")
    if len(paths) == 1 and paths[0].is_dir() and out.suffix.lower() != ".xlsx":
        return _by_folder(inventory(paths[0]), paths[0], out)
    found: dict[str, Path] = {}
    for path in paths:
        listed = inventory(path) if path.is_dir() else [(path.name, path)]
        for name, file in listed:
            if file not in found.values():
                found[known_as(Path(name), found)] = file
    if not found:
        raise UsageError(f"{'、'.join(map(str, paths))} 里没有文件，请检查路径。")
    return [(new_file(out, f"{paths[0].stem}.xlsx"), list(found.items()))], []


def _by_folder(files: list[Source], folder: Path, out: Path) -> tuple[list[tuple[Path, list[Source]]], list[str]]:
    """One department to each sub-folder; a folder without any is one department itself."""
    departments: dict[str, list[Source]] = {}
    beside: list[str] = []
    for name, path in files:
        department, inside, rest = name.partition("/")
        if inside:
            departments.setdefault(department, []).append((rest, path))
        else:
            beside.append(name)
    if not files:
        raise UsageError(f"{folder} 里没有文件，请检查路径。")
    if not departments:
        departments, beside = {folder.resolve().name: files}, []
    names = file_names((name, name) for name in departments)
    targets = [(out / f"{names[name]}.xlsx", own) for name, own in departments.items()]
    if out.exists() and not out.is_dir():
        raise UsageError(f"{out} 是文件，不是文件夹，请给出存放各部门工作簿的文件夹。")
    there = [target.name for target, _ in targets if target.exists()]
    if there:
        others = f"等 {len(there)} 个文件" if len(there) > 1 else ""
        raise UsageError(
            f"{out} 里已有 {there[0]}{others}，为免覆盖填好的内容，一个也没有写；请换一个文件夹，或先移走。"
        )
    return targets, beside


def _import_one(files: list[Source], target: Path, forms: tuple[Form, ...], policy: Policy, name: str) -> Gathering:
    """One department into one workbook."""
    from evalxl.template import build
    from evalxl.transfer.forms.gathering import gather
    from evalxl.transfer.forms.listing import draw, lines

    found = gather(files, forms, policy)
    if not found.documents and len(files) == 1:
        raise UsageError(found.unread[0].rstrip("。") + "。" if found.unread else f"{files[0][0]} 没有可以导入的内容。")
    if found.mixed:
        words = _mixed(found.mixed)
        if not name:
            raise UsageError(words)
        return Gathering(name, (), f"没有生成 {target}：{words}", unread=True)
    told = (*found.unread, *lines(found))
    if not found.documents:
        return Gathering(name, told, f"没有生成 {target}：{len(files)} 个文件里没有认出自评报告和自评表。", unread=True)
    listed = bool(found.untaken or found.doubts or found.unread)
    with replacing(target) as temporary:
        build(temporary, policy, None, found.entries, found.notes, (lambda book: draw(book, found)) if listed else None)
    return Gathering(name, told, _summary(target, found), unread=bool(found.unread))


def _mixed(departments: list[str]) -> str:
    """What is said of the forms of several departments, which no one workbook can take."""
    named = f"{'、'.join(departments[:_NAMED])}{'等' if len(departments) > _NAMED else ''}"
    return (
        f"里面是 {len(departments)} 个部门的表（{named}），请把 --out 写成文件夹，每个部门各出一份"
        "（各部门的表各放一个子文件夹）；是同一个部门的，请先把表上的部门名称改一致。"
    )


_NAMED = 2  # departments


def _summary(target: Path, found: Gathered) -> str:
    kinds = (("自评报告", found.reports), ("部门整体自评表", found.departments), ("项目自评表", found.projects))
    read = "、".join(f"{kind} {count} 份" for kind, count in kinds if count)
    left = len(found.untaken) + len(found.doubts)
    listed = f"没有填入或要补填的 {left} 处已列出，并列在《没有导入的内容》" if left else "没有遗漏"
    return f"已生成 {target}，读入{read}，填入 {len(found.entries)} 格，都标有“待核对”；{listed}。"
