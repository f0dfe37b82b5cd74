# SPDX-License-Identifier: Apache-2.0
"""Directions: the list of all that were kept, and one of them with its card, its neighbours and what can be made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import direction_details, engine
from workbench.app.parts import (
    direction_charts,
    direction_forms,
    direction_words,
    errors,
    links,
    permalink,
    text,
    words,
)

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store

_PAGE: Final = 20
_COLUMNS: Final = (4, 3, 4, 2, 2, 2)
BARE: Final = "bare data"


def page() -> None:
    """Draw the page: one direction when the address names one, else the list."""
    store = engine.store()
    name = permalink.get("direction")
    if name is None:
        _list(store)
        return
    try:
        found = store.direction(name)
    except WorkbenchError as error:
        st.title("Directions")
        st.warning(text.sentence(error, 300), icon=":material/search_off:")
        links.link("directions", "All directions", icon=":material/arrow_back:")
        return
    direction_details.draw(found)


def _list(store: Store) -> None:
    found = store.directions()
    st.title("Directions")
    if not found:
        _none_yet()
        direction_forms.importing(store, "directions.import")
        return
    st.markdown(
        "Vectors of a space with a name: along one of them something changes. What was measured of each is on its card."
    )
    wanted, of = _filtered(found)
    number = permalink.whole("list", 1, 10_000, 1)
    newest = sorted(wanted, key=lambda one: one.created, reverse=True)
    shown = newest[(number - 1) * _PAGE : number * _PAGE]
    if shown:
        _heads()
    for one in shown:
        _row(one)
    if not shown:
        st.caption("There are no more.")
    elif any(one.card for one in shown):
        st.caption(
            "Effect: change of its attribute per step, in standard deviations, with its 95 % interval. Selectivity: "
            "share of its own attribute in all that it changes. n and everything else is on the card."
        )
    _pages(number, len(newest) > number * _PAGE, of)
    direction_forms.importing(store, "directions.import")
    _beside_each_other(newest)


def _none_yet() -> None:
    with st.container(border=True):
        st.markdown(
            "**No direction has been kept yet.** A direction is a vector of a space with a name: *glasses*, *slant*. "
            "Let an analysis find some, and keep those that do what you want; or import a published one below."
        )
        with st.container(horizontal=True):
            for name in ("directions", "difference-direction"):
                if name in engine.catalogue().analyses:
                    title = text.plain(engine.title_of(name))
                    links.link("analysis", title, icon=":material/play_arrow:", analysis=name)
        st.code("workbench directions import boundary.npy --name smile --model faces-dcgan --space z", language="bash")


def _filtered(found: list[DirectionRecord]) -> tuple[list[DirectionRecord], dict[str, str | None]]:
    """Those of the model and space that are chosen, and what the address says of it."""
    models = sorted({one.model or BARE for one in found})
    with st.container(horizontal=True, vertical_alignment="bottom"):
        model = _chosen("Model", "model", models)
        of_model = [one for one in found if model in (None, one.model or BARE)]
        space = _chosen("Space", "space", sorted({one.space for one in of_model}))
    return [one for one in of_model if space in (None, one.space)], {"model": model, "space": space}


def _chosen(label: str, name: str, options: list[str]) -> str | None:
    choices: list[str | None] = [None, *options]
    start = permalink.choice(name, options)
    chosen: str | None = st.selectbox(
        label,
        choices,
        index=choices.index(start),
        format_func=lambda one: text.one_line("all" if one is None else one),
        width=300,
        key=f"directions.{name}.{len(options)}",
    )
    permalink.put(**{name: chosen})
    return chosen


def _heads() -> None:
    for place, label in zip(
        st.columns(_COLUMNS), ("Name", "Of", "How found", "Effect", "Selectivity", "Kept"), strict=True
    ):
        place.caption(label)


def _row(one: DirectionRecord) -> None:
    with st.container(border=True, gap=None):
        name, of, how, effect, selectivity, when = st.columns(_COLUMNS, vertical_alignment="center")
        with name:
            links.link("directions", f"**{text.plain(one.name, 80)}**", direction=one.name)
        of.markdown(text.plain(direction_words.of(one), 120))
        how.markdown(text.plain(direction_words.how(one), 160))
        effect.markdown(direction_words.measured(one, "effect"))
        selectivity.markdown(direction_words.measured(one, "selectivity"))
        when.caption(text.plain(words.since(one.created)))


def _pages(number: int, more: bool, of: dict[str, str | None]) -> None:
    if number == 1 and not more:
        return
    with st.container(horizontal=True):
        if number > 1:
            links.link("directions", "Newer", icon=":material/arrow_back:", **of, list=number - 1)
        if more:
            links.link("directions", "Older", icon=":material/arrow_forward:", **of, list=number + 1)


def _beside_each_other(wanted: list[DirectionRecord]) -> None:
    """The cosines of all that are shown, where they are of one space of one model with the same weights."""
    if len(wanted) < 2 or len({(one.model, one.space, one.fingerprint, one.size) for one in wanted}) > 1:
        return
    st.subheader("How alike they are")
    with errors.shown("Comparing the directions"):
        direction_charts.cosines(wanted)
