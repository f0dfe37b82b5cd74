# SPDX-License-Identifier: Apache-2.0
"""A page with a map in headless Chromium, and the clocks that are held to it: the same for our map and for a rival."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "browser"))  # the tests' browser: one way to start it

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page

INKED = 0.01  # share of the stage that is not ground when a picture is called visible
PATIENCE = 180.0
#: Presses the key that runs the page again, and watches its state: milliseconds from the key to the end of the run.
RERUN = """() => new Promise((done, failed) => {
  const app = document.querySelector("[data-test-script-state]");
  const begun = performance.now();
  let ran = false;
  const watch = new MutationObserver(() => {
    ran ||= app.dataset.testScriptState === "running";
    if (ran && app.dataset.testScriptState === "notRunning") { watch.disconnect(); done(performance.now() - begun); }
  });
  watch.observe(app, { attributes: true });
  setTimeout(() => failed(new Error("the page did not run again")), 20000);
  document.activeElement?.blur();
  const key = { key: "r", code: "KeyR", keyCode: 82, which: 82, bubbles: true };
  document.dispatchEvent(new KeyboardEvent("keydown", key));
})"""


@dataclass
class Watched:
    """One open page and what has come over its wires."""

    page: Page
    session: CDPSession
    received: list[int] = field(default_factory=list)

    def bytes(self) -> int:
        """Bytes that have come by HTTP and web socket since the last call."""
        total = sum(self.received)
        self.received.clear()
        return total

    def heap(self) -> float:
        """Used memory of scripts, MiB, after a collection."""
        self.session.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in self.session.send("Performance.getMetrics")["metrics"]}
        return float(found["JSHeapUsedSize"]) / 2**20

    def until(self, holds: Callable[[], Any], step: float = 0.01) -> float:
        """Seconds until something holds."""
        begun = time.perf_counter()
        while not holds():
            if time.perf_counter() - begun > PATIENCE:
                raise TimeoutError("the page did not come to what was waited for")
            time.sleep(step)
        return time.perf_counter() - begun

    def settled(self) -> None:
        """Wait until the server has no run of the page's script under way."""
        self.page.wait_for_selector('[data-test-script-state="notRunning"]', timeout=PATIENCE * 1000)

    def rerun(self) -> float:
        """Seconds that a run of the page's script takes, as the page itself sees it begin and end."""
        return float(self.page.evaluate(RERUN)) / 1000

    def ink(self, selector: str) -> float:
        """Share of the pixels of an element that are not its commonest colour, from a screenshot."""
        from PIL import Image

        box = self.page.locator(selector).first.bounding_box()
        if box is None:
            return 0.0
        clip = {
            "x": box["x"] + 8,
            "y": box["y"] + 8,
            "width": box["width"] - 16,
            "height": min(box["height"] - 16, 560),
        }
        shot = Image.open(io.BytesIO(self.page.screenshot(clip=clip, animations="allow", timeout=PATIENCE * 1000)))
        pixels = np.asarray(shot.convert("L"))
        return 1 - float(np.bincount(pixels.ravel(), minlength=256).max()) / pixels.size


@contextmanager
def watched(width: int = 1440, height: int = 1000) -> Iterator[Watched]:
    """A page of a fresh browser with an empty cache."""
    from chromium import browser_page

    with browser_page(width=width, height=height) as page:
        session = page.context.new_cdp_session(page)
        found = Watched(page, session)
        session.send("Network.enable")
        session.send("Performance.enable")
        session.on("Network.dataReceived", lambda told: found.received.append(told["dataLength"]))
        session.on("Network.webSocketFrameReceived", lambda told: found.received.append(_frame(told["response"])))
        yield found


def _frame(told: dict[str, Any]) -> int:
    text = told["payloadData"]
    return len(text) * 3 // 4 if told["opcode"] == 2 else len(text)


def tab_memory() -> float:
    """Resident memory of the largest page process of the browser, MiB."""
    found = 0.0
    for one in psutil.Process().children(recursive=True):
        try:
            if "--type=renderer" in one.cmdline():
                found = max(found, one.memory_info().rss / 2**20)
        except psutil.Error:
            continue
    return found


def server_memory(port: str) -> float:
    """Resident memory of the process that listens on a port, MiB."""
    for one in psutil.Process().children(recursive=True):
        try:
            if any(f"server.port={port}" in part for part in one.cmdline()):
                return one.memory_info().rss / 2**20
        except psutil.Error:
            continue
    raise LookupError(f"no child of this process serves port {port}")


def environment(**values: str) -> dict[str, str]:
    """The environment of a server under measurement."""
    return {**os.environ, **values}
