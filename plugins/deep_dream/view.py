# SPDX-License-Identifier: Apache-2.0
"""The page of a dream: start and dream side by side, the way as frames, the curve, the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from plugins.feature_visualisation import view_parts
from workbench.app.parts import contact_sheet

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    params = view.run.params
    left, right = view.beside(1, 1)
    with left:
        view_parts.picture(view, "start", "The start" if params.get("start") == "noise" else f"Row {params['row']}")
        if "guide" in view.result.images:
            view_parts.picture(view, "guide", f"The guide: row {params['guide']}")
    with right:
        view_parts.picture(view, "dream", "The dream")
        st.download_button(
            "Download the dream",
            contact_sheet.png(view.result.image("dream")),
            f"dream-{view.run.id}.png",
            "image/png",
            icon=":material/download:",
            key=view.key("download"),
        )
    view_parts.steps(view)
    first, second = view.beside(1, 1)
    with first:
        view.chart("curve")
        st.caption(f"The value before each step. Seed {view.run.seed}.")
    with second:
        st.markdown("**Every number**")
        view.measures()
    view.notes()
