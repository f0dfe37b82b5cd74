# SPDX-License-Identifier: Apache-2.0
"""The few rules of style that the theme file cannot say. A constant: nothing from outside goes into it."""

from __future__ import annotations

import streamlit as st

_RULES = """<style>
.stMainBlockContainer { max-width: 1360px; padding-top: 4.5rem; padding-bottom: 6rem; }
.stMainBlockContainer, .stMetric, table, input { font-variant-numeric: tabular-nums lining-nums; }
h1, h2, h3 { letter-spacing: -0.005em; text-wrap: balance; }
.stMainBlockContainer h2 { margin-top: 0.75rem; }
.stMarkdown p, .stMarkdown li { max-width: 46rem; }
.st-key-wide .stMarkdown p { max-width: none; }
.stImage img { image-rendering: pixelated; }
[data-testid="stCaptionContainer"] { opacity: 1; }
[data-testid="stCaptionContainer"] p { color: inherit; opacity: 0.78; }
[data-testid="stMetricLabel"] p { font-size: 0.875rem; }
</style>"""


def apply() -> None:
    """Put the rules on the page."""
    st.html(_RULES)


def dark() -> bool:
    """Whether the reader sees the dark theme (the light one until the browser has told)."""
    return st.context.theme.type == "dark"
