"""Firefox, driven by its own remote protocol (Marionette), since Playwright drives only a Firefox of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

NAMES = ("firefox", "firefox-esr")
START = 60.0
"""Seconds that Firefox may take to listen, on a busy machine."""


def find_firefox() -> str | None:
    """The path of a Firefox, None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Firefox:
    """One window without a screen; every message is `length:[type, number, error or name, content]`."""

    def __init__(self, command: str, profile: Path) -> None:
        port = free_port()
        (profile / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        self.process = subprocess.Popen(
            [command, "-headless", "-marionette", "-no-remote", "-profile", str(profile)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.number = 0
        self.socket = self._connected(port)
        self.stream = self.socket.makefile("rb")
        self._message()  # Firefox says first who it is
        self.told = self.ask("WebDriver:NewSession", {"capabilities": {}})["capabilities"]

    def _connected(self, port: int) -> socket.socket:
        until = time.monotonic() + START
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=120)
            except ConnectionRefusedError:
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.2)

    def _message(self) -> Any:
        length = b""
        while not length.endswith(b":"):
            length += self.stream.read(1)
        return json.loads(self.stream.read(int(length[:-1])))

    def ask(self, name: str, content: dict[str, Any]) -> Any:
        """The answer to a command; an AssertionError with Firefox's own words where it refuses."""
        self.number += 1
        data = json.dumps([0, self.number, name, content]).encode()
        self.socket.sendall(b"%d:%b" % (len(data), data))
        _, _, error, result = self._message()
        assert error is None, error
        return result

    def go(self, path: Path, hash: str = "") -> None:
        """Open a file anew: from the same file with another hash Firefox would only jump."""
        self.ask("WebDriver:Navigate", {"url": "about:blank"})
        self.ask("WebDriver:Navigate", {"url": path.as_uri() + hash})

    def evaluate(self, function: str) -> Any:
        """What a function of the page returns; as Playwright's own, so that `driving.until` takes either."""
        return self.ask("WebDriver:ExecuteScript", {"script": f"return ({function})();", "args": []})["value"]

    def wait_for_timeout(self, milliseconds: float) -> None:
        time.sleep(milliseconds / 1000)

    def close(self) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(30)
