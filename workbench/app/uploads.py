# SPDX-License-Identifier: Apache-2.0
"""Points that a reader brings: uploaded once, kept under the store by their hash, registered by a name."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path
from typing import Final

import streamlit as st

from registry.cards import NAME
from registry.errors import WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import text

KINDS: Final = ("npy", "npz", "csv", "parquet", "safetensors")


def draw(key: str) -> None:
    """A folded form that takes a file of points."""
    with (
        st.expander("Upload points", icon=":material/upload:"),
        st.form(f"{key}.upload", border=False, clear_on_submit=True),
    ):
        given = st.file_uploader("A file with one row for each point", type=list(KINDS), key=f"{key}.file")
        name = st.text_input("Name", key=f"{key}.name", placeholder="by default the name of the file", max_chars=80)
        if st.form_submit_button("Add") and given is not None:
            try:
                added = add(given.name, given.getvalue(), name.strip())
            except WorkbenchError as error:
                st.error(text.sentence(error, 400))
                return
            st.query_params["data"] = added
            st.query_params.pop("run", None)
            st.rerun()


def add(file_name: str, content: bytes, name: str = "") -> str:
    """Keep and register a file; its own name is used for nothing but a suggestion. Gives the name of the data set.

    Raises :class:`WorkbenchError` for a file that cannot be read as points.
    """
    from workbench.data import open_path

    store = engine.store()
    chosen = name or suggested(file_name)
    if not NAME.fullmatch(chosen):
        raise WorkbenchError(f"'{chosen}' cannot name a data set: use lower-case letters, digits, '.', '-' and '_'")
    if chosen in engine.catalogue().datasets or chosen in {one.name for one in store.datasets()}:
        raise WorkbenchError(f"there is a data set '{chosen}' already: give this one another name")
    ending = Path(file_name).suffix.lower().lstrip(".")
    if ending not in KINDS:
        raise WorkbenchError(f"a file of points ends with {', '.join('.' + one for one in KINDS)}")
    folder = Path(store.root) / "uploads"
    folder.mkdir(exist_ok=True)
    path = folder / f"{hashlib.sha256(content).hexdigest()}.{ending}"
    kept = path.exists()
    if not kept:  # the same bytes are never written again: a run may be reading them through a memory map
        fresh = folder / f".{secrets.token_hex(8)}"
        fresh.write_bytes(content)
        fresh.replace(path)
    try:
        len(open_path(path))
        store.add_dataset(chosen, path, {})
    except BaseException as error:
        if not kept:
            path.unlink()
        if isinstance(error, WorkbenchError):
            raise WorkbenchError(str(error).replace(path.name, text.one_line(file_name, 80))) from error
        raise
    subjects.forget()
    return chosen


def suggested(file_name: str) -> str:
    """A name for a data set made from a file's.

    >>> suggested("My Points (2).npy")
    'my-points-2'
    """
    return re.sub(r"[^a-z0-9._-]+", "-", Path(file_name).stem.lower()).strip("-._")[:80] or "points"
