"""What whoever is new to it expects of the command line: examples, guesses, the file beside the inbox, what comes next."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import fill
from rich.cells import cell_len

from evalxl import cli, library

SAMPLES = Path(__file__).parent.parent / "samples"
INBOX = SAMPLES / "luquan-2023"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[object, str, str]:
    """The exit code of a command and what it says: data, and words."""
    with pytest.raises(SystemExit) as left:
        cli.main(list(map(str, arguments)))
    told = capsys.readouterr()
    return left.value.code, told.out, told.err


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (["chekc"], "没有命令 chekc，是否指 check？"),
        (["Check"], "没有命令 Check，是否指 check？"),
        (["rnu", "a", "b"], "没有命令 rnu，是否指 run？"),
        (["check", "x", "--fromat", "json"], "没有选项 --fromat，是否指 --format？"),
        (["run", "--rooster=x", "a", "b"], "没有选项 --rooster，是否指 --roster？"),
        (["run", "a", "b", "--hlep"], "没有选项 --hlep，是否指 --help？"),
        (["--verison"], "没有选项 --verison，是否指 --version？"),
        (["某某"], "没有命令 某某；用 evalxl --help 查看用法。"),
        (["check", "x", "--zzz"], "没有选项 --zzz；用 evalxl --help 查看用法。"),
    ],
)
def test_a_mistyped_word_asks_what_was_meant(
    typed: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, *typed) == (2, "", f"evalxl：{sentence}\n")


# ---------------------------------------------------------------- evalxl.toml


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """An inbox, a roster and a policy beside it."""
    (tmp_path / "收件夹").mkdir()
    fill(tmp_path / "收件夹" / "示范区文化局.xlsx", {})
    (tmp_path / "名册.csv").write_text("部门名称\n示范区文化局\n示范区水利局\n", encoding="utf-8")
    (tmp_path / "本区.toml").write_text('[policy]\nname = "本区规则"\n', encoding="utf-8")
    return tmp_path


def write(office: Path, text: str) -> Path:
    path = office / "evalxl.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_file_beside_the_inbox_is_taken_and_named(
    office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(office, 'roster = "名册.csv"\npolicy = "本区.toml"\n')
    monkeypatch.chdir("/")  # its paths hold from where it lies
    code, _, words = said(capsys, "run", office / "收件夹", office / "结果")
    assert (code, words.splitlines()[0]) == (1, f"已采用 {path}：roster = 名册.csv，policy = 本区.toml。")
    assert "示范区水利局”没有报送" in words
    assert words.splitlines()[-1].startswith("下一步：先办好上面列出的全区错误；报回的")
    assert '"name": "本区规则"' in (office / "结果" / "run.json").read_text(encoding="utf-8")
    for source in (office / "收件夹", office / "收件夹" / "示范区文化局.xlsx"):
        code, told, words = said(capsys, "check", source, "--format", "json")
        assert words == f"已采用 {path}：policy = 本区.toml。\n"
        assert '"name": "本区规则"' in told
    assert said(capsys, "check", office / "收件夹", "--quiet")[2] == ""


def test_it_may_name_a_policy_that_ships(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(office, 'policy = "湖南"\n')
    told = said(capsys, "check", office / "收件夹", "--format", "json")[1]
    assert (
        json.loads(told)["policy"]["name"]
        == library.policy_in_words("hunan").name
        != library.policy_in_words(None).name
    )
    write(office, 'policy = "湖男"\n')
    code, _, words = said(capsys, "check", office / "收件夹")
    assert (code, "是否指 hunan（湖南）" in words) == (2, True)


def test_what_is_typed_goes_first(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(office, 'roster = "没有.csv"\njobs = 1\n')
    code, _, words = said(capsys, "run", office / "收件夹", office / "结果", "--roster", office / "名册.csv")
    assert (code, words.splitlines()[0]) == (1, f"已采用 {path}：jobs = 1。")


def test_earlier_runs_are_found_beside_it(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(office / "收件夹" / "示范区文化局.xlsx", {"预算!D22": 903})
    said(capsys, "run", office / "收件夹", office / "一")
    for written in ('"一"', '["一"]'):
        write(office, f"previous = {written}\nreport = false\n")
        words = said(capsys, "run", office / "收件夹", office / "二")[2]
        assert words.splitlines()[0].endswith("evalxl.toml：previous = 一，report = false。")
        assert "与上一次相比：未改 2。" in words


def test_what_is_typed_is_compared_beside_what_is_written(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "上年").mkdir()
    fill(office / "上年" / "示范区文化局.xlsx", {"基本信息!B8": 2022})
    said(capsys, "run", office / "上年", office / "上年结果")
    path = write(office, 'previous = ["结果", "上年结果"]\n')
    words = said(capsys, "run", office / "收件夹", office / "结果")[2]  # nothing stands there to compare with yet
    assert words.splitlines()[0] == f"已采用 {path}：previous = 上年结果。"
    assert "与上一次相比" not in words
    path = write(office, 'previous = "上年结果"\n')
    words = said(capsys, "run", office / "收件夹", office / "结果", "--previous", office / "结果")[2]
    assert words.splitlines()[0] == f"已采用 {path}：previous = 上年结果。"
    assert "与上一次相比" in words
    made_from = json.loads((office / "结果" / "run.json").read_text(encoding="utf-8"))["made_from"]
    assert (len(made_from["previous"]), set(made_from)) == (1, {"previous", "replaced"})
    code, faults, words = said(capsys, "audit", office / "结果", office / "收件夹", "--previous", office / "结果")
    assert (code, faults) == (0, "")
    assert words.endswith("那次运行还对照了这个结果夹里原来的结果，它已被替换，不能再核对。\n")


def test_nothing_is_made_of_an_outbox_under_another_policy(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "run", office / "收件夹", office / "结果", "--policy", "广东")
    for command, *arguments in (
        ("report", office / "结果", "--out", office / "报告"),
        ("report", office / "结果", "--public", "--out", office / "报告"),
        ("audit", office / "结果", office / "收件夹"),
        ("merge", office / "结果", "--out", office / "报告"),
    ):
        code, lines, words = said(capsys, command, *arguments)
        assert (code, lines, (office / "报告").exists()) == (2, "", False)
        assert words.endswith(
            "“广东省规则（程序自带 guangdong）”，与本次的“evalxl 默认规则”不同；请用 --policy 广东。\n"
        )
    code, _, words = said(capsys, "report", office / "结果", "--out", office / "报告", "--policy", "广东")
    assert (code, words.count("已生成")) == (0, 1)


def test_a_merge_goes_by_the_policy_beside_the_outboxes(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "run", office / "收件夹", office / "结果", "--policy", "湖南")
    code, _, words = said(capsys, "merge", office / "结果", "--out", office / "全市")
    assert (code, words.endswith("不同；请用 --policy 湖南。\n")) == (2, True)
    path = write(office, 'policy = "湖南"\nroster = "没有.csv"\n')
    code, _, words = said(capsys, "merge", office / "结果", "--out", office / "全市")
    assert (code, words.splitlines()[0]) == (1, f"已采用 {path}：policy = 湖南。")
    code, faults, words = said(capsys, "audit", office / "全市", office / "结果")
    assert (code, faults, words.splitlines()[0]) == (0, "", f"已采用 {path}：policy = 湖南。")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('rooster = "a"', "evalxl.toml 中没有 rooster 这一项，是否指 roster？"),
        (
            "zzz = 1",
            "evalxl.toml 中没有 zzz 这一项，可以写 policy、roster、waivers、recheck、layout、previous、report、jobs。",
        ),
        ("roster = 3", "evalxl.toml 中 roster 的值不对，写引号里的路径。"),
        ('previous = ["a", 1]', "evalxl.toml 中 previous 的值不对，写引号里的路径。"),
        ('report = "ja"', "evalxl.toml 中 report 的值不对，写 true 或 false。"),
        ("jobs = true", "evalxl.toml 中 jobs 的值不对，写 1 以上的整数。"),
        ("a = 1\nroster = 名册.csv", 'evalxl.toml 第 2 行第 10 列写法有误，每行写成 roster = "名册.xlsx" 的样子。'),
        ('roster = "没有.csv"', "没有.csv"),
    ],
)
def test_a_mistake_in_it_is_one_sentence(
    text: str, sentence: str, office: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(office, text)
    code, _, words = said(capsys, "run", office / "收件夹", office / "结果")
    assert code == 2
    assert sentence in words.splitlines()[-1]
    assert not (office / "结果").exists()


def test_it_may_be_written_by_notepad(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (office / "evalxl.toml").write_bytes("\ufeffroster = '名册.csv'\r\n".encode())
    assert "已采用" in said(capsys, "run", office / "收件夹", office / "结果")[2]
    (office / "evalxl.toml").write_bytes("roster = '名册.csv'\r\n".encode("gbk"))
    assert "不是 UTF-8 文本" in said(capsys, "run", office / "收件夹", office / "结果")[2]


# ---------------------------------------------------------------- the end of a run


def test_the_last_line_says_what_comes_next(office: Path, capsys: pytest.CaptureFixture[str]) -> None:
    last = said(capsys, "run", office / "收件夹", office / "结果")[2].splitlines()[-1]
    assert last == "下一步：打开汇总表，看过《总览》和《核对》，用 evalxl audit 再核对一遍，然后签字。"
    last = said(capsys, "run", INBOX, office / "全部")[2].splitlines()[-1]
    assert last == (
        "下一步：把“退回”里的工作簿发还各部门（退回 5，待说明 1）；未读取的 2 个中 1 个请部门重报，另 1 个不是报送件（见《未报送与未读取》）；"
        f"报回的放进收件夹替换旧的，原命令加上 --previous {office / '全部'} 再运行。"
    )
    last = said(capsys, "merge", office / "全部", "--out", office / "全市")[2].splitlines()[-1]
    assert last == "下一步：请各区县办完还没有通过的，重新运行后再合并；都通过了，打开汇总表核对、签字。"


@pytest.mark.parametrize("columns", [30, 60, 80, 100, 200])
def test_a_departments_name_is_never_cut(
    columns: int, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "示范区人力资源和社会保障局（含劳动人事争议仲裁院、社会保险事业管理中心、就业服务中心）"
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "a.xlsx", {"基本信息!B5": name})
    shutil.copy(INBOX / "鹿泉区交通运输局.xlsx", tmp_path / "in")
    monkeypatch.setenv("COLUMNS", str(columns))
    words = said(capsys, "run", tmp_path / "in", tmp_path / "out")[2]
    lines = words.splitlines()
    first = [line.split("│")[1].strip() for line in lines if line.startswith("│")]
    shown = "".join(first) if first else words
    assert name in shown
    assert "鹿泉区交通运输局" in shown
    assert "…" not in words
    assert not first or max(cell_len(line) for line in lines if line.startswith("│")) <= columns
    assert not first or "鹿泉区交通运输局" in first  # a name of usual length stands on one line


# ---------------------------------------------------------------- for whoever is new


def test_the_demo_shows_a_whole_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told, words = said(capsys, "demo", tmp_path / "示例")
    assert (code, told) == (0, "")
    assert words.splitlines()[0].endswith("evalxl.toml：roster = 名册.csv。")
    assert "鹿泉区城市管理局”没有报送" in words
    assert (tmp_path / "示例" / "结果夹" / "汇总表.xlsx").is_file()
    code, _, words = said(capsys, "demo", tmp_path / "示例")
    assert (code, words) == (2, f"evalxl：{tmp_path / '示例'} 已经有内容，为免混在一起，请换一个文件夹。\n")


def test_guides_are_listed_read_and_written_as_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    listed = said(capsys, "guide")[1].splitlines()
    assert [line.split("　")[:2] for line in listed][:2] == [["accountant", "填报指南"], ["operator", "操作指南"]]
    assert all(Path(line.split("　")[2]).is_file() for line in listed)
    with pytest.raises(library.UsageError, match="没有指南 nothing，可用的有 accountant（填报指南）"):
        library.guide("nothing")
    assert library.guide("填报指南").text.startswith("# 填报指南")
    pages = library.guide_pages(tmp_path / "guides")
    assert [page.stem for page in pages] == [each.name for each in library.guides()]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "<h1>" in text
        assert "<script" not in text
        assert "://" not in text.replace("http-equiv", "")
        for link in re.findall(r'(?:href|src)="([^"#]+)', text):
            assert (page.parent / link).is_file(), link


@pytest.mark.parametrize("inbox", [".", "../收件夹", "../收件夹/", "示范区文化局.xlsx", "../收件夹/示范区文化局.xlsx"])
def test_it_is_found_however_the_inbox_is_written(
    inbox: str, office: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(office, 'policy = "本区.toml"\n')
    monkeypatch.chdir(office / "收件夹")
    assert "policy = 本区.toml。" in said(capsys, "check", inbox)[2]
