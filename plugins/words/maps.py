# SPDX-License-Identifier: Apache-2.0
"""The way from words to the map of their vocabulary: the newest one there is, and a new one."""

from __future__ import annotations

from workbench.app import engine
from workbench.app.parts import links

PROJECTION = "projection"


def link(model: str, space: str) -> None:
    """Links to the newest finished map of the space, and to the form that draws one."""
    if engine.analysis_of(PROJECTION) is None:
        return
    found = next(
        (
            one
            for one in engine.store().runs(model=model, analysis=PROJECTION, status="done", limit=50)
            if one.params.get("space") == space
        ),
        None,
    )
    if found is not None:
        links.link(PROJECTION, "The map of this vocabulary", icon=":material/scatter_plot:", run=found.id)
    else:
        links.link(PROJECTION, "Draw the map of this vocabulary", icon=":material/scatter_plot:", model=model)
