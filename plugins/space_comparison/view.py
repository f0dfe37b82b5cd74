# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: RTD and its control, the distances of diagrams and theirs, every number in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "same_points": "Same points",
    "other_points": "One half here, the other there",
    "halves_of_first": "Two halves of the first",
    "halves_of_second": "Two halves of the second",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    first, second = (text.plain(view.run.params[name], 80) for name in ("first", "second"))
    view.findings()
    st.subheader(f"{first} and {second}")
    left, right = view.beside(1, 1)
    with left:
        _divergence(view)
        st.markdown("**All measures**")
        view.measures()
    with right:
        st.markdown("**Whether pieces, loops and voids are alike**")
        view.chart("bottleneck")
        view.chart("wasserstein")
        st.caption(
            f"The first space is {first}, the second {second}. Two spaces differ in shape where one half here and the "
            "other there are farther apart than two halves of either; with the same points, chance is smaller."
        )
    _distances(view)
    view.notes()


def _divergence(view: ViewContext) -> None:
    table = view.result.table("divergence")
    st.markdown("**Whether the points are connected in the same order (RTD)**")
    view.chart("divergence")
    row = table.iloc[0]
    st.caption(
        f"{int(view.run.params['trials'])} subsets of {int(row['batch']):,} of {int(row['n']):,} points, seed "
        f"{view.run.seed}. 0: the same order; the random order shows what nothing in common would give."
    )


def _distances(view: ViewContext) -> None:
    table = view.result.table("distances")
    st.subheader("Every distance of diagrams")
    lines = [
        f"| {str(row['measure']).capitalize()}, {row['what']} | "
        + " | ".join(_told(row, name) for name in COLUMNS)
        + " |"
        for row in table.to_dict("records")
    ]
    head = f"| Distance | {' | '.join(COLUMNS.values())} |\n|:--|{':--|' * len(COLUMNS)}\n"
    st.markdown(head + "\n".join(lines))
    half, n = int(table["half"].iloc[0]), int(table["n"].iloc[0])
    st.caption(
        f"In median distances, with 95 % intervals; {int(table['trials'].iloc[0])} trials of two halves of "
        f"{half:,} points out of {n:,}, seed {view.run.seed}."
    )


def _told(row: Any, name: str) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return f"{value:.3g} ({max(low, 0):.3g} to {high:.3g})" if low == low else f"{value:.3g} (no interval)"
