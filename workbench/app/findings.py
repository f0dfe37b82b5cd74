# SPDX-License-Identifier: Apache-2.0
"""Findings over all runs: which are open, what is new, and what people have said of each."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import errors, links, people, permalink, text, tracked, words

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium
    from workbench.store import TrackedFinding

_PAGE: Final = 10
_MOST_AT_ONCE: Final = 5000
_STATES: Final = {"open": "Open", "dismissed": "Dismissed", "gone": "Gone", "all": "All"}
_FILTERS: Final = ("state", "severity", "model", "analysis", "entry", "new", "figures")


def page() -> None:
    """Draw the page: one finding when the address names one, else the list."""
    from workbench.compendium.current import current

    compendium = current(engine.store())
    given = permalink.get("finding")
    if given is not None:
        links.link("findings", "All findings", icon=":material/arrow_back:")
        with errors.shown("This finding"):
            one = engine.store().tracked_finding(given)
            st.title("Finding")
            people.ask()
            with st.container(border=True, gap="small"):
                tracked.draw(one, compendium, figure=True)
            st.subheader("History")
            tracked.history(one)
        return
    st.title("Findings")
    _list(compendium)


def _list(compendium: Compendium) -> None:
    from workbench.compendium import trials

    store = engine.store()
    who = people.name()
    trials.settle_all(store)
    since = store.visit(who)
    chosen = _filters(compendium, since)
    total = store.count_findings(**chosen)
    _counts(chosen, total, since)
    number = permalink.whole("list", 1, 100_000, 1)
    number = min(number, max(1, -(-total // _PAGE)))
    found = store.tracked_findings(**chosen, limit=_PAGE, offset=(number - 1) * _PAGE)
    if not found:
        _nothing()
        return
    _bulk(found, chosen, total)
    figures = permalink.get("figures") != "0"
    for one in found:
        with st.container(border=True, gap="small", key=f"finding-{one.id}"):
            tracked.draw(one, compendium, figure=figures, new=_is_new(one, since), pick=True)
    _pages(number, -(-total // _PAGE))


def _filters(compendium: Compendium, since: datetime | None) -> dict[str, Any]:
    """The filters, read from the address and written to it; what :meth:`Store.tracked_findings` takes."""
    store = engine.store()
    counts = store.finding_counts(state="all")
    by_entry = _entries(compendium, counts["code"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        people.ask()
        state = st.selectbox(
            "State",
            list(_STATES),
            list(_STATES).index(permalink.choice("state", _STATES, "open") or "open"),
            format_func=_STATES.__getitem__,
            width=130,
            key="findings.state",
        )
        severity = _choice("severity", "Severity", ["serious", "warning", "info"], 150)
        model = _choice("model", "Model", sorted(filter(None, counts["model"])), 180)
        analysis = _choice("analysis", "Analysis", sorted(counts["analysis"]), 220)
        titles = {name: compendium.held[name].entry.title for name in by_entry}
        entry = _choice("entry", "Entry", sorted(by_entry, key=titles.__getitem__), 300, titles)
        new = st.toggle(
            "New since my last visit",
            permalink.get("new") == "1",
            key="findings.new",
            disabled=since is None,
            help="There was no visit before this one" if since is None else f"After {words.moment(since)}",
        )
        figures = st.toggle("Figures", permalink.get("figures") != "0", key="findings.figures")
    permalink.put(
        state=None if state == "open" else state,
        severity=severity,
        model=model,
        analysis=analysis,
        entry=entry,
        new="1" if new else None,
        figures=None if figures else "0",
    )
    codes = by_entry.get(entry, []) if entry is not None else []
    return {
        "state": state,
        "severity": severity,
        "model": model,
        "analysis": analysis,
        "entry": entry,
        "codes": codes,
        "since": since if new else None,
    }


def _entries(compendium: Compendium, codes: dict[str, int]) -> dict[str, list[str]]:
    """Entries that findings here lead to, each with their codes."""
    found: dict[str, list[str]] = {}
    for code in codes:
        entry = compendium.of_code(code)
        if entry is not None:
            found.setdefault(entry.id, []).append(code)
    return found


def _choice(name: str, label: str, options: list[str], width: int, called: dict[str, str] | None = None) -> str | None:
    start = permalink.choice(name, options)
    choices: list[str | None] = [None, *options]
    return st.selectbox(
        label,
        choices,
        index=choices.index(start),
        format_func=lambda one: "all" if one is None else text.one_line((called or {}).get(one, one), 80),
        width=width,
        key=f"findings.{name}",
    )


def _counts(chosen: dict[str, Any], total: int, since: datetime | None) -> None:
    store = engine.store()
    by = store.finding_counts(**chosen)["severity"]
    told = [f"{by[one]:,} {one}" for one in ("serious", "warning", "info") if by.get(one)]
    parts = [text.counted(total, "finding") + (f" ({', '.join(told)})" if told else "")]
    if since is not None and chosen["since"] is None:
        new = store.count_findings(**{**chosen, "since": since})
        parts.append(f"{new:,} new since your visit {words.since(since)}")
    if chosen["state"] == "open":
        others = [(state, store.count_findings(**{**chosen, "state": state})) for state in ("dismissed", "gone")]
        parts += [f"{count:,} {state}" for state, count in others if count]
    st.markdown(text.plain(" · ".join(parts)))


def _is_new(one: TrackedFinding, since: datetime | None) -> bool:
    return since is not None and one.first_seen > since


def _nothing() -> None:
    with st.container(border=True):
        if engine.store().count_findings(state="all"):
            st.markdown("**No finding here.** Loosen the filters: those that were dismissed have a state of their own.")
            links.link("findings", "Every open finding", icon=":material/filter_alt_off:")
        else:
            st.markdown(
                "**No run has stated anything yet.** Analyses make findings, such as the health of a latent space:"
            )
            links.link("models", "Choose a model to analyse", icon=":material/deployed_code:")


def _bulk(found: list[TrackedFinding], chosen: dict[str, Any], total: int) -> None:
    """Dismiss or reopen several: those that are ticked, or all that the filters leave."""
    picked = [one.id for one in found if st.session_state.get(f"pick.{one.id}")]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        every = st.button("Tick this page", icon=":material/done_all:", type="tertiary", key="findings.tick")
        none = st.button("Untick", type="tertiary", key="findings.untick", disabled=not picked)
        label = f"Change {len(picked)} ticked" if picked else f"Change all {total:,}"
        with st.popover(label, icon=":material/checklist:"):
            whole = not picked
            st.caption(
                f"These are all {total:,} that the filters leave, on every page."
                if whole
                else f"{text.counted(len(picked), 'finding')} of this page."
            )
            reason = st.text_input("Why", key="findings.reason", max_chars=1000, help="Dismissing needs a reason")
            assigned = st.text_input("Assign to", key="findings.assign", max_chars=200)
            with st.container(horizontal=True):
                dismiss = st.button("Dismiss", icon=":material/block:", key="findings.dismiss")
                reopen = st.button("Reopen", icon=":material/undo:", key="findings.reopen")
                assign = st.button("Assign", icon=":material/person:", key="findings.assign-all")
    if every or none:
        for one in found:
            st.session_state[f"pick.{one.id}"] = bool(every)
        st.rerun()
    if not (dismiss or reopen or assign):
        return
    store, who = engine.store(), people.name()
    ids = picked or [one.id for one in store.tracked_findings(**chosen, limit=_MOST_AT_ONCE)]
    try:
        if dismiss:
            changed = store.dismiss_findings(ids, reason, who=who)
        elif reopen:
            changed = store.reopen_findings(ids, who=who, note=reason)
        else:
            changed = store.assign_findings(ids, assigned, who=who)
    except WorkbenchError as error:
        errors.show(str(error))
        return
    for one in found:
        st.session_state.pop(f"pick.{one.id}", None)
    st.toast(f"{changed:,} of {text.counted(len(ids), 'finding')} changed")
    st.rerun()


def _pages(number: int, last: int) -> None:
    if last <= 1:
        return
    query: dict[str, Any] = {name: permalink.get(name) for name in _FILTERS}
    with st.container(horizontal=True, vertical_alignment="center"):
        if number > 1:
            links.link("findings", "Before", icon=":material/arrow_back:", **{**query, "list": number - 1})
        st.caption(f"Page {number:,} of {last:,}", width="content")
        if number < last:
            links.link("findings", "Next", icon=":material/arrow_forward:", **{**query, "list": number + 1})
