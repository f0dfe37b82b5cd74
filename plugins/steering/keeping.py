# SPDX-License-Identifier: Apache-2.0
"""Keeping the direction under a name, with its measured effect and side effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import DirectionRecord


def form(view: ViewContext) -> None:
    """A small form that gives the direction a name; nothing where the run used one that is kept already."""
    import streamlit as st

    from registry.errors import WorkbenchError
    from workbench.app.parts import text

    if view.run.params["kept"]:
        return
    with st.form(view.key("keep"), border=True):
        st.markdown("**Keep this direction of the layer**")
        name = st.text_input("Name", value=f"{told(view, 'toward')}-against-{told(view, 'away')}"[:80], max_chars=80)
        asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
    if asked:
        try:
            keep(view, name.strip())
        except WorkbenchError as error:
            st.error(text.sentence(error, 400))
    for one in view.store.directions(view.run.model, told(view, "layer")):
        if one.how.get("run") == view.run.id:
            st.success(f"Kept as **{text.plain(one.name)}**, with its length: scale 1 is the distance of the means.")


def told(view: ViewContext, name: str) -> str:
    """What the run was of: its groups and its layer."""
    return str(view.result.table("subject").iloc[0][name])


def keep(view: ViewContext, name: str) -> DirectionRecord:
    """Keep the direction at its full length under ``name``; raises :class:`StoreError`."""
    model = view.result.manifest["preimage"]["model"]
    card: dict[str, Any] = {
        key: {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
        for key, one in view.result.metrics.items()
        if np.isfinite(one.value)
    }
    return view.store.save_direction(
        name,
        model=view.run.model,
        fingerprint="" if model is None else model["fingerprint"],
        space=told(view, "layer"),
        vector=np.asarray(view.result.array("direction"), dtype=np.float64),
        how={
            "analysis": view.run.analysis,
            "version": view.run.analysis_version,
            "run": view.run.id,
            "seed": view.run.seed,
            "data": view.run.data,
            "params": view.run.params,
        },
        card=card,
    )
