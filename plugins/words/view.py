# SPDX-License-Identifier: Apache-2.0
"""The view of a run of ``words``: the desk over its vectors, then what the run asked and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from plugins.words import desk, loading, maps
from plugins.words.arithmetic import CALLED, METHODS
from plugins.words.expressions import quoted
from workbench.app import engine
from workbench.app.parts import links, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SUMS, NEIGHBOURS, ODD = "Sums", "Neighbours", "Odd ones out"


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    vocabulary = loading.of_run(view)

    sums, neighbours, odd = (view.result.table(one) for one in ("arithmetic", "neighbours", "odd_one_out"))

    def put(**values: Any) -> None:
        view.remember(**values)

    place = desk.Place(view.key("desk"), view.remembered, put)
    examples = [*dict.fromkeys(sums["expression"]), *map(quoted, dict.fromkeys(neighbours["word"]))]
    random = view.kept("random", lambda: loading.random_cosines(vocabulary))
    desk.draw(vocabulary, place, random, examples=examples, groups=[*dict.fromkeys(odd["group"])])
    _links(view)
    st.subheader("What this run asked", anchor=False)
    held = {SUMS: len(sums), NEIGHBOURS: len(neighbours), ODD: len(odd)}
    there = [name for name, count in held.items() if count]
    if there:
        tabs = dict(zip(there, st.tabs(there), strict=True))
        if SUMS in tabs:
            with tabs[SUMS]:
                _sums(view, sums)
        if NEIGHBOURS in tabs:
            with tabs[NEIGHBOURS]:
                _neighbours(view, neighbours)
        if ODD in tabs:
            with tabs[ODD]:
                _odd(odd)
    view.notes()


def _links(view: ViewContext) -> None:
    model = view.run.model
    card = engine.catalogue().models.get(model or "")
    held = view.store.description(model) if model and card is not None else None
    if model is None or held is None or not held.json:
        return
    from workbench.points import Description

    description = Description.from_json(held.json)
    embed = str(view.run.params["embed"])
    with st.container(horizontal=True, gap="large"):
        if embed in description.maps:
            maps.link(model, description.maps[embed].target)
        links.link("plugin-word-analogies", "What such a sum can show", icon=":material/balance:", model=model)


def _sums(view: ViewContext, sums: pd.DataFrame) -> None:
    called = view.choice("method", [CALLED[one] for one in METHODS], "Method", width=200)
    method = next(one for one in METHODS if CALLED[one] == called)
    first = sums[(sums["method"] == method) & (sums["rank"] == 1)]
    st.dataframe(
        first[["expression", "suppressed", "suppressed_score", "unsuppressed", "unsuppressed_score", "returned_input"]],
        hide_index=True,
        column_config={
            "expression": st.column_config.TextColumn("Sum", width="medium"),
            "suppressed": st.column_config.TextColumn("Its words left out"),
            "suppressed_score": st.column_config.NumberColumn("Score", format="%.3f", width="small"),
            "unsuppressed": st.column_config.TextColumn("No word left out"),
            "unsuppressed_score": st.column_config.NumberColumn("Score ", format="%.3f", width="small"),
            "returned_input": st.column_config.CheckboxColumn("A word of the sum", width="small"),
        },
    )
    returned, n = int(first["returned_input"].sum()), len(first)
    st.caption(
        f"The first answers by {CALLED[method]}: {returned} of {n} are a word of the sum once none is left out. Few "
        "sums say little of how often that happens: the analysis Analogies asks thousands."
    )
    view.measures()
    if method == METHODS[0] and "answers" in view.result.charts:
        view.chart("answers")


def _neighbours(view: ViewContext, neighbours: pd.DataFrame) -> None:
    words = list(dict.fromkeys(neighbours["word"].astype(str)))
    if "neighbours" in view.result.charts:
        view.chart("neighbours")
    word = view.choice("word", words, "Word", width=260)
    part = neighbours[neighbours["word"] == word]
    st.dataframe(
        part[["rank", "neighbour", "cosine", "place"]],
        hide_index=True,
        column_config={
            "rank": st.column_config.NumberColumn("Nearest", width="small"),
            "neighbour": st.column_config.TextColumn("Neighbour"),
            "cosine": st.column_config.ProgressColumn("Cosine", format="%.3f", min_value=0.0, max_value=1.0),
            "place": st.column_config.NumberColumn("Rank in the vocabulary", format="localized"),
        },
    )


def _odd(odd: pd.DataFrame) -> None:
    lines = []
    for _, part in odd.groupby("group", sort=False):
        first = part[part["odd"]].iloc[0]
        others = ", ".join(
            f"{text.plain(one.word, 40)} {one.cosine:.3f}"
            for one in part.sort_values("cosine", ascending=False).itertuples()
            if not one.odd
        )
        lines.append(
            f"| **{text.plain(first['word'], 40)}** | {first['cosine']:.3f} | {others} | {first['margin']:.3f} "
            f"| {100 * first['chance']:.0f} % |"
        )
    head = "| Odd one | Cosine with the mean | The others | Margin | Random groups with such a margin |"
    st.markdown(f"{head}\n|:--|--:|:--|--:|--:|\n" + "\n".join(lines))
    st.caption(f"Random groups: {int(odd['random_groups'].iloc[0])} of as many words each, seed of the run.")
