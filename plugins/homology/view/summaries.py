# SPDX-License-Identifier: Apache-2.0
"""Summaries of the diagrams with their bands, and the landscapes and image of the loops, folded away at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from plugins.homology.view.found import Found
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext, found: Found, group: str) -> None:
    """The table of one group; the charts are of all points."""
    if "summaries" not in view.result.tables:  # a run of an earlier version
        return
    table = view.result.table("summaries")
    rows = table[table["group"] == group].reset_index(drop=True)
    with st.expander("Summaries: Betti numbers, entropy, total persistence, landscapes, images"):
        shown = rows[["dimension", "label", "value", "median", "low", "high", "unit"]].rename(
            columns={
                "dimension": "H",
                "label": "Summary",
                "value": "Landmarks",
                "median": "Draws, median",
                "low": "Draws, 5 %",
                "high": "Draws, 95 %",
                "unit": "Unit",
            }
        )
        st.dataframe(shown, hide_index=True, height=min(38 + 35 * len(shown), 420), alt="Summaries as a table")
        draws = int(rows["draws"].max()) if len(rows) else 0
        st.caption(
            f"u is the unit of the distance ({found.unit}). The draws are {draws} random ones, which cover the points "
            "less evenly than the landmarks: what lies outside of them is no error by itself."
        )
        charts = [name for name in ("landscape", "image") if name in view.result.charts]
        if charts:
            for column, name in zip(view.beside(3, 2), charts, strict=False):
                with column:
                    view.chart(name)
