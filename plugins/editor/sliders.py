# SPDX-License-Identifier: Apache-2.0
"""What a code is moved with: sliders of named directions and axes, the random direction, what is held, the cap."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from plugins.editor.editing import Edit
from plugins.editor.session import changing, history, keep
from workbench.app.parts import links, text

if TYPE_CHECKING:
    from plugins.editor.ground import Ground
    from plugins.editor.offered import Offered

REACH, AXIS_REACH = 4.0, 3.0
PAGE: Final = 12
MANY: Final = 7
CAPS: Final = {"none": "None", "shell": "99 % shell", "length": "Length"}


def draw(ground: Ground) -> None:
    """Draw all of them; they change the history of the session."""
    edit = history(ground).present
    _buttons(ground)
    _named(ground, edit)
    _random(ground, edit)
    with st.expander(f"Every axis ({ground.frame.size})", icon=":material/linear_scale:", expanded=bool(edit.axes)):
        _axes(ground, edit)
    with st.expander("Hold and cap", icon=":material/lock:", expanded=bool(edit.hold) or edit.cap != "none"):
        _held(ground, edit)
        _cap(ground, edit)
    refused = [one for one in ground.directions if one.refused]
    if refused:
        with st.expander(f"Not usable here ({len(refused)})", icon=":material/block:"):
            for one in refused:
                _slider(ground, f"refused.{one.name}", one.name, 0.0, REACH, lambda edit, amount: edit, refused=one)


def _buttons(ground: Ground) -> None:
    line = history(ground)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Undo",
            icon=":material/undo:",
            disabled=not line.past,
            key=f"{ground.key}.undo",
            on_click=lambda: keep(ground, history(ground).undone()),
        )
        st.button(
            "Redo",
            icon=":material/redo:",
            disabled=not line.future,
            key=f"{ground.key}.redo",
            on_click=lambda: keep(ground, history(ground).redone()),
        )
        st.button(
            "Reset",
            icon=":material/restart_alt:",
            disabled=not line.present.moves,
            key=f"{ground.key}.reset",
            help="Nothing moved; what is held and the cap stay. Undo brings the edit back.",
            on_click=lambda: changing(ground, lambda edit: Edit(hold=edit.hold, cap=edit.cap, limit=edit.limit)),
        )


def _named(ground: Ground, edit: Edit) -> None:
    usable = [one for one in ground.directions if one.vector is not None]
    if not usable:
        st.markdown("**No named direction yet**")
        st.caption(
            "Find some with the analyses *directions* or *difference of two slices* and keep them by name, or keep an "
            "edit of axes from below. The random direction and the axes can be moved at once."
        )
        links.link("models", "Analyses of this model", icon=":material/deployed_code:", model=ground.model)
        return
    st.markdown("**Named directions**, in steps of their stored length")
    with st.container(height=420 if len(usable) > MANY else "content", border=False):
        for one in usable:
            name = one.name
            _slider(
                ground,
                f"named.{name}",
                name,
                edit.step(name),
                REACH,
                lambda edit, amount, name=name: edit.stepped(name, amount),
                help=_found(one),
            )


def _found(one: Offered) -> str:
    how = one.record.how
    by = how.get("method") or how.get("analysis") or "unknown"
    return text.plain(f"Found by {by}. {how.get('note') or ''}", 300)


def _random(ground: Ground, edit: Edit) -> None:
    slider, seed = st.columns([3, 1], gap="small", vertical_alignment="bottom")
    with slider:
        _slider(
            ground,
            "random",
            "Random direction (control)",
            edit.random,
            REACH,
            lambda edit, amount: replace(edit, random=amount),
            help="Drawn evenly from all directions, as long as a named one is on average: what an edit does by chance.",
        )
    with seed:
        key = f"{ground.key}.seed"
        st.session_state[key] = edit.seed
        st.number_input(
            "Seed",
            0,
            999_999,
            key=key,
            on_change=lambda: changing(ground, lambda edit: replace(edit, seed=int(st.session_state[key]))),
        )


def _axes(ground: Ground, edit: Edit) -> None:
    size = ground.frame.size
    moved = [number for number, _ in edit.axes]
    listed = list(range(size))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        wanted = ""
        if size > PAGE:
            wanted = st.text_input("Find an axis", key=f"{ground.key}.find", placeholder="number or name", width=160)
        only = bool(moved) and st.toggle("Moved only", key=f"{ground.key}.moved")
    if wanted.strip():
        asked = wanted.strip().lower()
        listed = [one for one in listed if asked == str(one) or asked in ground.axis_name(one).lower()]
    if only:
        listed = [one for one in listed if one in moved]
    if not listed:
        st.caption("No axis is called that.")
        return
    page = 0
    if len(listed) > PAGE:
        pages = math.ceil(len(listed) / PAGE)
        page = int(st.number_input(f"Page, of {pages}", 1, pages, key=f"{ground.key}.page.{pages}", width=120)) - 1
    code, shown = ground.code, listed[page * PAGE : (page + 1) * PAGE]
    with st.container(height=380 if len(shown) > MANY else "content", border=False):
        for number in shown:
            _slider(
                ground,
                f"axis.{number}",
                ground.axis_name(number),
                edit.axis(number),
                AXIS_REACH,
                lambda edit, amount, number=number: edit.on_axis(number, amount),
                help=f"At the start {code[number]:.3g}; one standard deviation is {ground.frame.std[number]:.3g}.",
            )
    st.caption(f"In standard deviations, of {text.plain(ground.frame.spread_of)}.")


def _slider(
    ground: Ground,
    name: str,
    label: str,
    amount: float,
    reach: float,
    change: Any,
    *,
    help: str = "",
    refused: Offered | None = None,
) -> None:
    key = f"{ground.key}.{name}"
    reach = max(reach, float(math.ceil(abs(amount))))
    st.session_state[key] = float(amount)

    def moved() -> None:
        changing(ground, lambda edit: change(edit, round(float(st.session_state[key]), 6)))
        kind, _, which = name.partition(".")  # what was moved last is what the strip goes along
        st.session_state[f"{ground.key}.active"] = {"named": which, "axis": f"@{which}"}.get(kind, "!")

    st.slider(
        text.plain(label, 60),
        -reach,
        reach,
        step=0.1,
        format="%+.1f",
        key=key,
        help=help or None,
        disabled=refused is not None,
        on_change=moved,
    )
    if refused is not None:
        st.caption(text.sentence(refused.refused, 200))


def _held(ground: Ground, edit: Edit) -> None:
    names = list(ground.frame.vectors)
    if not names:
        st.caption("Directions to hold appear here once some have a name.")
        return
    key = f"{ground.key}.hold"
    st.session_state[key] = list(edit.hold)
    st.multiselect(
        "Hold",
        names,
        key=key,
        placeholder="Directions that are not to change",
        help="They are taken out of every other named direction and of the random one, which keep their lengths "
        "(conditional edit; Shen, Gu, Tang and Zhou, CVPR 2020, section 3.3). Axes are left as they are.",
        on_change=lambda: changing(ground, lambda edit: replace(edit, hold=tuple(sorted(st.session_state[key])))),
    )


def _cap(ground: Ground, edit: Edit) -> None:
    kinds = list(CAPS) if ground.frame.shell is not None else ["none", "length"]
    key, length = f"{ground.key}.cap", f"{ground.key}.limit"
    st.session_state[key] = edit.cap if edit.cap in kinds else "none"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Cap of the edit",
            kinds,
            format_func=CAPS.__getitem__,
            key=key,
            required=True,
            help="Shortens the whole edit: to where 99 % of the draws of the prior lie, or to a length in standard "
            "deviations.",
            on_change=lambda: changing(ground, lambda edit: replace(edit, cap=st.session_state[key] or "none")),
        )
        if edit.cap == "length":
            st.session_state[length] = float(edit.limit)
            st.number_input(
                "Longest",
                0.1,
                100.0,
                step=0.5,
                key=length,
                width=120,
                on_change=lambda: changing(ground, lambda edit: replace(edit, limit=float(st.session_state[length]))),
            )
    if ground.frame.shell is None:
        st.caption("There is no normal prior here, so that nothing says which codes are unusual.")
