"""The command line as its users meet it: data on stdout, words on stderr, one exit code, never a traceback."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import fill, unpacked
from typer.testing import CliRunner

from evalxl.cli import app
from evalxl.cli.main import main

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"


def evalxl(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evalxl", *map(str, arguments)],
        capture_output=True, encoding="utf-8", env=os.environ | {"PYTHONIOENCODING": "utf-8"} | environment, timeout=120,
    )  # fmt: skip


def test_template_writes_the_committed_file(tmp_path: Path) -> None:
    done = evalxl("template", tmp_path / "t.xlsx")
    assert (done.returncode, done.stdout) == (0, "")
    committed = Path(__file__).parent.parent / "templates" / "budget_template.xlsx"
    assert unpacked(tmp_path / "t.xlsx") == unpacked(committed) != {}, "run: make template"


def test_template_with_a_year_into_a_folder(tmp_path: Path) -> None:
    done = evalxl("template", tmp_path, "--year", 2025, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "budget_template.xlsx").exists()


def test_check_one_good_workbook(tmp_path: Path) -> None:
    path = fill(tmp_path / "good.xlsx", {})
    done = evalxl("check", path)
    assert done.returncode == 0
    assert done.stdout == f"{path.as_posix()}　示范区文化局　通过（错误 0，提醒 0，提示 0）\n"
    assert done.stderr == ""


def test_check_says_where_what_and_the_remedy() -> None:
    done = evalxl("check", SAMPLES / "鹿泉区水利局.xlsx")
    assert done.returncode == 1
    assert "错误 B01 预算!D22 本年支出合计 1468.28，各项之和 1486.28，少 18.00 万元（允许尾差 0.03）。" in done.stdout
    assert "→ 核对 D15、D18、D19、D20、D21；若合计被改写，请恢复公式。" in done.stdout


def test_check_json_is_the_contract() -> None:
    done = evalxl("check", SAMPLES / "鹿泉区水利局.xlsx", "--format", "json")
    content = json.loads(done.stdout)
    assert list(content) == ["format", "evalxl", "policy", "workbooks", "findings", "coverage"]
    assert content["format"] == 1
    assert list(content["workbooks"][0]) == [
        "workbook", "sha256", "department", "year", "status", "score", "grade", "errors", "warnings", "infos",
    ]  # fmt: skip
    assert (content["workbooks"][0]["status"], content["workbooks"][0]["score"]) == ("returned", "86.00")
    finding = content["findings"][0]
    assert list(finding) == [
        "id", "rule", "severity", "workbook", "sheet", "cell", "label", "message", "fix",
        "expected", "actual", "difference", "tolerance", "operands",
    ]  # fmt: skip
    assert (finding["rule"], finding["sheet"], finding["cell"], finding["label"]) == (
        "B01",
        "预算",
        "D22",
        "本年支出合计",
    )
    assert [finding[key] for key in ("expected", "actual", "difference", "tolerance")] == [
        "1486.28", "1468.28", "-18.00", "0.03",
    ]  # fmt: skip
    assert finding["operands"][0] == {"sheet": "预算", "cell": "D15", "label": "基本支出", "value": "833.08"}
    coverage = {each.pop("rule"): each for each in content["coverage"]}
    assert coverage["B01"] == {"evaluated": 1, "passed": 0, "failed": 1, "not_applicable": 0, "not_evaluated": 0}


def test_check_csv_can_be_read_back() -> None:
    done = evalxl("check", SAMPLES, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.removeprefix("\ufeff"))))
    assert done.returncode == 3
    assert {row["级别"] for row in rows} == {"错误", "提醒", "提示"}


def test_run_prints_a_closing_table_and_nothing_on_stdout(tmp_path: Path) -> None:
    done = evalxl("run", SAMPLES, tmp_path / "out")
    assert (done.returncode, done.stdout) == (3, "")
    assert "共 11 个文件：通过 3，待说明 1，退回 5，未读取 2。" in done.stderr
    assert "鹿泉区政协" in done.stderr
    quiet = evalxl("run", SAMPLES, tmp_path / "out2", "--quiet", "--jobs", 2)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (3, "", "")


@pytest.mark.parametrize(
    ("severity", "words"),
    [
        ("b01 = 'off'", "第 2 行：没有规则 b01，是否指“B01”？"),
        ("Z77 = 'off'", "没有规则 Z77，请核对写法。用 evalxl rules 可列出全部规则号。"),
        ("'N09.自评组只' = 'off'", "[severity] 中的“自评组只”不是工作表名，也不是表头，是否指“自评组织”？"),
    ],
)
def test_a_severity_for_nothing_asks_what_was_meant(tmp_path: Path, severity: str, words: str) -> None:
    policy = tmp_path / "own.toml"
    policy.write_text(f"[severity]\n{severity}\n", encoding="utf-8")
    done = evalxl("check", SAMPLES, "--policy", policy)
    assert done.returncode == 2
    assert words in done.stderr


def test_rules_lists_and_explains() -> None:
    listed = evalxl("rules")
    assert listed.returncode == 0
    assert "B01　错误　本年支出合计等于" in listed.stdout
    explained = evalxl("rules", "b01").stdout
    assert all(f"{word}：" in explained for word in ("要求", "理由", "依据", "举例", "处理"))
    catalogue = json.loads(evalxl("rules", "--format", "json").stdout)["rules"]
    assert len(catalogue) == len(listed.stdout.splitlines())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "/no/such", "/tmp/x"), "没有收件夹"),
        (("check", "/no/such.xlsx"), "请检查路径"),
        (("rules", "Z99"), "没有规则 Z99"),
        (("nope",), "没有命令 nope"),
        (("run",), "缺少参数 INBOX"),
        (("check",), "缺少参数 PATH"),
        (("check", "x", "--nope"), "没有选项 --nope"),
        (("run", "a", "b", "--jobs", "many"), "--jobs 的值须为整数"),
        (("run", "a", "b", "--jobs", "0"), "--jobs 的值不能小于 1"),
        (("check", "x", "--format", "xml"), "--format 的值不对，可用的有 'text'"),
        (("template", "x.xls"), "须以 .xlsx 结尾"),
        (("check", str(SAMPLES), "--policy", "/no/such.toml"), "规则文件"),
        (("rules", "B01", "B02"), "多了参数 B02"),
        (("report", str(SAMPLES), "--out", "r.docx"), "写的是存放报告的文件夹"),
        (("run", "a", "b", "--out", "c"), "没有选项 --out；用 evalxl --help"),
        (("check", "x", "--formt", "json"), "没有选项 --formt，是否指 --format？"),
        (("check", ""), "有一个路径是空的"),
        (("run", "", "out"), "有一个路径是空的"),
        (("run", str(SAMPLES), ""), "有一个路径是空的"),
        (("merge", "out", "--out", " "), "有一个路径是空的"),
        (("check", "长" * 200), "用不了（文件名太长），请检查"),
        (("run", "长" * 200, "out"), "用不了（文件名太长），请检查"),
        (("merge", "长" * 200, "--out", "out"), "用不了（文件名太长），请检查"),
        (("run", str(SAMPLES), "out", "--roster", str(SAMPLES)), "是文件夹，请给出文件本身"),
        (("template", "t.xlsx", "--migrate", str(SAMPLES)), "是文件夹，请给出文件本身"),
    ],
)
def test_wrong_use_is_one_chinese_sentence_and_exit_code_2(arguments: tuple[str, ...], words: str) -> None:
    done = evalxl(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("evalxl：")


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", str(SAMPLES), "OUT"), ("merge", "out", "--out", "OUT"), ("report", str(SAMPLES), "--out", "OUT"),
        ("check", str(SAMPLES), "--output", "OUT"), ("template", "OUT"), ("import", __file__, "--out", "OUT"),
    ],
)  # fmt: skip
def test_what_no_file_can_be_called_cannot_be_written(arguments: tuple[str, ...], tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for out, why in (("长" * 200 + ".xlsx", "文件名太长"), (str(loop), "链接循环")):
        done = evalxl(*(out if each == "OUT" else each for each in arguments))
        assert (done.returncode, done.stdout, done.stderr) == (
            5,
            "",
            f"evalxl：写不了 {out}（{why}）。请换一个路径。\n",
        )


def test_a_loop_of_links_cannot_be_read(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for arguments in (("check", loop), ("run", loop, tmp_path / "out"), ("merge", loop, "--out", tmp_path / "out")):
        done = evalxl(*arguments)
        assert (done.returncode, done.stderr) == (2, f"evalxl：路径 {loop} 用不了（链接循环），请检查。\n")


def test_bad_bands_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    bands = '[schemes.default]\nbands = [{ grade = "优", from = 90, to = 100 }, { grade = "差", from = 0, to = 89 }]\n'
    (tmp_path / "p.toml").write_text(bands, encoding="utf-8")
    done = evalxl("run", SAMPLES, tmp_path / "out", "--policy", tmp_path / "p.toml")
    assert done.returncode == 2
    assert "89 至 90 分有空当" in done.stderr
    assert not (tmp_path / "out").exists()


def test_an_outbox_that_cannot_be_written_is_exit_code_5(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "汇总表.xlsx" / "x").mkdir(parents=True)
    done = evalxl("run", SAMPLES, out)
    assert done.returncode == 5
    assert done.stderr.startswith("evalxl：写不了")
    assert "Traceback" not in done.stderr


CONSOLES: list[dict[str, str]] = [
    {"PYTHONIOENCODING": "gbk"}, {"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}, {"PYTHONUTF8": "0"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"},
]  # fmt: skip


def raw(environment: dict[str, str], *arguments: object) -> subprocess.CompletedProcess[bytes]:
    """A command in a console of some kind, and the very bytes it writes."""
    command = [sys.executable, "-m", "evalxl", *map(str, arguments)]
    own = {
        name: value for name, value in os.environ.items() if name not in ("PYTHONIOENCODING", "PYTHONUTF8", "LC_ALL")
    }
    return subprocess.run(command, capture_output=True, env=own | environment, check=False, timeout=120)


@pytest.mark.parametrize("console", CONSOLES, ids=lambda each: " ".join(each.values()))
def test_data_is_utf_8_and_words_do_not_fail_whatever_the_console(console: dict[str, str], tmp_path: Path) -> None:
    book = SAMPLES / "鹿泉区水利局.xlsx"
    table = raw(console, "check", book, "--format", "csv")
    assert (table.returncode, table.stderr) == (1, b"")
    assert table.stdout.startswith("\ufeff文件,部门,".encode())
    assert table.stdout.count(b"\n") == table.stdout.count(b"\r\n") == len(table.stdout.decode().splitlines())
    assert b"\r\r" not in table.stdout
    data = raw(console, "rules", "--format", "json")
    assert (data.returncode, data.stderr) == (0, b"")
    assert json.loads(data.stdout.decode())["rules"][0]["severity"] == "error"
    words = raw(console, "check", book)
    assert (words.returncode, words.stderr, words.stdout.count(b"\n")) == (1, b"", 7)
    (tmp_path / "in").mkdir()
    shutil.copyfile(book, tmp_path / "in" / book.name)
    done = raw(console, "run", tmp_path / "in", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, b"")
    assert (tmp_path / "out" / "汇总表.xlsx").is_file()
    if console.get("PYTHONIOENCODING") == "gbk":
        assert "共 1 个文件：退回 1。" in done.stderr.decode("gbk")
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("form", "suffix"), [("json", ".json"), ("csv", ".csv"), ("text", ".txt")])
def test_check_writes_to_a_file_what_it_would_print(form: str, suffix: str, tmp_path: Path) -> None:
    book, target = SAMPLES / "鹿泉区水利局.xlsx", tmp_path / "new" / f"found{suffix}"
    printed = raw({"PYTHONIOENCODING": "utf-8"}, "check", book, "--format", form)
    for _ in range(2):  # the second time in the place of the first
        done = evalxl("check", book, "--format", form, "--output", target)
        assert (done.returncode, done.stdout, done.stderr) == (1, "", f"已写入 {target}。\n")
        assert target.read_bytes() == printed.stdout
    assert [path.name for path in target.parent.iterdir()] == [target.name]


def test_check_never_writes_over_what_is_read_nor_among_it(tmp_path: Path) -> None:
    book, plain = fill(tmp_path / "good.xlsx", {}), tmp_path / "good"
    plain.write_bytes(book.read_bytes())
    (tmp_path / "link").symlink_to(plain)
    rules = tmp_path / "p.toml"
    rules.write_text("", encoding="utf-8")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    for target in (book, tmp_path / "other.xls", plain, tmp_path / "link", rules, tmp_path / "sub" / ".." / "good"):
        done = evalxl("check", plain, "--policy", rules, "--output", target)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), target
        assert "没有写" in done.stderr
    done = evalxl("check", tmp_path, "--output", tmp_path / "found.txt")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "请写到别处" in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_file_that_cannot_be_written_is_exit_code_5(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for target in (tmp_path, tmp_path / "file" / "found.txt"):
        done = evalxl("check", SAMPLES / "鹿泉区水利局.xlsx", "--output", target)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (5, "", 1)
        assert done.stderr.startswith(f"evalxl：写不了 {target}（")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux that is always full")
@pytest.mark.parametrize("arguments", [("rules",), ("rules", "--format", "json")])
def test_a_full_disk_behind_stdout_is_exit_code_5(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "evalxl", *arguments],
            stdout=full, stderr=subprocess.PIPE, encoding="utf-8", env=os.environ | {"PYTHONIOENCODING": "utf-8"}, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        5,
        "evalxl：结果输出不了（磁盘空间不足），请检查输出到的文件和磁盘空间。\n",
    )


def test_a_reader_that_leaves_early_is_no_fault() -> None:
    """``evalxl rules --format json | head -c 1``: nothing is said, and it is no bug."""
    command = [sys.executable, "-m", "evalxl", "rules", "--format", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.close()
        assert (running.stderr.read(), running.wait(60)) == (b"", 5)


def test_help_is_chinese_and_names_every_command() -> None:
    """What typer says of itself as well: outside brackets and names of options there is no English sentence."""
    names = [each.name or each.callback.__name__ for each in app.registered_commands if each.callback]
    assert {
        "template",
        "check",
        "run",
        "merge",
        "audit",
        "report",
        "import",
        "rules",
        "policy",
        "serve",
        "guide",
        "demo",
    } == set(names)
    page = CliRunner().invoke(app, ["--help"]).stdout
    assert "退出码" in page
    assert all(f"\n  {name} " in page for name in names)
    for name in ("", *names):
        page = CliRunner().invoke(app, [name, "--help"] if name else ["--help"], prog_name="evalxl").stdout
        assert page.startswith("用法：evalxl ")
        assert "显示这段说明。" in page
        assert not name or f"\n  例：evalxl {name} " in page
        assert not re.search(r"Usage|Options|Commands|Arguments|Show|\[required|\[default|[<>]=|list\[", page), page


def test_the_report_of_a_copy_that_does_not_count_says_so(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    fill(tmp_path / "inbox" / "a.xlsx", {})
    fill(tmp_path / "inbox" / "b.xlsx", {"基本信息!B15": "2024-02-01"})
    evalxl("run", tmp_path / "inbox", tmp_path / "out")
    told = evalxl("report", tmp_path / "out", "--out", tmp_path / "word").stderr.splitlines()
    assert [line.partition(".docx，")[2] for line in told] == [
        "没有留空。", "没有留空。同一部门以 a.xlsx 为准，这一份没有计入汇总。",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        ({}, "旧表的内容都移过去了，请核对"),
        ({"项目!E5": "约100"}, "照原文移入的 1 项，请改正"),
        ({"预算!D22": "九百多"}, "没有移过去的 1 项，请对照旧表补填"),
        ({"项目!E5": "约100", "预算!D22": "九百多"}, "没有移过去的 1 项，请对照旧表补填；照原文移入的 1 项，请改正"),
    ],
)
def test_the_closing_words_of_a_migration_agree_with_its_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], edit: dict[str, object], told: str
) -> None:
    old = fill(tmp_path / "旧.xlsx", edit)
    with pytest.raises(SystemExit):
        main(["template", str(tmp_path / "新.xlsx"), "--migrate", str(old)])
    assert capsys.readouterr().err == f"已生成 {tmp_path / '新.xlsx'}；{told}。\n"


@pytest.mark.parametrize(("option", "what"), [("--roster", "名册"), ("--recheck", "复核结果")])
@pytest.mark.parametrize("name", ["没有.xlsx", "没有.csv"])
def test_a_list_that_is_not_there_is_a_path_to_look_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, what: str, name: str
) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "文化局.xlsx", {})
    with pytest.raises(SystemExit) as left:
        main(["run", str(tmp_path / "in"), str(tmp_path / "out"), option, str(tmp_path / name)])
    said = capsys.readouterr().err
    assert (left.value.code, said) == (2, f"evalxl：{what} {tmp_path / name}：没有这个文件，请检查路径。\n")
