# SPDX-License-Identifier: Apache-2.0
"""One model: what it is, its spaces and maps, pictures from its prior, what was measured, what can be run on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import ModelError, WorkbenchError
from workbench.app import engine, model_sheet, subjects
from workbench.app.parts import background, cards, errors, graph, links, status, style, text, words

if TYPE_CHECKING:
    import pandas as pd

    from registry.analysis import Analysis
    from registry.cards import ModelCard
    from workbench.points import Description


def draw(card: ModelCard) -> None:
    """Draw the page of one model."""
    links.link("models", "All models", icon=":material/arrow_back:")
    st.title(text.plain(card.title or card.name))
    cards.tags(card)
    st.markdown(text.plain(cards.first_paragraph(card.description) or "No description.", 800))
    facts = [f"name {card.name}", card.provenance, f"at home with the data {card.data}" if card.data else ""]
    st.caption(text.plain(" · ".join(filter(None, facts)), 500))
    rest = card.description.strip().partition("\n\n")[2]
    if rest:
        with st.expander("The whole card", icon=":material/article:"):
            st.markdown(text.paragraphs(rest))
    lacking = card.missing()
    if lacking:
        _absent(card, lacking)
        return
    with errors.shown("Describing the model"):
        _described(card)


def _absent(card: ModelCard, lacking: str) -> None:
    with st.container(border=True):
        st.markdown("**Not all of this model is here.**")
        st.markdown(text.sentence(lacking, 600))
        model_sheet.fetching(card)


def _described(card: ModelCard) -> None:
    """The rest of the page needs the model's description, which is made once, in a process of its own."""
    background.wait_for(
        ("description", engine.store().location, card.name, subjects.stamp(card.name)),
        lambda: subjects.describe(card.name),
        lambda description: _parts(card, description),
        saying="Loading the model once to see its spaces, maps and layers",
    )


def _parts(card: ModelCard, description: Description) -> None:
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.subheader("Spaces and maps")
        st.graphviz_chart(
            graph.dot(description.spaces, description.maps, dark=style.dark()),
            width="content",
            alt=graph.in_words(description.spaces, description.maps),
        )
        _spaces(description)
    with right:
        st.subheader("From its prior")
        with errors.shown("Drawing from the prior"):
            model_sheet.draw(card.name, description)
    _analyses(card, description)
    _conformance(card)
    for problem in description.problems:
        st.warning(text.plain(problem, 400), icon=":material/flag:")


def _spaces(description: Description) -> None:
    spaces = {name: one for name, one in description.spaces.items() if one.kind != "layer"}
    st.table(
        {
            "Space": [text.plain(name) for name in spaces],
            "Holds": [text.plain(graph.detail(one)) for one in spaces.values()],
        },
        hide_index=True,
        border="horizontal",
    )
    conditions = [(one.name, c) for one in description.maps.values() for c in one.conditions]
    for name, one in conditions:
        st.caption(text.plain(f"{name} takes {one.name} ({one.type}, by default {words.value(one.default)})"))
    layers = description.layers
    with st.expander(
        f"{text.counted(len(layers), 'layer')}, {description.parameters:,} parameters", icon=":material/layers:"
    ):
        if not layers:
            st.caption("The model holds no network, so it has no layers.")
            return
        st.table(
            {
                "Layer": [text.plain(name) for name in layers],
                "Shape": [text.plain(words.shape(one.row_shape)) for one in layers.values()],
            },
            hide_index=True,
            border="horizontal",
        )


def _analyses(card: ModelCard, description: Description) -> None:
    st.subheader("Analyses")
    applies: list[tuple[str, type[Analysis], list[str]]] = []
    others: list[tuple[str, type[Analysis], list[str]]] = []
    subject = subjects.of(description, subjects.own_data(card.name), card.name)
    for name, analysis in engine.catalogue().analyses.items():
        lacking = analysis.missing(subject)
        (others if lacking else applies).append((name, analysis, lacking))
    if not applies and not others:
        st.caption("No analysis is installed.")
    for name, analysis, _ in applies:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            target = "projection" if name == "projection" else "analysis"
            links.link(
                target, text.plain(engine.title_of(name)), icon=":material/play_arrow:", analysis=name, model=card.name
            )
            st.caption(text.plain(cards.first_paragraph(analysis.description()), 160))
    for name, _, lacking in others:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/block: {text.plain(engine.title_of(name))}", width="content")
            st.caption(text.plain(f"does not apply: {'; '.join(lacking)}", 300))


def _conformance(card: ModelCard) -> None:
    if "conformance" not in engine.catalogue().analyses:
        return
    st.subheader("Measured facts")
    found = engine.store().runs(model=card.name, analysis="conformance", limit=1)
    if not found:
        st.caption(
            "Not measured yet: whether it is deterministic, batch-invariant, differentiable, and keeps the contract."
        )
    else:
        _last_check(found[0])
    if st.button("Run the checks" if not found else "Run the checks again", icon=":material/fact_check:"):
        _start_check(card.name, again=bool(found))


def _last_check(record: Any) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        status.badge(record.status)
        links.link("runs", f"Checked {words.since(record.created)}", icon=":material/arrow_forward:", run=record.id)
    if record.status in ("queued", "running"):
        status.progress(record.id)
    elif record.status != "done":
        status.failure(record)
    else:
        stored = engine.result_of(record)
        for name in stored.tables[:1]:
            _checks(stored.table(name))


def _checks(table: pd.DataFrame) -> None:
    """How many checks passed; those that did not at once, all of them folded."""
    if "outcome" not in table:
        st.dataframe(table, hide_index=True, alt="Checks")
        return
    counts = table["outcome"].value_counts()
    st.markdown(text.plain(", ".join(f"{count} {outcome}" for outcome, count in counts.items()), 300))
    failed = table[table["outcome"] == "fail"]
    if len(failed):
        _rows(failed)
    with st.expander("Every check with its number", icon=":material/fact_check:"):
        _rows(table)


def _rows(table: pd.DataFrame) -> None:
    st.table(
        {
            text.plain(words.label(str(column))): [
                _OUTCOMES.get(one, text.plain(_cell(one), 200)) for one in table[column]
            ]
            for column in table
        },
        hide_index=True,
        border="horizontal",
    )


_OUTCOMES = {"pass": ":green-badge[pass]", "fail": ":red-badge[fail]"}


def _cell(value: Any) -> str:
    return "" if value is None or (isinstance(value, float) and math.isnan(value)) else words.value(value)


def _start_check(model: str, *, again: bool) -> None:
    from workbench.runs import RunSpec, submit

    try:
        submit(engine.store(), RunSpec("conformance", model=model), again=again)
    except (WorkbenchError, ModelError) as error:
        errors.show(str(error))
    else:
        st.rerun()
