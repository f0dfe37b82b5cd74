# SPDX-License-Identifier: Apache-2.0
"""What distinguishes the selected points: asked of the analysis that tests every column, latent and layer unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.view.points import MapPoints
from registry.errors import StoreError
from workbench.app.parts import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workbench.app.parts.view_context import ViewContext

ANALYSIS = "contrast"
FEWEST = 5


def draw(view: ViewContext, points: MapPoints, chosen: Any) -> None:
    """A button that asks, and the answer."""
    rest = len(points) - len(chosen)
    if view.sliced is None:
        st.caption("These are bare points: add them as a data set to analyse a part of them.")
        return
    enough = len(chosen) >= FEWEST and rest >= FEWEST
    if not enough:
        st.caption(
            f"Select at least {FEWEST} points on the map, and leave at least {FEWEST}, to ask what distinguishes them."
        )
    else:
        st.markdown(
            f"Tests every column, latent dimension and layer unit: the {len(chosen):,} selected points against the "
            f"{rest:,} others of this map."
        )
    rows = np.asarray(points.rows)

    def wanted() -> Mapping[str, Any] | None:
        others = np.ones(len(rows), dtype=np.bool_)
        others[chosen] = False
        try:
            # The rest of this map, not of the data: what was never drawn may well lie inside the outline.
            return {
                "selection": view.slice_of(rows[chosen]),
                "against": view.slice_of(rows[others], "rest"),
                "drawn_on": view.run.params["space"],
            }
        except StoreError as error:
            errors.show(str(error))
            return None

    def about(params: Mapping[str, Any]) -> str:
        now = view.name_of_slice(rows[chosen]) if len(chosen) else None
        return "" if params["selection"] == now else "This is the answer for an earlier selection, not the one above."

    view.launch(
        ANALYSIS,
        wanted,
        "Test them against the others",
        icon=":material/difference:",
        disabled=not enough,
        about=about,
    )
