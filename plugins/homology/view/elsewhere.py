# SPDX-License-Identifier: Apache-2.0
"""From the samples of a bar to the projections of the same rows: there they are selected, among all other points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app.parts import errors, links, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext
    from workbench.store import RunRecord

ANALYSIS = "projection"
LOOKED_AT, LISTED = 60, 8


def draw(view: ViewContext, rows: Any) -> None:
    """A list of projections; the chosen one opens with these rows, kept as a slice, selected on its map."""
    if view.sliced is None or not len(rows):
        return
    with st.popover("See them on a projection", icon=":material/scatter_plot:"):
        found = projections(view)
        if not found:
            st.markdown("There is no projection of these rows yet. Run one; its map then opens with them selected.")
            links.link("projection", "Project them", icon=":material/play_arrow:", **_subject(view))
        for one in found:
            if st.button(_label(one), key=view.key(f"on.{one.id}"), type="tertiary", icon=":material/open_in_new:"):
                with errors.shown("Keeping these samples as a slice"):
                    links.go("runs", run=one.id, slice=view.slice_of(rows, "loop"))
        if found:
            st.caption(f"{text.counted(len(rows), 'sample')}, kept as a slice and selected there.")


def projections(view: ViewContext) -> list[RunRecord]:
    """Finished projections whose points are rows of the same data, or of the same draws; the newest first."""
    recent = view.store.runs(analysis=ANALYSIS, status="done", limit=LOOKED_AT)
    names = " ".join(one.id for one in recent)
    return view.kept(f"projections {names}", lambda: [one for one in recent if _of_these(view, one)][:LISTED])


def _of_these(view: ViewContext, run: RunRecord) -> bool:
    from workbench.runs import slice_source

    try:
        return slice_source(run, view.store.result(run.id)) == view.sliced
    except WorkbenchError:  # its files are gone
        return False


def _label(run: RunRecord) -> str:
    names = {"tsne": "t-SNE", "umap": "UMAP", "pca": "PCA"}
    method = str(run.params.get("method"))
    of = f" of {run.model}" if run.model else ""
    return text.plain(f"{names.get(method, method)} of {run.params.get('space')}{of} · run {run.id}", 120)


def _subject(view: ViewContext) -> dict[str, Any]:
    return {"model": view.run.model, "data": view.data}
