# SPDX-License-Identifier: Apache-2.0
"""The page of a run: words along the direction, held-out pairs beside chance, other directions, a name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from plugins.word_direction import keeping
from plugins.word_direction.pairs import ENDS, OWN_ENDS
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS: Final = {
    "direction": "Direction",
    "pairs": "Pairs",
    "step": "Step",
    "first": "First",
    "second": "Second",
    "cosine": "Cosine",
    "right": "Right",
    "ordered": "Share in order",
    "random_bound": "Random within",
    "beyond_random": "Beyond",
    "word": "Word",
    "place": "Place (steps)",
    "percentile": "Percentile among words as frequent",
    "position": "Rank of frequency",
}
HIDDEN: Final = ("space", "vector", "fold", "group", "peers_low", "peers_high", "of_the_pairs")


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    preset = str(view.run.params["preset"])
    ends = ENDS.get(preset, OWN_ENDS)
    st.markdown(f"From **{text.plain(ends[0])}** to **{text.plain(ends[1])}**, by pairs of words.")
    view.findings()
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Words along the direction**")
        view.chart("words")
        st.caption("Grey: the middle 95 % of 400 words as frequent. One step is the mean difference of a pair.")
        st.markdown("**Does it order pairs that it has not seen?**")
        view.chart("controls")
        st.caption("Green line: the held-out pairs of this run.")
    with right:
        view.measures()
        st.markdown("**Held-out pairs**")
        view.chart("pairs")
        table = view.result.table("directions")
        name = view.choice("method", table["direction"].tolist(), "Direction to keep", str(table["direction"][0]))
        keeping.form(view, table[table["direction"] == name].iloc[0])
    st.markdown("**The direction by both methods**")
    _methods(view.result.table("directions"))
    left, right = view.beside(3, 2)  # one below the other where the names of the cells would run into each other
    with left:
        st.markdown("**Cosines of all directions**")
        view.chart("leakage")
    with right:
        st.markdown("**What else it orders**")
        _table(view.result.table("leakage"), "How far the direction goes along with the others")
        st.caption(
            "Share in order: of the pairs of another direction, those that this one puts in their order; 0.5 where the "
            "two have nothing to do with each other. Random: the cosine that 95 % of random directions stay within."
        )
    view.notes()
    with st.expander("Every pair, the worst first", icon=":material/table:"):
        _table(view.result.table("pairs"), "Every pair, held out")
    with st.expander("The words as a table", icon=":material/table:"):
        _table(view.result.table("words"), "Words along the direction")


def _methods(table: Any) -> None:
    rows = table.to_dict("records")
    told = {
        "Pairs": [f"{row['pairs']:,}" for row in rows],
        "Held-out pairs in the right order (95 %)": [
            f"**{row['held_out_accuracy']:.3f}** ({row['held_out_accuracy_low']:.3f} to "
            f"{row['held_out_accuracy_high']:.3f})"
            for row in rows
        ],
        "The same, pairs turned round at random: 97.5 % lie below": [f"{row['turned_high']:.3f}" for row in rows],
        "The same, random directions: 97.5 % lie below": [f"{row['random_high']:.3f}" for row in rows],
        "Single words told apart (area under the curve)": [f"{row['words_apart']:.3f}" for row in rows],
        "Cosine of a held-out difference and the direction": [f"{row['held_out_cosine']:.3f}" for row in rows],
        "Cosine of the directions of two halves of the pairs": [f"{row['halves']:.3f}" for row in rows],
        "Cosine with the direction of resampled pairs: 2.5 % lie below": [
            f"{row['bootstrap_low']:.3f}" for row in rows
        ],
        "Cosine with the mean of differences": [f"{row['cosine_to_mean']:.3f}" for row in rows],
        "Length of the mean difference": [f"{row['step']:.3f}" for row in rows],
    }
    head = " | ".join(f"{text.plain(row['direction'])}: {text.plain(row['method'])}" for row in rows)
    lines = [f"| {name} | {' | '.join(values)} |" for name, values in told.items()]
    st.markdown(f"| Measure | {head} |\n|:--|{':--|' * len(rows)}\n" + "\n".join(lines))


def _table(table: Any, alt: str) -> None:
    named = table.drop(columns=[one for one in HIDDEN if one in table]).rename(columns=COLUMNS)
    numbers = {
        name: st.column_config.NumberColumn(format="%.3g") for name in named.columns if named[name].dtype.kind == "f"
    }
    st.dataframe(named, hide_index=True, column_config=numbers, alt=alt)
