# SPDX-License-Identifier: Apache-2.0
"""Text from outside is shown as it is, and numbers are written in one way."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from registry.result import Metric
from workbench.app.parts import text, words

SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://example.org/a.png)",
    ":red[warning] :material/delete: :smile:",
    "$\\frac{1}{2}$",
    "**bold** _it_ `code` # head",
    "a | b\n--|--\n1 | 2",
    "https://example.org and www.example.org and a@b.org",
    "&lt;b&gt; &amp;",
    "1. one",
    "- one",
    "> quoted",
    "<!-- hidden -->",
    '"><svg/onload=alert(1)>',
)


def rendered(markdown: str) -> str:
    """What CommonMark with tables and links makes of it."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table"]).render(markdown).strip()


@pytest.mark.parametrize("given_text", SCRIPTS)
def test_escaped_text_renders_as_its_own_characters(given_text: str) -> None:
    html = rendered(text.plain(given_text))
    inside = re.fullmatch(r"<p>(.*)</p>", html, re.DOTALL)
    assert inside is not None, html
    assert "<" not in inside[1]
    shown = inside[1].replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&amp;", "&")
    assert shown == text.one_line(given_text)


@given(st.text(max_size=60))
def test_no_text_makes_an_element(given_text: str) -> None:
    html = rendered("x" + text.plain(given_text) + "x")
    assert re.sub(r"^<p>|</p>$", "", html).count("<") == 0


@pytest.mark.parametrize("mark", [":red[a]", ":material/delete:", ":smile:", "$x$", "~a~", "<-", "->", "--"])
def test_no_mark_of_streamlit_is_left_alone(mark: str) -> None:
    """Streamlit's own directives begin with these characters; each is behind a backslash."""
    assert not re.search(r"(?<!\\)[:$~<>\[\]]", text.plain(mark))


def test_direction_marks_and_controls_are_taken_out() -> None:
    assert text.one_line("abc\u202egpj.exe\x00\n") == "abc gpj.exe"


def test_paragraphs_are_kept_and_marks_are_not() -> None:
    html = rendered(text.paragraphs("One <b>line</b>\nmore\n\n# no heading"))
    assert html.count("<p>") == 2 and "<b>" not in html and "<h1>" not in html


def test_a_metric_says_what_it_stands_on() -> None:
    told = words.about(Metric(0.9, low=0.88, high=0.92, level=0.9, n=1234), seed=7)
    assert told == "90 % interval 0.88 to 0.92 · n = 1,234 · seed 7"
    assert words.about(Metric(0.9)) == ""
    assert words.interval(Metric(0.9, low=0.1)) == ""


def test_numbers_have_four_digits_and_a_real_minus() -> None:
    assert [words.number(one) for one in (0.0, 1e-7, -0.5, 123456.0, float("inf"), None)] == [
        "0", "1\u00a0×\u00a010⁻⁷", "−0.5", "123,456", "∞", "not defined",
    ]  # fmt: skip
