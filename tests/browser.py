"""A real browser, headless, spoken to through its two pipes; nothing but the browser itself is needed."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
LACKING = "no Chromium here: pages are not looked at in a real browser"


class Browser:
    """One tab of a browser with a profile of its own."""

    def __init__(self, folder: Path, *, scripts: bool = True, width: int = 1100, height: int = 900) -> None:
        if CHROMIUM is None:
            raise RuntimeError(LACKING)
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True, exist_ok=True)
        ends = [os.pipe(), os.pipe()]
        read, self._to, self._from, write = ends[0][0], ends[0][1], ends[1][0], ends[1][1]
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--lang=zh-CN",
        ]
        flags += ["--remote-debugging-pipe", f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}"]
        high = [fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (read, write)]
        for each in (read, write):
            os.close(each)

        def lay() -> None:  # the browser reads its commands from file 3 and writes its answers to file 4
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        self._process = subprocess.Popen(
            [CHROMIUM, *flags, "about:blank"], pass_fds=(3, 4), preexec_fn=lay, env=os.environ | {"LANGUAGE": "zh_CN"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        for each in high:
            os.close(each)
        self._buffer, self._number, self._session = b"", 0, ""
        self.events: list[dict[str, Any]] = []
        try:
            self._attach(scripts)
        except BaseException:
            self.end()
            raise

    def _attach(self, scripts: bool) -> None:
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "DOM", "Log"):
            self.ask(f"{domain}.enable")
        self.ask("Browser.setDownloadBehavior", behavior="allow", downloadPath=str(self.downloads), eventsEnabled=True)
        if not scripts:
            self.ask("Emulation.setScriptExecutionDisabled", value=True)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.end()

    def end(self) -> None:
        """Close the browser."""
        self._process.kill()
        self._process.wait()
        os.close(self._to)
        os.close(self._from)

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """A command and its answer; events that come meanwhile are kept."""
        self._number += 1
        command: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session and not method.startswith(("Target.", "Browser.")):
            command["sessionId"] = self._session
        data = json.dumps(command).encode() + b"\0"
        while data:
            data = data[os.write(self._to, data) :]
        while True:
            said = self._next(60)
            if said.get("id") == self._number:
                if "error" in said:
                    raise RuntimeError(f"{method}: {said['error']}")
                return dict(said.get("result", {}))
            self.events.append(said)

    def wait(self, method: str, seconds: float = 60) -> dict[str, Any]:
        """The next event of a kind, which may have come already."""
        end = time.monotonic() + seconds
        while True:
            for each in self.events:
                if each.get("method") == method:
                    self.events.remove(each)
                    return dict(each["params"])
            self.events.append(self._next(end - time.monotonic()))

    def _next(self, seconds: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self._from], [], [], max(0, seconds))[0]:
                raise TimeoutError("the browser says nothing")
            came = os.read(self._from, 1 << 20)
            if not came:
                raise RuntimeError("the browser has ended")
            self._buffer += came
        said, _, self._buffer = self._buffer.partition(b"\0")
        return dict(json.loads(said))

    # ---------------------------------------------------------------- what a person does

    def open(self, address: str) -> None:
        """Go to an address."""
        self.events.clear()
        self.ask("Page.navigate", url=address)
        self.wait("Page.loadEventFired")

    def tell(self, expression: str) -> Any:
        """What the page says to an expression."""
        said = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in said:
            raise RuntimeError(str(said["exceptionDetails"]))
        return said["result"].get("value")

    def choose(self, selector: str, files: Sequence[Path]) -> None:
        """Choose files in a file field."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in files])

    def click(self, selector: str, *, loads: bool = True) -> None:
        """Click on something, as with a mouse; scripts of the page need not run for that."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.scrollIntoViewIfNeeded", nodeId=node)
        corners = self.ask("DOM.getBoxModel", nodeId=node)["model"]["border"]
        at = {"x": (corners[0] + corners[4]) / 2, "y": (corners[1] + corners[5]) / 2}
        self.events.clear()
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **at)
        if loads:
            self.wait("Page.loadEventFired")

    def downloaded(self) -> Path:
        """The file that is being downloaded, once it is there."""
        name = self.wait("Browser.downloadWillBegin")["suggestedFilename"]
        while self.wait("Browser.downloadProgress")["state"] != "completed":
            pass
        return self.downloads / str(name)

    def picture(self, target: Path, *, whole: bool = True) -> None:
        """The page as a picture."""
        shot = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        target.write_bytes(base64.b64decode(shot["data"]))

    def printed(self, target: Path) -> None:
        """The page as it is printed on the paper it asks for."""
        said = self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        target.write_bytes(base64.b64decode(said["data"]))

    def complaints(self) -> list[str]:
        """What the browser itself complains of: what a policy has blocked, what could not be loaded."""
        entries: list[Mapping[str, Any]] = [
            each["params"]["entry"] for each in self.events if each.get("method") == "Log.entryAdded"
        ]
        return [str(each["text"]) for each in entries]
