"""The self-check page: what it answers, what it refuses, what it never does."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import re
import tempfile
import time
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import deadly
import jsonschema
import pytest
from conftest import fill
from forms import xls
from processes import below, lives
from starlette.testclient import TestClient
from zoo import ZOO

import evalxl
from evalxl.serve import uploads, worker
from evalxl.serve.app import Site, application
from evalxl.serve.worker import Answer, Checker, Order, Want

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
WATER = SAMPLES / "鹿泉区水利局.xlsx"
HERE = "http://127.0.0.1:8765"
MB = 2**20


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(application(Site(names=frozenset({"zc.example"}))), base_url=HERE) as one:
        yield one


def send(client: TestClient, *files: tuple[str, bytes], **more: str) -> tuple[int, str]:
    """The status and the page that an upload is answered with."""
    headers = {"Accept": more.pop("accept", "text/html")}
    answer = client.post("/check", files=[("files", each) for each in files], data=more, headers=headers)
    return answer.status_code, answer.text


# ---------------------------------------------------------------- what it answers


def test_the_front_page_has_a_form_a_template_and_the_guide(client: TestClient) -> None:
    page = client.get("/").text
    assert 'enctype="multipart/form-data"' in page
    assert page.count("<h1>") == page.count("<main") == 1
    assert client.get("/template.xlsx").content == evalxl.template(Path(tempfile.mkdtemp())).read_bytes()
    guide = client.get("/guide/accountant.html")
    for link in re.findall(r'(?:src|href)="([^"#:]+)"', guide.text):
        assert client.get(f"/guide/{link}").status_code == 200, link
    assert (client.get("/nothing").status_code, client.get("/check").status_code) == (404, 405)


def test_findings_by_sheet_with_cell_both_numbers_and_remedy(client: TestClient) -> None:
    status, page = send(client, (WATER.name, WATER.read_bytes()))
    assert status == 200
    text = re.sub(r"<[^>]+>", "|", page)
    for finding in evalxl.check(WATER).findings:
        row = next(each for each in page.split("<tr>") if f"<span>{finding.rule}<" in each)
        for words in (finding.cell, finding.label, finding.statement, finding.actual, finding.expected, finding.fix):
            assert words in row
        assert f"《{finding.sheet}》" in text
    assert "退回" in text
    (link,) = re.findall(r'href="data:[^,]+;base64,([^"]+)"', page)
    assert base64.b64decode(link) == evalxl.marked(WATER)


def test_the_json_is_that_of_check(client: TestClient) -> None:
    answer = client.post(
        "/check", files={"files": (WATER.name, WATER.read_bytes())}, headers={"Accept": "application/json"}
    )
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == evalxl.check({WATER.name: WATER.read_bytes()}).to_json()
    jsonschema.validate(answer.json(), evalxl.schema())
    refused = client.post("/check", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()) == (400, {"error": uploads.NOTHING})


def test_the_marked_copy_as_the_answer_itself(client: TestClient) -> None:
    """For browsers that can take no file out of a page."""
    one = client.post("/check", files={"files": (WATER.name, WATER.read_bytes())}, data={"answer": "copy"})
    assert one.content == evalxl.marked(WATER)
    assert "filename*=UTF-8''%E6%A0%87%E6%B3%A8-" in one.headers["content-disposition"]
    both = client.post(
        "/check",
        files=[("files", (name, WATER.read_bytes())) for name in ("甲.xlsx", "甲.xlsx")],
        data={"answer": "copy"},
    )
    with zipfile.ZipFile(io.BytesIO(both.content)) as packed:
        assert packed.namelist() == ["标注-甲.xlsx", "标注-甲（2）.xlsx"]
    alike = [("files", (name, WATER.read_bytes())) for name in ("甲.xlsx", "甲.xlsm")]  # both copies are .xlsx
    both = client.post("/check", files=alike, data={"answer": "copy"})
    with zipfile.ZipFile(io.BytesIO(both.content)) as packed:
        assert packed.namelist() == ["标注-甲.xlsx", "标注-甲（2）.xlsx"]
    unread = client.post("/check", files={"files": ("乙.xlsx", b"nothing")}, data={"answer": "copy"})
    assert "未读取" in unread.text


def test_a_start_that_fails_is_tried_again_with_the_first_upload(monkeypatch: pytest.MonkeyPatch) -> None:
    """There was no room on the disk for a moment; nobody waits for ever."""
    start, times = worker.Checker._start, []

    def failing(self: worker.Checker) -> None:
        times.append(1)
        if len(times) == 1:
            raise OSError(28, "No space left on device")
        start(self)

    monkeypatch.setattr(worker.Checker, "_start", failing)
    with TestClient(application(Site()), base_url=HERE) as client:
        assert send(client, (WATER.name, WATER.read_bytes()))[0] == 200
    assert len(times) == 2


def test_several_workbooks_are_judged_together_and_a_good_one_is_praised(client: TestClient, tmp_path: Path) -> None:
    good = fill(tmp_path / "good.xlsx", {}).read_bytes()
    status, page = send(client, ("甲.xlsx", good), ("乙.xlsx", WATER.read_bytes()), ("丙.xlsx", b"no workbook"))
    assert status == 200
    assert [
        page.count(words) for words in ("没有错误和提醒，可以报送。", "这个文件没有读取", "错误须改正后才能报送")
    ] == [1, 1, 1]
    assert page.count("data:") == 1
    assert page.count('<a href="#book-') == 3


class _Tags(HTMLParser):
    """The tags of a page and their attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}


