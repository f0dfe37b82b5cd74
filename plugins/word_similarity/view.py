# SPDX-License-Identifier: Apache-2.0
"""The page of a run: correlations beside chance, every pair on a diagonal, and where people and vectors differ most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

MOST: Final = 12
COLUMNS: Final = {
    "first": "Word",
    "second": "Word ",
    "rating": "Rating",
    "likeness": "Cosine",
    "rank_people": "Rank, people",
    "rank_vectors": "Rank, vectors",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    view.findings()
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Do vectors and people agree?**")
        view.chart("correlations")
        st.caption("Grey: what ratings dealt out at random give (95 %). 1 is full agreement in order.")
    with right:
        view.measures()
    names = [one.removeprefix("pairs_") for one in view.result.tables if one.startswith("pairs_")]
    for at, name in enumerate(names, start=1):
        table = view.result.table(f"pairs_{name}")
        left, right = view.beside(at, at)  # in a loop each row wants other shares
        with left:
            view.chart(f"pairs_{name}")
        with right:
            known = table[table["known"]]
            st.markdown("**More alike to the vectors than to people**")
            _table(known[known["difference"] > 0].head(MOST), f"More alike to the vectors, {name}")
            st.markdown("**More alike to people**")
            _table(known[known["difference"] < 0].head(MOST), f"More alike to people, {name}")
            st.caption(f"Ranks in hundredths of the {len(known):,} known pairs, 100 the most alike.")
    view.notes()
    lacking = [
        f"{text.plain(row['set'])}: {text.plain(row['unknown_words'])}"
        for row in view.result.table("sets").to_dict("records")
        if row["unknown_words"]
    ]
    if lacking:
        with st.expander("Words that the vocabulary lacks", icon=":material/help:"):
            for one in lacking:
                st.markdown(one)


def _table(table: Any, alt: str) -> None:
    named = table[list(COLUMNS)].rename(columns=COLUMNS)
    numbers = {
        name: st.column_config.NumberColumn(format="%.0f" if name.startswith("Rank") else "%.2f")
        for name in list(COLUMNS.values())[2:]
    }
    st.dataframe(named, hide_index=True, column_config=numbers, alt=alt, height=250)
