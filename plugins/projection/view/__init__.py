# SPDX-License-Identifier: Apache-2.0
"""The page of a projection: the map with what it distorts, and the ways from a part of the map back to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from plugins.projection.view import distinction, gap, groups, samples, texts, trust
from plugins.projection.view.map import draw_map
from plugins.projection.view.points import MapPoints

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

SAMPLES, DISTINCTION, GROUPS, GAP = "The points", "What distinguishes them", "Two groups, A and B", "A place on the map"
WORDS = "Words"
TITLE = "From the map back to the model"
PANELS = {"points": SAMPLES, "distinction": DISTINCTION, "groups": GROUPS, "place": GAP, "words": WORDS}


def draw(view: ViewContext) -> None:
    """Draw the result of a projection: what is asked of the map stands right below it, so that both are seen."""
    points = MapPoints.of(view)
    measured = trust.Measured.of(view, points)
    seen = draw_map(view, points)
    trust.by_the_map(view, measured)
    reader = texts.reading(view)
    panel = _panel(view, seen.probe, worded=reader is not None)
    if panel == SAMPLES:
        samples.draw(view, points, seen)
    elif panel == DISTINCTION:
        distinction.draw(view, points, seen.chosen)
    elif panel == GROUPS:
        groups.draw(view, points, seen.chosen)
    elif panel == WORDS and reader is not None:
        texts.draw(view, points, seen.chosen, reader)
    else:
        gap.draw(view, points, seen.probe)
    trust.draw(view, points, measured)


def _panel(view: ViewContext, probe: tuple[float, float] | None, *, worded: bool) -> str:
    """Which way back to the model is shown; a place that was just clicked brings its own forward.

    Words are offered where the model reads texts into the space of the map (``worded``).
    """
    key, before = view.key("panel"), view.key("probed")
    offered = [name for name in PANELS.values() if worded or name != WORDS]
    if key not in st.session_state:  # the first drawing, or a reload: the address says which
        st.session_state[key] = PANELS.get(view.remembered("panel") or "", SAMPLES)
    elif probe is not None and probe != st.session_state.get(before) and not texts.is_text(view, probe):
        st.session_state[key] = GAP
    if st.session_state[key] not in offered:
        st.session_state[key] = SAMPLES
    st.session_state[before] = probe
    st.subheader(TITLE, anchor=False)
    chosen = st.segmented_control(TITLE, offered, key=key, required=True, label_visibility="collapsed")
    view.remember(panel=next((short for short, name in PANELS.items() if name == chosen and name != SAMPLES), None))
    return str(chosen or SAMPLES)