def test_what_senders_write_is_no_markup(client: TestClient, tmp_path: Path) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=y>'
    book = fill(tmp_path / "a.xlsx", {"基本信息!B5": nasty, "项目!B5": nasty, "项目!H5": 0.5, "项目!J5": nasty})
    for name in (f"{nasty}.xlsx", "../../etc/passwd", "..\\..\\x.xlsx", "\u202exslx.exe", "a\x00b.xlsx", "x" * 500):
        status, page = send(client, (name, book.read_bytes()))
        assert status == 200
        tags = _Tags()
        tags.feed(page)
        assert tags.names.isdisjoint({"script", "img", "style", "iframe", "object", "svg"}), name
        assert not [each for each in tags.attributes if each.startswith("on") or each == "style"], name
        assert "../" not in page
        assert "\u202e" not in page


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(
    ("files", "status", "sentence"),
    [
        ([("a.xlsx", 6 * MB)], 200, "未读取"),
        ([("a.xlsx", 6 * MB + 1)], 413, uploads.TOO_LARGE),
        ([("a.xlsx", 1), ("b.xlsx", 7 * MB)], 413, uploads.TOO_LARGE),
        ([(f"{number}.xlsx", 10) for number in range(5)], 200, "未读取"),
        ([(f"{number}.xlsx", 10) for number in range(6)], 413, uploads.TOO_MANY),
        ([(f"{number}.xlsx", 6 * MB) for number in range(6)], 413, uploads.TOO_LARGE),
        ([("", 0)], 400, uploads.NOTHING),
    ],
)
def test_limits_hold_by_header(files: list[tuple[str, int]], status: int, sentence: str, client: TestClient) -> None:
    got, page = send(client, *((name, b"x" * size) for name, size in files))
    assert got == status
    assert sentence in page


@pytest.mark.parametrize(
    "part",
    [
        'Content-Disposition: form-data; name="{0}"\r\n\r\n\r\n', 'X: y\r\n\r\n\r\n',
        'Content-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n', f"X: {'y' * 70_000}\r\n\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_file_is_little_however_it_is_sent(part: str, client: TestClient) -> None:
    body = "".join(f"--b\r\n{part.format(number)}" for number in range(5000)) + "--b--\r\n"
    answer = client.post("/check", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert (answer.status_code, uploads.TOO_LARGE in answer.text) == (413, True)


def _streamed(boundary: str, *parts: tuple[str, bytes], end: bool = True) -> Iterator[bytes]:
    for name, data in parts:
        yield f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
        for start in range(0, len(data), 65536):
            yield data[start : start + 65536]
        yield b"\r\n"
    if end:
        yield f"--{boundary}--\r\n".encode()


@pytest.mark.parametrize(
    ("size", "end", "status", "sentence"),
    [(100, True, 200, "未读取"), (7 * MB, True, 413, uploads.TOO_LARGE), (100, False, 400, uploads.GARBLED)],
)
def test_limits_hold_while_streaming(size: int, end: bool, status: int, sentence: str, client: TestClient) -> None:
    """Without a length that was stated before."""
    answer = client.post(
        "/check", content=_streamed("b", ("a.xlsx", b"x" * size), end=end), headers={"Content-Type": "multipart/form-data; boundary=b"}
    )  # fmt: skip
    assert "content-length" not in answer.request.headers
    assert answer.status_code == status
    assert sentence in answer.text


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "multipart/form-data; boundary=b"),
        (b"garbage", "multipart/form-data; boundary=b"),
        (b"--b\r\nX: y\r\n\r\n\r\n--b--", "multipart/form-data; boundary=b"),
        (b"--b\r\n" + b"X: y\r\n" * 5000, "multipart/form-data; boundary=b"),
        (b"--b\r\nContent-Disposition: form-data; name=files; filename=a\r\n\r\nx", "multipart/form-data; boundary=b"),
        (b"a=b", "application/x-www-form-urlencoded"),
        (b"a=b", ""),
        (b"--b--", "multipart/form-data; boundary=" + "b" * 500),
        (b"--b--", "multipart/form-data"),
    ],
)
def test_what_is_no_upload_is_said_in_one_sentence(content: bytes, kind: str, client: TestClient) -> None:
    answer = client.post("/check", content=content, headers={"Content-Type": kind})
    assert answer.status_code == 400
    assert uploads.NOTHING in answer.text or uploads.GARBLED in answer.text


