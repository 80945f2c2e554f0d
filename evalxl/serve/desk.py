"""The desk: choose an inbox, run it, watch it, take the files; on this machine alone, behind a key in the address."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from evalxl.library import PENDING, RECHECKS, SUMMARY, Attendance, Pending, PolicySource, Severity
from evalxl.serve import pages
from evalxl.serve.inboxes import Inbox, find, inboxes
from evalxl.serve.running import Choices, Closing, Running, start
from evalxl.serve.uploads import read_fields

COOKIE = "evalxl-desk"
_NO_KEY = "请用启动时显示的那个地址打开工作台；地址里带着钥匙，只在本机有用。"
_GONE = "没有这个收件夹或文件了，请回到工作台重新选择。"
_BUSY = "正在处理另一个收件夹，请等它结束。"
_FIRST = (SUMMARY, PENDING, RECHECKS)  # what an operator opens
_REFRESH = {"Refresh": "1"}  # seconds; pages without scripts are asked for anew

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


@dataclass
class Desk:
    """The desk of one operator."""

    root: Path
    policy: PolicySource = None  # as typed: it goes before the one that is named beside an inbox
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    _session: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    running: Running | None = None

    def routes(self) -> list[Route]:
        """Where it answers."""
        return [
            Route("/desk", self._enter),
            Route("/desk/run", self._behind(self._watch)),
            Route("/desk/run", self._behind(self._start), methods=["POST"]),
            Route("/desk/stop", self._behind(self._stop), methods=["POST"]),
            Route("/desk/{key}", self._behind(self._results)),
            Route("/desk/{key}/{number:int}", self._behind(self._file)),
        ]

    # ---------------------------------------------------------------- the key

    def _behind(self, handler: Handler) -> Handler:
        """A handler that only who has the cookie gets to."""

        async def handle(request: Request) -> Response:
            if not self._known(request):
                return HTMLResponse(pages.failure(_NO_KEY), 403)
            return await handler(request)

        return handle

    def _known(self, request: Request) -> bool:
        return secrets.compare_digest(request.cookies.get(COOKIE, "").encode(), self._session.encode())

    async def _enter(self, request: Request) -> Response:
        """With the key in the address a cookie is given and the key goes out of sight; with the cookie, the desk."""
        given = request.query_params.get("token")
        if given is not None and secrets.compare_digest(given.encode(), self.token.encode()):
            answer = RedirectResponse("/desk", 303)
            answer.set_cookie(COOKIE, self._session, path="/desk", httponly=True, samesite="strict")
            return answer
        return await self._behind(self._list)(request)

    # ---------------------------------------------------------------- pages

    async def _list(self, _request: Request) -> Response:
        found = inboxes(self.root)
        rows = [
            (escape(each.name), str(each.workbooks), f'<a href="/desk/{each.key}">看结果</a>' if each.files else "—")
            for each in found
        ]
        going = '<p><a href="/desk/run">看正在处理的</a></p>' if self._going else ""
        listed = pages.table("收件夹", ("收件夹", "工作簿", "上次的结果"), rows) if rows else ""
        main = f"<h1>工作台</h1>\n{going}<p>文件夹“{escape(self.root.name)}”里的收件夹：</p>\n{_form(found)}\n{listed}"
        return HTMLResponse(pages.page("工作台", main, desk=True))

    async def _start(self, request: Request) -> Response:
        fields = await read_fields(request)
        inbox = find(self.root, fields.get("inbox", ""))
        if inbox is None:
            return HTMLResponse(pages.failure(_GONE, desk=True), 404)
        if self._going:
            return HTMLResponse(pages.failure(_BUSY, desk=True), 409)
        compare = "compare" in fields and bool(inbox.files)
        self.running = start(inbox, Choices("report" in fields, compare), self.policy)
        return RedirectResponse("/desk/run", 303)

    async def _stop(self, _request: Request) -> Response:
        self.end()
        return RedirectResponse("/desk/run", 303)

    async def _watch(self, _request: Request) -> Response:
        running = self.running
        if running is None:
            return RedirectResponse("/desk", 303)
        if not running.finished:
            return HTMLResponse(pages.page("正在处理", _progress(running), desk=True), headers=_REFRESH)
        if running.closing is None:
            return HTMLResponse(pages.failure(running.trouble, desk=True))
        return HTMLResponse(_closing(running.inbox, running.closing, running.told))

    async def _results(self, request: Request) -> Response:
        inbox = find(self.root, request.path_params["key"])
        if inbox is None or not inbox.files:
            return HTMLResponse(pages.failure(_GONE, desk=True), 404)
        running = self.running
        if running is not None and running.closing is not None and running.inbox.key == inbox.key:
            return HTMLResponse(_closing(inbox, running.closing, running.told))
        main = f"<h1>{escape(inbox.name)}：上次的结果</h1>\n{_files(inbox)}"
        return HTMLResponse(pages.page("上次的结果", main, desk=True))

    async def _file(self, request: Request) -> Response:
        inbox, number = find(self.root, request.path_params["key"]), request.path_params["number"]
        names = inbox.files if inbox is not None else []
        if inbox is None or not 0 <= number < len(names) or not (inbox.outbox / names[number]).is_file():
            return HTMLResponse(pages.failure(_GONE, desk=True), 404)
        return FileResponse(inbox.outbox / names[number], headers=attachment(names[number].rpartition("/")[2]))

    def end(self) -> None:
        """End what is still running."""
        if self._going:
            self._going.stop()

    @property
    def _going(self) -> Running | None:
        """The run that has not ended."""
        return self.running if self.running is not None and not self.running.finished else None


def attachment(name: str) -> dict[str, str]:
    """The header that has a browser store an answer under a name, whatever is in it."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


