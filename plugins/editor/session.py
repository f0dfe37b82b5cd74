# SPDX-License-Identifier: Apache-2.0
"""The history of edits of a session, and what widgets do to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from plugins.editor import address
from plugins.editor.editing import Edit
from plugins.editor.history import History

if TYPE_CHECKING:
    from plugins.editor.ground import Ground


def history(ground: Ground) -> History:
    """The edits made so far on this model and space."""
    found: History = st.session_state.get(f"{ground.key}.history", History())
    return found


def keep(ground: Ground, line: History) -> None:
    """Take another history for the present one."""
    st.session_state[f"{ground.key}.history"] = line


def taken_from_address(ground: Ground) -> list[str]:
    """Let the edit of the address be the present one, where it holds one; what of it cannot be used, in sentences."""
    edit, bad = address.read_edit()
    told = [f"'{one}' in the address is no edit" for one in bad]
    told += [
        f"the address moves axis {number}, and there are {ground.frame.size}"
        for number, _ in edit.axes
        if number >= ground.frame.size
    ]
    told += [
        f"the address names the direction '{name}', which cannot be used here"
        for name in (*(one for one, _ in edit.steps), *edit.hold)
        if name not in ground.frame.vectors
    ]
    usable = Edit(
        tuple(one for one in edit.steps if one[0] in ground.frame.vectors),
        tuple(one for one in edit.axes if one[0] < ground.frame.size),
        edit.random,
        edit.seed,
        tuple(one for one in edit.hold if one in ground.frame.vectors),
        edit.cap,
        edit.limit,
    )
    line = history(ground)
    seen = usable == st.session_state.get(f"{ground.key}.written")  # an address that this session wrote leads nowhere
    if usable != Edit() and usable != line.present and not seen:
        keep(ground, line.then(usable))
    elif any(
        name not in ground.frame.vectors for name in (*(one for one, _ in line.present.steps), *line.present.hold)
    ):
        keep(ground, line.then(usable))  # a direction was deleted in the meantime
    return told


def written(ground: Ground) -> bool:
    """Write the present edit to the address; whether it is short enough for it."""
    edit = history(ground).present
    st.session_state[f"{ground.key}.written"] = edit
    return address.put_edit(edit)


def changing(ground: Ground, change: Callable[[Edit], Edit]) -> None:
    """Another edit becomes the present one."""
    line = history(ground)
    keep(ground, line.then(change(line.present)))
