# SPDX-License-Identifier: Apache-2.0
"""The few rules of style that the theme file cannot say; nothing from outside goes into them."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_RULES = Path(__file__).parents[1] / "style.css"


#: The accent of the dark theme is light, so what stands on it must be dark.
_DARK_RULES = """<style>
:is([data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"]):enabled,
:is([data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"]):enabled p { color: #0E1117; }
[class*="st-key-grade-weak"] [data-testid="stMarkdownContainer"] :is(p, li) { color: #B3BAC3; }
[class*="st-key-grade-speculation"] [data-testid="stMarkdownContainer"] :is(p, li) { color: #8D95A0; }
</style>"""


def apply() -> None:
    """Put the rules on the page."""
    st.html(_RULES)
    if dark():
        st.html(_DARK_RULES)


def dark() -> bool:
    """Whether the reader sees the dark theme (the light one until the browser has told)."""
    return st.context.theme.type == "dark"
