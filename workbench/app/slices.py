# SPDX-License-Identifier: Apache-2.0
"""Slices: the list of all saved selections, and one of them with its pictures and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine, slice_details
from workbench.app.parts import links, permalink, slices, text, words
from workbench.runs.draws import in_words

if TYPE_CHECKING:
    from workbench.store import SliceRecord, Store

_PAGE = 20


def page() -> None:
    """Draw the page: one slice when the address names one, else the list."""
    store = engine.store()
    name = permalink.get("slice")
    if name is None:
        _list(store)
        return
    try:
        found = store.slice(name)
    except WorkbenchError as error:
        st.title("Slices")
        st.warning(text.sentence(error, 300), icon=":material/search_off:")
        links.link("slices", "All slices", icon=":material/arrow_back:")
        return
    slice_details.draw(found)


def _list(store: Store) -> None:
    found = store.slices()
    st.title("Slices")
    if not found:
        with st.container(border=True):
            st.markdown(
                "**No slice has been saved yet.** A slice is a selection of rows with a name: every analysis can be "
                "run on it. Select points on a map and press *Save as slice*."
            )
            links.link("projection", "Make a map", icon=":material/scatter_plot:")
            st.code('workbench slices save fours --data mnist --where "label=4"', language="bash")
        return
    st.markdown("Selections of rows with a name. Every analysis can be run on one, or asks for one by its name.")
    sources = sorted({one.data for one in found})
    start = permalink.choice("of", sources)
    choices: list[str | None] = [None, *sources]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.selectbox(
            "Of",
            choices,
            index=choices.index(start),
            format_func=lambda one: text.one_line("everything" if one is None else in_words(one)),
            width=420,
            key="slices.of",
        )
        permalink.put(of=source)
        wanted = [one for one in found if source in (None, one.data)]
        slices.combine(store, wanted, "slices.combine")
    number = permalink.whole("list", 1, 10_000, 1)
    newest = sorted(wanted, key=lambda one: one.created, reverse=True)
    shown = newest[(number - 1) * _PAGE : number * _PAGE]
    for one in shown:
        _row(one)
    if not shown:
        st.caption("There are no more.")
    _pages(number, len(newest) > number * _PAGE, source)


def _row(one: SliceRecord) -> None:
    with st.container(border=True, gap=None):
        name, of, when = st.columns([4, 5, 3], vertical_alignment="center")
        with name:
            links.link("slices", f"**{text.plain(one.name, 80)}**", slice=one.name)
        with of:
            st.markdown(f"{one.length:,} {text.plain(in_words(one.data), 120)}")
        with when:
            st.caption(text.plain(words.since(one.created)))
        about = [one.note, f"from {one.origin}" if one.origin else ""]
        told = text.plain(" · ".join(filter(None, about)), 300)
        if told:
            st.caption(told)


def _pages(number: int, more: bool, source: str | None) -> None:
    if number == 1 and not more:
        return
    with st.container(horizontal=True):
        if number > 1:
            links.link("slices", "Newer", icon=":material/arrow_back:", of=source, list=number - 1)
        if more:
            links.link("slices", "Older", icon=":material/arrow_forward:", of=source, list=number + 1)
