# SPDX-License-Identifier: Apache-2.0
"""Exports: no part is lost, and the page holds only what the run holds."""

from __future__ import annotations

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.errors import StoreError
from registry.result import Finding, Result
from workbench.report import export
from workbench.report.page import svg_address
from workbench.runs.spec import RunSpec
from workbench.store import Store

CHART = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a"}}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "store") as opened:
        yield opened


def stored(store: Store, result: Result) -> str:
    run, _ = store.submit(RunSpec("any"), "a" * 64, {})
    store.claim("test")
    return store.publish(run.id, result, {}).id


def test_charts_that_have_the_names_of_the_runs_own_files_do_not_replace_them(store: Store, tmp_path: Path) -> None:
    run = stored(store, Result(metrics={"m": 0.5}, charts={"result": CHART, "manifest": CHART, "map": CHART}))
    written = export(store, run, tmp_path / "out")
    assert len(set(written)) == len(written) == len(store.artifacts(run))
    read = {one.name: json.loads(one.read_text()) for one in written}
    assert read["result.json"]["metrics"]["m"]["value"] == 0.5 and read["manifest.json"]["run"] == run
    assert read["chart-result.json"] == read["chart-manifest.json"] == read["map.json"] == CHART


def test_a_folder_that_cannot_be_written_is_said(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="could not be exported"):
        export(store, stored(store, Result()), tmp_path / "file")


def test_a_chart_that_cannot_be_drawn_leaves_the_rest_of_the_report(store: Store, tmp_path: Path) -> None:
    finding = Finding("a.b", "the one statement", 1.0)
    run = stored(store, Result(charts={"bad": {"mark": "<b>", "encoding": {"x": {"field": "a"}}}}, findings=[finding]))
    export(store, run, tmp_path / "out", html=True)
    page = (tmp_path / "out" / "report.html").read_text()
    assert "This chart cannot be drawn" in page and "the one statement" in page


def test_drawing_a_chart_reads_no_file_and_asks_no_server(tmp_path: Path) -> None:
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, *words: Any) -> None:
            """Say nothing."""

    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\nhunter2,1\n")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{server.server_address[1]}"
        for url in (f"{here}/rows.csv", str(secret), f"file://{secret}", f"{here}/x.png"):
            encoding = {"x": {"field": "a", "type": "nominal"}, "url": {"value": url}}
            for chart in (
                {"mark": "bar", "data": {"url": url}, "encoding": {"x": encoding["x"]}},
                {"mark": "image", "data": {"values": [{"a": 1}]}, "encoding": encoding},
            ):
                try:
                    drawn = svg_address(chart)
                except ValueError:
                    continue
                assert b"hunter2" not in base64.b64decode(drawn.partition(",")[2])
        server.shutdown()
    assert asked == []
