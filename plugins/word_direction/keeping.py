# SPDX-License-Identifier: Apache-2.0
"""Keeping a direction between words under a name, with its step, its card, and how it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.word_direction.results import as_card

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import DirectionRecord


def form(view: ViewContext, row: Any) -> None:
    """A small form that gives the direction a name."""
    import streamlit as st

    from registry.errors import WorkbenchError
    from workbench.app.parts import text

    with st.form(view.key(f"keep.{int(row['vector'])}"), border=True):
        st.markdown("**Keep this direction**")
        name = st.text_input("Name", value=str(row["direction"])[:80], max_chars=80)
        asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
    if asked:
        try:
            keep(view, row, name.strip())
        except WorkbenchError as error:
            st.error(text.sentence(error, 400))
    for one in view.store.directions(view.run.model, space_of(view)):
        if one.how.get("run") == view.run.id and one.how.get("index") == int(row["vector"]):
            st.success(f"Kept as **{text.plain(one.name)}**: one step is the mean difference of the pairs.")


def space_of(view: ViewContext) -> str:
    """The space that the direction is one of: the target of the run's map."""
    return str(view.result.table("directions")["space"].iloc[0])


def keep(view: ViewContext, row: Any, name: str) -> DirectionRecord:
    """Keep the direction of a row of the table ``directions``, as long as one step; raises :class:`StoreError`."""
    model = view.result.manifest["preimage"]["model"]
    at = int(row["vector"])
    return view.store.save_direction(
        name,
        model=view.run.model,
        fingerprint="" if model is None else model["fingerprint"],
        space=space_of(view),
        vector=np.asarray(view.result.array("directions")[at], dtype=np.float64),
        how={
            "analysis": view.run.analysis,
            "version": view.run.analysis_version,
            "run": view.run.id,
            "seed": view.run.seed,
            "data": view.run.data,
            "direction": str(row["direction"]),
            "method": str(row["method"]),
            "array": "directions",
            "index": at,
            "params": view.run.params,
        },
        card=as_card(row),
    )
