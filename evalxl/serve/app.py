"""The application: which address answers what."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import tempfile
import zipfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from evalxl import library
from evalxl.library import PolicySource
from evalxl.serve import pages
from evalxl.serve.desk import Desk, attachment
from evalxl.serve.guard import HEADERS, Guard
from evalxl.serve.uploads import CROWDED, Form, Refused, Room, free_name, read_upload
from evalxl.serve.worker import Answer, Busy, Checker, Order, Want

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}
_NOT_FOUND = "没有这个页面。"
_WRONG_WAY = "请从自查页选择文件，再点“检查”。"


@dataclass(frozen=True)
class Site:
    """What is served, to whom."""

    policy: PolicySource = None  # of the self-check and its template; the desk asks for that of each inbox
    names: frozenset[str] = frozenset()  # by which other machines know this one
    desk: Desk | None = None


class _Site:
    """The self-check: its pages, its files, and the queue of what is to be checked."""

    def __init__(self, site: Site) -> None:
        self.site, self.checker, self.room = site, Checker(site.policy), Room()
        self.style = Path(__file__).with_name("style.css").read_bytes()
        self.template, self.guides = _template(site.policy), _guides()

    @contextlib.asynccontextmanager
    async def life(self, _app: Starlette) -> AsyncIterator[None]:
        """The checking process lives as long as the server."""
        task = asyncio.create_task(self.checker.serve())
        try:
            yield
        finally:
            task.cancel()
            self.checker.close()
            if self.site.desk is not None:
                self.site.desk.end()

    def routes(self) -> list[Route]:
        """Where it answers."""
        return [
            Route("/", self._front),
            Route("/check", self._check, methods=["POST"]),
            Route("/template.xlsx", self._template),
            Route("/style.css", self._style),
            Route("/favicon.ico", self._icon),
            Route("/guide/{name}", self._guide),
        ]

    async def _front(self, _request: Request) -> Response:
        return HTMLResponse(pages.front())

    async def _template(self, _request: Request) -> Response:
        return Response(self.template, media_type=pages.XLSX, headers=attachment("填报模板.xlsx"))

    async def _style(self, _request: Request) -> Response:
        return Response(self.style, media_type=_KINDS[".css"])

    async def _icon(self, _request: Request) -> Response:
        return Response(status_code=204)

    async def _guide(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self.guides:
            return HTMLResponse(pages.failure(_NOT_FOUND), 404)
        return Response(self.guides[name], media_type=_KINDS[Path(name).suffix])

    async def _check(self, request: Request) -> Response:
        data = _wants_data(request)
        try:
            form = await read_upload(request, self.room)
            want = Want.DATA if data else Want.COPY if form.fields.get("answer") == "copy" else Want.PAGE
            self.room.held += sum(map(len, form.files.values()))
            try:
                answer = await self.checker.check(Order(form.files, want))
            finally:
                self.room.held -= sum(map(len, form.files.values()))
        except Refused as reason:
            return _said(reason.sentence, reason.status, data=data)
        except Busy:
            return _said(CROWDED, 503, data=data)
        if answer.trouble:
            return _said(answer.trouble, 500, data=data)
        if data:
            return Response(answer.data, media_type="application/json")
        return _copies(answer) if want is Want.COPY and _all_read(answer, form) else HTMLResponse(pages.result(answer))


def application(site: Site) -> Starlette:
    """The whole application."""
    own = _Site(site)
    routes = [*own.routes(), *(site.desk.routes() if site.desk else ())]
    handlers: Mapping[int | type[Exception], ExceptionHandler] = {
        404: _missing,
        405: _wrong_way,
        Refused: _refused,
        Exception: _fault,
    }
    guard = Middleware(Guard, names=_LOCAL | site.names)
    app = Starlette(routes=routes, middleware=[guard], exception_handlers=handlers, lifespan=own.life)
    app.state.checker = own.checker
    return app


async def _missing(_request: Request, _error: Exception) -> Response:
    return HTMLResponse(pages.failure(_NOT_FOUND), 404)


async def _wrong_way(_request: Request, _error: Exception) -> Response:
    return HTMLResponse(pages.failure(_WRONG_WAY), 405)


async def _refused(_request: Request, reason: Exception) -> Response:
    return HTMLResponse(pages.failure(str(reason)), reason.status if isinstance(reason, Refused) else 400)


async def _fault(_request: Request, error: Exception) -> Response:
    said = f"程序缺陷：{type(error).__name__}。请把这句话发给维护人员。"
    return HTMLResponse(pages.failure(said), 500, headers=HEADERS)


def _wants_data(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _said(sentence: str, status: int, *, data: bool) -> Response:
    if data:
        content = json.dumps({"error": sentence}, ensure_ascii=False)
        return Response(content, status, media_type="application/json")
    return HTMLResponse(pages.front(sentence), status)


def _all_read(answer: Answer, form: Form) -> bool:
    return len(answer.books) == len(form.files) and all(book.copy is not None for book in answer.books)


def _copies(answer: Answer) -> Response:
    """The marked copies as one file, for browsers that can take none out of a page."""
    named: dict[str, bytes] = {}
    for book in answer.books:
        named[free_name(pages.copy_name(book.workbook.workbook), named)] = book.copy or b""
    if len(named) == 1:
        ((name, content),) = named.items()
        return Response(content, media_type=pages.XLSX, headers=attachment(name))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in named.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return Response(stream.getvalue(), media_type="application/zip", headers=attachment("标注.zip"))


def _template(policy: PolicySource) -> bytes:
    with tempfile.TemporaryDirectory(prefix="evalxl-") as folder:
        return library.template(Path(folder), policy=policy).read_bytes()


def _guides() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory(prefix="evalxl-") as folder:
        library.guide_pages(Path(folder))
        return {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
