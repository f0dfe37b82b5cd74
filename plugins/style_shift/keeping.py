# SPDX-License-Identifier: Apache-2.0
"""Keeping a style vector as a named direction, with the effect that was measured of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import DirectionRecord, Store, StoredResult

CARD: Final = (
    "style_gain",
    "style_gain_random",
    "style_gain_from",
    "content_kept",
    "content_kept_random",
    "content_retrieved",
    "probe_accuracy",
)


def keep(store: Store, run: Any, result: StoredResult, name: str, note: str = "") -> DirectionRecord:
    """Keep the difference of the means under ``name``, at its full length: one step is the whole shift.

    Raises :class:`StoreError` when the name is taken or cannot be one.
    """
    model = result.manifest["preimage"]["model"]
    known = result.metrics
    card: dict[str, Any] = {
        one: {"value": known[one].value, "low": known[one].low, "high": known[one].high, "n": known[one].n}
        for one in CARD
        if one in known and np.isfinite(known[one].value)
    }
    if "style_gain" in card:
        card["effect"] = card["style_gain"]
    return store.save_direction(
        name,
        model=run.model,
        fingerprint="" if model is None else model["fingerprint"],
        space=space_of(store, run),
        vector=np.asarray(result.array("difference")),
        how={
            "analysis": run.analysis,
            "version": run.analysis_version,
            "run": run.id,
            "seed": run.seed,
            "data": run.data,
            "array": "difference",
            "params": run.params,
            "note": note,
        },
        card=card,
    )


def space_of(store: Store, run: Any) -> str:
    """The space that the texts of a run were read into."""
    from workbench.runs import describe

    return str(describe(store, run.model).maps[str(run.params["embed"])].target)


def form(view: ViewContext, source: str, target: str) -> None:
    """A small form that gives the vector a name."""
    import streamlit as st

    from registry.errors import WorkbenchError
    from workbench.app.parts import text

    with st.form(view.key("keep"), border=True):
        st.markdown("**Keep this style vector as a direction**")
        name = st.text_input("Name", value=f"{target}-against-{source}"[:80].replace("_", "-"), max_chars=80)
        note = st.text_input("Note", placeholder="What changes along it", max_chars=400)
        asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
    if asked:
        try:
            keep(view.store, view.run, view.result, name.strip(), note.strip())
        except WorkbenchError as error:
            st.error(text.sentence(error, 400))
    for one in view.store.directions(view.run.model):
        if one.how.get("run") == view.run.id:
            st.success(
                f"Kept as **{text.plain(one.name)}**: one step is the whole way from {text.plain(source)} to "
                f"{text.plain(target)}. Read it with `workbench directions show {one.name}`."
            )
