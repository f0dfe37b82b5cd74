# SPDX-License-Identifier: Apache-2.0
"""A page that asks for runs of one analysis and shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine, result, run_details, run_form
from workbench.app.parts import cards, gallery, links, permalink, status, text, words

if TYPE_CHECKING:
    from registry.analysis import Analysis
    from workbench.store import RunRecord


def draw(analysis: type[Analysis], page: str) -> None:
    """The form in the sidebar; the run that the address names, or the latest ones."""
    record = _named(analysis)
    st.title(text.plain(engine.title_of(analysis.name)))
    run_form.draw(analysis, record)
    if record is None:
        st.markdown(text.plain(cards.first_paragraph(analysis.description()), 600))
        _latest(analysis, page)
        return
    run_details.facts(record)
    run_details.actions(record, here=True)
    result.draw(record)
    run_details.behind(record)


def _named(analysis: type[Analysis]) -> RunRecord | None:
    chosen = permalink.run_id()
    if chosen is None:
        return None
    try:
        record = engine.store().run(chosen)
    except WorkbenchError as error:
        st.warning(
            f"{text.sentence(error, 300)} It may have been deleted, or belong to another store.",
            icon=":material/search_off:",
        )
        return None
    if record.analysis != analysis.name:
        st.warning("The address names a run of another analysis.", icon=":material/search_off:")
        links.link("runs", "Open that run", icon=":material/arrow_forward:", run=record.id)
        return None
    return record


def _latest(analysis: type[Analysis], page: str) -> None:
    found = engine.store().runs(analysis=analysis.name, limit=12)
    if not found:
        with st.container(border=True):
            st.markdown("**Nothing has been run yet.** Choose what to look at on the left, then press *Run*.")
            st.caption("The run goes on in a process of its own; leaving this page does not end it.")
        return
    st.subheader("Latest runs")
    for first in range(0, len(found), 3):
        for column, one in zip(st.columns(3), found[first : first + 3], strict=False):
            with column, st.container(border=True, gap="xsmall", height="stretch"):
                picture = gallery.thumbnail(one)
                if picture is not None:
                    st.image(picture, width="stretch", alt=f"Result of run {one.id}")
                with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                    links.link(
                        page,
                        text.plain(status.subject(one), 60),
                        run=one.id,
                        analysis=analysis.name if page == "analysis" else None,
                    )
                    status.badge(one.status)
                about = [status.settings(one), words.since(one.created), f"seed {one.seed}"]
                st.caption(text.plain(" · ".join(filter(None, about)), 200))
