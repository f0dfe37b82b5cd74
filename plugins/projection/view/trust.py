# SPDX-License-Identifier: Apache-2.0
"""How far the map can be trusted: its measures at the number of neighbours that the reader asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import streamlit as st

from plugins.projection import compare_page
from plugins.projection.view.points import MapPoints
from workbench.app.parts.metrics import draw_table

if TYPE_CHECKING:
    import pandas as pd

    from registry.result import Metric
    from workbench.app.parts.view_context import ViewContext

MEANINGLESS = {
    "tsne": "On a t-SNE map the sizes of clusters and the distances between them mean nothing; who stands next to whom "
    "does. Tight islands appear in noise too: look at the other seeds below.",
    "umap": "On a UMAP map the sizes of clusters and the distances between them mean little; who stands next to whom "
    "does. Gaps can be made by the method: look at the other seeds below.",
}


def draw(view: ViewContext, points: MapPoints) -> None:
    """The measures of the whole map, and what of it means nothing."""
    st.markdown("**How far this map can be trusted**")
    asked = min(int(view.run.params["k"]), (len(points) - 1) // 2)
    quality = view.kept("quality", lambda: view.result.table("quality"))
    offered = sorted({int(one) for one in quality["k"].dropna()})
    k = asked
    if len(offered) > 1:
        chosen = view.choice(
            "k", [str(one) for one in offered], "Neighbours that the measures look at (k)", default=str(asked)
        )
        k = int(chosen)
    draw_table({name: _at(one, quality, name, asked, k) for name, one in view.result.metrics.items()})
    first = next(iter(view.result.metrics.values()))
    count = len(points)
    at = f"all {count:,} points" if first.n == count else f"{first.n:,} of {count:,} points (95 % intervals)"
    st.caption(f"Measured at {at} with k = {k} neighbours, seed {view.run.seed}. Colour by the stress to see where.")
    told = MEANINGLESS.get(str(view.run.params["method"]))
    if told:
        st.warning(told, icon=":material/warning:")
    compare_page.link(view.run.id)


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
