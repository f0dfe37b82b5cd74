# SPDX-License-Identifier: Apache-2.0
"""Two groups of points, A and B: kept in the address, combined, and joined by the direction from one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.view.points import MapPoints
from registry.errors import StoreError
from workbench.app.parts import errors, selections, text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.app.parts.view_context import ViewContext

ANALYSIS = "difference-direction"
FEWEST = 5
PICTURES = 24


def draw(view: ViewContext, points: MapPoints, chosen: Any) -> None:
    """The two groups side by side, and what can be asked of them."""
    st.caption(
        "Select points on the map and keep them as A, then others as B. Without B, A is held against the rest of it."
    )
    groups = {name: _kept(view, points, name) for name in ("A", "B")}
    for column, (name, held) in zip(st.columns(2, border=True), groups.items(), strict=True):
        with column:
            _group(view, points, chosen, name, held)
    _combine(view, groups)
    _direction(view, points, groups)


def _kept(view: ViewContext, points: MapPoints, name: str) -> Any:
    return selections.named(view.store, len(points), view.remembered(name.lower()))


def _group(view: ViewContext, points: MapPoints, chosen: Any, name: str, held: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**{name}** · {text.counted(len(held), 'point')}" if len(held) else f"**{name}** is empty", width="content"
        )
        if st.button(f"Keep the selection as {name}", key=view.key(f"keep.{name}"), disabled=len(chosen) == 0):
            view.remember(**{name.lower(): selections.name_of(view.store, len(points), chosen)})
            st.rerun()
        if len(held) and st.button(f"Forget {name}", key=view.key(f"forget.{name}"), type="tertiary"):
            view.remember(**{name.lower(): None})
            st.rerun()
    if len(held):
        view.pictures(points.rows[held], limit=PICTURES)


def _combine(view: ViewContext, groups: Mapping[str, Any]) -> None:
    """What the two groups have in common and what not, as the selection of the map."""
    first, second = groups["A"], groups["B"]
    if not len(first):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("Select on the map:", width="content")
        offered = {"A": first}
        if len(second):
            offered |= {
                "B": second,
                "A and B": np.intersect1d(first, second),
                "A or B": np.union1d(first, second),
                "A without B": np.setdiff1d(first, second),
                "B without A": np.setdiff1d(second, first),
            }
        for label, positions in offered.items():
            told = f"{label} ({len(positions):,})"
            if st.button(told, key=view.key(f"select.{label}"), disabled=len(positions) == 0):
                view.select(positions)
                view.remember(selected=None, selection=None, slice=None)
                st.rerun()


def _direction(view: ViewContext, points: MapPoints, groups: Mapping[str, Any]) -> None:
    first, second = groups["A"], groups["B"]
    if view.sliced is None:
        st.caption("These are bare points: add them as a data set to find the direction between two groups.")
        return
    against, stem = second, "group-b"
    if len(first) and not len(second):
        # The rest of this map, not of the data: what was never drawn may well belong to A.
        against, stem = np.setdiff1d(np.arange(len(points)), first), "rest"
    enough = len(first) >= FEWEST and len(against) >= FEWEST
    if not enough:
        st.caption(f"A direction needs at least {FEWEST} points on each side.")
    rows = np.asarray(points.rows)

    def wanted() -> Mapping[str, Any] | None:
        try:
            away = view.slice_of(rows[against], stem)
            return {"space": view.run.params["space"], "toward": view.slice_of(rows[first], "group-a"), "away": away}
        except StoreError as error:
            errors.show(str(error))
            return None

    def about(params: Mapping[str, Any]) -> str:
        now = [view.name_of_slice(rows[one], stem) if len(one) else None for one, stem in sides]
        return "" if [params["toward"], params["away"]] == now else "This direction is of earlier groups A and B."

    sides = ((first, "group-a"), (against, stem))
    label = "Direction from B to A" if len(second) else "Direction from the rest of the map to A"
    view.launch(ANALYSIS, wanted, label, icon=":material/trending_flat:", disabled=not enough, about=about)
