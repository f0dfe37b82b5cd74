# SPDX-License-Identifier: Apache-2.0
"""Forms for slices: saving selected rows under a name, and combining slices that are there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from registry.cards import NAME
from registry.errors import DataError, WorkbenchError
from workbench.app import engine
from workbench.app.parts import links, text
from workbench.runs.draws import in_words, read_draws

if TYPE_CHECKING:
    from workbench.store import SliceRecord, Store

HOW: Final = {
    "and": "rows in all of them (and)",
    "or": "rows in any of them (or)",
    "not": "rows of the first in none of the others (not)",
}


def save_form(store: Store, data: str | None, rows: Any, origin: str, key: str) -> None:
    """A button that opens a form for the name; says why when there is nothing to save.

    ``data`` is what the rows are of: a data set, or draws from a prior (see :func:`workbench.runs.slice_source`).
    """
    if data is None:
        st.caption(
            "A slice is a selection of rows of a data set or of draws from a prior; these points come from neither."
        )
        return
    with (
        st.popover("Save as slice", icon=":material/bookmark_add:", disabled=len(rows) == 0),
        st.form(f"{key}.form", border=False),
    ):
        st.markdown(f"{len(rows):,} {text.plain(in_words(data))}")
        name = st.text_input("Name", key=f"{key}.name", placeholder="mixed-up-fours", max_chars=80)
        note = st.text_input("Note", key=f"{key}.note", placeholder="What these have in common", max_chars=400)
        if st.form_submit_button("Save", type="primary"):
            _save(store, name.strip(), data, rows, note, origin)


def _save(store: Store, name: str, data: str, rows: Any, note: str, origin: str) -> None:
    if not _is_name(name):
        return
    try:
        store.save_slice(name, data, rows, note=note, origin=origin)
    except WorkbenchError as error:
        st.error(text.sentence(error, 400))
        return
    st.query_params["slice"] = name
    draws = read_draws(data)
    on = f"of {text.plain(draws.model)}" if draws is not None else f"on {text.plain(data)}"
    st.success(f"Saved. Every analysis {on} can now take the slice {text.plain(name)}.")


def combine(store: Store, found: list[SliceRecord], key: str, *, first: str | None = None) -> None:
    """A button that opens a form to make a slice of others, and goes to the new one.

    ``found`` are the slices to choose from; where they are of several data, one has to be chosen. ``first`` is named
    to begin with.
    """
    with st.popover("Combine slices", icon=":material/join:"):
        sources = [name for name, _ in Counter(one.data for one in found).most_common()]
        source = sources[0]
        if len(sources) > 1:
            source = st.selectbox("Slices of", sources, format_func=lambda one: text.one_line(in_words(one)), key=key)
        made = _combine_form(store, [one for one in found if one.data == source], f"{key}.{source}", first)
    if made is not None:
        links.go("slices", slice=made)


def _combine_form(store: Store, found: list[SliceRecord], key: str, first: str | None) -> str | None:
    """The form for slices of one data; gives the name of the new slice when it has just been made."""
    names = [one.name for one in found]
    how = st.selectbox("Keep", list(HOW), format_func=lambda one: HOW[one], key=f"{key}.how")
    chosen = st.multiselect(
        "Slices",
        names,
        default=[first] if first in names else [],
        format_func=text.one_line,
        key=f"{key}.names",
        placeholder="Two or more",
        help="In the order in which they are named. Of one slice alone, 'not' keeps every row but its own.",
    )
    alone = how == "not" and len(chosen) == 1
    length = _length(found[0].data, key) if alone else None
    name = st.text_input("Name of the new slice", key=f"{key}.name", placeholder="fours-and-nines", max_chars=80)
    note = st.text_input("Note", key=f"{key}.note", placeholder="What these have in common", max_chars=400)
    if not st.button("Combine", type="primary", icon=":material/join:", key=f"{key}.combine"):
        return None
    if not _is_name(name.strip()):
        return None
    try:
        made = store.combine_slices(name.strip(), how, chosen, length=length, note=note)  # type: ignore[arg-type]
    except WorkbenchError as error:
        st.error(text.sentence(error, 400))
        return None
    return made.name


def _length(data: str, key: str) -> int | None:
    """How many rows there are in all: known of a data set, asked for of draws (a prior has no end)."""
    if read_draws(data) is None:
        try:
            return len(engine.dataset(data))
        except DataError:
            return None
    return int(
        st.number_input(
            "Draws in all", 1, 2**30, 2000, key=f"{key}.length", help="How many draws there were on the map: its limit."
        )
    )


def _is_name(name: str) -> bool:
    if NAME.fullmatch(name):
        return True
    st.error("A slice needs a name of lower-case letters, digits, dots, dashes and underscores.")
    return False
