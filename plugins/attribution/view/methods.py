# SPDX-License-Identifier: Apache-2.0
"""What each method is, what it cost, what was changed for it, and which could not answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from plugins.attribution.view.shown import Shown
    from workbench.app.parts.view_context import ViewContext

COLUMNS: Final = {
    "title": "Method", "layer": "Layer", "gap": "Largest gap", "forwards": "Rows forwards",
    "backwards": "Rows backwards", "seconds": "Seconds", "source": "Source",
}  # fmt: skip


def draw(view: ViewContext, shown: Shown) -> None:
    """Refusals first: what is not shown must be said."""
    if "refused" in view.result.tables:
        st.subheader("Methods that cannot answer here")
        for one in view.result.table("refused").to_dict("records"):
            st.markdown(f"- **{text.plain(one['title'])}**: {text.plain(_ended(one['reason']))}")
    st.subheader("The methods")
    table = shown.methods
    for one in table.to_dict("records"):
        told = " ".join(_ended(one[name]) for name in ("adapted", "caveat") if one[name])
        if told:
            st.markdown(f"- **{text.plain(one['title'])}**: {text.plain(told)}")
    columns = {name: words for name, words in COLUMNS.items() if name in table}
    form: dict[str, Any] = {
        "Largest gap": st.column_config.NumberColumn(
            format="percent", help="Largest difference of a sum from the change of the number, of the largest change"
        ),
        "Seconds": st.column_config.NumberColumn(format="%.2f"),
    }
    with st.expander("What each method cost", icon=":material/table:"):
        st.dataframe(table[list(columns)].rename(columns=columns), hide_index=True, column_config=form, alt="Methods")


def _ended(words: str) -> str:
    return words if words.endswith(".") else f"{words}."
