# SPDX-License-Identifier: Apache-2.0
"""Selected points in the address of a view: few of them by position, many as a saved slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from registry.errors import WorkbenchError
from workbench.app.parts import permalink

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


def keep(store: Store, data: str | None, rows: Array, chosen: Any) -> bool:
    """Write what is selected to the address; tells whether it fits there."""
    positions = np.asarray(chosen, dtype=np.int64)
    named = _slice_positions(store, data, rows, permalink.get("slice"))
    if len(positions) and named is not None and np.array_equal(named, positions):
        permalink.put(selected=None)
        return True
    written = permalink.rows_text(positions.tolist())
    permalink.put(selected=written, slice=None)
    return written is not None or len(positions) == 0


def _from_address(store: Store, data: str | None, rows: Array) -> Array:
    named = _slice_positions(store, data, rows, permalink.get("slice"))
    if named is not None:
        return named
    return np.array(permalink.rows("selected", len(rows)), dtype=np.int64)


def _slice_positions(store: Store, data: str | None, rows: Array, name: str | None) -> Array | None:
    if name is None or data is None:
        return None
    try:
        found = store.slice(name)
    except WorkbenchError:
        return None
    return np.flatnonzero(np.isin(rows, found.rows())) if found.data == data else None
