# SPDX-License-Identifier: Apache-2.0
"""Rasters: what a page may ask of a map that the server draws, and what it gets."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image

from registry.errors import ParameterError
from workbench.app.served import rasters
from workbench.app.served.rasters import View
from workbench.app.served.view import read_view

WINDOW = "low=-1,-2&high=3,4&width=40&height=30"
MATRIX = ",".join(["1", "0", "0", "0.5", "0", "1", "0", "-0.5", "0", "0", "1", "0"])


def test_every_parameter_is_read() -> None:
    rest = f"&dark=1&hidden=3,7&between=10,200.5&density=1&matrix={MATRIX}&morph=0.25&size=3&version=12"
    view = read_view(WINDOW.replace("-2", "-2.5e-7") + rest)
    assert view == View(
        low=(-1, -2.5e-7), high=(3, 4), width=40, height=30, dark=True, hidden=frozenset({3, 7}), between=(10, 200.5),
        density=True, matrix=(1, 0, 0, 0.5, 0, 1, 0, -0.5, 0, 0, 1, 0), morph=0.25, size=3, version=12,
    )  # fmt: skip
    plain = read_view(WINDOW + "&hidden=")
    assert (plain.dark, plain.hidden, plain.between, plain.density, plain.matrix) == (False, set(), None, False, None)


number = some.floats(allow_nan=False, allow_infinity=False, width=64)


@given(number, number)
def test_a_number_as_a_browser_writes_it_is_read_exactly(one: float, other: float) -> None:
    # JavaScript and Python both write the shortest text that reads back as the number.
    low, high = sorted((one, other))
    if low == high or high - low == float("inf"):
        return
    query = f"low={low!r},0&high={high!r},1&width=1&height=1".replace("+", "%2B")
    assert (read_view(query).low[0], read_view(query).high[0]) == (low, high)


BAD = {
    "": "low: Field required.",
    "low": "The question is not written as name=value&name=value.",
    WINDOW + "&file=/etc/passwd": "A parameter has an unknown name.",
    WINDOW + "&__class__=1": "A parameter has an unknown name.",
    WINDOW + "&width=40": "width is given twice.",
    WINDOW.replace("width=40", "width=0"): "width: Input should be greater than or equal to 1.",
    WINDOW.replace("width=40", "width=4097"): "width: Input should be less than or equal to 4096.",
    WINDOW.replace("width=40", "width=4096").replace("height=30", "height=4096"): (
        "The window: the picture may have 10,000,000 pixels at most."
    ),
    WINDOW.replace("width=40", "width=4.5"): "width must be a whole number.",
    WINDOW.replace("width=40", "width=1,2"): "width must be a whole number.",
    WINDOW.replace("width=40", "width=" + "9" * 400): "width must be a whole number.",
    WINDOW.replace("-1,", "nan,"): "low must be numbers with commas.",
    WINDOW.replace("-1,", "inf,"): "low must be numbers with commas.",
    WINDOW.replace("-1,", "1e999,"): "low: Input should be a finite number.",
    WINDOW.replace("-1,", "0x10,"): "low must be numbers with commas.",
    WINDOW.replace("-1,", "%D9%A3,"): "low must be numbers with commas.",
    WINDOW.replace("-1,", "3,"): "The window: low must be below high, across.",
    WINDOW.replace("low=-1,-2", "low=-1e308,0").replace("high=3,", "high=1e308,"): (
        "The window: low and high are too far apart, across."
    ),
    WINDOW.replace("-1,-2", "-1"): "low: Field required.",
    WINDOW + "&dark=2": "dark: Input should be a valid boolean, unable to interpret input.",
    WINDOW + "&hidden=256": "hidden: Input should be less than or equal to 255.",
    WINDOW + "&hidden=1,,2": "hidden must be whole numbers with commas.",
    WINDOW + "&between=2,1": "The window: between must rise.",
    WINDOW + "&matrix=1,2,3": "matrix: Tuple should have at least 12 items after validation, not 3.",
    WINDOW + "&morph=1.5": "morph: Input should be less than or equal to 1.",
    WINDOW + "&size=65": "size: Input should be less than or equal to 64.",
    WINDOW + "&version=-1": "version must be a whole number.",
    WINDOW + "&hidden=" + ",".join(["1"] * 2000): "The question is longer than 4,000 letters.",
}


@pytest.mark.parametrize("query", BAD)
def test_a_wrong_question_is_answered_by_one_sentence(site: Any, query: str) -> None:
    with pytest.raises(ValueError) as raised:
        read_view(query)
    assert str(raised.value) == BAD[query]
    token = site.page("one")
    path = rasters.publish("map", lambda view: pytest.fail("asked"), warm=False)
    answer = site.ask(f"{path}?{query}", token)
    assert (answer.status, answer.body.decode()) == (400, BAD[query] + "\n")


@given(some.text(max_size=60))
def test_any_text_is_a_view_or_one_sentence(text: str) -> None:
    for query in (text, f"{WINDOW}&hidden={text}", WINDOW.replace("40", text)):
        try:
            read_view(query)
        except ValueError as error:
            assert str(error).endswith(".") and "\n" not in str(error)


def test_a_picture_is_what_the_painter_draws(site: Any) -> None:
    token = site.page("one")
    painter = rasters.Painter(np.array([[0.5, 0.5], [2.5, 1.5]], dtype=np.float32))
    path = rasters.publish("map", painter.draw, warm=False)
    query = "low=0,0&high=4,2&width=4&height=2&size=1"
    answer = site.ask(f"{path}?{query}", token)
    assert (answer.status, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"] == "no-store"
    drawn = np.asarray(Image.open(io.BytesIO(answer.body)))
    assert np.argwhere(drawn[..., 3]).tolist() == [[0, 2], [1, 0]]
    assert site.ask(f"{path}?{query}&version=3", token).headers["cache-control"] == "private, max-age=3600"
    for more in ("morph=0.5", f"matrix={MATRIX}"):
        answer = site.ask(f"{path}?{query}&{more}", token)
        assert answer.status == 400
        assert answer.body.decode().count(".\n") == 1


def test_errors_of_makers_are_one_sentence(site: Any) -> None:
    token = site.page("one")

    def broken(view: View) -> bytes:
        raise OSError("/secret")

    def refused(view: View) -> bytes:
        raise ParameterError("This cannot be drawn: choose another colour.")

    answer = site.ask(f"{rasters.publish('a', broken, warm=False)}?{WINDOW}", token)
    assert (answer.status, answer.body) == (500, b"The map could not be drawn (OSError).\n")
    answer = site.ask(f"{rasters.publish('b', refused, warm=False)}?{WINDOW}", token)
    assert (answer.status, answer.body) == (400, b"This cannot be drawn: choose another colour.\n")


def test_nobody_else_gets_a_picture(site: Any) -> None:
    one, two = site.page("one"), site.page("two")
    path = rasters.publish("map", lambda view: b"", warm=False)
    for token in (one, None, "", "two." + "0" * 64):
        assert site.ask(f"{path}?{WINDOW}", token).status == 404
        assert site.ask(f"{path}?nonsense", token).status == 404
    site.open.remove("two")
    assert site.ask(f"{path}?{WINDOW}", two).status == 404


PATHS = [
    "/workbench/", "/workbench/x", "/workbench/columns", "/workbench/columns/", "/workbench/columns/x",
    "/workbench/columns/../../etc/passwd", "/workbench/columns/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "/workbench/columns/..%5c..%5cwindows", "/workbench/columns/%252e%252e", "/workbench/columns/C:%5c",
    "/workbench/columns/%00", "/workbench/columns/" + "a" * 63, "/workbench/columns/" + "a" * 65,
    "/workbench/columns/" + "A" * 64, "/workbench/columns/" + "a" * 64 + "%0A", "/workbench/columns/" + "a" * 64 + "/",
    "/workbench/columns//" + "a" * 64, "/workbench/columns/" + "٣" * 64, "/workbench/cards/" + "a" * 32,
    "/workbench/cards/..%2f..%2fetc/0", "/workbench/cards/" + "a" * 32 + "/0/0", "/workbench/rasters/" + "a" * 31,
    "/workbench/rasters/" + "a" * 32 + "%0a?" + WINDOW, "/workbench/rasters/%5c%5chost%5cshare", "/workbench/%s",
    "/workbench/columns/" + "a" * 64 + ";x=1", "/workbench/columns/<script>alert(1)</script>",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_every_other_path_answers_the_same_and_repeats_nothing(site: Any, path: str) -> None:
    token = site.page("one")
    missing = site.ask("/workbench/columns/" + "0" * 64, token)
    for shown in (token, None):
        answer = site.ask(path, shown)
        assert (answer.status, answer.body, answer.headers) == (404, missing.body, missing.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"])
def test_nothing_but_reading(site: Any, method: str) -> None:
    token = site.page("one")
    paths = [rasters.publish("map", lambda view: b"", warm=False), "/workbench/columns/" + "a" * 64, "/workbench/x"]
    for path in paths:
        answer = site.ask(path, token, method, origin="http://127.0.0.1")
        assert answer.status == 405
        assert not [name for name in answer.headers if name.startswith("access-control")]
