# SPDX-License-Identifier: Apache-2.0
"""A run of another analysis that is asked for on the page of a run, and shown there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import errors, links, permalink, pictures, status, text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from workbench.store import RunRecord

_LOOKS_AGAIN = 0.3  # seconds: such runs are short


def applies(analysis: str, run: RunRecord) -> str:
    """Why an analysis cannot be asked for on the subject of a run, in a sentence; empty when it can."""
    if engine.analysis_of(analysis) is None:
        return f"The plugin with the analysis {analysis} is not loaded."
    if run.model is None and run.data is None:
        return "These are bare points: add them as a data set to analyse a part of them."
    return ""


def submit(run: RunRecord, analysis: str, params: Mapping[str, Any]) -> RunRecord | None:
    """Ask for a run on the same model, data, slice and seed; a stored one is given back. Errors are shown.

    Data that the run names but whose rows its points are not (they are draws from a prior) are left out: slices of
    the points are then slices of draws, which no run on rows of data takes.
    """
    from workbench.runs import RunSpec
    from workbench.runs import submit as asked

    try:
        data = pictures.source_of(run, engine.result_of(run))
        spec = RunSpec(analysis, run.model, data, slice=run.slice, params=dict(params), seed=run.seed)
        return asked(engine.store(), spec)
    except WorkbenchError as error:
        errors.show(str(error))
        return None


def show(parameter: str, analysis: str, prefix: str, about: Callable[[Mapping[str, Any]], str] | None = None) -> None:
    """The run that ``parameter`` of the address names: its progress, or its result drawn inside this page.

    ``about`` says of its parameters what must be known before it is read; nothing where there is nothing to say.
    """
    chosen = permalink.run_id(parameter)
    if chosen is None:
        return
    try:
        record = engine.store().run(chosen)
    except WorkbenchError as error:
        st.warning(text.sentence(error, 300), icon=":material/search_off:")
        return
    if record.analysis != analysis:
        st.warning("The address names a run of another analysis here.", icon=":material/search_off:")
        return
    if not record.ended:
        status.progress(record.id, every=_LOOKS_AGAIN)
        return
    from workbench.app import result

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        status.badge(record.status)
        links.link(
            "runs", f"Run {record.id}", icon=":material/open_in_new:", run=record.id, help="This result on its own page"
        )
        if st.button("Close", icon=":material/close:", type="tertiary", key=f"close.{parameter}.{record.id}"):
            permalink.put(**{parameter: None})
            st.rerun()
    told = about(record.params) if about is not None else ""
    if told:
        st.info(told, icon=":material/history:")
    result.draw(record, prefix=prefix)
