# SPDX-License-Identifier: Apache-2.0
"""The page of a run: who the hubs are, what a common direction does, what frequency does, and how far apart all is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

SHOWN: Final = 24

COLUMNS: Final = {
    "point": "Point",
    "row": "Row",
    "times_a_neighbour": "Neighbour of",
    "share_of_points": "Of all (%)",
    "length": "Length",
    "cosine_to_mean": "Cosine to mean",
    "distance_to_mean": "Distance to mean",
    "frequency_rank_in_sample": "Frequency rank",
    "points": "Points",
    "mean_cosine": "Mean cosine",
    "low": "Low",
    "high": "High",
    "isotropic_low": "Isotropic, low",
    "isotropic_high": "Isotropic, high",
    "hub_skewness": "Hubness",
    "hub_skewness_low": "Hubness, low",
    "hub_skewness_high": "Hubness, high",
    "axis": "Axis",
    "share_of_variance": "Variance (%)",
    "part_of_mean_cosine": "Part of the mean cosine",
    "robin_hood": "Robin Hood index",
    "most": "Most often",
    "nobodys_neighbour": "Nobody's neighbour (share)",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    view.findings()
    hubs = view.result.table("hubs")
    neighbours = int(view.run.params["neighbours"])
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**How unequal are neighbourhoods?**")
        view.chart("occurrences")
        st.caption(
            f"A line that runs on to the right belongs to hubs. On average every point is a neighbour {neighbours} "
            "times. Some inequality comes with many dimensions: that is what the clouds are for."
        )
    with right:
        st.markdown("**The hubs**")
        _table(hubs, "The points that are neighbours most often", 12)
        st.caption("Neighbour of: in how many other points' lists it stands, and what share of all points that is.")
    if view.sliced is not None or view.run.data is not None:
        view.pictures(np.asarray(hubs["row"])[:SHOWN], _times(hubs), limit=SHOWN, told="Below each: times a neighbour.")
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Do all points lie one way?**")
        view.chart("anisotropy")
        st.caption("Grey: the mean cosine of uniform directions. Each line takes more away than the one above it.")
    with right:
        if "frequency" in view.result.charts:
            st.markdown("**Does frequency decide who is near?**")
            view.chart("frequency")
            st.caption(
                f"Dashed: {neighbours}, the mean of all points, where all would lie if frequency played no part."
            )
        st.markdown("**Do distances differ at all?**")
        view.chart("distances")
    st.markdown("**What each correction takes away**")
    _steps(view.result.table("steps"))
    st.markdown("**Every number**")
    view.measures()
    view.notes()
    with st.expander("Axes with most of the variance", icon=":material/table:"):
        _table(view.result.table("axes"), "Axes with most of the variance")
    with st.expander("Every normal cloud", icon=":material/table:"):
        _table(view.result.table("clouds"), "Hubness of every normal cloud")


def _steps(steps: Any) -> None:
    head = "| Points | Mean cosine | Uniform directions | Hubness |\n|:--|:--|:--|:--|\n"
    lines = [
        f"| {text.plain(row['points'])} | {_spread(row['mean_cosine'], row['low'], row['high'], 3)} | "
        f"{_decimal(row['isotropic_low'], 4)} to {_decimal(row['isotropic_high'], 4)} | "
        f"{_spread(row['hub_skewness'], row['hub_skewness_low'], row['hub_skewness_high'], 2)} |"
        for row in steps.to_dict("records")
    ]
    st.markdown(head + "\n".join(lines))
    st.caption("In brackets, and for uniform directions: 95 %. Hubness: skewness of how often a point is a neighbour.")


def _spread(value: float, low: float, high: float, places: int) -> str:
    return f"{_decimal(value, places)} ({_decimal(low, places)} to {_decimal(high, places)})"


def _decimal(value: float, places: int) -> str:
    """A number with so many decimals and a real minus sign; what is rounded to 0 has no sign."""
    return f"{round(float(value), places) + 0.0:.{places}f}".replace("-", "−")


def _times(hubs: Any) -> list[str]:
    return [f"{int(one):,}" for one in hubs["times_a_neighbour"]][:SHOWN]


def _table(table: Any, alt: str, rows: int | None = None) -> None:
    if "row" in table and (table["point"] == [f"row {one:,}" for one in table["row"]]).all():
        table = table.drop(columns="row")
    named = table.rename(columns={name: COLUMNS.get(name, text.plain(name)) for name in table.columns})
    numbers = {
        name: st.column_config.NumberColumn(format="%.3g") for name in named.columns if named[name].dtype.kind == "f"
    }
    st.dataframe(named if rows is None else named.head(rows), hide_index=True, column_config=numbers, alt=alt)
