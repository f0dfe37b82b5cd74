# SPDX-License-Identifier: Apache-2.0
"""The page of a perceptual path length."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "first": "Row of the first code",
    "second": "Row of the second code",
    "t": "Place on the path",
    "lerp": "Change along lerp",
    "slerp": "Change along slerp",
}
SHOWN = 10


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    left, right = view.beside(1, 1)
    with left:
        view.chart("changes")
        view.chart("along")
    with right:
        st.markdown("**Every number**")
        view.measures()
    table = view.result.table("pairs")
    st.subheader("The most abrupt steps")
    worst = table.sort_values("lerp", ascending=False).head(SHOWN)
    for column, words in (("first", "Where the paths come from"), ("second", "Where they lead")):
        st.markdown(f"**{words}**")
        captions = [f"{one:,.0f}" if one >= 100 else f"{one:.3g}" for one in worst["lerp"]]
        view.pictures(worst[column].to_numpy(), captions, told="Below each: squared change for a step along lerp.")
    view.notes()
    with st.expander("Every pair as a table", icon=":material/table:"):
        st.dataframe(table.rename(columns=COLUMNS), hide_index=True, alt="Every pair")
