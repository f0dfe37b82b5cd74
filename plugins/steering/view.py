# SPDX-License-Identifier: Apache-2.0
"""The page of one run: effect and side effect over the scales, and what the model wrote at each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st

from plugins.steering import keeping
from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd

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
    st.markdown(_advice(view))
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
    _written(view)
    first, second = view.beside(2, 3)
    with first:
        st.markdown("**Is it still text?**")
        view.chart("broken")
        st.caption("Of what is written: full stops among words and marks, and pairs of words that are no repeats.")
    with second:
        view.measures()
    keeping.form(view)
    view.notes()
    with st.expander("Every number of every scale", icon=":material/table:"):
        shown = view.result.table("scales")[list(COLUMNS)].rename(columns=COLUMNS)
        numbers = {
            name: st.column_config.NumberColumn(format="%.3g")
            for name in shown.columns
            if shown[name].dtype.kind == "f"
        }
        st.dataframe(shown, hide_index=True, column_config=numbers, alt="Every number of every scale")


def _advice(view: ViewContext) -> str:
    """Which scale is recommended and why, or that none is, in Markdown."""
    scales, subject = view.result.table("scales"), view.result.table("subject").iloc[0]
    toward, away = (text.plain(str(subject[name])) for name in ("toward", "away"))
    best, length = (view.result.metrics[name].value for name in ("recommended_scale", "direction_length"))
    unit = f"Scale 1 is the whole direction, {length:.2g} lengths of the stream at {text.plain(str(subject['layer']))}."
    if not np.isfinite(best):
        why = "at none the effect stands above that of random directions while the text is whole"
        return f"**No scale is recommended**: {why}. {unit}"
    row = scales[scales["scale"] == best].iloc[0]
    effect, random = (f"{row[name]:+.2f}".replace("-", "−") for name in ("effect", "random_effect_high"))
    return (
        f"**Recommended: scale {best:g}**, the largest measured one at which {toward} gains on {away} more than with "
        f"any random direction ({effect} against at most {random} nats a token) and the text is whole (neutral text "
        f"is {row['perplexity']:.2f} times as perplexing). {unit}"
    )


def _written(view: ViewContext) -> None:
    """What is written without the direction, at the recommended scale, and at one that is chosen."""
    scales, table = view.result.table("scales"), view.result.table("written")
    best = view.result.metrics["recommended_scale"].value
    others = [one for one in scales["scale"] if one not in (0, best)]
    st.markdown("**What the model writes**")
    parts = [("Unsteered", 0.0), (f"Scale {best:g}, recommended", best)] if np.isfinite(best) else [("Unsteered", 0.0)]
    places = view.beside(*[1] * (len(parts) + bool(others)))
    for place, (title, scale) in zip(places, parts, strict=False):
        with place:
            st.caption(title)
            _texts(table[table["scale"] == scale])
    if others:
        with places[-1]:
            named = {f"{one:g}": one for one in others}
            chosen = named[view.choice("scale", list(named), "At another scale", list(named)[-1])]
            broken = str(scales[scales["scale"] == chosen]["broken"].iloc[0])
            if broken:
                st.caption(f"Broken: {text.plain(broken)}.")
            _texts(table[table["scale"] == chosen])


def _texts(table: pd.DataFrame) -> None:
    for one in table.itertuples():
        beginning, written = (text.one_line(str(part), 600) for part in (one.beginning, one.written))
        st.markdown(f"{text.plain(beginning)} **{text.plain(written) or '(nothing)'}**")
