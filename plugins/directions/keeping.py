# SPDX-License-Identifier: Apache-2.0
"""Keeping a direction of the table under a name, with its length, its card, and how it was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import DirectionRecord

CARD = (
    *("effect", "selectivity", "leak_share", "p_adjusted", "monotonicity", "linearity", "identity", "locality"),
    *("unusual", "stability", "recognised", "strength", "random_effect"),
)


def form(view: ViewContext, row: Any) -> None:
    """A small form that gives the direction a name."""
    import streamlit as st

    from registry.errors import WorkbenchError
    from workbench.app.parts import text

    with st.form(view.key(f"keep.{int(row['vector'])}"), border=True):
        st.markdown("**Keep this direction**")
        offered = str(row["direction"]).replace(" ", "-").replace("=", "-")[:80]
        name = st.text_input("Name", value=offered, max_chars=80)
        asked = st.form_submit_button("Keep", type="primary", icon=":material/bookmark_add:")
    if asked:
        try:
            keep(view, row, name.strip())
        except WorkbenchError as error:
            st.error(text.sentence(error, 400))
    for one in view.store.directions(view.run.model, str(view.run.params["space"])):
        if one.how.get("run") == view.run.id and one.how.get("direction") == row["direction"]:
            st.success(f"Kept as **{text.plain(one.name)}**: one step is one standard deviation of the codes.")


def keep(view: ViewContext, row: Any, name: str) -> DirectionRecord:
    """Keep the direction of a row of the table, as long as one step; raises :class:`StoreError`."""
    model = view.result.manifest["preimage"]["model"]
    vector = np.asarray(view.result.array("vectors")[int(row["vector"])], dtype=np.float64) * float(row["step"])
    n = int(view.result.table("attributes")["n"].iloc[0])
    card = {one: {"value": float(row[one]), "n": n} for one in CARD if np.isfinite(row[one])}
    for one in ("effect", "selectivity", "identity"):
        if one in card:
            card[one] |= {"low": float(row[f"{one}_low"]), "high": float(row[f"{one}_high"])}
    return view.store.save_direction(
        name,
        model=view.run.model,
        fingerprint="" if model is None else model["fingerprint"],
        space=str(view.run.params["space"]),
        vector=vector,
        how={
            "analysis": view.run.analysis,
            "version": view.run.analysis_version,
            "run": view.run.id,
            "seed": view.run.seed,
            "data": view.run.data,
            "direction": str(row["direction"]),
            "method": str(row["method"]),
            "array": "vectors",
            "index": int(row["vector"]),
            "attribute": str(row["attribute"]),
            "params": view.run.params,
        },
        card={**card, "attribute": str(row["attribute"])},
    )
