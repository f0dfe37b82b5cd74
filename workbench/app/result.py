# SPDX-License-Identifier: Apache-2.0
"""A run drawn: by the view of its plugin where there is one, else every part of its result in turn."""

from __future__ import annotations

import contextlib
import importlib
from typing import TYPE_CHECKING

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import charts, contact_sheet, errors, findings, metrics, provenance, status, text, words
from workbench.app.parts.view_context import ViewContext

if TYPE_CHECKING:
    from workbench.store import RunRecord, StoredResult


def draw(record: RunRecord, *, prefix: str = "") -> None:
    """The state of a run: progress while it goes on, why it has no result, or the result.

    ``prefix`` stands before the view's parameters in the address, so that a result can be drawn on another's page.
    """
    if record.status in ("queued", "running"):
        status.progress(record.id)
        return
    if record.status != "done":
        status.failure(record)
        return
    with errors.shown("Showing this result"):
        stored = engine.result_of(record)
        analysis = engine.analysis_of(record.analysis)
        module = analysis.view() if analysis is not None else None
        if module is None:
            generic(stored, record)
            return
        if told := provenance.changed(record, stored):
            st.warning(text.sentence(told), icon=":material/sync_problem:")
        view = ViewContext(record, stored, engine.store(), engine.catalogue(), prefix=prefix)
        try:
            importlib.import_module(module).draw(view)
        except WorkbenchError as error:  # it says itself what is missing; the rest of the result is shown
            errors.show(str(error))
            with contextlib.suppress(WorkbenchError):
                generic(stored, record)
            return
        except Exception:
            st.warning("The view of this analysis does not work; its result is shown part by part.")
            generic(stored, record)
            raise
        view.rest()


def generic(stored: StoredResult, record: RunRecord) -> None:
    """Every part of a result: findings, notes, numbers, charts, pictures, tables; arrays by their shape."""
    findings.draw(stored.findings)
    findings.notes(stored.notes)
    metrics.draw(stored.metrics, record.seed)
    for name in stored.charts:
        st.subheader(text.plain(words.label(name)))
        charts.draw(stored.chart(name), name)
    for name in stored.images:
        st.subheader(text.plain(words.label(name)))
        pixels = stored.image(name)
        st.image(contact_sheet.png(contact_sheet.enlarge(pixels, 160)), alt=text.one_line(words.label(name)))
    for name in stored.tables:
        st.subheader(text.plain(words.label(name)))
        st.dataframe(stored.table(name), hide_index=True, alt=text.one_line(words.label(name)))
    if stored.arrays:
        st.subheader("Arrays")
        rows = [(name, stored.array(name)) for name in stored.arrays]
        st.table(
            {
                "Array": [text.plain(name) for name, _ in rows],
                "Shape": [text.plain(" × ".join(map(str, one.shape))) for _, one in rows],
                "Numbers": [text.plain(one.dtype) for _, one in rows],
                "Size": [words.size(one.nbytes) for _, one in rows],
            },
            hide_index=True,
        )
        st.caption("Read them with `workbench export`, or as arrays of the result in Python.")
