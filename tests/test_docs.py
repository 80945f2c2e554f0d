"""The documents, held: generated pages are current, commands in them run, examples hold, links lead somewhere."""

from __future__ import annotations

import contextlib
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import typer.main
import xlsxwriter
from conftest import Findings, brief, fill
from self_evaluation_forms import MINISTRY, workbook

import evalxl
from evalxl import cli, library
from evalxl.facts.grade import grade
from evalxl.intake.read import read
from evalxl.library import demo
from evalxl.outputs.word import write_report
from evalxl.policy import policy as policies
from evalxl.rules import RULES
from evalxl.run import run as batch
from evalxl.run.settings import Settings
from evalxl.values.errors import UsageError

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *(ROOT / "samples").glob("*.md")])
GUIDES = [ROOT / "README.md", ROOT / "README.zh-CN.md", *DOCS.glob("guide-*.md")]
OPERATOR = DOCS / "guide-operator.zh-CN.md"
COMMANDS: dict[str, Any] = getattr(typer.main.get_command(cli.app), "commands", {})

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _blocks(path: Path, language: str) -> list[str]:
    return [code for name, code in _BLOCK.findall(_text(path)) if name == language]


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_generated_pages_are_current() -> None:
    ran = subprocess.run(
        [sys.executable, str(DOCS / "generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_check_notices_a_page_that_is_out_of_date(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("images"))
    shutil.copytree(ROOT / "tests" / "rulebook", tmp_path / "tests" / "rulebook")
    shutil.copy(ROOT / "tests" / "addresses.py", tmp_path / "tests")
    (tmp_path / "docs" / "rules.md").write_text("old", encoding="utf-8")
    script = [sys.executable, str(tmp_path / "docs" / "generate.py")]
    assert subprocess.run([*script, "--check"], capture_output=True, check=False).returncode == 1
    assert subprocess.run(script, capture_output=True, check=False).returncode == 0
    assert _text(tmp_path / "docs" / "rules.md") == _text(DOCS / "rules.md")


# ---------------------------------------------------------------- commands


def _command_lines() -> Iterator[Any]:
    for page in GUIDES:
        for language in ("sh", "bat"):
            for line in "".join(_blocks(page, language)).splitlines():
                words = shlex.split(line.replace("\\", "/"))
                if words and words[0].rpartition("/")[2] == "evalxl":
                    yield pytest.param(words[1:], id=f"{page.name}: {' '.join(words[1:])}")
    for name, command in COMMANDS.items():
        words = shlex.split(command.epilog.removeprefix("例："))
        if name == "serve":  # does not end by itself; test_serve_browser.py runs it
            continue
        yield pytest.param(words[1:], id=f"{name} --help: {' '.join(words[1:])}")


@cache
def _furnished() -> Path:
    """The files that the guides speak of, made once: they are named in the order of the operator's guide."""
    place = Path(tempfile.mkdtemp())
    (place / "收件夹").mkdir()
    book = fill(place / "收件夹" / "示范区文化局.xlsx", {})
    shutil.copy(book, place / "旧表.xlsx")
    (place / "名册.csv").write_text("部门名称\n示范区文化局\n", encoding="utf-8")
    (place / "豁免清单.csv").write_text(_blocks(OPERATOR, "csv")[0], encoding="utf-8")
    (place / "本区规则.toml").write_text(_blocks(OPERATOR, "toml")[0], encoding="utf-8")
    for name, sign in (("本区表样.toml", "[[column]]"), ("本区自设规则.toml", "[[rules]]")):
        (block,) = (each for each in _blocks(OPERATOR, "toml") if sign in each)
        (place / name).write_text(block, encoding="utf-8")
    library.policy_to_change("湖南", place / "湖南规则.xlsx")
    with xlsxwriter.Workbook(place / "名册.xlsx") as roster:
        roster.add_worksheet("名册").write_column(0, 0, ["部门名称", "示范区文化局"])
    rulebook = policies.load()
    for outbox, inbox in (("结果夹", "收件夹"), ("甲区结果", "收件夹"), ("乙区结果", "乙区"), ("上年结果夹", "上年")):
        (place / inbox).mkdir(exist_ok=True)
        if inbox != "收件夹":
            fill(
                place / inbox / "a.xlsx",
                {"基本信息!B5": "示范区水利局", "基本信息!B8": 2022 if inbox == "上年" else 2023},
            )
        batch.run(place / inbox, place / outbox, Settings(rulebook))
    shutil.copy(place / "结果夹" / "抽查表.xlsx", place / "抽查表.xlsx")
    batch.run(demo(place / "示例"), place / "示例" / "结果夹", Settings(rulebook))
    for folder in ("文化局自评表", "全区自评表/文化局"):
        (place / folder).mkdir(parents=True)
        workbook(place / folder / "购书.xlsx", 自评表=MINISTRY)
    (place / "本地表样.toml").write_text(_blocks(OPERATOR, "toml")[1], encoding="utf-8")
    with contextlib.suppress(UsageError):  # without python-docx the report cannot be made, nor is it read
        one = read([(book.name, book)], rulebook)
        write_report(place / "上年报告.docx", one, grade(one, rulebook), rulebook)
    return place


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A place where the paths of the guides exist, and the files they tell the operator to write."""
    shutil.copytree(_furnished(), tmp_path, dirs_exist_ok=True)
    if (ROOT / "samples").exists():
        shutil.copytree(ROOT / "samples", tmp_path / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("arguments", list(_command_lines()))
def test_every_command_line_of_the_guides_runs(
    arguments: list[str], office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if "--layout" in arguments:  # a layout is read once in each process
        command = [sys.executable, "-m", "evalxl", *arguments]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, check=False, env=environment)
        assert done.returncode in (0, 1, 3), done.stderr.decode()
        return
    if arguments[0] == "demo":  # as is what it makes
        shutil.rmtree(office / arguments[1])
    if "--roster-blank" in arguments or "--new" in arguments:  # what is written here stands in the office already
        (office / arguments[-1 if "--new" in arguments else 1]).unlink(missing_ok=True)
    with pytest.raises(SystemExit) as left:
        cli.main(arguments)
    assert left.value.code in (0, 1, 3), capsys.readouterr().err


def test_the_page_of_rounds_leads_from_an_empty_folder_to_what_is_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its commands in their order, with nothing done between them but what people do: fill in, put in, save again."""
    pytest.importorskip("docx", reason="python-docx is not installed")
    commands = [shlex.split(line)[1:] for line in "".join(_blocks(OPERATOR, "shell")).splitlines()]
    assert [each[0] for each in commands] == ["policy", "template", "template", "run", "run", "run", "audit", "report"]
    monkeypatch.chdir(tmp_path)

    def done(number: int) -> int:
        with pytest.raises(SystemExit) as left:
            cli.main(commands[number])
        return int(str(left.value.code))

    assert [done(0), done(1)] == [0, 0]
    _enter(tmp_path / "名册.xlsx", "部门名称*", "示范区文化局")
    assert done(2) == 0
    assert [each.name for each in (tmp_path / "待发模板").iterdir()] == ["示范区文化局.xlsx"]
    (tmp_path / "收件夹").mkdir()
    fill(tmp_path / "收件夹" / "示范区文化局.xlsx", {"项目!F6": 60})
    assert done(3) == 1
    assert (tmp_path / "结果夹" / "退回" / "示范区文化局.xlsx").is_file()
    fill(tmp_path / "收件夹" / "示范区文化局.xlsx", {})
    assert done(4) == 0
    shutil.copy(tmp_path / "结果夹" / "抽查表.xlsx", tmp_path / "抽查表.xlsx")
    assert [done(5), done(6), done(7)] == [0, 0, 0]
    assert "全部对得上" in "".join(capsys.readouterr())
    for path in ("定稿/汇总表.xlsx", "定稿/汇总分析报告.docx", "审计.xlsx", "公开/可公开/公开汇总表.xlsx"):
        assert (tmp_path / path).is_file(), path


def _enter(path: Path, header: str, value: str) -> None:
    """Write below a header of a workbook, as somebody would who fills it in."""
    book = openpyxl.load_workbook(path)
    (cell,) = [cell for row in book.worksheets[0].iter_rows() for cell in row if cell.value == header]
    book.worksheets[0].cell(cell.row + 1, cell.column, value)
    book.save(path)


def test_the_page_about_the_library_is_true(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All its blocks, as one program."""
    code = "\n".join(_blocks(DOCS / "library.md", "python"))
    exec(compile(code, "library.md", "exec"), {"__name__": "library"})
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "通过 True 0"
    assert told[-1] == "没有 没有这个文件.xlsx 这个文件或文件夹，请检查路径。"
    assert (office / "退回件.xlsx").is_file()
    assert (office / "全市结果" / "汇总表.xlsx").is_file()


def test_the_page_about_the_library_names_all_of_it() -> None:
    page = _text(DOCS / "library.md")
    assert [name for name in evalxl.__all__ if not re.search(rf"`(evalxl\.)?{name}\b|\b{name}\(", page)] == []


def test_the_limits_of_the_security_page_hold() -> None:
    code = "\n".join(_blocks(DOCS / "security.md", "python"))
    assert code.count("assert") >= 9
    exec(compile(code, "security.md", "exec"), {})


def test_every_command_and_option_is_documented() -> None:
    guide, manual = _text(OPERATOR), _text(DOCS / "cli.md")
    for name, command in COMMANDS.items():
        assert f"evalxl {name}" in guide
        assert f"## evalxl {name}" in manual
        for option in (each for parameter in command.params for each in parameter.opts if each.startswith("--")):
            assert option in guide, option
            assert option in manual, option


def test_every_exit_code_is_documented() -> None:
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert f"\n| {code} | " in _text(OPERATOR)


def test_every_file_a_run_leaves_is_documented(office: Path) -> None:
    with pytest.raises(SystemExit):
        cli.main(["run", "收件夹", "结果夹", "--quiet"])
    for path in (office / "结果夹").iterdir():
        assert f"`{path.name}" in _text(OPERATOR), path.name


def test_the_readmes_give_the_two_commands() -> None:
    for page in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        assert "\n    make demo\n    make test\n" in _text(page)


def test_make_knows_every_target_the_documents_name() -> None:
    targets = set(re.findall(r"^([a-z ]+):", _text(ROOT / "Makefile"), re.MULTILINE))
    known = {target for line in targets for target in line.split()}
    named = {target for page in PAGES for target in re.findall(r"(?:`|^ {4})make (\w+)", _text(page), re.MULTILINE)}
    assert named <= known


# ---------------------------------------------------------------- examples


def test_the_policy_example_is_a_valid_policy(office: Path) -> None:
    own = policies.load(office / "本区规则.toml")
    assert own.head.scheme == "mof2020"
    assert own.value("explain_rate") == 0.8
    assert set(own.severity) <= set(RULES)


def test_the_walkthrough_of_a_new_rule_is_true(tmp_path: Path) -> None:
    """The page followed as it stands, in a copy of the tree: its blocks put where it says, then its command."""
    page = DOCS / "contributing.md"
    assert "U99" not in RULES
    tree = tmp_path / "tree"
    left = shutil.ignore_patterns(".*", "*.egg-info", "__pycache__", "build", "dist", "demo-output", "images")
    shutil.copytree(ROOT, tree, ignore=left)
    (function,), (cases,) = _blocks(page, "python"), _blocks(page, "toml")
    (line,) = re.findall(r"^    (- 新规则 U99.*)$", _text(page), re.MULTILINE)
    module = tree / "evalxl" / "rules" / "u_units.py"
    assert module.relative_to(tree).as_posix() in _text(page)
    module.write_text(
        _text(module).replace("import ERROR, ", "import ERROR, INFO, ") + "\n\n" + function, encoding="utf-8"
    )
    with (tree / "tests" / "rulebook" / "U.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + cases)
    log = tree / "CHANGELOG.md"
    log.write_text(_text(log).replace("### 新增 Added\n", f"### 新增 Added\n\n{line}\n", 1), encoding="utf-8")
    (recipe,) = re.findall(r"^rule:.*\n((?:\t.*\n)+)", _text(ROOT / "Makefile"), re.MULTILINE)
    for command in recipe.replace("$(BIN)/python", sys.executable).replace("$(ID)", "U99").splitlines():
        done = subprocess.run(
            command.split(),
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(tree)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert "### U99" in _text(tree / "docs" / "rules.md")
    assert _text(tree / "samples" / "expected" / "findings.csv") == _text(
        ROOT / "samples" / "expected" / "findings.csv"
    )


def test_the_worked_example_of_the_architecture_is_true(findings_after: Findings) -> None:
    found = findings_after({"预算!D22": 903})
    assert brief(found) == ["B01 预算!D22", "B12 预算!D22 提示"]
    assert found[0].message in _text(DOCS / "architecture.md")


# ---------------------------------------------------------------- the rulebook and the changelog


def test_every_rule_has_its_page_and_its_line() -> None:
    handbook, changelog = _text(DOCS / "rules.md"), _text(ROOT / "CHANGELOG.md")
    for identifier in RULES:
        assert f"\n### {identifier}\n" in handbook
        assert re.search(rf"\b{identifier}\b", changelog), f"{identifier} is not in CHANGELOG.md"


def test_documents_name_only_rules_that_exist() -> None:
    example = {identifier for block in _blocks(DOCS / "contributing.md", "toml") for identifier in tomllib.loads(block)}
    for page in [*GUIDES, DOCS / "architecture.md", ROOT / "CHANGELOG.md"]:
        named = set(re.findall(r"(?<!!)\b[FUBPISGRNXD]\d\d\b", _text(page)))
        assert named - example <= set(RULES), page


def test_the_changelog_has_this_version() -> None:
    assert f"\n## [{evalxl.__version__}]" in _text(ROOT / "CHANGELOG.md")
    assert f"evalxl-{evalxl.__version__}-py3-none-any.whl" in _text(OPERATOR)


# ---------------------------------------------------------------- links


def _anchors(path: Path) -> set[str]:
    headings = _HEADING.findall(_text(path))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=_name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(_text(page)):
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        assert path.is_relative_to(ROOT), f"{link} leaves the repository"
        assert path.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in _anchors(path), f"{link} has no such heading"


def test_the_pictures_of_the_template_show_what_it_says(tmp_path: Path) -> None:
    """Those that do not are drawn anew by `make picture`."""
    pictures = runpy.run_path(str(DOCS / "pictures.py"))
    assert pictures["recorded"]() == pictures["drawn_from"](tmp_path)


def test_pictures_are_used_and_small() -> None:
    used = {Path(link).name for page in PAGES for link in _LINK.findall(_text(page)) if link.endswith(".png")}
    for picture in (DOCS / "images").iterdir():
        assert picture.name in used
        assert picture.stat().st_size < 150 * 1024, picture.name


def test_no_host_is_named() -> None:
    for path in [*PAGES, *(ROOT / name for name in ("Makefile", "constraints.txt", "pyproject.toml"))]:
        assert not re.search(r"\w+://|index-url|trusted-host|\bwww\.", _text(path)), path


def test_every_package_needed_is_explained() -> None:
    project = tomllib.loads(_text(ROOT / "pyproject.toml"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    text = _text(DOCS / "architecture.md").casefold()
    for requirement in needed:
        name = re.split(r"[<>=!~\[ ]", requirement)[0].casefold()
        assert name in text, f"architecture.md does not say what {name} is for"


def test_the_page_on_files_names_modules_and_tests_that_exist() -> None:
    named = re.findall(r"`((?:evalxl|tests)/[\w/.]+)`", _text(DOCS / "files-in-the-wild.md"))
    assert len(named) > 20
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_nothing_cites_a_page_that_is_not_here() -> None:
    """What is not in the repository cannot be looked up."""
    cited = re.compile(r"[\w/.-]+\.md\b")
    for path in [*(ROOT / "evalxl").rglob("*.py"), *(ROOT / "tests").glob("*.py"), *(ROOT / "samples").glob("*.py")]:
        for name in cited.findall(_text(path)):
            assert list(ROOT.rglob(Path(name).name)), f"{path.name} cites {name}"
