# SPDX-License-Identifier: Apache-2.0
"""Keeping a concept's vector as a named direction of its layer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import DirectionRecord

CARD: Final = ("score", "slope", "agreement", "accuracy")
ALONE: Final = ("p", "p_slope", "control", "random_accuracy", "random_agreement")


def form(view: ViewContext, row: Any) -> None:
    """A small form that gives the vector a name."""
    import streamlit as st

    from registry.errors import WorkbenchError
    from workbench.app.parts import text
    from workbench.runs.automatic import is_automatic

    with st.form(view.key(f"keep.{int(row['vector'])}"), border=True):
        st.markdown("**Keep this direction of the layer**")
        params = view.run.params
        concept = params["concept"] or f"{params['by']}-{params['value']}"
        unnamed = params["concept"] is not None and is_automatic(str(params["concept"]))
        name = st.text_input("Name", value="" if unnamed else f"{concept}-at-{row['layer']}"[:80], max_chars=80)
        asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
    if asked:
        try:
            keep(view, row, name.strip())
        except WorkbenchError as error:
            st.error(text.sentence(error, 400))
    for one in view.store.directions(view.run.model, str(row["layer"])):
        if one.how.get("run") == view.run.id:
            st.success(f"Kept as **{text.plain(one.name)}**: one step is one standard deviation of the layer's points.")


def keep(view: ViewContext, row: Any, name: str) -> DirectionRecord:
    """Keep the vector of a row of the table ``layers``, as long as one step; raises :class:`StoreError`."""
    model = view.result.manifest["preimage"]["model"]
    card: dict[str, Any] = {one: {"value": float(row[one])} for one in (*CARD, *ALONE) if np.isfinite(row[one])}
    for one, stem in zip(CARD, ("", "slope_", "agreement_", "accuracy_"), strict=True):
        if one in card:
            card[one] |= {"low": float(row[f"{stem}low"]), "high": float(row[f"{stem}high"])}
    return view.store.save_direction(
        name,
        model=view.run.model,
        fingerprint="" if model is None else model["fingerprint"],
        space=str(row["layer"]),
        vector=vector_of(view, row).astype(np.float64) * float(row["step"]),
        how={
            "analysis": view.run.analysis,
            "version": view.run.analysis_version,
            "run": view.run.id,
            "seed": view.run.seed,
            "data": view.run.data,
            "params": view.run.params,
        },
        card={**card, "n": int(row["exemplars"])},
    )


def vector_of(view: ViewContext, row: Any) -> Any:
    """The concept's vector at the layer of a row, float32 ``[width]``."""
    name = f"vector.{int(row['vector'])}"
    return np.asarray(view.result.array(name if name in view.result.arrays else "vector"))
