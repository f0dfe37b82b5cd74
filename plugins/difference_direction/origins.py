# SPDX-License-Identifier: Apache-2.0
"""Where the groups come from: slices drawn on a map of the very space that the direction is in."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext


def selected_on_a_map(view: ViewContext) -> list[str]:
    """Those of the run's slices that were selected on a projection of the space that the direction is in."""
    names = [view.run.params[side] for side in ("toward", "away")]
    return [name for name in names if name is not None and _on_map(view, name)]


def _on_map(view: ViewContext, name: str) -> bool:
    from registry.errors import StoreError

    try:
        origin = view.store.slice(name).origin
        if not origin.startswith("run "):
            return False
        run = view.store.run(origin.removeprefix("run "))
    except StoreError:  # the slice or its run has been deleted since: then nothing is known of it
        return False
    same = (run.model, run.params.get("space")) == (view.run.model, view.run.params["space"])
    return run.analysis == "projection" and same
