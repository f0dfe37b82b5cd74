# SPDX-License-Identifier: Apache-2.0
"""Overview: what is here, what has been run, and what needs a look."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from workbench.app import engine
from workbench.app.parts import findings, gallery, links, status, text, words

if TYPE_CHECKING:
    from workbench.store import RunRecord, TrackedFinding

_CARDS = 8


def page() -> None:
    """Draw the page."""
    st.title("Latent workbench")
    catalogue, store = engine.catalogue(), engine.store()
    runs = store.runs(limit=60)
    attention = _gravest()
    _counts(len(catalogue.models), len(engine.dataset_names()), runs, len(attention))
    broken = [one for one in catalogue.plugins if one.status == "broken"]
    if broken:
        names = ", ".join(text.plain(one.name) for one in broken[:4])
        st.warning(
            f"{text.counted(len(broken), 'plugin')} could not be loaded: {names}.", icon=":material/extension_off:"
        )
        links.link("plugins", "See why", icon=":material/arrow_forward:")
    if not runs:
        _beginning()
    else:
        left, right = st.columns([5, 3], gap="large") if attention else (st.container(), st.container())
        with left:
            _latest(runs, columns=2 if attention else 3)
        if attention:
            with right:
                _attention(attention)
    _models(catalogue.models)
    _watch(runs[0].id if runs else None)
    st.caption(f"Results are kept in {text.plain(store.root)}")


def _gravest(most: int = 6) -> list[TrackedFinding]:
    """The gravest and newest open findings, of one kind on one subject only the newest."""
    kept: dict[tuple[str, str | None, str | None], TrackedFinding] = {}
    for level in ("serious", "warning"):
        for one in engine.store().tracked_findings(severity=level, limit=60):
            kept.setdefault((one.finding.code, one.model, one.data), one)
    return list(kept.values())[:most]


def _counts(models: int, datasets: int, runs: list[RunRecord], attention: int) -> None:
    under_way = sum(one.status in ("queued", "running") for one in runs)
    parts = [
        text.counted(models, "model"),
        text.counted(datasets, "data set"),
        (text.counted(len(runs), "run") if len(runs) < 60 else "60 latest runs")
        + (f" ({under_way} under way)" if under_way else ""),
    ]
    if attention:
        parts.append(text.counted(attention, "finding") + " to look at")
    st.markdown(text.plain(" · ".join(parts)))


def _watch(newest: str | None) -> None:
    """Draw the page again when there is a new run: others, or a command, may start some."""

    @st.fragment(run_every=2.0)
    def look() -> None:
        found = engine.store().runs(limit=1)
        if found and found[0].id != newest:
            st.rerun()

    look()


def _beginning() -> None:
    """What to do in a store that is still empty."""
    with st.container(border=True):
        st.subheader("Nothing has been run yet")
        st.markdown("Three ways to begin:")
        links.link(
            "models",
            "Look at a model: its spaces, its maps, and what it draws from its prior",
            ":material/deployed_code:",
        )
        links.link("projection", "Project a space of a model, or points of your own", ":material/scatter_plot:")
        links.link("plugins", "Plug in a model of your own", ":material/extension:")
        st.markdown("Or let the sample models fill this page:")
        st.code("workbench demo", language="bash")


def _attention(found: list[TrackedFinding]) -> None:
    st.subheader("Needs a look")
    compendium = findings.known_entries()
    for one in found:
        with st.container(border=True, gap="xsmall"):
            findings.body(one.finding, short=True)
            subject = " · ".join(filter(None, [one.model, one.data, words.since(one.last_seen)]))
            if one.last_run_stored:
                links.link("runs", text.plain(subject, 80) or "Open the run", run=one.last_run)
            else:
                st.caption(f"{text.plain(subject, 80)} (its run was deleted)")
            findings.way_on(one.finding, compendium, most=36, finding=one.id)
    links.link("findings", "All findings", icon=":material/arrow_forward:")


def _latest(runs: list[RunRecord], columns: int) -> None:
    st.subheader("Latest runs")
    if any(one.status in ("queued", "running") for one in runs):
        shown = [(one.id, one.status) for one in runs]

        @st.fragment(run_every=1.5)
        def live() -> None:
            fresh = engine.store().runs(limit=60)
            _cards(fresh[:_CARDS], columns)
            if [(one.id, one.status) for one in fresh] != shown:
                st.rerun()

        live()
    else:
        _cards(runs[:_CARDS], columns)
    links.link("runs", "All runs", icon=":material/arrow_forward:")


def _cards(runs: list[RunRecord], columns: int) -> None:
    for first in range(0, len(runs), columns):
        for column, one in zip(st.columns(columns), runs[first : first + columns], strict=False):
            with column, st.container(border=True, gap="xsmall", height="stretch"):
                _card(one)


def _card(one: RunRecord) -> None:
    thumbnail = gallery.thumbnail(one)
    if thumbnail is not None:
        st.image(thumbnail, width="stretch", alt=f"Result of run {one.id}")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        target = "projection" if one.analysis == "projection" else "runs"
        links.link(target, text.plain(engine.title_of(one.analysis), 60), run=one.id)
        status.badge(one.status)
    about = [status.subject(one), status.settings(one), words.since(one.created)]
    st.caption(text.plain(" · ".join(filter(None, about)), 240))
    if one.status in ("queued", "running"):
        status.bar(one)
    elif one.status == "failed":
        st.caption(text.plain(one.error or "The run failed without saying why.", 160))
    else:
        shown = list(one.metrics.items())[: 1 if thumbnail is not None else 5]
        told = [f"{words.label(name)} {words.number(number)}" for name, number in shown]
        if told:
            st.caption("  \n".join(text.plain(line) for line in told))


def _models(models: Any) -> None:
    if not models:
        return
    st.subheader("Models")
    for first in range(0, min(len(models), 6), 3):
        for column, card in zip(st.columns(3), list(models.values())[first : first + 3], strict=False):
            with column, st.container(border=True, gap="xsmall", height="stretch"):
                links.link("models", text.plain(card.title or card.name, 60), model=card.name)
                st.caption(text.plain(card.description.split("\n")[0] or "No description.", 140))
                st.caption(text.plain(card.licence or "no licence stated", 80))
