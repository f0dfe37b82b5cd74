# SPDX-License-Identifier: Apache-2.0
"""Points that have no part in the barcode: trimmed before landmarks were chosen, the farthest shown first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from plugins.homology.view.chosen import has_pictures
from plugins.homology.view.found import Found
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

SHEET = 24


def draw(view: ViewContext, found: Found) -> None:
    """What was trimmed, and what of it lies far from every landmark."""
    trimmed = np.asarray(view.result.array("trimmed"))
    if not len(trimmed):
        return
    st.subheader("Trimmed before landmarks were chosen")
    away = np.asarray(view.result.array("away"))
    far = np.asarray(view.result.array("outliers")) if "outliers" in view.result.arrays else trimmed[:0]
    told = f"{len(trimmed):,} of {len(found.rows):,} points lie in the sparsest places and could not become landmarks. "
    measured = view.result.metrics.get("outliers")
    if measured is not None:
        told += f"{text.counted(len(far), 'point')} lie more than two covering radii from every landmark"
        told += f" ({100 * measured.value:.2f} % of all"
        if measured.low is not None and measured.high is not None:
            told += f", 95 % interval {100 * measured.low:.2f} to {100 * measured.high:.2f} %"
        told += ")."
    st.markdown(told)
    ordered = trimmed[np.argsort(-away[trimmed], kind="stable")]
    if has_pictures(view):
        view.pictures(found.rows[ordered], [f"{one:.3g}" for one in away[ordered[:SHEET]]], limit=SHEET)
        st.caption("Farthest from every landmark first; below each, how far.")
    with st.container(horizontal=True, gap="small"):
        if st.button("Select them on the map", key=view.key("trimmed"), icon=":material/select_all:"):
            view.select(trimmed)
            view.remember(selected=None, selection=None, slice=None)
            st.rerun()
