# SPDX-License-Identifier: Apache-2.0
"""The page: the pictures of the search beside the data's own, every value on one axis, then the numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from workbench.app.parts import contact_sheet, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "what": "What",
    "n": "n",
    "mean": "Mean",
    "least": "Smallest",
    "most": "Largest",
    "deviations": "Mean, in deviations of the data",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    reached = view.result.table("reached")
    st.markdown(f"Which picture excites **{text.plain(reached['of'][0])}** most?")
    view.findings()
    left, right = view.beside(1, 1)
    with left:
        _sheet(view, "pictures", "Searched, from different starts", _values(reached, "different starts"))
        _sheet(view, "set", "A set that was made to differ", _values(reached, "a set that differs"))
        _sheet(
            view,
            "shuffled",
            "Control: the same search in a copy with shuffled weights",
            "Its unit has other values, which cannot be compared with those above; the numbers below count in "
            "deviations of its own samples.",
        )
    with right:
        _sheet(view, "samples", "The strongest samples", _strongest(view))
    first, second = view.beside(1, 1)
    with first:
        view.chart("values")
        st.caption(f"Each tick is a picture. Seed {view.run.seed}.")
        view.chart("curve")
        st.caption("Measured on the picture as it was shaken in each step: the ticks above are without shaking.")
    with second:
        st.markdown("**Every number**")
        view.measures()
    view.notes()
    with st.expander("What was compared, as a table", icon=":material/table:"):
        table = view.result.table("compared").rename(columns=COLUMNS)
        numbers = {
            name: st.column_config.NumberColumn(format="%.4g")
            for name in table.columns
            if table[name].dtype.kind == "f"
        }
        st.dataframe(table, hide_index=True, column_config=numbers, alt="What was compared")


def _sheet(view: ViewContext, name: str, title: str, told: str) -> None:
    if name not in view.result.images:
        return
    st.markdown(f"**{title}**")
    with st.container(key=f"smooth-{name}-{view.run.id}"):
        st.image(contact_sheet.png(view.result.image(name)), alt=title)
    st.caption(text.plain(told, 600))


def _values(reached: Any, group: str) -> str:
    values = reached[reached["group"] == group]["value"].tolist()
    return "In reading order: " + ", ".join(f"{one:.3g}" for one in values) + "."


def _strongest(view: ViewContext) -> str:
    rows, values = view.result.array("rows")[:12], view.result.array("values")[:12]
    of = f"rows of {view.data}" if view.data is not None else "draws from the prior"
    told = ", ".join(f"{value:.3g} ({row})" for row, value in zip(rows.tolist(), values.tolist(), strict=True))
    return f"In reading order, with {of} in brackets: {told}."
