# SPDX-License-Identifier: Apache-2.0
"""The selected points: their pictures, their table, and a name for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.view.map import Seen
from plugins.projection.view.points import STRESS, MapPoints
from registry.errors import DoesNotApply
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SHEET = 48
NAMES = 200  # of items that are listed
FEW = 8  # rows of a table that is as high as they are
TABLE = 1000  # rows of the table that go to the browser
MOST_NUMBERS = 20_000_000  # of points that are read to order them; beyond it, the map's coordinates order them

AS_GIVEN, CENTRE, OUTLIERS, STRAINED = (
    "in the order of the data",
    "nearest the centre first",
    "outliers first",
    "most stress first",
)
ORDERS = (AS_GIVEN, CENTRE, OUTLIERS, STRAINED)


def draw(view: ViewContext, points: MapPoints, seen: Seen) -> None:
    """Contact sheet, slice and table of what is selected; a hint where nothing is."""
    chosen = np.asarray(seen.chosen)
    if len(chosen) == 0:
        st.caption(
            "Click points, or draw around them with the lasso (L) or the rectangle (R), to see what they are. A click "
            "on empty map asks what the model makes of that place."
        )
        every(view, points)
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.subheader(f"{len(chosen):,} selected" if len(chosen) > 1 else "1 selected", width="content")
        order = view.choice("order", ORDERS, "Order", default=AS_GIVEN, width=240) if len(chosen) > 2 else AS_GIVEN
        view.save_slice(points.rows[chosen])
    ordered, told = arranged(view, points, chosen, order)
    captions = None
    if seen.colour is not None:
        captions = [_short(one) for one in np.asarray(seen.colour[1])[ordered[:SHEET]]]
    below = "" if captions is None or seen.colour is None else f"Below each picture: {seen.colour[0]}."
    if view.items is not None and "name" in points.columns.columns:
        _names(points, ordered)
    else:
        view.pictures(points.rows[ordered], captions, limit=SHEET, told=below)
    if told:
        st.caption(told)
    shown = ordered[:TABLE]
    height: Any = 320 if len(shown) > FEW else "content"
    st.dataframe(_frame(points, shown), hide_index=True, height=height, alt=f"Table of {len(shown):,} selected points")
    if len(shown) < len(ordered):
        st.caption(
            f"The table holds the first {TABLE:,} of {len(ordered):,} in this order; save a slice for all of them."
        )
    every(view, points)


def _names(points: MapPoints, ordered: Any) -> None:
    """The names of items such as words, which have no pictures."""
    names = points.columns["name"].iloc[ordered[:NAMES]].astype(str)
    more = f" and {len(ordered) - NAMES:,} more" if len(ordered) > NAMES else ""
    st.markdown(" · ".join(text.plain(one, 40) for one in names) + more)


def arranged(view: ViewContext, points: MapPoints, chosen: Any, order: str) -> tuple[Any, str]:
    """The positions in an order, and a sentence on what it was taken from."""
    if order == AS_GIVEN:
        return chosen, ""
    if order == STRAINED:
        stress = np.asarray(points.computed[STRESS])[chosen]
        return chosen[np.argsort(-np.nan_to_num(stress, nan=-1.0), kind="stable")], ""
    distances, told = centre_distances(view, points, chosen)
    falling = order == OUTLIERS
    return chosen[np.argsort(-distances if falling else distances, kind="stable")], told


def centre_distances(view: ViewContext, points: MapPoints, chosen: Any) -> tuple[Any, str]:
    """Distance of each of these points to their mean, in the space where that can be had, else on the map."""
    try:
        affordable = len(chosen) * view.width_of_points() <= MOST_NUMBERS
        values = view.points_of(chosen) if affordable else None
    except DoesNotApply:
        values = None
    if values is None:
        values, where = points.coordinates[chosen], "on the map, not in the space"
    else:
        where = f"in the space {view.run.params['space']}"
    finite = np.nan_to_num(np.asarray(values, dtype=np.float32))
    away = finite - finite.mean(axis=0)
    return np.sqrt(np.einsum("nd,nd->n", away, away)), f"Distances to the centre of the selection are taken {where}."


def every(view: ViewContext, points: MapPoints) -> None:
    """All points as a table, on request."""
    key = view.key("table")
    if key not in st.session_state:
        st.session_state[key] = view.remembered("table") == "all"
    wanted = st.toggle("Every point as a table", key=key)
    view.remember(table="all" if wanted else None)
    if wanted:
        frame = _frame(points, np.arange(min(len(points), 100 * TABLE)))
        st.dataframe(frame, hide_index=True, height=420, alt="Every point")
        if len(frame) < len(points):
            st.caption(f"The first {len(frame):,} of {len(points):,} points.")


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else str(value)


def _frame(points: MapPoints, chosen: Any) -> pd.DataFrame:
    """The twin of the map as a table: row, columns, stress (1 is the average), coordinates."""
    frame: pd.DataFrame = points.columns.iloc[chosen].copy()
    frame.insert(0, _free("row", frame), points.rows[chosen])
    frame[_free("stress", frame)] = np.asarray(points.computed[STRESS])[chosen]
    for axis in range(points.coordinates.shape[1]):
        frame[_free(f"axis {axis + 1}", frame)] = points.coordinates[chosen, axis]
    return frame


def _free(name: str, frame: pd.DataFrame) -> str:
    """The name, marked where the data has a column of that name: it must neither be hidden nor stand there twice."""
    return f"{name} (map)" if name in frame.columns else name
