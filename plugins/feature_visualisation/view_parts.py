# SPDX-License-Identifier: Apache-2.0
"""Parts of the pages of optimised pictures: one picture under its title, and the frames of the way to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from workbench.app.parts import contact_sheet, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

LEAST: Final = 400  # pixels: smaller pictures are enlarged by whole steps
FRAMES: Final = 12  # in a row; of more, so many at even steps


def picture(view: ViewContext, name: str, title: str) -> None:
    """An image of the result, enlarged to at least 400 pixels."""
    st.markdown(f"**{text.plain(title)}**")
    with st.container(key=f"smooth-{name}-{view.run.id}"):
        st.image(contact_sheet.png(contact_sheet.enlarge(view.result.image(name), LEAST)), alt=title)


def steps(view: ViewContext) -> None:
    """Frames of the way, the start first, with the number of steps after which each was taken."""
    frames, marks = np.asarray(view.result.array("frames")), np.asarray(view.result.array("marks"))
    st.markdown("**Step by step**")
    with st.container(key=f"smooth-steps-{view.run.id}"):
        shown = np.unique(np.linspace(0, len(frames) - 1, min(FRAMES, len(frames))).round().astype(int))
        sheet = contact_sheet.sheet([frames[at] for at in shown], columns=FRAMES)
        st.image(contact_sheet.png(sheet), alt="Frames of the way, the start first")
    st.caption(f"After {', '.join(str(int(marks[at])) for at in shown)} steps, in reading order.")
