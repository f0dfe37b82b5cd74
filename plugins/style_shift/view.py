# SPDX-License-Identifier: Apache-2.0
"""The page of a style shift: style and content by strength, journeys in one map, all styles, a name for the vector."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.style_shift.keeping import form
from workbench.app.parts import links, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

FIRST = (
    "style_gain",
    "style_gain_random",
    "style_share",
    "content_kept",
    "content_kept_random",
    "content_retrieved",
    "content_lost_first",
    "probe_accuracy",
)
WORDS = {
    "from": "From",
    "to": "To",
    "style_gain": "Gain in probability",
    "low": "Low",
    "high": "High",
    "style_gain_random": "Gain, random directions",
    "content_kept": "Similarity to the text",
    "content_kept_random": "Similarity, random",
    "content_retrieved": "Own text nearest",
    "content_retrieved_random": "Own text nearest, random",
    "content_lost_first": "Content lost first",
    "length": "Length of the vector",
    "accuracy": "Held-out accuracy",
    "n": "n",
    "map": "Told by",
    "text": "Text",
    "strength": "Strength",
    "told": "Told as",
}
AVERAGING = (
    "Cosine of the average of the k nearest training texts with the text that was asked with, held-out texts, n = {n}. "
    "One neighbour carries all its own details; those of several differ and cancel in the mean, until further "
    "neighbours speak of other things."
)


def draw(view: ViewContext) -> None:
    """Draw the result of a style shift."""
    source, target, against = _styles(view)
    view.findings()
    st.subheader(f"From {text.plain(source)} to {text.plain(target)}")
    first, second = view.beside(1, 1)
    with first:
        st.markdown(f"**Style**: probability of {text.plain(target)}, by a probe against {text.plain(against)}")
        view.chart("style")
    with second:
        st.markdown(f"**Content**: similarity to the text of {text.plain(source)} that was moved")
        view.chart("content")
    st.caption(
        f"Held-out texts, n = {view.result.metrics['style_gain'].n}, seed {view.run.seed}. Bands of a line: 95 % "
        "bootstrap over documents. Grey: the middle 95 % of random directions of the same length. Texts told at "
        "strength 0 show what the map back to text does by itself."
    )
    _journeys(view)
    left, right = view.beside(3, 2)
    with left:
        st.markdown(
            "**Every style to every other**: gain in probability of the new style, by a probe against the old one"
        )
        view.chart("matrix")
    with right:
        st.markdown("**What it is worth**")
        view.measures([one for one in view.result.metrics if one in FIRST or "_tell" in one or "_recall" in one])
        form(view, source, target)
    st.markdown("**Why captions are averaged at the start of a journey**")
    view.chart("averaging")
    table = view.result.table("averaging")
    st.caption(AVERAGING.format(n=int(table["n"].iloc[0])))
    view.notes()
    with st.expander("All styles as a table", icon=":material/table:"):
        _table(view.result.table("matrix"), "All styles")
    if "texts" in view.result.tables:
        with st.expander("Texts by strength", icon=":material/notes:"):
            _table(view.result.table("texts"), "Texts by strength")


def _styles(view: ViewContext) -> tuple[str, str, str]:
    told = view.result.table("styles").iloc[0]
    return str(told["source"]), str(told["target"]), str(told["against"])


def _journeys(view: ViewContext) -> None:
    if "journeys" not in view.result.tables:
        return
    stops = view.result.table("journeys")
    starts = stops[stops["kind"] == "start"]
    names = [str(one) for one in starts["journey"]]
    said = dict(zip(names, starts["text"].astype(str), strict=True))
    st.subheader("Journeys")
    asked = view.remembered("journey")
    chosen = st.selectbox(
        "Start from",
        names,
        index=names.index(asked) if asked in names else 0,
        format_func=lambda one: text.one_line(said[one], 120),
        key=view.key("journey"),
    )
    view.remember(journey=None if chosen == names[0] else chosen)
    left, right = view.beside(3, 2)
    with left:
        view.chart(f"journey_{chosen}")
        kept = _kept(view, int(chosen))
        st.caption(
            "Two principal components of texts of all styles, each style counting alike. "
            + (f"Of the squared distances among the stops of this journey the plane keeps {kept:.0%}." if kept else "")
        )
    with right:
        _told(view, int(chosen), stops[stops["journey"] == int(chosen)])
        if "storyteller" in view.catalogue.pages:
            links.link(
                "plugin-storyteller", "Tell a story of your own", icon=":material/auto_stories:", model=view.run.model
            )


def _kept(view: ViewContext, journey: int) -> float | None:
    if "told" not in view.result.tables:
        return None
    table = view.result.table("told")
    return float(table[table["journey"] == journey]["plane_keeps"].iloc[0])


def _told(view: ViewContext, journey: int, stops: pd.DataFrame) -> None:
    st.markdown("**The text**")
    st.markdown(text.plain(stops[stops["kind"] == "start"]["text"].iloc[0], 400))
    near = stops[stops["kind"] == "caption"]
    if len(near):
        st.markdown("**Averaged**")
        st.markdown("\n".join(f"- {text.plain(one, 160)}" for one in near["text"]))
    if "told" not in view.result.tables:
        return
    table = view.result.table("told")
    for one in table[table["journey"] == journey].to_dict("records"):
        st.markdown(f"**Told by {text.plain(one['map'])}**")
        st.markdown(
            f"Not shifted: {text.plain(one['not_shifted'], 300)}\n\nShifted: {text.plain(one['shifted'], 300)}\n\n"
            f"Similarity of the shifted telling to the text {one['to_start']:.2f}, to the point that it was told of "
            f"{one['to_shifted']:.2f}."
        )


def _table(table: Any, alt: str) -> None:
    shown = table.rename(columns={name: WORDS.get(str(name), str(name)) for name in table.columns})
    numbers = {
        str(name): st.column_config.NumberColumn(format="%.3f")
        for name in shown.columns
        if str(shown[name].dtype).startswith("float")
    }
    st.dataframe(shown, hide_index=True, column_config=numbers, alt=alt)
