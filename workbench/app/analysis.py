# SPDX-License-Identifier: Apache-2.0
"""The page of any analysis that has none of its own: form, run, result."""

from __future__ import annotations

import streamlit as st

from workbench.app import engine, runner
from workbench.app.parts import links, permalink, text


def page() -> None:
    """Draw the page of the analysis that the address names."""
    analyses = engine.catalogue().analyses
    chosen = permalink.choice("analysis", analyses)
    if chosen is None:
        st.title("Analyses")
        if permalink.get("analysis"):
            st.warning(
                f"There is no analysis {text.plain(permalink.get('analysis'), 80)} here.", icon=":material/search_off:"
            )
        if not analyses:
            st.markdown("No analysis is installed.")
        for name in analyses:
            links.link("analysis", text.plain(engine.title_of(name)), icon=":material/play_arrow:", analysis=name)
        return
    runner.draw(analyses[chosen], "analysis")
