# SPDX-License-Identifier: Apache-2.0
"""Keeping a direction under a name: what goes with its vector, and the form for it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.difference_direction.origins import selected_on_a_map

if TYPE_CHECKING:
    from registry.result import Metric
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import DirectionRecord, RunRecord


def how_found(run: RunRecord, manifest: Mapping[str, Any], note: str) -> dict[str, Any]:
    """How the direction came about: analysis, run, seed, and the slices with the hashes of their rows."""
    return {
        "analysis": run.analysis,
        "version": run.analysis_version,
        "run": run.id,
        "seed": run.seed,
        "data": run.data,
        "limit": run.params["limit"],
        "toward": _slice(run, manifest, "toward"),
        "away": _slice(run, manifest, "away"),
        "note": note,
    }


def _slice(run: RunRecord, manifest: Mapping[str, Any], side: str) -> dict[str, Any] | None:
    """Name of a slice, the hash of its rows and what they are rows of; ``None`` for the rest."""
    name = run.params[side]
    if name is None:
        return None
    known = manifest["preimage"]["slices"][name]
    rows, of = (known["rows"], known["of"]) if isinstance(known, Mapping) else (known, run.data)
    return {"slice": name, "rows_sha256": rows, "of": of}


def card_of(metrics: Mapping[str, Metric]) -> dict[str, Any]:
    """The numbers of the run by name; what is not defined is left out."""
    card: dict[str, Any] = {}
    for name, one in metrics.items():
        if np.isfinite(one.value):
            card[name] = {"value": one.value, "low": one.low, "high": one.high, "n": one.n}
    return card


def kept_from(view: ViewContext) -> list[DirectionRecord]:
    """The directions that were kept from this run."""
    found = view.store.directions(view.run.model, str(view.run.params["space"]))
    return [one for one in found if one.how.get("run") == view.run.id]


def form(view: ViewContext) -> None:
    """A small form that gives the direction a name; says where it is kept and how to read it."""
    import streamlit as st

    from registry.errors import WorkbenchError
    from workbench.app.parts import text
    from workbench.runs.automatic import is_automatic

    st.markdown("**Keep this direction**")
    with st.form(view.key("keep"), border=True):
        toward, away = str(view.run.params["toward"]), view.run.params["away"]
        # Slices that nobody named have a hash for a name: no name for a direction can be made of those.
        unnamed = any(is_automatic(one) for one in (toward, away or ""))
        offered = "" if unnamed else f"{toward}-against-{away or 'rest'}"[:80]
        name = st.text_input("Name", value=offered, max_chars=80, placeholder="with-glasses")
        note = st.text_input("Note", placeholder="What changes along it", max_chars=400)
        asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
    if asked:
        try:
            keep(view, name.strip(), note.strip())
        except WorkbenchError as error:
            st.error(text.sentence(error, 400))
    for one in kept_from(view):
        st.success(
            f"Kept as **{text.plain(one.name)}**, with its length: one step is the distance between the means. "
            f"Read it with `workbench directions show {one.name}`."
        )
    st.caption(
        f"It is kept in the store {text.plain(view.store.root)}, with the fingerprint of the model, the run, the "
        "slices and these numbers; analyses of directions take it by its name."
    )


def keep(view: ViewContext, name: str, note: str) -> DirectionRecord:
    """Keep the difference of the means (at its full length) under ``name``; raises :class:`StoreError`."""
    manifest = view.result.manifest
    model = manifest["preimage"]["model"]
    return view.store.save_direction(
        name,
        model=view.run.model,
        fingerprint="" if model is None else model["fingerprint"],
        space=str(view.run.params["space"]),
        vector=np.asarray(view.result.array("difference")),
        how={**how_found(view.run, manifest, note), "selected_on_a_map_of_the_space": selected_on_a_map(view)},
        card=card_of(view.result.metrics),
    )