_INBOX = "收件"  # what operators call the folder of what has come in


def _form(found: list[Inbox]) -> str:
    if not found:
        return "<p>没有找到放着工作簿的文件夹。请把各部门的工作簿放进一个文件夹，再刷新本页。</p>"
    first = next((each for each in found if _INBOX in each.path.name), found[0])  # 待发模板 lies there too
    options = "".join(
        f'<option value="{each.key}"{" selected" if each is first else ""}>'
        f"{escape(each.name)}（{each.workbooks} 本）</option>"
        for each in found
    )
    return f"""<form method="post" action="/desk/run">
<p><label for="inbox">选择收件夹</label><select id="inbox" name="inbox">{options}</select></p>
<p><input type="checkbox" id="compare" name="compare" checked>
<label class="choice" for="compare">与上次的结果对照（新增、未改、已改正；部门写的说明继续有效）</label></p>
<p><input type="checkbox" id="report" name="report">
<label class="choice" for="report">同时生成 Word 报告</label></p>
<p class="note">名册、豁免清单、规则文件写在收件夹旁边的 <code>evalxl.toml</code> 里，会自动采用。
结果写到收件夹旁边的“收件夹名-核对结果”。</p>
<p><button type="submit">运行</button></p>
</form>"""


def _progress(running: Running) -> str:
    share = f'value="{running.done}" max="{running.total}"' if running.total else ""
    told = f"<p>{escape(running.told)}</p>" if running.told else ""
    steps = f"{running.done} / {running.total}" if running.total else "准备"
    return f"""<h1>正在处理 {escape(running.inbox.name)}</h1>
{told}<p><label for="progress">进度：{steps}</label><progress id="progress" {share}></progress></p>
<p class="note">本页每秒自动更新；没有更新的，请点<a href="/desk/run">刷新</a>。</p>
<form method="post" action="/desk/stop"><p><button type="submit" class="plain">停止</button></p></form>"""


def _closing(inbox: Inbox, closing: Closing, told: str) -> str:
    headers = ("部门", "状态", *(each.word for each in Severity), "文件")
    rows = [
        (
            escape(each.department),
            f'<strong class="status {each.status.mark}">{each.status.word}</strong>',
            *(str(count) for count in (each.errors, each.warnings, each.infos)),
            escape(each.workbook),
        )
        for each in closing.workbooks
    ]
    remarks = "".join(f"<li>{escape(each)}</li>" for each in closing.remarks)
    steps = "；".join(closing.steps)
    following = (
        f"{steps}；报回的放进收件夹替换旧的，再运行。" if steps else f"打开{SUMMARY}，看过《总览》和《核对》后签字。"
    )
    parts = [
        f"<h1>{escape(inbox.name)}：已处理 {len(rows)} 个文件</h1>",
        f"<p>{escape(told)}</p>" if told else "",
        f"<ul>{remarks}</ul>" if remarks else "",
        f"<p>{_attendance(closing.attendance)}</p>" if closing.attendance else "",
        f"<p><strong>下一步：</strong>{escape(following)}</p>",
        _pending(inbox, closing.pending),
        _files(inbox),
        pages.table("各部门", headers, rows),
    ]
    return pages.page("处理结果", "\n".join(each for each in parts if each), desk=True)


def _attendance(attendance: Attendance) -> str:
    missing = "、".join(escape(each.name) for each in attendance.missing)
    reported = f"应报 {attendance.expected} 个部门，已报 {attendance.present} 个"
    return f"{reported}，未报 {len(attendance.missing)} 个：{missing}。" if missing else f"{reported}。"


def _pending(inbox: Inbox, pending: Sequence[Pending]) -> str:
    """Whom to write to, with the words to send: a click selects a message whole, ready to be copied."""
    if not pending:
        return ""
    numbers = {name: number for number, name in enumerate(inbox.files)}
    rows = [
        (
            escape(each.department), f'<strong class="status {each.mark}">{escape(each.state)}</strong>',
            escape(" ".join(filter(None, (each.contact, each.phone)))) or "—",
            _link(inbox, numbers[each.file], each.file) if each.file in numbers else "—",
            f'<span class="message">{escape(each.message)}</span>',
        )
        for each in pending
    ]  # fmt: skip
    return pages.table("待办：给各部门发什么", ("部门", "状态", "联系人", "附件", "发送文字"), rows)


def _link(inbox: Inbox, number: int, words: str) -> str:
    return f'<a href="/desk/{inbox.key}/{number}">{escape(words)}</a>'


def _files(inbox: Inbox) -> str:
    """The files of an outbox, the district's first, then by folder."""
    names = inbox.files
    links = [_link(inbox, number, name) for number, name in enumerate(names)]
    ranked = sorted((_FIRST.index(name) if name in _FIRST else len(_FIRST), name) for name in names if "/" not in name)
    whole = "".join(f"<li>{links[names.index(name)]}</li>" for _, name in ranked)
    parts = [f"<h2>结果文件</h2>\n<p>在 <code>{escape(str(inbox.outbox))}</code></p>\n<ul>{whole}</ul>"]
    for folder in sorted({name.partition("/")[0] for name in names if "/" in name}):
        own = [link for name, link in zip(names, links, strict=True) if name.startswith(f"{folder}/")]
        listed = "".join(f"<li>{link}</li>" for link in own)
        parts.append(f"<details><summary>{escape(folder)}（{len(own)} 个）</summary><ul>{listed}</ul></details>")
    return "\n".join(parts)
