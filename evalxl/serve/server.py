"""The server: its address, and its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from evalxl.library import PolicySource, UsageError, cause
from evalxl.serve.app import Site, application
from evalxl.serve.desk import Desk

PORT = 8765
_SECONDS = 10.0  # in which a request has to begin and to end its headers


class _Impatient(H11Protocol):
    """Closes a connection over which no request comes: uvicorn itself waits for one as long as it takes."""

    _end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Somebody has called."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Some bytes: of a request, of what it sends, or of the next one."""
        super().data_received(data)
        if self._end is not None and not self._silent():  # the next request has its own ten seconds
            self._end.cancel()
            self._end = None
        self._wait()

    def _wait(self) -> None:
        if self._end is None and self._silent():
            self._end = self.loop.call_later(_SECONDS, self._close)

    def _silent(self) -> bool:
        """Whether no request is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def _close(self) -> None:
        self._end = None
        if self._silent():
            self.transport.close()


@dataclass(frozen=True)
class Address:
    """Where, and to whom."""

    port: int = PORT
    share: bool = False  # the self-check to other machines; without it all to this one
    names: tuple[str, ...] = ()  # by which other machines know this one, beside its own
    browser: bool = False  # opens it at once


def serve(desk: Desk | None, at: Address, policy: PolicySource, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C: the self-check under a policy, and the desk where there is one."""
    own = {socket.gethostname().lower(), socket.getfqdn().lower(), *(each.lower() for each in at.names)}
    app = application(Site(policy, frozenset(own) if at.share else frozenset(), desk))
    listening = _socket("0.0.0.0" if at.share else "127.0.0.1", at.port)  # noqa: S104 - asked for by --share
    port = listening.getsockname()[1]
    if at.share:
        for address in [*at.names, *_addresses()]:
            say(f"自查页：http://{address}:{port}/")
        say("同一内网的电脑都能打开自查页；传输没有加密，请只在单位内网使用。工作台不对外提供。")
    else:
        say(f"自查页：http://127.0.0.1:{port}/")
    first = f"http://127.0.0.1:{port}/"
    if desk is not None:
        first = f"http://127.0.0.1:{port}/desk?token={desk.token}"
        # The blanks end the address where a terminal makes it a link.
        say(f"工作台：{first}  （只在本机有用，请不要转发）")
    say("按 Ctrl-C 停止。")
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, server_header=False, http=_Impatient, ws="none", lifespan="on",
        timeout_keep_alive=5, timeout_graceful_shutdown=3, limit_concurrency=1000,
    )  # fmt: skip
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)  # what strangers send is no operator's business
    if at.browser:
        webbrowser.open(first)
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listening])


def _socket(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows lets a second program listen where one listens already
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise UsageError(f"端口 {port} 用不了（{cause(error)}），可能已经启动过；请用 --port 换一个。") from None
    return listening


def _addresses() -> list[str]:
    """The addresses of this machine in its own network."""
    found = set()
    with contextlib.suppress(OSError):
        found |= {str(each[4][0]) for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("10.255.255.255", 1))  # sends nothing; tells which address would be used
        found.add(str(probe.getsockname()[0]))
    return sorted(each for each in found if not each.startswith("127.")) or ["127.0.0.1"]
