# SPDX-License-Identifier: Apache-2.0
"""The page of a modality gap: both clouds on one map, what the distance is worth, and what closing it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

FIRST = ("gap", "gap_across_halves", "gap_halves", "gap_centred", "share_of_spread", "separability")


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    closing = view.result.table("closing")
    drawn = view.result.table("map")
    st.subheader("Both clouds in one map")
    left, right = view.beside(3, 2)
    with left:
        view.chart("map")
        st.caption(
            f"{len(drawn):,} pairs, every point at length 1, on the first two principal components of both clouds "
            f"together; a line joins the two points of a pair. Seed {view.run.seed}."
        )
        view.chart("along")
    with right:
        st.markdown("**How far apart the clouds are**")
        view.measures(FIRST)
        view.chart("halves")
        st.caption(
            "Distances of means of disjoint halves, all of one size: without a gap those across would be no longer "
            "than those within one cloud."
        )
    st.subheader("What closing the gap does to retrieval")
    left, right = view.beside(2, 3)
    with left:
        view.chart("curve")
        st.caption(
            "Both clouds are shifted toward each other along the gap of other pairs: 0 % is the space as it is, 100 % "
            "makes the means meet, beyond that they change sides. 95 % intervals over "
            f"{int(closing['n'].iloc[0]):,} queries, each among {int(closing['candidates'].iloc[0]):,} candidates."
        )
    with right:
        st.markdown("**Each cloud less its own mean, taken from other pairs**")
        head = (
            "| Way | Among the first | Before | After | Change (same queries) | Chance |\n|:--|--:|:--|:--|:--|--:|\n"
        )
        lines = [
            f"| {text.plain(row['way'])} | {row['k']} | {row['before']:.3f} ({row['before_low']:.3f} to "
            f"{row['before_high']:.3f}) | {row['after']:.3f} ({row['after_low']:.3f} to {row['after_high']:.3f}) | "
            f"**{_change(row['change'])}** ({_change(row['change_low'])} to {_change(row['change_high'])}) | "
            f"{row['chance']:.3f} |"
            for row in closing.to_dict("records")
        ]
        st.markdown(head + "\n".join(lines))
        st.caption(
            "95 % intervals over queries; the change is of the same queries, so that an interval that holds 0 says "
            "that centring was not seen to matter."
        )
    with st.expander("All numbers", icon=":material/table:"):
        view.measures()
    view.notes()


def _change(value: float) -> str:
    """A change with its sign, none where it is 0."""
    rounded = round(float(value), 3)
    return (f"{rounded:+.3f}" if rounded else "0.000").replace("-", "−")
