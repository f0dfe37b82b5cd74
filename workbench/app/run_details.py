# SPDX-License-Identifier: Apache-2.0
"""One run: its result, how to make it again, its parameters, manifest and log; and what another did differently."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine, result
from workbench.app.parts import errors, links, permalink, status, text, words
from workbench.runs import snippets

if TYPE_CHECKING:
    from workbench.store import RunRecord

_LOG_TAIL = 12_000


def draw(record: RunRecord) -> None:
    """Draw everything that is known of a run."""
    links.link("runs", "All runs", icon=":material/arrow_back:")
    st.title(text.plain(engine.title_of(record.analysis)))
    facts(record)
    actions(record)
    other = permalink.run_id("with")
    if other is not None:
        _compare(record, other)
        return
    result.draw(record)
    behind(record)


def facts(record: RunRecord) -> None:
    """Status, subject and circumstances on two lines."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        status.badge(record.status)
        st.markdown(text.plain(status.subject(record)), width="content")
    parts = [
        f"run {record.id}",
        f"seed {record.seed}",
        record.device or record.device_wanted,
        words.moment(record.created),
        f"took {status.took(record)}" if status.took(record) else "",
        f"version {record.analysis_version}" if record.analysis_version else "",
    ]
    st.caption(text.plain(" · ".join(filter(None, parts))))


def actions(record: RunRecord, *, here: bool = False) -> None:
    """Ways on from a run; ``here`` says that its form is on this page already."""
    analysis = engine.analysis_of(record.analysis)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.popover("Copy as code", icon=":material/code:"):
            st.code(snippets.as_code(record, analysis), language="python")
        with st.popover("Copy as command", icon=":material/terminal:"):
            st.code(snippets.as_command(record, analysis), language="bash", wrap_lines=True)
        others = [
            one
            for one in engine.store().runs(analysis=record.analysis, status="done", limit=30)
            if one.id != record.id and record.status == "done"
        ]
        if others:
            with st.popover("Compare", icon=":material/compare_arrows:"):
                for one in others[:12]:
                    told = [
                        one.id,
                        status.subject(one),
                        status.settings(one),
                        f"seed {one.seed}",
                        words.since(one.created),
                    ]
                    links.link("runs", text.plain(" · ".join(filter(None, told))), run=record.id, **{"with": one.id})
        if analysis is not None and not here:
            target = "projection" if record.analysis == "projection" else "analysis"
            links.link(target, "Change and run again", icon=":material/tune:", run=record.id, analysis=record.analysis)


def behind(record: RunRecord) -> None:
    """What lies behind the result, folded away: parameters, log, manifest."""
    with st.expander("Parameters", icon=":material/tune:"):
        _parameters(record)
    with st.expander("Log", icon=":material/subject:", expanded=record.status == "failed"):
        written, _ = engine.store().log(record.id)
        tail = written[-_LOG_TAIL:]
        if tail.strip():
            st.code(tail, language=None, wrap_lines=True, height=320 if tail.count("\n") > 14 else "content")
        else:
            st.caption("The run wrote nothing to its log.")
    if record.status == "done":
        with st.expander("Manifest", icon=":material/fingerprint:"), errors.shown("Reading the manifest"):
            st.json(engine.result_of(record).manifest, expanded=1)


def _parameters(record: RunRecord) -> None:
    if not record.params:
        st.caption("The analysis has no parameters.")
        return
    rows = {text.plain(name): text.plain(words.value(one), 300) for name, one in record.params.items()}
    st.table(
        {"Parameter": list(rows), "Value": list(rows.values())}, hide_index=True, border="horizontal", width="content"
    )


def _compare(record: RunRecord, prefix: str) -> None:
    try:
        other = engine.store().run(prefix)
    except WorkbenchError as error:
        st.warning(text.sentence(error, 300))
        return
    st.subheader("Compared with another run")
    with st.container(horizontal=True, gap="small"):
        links.link("runs", f"Only {record.id}", icon=":material/close:", run=record.id)
        links.link("runs", f"Only {other.id}", icon=":material/open_in_new:", run=other.id)
    st.markdown("**What differs**")
    differing = differences(record, other)
    if differing:
        st.table(
            {
                "": [text.plain(one[0]) for one in differing],
                record.id: [text.plain(one[1], 200) for one in differing],
                other.id: [text.plain(one[2], 200) for one in differing],
            },
            hide_index=True,
            border="horizontal",
        )
    else:
        st.caption("Nothing: both were asked for with the same subject, parameters and seed.")
    st.markdown("**Metrics**")
    st.table(_side_by_side(record, other), hide_index=True, border="horizontal")
    left, right = st.columns(2)
    for column, one in ((left, record), (right, other)):
        with column:
            st.markdown(f"**{one.id}**")
            picture = _picture(one)
            if picture is not None:
                st.image(picture, width="stretch", alt=f"Result of run {one.id}")


def _picture(one: RunRecord) -> bytes | None:
    from workbench.app.parts import gallery

    return gallery.thumbnail(one)


def differences(one: RunRecord, other: RunRecord) -> list[tuple[str, str, str]]:
    """What was asked for differently: name, value of the one, value of the other."""
    pairs: list[tuple[str, Any, Any]] = [
        (words.label(name), getattr(one, name), getattr(other, name))
        for name in ("analysis", "analysis_version", "model", "data", "points", "slice", "seed", "device")
    ]
    names = [*one.params, *(name for name in other.params if name not in one.params)]
    pairs += [(words.label(name), one.params.get(name), other.params.get(name)) for name in names]
    return [(name, words.value(a), words.value(b)) for name, a, b in pairs if a != b]


def _side_by_side(one: RunRecord, other: RunRecord) -> dict[str, list[str]]:
    names = [*one.metrics, *(name for name in other.metrics if name not in one.metrics)]
    table: dict[str, list[str]] = {"Metric": [], one.id: [], other.id: [], "Difference": []}
    for name in names:
        a, b = one.metrics.get(name), other.metrics.get(name)
        table["Metric"].append(text.plain(words.label(name)))
        table[one.id].append("" if a is None else text.plain(words.number(a)))
        table[other.id].append("" if b is None else text.plain(words.number(b)))
        both = a is not None and b is not None and math.isfinite(a) and math.isfinite(b)
        table["Difference"].append(
            text.plain(f"{b - a:+.4g}".replace("-", "−")) if both and a is not None and b is not None else ""
        )
    return table
