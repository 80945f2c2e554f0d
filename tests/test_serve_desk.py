"""The desk: who gets to it, what it lets run, which files it gives out."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import fill
from processes import below, lives
from starlette.testclient import TestClient

from evalxl import library
from evalxl.cli.main import main
from evalxl.serve import running
from evalxl.serve.app import Site, application
from evalxl.serve.desk import COOKIE, Desk
from evalxl.serve.inboxes import Inbox, find, inboxes
from evalxl.serve.running import Choices, Running
from evalxl.values import layout_file

HERE = "http://127.0.0.1:8765"
BOOKS = {"甲.xlsx": "示范区文化局", "乙.xlsx": "示范区水利局"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A year with an inbox that has been run, and another beside it."""
    place = tmp_path_factory.mktemp("root")
    for folder in ("收件", "乡镇"):
        (place / "2023" / folder).mkdir(parents=True)
        for name, department in BOOKS.items():
            fill(place / "2023" / folder / name, {"基本信息!B5": department, "预算!D22": 903})
    return place


@pytest.fixture(scope="module")
def site(root: Path) -> Iterator[tuple[TestClient, Desk]]:
    desk = Desk(root)
    with TestClient(application(Site(desk=desk)), base_url=HERE, follow_redirects=False) as client:
        yield client, desk


@pytest.fixture
def client(site: tuple[TestClient, Desk]) -> TestClient:
    """Somebody who has come in by the printed address."""
    client, desk = site
    client.cookies.clear()
    assert client.get(f"/desk?token={desk.token}").status_code == 303
    return client


def finish(desk: Desk) -> Running:
    """Wait for the run that is going on."""
    end = time.monotonic() + 90
    while desk.running is None or not desk.running.finished:
        assert time.monotonic() < end
        time.sleep(0.1)
    return desk.running


def key_of(root: Path, name: str) -> str:
    return next(each.key for each in inboxes(root) if each.name == name)


# ---------------------------------------------------------------- who gets to it


def test_the_key_becomes_a_cookie_that_no_script_and_no_other_page_has(site: tuple[TestClient, Desk]) -> None:
    client, desk = site
    client.cookies.clear()
    answer = client.get(f"/desk?token={desk.token}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[\w-]{{32}}; HttpOnly; Path=/desk; SameSite=strict", cookie)
    assert desk.token not in cookie
    assert "工作台" in client.get("/desk").text


