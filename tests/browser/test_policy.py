# SPDX-License-Identifier: Apache-2.0
"""The content security policy in a real browser: charts work under it, and one that reaches outside gets nowhere."""

from __future__ import annotations

import http.server
import json
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]
from chromium import browser_page, serve  # noqa: E402  -- the folders of the tests are no packages

from registry.result import Result  # noqa: E402
from workbench.runs.spec import RunSpec  # noqa: E402
from workbench.store import Store  # noqa: E402

pytestmark = pytest.mark.browser

ROOT = HERE.parents[1]
ROWS = [{"a": "x", "b": 1}]
HONEST = {
    "mark": "bar",
    "data": {"values": ROWS},
    "transform": [{"calculate": "datum.b * 2", "as": "c"}],
    "encoding": {"x": {"field": "a"}, "y": {"field": "c", "type": "quantitative"}},
}


def test_a_chart_whose_tooltip_is_a_picture_from_elsewhere_fetches_nothing(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as elsewhere:
        threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{elsewhere.server_address[1]}/picture.png"
        reaching = json.loads(json.dumps(HONEST))
        reaching["data"]["values"][0]["u"] = address
        reaching["encoding"]["tooltip"] = [{"field": "u", "title": "image"}]
        with Store.open(tmp_path / "store") as store:
            run, _ = store.submit(RunSpec("nothing", data="orl-faces"), "a" * 64, {})
            store.claim("test")
            store.publish(run.id, Result(charts={"first": HONEST, "second": reaching}), {})
        environment = {"WORKBENCH_STORE": str(tmp_path / "store")}
        with serve(ROOT / "streamlit_app.py", environment=environment) as url, browser_page() as page:
            refused: list[str] = []
            page.on("console", lambda one: refused.append(one.text) if "Content Security Policy" in one.text else None)
            page.goto(f"{url}/runs?run={run.id}")
            drawings = page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg.marks")
            drawings.nth(1).wait_for(timeout=60_000)
            assert refused == [], "the app itself, and a chart that computes a field, need nothing that is forbidden"
            drawings.nth(1).scroll_into_view_if_needed()
            box = drawings.nth(1).bounding_box()
            assert box is not None
            for share in (0.3, 0.5, 0.7):
                page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * share)
                page.wait_for_timeout(300)
            assert any("picture.png" in one for one in refused), "the picture of the tooltip was asked for"
        elsewhere.shutdown()
    assert asked == []
