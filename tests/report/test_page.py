# SPDX-License-Identifier: Apache-2.0
"""The report as a page: every part is there, text stays text, and what is long or missing reads well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from registry.result import Finding, Metric, Result
from workbench.report import export
from workbench.runs.spec import RunSpec
from workbench.store import Store

CHART = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a"}}}
Report = Callable[..., str]


@pytest.fixture
def report(tmp_path: Path) -> Iterator[Report]:
    """Stores a result and gives the text of its page."""
    with Store.open(tmp_path / "store") as store:

        def write(result: Result, spec: RunSpec) -> str:
            run, _ = store.submit(spec, "a" * 64, {})
            store.claim("test")
            export(store, store.publish(run.id, result, {}).id, tmp_path / "out", html=True)
            return (tmp_path / "out" / "report.html").read_text()

        yield write


class Elements(HTMLParser):
    """Names of the elements, and every address that one of them holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.folded: list[bool] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        if tag == "details":
            self.folded.append("open" not in dict(attrs))


def test_every_part_is_shown_and_nothing_is_loaded(report: Report) -> None:
    result = Result(
        metrics={"m": Metric(0.5, low=0.4, high=0.6, n=70, label="Share", note="how it was measured")},
        tables={"one": pd.DataFrame({"a": [1, 2]})},
        arrays={"vector": np.zeros(3)},
        images={"grey": np.zeros((4, 4), np.uint8), "colour": np.zeros((4, 4, 3), np.uint8)},
        charts={"the_map": CHART},
        findings=[Finding("a.b", "a statement", 0.5, wrong_if="the sample is small")],
        notes=["a remark"],
    )
    page = report(result, RunSpec("spread", model="faces", params={"space": "z"}))
    for words in ("spread of faces · z", "0.5 [0.4, 0.6] (95 %, n = 70)", "how it was measured", "a statement",
                  "the sample is small", "a remark", "float64 [3]", "the map", "grey", "colour"):  # fmt: skip
        assert words in page
    elements = Elements(page)
    assert "script" not in elements.names
    assert len(elements.addresses) == 3
    assert all(one.startswith(("data:image/png", "data:image/svg")) for one in elements.addresses)


def test_text_of_a_plugin_stays_text(report: Report) -> None:
    bad = "<img src=http://example.org/x onerror=alert(1)>"
    result = Result(
        metrics={"m": Metric(1.0, label=bad, note=bad, unit=bad)},
        tables={"one": pd.DataFrame({bad: [bad]})},
        findings=[Finding("a.b", bad, 1.0, wrong_if=bad)],
        notes=[bad],
    )
    elements = Elements(report(result, RunSpec("spread", model="faces", params={"space": bad})))
    assert "img" not in elements.names
    assert elements.addresses == []


def test_what_is_missing_in_a_table_is_left_empty(report: Report) -> None:
    table = pd.DataFrame({"n": pd.array([1, None], dtype="Int64"), "x": [np.nan, 0.1234567890], "word": ["nan", None]})
    page = report(Result(tables={"one": table}), RunSpec("spread", model="faces"))
    assert "<tr><td>1</td><td></td><td>nan</td></tr>" in page
    assert "<tr><td></td><td>0.123457</td><td></td></tr>" in page


@pytest.mark.parametrize(("rows", "folded", "words"), [(30, False, "(30 rows)"), (31, True, "(31 rows)"),
                                                       (300, True, "(300 rows, the first 200 shown)")])  # fmt: skip
def test_a_long_table_is_folded_and_cut(report: Report, rows: int, folded: bool, words: str) -> None:
    page = report(Result(tables={"long": pd.DataFrame({"a": range(rows)})}), RunSpec("spread", model="faces"))
    assert words in page
    assert Elements(page).folded[0] is folded


def test_bare_points_are_named_by_their_file_alone(report: Report) -> None:
    page = report(Result(metrics={"m": 1.0}), RunSpec("spread", points="/home/somebody/vectors.npy"))
    assert "<h1>spread of vectors.npy</h1>" in page
