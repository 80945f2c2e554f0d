"""The page as served, and as a real browser shows it; many uploads at once."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from browser import CHROMIUM, LACKING, Browser
from conftest import fill

import evalxl

SAMPLES = Path(__file__).parent.parent / "samples" / "luquan-2023"
WATER, JUSTICE, BROKEN = (SAMPLES / f"鹿泉区{name}局.xlsx" for name in ("水利", "司法", "交通运输"))
A4 = (595, 842)  # points
seen = pytest.mark.skipif(CHROMIUM is None, reason=LACKING)


class Served:
    """A server of its own, as the command starts it."""

    def __init__(self, *arguments: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "evalxl", "serve", *map(str, arguments), "--port", "0"],
            stdout=subprocess.PIPE, encoding="utf-8", env=os.environ | {"PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        assert self.process.stdout is not None
        self.words = []
        for line in self.process.stdout:
            self.words.append(line)
            if "Ctrl-C" in line:
                break
        self.base = next(iter(re.findall(r"自查页：(\S+)", "".join(self.words))))
        self.desk = "".join(re.findall(r"工作台：(\S+)  （", "".join(self.words)))

    def end(self) -> int:
        """Ctrl-C, and the exit code."""
        self.process.send_signal(signal.SIGINT)
        with self.process:
            return self.process.wait(20)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an inbox of three workbooks, a roster and evalxl.toml."""
    place = tmp_path_factory.mktemp("office")
    (place / "2023年度" / "收件夹").mkdir(parents=True)
    for path in (WATER, JUSTICE, BROKEN):
        shutil.copy(path, place / "2023年度" / "收件夹")
    (place / "2023年度" / "evalxl.toml").write_text('roster = "名册.csv"\n', encoding="utf-8")
    (place / "2023年度" / "名册.csv").write_text("部门名称\n鹿泉区水利局\n鹿泉区司法局\n", encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def served(office: Path) -> Iterator[Served]:
    one = Served(office)
    yield one
    one.end()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path, scripts=False) as one:
        yield one


def upload(base: str, *files: tuple[str, bytes]) -> tuple[int, str]:
    """An upload without any browser: the status, and the page."""
    body = b"".join(
        f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in files
    )
    request = urllib.request.Request(
        f"{base}check", body + b"--b--\r\n", {"Content-Type": "multipart/form-data; boundary=b"}
    )
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


# ---------------------------------------------------------------- the server


def test_fifty_uploads_at_once_are_each_answered_with_their_own(served: Served, tmp_path: Path) -> None:
    books = [
        fill(tmp_path / f"{number}.xlsx", {"基本信息!B5": f"示范区第{number}局", "预算!D22": 900 + number}).read_bytes()
        for number in range(10)
    ]
    upload(served.base, ("a.xlsx", books[0]))
    with ThreadPoolExecutor(50) as people:
        answers = list(people.map(lambda number: upload(served.base, ("自评.xlsx", books[number % 10])), range(50)))
    for number, (status, page) in enumerate(answers):
        assert status == 200
        assert re.findall(r"示范区第\d+局", page) == [f"示范区第{number % 10}局"]
        assert f"本年支出合计 {900 + number % 10}.00" in page


def test_who_calls_and_says_nothing_is_not_waited_for(served: Served) -> None:
    host, port = re.findall(r"//([^:/]+):(\d+)", served.base)[0]
    silent = [socket.create_connection((host, int(port)), timeout=30) for _ in range(3)]
    with contextlib.ExitStack() as stack:
        for each in silent:
            stack.enter_context(each)
        silent[1].sendall(b"POST /check HTTP/1.1\r\nHost: ")
        silent[2].sendall(f"GET / HTTP/1.1\r\nHost: {host}:{port}\r\n\r\nGET / HTTP/1.1\r\n".encode())
        assert [_until_closed(each)[:15] for each in silent] == [b"", b"", b"HTTP/1.1 200 OK"]


def _until_closed(connection: socket.socket) -> bytes:
    """All that comes; TimeoutError where the other side neither writes nor closes for half a minute."""
    with connection.makefile("rb") as coming:
        return coming.read()


def test_an_upload_that_is_too_large_sees_the_answer_and_not_a_broken_connection(served: Served) -> None:
    status, page = upload(served.base, ("a.xlsx", b"x" * (40 * 2**20)))
    assert status == 413
    assert "文件太大" in page


def test_a_port_that_is_taken_and_a_folder_that_is_not_there(served: Served, tmp_path: Path) -> None:
    port = served.base.rstrip("/").rpartition(":")[2]
    for arguments, words in (
        (["--port", port], f"端口 {port} 用不了"),
        ([tmp_path / "none"], "没有 .*none 这个文件夹"),
        ([tmp_path, "--share"], "--share 只提供自查页"),
        (["--policy", tmp_path / "none.toml"], "none.toml"),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "evalxl", "serve", *map(str, arguments)], capture_output=True, encoding="utf-8",
            env=os.environ | {"PYTHONIOENCODING": "utf-8"}, check=False, timeout=60,
        )  # fmt: skip
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert re.search(words, done.stderr)


