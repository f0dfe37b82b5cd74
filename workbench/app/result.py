# SPDX-License-Identifier: Apache-2.0
"""A run drawn: by the view of its plugin where there is one, else every part of its result in turn."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

import streamlit as st

from workbench.app import engine
from workbench.app.parts import charts, contact_sheet, errors, metrics, status, text, words
from workbench.app.parts.view_context import ViewContext

if TYPE_CHECKING:
    from registry.result import Finding
    from workbench.store import RunRecord, StoredResult

_SEVERITY = {
    "serious": (":material/priority_high:", st.error),
    "warning": (":material/flag:", st.warning),
    "info": (":material/info:", st.info),
}


def draw(record: RunRecord) -> None:
    """The state of a run: progress while it goes on, why it has no result, or the result."""
    if record.status in ("queued", "running"):
        status.progress(record.id)
        return
    if record.status != "done":
        status.failure(record)
        return
    with errors.shown("Showing this result"):
        stored = engine.result_of(record)
        findings(stored.findings)
        notes(stored.notes)
        analysis = engine.analysis_of(record.analysis)
        module = analysis.view() if analysis is not None else None
        if module is None:
            generic(stored, record)
            return
        view = ViewContext(record, stored, engine.store(), engine.catalogue())
        try:
            importlib.import_module(module).draw(view)
        except Exception:
            st.warning("The view of this analysis does not work; its result is shown part by part.")
            generic(stored, record)
            raise


def findings(found: list[Finding]) -> None:
    """What the run states, the gravest first."""
    for severity, (icon, box) in _SEVERITY.items():
        for one in found:
            if one.severity == severity:
                box(_finding(one), icon=icon)


def _finding(one: Finding) -> str:
    numbers = [f"measured {words.number(one.value)}"]
    if one.low is not None and one.high is not None:
        numbers.append(f"interval {words.number(one.low)} to {words.number(one.high)}")
    if one.threshold is not None:
        numbers.append(f"threshold {words.number(one.threshold)}")
    if one.n is not None:
        numbers.append(f"n = {one.n:,}")
    lines = [f"**{text.plain(one.statement, 600)}**", text.plain(", ".join(numbers))]
    if one.wrong_if:
        lines.append(f"Wrong if {text.plain(one.wrong_if, 400)}")
    return "  \n".join(lines)


def notes(sentences: list[str]) -> None:
    """What must be read with the result."""
    if sentences:
        st.markdown("\n".join(f"- {text.plain(one, 800)}" for one in sentences))


def generic(stored: StoredResult, record: RunRecord) -> None:
    """Every part of a result: numbers, charts, pictures, tables; arrays by their shape."""
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
