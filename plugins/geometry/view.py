# SPDX-License-Identifier: Apache-2.0
"""The page of the geometry of a decoder: the plane and its pictures, then the codes, then every number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "row": "Row",
    "log_magnification": "Magnification, natural logarithm",
    "condition": "Condition number",
    "local_rank": "Local rank (participation)",
    "rank": "Rank",
    "largest": "Largest singular value",
    "smallest": "Smallest singular value",
    "weak": "Directions without effect",
    "turning": "Turning, radians a unit",
    "stretching": "Stretching a unit",
}
SHOWN = 12


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    table = view.result.table("points")
    if "plane" in view.result.charts:
        _plane(view)
    left, right = view.beside(1, 1)
    with left:
        view.chart("magnification")
        view.chart("spectrum")
    with right:
        st.markdown("**Every number**")
        view.measures()
    _spots(view, table)
    view.launch("intrinsic-dimension", {"space": _space(view)}, "Compare with the intrinsic dimension of the codes")
    view.notes()
    with st.expander("Every code as a table", icon=":material/table:"):
        words = {name: COLUMNS.get(name, str(name)) for name in table.columns}
        st.dataframe(table.rename(columns=words), hide_index=True, alt="Every code")


def _plane(view: ViewContext) -> None:
    st.subheader("Over the plane through three samples" if _corners(view) else "Over the whole space")
    left, right = view.beside(6, 5)
    with left:
        view.chart("plane")
        st.caption("How much area the decoder makes of each small piece. Rings: the samples that span the plane.")
    with right:
        if "plane" in view.result.images:
            with st.container(key=f"smooth-{view.run.id}"):
                st.image(view.result.image("plane"), width=400, alt="Pictures of the plane, decoded on a grid")
            st.caption("The same plane, decoded at 7 places a side; bright pieces on the left change fastest.")
    metric, error = (view.result.metrics[name].value for name in ("volume", "volume_error"))
    st.caption(
        f"Area of the decoded plane: {metric:.4g}, refinement error {error:.2g}; "
        f"{view.run.params['grid']} nodes a side, seed {view.run.seed}."
    )


def _corners(view: ViewContext) -> bool:
    return any(note.startswith("The plane goes through") for note in view.result.notes)


def _spots(view: ViewContext, table: Any) -> None:
    ordered = table.sort_values("turning", ascending=False)
    st.subheader("Where the map bends most, and least")
    for name, rows in (("most", ordered.head(SHOWN)), ("least", ordered.tail(SHOWN))):
        st.markdown(f"**Bends {name}**")
        view.pictures(
            rows["row"].to_numpy(),
            [f"{one:.2g}" for one in rows["turning"]],
            told="Below each: radians that a decoded straight line turns for each unit of the code.",
        )


def _space(view: ViewContext) -> str:
    """The space that the run's map starts from, as the notes of the run name it."""
    note = view.result.notes[0]
    return text.plain(note.partition(" in ")[2].partition(" (")[0])
