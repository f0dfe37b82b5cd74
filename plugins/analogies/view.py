# SPDX-License-Identifier: Apache-2.0
"""The view of analogies: both accuracies, sections with intervals, and the questions one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from workbench.app.parts import links, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

EVERY, RETURNED, DECIDED, WRONG, RIGHT = (
    "every question",
    "answered by a word of the question",
    "right only because its words are left out",
    "wrong either way",
    "right either way",
)
KINDS: Final = (RETURNED, EVERY, DECIDED, WRONG, RIGHT)
ALL: Final = "all sections"
WIDTH: Final = 320


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.metrics(["accuracy_suppressed", "accuracy_unsuppressed", "returned_input_rate"])
    sections, questions = view.result.table("sections"), view.result.table("questions")
    st.markdown(_told(questions))
    view.findings()
    st.subheader("By section", anchor=False)
    view.chart("sections")
    st.caption("Points: shares of the questions of a section. Lines: 95 % intervals (Wilson).")
    with st.expander("The numbers", icon=":material/table:"):
        _sections(sections)
    _questions(view, questions)
    view.notes()
    with st.container(horizontal=True, gap="large"):
        links.link(
            "plugin-word-analogies", "What such an answer can show", icon=":material/balance:", model=view.run.model
        )
        links.link("plugin-words", "Ask your own words", icon=":material/edit:", model=view.run.model)


def _told(questions: pd.DataFrame) -> str:
    """Which word of the question is given back, in a sentence."""
    count = len(questions)
    by = {name: int((questions["unsuppressed"] == questions[name]).sum()) for name in ("a", "b", "c")}
    decided = int((questions["right_suppressed"] & ~questions["right_unsuppressed"]).sum())
    return (
        f"*a is to b as c is to what?* With no word left out, {by['c']:,} of {count:,} answers are c itself, "
        f"{by['b']:,} are b and {by['a']:,} are a. {decided:,} questions ({100 * decided / max(count, 1):.0f} %) are "
        "answered right only because these three are left out."
    )


def _sections(sections: pd.DataFrame) -> None:
    shares = {
        "right_suppressed": "Right, words left out",
        "right_unsuppressed": "Right, none left out",
        "returned_input": "A word of the question",
    }
    shown = sections[["section", "questions"]].copy()
    for name, label in shares.items():
        shown[label] = [
            f"{100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"
            for value, low, high in zip(sections[name], sections[f"{name}_low"], sections[f"{name}_high"], strict=True)
        ]
    st.dataframe(
        shown,
        hide_index=True,
        column_config={
            "section": st.column_config.TextColumn("Section", width="medium"),
            "questions": st.column_config.NumberColumn("Questions", format="localized", width="small"),
        },
    )


def _questions(view: ViewContext, questions: pd.DataFrame) -> None:
    st.subheader("Questions", anchor=False)
    names = [ALL, *dict.fromkeys(questions["section"].astype(str))]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        kind = view.choice("show", KINDS, "Show", default=RETURNED, width=WIDTH)
        section = view.choice("section", names, "Section", default=ALL, width=WIDTH)
    part = questions if section == ALL else questions[questions["section"] == section]
    shown = part[chosen(part, kind)]
    within = "" if section == ALL else f" of the section {text.plain(section, 80)}"
    st.caption(f"{len(shown):,} of {len(part):,} questions{within}.")
    st.dataframe(
        shown[["section", "a", "b", "c", "answer", "suppressed", "unsuppressed"]],
        hide_index=True,
        height=420,
        column_config={
            "section": st.column_config.TextColumn("Section"),
            "a": st.column_config.TextColumn("a", width="small"),
            "b": st.column_config.TextColumn("is to b", width="small"),
            "c": st.column_config.TextColumn("as c", width="small"),
            "answer": st.column_config.TextColumn("is to", width="small", help="The answer that counts as right."),
            "suppressed": st.column_config.TextColumn("Words left out", help="The answer other than a, b and c."),
            "unsuppressed": st.column_config.TextColumn("None left out", help="The answer of the whole vocabulary."),
        },
    )


def chosen(questions: pd.DataFrame, kind: str) -> pd.Series:
    """Which questions are of a kind: bool, one each."""
    right, plain = questions["right_suppressed"].astype(bool), questions["right_unsuppressed"].astype(bool)
    return {
        EVERY: right | True,
        RETURNED: questions["returned_input"].astype(bool),
        DECIDED: right & ~plain,
        WRONG: ~right & ~plain,
        RIGHT: right & plain,
    }[kind]
