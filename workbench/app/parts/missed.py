# SPDX-License-Identifier: Apache-2.0
"""Searches that found nothing: kept in the store where somebody asked for that, each turned into a phrasing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import errors, text, words

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium

_NOTED: Final = "_workbench_missed"
_SHOWN: Final = 12


def note(query: str) -> None:
    """Keep a search that found nothing, once in a session, where that is wanted."""
    noted: set[str] = st.session_state.setdefault(_NOTED, set())
    if query not in noted and wanted():
        noted.add(query)
        engine.store().keep_missed_search(query)


def wanted() -> bool:
    """Whether searches that found nothing are to be kept: nobody's are, unless somebody of this store asked for it."""
    return _mark().is_file()


def draw(compendium: Compendium) -> None:
    """The list, and the switch that begins it."""
    with st.expander("Searches that found nothing"):
        keep = st.toggle("Keep searches that found nothing, in this store only", value=wanted())
        if keep != wanted():
            _want(keep)
        kept = engine.store().missed_searches(limit=_SHOWN) if keep else []
        if not kept:
            st.caption("None is kept." if keep else "Nothing is kept while this is off.")
        for one in kept:
            _line(compendium, one.id, one.text, f"{text.counted(one.count, 'time')}, last {words.since(one.last)}")


def _line(compendium: Compendium, number: int, query: str, often: str) -> None:
    from workbench.compendium.asking import search_of

    store = engine.store()
    with st.container(border=True, gap="xsmall"):
        st.markdown(f"{text.plain(query, 400)} · {text.plain(often)}")
        near = search_of(store.root).search(query, limit=3).hits
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for one in near:
                if st.button(
                    text.plain(one.title, 80),
                    icon=":material/add_link:",
                    key=f"missed-{number}-{one.id}",
                    help="Keep the search as a phrasing of this entry",
                ):
                    _keep(compendium, number, one.id, query)
            if st.button("Forget", icon=":material/delete:", key=f"missed-{number}-forget"):
                store.forget_missed_search(number)
                st.rerun()


def _keep(compendium: Compendium, number: int, entry: str, query: str) -> None:
    from workbench.compendium.current import FOLDER
    from workbench.compendium.phrasings import add_phrasing

    store = engine.store()
    try:
        add_phrasing(store.root / FOLDER, compendium.entry(entry).id, query)
        store.forget_missed_search(number)
    except WorkbenchError as error:
        errors.show(str(error))
        return
    st.rerun()


def _want(keep: bool) -> None:
    mark = _mark()
    if keep:
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    else:
        mark.unlink(missing_ok=True)


def _mark() -> Path:
    return engine.store().root / "search" / "keep-missed-searches"
