# SPDX-License-Identifier: Apache-2.0
"""What a notebook shows of a result: intervals, statements, pictures, charts; the text of a plugin is never HTML."""

from __future__ import annotations

import base64
import io
from html.parser import HTMLParser

import numpy as np
from PIL import Image

import workbench as wb

CHART = {"mark": "bar", "data": {"values": [{"a": 1}]}, "encoding": {"x": {"field": "a"}}}


class Pictures(HTMLParser):
    """The addresses of the pictures in a text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.found.append(dict(attrs)["src"] or "")


def test_pictures_and_charts_are_drawn() -> None:
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    shown = wb.Result(images={"faces": picture}, charts={"the_map": CHART})._repr_html_()
    png, svg = Pictures(shown).found
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(base64.b64decode(png.partition(",")[2])))), picture)
    assert base64.b64decode(svg.partition(",")[2]).startswith(b"<svg")
    assert "the map" in shown


def test_numbers_come_with_their_label_interval_and_sample() -> None:
    metric = wb.Metric(0.5, low=0.4, high=0.6, n=70, label="Share of it", note="it's <measured>")
    shown = wb.Result(metrics={"share": metric}, notes=["<b>mind</b>"])._repr_html_()
    assert "Share of it" in shown
    assert "0.5 [0.4, 0.6] (95 %, n = 70)" in shown
    assert "it&#x27;s &lt;measured&gt;" in shown
    assert "&lt;b&gt;mind" in shown


def test_a_chart_that_cannot_be_drawn_leaves_the_rest() -> None:
    bad = {"mark": "<img src=x>", "encoding": {"x": {"field": "a"}}}
    shown = wb.Result(metrics={"m": 1.5}, charts={"bad": bad})._repr_html_()
    assert "cannot be drawn" in shown
    assert "1.5" in shown
    assert Pictures(shown).found == []
