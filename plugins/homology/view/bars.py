# SPDX-License-Identifier: Apache-2.0
"""Barcode, diagram and Betti curves of one group, and which bar is chosen: in the list or by a click in the charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.homology.view.found import KINDS, Found, p_words, share_words
from registry.pictures import styled
from workbench.app.parts import text

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

LISTED = {0: 5, 1: 20, 2: 12, 3: 6}  # longest bars of each dimension that the list offers
DRAWN = 12  # bars of each dimension in the barcode
CURVES = 620  # pixels
AROUND = 190  # pixels of title, axis and legend around a chart


def draw_bars(view: ViewContext, found: Found, group: str) -> int | None:
    """Draw the charts of a group; gives the number of the bar that is chosen, if there is any to choose."""
    from plugins.homology.charts import barcode_chart, betti_chart, diagram_chart

    bars = found.bars[found.bars["group"] == group]
    about = found.groups[found.groups["group"] == group].iloc[0]
    st.subheader("Which pieces, loops and voids there are")
    chosen = _choose(view, bars)
    marked = () if chosen is None else (chosen,)
    band = view.result.metrics.get("confidence_band")
    left, right = view.beside(3, 2)
    with left:
        chart = barcode_chart(bars, unit=found.unit, most=DRAWN, selected=marked)
        _chart(view, chart, "barcode", f"Barcode of {group or 'all points'}")
    with right:
        length = None if band is None or group else band.value
        chart = diagram_chart(bars, unit=found.unit, band=length, selected=marked)
        _chart(view, chart, "diagram", f"Diagram of {group or 'all points'}")
    betti = found.betti[found.betti["group"] == group]
    below, beside = view.beside(9, 4)
    with below:
        curves = betti_chart(betti, unit=found.unit, draws=int(about["draws"]), bars=bars, selected=marked).to_dict()
        for part in curves["vconcat"]:
            part["width"] = CURVES
        st.vega_lite_chart(None, styled(curves), width="content", alt=f"Betti curves of {group or 'all points'}")
    with beside:
        st.caption(_told(view, about))
    return chosen


def _choose(view: ViewContext, bars: pd.DataFrame) -> int | None:
    """The chosen bar: of the address, of the list, or clicked in a chart."""
    ends = bars[(bars["dimension"] > 0) | (~bars["essential"])]
    if ends.empty:
        st.caption("There is no bar that could be chosen: the points are one piece at every scale.")
        return None
    most = ends["dimension"].map(LISTED)
    listed = ends[ends["rank"] <= most].sort_values(["dimension", "rank"], ascending=[True, True])
    offered = [int(one) for one in listed["bar"]]
    first = _first(listed)
    key = view.key("bar")
    if key not in st.session_state:
        given = view.remembered("bar") or ""
        st.session_state[key] = int(given) if given.isdecimal() else first
    known = {int(one) for one in ends["bar"]}
    if st.session_state[key] not in known:
        st.session_state[key] = first
    if st.session_state[key] not in offered:
        offered.append(st.session_state[key])
    rows = {int(row["bar"]): row for row in ends[ends["bar"].isin(offered)].to_dict("records")}
    chosen = int(
        st.selectbox(
            "The bar whose samples are shown (or click one in a chart)",
            offered,
            key=key,
            format_func=lambda number: _label(rows[number]),
        )
    )
    view.remember(bar=None if chosen == first else str(chosen))
    return chosen


def _first(listed: pd.DataFrame) -> int:
    """The bar that is shown first: a significant one of the highest dimension that has any, else the longest loop."""
    told = listed[listed["significant"] & (listed["dimension"] > 0)]
    if told.empty:
        told = listed[listed["dimension"] == 1]
    if told.empty:
        told = listed
    return int(told.sort_values(["dimension", "rank"])["bar"].iloc[0])


def _label(row: Any) -> str:
    end = "not filled" if row["essential"] else f"{row['death']:.3g}"
    kind = KINDS[int(row["dimension"])].capitalize()
    told = f"p {p_words(row['p_value'])}, in draws {share_words(row)}"
    return f"{kind} {int(row['rank'])}: {row['birth']:.3g} to {end} · {told}"


def _chart(view: ViewContext, chart: Any, name: str, alt: str) -> None:
    """A chart in which a click chooses a bar."""
    spec = styled(chart.to_dict())
    height = spec.get("height")
    key = view.key(f"chart.{name}.{hash(alt)}")
    st.vega_lite_chart(
        None,
        spec,
        width="stretch",
        height=int(height) + AROUND if isinstance(height, (int, float)) else "content",
        key=key,
        on_select=_taker(key, view.key("bar")),
        selection_mode="bar",
        alt=text.one_line(alt),
    )


def _taker(key: str, into: str) -> Callable[[], None]:
    """Takes what was clicked in a chart over into the list."""

    def take() -> None:
        from plugins.homology.charts import SELECTION

        picked = dict(st.session_state[key].get("selection", {})).get(SELECTION) or []
        if picked and SELECTION in picked[0]:
            st.session_state[into] = int(picked[0][SELECTION])

    return take


def _told(view: ViewContext, about: Any) -> str:
    told = f"{int(about['landmarks']):,} landmarks of {int(about['points']):,} points, seed {view.run.seed}. "
    if about["tested"]:
        told += f"p: adjusted, universal null distribution on {int(about['tested']):,} random points. "
    told += (
        f"Recurrence: share of {int(about['draws'])} draws of {int(about['drawn']):,} random points in which at least "
        "as many bars stand out."
        if about["draws"]
        else "There were no random draws, so that nothing says what recurs."
    )
    return told
