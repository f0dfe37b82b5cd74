# SPDX-License-Identifier: Apache-2.0
"""The page of a projection: the map with what it distorts, and the ways from a part of the map back to the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from plugins.projection.view import distinction, gap, groups, samples, seeds, trust
from plugins.projection.view.map import draw_map
from plugins.projection.view.points import MapPoints

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

SAMPLES, DISTINCTION, GROUPS, GAP = "The points", "What distinguishes them", "Two groups, A and B", "A place on the map"
PANELS = {"points": SAMPLES, "distinction": DISTINCTION, "groups": GROUPS, "place": GAP}


def draw(view: ViewContext) -> None:
    """Draw the result of a projection."""
    points = MapPoints.of(view)
    seen = draw_map(view, points)
    trust.draw(view, points)
    view.findings()
    panel = _panel(view, probed=seen.probe is not None)
    if panel == SAMPLES:
        samples.draw(view, points, seen)
    elif panel == DISTINCTION:
        distinction.draw(view, points, seen.chosen)
    elif panel == GROUPS:
        groups.draw(view, points, seen.chosen)
    else:
        gap.draw(view, points, seen.probe)
    seeds.draw(view, points)
    _charts(view)


def _panel(view: ViewContext, *, probed: bool) -> str:
    """Which way back to the model is shown; a place that was just clicked brings its own forward."""
    key, names = view.key("panel"), list(PANELS.values())
    wanted = PANELS.get(view.remembered("panel") or "", SAMPLES)
    fresh = view.key("probed")
    if probed and not st.session_state.get(fresh):
        wanted = st.session_state[key] = GAP
    st.session_state[fresh] = probed
    if key not in st.session_state:
        st.session_state[key] = wanted
    chosen = st.segmented_control("From the map back to the model", names, key=key, required=True) or SAMPLES
    view.remember(
        panel=next(short for short, name in PANELS.items() if name == chosen and name != SAMPLES)
        if chosen != SAMPLES
        else None
    )
    return str(chosen)


def _charts(view: ViewContext) -> None:
    shown = [one for one in ("quality", "explained_variance") if one in view.result.charts]
    if not shown:
        return
    st.subheader("Over numbers of neighbours" if len(shown) == 1 else "Over numbers of neighbours, and over components")
    for column, name in zip(st.columns(2), shown, strict=False):
        with column:
            view.chart(name)
