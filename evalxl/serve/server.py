"""The server: its address, and its end."""

from __future__ import annotations

import contextlib
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from evalxl.library import PolicySource, UsageError, cause
from evalxl.serve.app import Site, application
from evalxl.serve.desk import Desk

PORT = 8765


@dataclass(frozen=True)
class Address:
    """Where, and to whom."""

    port: int = PORT
    share: bool = False  # the self-check to other machines; without it all to this one
    names: tuple[str, ...] = ()  # by which other machines know this one, beside its own
    browser: bool = False  # opens it at once


def serve(root: Path | None, at: Address, policy: PolicySource, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C; with a folder also the desk."""
    desk = Desk(root.resolve(), policy) if root is not None else None
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
        say(
            f"工作台：{first}  （只在本机有用，请不要转发）"
        )  # the blanks end the address where a terminal makes it a link
    say("按 Ctrl-C 停止。")
    config = uvicorn.Config(
        app, log_level="critical", access_log=False, server_header=False, http="h11", ws="none", lifespan="on",
        timeout_keep_alive=5, timeout_graceful_shutdown=3, limit_concurrency=1000,
    )  # fmt: skip
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
