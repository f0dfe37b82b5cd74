# SPDX-License-Identifier: Apache-2.0
"""The compendium: a search with its hits and facets, or one entry; each has an address of its own."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import streamlit as st

from registry.errors import WorkbenchError
from workbench.app import engine, entry_details
from workbench.app.parts import entries, errors, links, missed, permalink, text

if TYPE_CHECKING:
    from workbench.compendium.collection import Compendium
    from workbench.compendium.search import Answer, Facets

_LONGEST: Final = 2000
_SHOWN: Final = 40


def page() -> None:
    """Draw the page."""
    from workbench.compendium.current import current

    compendium = current(engine.store())
    name = permalink.get("entry")
    if name is not None:
        found = compendium.of_code(name)
        try:
            entry = found if found is not None else compendium.entry(name)
        except WorkbenchError as error:
            errors.show(str(error))
        else:
            entry_details.draw(compendium, compendium.held[entry.id], _query())
            return
    st.title("Compendium")
    _asked(compendium)


def _asked(compendium: Compendium) -> None:
    from workbench.compendium.asking import search_of

    query = st.text_input(
        "Symptom, question, error message, or the code of a finding",
        value=_query() or "",
        max_chars=_LONGEST,
        key=f"query-{_query() or ''}",
        placeholder="KL term falls to zero; every sample looks the same; Cannot choose target column",
    ).strip()
    if query != (_query() or ""):
        permalink.put(q=query)
        st.rerun()
    _log()
    context = permalink.get("context")
    facets = _facets(compendium)
    if not query:
        _browse(compendium, facets)
    else:
        if context and st.button(
            f"in {text.plain(engine.title_of(context))}", icon=":material/close:", help="Search without this context"
        ):
            permalink.put(context=None)
            st.rerun()
        answer = search_of(engine.store().root).search(query, facets=facets, context=context)
        if answer.opens is not None and "." in query:
            links.go("compendium", entry=answer.opens)
        _answer(answer, query)
    missed.draw(compendium)
    if compendium.problems:
        with st.expander(text.counted(len(compendium.problems), "problem") + " in files of entries"):
            for one in compendium.problems[:50]:
                st.markdown(f"- {text.sentence(one)}")


def _query() -> str | None:
    given = st.query_params.get("q", "").strip()
    return given[:_LONGEST] or None


def _log() -> None:
    """A traceback or log, reduced to what it ends with."""
    from workbench.compendium.search.error_strings import last_error

    with st.expander("Paste an error log"), st.form("log", border=False):
        log = st.text_area("Error log or traceback", height=160, max_chars=200_000)
        if st.form_submit_button("Find its last error", icon=":material/search:") and log.strip():
            found = last_error(log)
            if found is None:
                errors.show("No line of this log is an error, as in 'ValueError: ...': ask in your own words")
            else:
                permalink.put(q=found.message[:_LONGEST], context=found.library)
                st.rerun()


def _facets(compendium: Compendium) -> Facets:
    from workbench.compendium.entry import AREAS, GRADES
    from workbench.compendium.search import Facets

    areas = [one for one in AREAS if any(entry.area == one for entry in compendium)]
    libraries = sorted({one for entry in compendium for one in entry.libraries}, key=str.lower)
    first, second, third = st.columns(3)
    area = _choice(first, "area", "Area", areas, AREAS)
    library = _choice(second, "library", "Library", libraries)
    grade = _choice(third, "grade", "Strongest evidence", list(GRADES))
    counts = engine.store().finding_counts(state="open").get("code", {})
    detected = frozenset(entry.id for entry in compendium if any(counts.get(code) for code in entry.codes))
    here = st.toggle(
        f"Detected here ({text.counted(len(detected), 'entry', 'entries')})",
        value=permalink.get("detected") == "1",
        help="Only entries that open findings of this store lead to",
    )
    permalink.put(area=area, library=library, grade=grade, detected="1" if here else None)
    return Facets(area, library, grade, detected if here else None)


def _choice(column: object, name: str, called: str, options: list[str], words: object = None) -> str | None:
    from collections.abc import Mapping

    known = words if isinstance(words, Mapping) else {}
    asked = permalink.choice(name, options)
    chosen: str | None = column.selectbox(  # type: ignore[attr-defined]
        called,
        options,
        index=options.index(asked) if asked is not None else None,
        format_func=lambda one: str(known.get(one, one)),
        placeholder="All",
    )
    return chosen


def _answer(answer: Answer, query: str) -> None:
    if answer.did_you_mean is not None:
        links.link("compendium", f"Did you mean: {text.plain(answer.did_you_mean, 300)}", q=answer.did_you_mean)
    if answer.fits:
        for place, one in enumerate(answer.hits):
            entries.hit(one, query, place)
        return
    missed.note(query)
    if answer.hits:
        st.info("No confident match. The nearest entries stand first.", icon=":material/travel_explore:")
        for place, one in enumerate(answer.nearest):
            entries.hit(one, query, place)
        if len(answer.hits) > len(answer.nearest):
            with st.expander(text.counted(len(answer.hits) - len(answer.nearest), "further entry", "further entries")):
                for place, one in enumerate(answer.hits[len(answer.nearest) :], start=len(answer.nearest)):
                    entries.hit(one, query, place)
    else:
        st.info("No entry has any of these words.", icon=":material/travel_explore:")
    _draft(query)


def _draft(query: str) -> None:
    from workbench.compendium.current import FOLDER
    from workbench.compendium.drafts import draft
    from workbench.compendium.entry import AREAS

    with st.expander("Draft an entry"), st.form("draft", border=False):
        name = st.text_input("Id", "-".join(re.findall(r"[a-z0-9]+", query.lower())[:6])[:80] or "new-entry")
        title = st.text_input("Title", query[:200])
        area = st.selectbox("Area", list(AREAS), index=list(AREAS).index("methodology"), format_func=AREAS.__getitem__)
        by = st.text_input("Your name")
        if not st.form_submit_button("Draft", icon=":material/edit_note:"):
            return
    try:
        draft(engine.store().root / FOLDER, name, title=title, area=area, symptoms=[query[:400]], by=by)
    except WorkbenchError as error:
        errors.show(str(error))
        return
    links.go("compendium", entry=name)


def _browse(compendium: Compendium, facets: Facets) -> None:
    from workbench.compendium.entry import AREAS

    found = [one for one in compendium if facets.take(one)]
    st.markdown(f"{text.counted(len(found), 'entry', 'entries')}.")
    if not found:
        st.info("No entry is of this kind: take a facet away.", icon=":material/filter_alt_off:")
    shown = found if len(found) <= _SHOWN else []
    for area in AREAS:
        own = [one for one in found if one.area == area]
        if not own:
            continue
        if shown:
            st.subheader(text.plain(AREAS[area]))
            for one in own:
                links.link("compendium", text.plain(one.title), entry=one.id)
        else:
            with st.expander(f"{text.plain(AREAS[area])} ({len(own)})"):
                for one in own:
                    links.link("compendium", text.plain(one.title), entry=one.id)
