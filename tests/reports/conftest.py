"""A headless Chromium that tells what a page asks for and complains of."""

import fcntl
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


@dataclass
class Visit:
    """What happened while a page was open: complaints on its console, and addresses it asked for."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Browser:
    """Chromium, spoken to over a pipe by its DevTools protocol: only the page's own requests are seen, not its maker's."""

    def __init__(self, program: str, profile: Path):
        self._numbers = itertools.count(1)
        self._rest = b""
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # The browser reads file descriptor 3 and writes 4; ours are moved away from those numbers first.
        theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (theirs_in, theirs_out)]

        def connect() -> None:
            os.dup2(theirs[0], 3)
            os.dup2(theirs[1], 4)

        self._process = subprocess.Popen(
            [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=connect,
            pass_fds=(3, 4),
        )
        for fd in (theirs_in, theirs_out, *theirs):
            os.close(fd)
        self._in, self._out = ours_in, ours_out
        self.events: list[dict] = []
        target = self._send("Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def _receive(self, seconds: float) -> dict | None:
        end = time.monotonic() + seconds
        while b"\0" not in self._rest:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                return None
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise RuntimeError(f"the browser ended with status {self._process.poll()}")
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _send(self, method: str, values: dict, **session: str) -> dict:
        number = next(self._numbers)
        os.write(self._out, json.dumps({"id": number, "method": method, "params": values} | session).encode() + b"\0")
        while (message := self._receive(60)) is not None:
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)
        raise RuntimeError(f"{method}: the browser did not answer within a minute")

    def call(self, method: str, **values: object) -> dict:
        """Call a method of the DevTools protocol on the page."""
        return self._send(method, values, sessionId=self._session)

    def evaluate(self, expression: str) -> object:
        """Return the value of a JavaScript expression in the page."""
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def size(self, width: int, height: int, dark: bool = False) -> None:
        """Set the window's size in pixels, and whether the reader prefers dark pages."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])

    def visit(self, page: Path | str) -> Visit:
        """Open a page, wait until it has loaded and settled, and tell what happened."""
        address = page if isinstance(page, str) else page.resolve().as_uri()
        self.events.clear()
        self.call("Page.navigate", url=address)
        end = time.monotonic() + 60
        arrived = {"Page.loadEventFired", "Page.navigatedWithinDocument"}
        while not any(e.get("method") in arrived for e in self.events) and time.monotonic() < end:
            message = self._receive(1)
            if message:
                self.events.append(message)
        while message := self._receive(0.2):  # what scripts still ask for after loading
            self.events.append(message)
        return self._told(address)

    def _told(self, address: str) -> Visit:
        visit = Visit()
        for event in self.events:
            method, values = event.get("method"), event.get("params", {})
            if method == "Network.requestWillBeSent":
                asked = values["request"]["url"]
                if asked.partition("#")[0] != address.partition("#")[0] and not asked.startswith("data:"):
                    visit.requests.append(asked)
            elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
                visit.complaints.append(" ".join(str(a.get("value", a.get("description"))) for a in values["args"]))
            elif method == "Runtime.exceptionThrown":
                visit.complaints.append(values["exceptionDetails"]["text"])
            elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
                visit.complaints.append(values["entry"]["text"])
        return visit

    def close(self) -> None:
        """End the browser."""
        self._process.kill()
        self._process.wait()
        os.close(self._in)
        os.close(self._out)


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Iterator[Browser]:
    """A headless Chromium; where there is none, the tests that need it are skipped and say so."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no Chromium found (looked for {', '.join(BROWSERS)}): the pages were not opened in a browser")
    opened = Browser(program, tmp_path_factory.mktemp("browser"))
    yield opened
    opened.close()
