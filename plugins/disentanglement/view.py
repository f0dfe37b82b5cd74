# SPDX-License-Identifier: Apache-2.0
"""The page of disentanglement: what each axis holds, the scores beside their controls, and pictures along the axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "factor": "Factor",
    "kind": "Kind",
    "levels": "Levels",
    "strongest": "Strongest axis",
    "strongest_share": "Share of entropy there",
    "second": "Next axis",
    "second_share": "Share there",
    "gap": "Gap",
    "completeness": "Completeness",
    "accuracy": "Accuracy",
    "chance": "Chance",
    "explicitness": "Area under the curve",
}
AXES = {
    "dimension": "Axis",
    "active": "Active",
    "variance": "Variance of the codes",
    "strongest_factor": "Strongest factor",
    "importance_share": "Share of all importance",
    "disentanglement": "Disentanglement",
    "modularity": "Modularity",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    st.subheader(f"What the axes of {text.plain(view.run.params['space'], 80)} hold")
    left, right = view.beside(1, 1)
    with left:
        if "information" in view.result.charts:
            view.chart("information")
    with right:
        if "importance" in view.result.charts:
            view.chart("importance")
    if "information" in view.result.charts:
        st.caption(
            "Left, how much of a factor an axis tells by itself; right, how much it matters when it is "
            "predicted from all axes together, where a column adds up to 1. A good code has one high number in each "
            "row and column."
        )
    _traversals(view)
    st.subheader("Scores beside their controls")
    left, right = view.beside(3, 2)
    with left:
        view.chart("scores")
        st.caption(
            "A rotation keeps everything that the codes know and gives up the axes: what stands above its range is "
            f"owed to the axes. Seed {view.run.seed}."
        )
    with right:
        view.measures()
    st.subheader("By factor")
    _table(view.result.table("factors"), COLUMNS, "Each factor, the axes that hold it, and how well it can be read")
    with st.expander("By axis", icon=":material/table:"):
        _table(view.result.table("dimensions"), AXES, "Each axis of the space")
    view.notes()


def _traversals(view: ViewContext) -> None:
    """A strip for each factor: one point moved along the strongest axis of the factor."""
    if "traversal" not in view.result.arrays:
        return
    st.subheader("Along the strongest axis of each factor")
    pictures, values = view.result.array("traversal"), view.result.array("traversal_values")
    rows = {str(row["factor"]): row for row in view.result.table("factors").to_dict("records")}
    for strip, along, (name, row) in zip(pictures, values, rows.items(), strict=True):
        st.markdown(
            f"**{text.plain(name, 80)}**: axis {int(row['strongest'])}, which tells "
            f"{row['strongest_share']:.0%} of it (the next, {row['second_share']:.0%})"
        )
        sheet = contact_sheet.sheet(
            list(np.asarray(strip)), [f"{one:+.2f}" for one in along], columns=len(along), dark=style.dark()
        )
        with st.container(key=f"smooth-{view.run.id}-{list(rows).index(name)}"):
            st.image(
                contact_sheet.png(sheet),
                alt=f"Pictures from {along[0]:.2g} to {along[-1]:.2g} on axis {int(row['strongest'])}, for {name}",
            )
    st.caption(
        f"Row {int(view.result.array('traversal_row')[0]):,} of the data, the point nearest the middle of the codes, "
        "moved along one axis from its 2 % to its 98 % quantile, decoded; the number is the place on it. An axis "
        "can be the strongest for two factors; then it has two strips."
    )


def _table(table: Any, names: dict[str, str], alt: str) -> None:
    numbers = {
        label: st.column_config.NumberColumn(format="%.3f")
        for name, label in names.items()
        if str(table[name].dtype).startswith("float")
    }
    shown = table[list(names)].rename(columns=names)
    st.dataframe(shown, hide_index=True, column_config=numbers, alt=alt)
