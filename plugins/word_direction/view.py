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
    "method": "Method",
    "held_out_accuracy": "Held-out pairs",
    "held_out_accuracy_low": "Low",
    "held_out_accuracy_high": "High",
    "turned_high": "Turned pairs, 97.5 %",
    "random_high": "Random, 97.5 %",
    "words_apart": "Words apart",
    "held_out_cosine": "Held-out cosine",
    "halves": "Halves",
    "bootstrap_low": "Drawn again, 2.5 %",
    "cosine_to_mean": "Cosine to the mean",
    "pairs": "Pairs",
    "step": "Step",
    "first": "First",
    "second": "Second",
    "cosine": "Cosine",
    "right": "Right",
    "ordered": "Its pairs ordered (share)",
    "random_bound": "Random stay within",
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
        st.caption("Upright: the held-out pairs of this run.")
    with right:
        view.measures()
        st.markdown("**Held-out pairs**")
        view.chart("pairs")
        table = view.result.table("directions")
        name = view.choice("method", table["direction"].tolist(), "Direction to keep", str(table["direction"][0]))
        keeping.form(view, table[table["direction"] == name].iloc[0])
    _table(view.result.table("directions"), "Both methods")
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**Cosines of all directions**")
        view.chart("leakage")
    with right:
        st.markdown("**What else it orders**")
        _table(view.result.table("leakage"), "How far the direction goes along with the others")
        st.caption(
            "Share of the pairs of another direction that this one puts in their order; 0.5 where they are apart."
        )
    view.notes()
    with st.expander("Every pair, the worst first", icon=":material/table:"):
        _table(view.result.table("pairs"), "Every pair, held out")
    with st.expander("The words as a table", icon=":material/table:"):
        _table(view.result.table("words"), "Words along the direction")


def _table(table: Any, alt: str) -> None:
    named = table.drop(columns=[one for one in HIDDEN if one in table]).rename(columns=COLUMNS)
    numbers = {
        name: st.column_config.NumberColumn(format="%.3g") for name in named.columns if named[name].dtype.kind == "f"
    }
    st.dataframe(named, hide_index=True, column_config=numbers, alt=alt)
