# SPDX-License-Identifier: Apache-2.0
"""The page of an inversion: the pictures beside what came back, the error of every start, and the way to the editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "kind": "Kind",
    "picture": "Row",
    "restart": "Start",
    "error": "Error",
    "loss": "Loss",
    "best": "Best",
    "distance": "Distance from the centre",
    "share_of_prior_below": "Share of the prior further in",
    "distance_from_truth": "Distance from the true code",
}


def draw(view: ViewContext) -> None:
    """Draw the result of an inversion."""
    from plugins.editor import page

    view.findings()
    st.subheader("What came back")
    with st.container(key=f"smooth-{view.run.id}"):
        st.image(view.result.image("examples"), width="content", alt="Pictures, what came back of them, differences")
    st.caption("Below each: root mean squared difference of the best start, as a share of the range of values.")
    rows = view.result.array("rows")
    with st.container(horizontal=True):
        for at in range(min(len(rows), 6)):
            page.link(f"Edit {int(rows[at])}", model=view.run.model, **{"from": "inversion"}, run=view.run.id, at=at)
    left, right = view.beside(3, 2)
    with left:
        view.chart("errors")
        if "course" in view.result.charts:
            view.chart("course")
    with right:
        view.measures()
    view.notes()
    with st.expander("Every start as a table", icon=":material/table:"):
        table = view.result.table("inversions").rename(columns=COLUMNS)
        numbers = {name: st.column_config.NumberColumn(format="%.4g") for name in list(COLUMNS.values())[3:5]}
        st.dataframe(table, hide_index=True, column_config=numbers, alt="Every start of the inversion")
