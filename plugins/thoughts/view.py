# SPDX-License-Identifier: Apache-2.0
"""The view of a run of ``thoughts``: a desk that answers at once, then what the run asked and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from plugins.thoughts import desk
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

NEAR, SUMS, PATHS = "Neighbours", "Sums", "Paths"
LETTERS: Final = 160


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    desk.draw(view)
    st.subheader("What this run asked", anchor=False)
    near, sums, path = (view.result.table(one) for one in ("neighbours", "arithmetic", "path"))
    there = [name for name, one in ((NEAR, near), (SUMS, sums), (PATHS, path)) if len(one)]
    tabs = dict(zip(there, st.tabs(there), strict=True))
    if NEAR in tabs:
        with tabs[NEAR]:
            _neighbours(view, near)
    if SUMS in tabs:
        with tabs[SUMS]:
            _sums(view, sums)
    if PATHS in tabs:
        with tabs[PATHS]:
            _paths(view, path)
    st.subheader("What nearness means here", anchor=False)
    view.measures()
    view.notes()


def _neighbours(view: ViewContext, near: pd.DataFrame) -> None:
    view.chart("neighbours")
    texts = list(dict.fromkeys(near["text"].astype(str)))
    chosen = view.choice("sentence", texts, "Sentence")
    part = near[near["text"] == chosen]
    st.dataframe(part[["rank", "neighbour", "cosine", "random_above"]], hide_index=True, column_config=desk.NEAREST)
    st.caption("Random pairs: share of random pairs of texts that are at least so near.")


def _sums(view: ViewContext, sums: pd.DataFrame) -> None:
    short = view.result.table("sums")
    for place, one in enumerate(short.to_dict("records")):
        part = sums[sums["expression"] == one["expression"]]
        st.markdown(f"**{text.plain(str(one['expression'])[:LETTERS], 240)}**")
        if "told" in one:
            st.markdown(f"Told as *{text.plain(str(one['told']), 240)}* (cosine with the sum {one['told_cosine']:.2f})")
        if not one["subtraction_changes_answer"]:
            st.caption("The nearest text is the same without the subtraction: the added sentences alone have answered.")
        st.dataframe(
            part[["rank", "suppressed", "suppressed_cosine", "unsuppressed", "unsuppressed_cosine", "returned_input"]],
            hide_index=True,
            key=view.key(f"sum.{place}"),
            column_config={
                "rank": st.column_config.NumberColumn("Nearest", width=80),
                "suppressed": st.column_config.TextColumn("Its sentences left out"),
                "suppressed_cosine": st.column_config.NumberColumn("cosine", format="%.3f", width=80),
                "unsuppressed": st.column_config.TextColumn("None left out"),
                "unsuppressed_cosine": st.column_config.NumberColumn("cosine ", format="%.3f", width=80),
                "returned_input": st.column_config.CheckboxColumn("Of the sum", width=80),
            },
        )


def _paths(view: ViewContext, path: pd.DataFrame) -> None:
    pairs = list(dict.fromkeys(zip(path["first"].astype(str), path["second"].astype(str), strict=True)))
    named = {f"{first} → {second}": (first, second) for first, second in pairs}
    first, second = named[view.choice("path", list(named), "From → to")]
    way = view.choice("way", ["spherical", "straight"], "Way", width=200)
    part = path[(path["first"] == first) & (path["second"] == second) & (path["way"] == way)]
    short = view.result.table("paths")
    one = short[(short["first"] == first) & (short["second"] == second)].iloc[0]
    desk.path_rows(part)
    st.markdown(
        f"The two lie {one['angle']:.0f} degrees apart. Half way, the nearest text has the cosine "
        f"{one['middle_cosine']:.2f}; half of the texts have another text nearer than {one['usual_cosine']:.2f}, and "
        f"{100 * one['texts_further']:.0f} % have their nearest further away than the middle has. On the straight way "
        f"the length falls to {one['shortest_length']:.2f}."
    )
    view.chart("path")
