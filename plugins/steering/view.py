# SPDX-License-Identifier: Apache-2.0
"""The page of one run: effect and side effect over the scales, and what the model wrote at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from plugins.steering import keeping
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS: Final = {
    "scale": "Scale",
    "effect": "Effect (nats a token)",
    "effect_low": "Effect, low",
    "effect_high": "Effect, high",
    "random_effect": "Random directions",
    "random_effect_high": "Random, largest",
    "perplexity": "Perplexity (times)",
    "perplexity_low": "Perplexity, low",
    "perplexity_high": "Perplexity, high",
    "random_perplexity": "Perplexity, random",
    "full_stops": "Full stops",
    "distinct_pairs": "Distinct pairs",
    "broken": "What is broken",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a run."""
    view.findings()
    left, right = view.beside(1, 1)
    with left:
        st.markdown("**What it does**")
        view.chart("effect")
        st.caption(
            "How much more likely held-out texts of the one group become than those of the other; bands: 95 % "
            f"bootstrap over texts, and the spread of {int(view.run.params['random'])} random directions of the same "
            f"length. Seed {view.run.seed}."
        )
    with right:
        st.markdown("**What else it does**")
        view.chart("perplexity")
        st.caption("Perplexity of neutral text beside the unsteered model. Dotted: twice.")
    table = view.result.table("scales")
    first, second = view.beside(3, 2)
    with first:
        _written(view)
    with second:
        st.markdown("**Is it still text?**")
        view.chart("broken")
        st.caption(
            "Of what is written: full stops among words and marks, and pairs of words that are no repeats."
        )
        view.measures()
    keeping.form(view)
    view.notes()
    with st.expander("Every number of every scale", icon=":material/table:"):
        shown = table[list(COLUMNS)].rename(columns=COLUMNS)
        numbers = {
            name: st.column_config.NumberColumn(format="%.3g")
            for name in shown.columns
            if shown[name].dtype.kind == "f"
        }
        st.dataframe(shown, hide_index=True, column_config=numbers, alt="Every number of every scale")


def _written(view: ViewContext) -> None:
    table = view.result.table("written")
    best = view.result.metrics["recommended_scale"].value
    scales = [f"{one:g}" for one in table["scale"].unique()]
    start = f"{best:g}" if np.isfinite(best) else scales[0]
    chosen = view.choice("scale", scales, "What it writes at the scale", start)
    for one in table[[f"{scale:g}" == chosen for scale in table["scale"]]].itertuples():
        beginning, written = (text.one_line(str(part), 600) for part in (one.beginning, one.written))
        st.markdown(f"{text.plain(beginning)} **{text.plain(written) or '(nothing)'}**")
