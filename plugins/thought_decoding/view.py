# SPDX-License-Identifier: Apache-2.0
"""The view of a run of ``thought-decoding``: told against recalled, and every text with what came back of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

ORDERS: Final = {
    "told best against recalled": ("gain", False),
    "told worst against recalled": ("gain", True),
    "nearest told": ("similarity_tell", False),
    "furthest told": ("similarity_tell", True),
}
FIRST: Final = ("similarity_tell", "similarity_recall", "bleu_tell", "bleu_recall", "copied_rate")


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    view.metrics(FIRST)
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Each held-out text**: what is told against what is recalled")
        view.chart("pairs")
    with right:
        st.markdown("**Mean similarity**")
        view.chart("similarity")
        view.notes()
    st.subheader("Text by text", anchor=False)
    table = view.result.table("examples")
    table["gain"] = table["similarity_tell"] - table["similarity_recall"]
    column, ascending = ORDERS[view.choice("order", list(ORDERS), "First", width=260)]
    st.dataframe(
        table.sort_values(column, ascending=ascending)[
            ["original", "told", "similarity_tell", "recalled", "similarity_recall", "copied"]
        ],
        hide_index=True,
        column_config={
            "original": st.column_config.TextColumn("Original", width=330),
            "told": st.column_config.TextColumn("Told", width=330),
            "recalled": st.column_config.TextColumn("Recalled", width=330),
            "similarity_tell": st.column_config.NumberColumn("similarity", format="%.2f", width=85),
            "similarity_recall": st.column_config.NumberColumn("similarity ", format="%.2f", width=85),
            "copied": st.column_config.CheckboxColumn("Told is a training text", width=85),
        },
    )
    st.subheader("All numbers", anchor=False)
    view.measures()
