# SPDX-License-Identifier: Apache-2.0
"""The terms of the page: a card each, with its sign, its group, a score that narrows it, and its exemplars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.latent_arithmetic.terms import Condition, Term, read_term
from registry.errors import ParameterError, WorkbenchError
from workbench.app.parts import background, contact_sheet, permalink, style, text
from workbench.runs.draws import in_words

if TYPE_CHECKING:
    from plugins.latent_arithmetic.places import Place
    from workbench.runs.draws import Draws

STATE: Final = "arithmetic.terms"
GENERATION: Final = "arithmetic.generation"
MOST: Final = 8
THUMBNAILS: Final = 6
OPEN: Final = "?"  # stands for a group that has not been chosen yet; no slice can be called so
START: Final = ["+?", "-?", "+?"]
KINDS: Final = {"slice": "Slice", "class": "Class", "rows": "Rows", "items": "Items", "any": "All points"}
SIGNS: Final = {"+": ":material/add: plus", "-": ":material/remove: minus"}
ENDS: Final = {"": "all of them", "high": "highest", "low": "lowest"}


def written() -> list[str]:
    """The terms as they stand: of this session, else of the address."""
    if STATE not in st.session_state:
        found = [one for one in (permalink.get(f"t{number}") for number in range(1, MOST + 1)) if one]
        put([one for one in found if read(one) is not None])
    return list(st.session_state[STATE]) or list(START)


def put(terms: list[str]) -> None:
    """Let the page stand with other terms, as if they had been chosen."""
    st.session_state[STATE] = list(terms)
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1


def address(terms: list[str]) -> dict[str, str | None]:
    """The terms as parameters of the address; those that are still open are not in it."""
    return {f"t{place + 1}": terms[place] if place < len(terms) else None for place in range(MOST)}


def read(term: str) -> Term | None:
    """A term, or nothing where it is none."""
    try:
        return read_term(term)
    except ParameterError:
        return None


def complete(terms: list[str]) -> bool:
    """Whether every group has been chosen."""
    found = [read(one) for one in terms]
    return bool(found) and all(one is not None and all(c.what != OPEN for c in one.conditions) for one in found)


def draw(place: Place, seed: int) -> list[str]:
    """Draw a card for each term, three side by side; gives the terms as they are chosen now."""
    before = written()
    known = [one for one in map(read, before) if one is not None]
    draws = place.drawn(known, seed)
    generation = st.session_state[GENERATION]
    found: list[str] = []
    for first in range(0, len(before), 3):
        with st.container(key=f"beside-terms-{first}"):
            columns = st.columns(3, gap="small")
        for number in range(first, min(first + 3, len(before))):
            key = f"arithmetic.{place.model}.{place.space}.{generation}.{number}"
            with columns[number - first], st.container(border=True, gap="small", height="stretch"):
                found.append(_card(place, before, number, key, draws))
    st.session_state[STATE] = found
    with st.container(horizontal=True, gap="small"):
        if len(found) < MOST and st.button("Add a term", icon=":material/add:", key="arithmetic.add"):
            put([*found, "+?"])
            st.rerun()
        if len(found) > 1 and st.button("Take the last away", icon=":material/remove:", key="arithmetic.remove"):
            put(found[:-1])
            st.rerun()
    return found


def _card(place: Place, before: list[str], number: int, key: str, draws: Draws | None) -> str:
    """One term; gives it as it is chosen."""
    term = read(before[number]) or Term(1, (Condition("slice", OPEN),))
    start = "+" if term.sign > 0 else "-"
    sign = str(
        st.segmented_control(
            "Sign",
            list(SIGNS),
            default=start,
            required=True,
            format_func=SIGNS.__getitem__,
            key=f"{key}.sign",
            label_visibility="collapsed",
        )  # fmt: skip
    )
    conditions = [*_group(place, term, key), *_narrowed(place, term, key)]
    chosen = sign + "&".join(map(str, conditions)) if conditions else f"{sign}{OPEN}"
    now = read(chosen)
    if now is None:
        st.caption("Write row numbers, as in 3.14.20-25.")
        return f"{sign}{OPEN}"
    _exemplars(place, now, draws)
    return chosen


def _group(place: Place, term: Term, key: str) -> list[Condition]:
    """The group before a score narrows it; nothing while it is open, or where it is every point."""
    kinds = [
        name
        for name, there in (
            ("slice", bool(place.slices)),
            ("class", bool(place.columns)),
            ("items", bool(place.items)),
            ("rows", not place.items),
            ("any", bool(place.scorers)),
        )
        if there
    ]
    had = next((one for one in term.conditions if one.kind not in ("high", "low") and one.what != OPEN), None)
    only_score = had is None and any(one.kind in ("high", "low") for one in term.conditions)
    first = had.kind if had is not None and had.kind in kinds else "any" if only_score and "any" in kinds else kinds[0]
    kind = st.selectbox(
        "Group", kinds, index=kinds.index(first), format_func=KINDS.__getitem__, key=f"{key}.kind",
        help="A saved slice, the rows with one value in a column, rows or draws by number, or every point.",
    )  # fmt: skip
    what = had.what if had is not None and had.kind == kind else ""
    if kind == "any":
        return []
    if kind == "rows":
        given = st.text_input("Row or draw numbers", what, placeholder="3.14.20-25", key=f"{key}.rows")
        return [Condition("rows", given.strip() or OPEN)] if given.strip() else [Condition("slice", OPEN)]
    if kind == "class":
        return [_class(place, what, key)]
    if kind == "items":
        names = st.multiselect("Items", place.items, default=what.split("|") if what else [], key=f"{key}.items")
        return [Condition("items", "|".join(names))] if names else [Condition("slice", OPEN)]
    names = [one.name for one in place.slices]
    chosen = st.selectbox(
        "Slice", names, index=names.index(what) if what in names else None, format_func=text.one_line,
        placeholder="Choose a slice", key=f"{key}.slice",
    )  # fmt: skip
    return [Condition("slice", chosen or OPEN)]


def _class(place: Place, what: str, key: str) -> Condition:
    columns = place.columns
    column, _, value = what.partition("=")
    names = list(columns)
    name = names[0]
    with st.container(horizontal=True, gap="small"):
        if len(names) > 1:
            first = names.index(column) if column in names else 0
            name = st.selectbox("Column", names, index=first, key=f"{key}.column")
        values = columns[name]
        chosen = st.selectbox(
            text.one_line(name) if len(names) == 1 else "Value",
            values,
            index=values.index(value) if value in values else None,
            key=f"{key}.value.{name}",
            placeholder="Choose",
        )
    return Condition("slice", OPEN) if chosen is None else Condition("class", f"{name}={chosen}")


def _narrowed(place: Place, term: Term, key: str) -> list[Condition]:
    """The score that narrows the group, if one does."""
    scorers = place.scorers
    if not scorers:
        return []
    had = next((one for one in term.conditions if one.kind in ("high", "low")), None)
    with st.container(horizontal=True, gap="small"):
        end = st.selectbox(
            "Of these", list(ENDS), index=list(ENDS).index(had.kind) if had else 0, format_func=ENDS.__getitem__,
            key=f"{key}.end", help="The fifth of them with the highest or lowest score of their pictures.",
        )  # fmt: skip
        if not end:
            return []
        names = list(scorers)
        name = st.selectbox(
            "By score", names, index=names.index(had.what) if had and had.what in names else 0,
            format_func=lambda one: text.one_line(scorers[one]), key=f"{key}.scorer",
        )  # fmt: skip
    return [Condition("high" if end == "high" else "low", name)]


def _exemplars(place: Place, term: Term, draws: Draws | None) -> None:
    """How many exemplars there are, and the first of them."""
    if any(one.what == OPEN for one in term.conditions):
        st.caption("Choose a group.")
        return
    try:
        rows = place.rows(term)
        if rows is None:
            st.caption("Which these are is told by their scores, once the sum is computed.")
            return
        of = in_words(str(draws) if draws is not None else str(place.data)) if not place.items else "items"
        st.caption(f"{len(rows):,} {text.plain(of)}")
        if len(rows) == 0 or place.items:
            return
        few = np.asarray(rows[:THUMBNAILS], dtype=np.int64)
        background.wait_for(
            ("arithmetic", place.model, place.data, str(draws), few.tobytes()),
            lambda: place.pictures_of(few, draws),
            _thumbnails,
            saying="Getting the pictures",
        )
    except WorkbenchError as error:
        st.caption(text.sentence(error, 300))


def _thumbnails(pictures: list[Any]) -> None:
    if pictures:
        sheet = contact_sheet.sheet(pictures, columns=THUMBNAILS, dark=style.dark())
        st.image(contact_sheet.png(sheet), alt=f"The first {len(pictures)} exemplars of this group")
