"""Headless Chromium, driven by its own driver over WebDriver (w3.org/TR/webdriver2): it needs nothing more."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync --hide-scrollbars"
).split()
PATIENCE = 20.0
KEYS = {"enter": "\ue007", "escape": "\ue00c", "tab": "\ue004", "space": " "}
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Browser:
    """A window of its own, with nothing in it from before."""

    def __init__(self, width: int = 1400, height: int = 900) -> None:
        assert CHROMIUM and DRIVER
        self._folder = tempfile.TemporaryDirectory()
        self._driver = subprocess.Popen(
            [DRIVER, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True
        )
        assert self._driver.stdout
        port = next(
            found[1] for line in self._driver.stdout if (found := re.search(r"successfully on port (\d+)", line))
        )
        self._root = f"http://127.0.0.1:{port}"
        options = {
            "binary": CHROMIUM,
            "args": [*FLAGS, f"--user-data-dir={self._folder.name}", f"--window-size={width},{height}"],
        }
        wanted = {"alwaysMatch": {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}
        try:
            self._session = self._ask("POST", "/session", {"capabilities": wanted})["sessionId"]
        except BaseException:
            self._end()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._in("DELETE", "")
        finally:
            self._end()

    def _end(self) -> None:
        self._driver.terminate()
        self._driver.wait()
        if self._driver.stdout:
            self._driver.stdout.close()
        self._folder.cleanup()

    def open(self, url: str) -> None:
        self._in("POST", "/url", {"url": "about:blank"})  # what differs after the # alone would not be loaded
        self._in("POST", "/url", {"url": url})

    def run(self, script: str, *arguments: Any) -> Any:
        """What the script returns."""
        return self._in("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def wait(self, script: str, *arguments: Any) -> Any:
        """What the script returns once that is truthy. Raises TimeoutError."""
        until = time.monotonic() + PATIENCE
        while not (found := self.run(f"return {script}", *arguments)):
            if time.monotonic() > until:
                raise TimeoutError(f"never: {script}; the page says: {self.text('body')[:2000]}; {self.complaints()}")
            time.sleep(0.05)
        return found

    def sees(self, words: str, within: str = "body") -> bool:
        return bool(self.wait("document.querySelector(arguments[0])?.innerText.includes(arguments[1])", within, words))

    def text(self, css: str) -> str:
        return str(self.run("return document.querySelector(arguments[0])?.innerText ?? ''", css))

    def click(self, css: str, words: str = "") -> None:
        """The first that fits and says this."""
        find = "[...document.querySelectorAll(arguments[0])].find((one) => one.innerText.trim().includes(arguments[1]))"
        found = self.wait(find, css, words)
        self._in("POST", f"/element/{found[ELEMENT]}/click", {})

    def type(self, css: str, text: str, *keys: str) -> None:
        found = self.wait("document.querySelector(arguments[0])", css)
        typed = text + "".join(KEYS[key] for key in keys)
        self._in("POST", f"/element/{found[ELEMENT]}/value", {"text": typed})

    def press(self, *keys: str) -> None:
        """Keys, wherever the focus is."""
        for key in keys:
            actions = [{"type": kind, "value": KEYS[key]} for kind in ("keyDown", "keyUp")]
            self._in("POST", "/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def choose(self, css: str, value: str) -> None:
        """An option of a select."""
        script = (
            "const one = document.querySelector(arguments[0]); one.value = arguments[1];"
            " one.dispatchEvent(new Event('change', {bubbles: true}))"
        )
        self.run(script, css, value)

    def darken(self, dark: bool = True) -> None:
        """As for who prefers dark pages."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self._in("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._in("GET", "/screenshot")))

    def complaints(self) -> list[str]:
        """What stands in the browser's console."""
        return [str(one["message"]) for one in self._in("POST", "/se/log", {"type": "browser"})]

    def _in(self, verb: str, path: str, body: Any = None) -> Any:
        return self._ask(verb, f"/session/{self._session}{path}", body)

    def _ask(self, verb: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._root + path, data, {"Content-Type": "application/json"}, method=verb)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None