@pytest.mark.skipif(os.name != "posix", reason="Ctrl-C is a signal there")
def test_ctrl_c_ends_it_and_shared_it_has_no_desk() -> None:
    shared = Served("--share")
    assert "工作台不对外提供" in "".join(shared.words)
    assert shared.desk == ""
    port = shared.base.rstrip("/").rpartition(":")[2]
    with urllib.request.urlopen(shared.base, timeout=20) as answer:  # by the address that others use
        assert answer.status == 200
    with pytest.raises(urllib.error.HTTPError) as missing:
        urllib.request.urlopen(f"http://127.0.0.1:{port}/desk", timeout=20)
    with missing.value:
        assert missing.value.code == 404
    assert shared.end() == 0


# ---------------------------------------------------------------- as a browser shows it


@seen
def test_self_check_in_a_browser_without_scripts(served: Served, browser: Browser, tmp_path: Path) -> None:
    browser.open(served.base)
    browser.choose("#files", [WATER, BROKEN])
    browser.click("button")
    html = _text(browser)
    assert all(words in html for words in ("检查结果", "D22", "1468.28", "1486.28", "未读取"))
    browser.click("a.button", loads=False)
    assert browser.downloaded().read_bytes() == evalxl.marked(WATER)
    browser.printed(tmp_path / "page.pdf")
    sizes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", (tmp_path / "page.pdf").read_bytes())
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {A4}
    browser.open(served.base)
    browser.choose("#files", [WATER])
    browser.click("button.plain", loads=False)
    assert browser.downloaded().read_bytes() == evalxl.marked(WATER)
    assert browser.complaints() == []  # nothing was blocked, and nothing was lacking


@seen
def test_the_desk_in_a_browser(served: Served, office: Path, browser: Browser) -> None:
    browser.open(f"{served.base}desk")
    assert "请用启动时显示的那个地址" in _text(browser)
    browser.open(served.desk)
    assert "2023年度/收件夹（3 本）" in _text(browser)
    browser.click("button")
    end = time.monotonic() + 60
    while "已处理 3 个文件" not in (page := _text(browser)):
        assert time.monotonic() < end, page
        time.sleep(0.5)
    assert "roster = 名册.csv" in page
    assert "未读取的 1 个请部门重报" in page
    browser.click("main ul a", loads=False)
    written = office / "2023年度" / "收件夹-核对结果" / "汇总表.xlsx"
    assert browser.downloaded().read_bytes() == written.read_bytes()


def _text(browser: Browser) -> str:
    while True:
        try:
            node = browser.ask("DOM.getDocument")["root"]["nodeId"]
            return str(browser.ask("DOM.getOuterHTML", nodeId=node)["outerHTML"])
        except RuntimeError:  # the page has been asked for anew between the two
            time.sleep(0.1)


_CONTRAST = """(() => {
  const channel = v => { v /= 255; return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 };
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b) };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c } return 'rgb(255, 255, 255)' };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(e.outerHTML.slice(0, 80));
  }
  const levels = [...document.querySelectorAll('h1,h2,h3,h4')].map(e => +e.tagName[1]);
  return JSON.stringify({
    poor, lang: document.documentElement.lang, mains: document.querySelectorAll('main').length, title: document.title,
    unlabelled: [...document.querySelectorAll('input,select,progress')].filter(e => !e.labels.length).map(e => e.outerHTML),
    nameless: [...document.querySelectorAll('a,button')].filter(e => !e.textContent.trim()).length,
    skipped: levels.some((level, i) => i === 0 ? level !== 1 : level - levels[i - 1] > 1),
    twice: [...document.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i),
    heads: [...document.querySelectorAll('th')].every(e => e.scope), captions: [...document.querySelectorAll('main table')].every(e => e.caption),
    wide: document.documentElement.scrollWidth - innerWidth, outside: [...document.querySelectorAll('[src],link[href]')].map(e => e.src || e.href).filter(a => !a.startsWith(location.origin)),
  })
})()"""


@seen
@pytest.mark.parametrize("width", [380, 1100])
def test_pages_can_be_read_by_everybody(width: int, served: Served, tmp_path: Path) -> None:
    """Labels, headings, landmarks, contrast; nothing wider than a telephone; nothing from elsewhere."""
    with Browser(tmp_path, width=width) as browser:
        browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=False)
        for step in ("front", "result", "desk"):
            browser.open(served.desk if step == "desk" else served.base)
            if step == "result":
                browser.choose("#files", [WATER, JUSTICE, BROKEN])
                browser.click("button")
            found = json.loads(browser.tell(_CONTRAST))
            assert found.pop("title").endswith("部门整体支出绩效自评")
            assert found.pop("wide") <= 0
            assert found == {
                "poor": [], "lang": "zh-CN", "mains": 1, "unlabelled": [], "nameless": 0, "skipped": False, "twice": [],
                "heads": True, "captions": True, "outside": [],
            }, step  # fmt: skip


@seen
def test_a_page_that_is_focused_shows_where(served: Served, browser: Browser) -> None:
    browser.open(served.base)
    for kind in ("keyDown", "keyUp"):
        browser.ask("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
    browser.ask("Emulation.setScriptExecutionDisabled", value=False)
    assert browser.tell("document.activeElement.textContent") == "跳到正文"
    assert browser.tell("getComputedStyle(document.activeElement).outlineStyle") == "solid"
