# SPDX-License-Identifier: Apache-2.0
"""The page of a direction: the traversal first, then how far it can be trusted, then a name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.difference_direction.analysis import rows_of
from plugins.difference_direction.keeping import form
from plugins.difference_direction.origins import selected_on_a_map
from plugins.difference_direction.pictures import Sheet
from workbench.app.parts import contact_sheet, style, text
from workbench.runs.automatic import called

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "examples": "Examples a side",
    "cosine": "Cosine, median",
    "low": "Low (2.5 %)",
    "high": "High (97.5 %)",
    "expected": "Expected, to the true direction",
    "draws": "Draws",
    "step": "Step",
    "moved": "Moved by",
    "distance_of_middle": "Middle: distance from the prior's centre",
    "middle_percentile": "Middle: percentile of the prior's draws",
    "median_distance": "Points: median distance",
    "outside": "Points outside the shell",
    "start": "Start",
    "group": "Group",
    "row": "Row",
    "away_at": "Mean of away, in steps",
    "toward_at": "Mean of toward, in steps",
}
WHOLE = ("examples", "draws", "row")


def draw(view: ViewContext) -> None:
    """Draw the result of a difference of means."""
    names = called(str(view.run.params["toward"])), called(str(view.run.params["away"] or "the rest"))
    view.findings()
    _circular(view)
    st.subheader(f"From {text.plain(names[1])} to {text.plain(names[0])}")
    left, right = view.beside(3, 2)
    with left:
        _traversal(view, names)
    with right:
        st.markdown("**What it is worth**")
        view.measures()
        form(view)
    first, second = view.beside(1, 1)
    with first:
        view.chart("positions")
        if "random_directions" in view.result.charts:
            view.chart("random_directions")
    with second:
        view.chart("examples")
        _three(view)
    view.notes()
    for name, title in (
        ("steps", "The steps as a table"),
        ("starts", "The starting points as a table"),
        ("examples", "Examples as a table"),
    ):
        with st.expander(title, icon=":material/table:"):
            _table(view.result.table(name), title)


def _traversal(view: ViewContext, names: tuple[str, str]) -> None:
    if "traversal" not in view.result.arrays:
        st.caption("There is no traversal to show here; the notes below say why.")
        return
    outside = view.result.array("outside") if "outside" in view.result.arrays else None
    sheet = Sheet(
        np.asarray(view.result.array("traversal")),
        np.asarray(view.result.array("steps")),
        rows_of(view.result.table("starts"), names),
        outside,
        dark=style.dark(),
    )
    with st.container(key=f"smooth-{view.run.id}"):
        st.image(
            contact_sheet.png(sheet.draw(None)),
            width="stretch",
            alt=f"Pictures of points moved from {names[1]} to {names[0]}, a row for each start",
        )
    length = view.result.metrics["distance"].value
    told = (
        f"One step is the distance between the two means, {length:.3g} in the units of "
        f"{text.plain(view.run.params['space'])}; the framed column is the point itself, decoded. Triangles mark where "
        f"the means lie on each row: hollow {text.plain(names[1])}, filled {text.plain(names[0])}."
    )
    if outside is not None and np.asarray(outside).any():
        told += " A bar on top: the code lies further out than 99 % of the draws from the prior."
    st.caption(f"{told} Seed {view.run.seed}.")


def _three(view: ViewContext) -> None:
    """What an average of three would have given."""
    table = view.result.table("examples")
    for one in table[table["examples"] == 3].to_dict("records"):
        st.caption(
            f"An average of three examples a side, as in arithmetic with generated faces, gives a direction with a "
            f"cosine of {one['cosine']:.2f} ({one['low']:.2f} to {one['high']:.2f} over {int(one['draws'])} draws) to "
            "that of all the others."
        )


def _circular(view: ViewContext) -> None:
    """Say it when the groups come from maps of this space: then the separation is no discovery."""
    found = selected_on_a_map(view)
    if found:
        names = text.plain(" and ".join(called(one) for one in found))
        st.info(
            f"Selected on a map of this very space: {names}. That the groups lie apart along some direction is then no "
            "discovery, however well it holds on the held-out halves.",
            icon=":material/all_inclusive:",
        )


def _table(table: Any, alt: str) -> None:
    words = {name: COLUMNS[name] for name in table.columns}
    numbers = {
        label: st.column_config.NumberColumn(format="%.4g")
        for name, label in words.items()
        if name not in WHOLE and str(table[name].dtype).startswith("float")
    }
    st.dataframe(table.rename(columns=words), hide_index=True, column_config=numbers, alt=alt)