def test_a_field_is_not_held_without_end(client: TestClient) -> None:
    answer = client.post("/check", files={"files": ("a.xlsx", b"x")}, data={"answer": "x" * 100_000})
    assert (answer.status_code, uploads.TOO_LARGE in answer.text) == (413, True)


def test_who_comes_when_too_much_is_held_is_asked_to_come_again(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "HELD", 1000)
    status, page = send(client, ("a.xlsx", b"x" * 2000))
    assert (status, uploads.CROWDED in page) == (503, True)
    monkeypatch.undo()
    assert send(client, ("a.xlsx", b"x" * 2000))[0] == 200  # nothing is counted that is held no more


# ---------------------------------------------------------------- other pages


def test_every_answer_forbids_what_pages_could_do(client: TestClient) -> None:
    answers = [client.get(path) for path in ("/", "/style.css", "/template.xlsx", "/nothing", "/guide/accountant.html")]
    answers += [client.post("/check"), client.get("/", headers={"Host": "evil.example"})]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8765", 200), ("localhost", 200), ("[::1]:8765", 200), ("ZC.example:1", 200), ("zc.example.", 200),
        ("evil.example", 421), ("127.0.0.1.evil.example", 421), ("zc.example.evil", 421), ("10.0.0.9", 421), ("", 421),
        ("127.0.0.1:8765@evil", 421), ("127.0.0.1:x", 421), ("127.0.0.1:", 421), ("[::1", 421), ("[::1]x", 421),
    ],
)  # fmt: skip
def test_a_name_that_is_not_ours_is_misdirected(host: str, status: int, client: TestClient) -> None:
    assert client.get("/", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Origin": HERE}, 400),
        ({"Origin": HERE, "Sec-Fetch-Site": "same-origin"}, 400),
        ({"Referer": f"{HERE}/"}, 400),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://127.0.0.1:9999"}, 403),
        ({"Origin": "https://127.0.0.1:8765"}, 403),
        ({"Referer": "http://evil.example/"}, 403),
        ({"Referer": "http://127.0.0.1:8765.evil.example/"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": HERE, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 403),
    ],
)
def test_another_page_may_not_post(headers: dict[str, str], status: int, client: TestClient) -> None:
    assert client.post("/check", headers=headers).status_code == status


def test_another_page_may_link_but_not_load(client: TestClient) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert client.get("/", headers=link).status_code == 200
    assert client.get("/", headers=link | {"Sec-Fetch-Mode": "no-cors"}).status_code == 403


# ---------------------------------------------------------------- the process that checks


@pytest.fixture
def mortal() -> Iterator[Checker]:
    checker = Checker(work=deadly.work)
    yield checker
    checker.end()


def test_a_dead_process_costs_one_answer(mortal: Checker) -> None:
    good = WATER.read_bytes()
    orders = [Order({"a.xlsx": data}) for data in (good, deadly.KILLS, good, b"nothing")]
    found = mortal.do(orders)
    assert [bool(each.trouble) for each in found] == [False, True, False, False]
    assert "程序在检查它时中止" in found[1].trouble
    assert found[0].books == found[2].books != ()
    assert mortal.deaths == 2  # together, and alone
    assert mortal.do(orders[:1]) == found[:1]


def test_what_hangs_is_ended(mortal: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "SECONDS", 2.0)
    began = time.monotonic()
    found = mortal.do([Order({"a.xlsx": deadly.HANGS}), Order({"a.xlsx": WATER.read_bytes()})])
    assert time.monotonic() - began < 30
    assert [bool(each.trouble) for each in found] == [True, False]


def test_a_fault_of_ours_is_said_to_whom_it_befell(mortal: Checker) -> None:
    found = mortal.do([Order({"a.xlsx": deadly.FAILS}), Order({"a.xlsx": WATER.read_bytes()})])
    assert [each.trouble for each in found] == ["程序缺陷：ValueError: a fault", ""]
    assert mortal.deaths == 0


def test_a_fault_of_the_queue_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    checker = Checker()
    good, faults = checker.do, [MemoryError("no room")]

    def do(orders: list[Order]) -> list[Answer]:
        if faults:
            raise faults.pop()
        return good(orders)

    monkeypatch.setattr(checker, "do", do)

    async def ask() -> list[Answer]:
        task = asyncio.create_task(checker.serve())
        found = [await checker.check(Order({"a.xlsx": b"x"})) for _ in range(2)]
        task.cancel()
        return found

    try:
        first, second = asyncio.run(ask())
    finally:
        checker.end()
    assert (first.trouble, second.trouble) == ("程序缺陷：MemoryError: no room", "")


def test_a_fault_of_a_page_is_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evalxl.serve.pages.front", lambda: 1 / 0)
    with TestClient(application(Site()), base_url=HERE, raise_server_exceptions=False) as client:
        answer = client.get("/")
    assert (answer.status_code, "程序缺陷：ZeroDivisionError" in answer.text) == (500, True)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_process_is_replaced_after_its_life(mortal: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "LIFE", 2)
    for count in (1, 2, 1):
        mortal.do([Order({"a.xlsx": b"x"})])
        assert mortal.done == count
    assert mortal.deaths == 0


def test_nothing_sent_stays_on_the_disk(mortal: Checker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mortal.end()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # where nobody else lays down anything meanwhile
    before = {path.name for path in tmp_path.glob("evalxl-*")}
    mortal.do([Order({"a.xlsx": WATER.read_bytes()}), Order({"b.xlsx": WATER.read_bytes()}, Want.DATA)])
    (own,) = [path for path in tmp_path.glob("evalxl-serve-*") if path.name not in before]
    assert list(own.iterdir()) == []
    mortal.do([Order({"a.xlsx": deadly.KILLS})])
    mortal.end()
    assert {path.name for path in tmp_path.glob("evalxl-*")} == before == set()


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="processes are looked up as on Linux")
def test_older_formats_are_read_within_their_limits_as_in_a_run(mortal: Checker) -> None:
    """That is, in a process of their own, which ends with the one that checks."""
    (answer,) = mortal.do([Order({"a.xls": xls({"预算": [["项目", 1.0]]})})])
    assert "旧格式" in answer.books[0].findings[0].message
    assert mortal._process is not None
    assert mortal._process.pid is not None
    own = below(mortal._process.pid)
    assert len([pid for pid in own if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]) == 1
    mortal.end()
    end = time.monotonic() + 20
    while any(map(lives, own)):
        assert time.monotonic() < end
        time.sleep(0.1)


def test_a_server_that_ends_at_once_leaves_nothing() -> None:
    """Also while its process is just being started."""
    place = Path(tempfile.gettempdir())
    before = {path.name for path in place.glob("evalxl-*")}
    for _ in range(3):
        app = application(Site())
        with TestClient(app, base_url=HERE) as one:
            assert one.get("/").status_code == 200
        assert app.state.checker._process is None
    end = time.monotonic() + 20
    while {path.name for path in place.glob("evalxl-*")} - before:
        assert time.monotonic() < end
        time.sleep(0.1)
    checker = Checker()
    checker.close()
    assert checker.do([Order({"a.xlsx": b"x"})])[0].trouble


def test_who_waits_too_long_in_line_is_asked_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "MOST_WAITING", 0)

    async def ask() -> Answer:
        return await Checker().check(Order({}))

    with pytest.raises(worker.Busy):
        asyncio.run(ask())


def test_the_zoo_is_answered_within_seconds(tmp_path: Path) -> None:
    """Whatever has been, or could be, sent in place of a workbook: no process dies of it, and none takes long."""
    orders = []
    for number, beast in enumerate(ZOO.values()):
        path = tmp_path / f"{number}.xlsx"
        beast.make(path)
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= uploads.MOST_BYTES:
            orders.append(Order({path.name: path.read_bytes()}))
    assert len(orders) > 100
    checker = Checker()
    try:
        for start in range(0, len(orders), 10):
            began = time.monotonic()
            found = checker.do(orders[start : start + 10])
            assert time.monotonic() - began < 30
            for answer in found:
                (book,) = answer.books
                assert (book.copy is None) == (book.workbook.status == "refused")
        assert checker.deaths == 0
    finally:
        checker.end()


def test_answers_of_errors_are_json_where_json_is_asked_for(client: TestClient) -> None:
    answer = client.post("/check", files={"files": ("a.xlsx", b"x" * (7 * MB))}, headers={"Accept": "application/json"})
    assert (answer.status_code, json.loads(answer.text)) == (413, {"error": uploads.TOO_LARGE})
