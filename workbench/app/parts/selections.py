# SPDX-License-Identifier: Apache-2.0
"""Selected points in the address of a view: few of them by position, many by the name under which the store keeps them.

A saved slice can stand in the address too; it names rows of the data, and is looked up among the points of the view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from registry.errors import WorkbenchError
from workbench.app.parts import permalink
from workbench.runs.automatic import name_of as name_of_slice

if TYPE_CHECKING:
    from registry.arrays import Array
    from workbench.store import Store


def start(store: Store, data: str | None, rows: Array, key: str) -> Array:
    """Positions that the address selects when the view is first drawn, int64; the same ones as long as it is shown.

    ``rows`` are the data rows of the points; a slice is looked up among them.
    """
    if key not in st.session_state:
        st.session_state[key] = _from_address(store, data, rows)
    return np.asarray(st.session_state[key], dtype=np.int64)


def begin_anew(key: str, positions: Any) -> None:
    """Let the view start again with these positions selected."""
    st.session_state[key] = np.asarray(positions, dtype=np.int64)


def keep(store: Store, data: str | None, rows: Array, chosen: Any, key: str) -> None:
    """Make what is selected part of the address."""
    positions = np.asarray(chosen, dtype=np.int64)
    written = (permalink.get("slice"), permalink.get("selected"), permalink.get("selection"))
    place = f"{key}.written"
    before = st.session_state.get(place)
    if before is not None and before[0] == written and np.array_equal(before[1], positions):
        return  # nothing has changed since: a million rows need not be looked through again
    named = _slice_positions(store, data, rows, permalink.get("slice"))
    if len(positions) and named is not None and np.array_equal(named, positions):
        permalink.put(selected=None, selection=None)
    else:
        short = permalink.rows_text(positions.tolist()) if len(positions) <= permalink.MOST_ROWS else None
        permalink.put(selected=short, slice=None, selection=None if short else name_of(store, len(rows), positions))
    written = (permalink.get("slice"), permalink.get("selected"), permalink.get("selection"))
    st.session_state[place] = (written, positions)


def name_of(store: Store, length: int, positions: Any) -> str | None:
    """The name under which the store keeps a selection among ``length`` points; nothing for an empty one."""
    chosen = np.asarray(positions, dtype=np.int64)
    return store.keep_selection(length, chosen) if len(chosen) else None


def named(store: Store, length: int, name: str | None) -> Array:
    """Positions of a kept selection among ``length`` points; none when it is not known or of other points."""
    found = store.kept_selection(name, length) if name else None
    return np.empty(0, dtype=np.int64) if found is None else np.asarray(found, dtype=np.int64)


def automatic(store: Store, source: str, rows: Array, origin: str, stem: str) -> str:
    """Name of a slice with these rows that nobody had to name: the stem and the beginning of their hash.

    The same rows have the same name, so that asking twice does not make a second one.

    Raises
    ------
    StoreError
        When there are no rows, or the store cannot be written to.
    """
    chosen = np.unique(np.asarray(rows, dtype=np.int64))
    name = name_of_slice(source, chosen, stem)
    if name not in {one.name for one in store.slices(source)}:
        store.save_slice(name, source, chosen, note="kept for an analysis of a selection", origin=origin)
    return name


def _from_address(store: Store, data: str | None, rows: Array) -> Array:
    of_slice = _slice_positions(store, data, rows, permalink.get("slice"))
    if of_slice is not None:
        return of_slice
    kept = named(store, len(rows), permalink.get("selection"))
    return kept if len(kept) else np.array(permalink.rows("selected", len(rows)), dtype=np.int64)


def _slice_positions(store: Store, data: str | None, rows: Array, name: str | None) -> Array | None:
    if name is None or data is None:
        return None
    try:
        found = store.slice(name)
    except WorkbenchError:
        return None
    return np.flatnonzero(np.isin(rows, found.rows())) if found.data == data else None
