# SPDX-License-Identifier: Apache-2.0
"""The page of a run: the words along the association, random lists beside it, and what the number does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "word": "Word",
    "role": "Role",
    "list": "List",
    "effect_without": "d without it",
    "change": "Change",
    "title": "Test",
    "effect": "d",
    "p": "p, one-sided",
    "p_two_sided": "p, two-sided",
    "effect_paper": "d, paper",
    "p_paper": "p, paper",
    "known": "Known words",
    "asked": "Words",
    "note": "Left out because",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    lists = view.result.table("words")["list"].drop_duplicates().tolist()
    st.markdown(
        f"Are **{text.plain(lists[0])}** and **{text.plain(lists[1])}** told apart by two lists of attributes? This "
        "measures word vectors. It shows no harm and no cause, and another choice of words can give another answer."
        if len(lists) == 2
        else ""
    )
    view.findings()
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**The words**")
        view.chart("words")
        st.markdown("**Which words does it hang on?**")
        view.chart("influence")
        st.caption("Broken line: the effect size with all words. The words whose absence changes it most.")
    with right:
        view.measures()
        st.markdown("**What would other lists give?**")
        view.chart("controls")
        st.caption(
            "Green line: these lists. Random words have the frequency of those that they stand for. Targets that lie "
            "apart for any reason give large effects with random attributes too."
        )
    st.markdown("**All published tests with these vectors**")
    view.chart("tests")
    tests = view.result.table("tests")
    hidden = ["test", *(["note"] if not tests["note"].astype(bool).any() else [])]
    _table(tests.drop(columns=hidden), "All published tests with these vectors")
    st.caption(
        f"d: effect size. p of 20,000 random divisions where there are too many; {len(tests)} tests are {len(tests)} "
        "chances of a small one."
    )
    view.notes()
    with st.expander("The effect without each word", icon=":material/table:"):
        _table(view.result.table("influence"), "The effect without each word")


def _table(table: Any, alt: str) -> None:
    named = table.rename(columns=COLUMNS)
    numbers = {
        name: st.column_config.NumberColumn(format="%.3g") for name in named.columns if named[name].dtype.kind == "f"
    }
    st.dataframe(named, hide_index=True, column_config=numbers, alt=alt)
