# SPDX-License-Identifier: Apache-2.0
"""The page: a model, a space, a code; then sliders and pictures (``plugins.editor.address`` says what it takes)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from plugins.editor import choosing, session, workspace
from plugins.editor.address import OF_A_MODEL
from plugins.editor.address import address as address
from plugins.editor.address import link as link
from plugins.editor.decoding import editable
from plugins.editor.ground import ground_of, load
from plugins.editor.offered import offered
from registry.errors import WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import background, errors, links, permalink, text

if TYPE_CHECKING:
    from plugins.editor.ground import Loaded
    from plugins.editor.starts import Start
    from workbench.points import Description

_LOST: Final = "editor.lost.model"


def draw() -> None:
    """Draw the page."""
    st.title("Editor")
    st.markdown("Move a code along directions, and see what becomes of its picture, and what changes besides.")
    cards = {name: one for name, one in engine.catalogue().models.items() if one.missing() is None}
    if not cards:
        with st.container(border=True):
            st.markdown("**There is no model to edit with.** None is loaded, or what they need is not there.")
            links.link("models", "Models and what they need", icon=":material/deployed_code:")
        return
    asked = permalink.get("model")
    if asked is not None and asked not in cards:
        st.session_state[_LOST] = asked
    if lost := st.session_state.get(_LOST):  # until another is chosen: the address holds what is shown by then
        st.warning(
            f"The address names the model {text.plain(lost, 80)}, which is not there. Choose another.",
            icon=":material/search_off:",
        )
    names = list(cards)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        model = str(
            st.selectbox(
                "Model",
                names,
                index=names.index(asked) if asked in cards else 0,
                key="editor.model",
                width=260,
                on_change=lambda: st.session_state.pop(_LOST, None),
            )
        )
        place = st.container()
    if asked is not None and asked != model:
        permalink.put(**dict.fromkeys(OF_A_MODEL))
    permalink.put(model=model)
    stamp = subjects.stamp(model)
    background.wait_for(
        ("editor", engine.store().location, model, stamp),
        lambda: subjects.describe(model),
        lambda description: _space(model, stamp, description, place),
        saying="Looking at the spaces and maps of the model; the first time takes seconds",
    )


def _space(model: str, stamp: str, description: Description, place: Any) -> None:
    spaces = editable(description)
    if not spaces:
        with st.container(border=True):
            st.markdown("**No maps of this model lead from a space of vectors to pictures**, so no code can be edited.")
            links.link("models", "Its spaces and maps", icon=":material/deployed_code:", model=model)
        return
    asked = permalink.choice("space", spaces, spaces[0]) or spaces[0]
    space = asked
    if len(spaces) > 1:
        with place:
            space = str(
                st.selectbox("Space", spaces, index=spaces.index(asked), key=f"editor.space.{model}", width=160)
            )
    permalink.put(space=space)
    with errors.shown("Choosing the code"):
        start = choosing.choose(model, description, space)
        if start is not None:
            _started(model, stamp, description, space, start)


def _started(model: str, stamp: str, description: Description, space: str, start: Start) -> None:
    def work() -> Loaded | str:
        try:
            return load(start, model, stamp, description, space)
        except WorkbenchError as error:
            return str(error)

    def show(loaded: Loaded | str) -> None:
        if isinstance(loaded, str):
            errors.show(loaded)
            return
        size = len(loaded.code)
        directions = offered(engine.store(), model, description.fingerprint, space, size)
        ground = ground_of(loaded, start, model, description, space, directions)
        for one in session.taken_from_address(ground):
            st.warning(text.sentence(one, 300), icon=":material/search_off:")
        workspace.draw(ground)

    background.wait_for(
        ("editor", engine.store().location, model, stamp, space, start),
        work,
        show,
        saying="Starting the model; the first picture takes a few seconds",
    )
