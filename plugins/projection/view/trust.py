# SPDX-License-Identifier: Apache-2.0
"""How far the map can be trusted: in a line by the map, and in full with measures, findings, curves and other seeds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

from plugins.projection import compare_page
from plugins.projection.view import seeds
from plugins.projection.view.points import MapPoints
from workbench.app.parts import words
from workbench.app.parts.metrics import draw as draw_row
from workbench.app.parts.metrics import draw_table

if TYPE_CHECKING:
    import pandas as pd

    from registry.result import Metric
    from workbench.app.parts.view_context import ViewContext

TITLE = "How far this map can be trusted"
ANCHOR = "trust"
FIRST = ("trustworthiness", "continuity", "neighbourhood_preservation", "normalised_stress")
MEANING = {
    "pca": "The axes are the directions of largest variance. Distances on the map are at most those in the space: what "
    "is missing lies in the directions that are not drawn.",
    "tsne": "On a t-SNE map the sizes of clusters and the distances between them mean nothing; who stands next to whom "
    "does. Tight islands appear in noise too.",
    "umap": "On a UMAP map the sizes of clusters and the distances between them mean little; who stands next to whom "
    "does. Gaps can be made by the method.",
}


@dataclass(frozen=True)
class Measured:
    """The measures at the number of neighbours that the reader looks at, and the numbers that there are."""

    k: int
    offered: tuple[int, ...]
    asked: int
    metrics: dict[str, Metric]

    @classmethod
    def of(cls, view: ViewContext, points: MapPoints) -> Measured:
        """Those of a run, at the k of the address or else the run's own."""
        asked = min(int(view.run.params.get("k", 15)), (len(points) - 1) // 2)
        quality = view.kept("quality", lambda: view.result.table("quality"))
        offered = tuple(sorted({int(one) for one in quality["k"].dropna()}))
        wanted = st.session_state.get(view.key("k")) or view.remembered("k") or ""
        k = int(wanted) if wanted in {str(one) for one in offered} else asked
        told = {name: _at(one, quality, name, asked, k) for name, one in view.result.metrics.items()}
        return cls(k, offered, asked, told)


def by_the_map(view: ViewContext, measured: Measured) -> None:
    """What of the map means nothing, and the two measures that say most of it, each in a line."""
    method = str(view.run.params["method"])
    if method in ("tsne", "umap"):
        seen = " Look at the other seeds below." if "seed_maps" in view.result.arrays else ""
        st.warning(f"{MEANING[method]}{seen}", icon=":material/warning:")
    elif method in MEANING:
        st.caption(MEANING[method])
    grave = [one.severity for one in view.result.findings if one.severity != "info"]
    badge = ":red-badge[:material/priority_high: serious] " if "serious" in grave else ""
    if grave and not badge:
        badge = ":orange-badge[:material/flag: warning] "
    told = [
        f"{name} **{words.number(one.value)}**" + (f" ({words.interval(one)})" if words.interval(one) else "")
        for name in FIRST[:2]
        if (one := measured.metrics.get(name)) is not None
    ]
    if told:
        line = f"{', '.join(told)} at {measured.k} neighbours (1 is best, 0.5 is chance)."
        st.markdown(f"{badge}{line[:1].upper()}{line[1:]} [{TITLE}](#{ANCHOR})")


def draw(view: ViewContext, points: MapPoints, measured: Measured) -> None:
    """The measures that matter most in a row, the others folded away; findings, curves, and maps under other seeds."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.subheader(TITLE, anchor=ANCHOR, width="content")
        if len(measured.offered) > 1:
            listed = [str(one) for one in measured.offered]
            view.choice("k", listed, "Neighbours looked at (k)", default=str(measured.asked), width=190)
        compare_page.link(view.run.id)
    draw_row({name: measured.metrics[name] for name in FIRST if name in measured.metrics})
    count = len(points)
    n = next((one.n for one in view.result.metrics.values() if one.n), count)
    at = f"all {count:,} points" if n == count else f"{n:,} of {count:,} points"
    st.caption(
        f"Measured at {at} with k = {measured.k} neighbours, seed {view.run.seed}. Colour the map by the stress of the "
        "point to see where it is worst."
    )
    with st.expander("All measures", icon=":material/straighten:"):
        draw_table(measured.metrics)
    view.findings()
    seeds.draw(view, points)
    view.notes()
    _charts(view)


def _charts(view: ViewContext) -> None:
    shown = [one for one in ("quality", "explained_variance") if one in view.result.charts]
    if not shown:
        return
    for column, name in zip(view.beside(1, 1), shown, strict=False):
        with column:
            view.chart(name)


def _at(metric: Metric, quality: pd.DataFrame, name: str, asked: int, k: int) -> Metric:
    """A metric at another number of neighbours, where it was measured there."""
    if k == asked:
        return metric
    found = quality[(quality["measure"] == name) & (quality["k"] == k)]
    if found.empty:
        return metric
    one = found.iloc[0]
    low, high = (None if one[side] != one[side] else float(one[side]) for side in ("low", "high"))
    return replace(
        metric, value=float(one["value"]), low=low, high=high, note=metric.note.replace(f"k = {asked}", f"k = {k}")
    )
