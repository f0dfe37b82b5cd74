# SPDX-License-Identifier: Apache-2.0
"""Forms for directions: made of others, given another step or name, deleted, taken from a file."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd
import streamlit as st

from registry.cards import NAME
from registry.errors import WorkbenchError
from workbench.app import engine
from workbench.app.parts import links, text, words

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store

KINDS: Final = ("npy", "npz", "safetensors")
LARGEST: Final = 64 * 2**20  # bytes of an uploaded file


def combining(store: Store, one: DirectionRecord, others: list[DirectionRecord], key: str) -> None:
    """A weighted sum with others of the same space."""
    with st.popover("Combine", icon=":material/join:"), st.form(f"{key}.combine", border=False):
        st.markdown("Weighted sum of directions of this space. Those with weight 0 are left out.")
        names = [one.name, *(other.name for other in others)]
        given = st.data_editor(
            pd.DataFrame({"direction": names, "weight": [1.0, *(0.0 for _ in others)]}),
            disabled=["direction"],
            hide_index=True,
            height=min(36 * (len(names) + 1), 260),
            key=f"{key}.combine.weights",
        )
        name, note = _named(f"{key}.combine", "smile-not-age")
        if st.form_submit_button("Combine", type="primary", icon=":material/join:"):
            weights = {
                str(each): float(weight)
                for each, weight in zip(given["direction"], given["weight"], strict=True)
                if weight == weight and weight is not None and weight != 0
            }
            _make(name, lambda: _combine(store, name, weights, note))


def _combine(store: Store, name: str, weights: dict[str, float], note: str) -> DirectionRecord:
    from workbench.directions import combine

    return combine(store, name, weights, note=note)


def orthogonalising(store: Store, one: DirectionRecord, others: list[DirectionRecord], key: str) -> None:
    """What is left without others of the same space."""
    from workbench.directions import orthogonalise

    with (
        st.popover("Free of others", icon=":material/architecture:", disabled=not others),
        st.form(f"{key}.orthogonalise", border=False),
    ):
        st.markdown("What is left once all that lies along others is taken out: a conditional direction.")
        against = st.multiselect(
            "Take out",
            [other.name for other in others],
            format_func=text.one_line,
            placeholder="One or more",
            key=f"{key}.against",
        )
        name, note = _named(f"{key}.orthogonalise", f"{one.name}-alone"[:80])
        if st.form_submit_button("Make", type="primary", icon=":material/architecture:"):
            _make(name, lambda: orthogonalise(store, name, one.name, against, note=note))


def capping(store: Store, one: DirectionRecord, length: float, key: str) -> None:
    """The same direction with another length of step."""
    from workbench.directions import cap

    with st.popover("Set the step", icon=":material/straighten:"), st.form(f"{key}.cap", border=False):
        st.markdown(f"One step is {text.plain(words.number(length))} units of the space long now.")
        wanted = st.number_input("Length of one step", value=1.0, min_value=0.0, format="%.6g", key=f"{key}.length")
        name, note = _named(f"{key}.cap", f"{one.name}-step"[:80])
        if st.form_submit_button("Make", type="primary", icon=":material/straighten:"):
            _make(name, lambda: cap(store, name, one.name, length=float(wanted), note=note))


def renaming(store: Store, one: DirectionRecord, key: str) -> None:
    """Another name."""
    with st.popover("Rename", icon=":material/edit:"), st.form(f"{key}.rename", border=False):
        name = st.text_input("New name", value=one.name, max_chars=80, key=f"{key}.rename.name").strip()
        if st.form_submit_button("Rename", type="primary", icon=":material/edit:"):
            _make(name, lambda: store.rename_direction(one.name, name))


def deleting(store: Store, one: DirectionRecord, key: str) -> None:
    """Delete after a second click."""
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown(f"Delete the direction **{text.plain(one.name)}**? Runs that found or used it keep their results.")
        if not st.button("Delete it", type="primary", icon=":material/delete:", key=f"{key}.delete"):
            return
        try:
            store.delete_direction(one.name)
        except WorkbenchError as error:
            st.error(text.sentence(error, 300))
            return
    links.go("directions", model=one.model)


def importing(store: Store, key: str) -> None:
    """A folded form that takes a published file of directions."""
    with st.expander("Import a direction", icon=":material/upload:"):
        models = [name for name, card in engine.catalogue().models.items() if card.missing() is None]
        if not models:
            st.caption("There is no model that it could be a direction of.")
            return
        left, right = st.columns(2)
        model = left.selectbox("Model", models, format_func=text.one_line, key=f"{key}.model")
        spaces = _spaces(store, model)
        with right:
            space = (
                st.selectbox("Space", spaces, format_func=text.one_line, key=f"{key}.{model}.space")
                if spaces
                else st.text_input("Space", placeholder="z", max_chars=200, key=f"{key}.{model}.space.text")
            )
        with st.form(f"{key}.form", border=False):
            given = st.file_uploader(
                "A file with one direction, or one in each row", type=list(KINDS), key=f"{key}.file"
            )
            left, right = st.columns(2)
            name = left.text_input("Name", placeholder="glasses", max_chars=80, key=f"{key}.name").strip()
            array = right.text_input(
                "Array", placeholder="where the file holds several", max_chars=200, key=f"{key}.array"
            ).strip()
            note = st.text_input("Note", placeholder="Where it was published", max_chars=400, key=f"{key}.note").strip()
            if not st.form_submit_button("Import", type="primary", icon=":material/upload:"):
                return
        if given is None:
            st.error("Choose a file first.")
            return
        content = given.getvalue()
        _import(store, given.name, content, name, str(model), str(space or "").strip(), array or None, note)


def _import(
    store: Store, file: str, content: bytes, name: str, model: str, space: str, array: str | None, note: str
) -> None:
    from workbench.directions import import_file

    ending = Path(file).suffix.lower()
    if ending.lstrip(".") not in KINDS or len(content) > LARGEST:
        st.error(f"A file of directions ends with {', '.join('.' + one for one in KINDS)}, and has at most 64 MiB.")
        return
    if not _is_name(name):
        return
    try:
        with tempfile.TemporaryDirectory() as folder, st.spinner("Reading the file and looking at the model"):
            path = Path(folder) / f"directions{ending}"
            path.write_bytes(content)
            called = text.one_line(Path(file).name, 120)
            kept = import_file(store, path, [name], model=model, space=space, array=array, note=note, called=called)
    except WorkbenchError as error:
        st.error(text.sentence(error, 400))
        return
    if len(kept) == 1:
        links.go("directions", direction=kept[0].name)
    else:
        links.go("directions", model=model, space=space)


def _spaces(store: Store, model: str) -> list[str]:
    """Vector spaces of a model that has been described; none where that is still to be done."""
    from registry.spaces import Layer, Vectors
    from workbench.points import Description

    kept = store.description(model)
    if kept is None or kept.status != "ready" or kept.json is None:
        return []
    spaces = Description.from_json(kept.json).spaces
    return [name for name, one in spaces.items() if isinstance(one, Vectors) and not isinstance(one, Layer)]


def _named(key: str, placeholder: str) -> tuple[str, str]:
    name = st.text_input("Name of the new direction", placeholder=placeholder, max_chars=80, key=f"{key}.name")
    note = st.text_input("Note", placeholder="What changes along it", max_chars=400, key=f"{key}.note")
    return name.strip(), note.strip()


def _make(name: str, make: Callable[[], DirectionRecord]) -> None:
    """Make it and go to it; what is wrong is said in the form."""
    if not _is_name(name):
        return
    try:
        made = make()
    except WorkbenchError as error:
        st.error(text.sentence(error, 400))
        return
    links.go("directions", direction=made.name)


def _is_name(name: str) -> bool:
    if NAME.fullmatch(name):
        return True
    st.error("A direction needs a name of lower-case letters, digits, dots, dashes and underscores.")
    return False
