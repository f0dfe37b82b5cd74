# SPDX-License-Identifier: Apache-2.0
"""Saving an edited code to a file, and keeping the edit as a named direction."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import text

if TYPE_CHECKING:
    from plugins.editor.editing import Edit, Float64
    from plugins.editor.ground import Ground
    from workbench.store import DirectionRecord


def about(ground: Ground, edit: Edit, share: float) -> dict[str, Any]:
    """How an edit came about, as plain JSON values: with it and the start the code can be made again."""
    start = ground.start
    return {
        "analysis": "editor",
        "method": "edit",
        "model": ground.model,
        "fingerprint": ground.description.fingerprint,
        "space": ground.space,
        "start": {
            name: value
            for name, value in {
                "kind": start.kind,
                "data": start.data,
                "row": start.row,
                "seed": start.seed,
                "slice": start.slice,
                "run": start.run,
                "at": start.at,
            }.items()
            if value != "" or name == "kind"
        },
        "edit": edit.text(),
        "steps": dict(edit.steps),
        "axes": {str(number): amount for number, amount in edit.axes},
        "random": {"seed": edit.seed, "steps": edit.random} if edit.random else None,
        "hold": list(edit.hold),
        "cap": edit.cap if edit.cap != "length" else edit.limit,
        "share_after_cap": share,
    }


def npz(ground: Ground, code: Float64, told: dict[str, Any]) -> bytes:
    """The code before and after as an ``.npz`` archive, with what was done as JSON text."""
    buffer = io.BytesIO()
    np.savez(buffer, code=code.astype(np.float32), start=ground.code.astype(np.float32), about=json.dumps(told))
    return buffer.getvalue()


def safetensors(ground: Ground, code: Float64, told: dict[str, Any]) -> bytes:
    """The same as a safetensors file."""
    from safetensors.numpy import save

    tensors = {"code": code.astype(np.float32), "start": ground.code.astype(np.float32)}
    return bytes(save(tensors, metadata={"about": json.dumps(told)}))


def keep(ground: Ground, edit: Edit, code: Float64, name: str, note: str) -> DirectionRecord:
    """Keep what was moved, at its full length, as a named direction; raises :class:`StoreError`."""
    _, share = ground.applied(edit)
    return engine.store().save_direction(
        name,
        model=ground.model,
        fingerprint=ground.description.fingerprint,
        space=ground.space,
        vector=code - ground.code,
        how={**about(ground, edit, share), "note": note},
        card={},
    )


def draw(ground: Ground, edit: Edit, code: Float64) -> None:
    """Draw the panel."""
    _, share = ground.applied(edit)
    told = about(ground, edit, share)
    with st.container(key="beside-keeping"):
        left, right = st.columns([5, 6], gap="large")
    with left:
        st.markdown("**Save the edited code**")
        st.caption("The code before and after, and how it was made: with the JSON it can be made again.")
        files = {
            "npz": ("npz", npz(ground, code, told), "application/octet-stream"),
            "safetensors": ("safetensors", safetensors(ground, code, told), "application/octet-stream"),
            "JSON": ("json", json.dumps({**told, "code": code.tolist()}, indent=1).encode(), "application/json"),
        }
        with st.container(horizontal=True):
            for label, (ending, content, kind) in files.items():
                st.download_button(
                    label,
                    content,
                    f"{ground.model}-code.{ending}",
                    kind,
                    icon=":material/download:",
                    on_click="ignore",
                    key=f"{ground.key}.save.{ending}",
                )
    with right:
        st.markdown("**Keep the edit as a direction**")
        if not edit.moves:
            st.caption("Nothing is moved yet. Once it is, the whole edit can have a name and a slider of its own.")
            return
        with st.form(f"{ground.key}.keep", border=True):
            name = st.text_input("Name", max_chars=80, placeholder="older-and-smiling", key=f"{ground.key}.name")
            note = st.text_input("Note", max_chars=400, placeholder="What changes along it", key=f"{ground.key}.note")
            asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
        if asked:
            try:
                kept = keep(ground, edit, code, name.strip(), note.strip())
            except WorkbenchError as error:
                st.error(text.sentence(error, 300), icon=":material/error:")
                return
            st.session_state[f"{ground.key}.kept"] = kept.name
            st.rerun()  # the whole page: the direction has a slider now
        if said := st.session_state.pop(f"{ground.key}.kept", None):
            st.success(f"Kept as **{text.plain(said)}**: one step of it is this whole edit.")
