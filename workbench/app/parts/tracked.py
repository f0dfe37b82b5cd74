# SPDX-License-Identifier: Apache-2.0
"""One finding over all its runs on a page: what was measured, its figure, where it leads, and what people say of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import charts, contact_sheet, errors, findings, ledger, links, people, status, text, words

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium
    from workbench.store import TrackedFinding

_TOLD: Final = {
    "found": "found",
    "again": "found again",
    "back": "found again, after it was gone",
    "gone": "no longer found",
    "run deleted": "the run was deleted; what it found is kept",
    "dismissed": "dismissed",
    "reopened": "reopened",
    "assigned": "assigned to",
    "note": "note",
}


def draw(one: TrackedFinding, compendium: Compendium, *, figure: bool, new: bool = False, pick: bool = False) -> None:
    """A finding, with its figure beside it where it has one that is still there."""
    if figure and _has_figure(one):
        with st.container(key=f"beside-figure-{one.id}"):
            left, right = st.columns([5, 4], gap="medium")
        with right:
            _figure(one)
    else:
        left = st.container(gap="small")
    with left:
        _statement(one, new=new, pick=pick)
        _state(one)
        _ways_on(one, compendium)
        _change(one, alone=not pick)


def _statement(one: TrackedFinding, *, new: bool, pick: bool) -> None:
    if pick:
        st.checkbox(f"{'New · ' if new else ''}{text.plain(_subject(one), 160)}", key=f"pick.{one.id}")
    else:
        st.markdown(text.plain(_subject(one), 200))
    findings.body(one.finding)
    first, last = words.since(one.first_seen), words.since(one.last_seen)
    seen = f"found {first}" if first == last else f"found {first}, last {last}"
    parts = [_settings(one), one.finding.code, seen, f"in {text.counted(one.runs, 'run')}"]
    st.caption(text.plain(" · ".join(filter(None, parts)), 400))


def _subject(one: TrackedFinding) -> str:
    points = one.points.rsplit("/", 1)[-1] if one.points else None
    space = one.params.get("space")
    parts = [one.model, space if isinstance(space, str) else None, one.data, one.slice, points]
    return f"{engine.title_of(one.analysis)}: {' · '.join(filter(None, parts)) or 'no subject'}"


def _settings(one: TrackedFinding) -> str:
    """The parameters that are not at their defaults, which tell findings of one subject apart."""
    told = status.settings(one)
    return f"with {told}" if told else ""


def _state(one: TrackedFinding) -> None:
    if one.dismissed:
        st.markdown(f":gray-badge[:material/block: dismissed] {text.plain(one.reason, 400)}")
    if one.gone_run is not None:
        st.markdown(
            f":gray-badge[:material/visibility_off: gone] since run {text.plain(one.gone_run)}, "
            f"{words.since(one.gone_at)}: a newer run of the same question does not find it"
        )
    if one.assigned:
        st.markdown(f":blue-badge[:material/person: {text.plain(one.assigned, 80)}]")


def _ways_on(one: TrackedFinding, compendium: Compendium) -> None:
    """Links to the run and to the entry, with what has been tried against it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if one.last_run_stored:
            links.link("runs", f"Run {one.last_run}", icon=":material/history:", run=one.last_run)
        else:
            st.caption(f"Run {one.last_run} was deleted; its numbers are kept here", width="content")
        findings.way_on(one.finding, compendium, finding=one.id)
    entry = findings.entry_of(one.finding, compendium)
    if entry is not None:
        told = ledger.line(engine.store(), entry.id)
        having = sum(remedy.trial is not None for remedy in entry.remedies)
        if told or having:
            offered = f"{text.counted(having, 'remedy', 'remedies')} can be tried" if having else ""
            st.caption(text.plain(" · ".join(filter(None, [told, offered])), 300))


def _has_figure(one: TrackedFinding) -> bool:
    if not one.finding.figure or not one.last_run_stored:
        return False
    try:
        stored = engine.store().result(one.last_run)
        return one.finding.figure in (*stored.charts, *stored.images)
    except WorkbenchError:
        return False


def _figure(one: TrackedFinding) -> None:
    """The chart or image that the finding names."""
    name = one.finding.figure
    with errors.shown("The figure"):
        stored = engine.store().result(one.last_run)
        if name in stored.charts:
            charts.draw(stored.chart(name), name)
        else:
            pixels = contact_sheet.enlarge(stored.image(name), 160)
            st.image(contact_sheet.png(pixels), alt=text.one_line(words.label(name)), caption=words.label(name))


def _change(one: TrackedFinding, *, alone: bool) -> None:
    """What people may say of it; ``alone`` on a page of its own, where its history stands."""
    store, who = engine.store(), people.name()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if one.dismissed:
            if st.button("Reopen", icon=":material/undo:", type="tertiary", key=f"reopen.{one.id}"):
                _done(lambda: store.reopen_findings([one.id], who=who))
        else:
            with (
                st.popover("Dismiss", icon=":material/block:", type="tertiary"),
                st.form(f"dismiss.{one.id}", border=False),
            ):
                reason = st.text_input("Why", max_chars=1000)
                if st.form_submit_button("Dismiss"):
                    _done(lambda: store.dismiss_findings([one.id], reason, who=who))
        with st.popover("Assign", icon=":material/person:", type="tertiary"), st.form(f"assign.{one.id}", border=False):
            name = st.text_input("To whom", one.assigned, max_chars=200, help="Leave it empty to assign it to nobody")
            if st.form_submit_button("Assign"):
                _done(lambda: store.assign_findings([one.id], name, who=who))
        with st.popover("Note", icon=":material/edit_note:", type="tertiary"), st.form(f"note.{one.id}", border=False):
            note = st.text_area("Note", max_chars=4000, height=100)
            if st.form_submit_button("Add"):
                _done(lambda: store.note_finding(one.id, note, who=who))
        if not alone:
            links.link("findings", "History", icon=":material/manage_history:", finding=one.id)


def _done(change: Callable[[], object]) -> None:
    try:
        change()
    except WorkbenchError as error:
        errors.show(str(error))
        return
    st.rerun()


def history(one: TrackedFinding) -> None:
    """Every line of the history of a finding, the newest first."""
    for event in reversed(engine.store().finding_history(one.id)):
        who = event.who or (f"run {event.run_id}" if event.run_id else "")
        told = _TOLD.get(event.what, event.what)
        if event.what == "assigned":
            told = f"assigned to {event.note}" if event.note else "assigned to nobody"
        elif event.note:
            told = f"{told}: {event.note}"
        elif event.value == event.value:
            told = f"{told}: measured {words.number(event.value)}"
        st.markdown(text.plain(f"{words.moment(event.at)} · {who} · {told}", 4400))
