# SPDX-License-Identifier: Apache-2.0
"""The same map under other seeds, as small multiples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection.view.points import PLACED, MapPoints

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext, points: MapPoints) -> None:
    """Each map of the strip, laid over the first, with how much it differs."""
    if "seed_maps" not in view.result.arrays:
        return
    st.markdown("**Under other seeds**")
    seeds = view.result.array("seeds").tolist()
    disparity = view.result.array("seed_disparity").tolist()
    drawn = np.asarray(view.result.array("seed_rows"))
    name = view.remembered("colour") or points.default
    if name == PLACED:  # the strip has no placed points
        name = points.category() or ""
    pictures = view.kept(f"strip {name}", lambda: _pictures(view, points, name, drawn))
    for first in range(0, len(seeds), 4):
        for column, at in zip(st.columns(4), range(first, min(first + 4, len(seeds))), strict=False):
            with column:
                st.image(pictures[at], width="stretch", alt=f"The map under seed {seeds[at]}")
                st.caption(f"seed {seeds[at]} · " + (f"disparity {disparity[at]:.3f}" if at else "the first"))
    st.caption(
        "Disparity: how much still differs once a map is moved, turned, mirrored and scaled onto the first "
        "(Procrustes); 0 is the same map, 1 an unrelated one."
    )


def _pictures(view: ViewContext, points: MapPoints, name: str, drawn: Any) -> list[bytes]:
    codes = _codes(points.values(name), drawn)
    return [view.thumbnail(one, codes) for one in np.asarray(view.result.array("seed_maps"))]


def _codes(colour: Any, drawn: Any) -> Any:
    """Category numbers, or values in 0..1, of the points that are drawn small."""
    if colour is None:
        return None
    import pandas as pd

    column = pd.Series(np.asarray(colour))
    if pd.api.types.is_float_dtype(column.dtype) or column.nunique() > 40:
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)[drawn]
        if not np.isfinite(numbers).any():
            return None
        low, high = np.nanmin(numbers), np.nanmax(numbers)
        return (numbers - low) / max(high - low, 1e-12)
    return column.astype("category").cat.codes.to_numpy(dtype=np.int64)[drawn]
