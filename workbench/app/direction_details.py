# SPDX-License-Identifier: Apache-2.0
"""One direction: whose it is, how it was found, its card, the others of its space, and what can be made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import streamlit as st

from workbench.app import engine
from workbench.app.parts import direction_charts, direction_forms, direction_words, errors, links, text, words

if TYPE_CHECKING:
    from workbench.store import DirectionRecord

_FIRST: Final = ("effect", "selectivity", "stability")  # stand large above the table of the rest
EDITOR: Final = "editor"
_NONE: Final = direction_words.NOT_MEASURED


def draw(one: DirectionRecord) -> None:
    """Draw everything that is known of a direction."""
    links.link("directions", "All directions", icon=":material/arrow_back:")
    st.title(text.plain(one.name))
    with errors.shown("Reading the vector"):
        vector = one.vector().astype(np.float64)
        length = float(np.linalg.norm(vector))
        st.markdown(
            text.plain(
                f"{one.size:,} numbers of {direction_words.of(one)}; the length of one step is {words.number(length)}.",
                300,
            )
        )
        _facts(one)
        if one.how.get("note"):
            st.markdown(text.paragraphs(one.how["note"], 400))
        _warn_of_other_weights(one)
        others = _others(one)
        _actions(one, others, length)
        st.subheader("What was measured")
        _card(one)
        if others:
            st.subheader("How it lies to the others of its space")
            with errors.shown("Comparing the directions"):
                direction_charts.cosines([one, *others], first=one)
        st.subheader("How to make it again")
        _again(one)


def _others(one: DirectionRecord) -> list[DirectionRecord]:
    """Those of the same space, weights and width."""
    found = engine.store().directions(one.model, one.space)
    same = (one.model, one.fingerprint, one.size)
    return [other for other in found if other.name != one.name and (other.model, other.fingerprint, other.size) == same]


def _facts(one: DirectionRecord) -> None:
    """When and how, with links to its run and to what it was made of."""
    from workbench.directions.code import parents_of

    known = {each.name for each in engine.store().directions()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(text.plain(f"kept {words.moment(one.created)}"), width="content")
        st.caption(text.plain(direction_words.how(one), 300), width="content")
        run = one.how.get("run")
        if isinstance(run, str) and run:
            links.link("runs", f"run {text.plain(run, 20)}", icon=":material/history:", run=run)
        for name in parents_of(one):
            if name in known:
                links.link("directions", text.plain(name, 80), icon=":material/trending_up:", direction=name)


def _warn_of_other_weights(one: DirectionRecord) -> None:
    """Say so when the model is not here, or is known to have other weights now."""
    if one.model is None:
        return
    if one.model not in engine.catalogue().models:
        st.warning(
            text.plain(f"The model {one.model} is not here: its plugin may be missing or broken.", 300),
            icon=":material/link_off:",
        )
        return
    kept = engine.store().description(one.model)
    if kept is None or kept.status != "ready" or kept.json is None:
        return
    from workbench.points import Description

    if Description.from_json(kept.json).fingerprint != one.fingerprint:
        st.warning(
            text.plain(
                f"{one.model} has other weights or other code now than when this was kept: analyses refuse the "
                "direction. Find it anew, and keep that.",
                300,
            ),
            icon=":material/warning:",
        )


def _actions(one: DirectionRecord, others: list[DirectionRecord], length: float) -> None:
    from workbench.directions.exporting import archive

    store, key = engine.store(), f"direction.{one.name}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if EDITOR in engine.catalogue().pages and one.model is not None:
            links.link(
                f"plugin-{EDITOR}",
                "Edit along it",
                icon=":material/tune:",
                model=one.model,
                space=one.space,
                direction=one.name,
            )
        direction_forms.combining(store, one, others, key)
        direction_forms.orthogonalising(store, one, others, key)
        direction_forms.capping(store, one, length, key)
        direction_forms.renaming(store, one, key)
        st.download_button(
            "Export",
            data=lambda: archive(store, one),
            file_name=f"{one.name}.zip",
            mime="application/zip",
            icon=":material/download:",
            on_click="ignore",
            key=f"{key}.export",
            help="The vector as safetensors, all that is known of it as JSON, and the code that makes it again.",
        )
        direction_forms.deleting(store, one, key)


def _card(one: DirectionRecord) -> None:
    found = direction_words.metrics(one.card)
    if not found:
        st.caption("Nothing was measured of this direction: let an analysis of directions measure it by its name.")
    large = [name for name in _FIRST if name in found]
    if large:
        for place, name in zip(st.columns(len(_FIRST)), large, strict=False):
            with place:
                st.metric(words.label(name), words.number(found[name].value), border=True)
                st.caption(text.plain(words.about(found[name]) or words.NO_INTERVAL))
    rest = {name: metric for name, metric in found.items() if name not in large}
    if rest:
        table = pd.DataFrame(
            {
                "measure": [words.label(name) for name in rest],
                "value": [words.number(one.value) for one in rest.values()],
                "95 % interval": [words.interval(one) or _NONE for one in rest.values()],
                "n": [f"{one.n:,}" if one.n is not None else _NONE for one in rest.values()],
            }
        )
        st.dataframe(table, hide_index=True, alt=f"What was measured of the direction {one.name}")
    said = {what: told for what, told in one.card.items() if what not in found and isinstance(told, str) and told}
    for what, told in said.items():
        st.caption(text.plain(f"{words.label(what)}: {told}", 300))
    if "directions" in engine.catalogue().analyses and one.model is not None:
        links.link(
            "analysis",
            "Measure directions of this model",
            icon=":material/play_arrow:",
            analysis="directions",
            model=one.model,
        )


def _again(one: DirectionRecord) -> None:
    from workbench.directions import code_of, document

    st.code(code_of(engine.store(), one), language="python", wrap_lines=True)
    with st.expander("All that is kept of it", icon=":material/data_object:"):
        st.json(document(one))
