# SPDX-License-Identifier: Apache-2.0
"""How far the map can be trusted: its measures at the number of neighbours that the reader asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from plugins.projection import compare_page
from plugins.projection.view.points import MapPoints
from workbench.app.parts.metrics import draw as draw_row
from workbench.app.parts.metrics import draw_table

if TYPE_CHECKING:
    import pandas as pd

    from registry.result import Metric
    from workbench.app.parts.view_context import ViewContext

FIRST = ("trustworthiness", "continuity", "neighbourhood_preservation", "normalised_stress")
MEANINGLESS = {
    "tsne": "On a t-SNE map the sizes of clusters and the distances between them mean nothing; who stands next to whom "
    "does. Tight islands appear in noise too: look at the other seeds below.",
    "umap": "On a UMAP map the sizes of clusters and the distances between them mean little; who stands next to whom "
    "does. Gaps can be made by the method: look at the other seeds below.",
}


def draw(view: ViewContext, points: MapPoints) -> None:
    """The measures that matter most in a row, the others folded away, and what of the map means nothing."""
    asked = min(int(view.run.params["k"]), (len(points) - 1) // 2)
    quality = view.kept("quality", lambda: view.result.table("quality"))
    offered = sorted({int(one) for one in quality["k"].dropna()})
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.markdown("**How far this map can be trusted**", width="content")
        k = asked
        if len(offered) > 1:
            listed = [str(one) for one in offered]
            k = int(view.choice("k", listed, "Neighbours looked at (k)", default=str(asked), width=190))
        compare_page.link(view.run.id)
    told = {name: _at(one, quality, name, asked, k) for name, one in view.result.metrics.items()}
    draw_row({name: told[name] for name in FIRST if name in told}, view.run.seed)
    with st.expander("All measures", icon=":material/straighten:"):
        draw_table(told)
    first = next(iter(view.result.metrics.values()))
    count = len(points)
    at = f"all {count:,} points" if first.n == count else f"{first.n:,} of {count:,} points (95 % intervals)"
    st.caption(f"Measured at {at} with k = {k} neighbours, seed {view.run.seed}. Colour by the stress to see where.")
    meaningless = MEANINGLESS.get(str(view.run.params["method"]))
    if meaningless:
        st.warning(meaningless, icon=":material/warning:")


def _at(metric: Metric, quality: pd.DataFrame, name: str, asked: int, k: int) -> Metric:
    """A metric at another number of neighbours, where it was measured there."""
    found = quality[(quality["measure"] == name) & (quality["k"] == k)]
    if k == asked or found.empty:
        return metric
    one = found.iloc[0]
    low, high = (None if one[side] != one[side] else float(one[side]) for side in ("low", "high"))
    return replace(
        metric, value=float(one["value"]), low=low, high=high, note=metric.note.replace(f"k = {asked}", f"k = {k}")
    )
