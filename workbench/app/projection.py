# SPDX-License-Identifier: Apache-2.0
"""Projection: a map of a space, with what it distorts."""

from __future__ import annotations

import streamlit as st

from workbench.app import engine, runner
from workbench.app.parts import links

NAME = "projection"


def page() -> None:
    """Draw the page."""
    analysis = engine.analysis_of(NAME)
    if analysis is None:
        st.title("Projection")
        st.warning("The plugin that projects spaces is not loaded.", icon=":material/extension_off:")
        links.link("plugins", "See the plugins", icon=":material/extension:")
        return
    runner.draw(analysis, NAME)
