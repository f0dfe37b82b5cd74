# SPDX-License-Identifier: Apache-2.0
"""Runs: the list of all, one of them with all that is known of it, or two side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine, run_details
from workbench.app.parts import links, metrics, permalink, status, text, words

if TYPE_CHECKING:
    from workbench.store import RunRecord

_PAGE = 20
_STATUSES = ("queued", "running", "done", "failed", "cancelled")


def page() -> None:
    """Draw the page: one run when the address names one, else the list."""
    chosen = permalink.run_id()
    if chosen is None:
        if permalink.get("run"):
            st.warning("The address names no run: a run id is up to twelve characters from 0 to 9 and a to f.")
        _list()
        return
    try:
        record = engine.store().run(chosen)
    except WorkbenchError as error:
        st.title("Runs")
        st.warning(text.sentence(error, 300), icon=":material/search_off:")
        st.markdown("It may have been deleted, or belong to another store.")
        links.link("runs", "All runs", icon=":material/arrow_back:")
        return
    run_details.draw(record)


def _list() -> None:
    st.title("Runs")
    analyses = sorted({*engine.catalogue().analyses, *filter(None, [permalink.get("analysis")])})
    models = sorted(engine.catalogue().models)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        analysis = _filter("analysis", analyses, "Analysis")
        model = _filter("model", models, "Model")
        state = _filter("status", list(_STATUSES), "Status")
    number = permalink.whole("list", 1, 10_000, 1)

    def rows() -> None:
        found = engine.store().runs(
            analysis=analysis, model=model, status=state, limit=_PAGE + 1, offset=(number - 1) * _PAGE
        )
        _rows(found[:_PAGE])
        _pages(number, len(found) > _PAGE)

    under_way = [one for state in ("running", "queued") for one in engine.store().runs(status=state, limit=1)]
    st.fragment(rows, run_every=1.5 if under_way else 5)()


def _filter(name: str, options: list[str], label: str) -> str | None:
    start = permalink.choice(name, options)
    choices: list[str | None] = [None, *options]
    chosen = st.selectbox(
        label,
        choices,
        index=choices.index(start),
        format_func=lambda one: text.one_line(one or "all"),
        width=260,
        key=f"runs.{name}",
    )
    permalink.put(**{name: chosen})
    return chosen


def _rows(found: list[RunRecord]) -> None:
    if not found:
        with st.container(border=True):
            st.markdown("**No run here.** Loosen the filter, or start one:")
            links.link("projection", "Project a space", icon=":material/scatter_plot:")
            links.link("models", "See which analyses apply to a model", icon=":material/deployed_code:")
        return
    for one in found:
        with st.container(border=True, gap=None):
            main, result, when = st.columns([5, 4, 3], vertical_alignment="center")
            with main, st.container(horizontal=True, vertical_alignment="center", gap="small"):
                status.badge(one.status)
                links.link("runs", text.plain(engine.title_of(one.analysis), 60), run=one.id)
            with result:
                if one.status in ("queued", "running"):
                    status.bar(one)
                elif one.status == "failed":
                    st.caption(text.plain(one.error or "failed", 120))
                else:
                    st.caption(text.plain(metrics.headline(one.metrics), 120))
            with when:
                parts = [words.since(one.created), status.took(one), f"seed {one.seed}"]
                st.caption(text.plain(" · ".join(filter(None, parts))))
            about = [one.id, status.subject(one), status.settings(one)]
            st.caption(text.plain(" · ".join(filter(None, about)), 240))


def _pages(number: int, more: bool) -> None:
    if number == 1 and not more:
        return
    query: dict[str, Any] = {name: permalink.get(name) for name in ("analysis", "model", "status")}
    with st.container(horizontal=True):
        if number > 1:
            links.link("runs", "Newer", icon=":material/arrow_back:", **{**query, "list": number - 1})
        if more:
            links.link("runs", "Older", icon=":material/arrow_forward:", **{**query, "list": number + 1})
