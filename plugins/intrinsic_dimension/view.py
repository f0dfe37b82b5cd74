# SPDX-License-Identifier: Apache-2.0
"""The page of the intrinsic dimension: the four numbers with intervals, the Gaussian beside them, and the notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext


def draw(view: ViewContext) -> None:
    """Draw the result."""
    table = view.result.table("estimates")
    n = int(table["n"].iloc[0])
    view.findings()
    st.subheader(f"How many dimensions the points of {text.plain(view.run.params['space'], 80)} fill")
    left, right = view.beside(3, 2)
    with left:
        view.chart("estimates")
        st.caption(
            f"{n:,} distinct points, seed {view.run.seed}. Where a mark of these points lies left of that of the "
            "Gaussian, they are thinner than their covariance says."
        )
    with right:
        view.measures()
    _beside(table)
    view.notes()


def _beside(table: Any) -> None:
    """Every number in a table of its own: estimate, interval, control, neighbours."""
    lines = [
        f"| {row['label']} | {_told(row, '')} | {_told(row, 'control_')} | {_neighbours(int(row['neighbours']))} |"
        for row in table.to_dict("records")
    ]
    head = "| Method | These points | Gaussian of the same covariance | Neighbours of each point |\n|:--|:--|:--|:--|\n"
    st.markdown(head + "\n".join(lines))


def _told(row: Any, prefix: str) -> str:
    value = row["control" if prefix else "dimension"]
    low, high = row[f"{prefix}low"], row[f"{prefix}high"]
    if value != value:
        return "not defined"
    return f"{value:.2f} ({low:.2f} to {high:.2f})" if low == low else f"{value:.2f} (no interval)"


def _neighbours(count: int) -> str:
    return str(count) if count else "all, in subsets of n / 8 to n"
