# SPDX-License-Identifier: Apache-2.0
"""Saving selected rows as a named slice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.cards import NAME
from registry.errors import WorkbenchError
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.store import Store


def save_form(store: Store, data: str | None, rows: Any, origin: str, key: str) -> None:
    """A button that opens a form for the name; says why when there is nothing to save."""
    if data is None:
        st.caption("A slice is a selection of rows of a data set; these points do not come from one.")
        return
    with (
        st.popover("Save as slice", icon=":material/bookmark_add:", disabled=len(rows) == 0),
        st.form(f"{key}.form", border=False),
    ):
        st.markdown(f"{text.counted(len(rows), 'row')} of {text.plain(data)}")
        name = st.text_input("Name", key=f"{key}.name", placeholder="mixed-up-fours", max_chars=80)
        note = st.text_input("Note", key=f"{key}.note", placeholder="What these have in common", max_chars=400)
        if st.form_submit_button("Save", type="primary"):
            _save(store, name.strip(), data, rows, note, origin)


def _save(store: Store, name: str, data: str, rows: Any, note: str, origin: str) -> None:
    if not NAME.fullmatch(name):
        st.error("A slice needs a name of lower-case letters, digits, dots, dashes and underscores.")
        return
    try:
        store.save_slice(name, data, rows, note=note, origin=origin)
    except WorkbenchError as error:
        st.error(text.sentence(error, 400))
        return
    st.query_params["slice"] = name
    st.success(f"Saved. Every analysis on {text.plain(data)} can now take the slice {text.plain(name)}.")
