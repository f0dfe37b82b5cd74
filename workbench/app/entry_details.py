# SPDX-License-Identifier: Apache-2.0
"""One entry: what one sees, why, what to do by strength of evidence, how to verify, and what this store knows of it."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import entries, errors, findings, links, text, words

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium, Held
    from workbench.compendium.entry import Entry, State


def draw(compendium: Compendium, held: Held, query: str | None) -> None:
    """Draw an entry; ``query`` is the search that it was found with."""
    from workbench.compendium.entry import AREAS

    entry = held.entry
    links.link("compendium", "Back to the search" if query else "All entries", icon=":material/arrow_back:", q=query)
    st.title(text.plain(entry.title))
    state = "" if entry.state == "approved" else f":orange-badge[{entry.state}] "
    st.markdown(f"{state}{text.plain(AREAS[entry.area])} · {text.plain(entry.id)} · from {text.plain(held.origin)}")
    st.subheader("What one sees")
    st.markdown("\n".join(f"- {text.plain(one, 400)}" for one in entry.symptoms))
    for one in entry.errors:
        st.code(one, language=None, wrap_lines=True)
    st.subheader("Cause")
    st.markdown(text.paragraphs(entry.cause))
    _remedies(entry)
    _verify(entry)
    if entry.body:
        st.markdown(entries.prose(entry.body))
    _evidence(entry)
    _detected(entry)
    _sources(entry)
    _see_also(compendium, entry)
    _behind(held)
    if held.origin == "team":
        _own(held)


def _remedies(entry: Entry) -> None:
    st.subheader("What to do, in this order")
    for place, one in enumerate(entry.remedies, start=1):
        with st.container(key=entries.shade(one.grade, str(place)), gap="xsmall"):
            told = text.paragraphs(one.text, 4000).replace("\n\n", "\n\n   ")
            st.markdown(f"{place}. {told} {entries.sources(entry, one.sources)} {entries.label(one.grade)}")
    st.caption(
        "The label is the strength of the evidence in the sources: established, weak evidence (grey), speculation "
        "(light grey)."
    )


def _verify(entry: Entry) -> None:
    st.subheader("How to see that it is gone")
    st.markdown(text.paragraphs(entry.verify.text))
    limit = entry.verify.threshold
    if entry.verify.metric:
        st.caption(text.plain(f"Metric {entry.verify.metric}" + (f", threshold {limit}" if limit else ""), 300))
    named = dict.fromkeys([*([entry.verify.analysis] if entry.verify.analysis else []), *entry.analyses])
    offered = [one for one in named if engine.analysis_of(one) is not None]
    if offered:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown("Measured by", width="content")
            for name in offered:
                page = "projection" if name == "projection" else "analysis"
                links.link(page, text.plain(engine.title_of(name)), icon=":material/analytics:", analysis=name)


def _evidence(entry: Entry) -> None:
    """What trials in this store measured; never mixed with the grades, which are those of the sources."""
    if find_spec("workbench.app.parts.ledger") is None:
        return
    with errors.shown("The ledger"):
        import_module("workbench.app.parts.ledger").draw(engine.store(), entry)


def _detected(entry: Entry) -> None:
    if not entry.codes:
        return
    found = engine.store().tracked_findings(codes=entry.codes, state="all", limit=6)
    st.subheader("In this store")
    if not found:
        st.caption("No run of this store has found it.")
    for one in found:
        with st.container(border=True, gap="xsmall"):
            findings.body(one.finding, short=True)
            subject = " on ".join(filter(None, (one.model, one.data)))
            links.link(
                "runs",
                text.plain(f"{engine.title_of(one.analysis)}: {subject or 'run'} · {words.since(one.last_seen)}"),
                run=one.last_run if one.last_run_stored else None,
            )


def _sources(entry: Entry) -> None:
    st.subheader("Sources")
    for number, one in enumerate(entry.sources.values(), start=1):
        st.markdown(entries.source(one, number))


def _see_also(compendium: Compendium, entry: Entry) -> None:
    near = [found for one in entry.see_also if (found := compendium.id_of(one)) is not None]
    if near:
        st.subheader("See also")
        for name in dict.fromkeys(near):
            links.link("compendium", text.plain(compendium.held[name].entry.title), entry=name)


def _behind(held: Held) -> None:
    entry = held.entry
    with st.expander("Permalink, JSON and history"):
        st.code(f"compendium?entry={entry.id}", language=None)
        st.code(f"workbench compendium show {entry.id} --json", language="bash")
        if entry.aliases:
            st.caption(text.plain(f"Also answers to: {', '.join(entry.aliases)}", 1000))
        for change in entry.history:
            st.markdown(text.plain(f"{change.on}: {change.note} ({change.by})", 900))


def _own(held: Held) -> None:
    """What a team may do with an entry of its own."""
    with st.expander("Edit, approve or refute"):
        st.caption(text.plain(f"File: {held.path}", 400))
        _edit(held)
        _judge(held)


def _edit(held: Held) -> None:
    from workbench.compendium.drafts import edit

    try:
        before = held.path.read_text(encoding="utf-8")
    except OSError as error:
        errors.show(f"'{held.path.name}' cannot be read: {error.strerror or error}")
        return
    with st.form(f"edit-{held.entry.id}"):
        # A key of the text: what was typed for one version is not written over another.
        written = st.text_area("Text of the entry", before, height=420, key=f"edit-{held.entry.id}-{hash(before)}")
        if not st.form_submit_button("Keep the text", icon=":material/save:"):
            return
    try:
        edit(held.path, written if written.endswith("\n") else f"{written}\n", before=before)
    except WorkbenchError as error:
        errors.show(str(error))
        return
    st.rerun()


def _judge(held: Held) -> None:
    from workbench.compendium.drafts import judge

    with st.form(f"judge-{held.entry.id}"):
        states: tuple[State, ...] = ("approved", "refuted", "draft")
        state = st.radio("The entry is", states, horizontal=True)
        by, note = st.text_input("Who says so"), st.text_input("Why")
        if not st.form_submit_button("Keep"):
            return
    try:
        judge(held.path, state, by=by, note=note)
    except WorkbenchError as error:
        errors.show(str(error))
        return
    st.rerun()
