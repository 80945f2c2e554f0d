"""What a request must be before it is looked at, and what every answer says: no other page acts through a browser.

A name that somebody else's server leads to this machine (rebinding) is not ours, nor is what another page sends.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # with none at all a browser would not say where its own forms come from
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_OTHER_HOST = "这个地址不是本机提供的。请用启动时显示的地址打开。"
_OTHER_PAGE = "这个请求来自别的网页，没有处理。请在本页中操作。"


class Guard:
    """Stands before the application."""

    def __init__(self, app: ASGIApp, names: frozenset[str]) -> None:
        self.app, self.names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        headers = Headers(scope=scope)
        if not self._is_ours(headers.get("host", ""), scope):
            answer = PlainTextResponse(_OTHER_HOST, 421)
            await answer(scope, receive, send_with_headers)
        elif _is_of_another_page(headers, str(scope["method"])):
            answer = PlainTextResponse(_OTHER_PAGE, 403)
            await answer(scope, receive, send_with_headers)
        else:
            await self.app(scope, receive, send_with_headers)

    def _is_ours(self, host: str, scope: Scope) -> bool:
        """Whether a host is one of our names, or the very address that the connection came in by."""
        name = _without_port(host).lower().rstrip(".")
        server = scope.get("server") or ("", 0)
        return bool(name) and (name in self.names or name == str(server[0]).lower())


def _without_port(host: str) -> str:
    """The name in a Host header; '' for what no browser sends."""
    found = _HOST.fullmatch(host)
    return (found[1] or found[2]) if found else ""


_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]{2,45})\]|([^\[\]:@/\\ ]{1,253}))(?::\d{1,5})?")


def _is_of_another_page(headers: Headers, method: str) -> bool:
    """Whether another page makes the browser ask; a link on it may lead here, but nothing else of it."""
    site = headers.get("sec-fetch-site", "none")
    reading = method in ("GET", "HEAD")
    if site not in ("none", "same-origin") and not (reading and headers.get("sec-fetch-mode") == "navigate"):
        return True
    if reading:
        return False
    host = headers.get("host", "")
    origin = headers.get("origin")
    if origin is None:  # an old browser, or no browser: what it says of the page it comes from counts
        referer = headers.get("referer")
        return referer is not None and not referer.startswith(f"http://{host}/")
    return origin != f"http://{host}"
