# SPDX-License-Identifier: Apache-2.0
"""The page of a dream: start and dream side by side, the way as frames, the curve, the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from workbench.app.parts import contact_sheet, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

LEAST: Final = 400  # pixels: smaller pictures are enlarged by whole steps


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    params = view.run.params
    left, right = view.beside(1, 1)
    with left:
        _picture(view, "start", "The start" if params.get("start") == "noise" else f"Row {params['row']}")
        if "guide" in view.result.images:
            _picture(view, "guide", f"The guide: row {params['guide']}")
    with right:
        _picture(view, "dream", "The dream")
        st.download_button(
            "Download the dream",
            contact_sheet.png(view.result.image("dream")),
            f"dream-{view.run.id}.png",
            "image/png",
            icon=":material/download:",
            key=view.key("download"),
        )
    _steps(view)
    first, second = view.beside(1, 1)
    with first:
        view.chart("curve")
        st.caption(f"The value before each step. Seed {view.run.seed}.")
    with second:
        st.markdown("**Every number**")
        view.measures()
    view.notes()


def _picture(view: ViewContext, name: str, title: str) -> None:
    st.markdown(f"**{text.plain(title)}**")
    with st.container(key=f"smooth-{name}-{view.run.id}"):
        st.image(contact_sheet.png(contact_sheet.enlarge(view.result.image(name), LEAST)), alt=title)


def _steps(view: ViewContext) -> None:
    frames, marks = np.asarray(view.result.array("frames")), np.asarray(view.result.array("marks"))
    st.markdown("**Step by step**")
    with st.container(key=f"smooth-steps-{view.run.id}"):
        shown = np.unique(np.linspace(0, len(frames) - 1, min(12, len(frames))).round().astype(int))
        sheet = contact_sheet.sheet([frames[at] for at in shown], columns=12)
        st.image(contact_sheet.png(sheet), alt="Frames of the way, the start first")
    st.caption(f"After {', '.join(str(int(marks[at])) for at in shown)} steps, in reading order.")
