# SPDX-License-Identifier: Apache-2.0
"""The contact sheet of a model: what its maps make of draws from its prior; and the fetching of what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from registry.maps import Condition
from workbench.app import engine
from workbench.app.parts import background, contact_sheet, errors, permalink, pictures, text, words

if TYPE_CHECKING:
    from registry.cards import ModelCard
    from workbench.points import Description

COUNT = 24
_COLUMNS = 6


def draw(model: str, description: Description) -> None:
    """The sheet, with its seed and the conditions of the last map."""
    routes = pictures.routes(description)
    if not routes:
        if not any(getattr(one, "prior", None) is not None for one in description.spaces.values()):
            st.caption(
                "No space of this model has a prior, so there is nothing to draw from. Analyses can use data instead."
            )
        else:
            st.caption("No chain of its maps leads from a prior to images, so there is nothing to show here.")
        return
    route = routes[0]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(routes) > 1:
            route = st.selectbox(
                "From", routes, format_func=lambda one: text.one_line(one.label), key=f"sheet.{model}.route"
            )
        start = permalink.whole("seed", 0, 2**31 - 1, 0)
        seed = int(st.number_input("Seed", 0, 2**31 - 1, start, key=f"sheet.{model}.seed", width=160))
        permalink.put(seed=seed or None)
        last = description.maps[route.maps[-1]]
        given = {one.name: _condition(one, f"sheet.{model}.{one.name}") for one in last.conditions}
    key = (
        "sheet",
        engine.store().location,
        model,
        description.fingerprint,
        route.label,
        seed,
        tuple(sorted(given.items())),
    )

    def show(images: list[Any]) -> None:
        pixels = contact_sheet.sheet(images, columns=_COLUMNS)
        st.image(
            contact_sheet.png(pixels),
            width="stretch",
            alt=f"{COUNT} pictures that {model} makes of draws from its prior",
        )
        st.caption(text.plain(f"{COUNT} draws · {route.label} · seed {seed}"))

    background.wait_for(
        key,
        lambda: pictures.from_prior(model, description, route, np.arange(COUNT), seed, given),
        show,
        saying="Starting the model; the first pictures take a few seconds",
    )


def _condition(one: Condition, key: str) -> Any:
    label = text.plain(words.label(one.name))
    if one.choices is not None:
        return st.selectbox(label, one.choices, index=one.choices.index(one.default), key=key, width=160)
    if one.type == "bool":
        return st.toggle(label, one.default, key=key)
    if one.type == "str":
        return st.text_input(label, one.default, key=key, width=220)
    return st.number_input(label, value=one.default, key=key, width=160)


def fetching(card: ModelCard) -> None:
    """A button that fetches what is missing, under what the reader agrees to: licence, size and credit."""
    st.markdown(f"Licence: {text.plain(card.licence or 'not stated', 300)}")
    st.markdown(f"Credit: {text.plain(card.provenance or 'not stated', 400)}")
    if card.fetch is None:
        return
    place = f"fetch.{card.name}"
    if st.button("Fetch it now", type="primary", icon=":material/download:", key=place):
        st.session_state[f"{place}.asked"] = True
    if st.session_state.get(f"{place}.asked"):
        with errors.shown("Fetching"):
            background.wait_for(
                ("fetch", card.name), card.fetch, lambda _: _fetched(place), saying="Fetching; this can take a minute"
            )


def _fetched(place: str) -> None:
    st.session_state.pop(f"{place}.asked", None)
    st.rerun()
