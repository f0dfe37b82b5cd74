# SPDX-License-Identifier: Apache-2.0
"""The page of a reconstruction: the pictures first, then how far off they are, then the tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "l1": "Mean absolute error",
    "l2": "Root mean squared error",
    "l2_of_mean": "Root mean squared error, mean point",
    "mean_squared_error": "Mean squared error",
    "l1_low": "Mean absolute error, low",
    "l1_high": "Mean absolute error, high",
    "l2_low": "Root mean squared error, low",
    "l2_high": "Root mean squared error, high",
    "n": "Points",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a reconstruction."""
    view.findings()
    if "examples" in view.result.images:
        st.subheader("From the best to the worst")
        with st.container(key=f"smooth-{view.run.id}"):
            st.image(view.result.image("examples"), width="content", alt="Originals, reconstructions, differences")
        st.caption("Evenly spaced ranks of the root mean squared error (L2), which stands below each picture.")
    left, right = view.beside(3, 2)
    with left:
        view.chart("errors")
    with right:
        st.markdown("**How much comes back**")
        view.measures()
    view.notes()
    if "by_condition" in view.result.charts:
        view.chart("by_condition")
        with st.expander("The curve as a table", icon=":material/table:"):
            _table(view.result.table("by_condition"), "Errors along the condition")
    with st.expander("Every point as a table", icon=":material/table:"):
        _table(view.result.table("errors"), "Errors of each point")


def _table(table: pd.DataFrame, alt: str) -> None:
    words = {name: COLUMNS.get(name, str(name)[:1].upper() + str(name)[1:]) for name in table.columns}
    numbers = {
        label: st.column_config.NumberColumn(format="%.4g")
        for name, label in words.items()
        if name in COLUMNS and name != "n"
    }
    st.dataframe(table.rename(columns=words), hide_index=True, column_config=numbers, alt=alt)