@pytest.mark.parametrize(
    "path", ["/desk", "/desk?token=", "/desk?token=x", "/desk/run", "/desk/0123456789abcdef", "/desk/x/0"]
)
def test_without_the_key_there_is_no_desk(path: str, site: tuple[TestClient, Desk]) -> None:
    client, _ = site
    for cookies in ({}, {COOKIE: ""}, {COOKIE: "x"}):
        client.cookies.clear()
        answer = client.get(path, headers={"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())})
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    assert client.post("/desk/run", data={"inbox": "x"}).status_code == 403
    assert client.post("/desk/stop").status_code == 403


def test_without_a_folder_there_is_no_desk() -> None:
    with TestClient(application(Site()), base_url=HERE) as client:
        assert client.get("/desk").status_code == 404


# ---------------------------------------------------------------- a run


def test_a_run_from_choice_to_files(root: Path, client: TestClient, site: tuple[TestClient, Desk]) -> None:
    desk = site[1]
    (root / "2023" / "evalxl.toml").write_text("jobs = 1\n", encoding="utf-8")
    page = client.get("/desk").text
    assert "2023/收件（2 本）" in page
    key = key_of(root, "2023/收件")
    assert client.post("/desk/run", data={"inbox": key, "compare": "on"}).headers["location"] == "/desk/run"
    going = client.get("/desk/run")
    if desk.running is not None and not desk.running.finished:
        assert going.headers["refresh"] == "1"
        assert "<progress" in going.text
        assert client.post("/desk/run", data={"inbox": key}).status_code == 409
    done = finish(desk)
    assert done.trouble == ""
    assert done.done == done.total == 4
    page = client.get("/desk/run").text
    assert all(words in page for words in ("已处理 2 个文件", "jobs = 1", "示范区水利局", "退回 2", "下一步："))
    assert page == client.get(f"/desk/{key}").text
    links = re.findall(rf'<a href="(/desk/{key}/\d+)">([^<]+)</a>', page)
    assert {name for _, name in links} == {
        path.relative_to(root / "2023" / "收件-核对结果").as_posix()
        for path in (root / "2023" / "收件-核对结果").rglob("*") if path.is_file()
    }  # fmt: skip
    for link, name in links:
        answer = client.get(link)
        assert answer.content == (root / "2023" / "收件-核对结果" / name).read_bytes()
        assert answer.headers["content-disposition"].startswith("attachment;")
    (root / "2023" / "evalxl.toml").write_text('previous = "收件-核对结果"\n', encoding="utf-8")
    client.post("/desk/run", data={"inbox": key, "compare": "on"})
    assert any("与上一次相比：未改" in each for each in (finish(desk).closing or pytest.fail("no closing")).remarks)


def test_a_run_says_who_has_not_reported_and_what_to_send_to_whom(
    root: Path, client: TestClient, site: tuple[TestClient, Desk]
) -> None:
    roster = "部门名称,部门编码,联系人,联系电话\n示范区文化局,1,甲某,13800000001\n<b>外局,2,乙某,13800000002\n"
    (root / "2023" / "名册.csv").write_text(roster, encoding="utf-8")
    (root / "2023" / "evalxl.toml").write_text('roster = "名册.csv"\n', encoding="utf-8")
    client.post("/desk/run", data={"inbox": key_of(root, "2023/乡镇")})
    assert finish(site[1]).trouble == ""
    page = client.get("/desk/run").text
    assert "应报 2 个部门，已报 1 个，未报 1 个：&lt;b&gt;外局。" in page
    table = page[page.index("<caption>待办：给各部门发什么</caption>") :].partition("</table>")[0]
    told = dict(re.findall(r'<th scope="row">([^<]*)</th>(.*)</tr>', table))
    assert list(told) == ["&lt;b&gt;外局", "示范区文化局", "示范区水利局"]
    assert "未报送" in told["&lt;b&gt;外局"]
    assert "乙某 13800000002" in told["&lt;b&gt;外局"]
    assert "&lt;b&gt;外局：贵单位的2023年度部门整体支出绩效自评表尚未收到，请尽快报送。" in told["&lt;b&gt;外局"]
    (link,) = re.findall(r'href="([^"]*)"', told["示范区文化局"])
    returned = root / "2023" / "乡镇-核对结果" / "退回" / "示范区文化局.xlsx"
    assert client.get(link).content == returned.read_bytes()
    assert "请在附件上改正或说明" in told["示范区文化局"]
    for name in ("名册.csv", "evalxl.toml"):
        (root / "2023" / name).unlink()
    shutil.rmtree(returned.parent.parent)


def test_the_template_that_the_inbox_names_is_the_one_of_its_run(
    root: Path, client: TestClient, site: tuple[TestClient, Desk]
) -> None:
    """The server itself keeps the standard one."""
    key, record = key_of(root, "2023/乡镇"), root / "2023" / "乡镇-核对结果" / "run.json"
    layouts = Path(__file__).parent.parent / "samples" / "layouts"
    seen = []
    for written in ("", f"layout = '{layouts / 'basic-data.toml'}'\n", ""):
        (root / "2023" / "evalxl.toml").write_text(written, encoding="utf-8")
        client.post("/desk/run", data={"inbox": key})
        assert finish(site[1]).trouble == ""
        seen.append(json.loads(record.read_text(encoding="utf-8"))["template"]["sha256"])
    assert seen[0] == seen[2] != seen[1]
    shutil.rmtree(record.parent)


def _served(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> Site:
    """What the command would serve."""
    caught: list[Site] = []
    monkeypatch.setattr(
        "evalxl.serve.server.serve", lambda desk, at, policy, say: caught.append(Site(policy, desk=desk))
    )
    with pytest.raises(SystemExit) as left:
        main(["serve", *map(str, arguments)])
    assert left.value.code in (0, None)
    return caught[0]


def test_the_self_check_goes_by_the_policy_of_the_folder_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "evalxl.toml").write_text('policy = "广东"\nroster = "没有.csv"\n', encoding="utf-8")
    book = fill(tmp_path / "甲.xlsx", {})
    for arguments, policy, told in (
        ([tmp_path], "guangdong", f"已采用 {tmp_path / 'evalxl.toml'}：policy = 广东。\n"),
        ([tmp_path, "--policy", "湖南"], "hunan", ""),
        (["--share"], None, ""),
    ):
        site = _served(monkeypatch, *arguments)
        assert capsys.readouterr().err == f"{told}已停止。\n"
        with TestClient(application(site), base_url=HERE) as client:
            sent = {"files": (book.name, book.read_bytes())}
            found = client.post("/check", files=sent, headers={"Accept": "application/json"}).json()
            template = client.get("/template.xlsx").content
        expected = library.check({book.name: book.read_bytes()}, policy=policy)
        assert found == json.loads(expected.to_json())
        again = library.template(tmp_path / f"{policy}.xlsx", policy=policy)
        assert template == again.read_bytes()
    (tmp_path / "evalxl.toml").write_text('policy = "没有.toml"\n', encoding="utf-8")
    with pytest.raises(library.UsageError, match=r"没有\.toml"):
        application(_served(monkeypatch, tmp_path))


def test_the_layout_of_the_folder_that_is_served_is_the_self_check_s_and_no_other_folder_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("EVALXL_LAYOUT", raising=False)
    (tmp_path / "evalxl.toml").write_text('layout = "本区.toml"\n', encoding="utf-8")
    (tmp_path / "自评").mkdir()
    (tmp_path / "甲.toml").touch()
    for typed, name in (
        (["serve", str(tmp_path)], tmp_path / "本区.toml"),
        (["serve", str(tmp_path / "自评")], None),
        (["serve", "--share", "--policy", str(tmp_path / "甲.toml")], None),
        (["run", str(tmp_path / "自评"), "x"], tmp_path / "本区.toml"),
    ):
        with monkeypatch.context() as here:
            here.setenv("EVALXL_LAYOUT", "")
            here.delenv("EVALXL_LAYOUT")
            layout_file.choose(typed)
            assert layout_file.named() == name
            with layout_file.named_to_new_processes(None):
                assert layout_file.named() is None
            assert layout_file.named() == name
    monkeypatch.setenv("EVALXL_LAYOUT", "typed.toml")
    with layout_file.named_to_new_processes(None):
        assert layout_file.named() == Path("typed.toml")


def test_a_mistake_is_the_sentence_of_the_command(
    root: Path, client: TestClient, site: tuple[TestClient, Desk]
) -> None:
    (root / "2023" / "evalxl.toml").write_text('roster = "没有.csv"\n', encoding="utf-8")
    client.post("/desk/run", data={"inbox": key_of(root, "2023/乡镇")})
    assert "没有.csv" in finish(site[1]).trouble
    assert "没有.csv" in client.get("/desk/run").text
    assert not (root / "2023" / "乡镇-核对结果").exists()
    (root / "2023" / "evalxl.toml").unlink()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up as on Linux")
def test_a_run_that_is_stopped_ends_its_own_processes(
    root: Path, client: TestClient, site: tuple[TestClient, Desk]
) -> None:
    (root / "2023" / "evalxl.toml").write_text("jobs = 2\n", encoding="utf-8")
    client.post("/desk/run", data={"inbox": key_of(root, "2023/收件")})
    current = site[1].running
    assert current is not None
    process = current._process
    assert process is not None
    assert process.pid is not None
    own: set[int] = set()
    end = time.monotonic() + 60
    while not current.finished and (current.told == "" or len(own) < 2):  # until its pool is at work
        assert time.monotonic() < end
        own |= below(process.pid)
    client.post("/desk/stop")
    assert finish(site[1]).trouble in ("已停止；原有的结果没有改动。", "")
    assert process.exitcode == 0  # it has ended by itself
    while any(map(lives, own)):
        assert time.monotonic() < end
        time.sleep(0.1)
    (root / "2023" / "evalxl.toml").unlink()


def test_a_run_can_be_stopped_and_one_that_dies_is_said(
    root: Path, client: TestClient, site: tuple[TestClient, Desk]
) -> None:
    for stopped in (True, False):
        client.post("/desk/run", data={"inbox": key_of(root, "2023/乡镇")})
        current = site[1].running
        assert current is not None
        if stopped:
            client.post("/desk/stop")
        else:
            current._process.kill()  # type: ignore[union-attr]
        assert finish(site[1]).trouble == (
            "已停止；原有的结果没有改动。" if stopped else "处理中途意外中止，原有的结果没有改动，请再运行一次。"
        )


def test_nothing_is_written_where_a_link_leads(
    root: Path, client: TestClient, site: tuple[TestClient, Desk], tmp_path: Path
) -> None:
    shutil.copytree(root / "2023" / "收件", root / "另" / "收件")
    (root / "另" / "收件-核对结果").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere").mkdir()
    client.post("/desk/run", data={"inbox": key_of(root, "另/收件")})
    assert finish(site[1]).trouble == "收件-核对结果 是链接，工作台不往链接里写；请移走它，再运行。"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    shutil.rmtree(root / "另")


def test_the_folder_of_what_has_come_in_is_chosen_at_first(client: TestClient) -> None:
    options = re.findall(r"<option [^>]*?( selected)?>([^（]*)", client.get("/desk").text)
    assert options == [("", "2023/乡镇"), (" selected", "2023/收件")]


def test_an_inbox_that_is_not_there_is_not_run(client: TestClient) -> None:
    for sent in ("", "../../etc", "0123456789abcdef", "/tmp"):
        assert client.post("/desk/run", data={"inbox": sent}).status_code == 404
    assert client.post("/desk/run", content=b"x" * 100_000).status_code == 413


# ---------------------------------------------------------------- folders and files


def test_what_is_an_inbox(tmp_path: Path) -> None:
    for folder in ("甲", "深/二/三", "深/二/三/四", ".藏", "空", "结果", "公开", "公开/可公开"):
        (tmp_path / folder).mkdir(parents=True)
        if folder != "空":
            (tmp_path / folder / "a.xlsx").touch()
    (tmp_path / "结果" / "run.json").write_text("{}", encoding="utf-8")
    (tmp_path / "公开" / "公开台账.xlsx").touch()
    (tmp_path / "链接").symlink_to(tmp_path / "甲")
    (tmp_path / "外").symlink_to("/etc")
    (tmp_path / "空" / "说明.docx").touch()
    assert [(each.name, each.workbooks) for each in inboxes(tmp_path)] == [("深/二/三", 1), ("甲", 1)]
    (tmp_path / "b.xls").touch()
    assert inboxes(tmp_path)[-1].path == tmp_path
    (tmp_path / "evalxl.toml").write_text('roster = "b.xls"\n', encoding="utf-8")  # the bureau's own list
    assert [each.name for each in inboxes(tmp_path)] == ["深/二/三", "甲"]
    (tmp_path / "evalxl.toml").write_text("roster = 3\n", encoding="utf-8")
    assert inboxes(tmp_path)[-1].path == tmp_path
    assert find(tmp_path, "甲") is None


def test_a_record_that_names_files_elsewhere_gives_none_of_them(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "收", "收", 1)
    inbox.outbox.mkdir()
    (tmp_path / "secret").touch()
    (inbox.outbox / "link").symlink_to(tmp_path / "secret")
    (inbox.outbox / "汇总表.xlsx").touch()
    names = ["汇总表.xlsx", "../secret", str(tmp_path / "secret"), "link", "结果/../../secret"]
    (inbox.outbox / "run.json").write_text(json.dumps({"files": names}), encoding="utf-8")
    assert inbox.files == ["汇总表.xlsx"]
    inbox.outbox.rename(tmp_path / "elsewhere")
    inbox.outbox.symlink_to(tmp_path / "elsewhere")
    assert inbox.files == []


def test_files_that_have_gone_are_said_to_be_gone(
    root: Path, client: TestClient, site: tuple[TestClient, Desk]
) -> None:
    key = key_of(root, "2023/乡镇")
    client.post("/desk/run", data={"inbox": key})
    finish(site[1])
    assert client.get(f"/desk/{key}/0").status_code == 200
    for path in (f"/desk/{key}/999", f"/desk/{key}/-1", "/desk/0123456789abcdef", "/desk/0123456789abcdef/0"):
        assert client.get(path).status_code == 404
    shutil.rmtree(root / "2023" / "乡镇-核对结果")
    for path in (f"/desk/{key}/0", f"/desk/{key}"):
        assert client.get(path).status_code == 404


def test_a_fault_is_said_with_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the process that runs there is nobody else to say it."""
    said: list[object] = []

    class Pipe:
        def send(self, what: object) -> None:
            said.append(what)

    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr(library, "run", lambda *_, **__: 1 / 0)
    running._run(Pipe(), tmp_path, tmp_path / "out", Choices(), None)  # type: ignore[arg-type]
    assert str(said[-1]).startswith("程序缺陷：ZeroDivisionError")
