# SPDX-License-Identifier: Apache-2.0
"""The part of the page that a slider draws anew: before, after, the difference, the scores, and the panels below."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.editor import panels, session, sliders
from plugins.editor import pictures as drawing
from plugins.editor.ground import slow_spread
from plugins.editor.scores import compared, networks, quick
from plugins.editor.session import history
from registry.errors import WorkbenchError
from workbench.app.parts import background, errors, permalink, style, text

if TYPE_CHECKING:
    from plugins.editor.editing import Edit, Float64
    from plugins.editor.ground import Ground
    from registry.arrays import Array

KINDS: Final = {"signed": "Signed", "absolute": "Absolute"}


@st.fragment
def draw(ground: Ground) -> None:
    """Draw the editor of one code."""
    began = time.perf_counter()
    left, right = st.columns([4, 7], gap="large")  # beside each other also where it is narrow: a slider and its picture
    with left:
        sliders.draw(ground)
    edit = history(ground).present
    fits = session.written(ground)
    with right, errors.shown("The edit"):
        try:
            code, share = ground.applied(edit)
        except WorkbenchError as error:
            st.error(text.sentence(error, 300), icon=":material/error:")
            return
        asked = time.perf_counter()
        after = ground.decoder(code)[0] if edit.moves else ground.before
        decoded = time.perf_counter() - asked
        _pictures(ground, after)
        _where(ground, edit, code, share)
        if not fits:
            st.caption("This edit is too long for the address: keep it by name, or save it, to come back to it.")
        _scores(ground, after)
    panels.draw(ground, edit, code, after)
    took = time.perf_counter() - began
    st.caption(f"Decoded in {1000 * decoded:.0f} ms; this redraw took the server {1000 * took:.0f} ms.")


def _pictures(ground: Ground, after: Array) -> None:
    before = ground.before
    key = f"{ground.key}.difference"
    if key not in st.session_state:
        st.session_state[key] = permalink.choice("difference", KINDS, "signed")
    kind: Any = st.session_state[key] or "signed"
    shares = ground.decoder.shares(np.stack([before, after]))
    changed, top = drawing.difference(shares[0], shares[1], kind, dark=style.dark())
    columns = st.columns(3, gap="small")
    pixels = ground.decoder.pixels
    shown = [
        ("Before", drawing.large(before, pixels)),
        ("After", drawing.large(after, pixels)),
        ("Difference", changed),
    ]
    for column, (title, picture) in zip(columns, shown, strict=True):
        with column:
            st.markdown(f"**{title}**")
            st.image(drawing.png(picture), width="stretch", alt=f"{title} the edit" if title != "Difference" else title)
    with columns[0]:
        st.caption(text.plain(ground.start.words[:1].upper() + ground.start.words[1:]))
    with columns[1]:
        gap = float(np.sqrt(np.square(shares[1] - shares[0]).mean()))
        st.caption(f"Root mean squared change {gap:.3f} of the range")
    with columns[2]:
        if top == 0:
            st.caption("Nothing changed")
        elif kind == "signed":
            st.caption(f"Scale from −{top:.2f} (blue, darker) over 0 to +{top:.2f} (orange, lighter) of the range")
        else:
            st.caption(f"Scale from 0 to {top:.2f} of the range")
    st.segmented_control(
        "Difference", list(KINDS), format_func=KINDS.__getitem__, key=key, required=True, label_visibility="collapsed"
    )
    permalink.put(difference=None if kind == "signed" else kind)


def _where(ground: Ground, edit: Edit, code: Float64, share: float) -> None:
    """How far the code is, and warnings."""
    frame = ground.frame
    both = np.stack([ground.code, code])
    from_start, now = frame.distance(both)
    if share < 1:
        st.info(f"The cap shortens the edit to {share:.0%} of what the sliders ask for.", icon=":material/compress:")
    if frame.shell is None:
        st.caption(
            f"The code is {now:.2f} standard deviations from the centre (start {from_start:.2f}); without a normal "
            "prior nothing says how unusual that is."
        )
        return
    outer = frame.shell.outer
    beyond = frame.outside(both)
    if beyond[1]:
        began = " The start lies outside already." if beyond[0] else ""
        st.warning(
            f"The code has left the 99 % shell: {now:.2f} standard deviations from the centre, where 99 % of the draws "
            f"lie within {outer:.2f}.{began} What it decodes to is extrapolated.",
            icon=":material/warning:",
        )
    else:
        below = float(frame.shell.share_below(np.array([now]))[0])
        st.caption(
            f"{now:.2f} standard deviations from the centre (start {from_start:.2f}): further out than {below:.0%} of "
            f"the draws of the prior; the 99 % shell is at {outer:.2f}."
        )


def _scores(ground: Ground, after: Array) -> None:
    """Scorers before and after, the largest change first."""
    slow = networks(ground.decoder)
    names, spread = quick(ground.decoder), ground.spread
    st.markdown("**What changed**")
    if slow:
        key = f"{ground.key}.networks"
        if key not in st.session_state:
            st.session_state[key] = permalink.get("scores") == "all"
        told = ", ".join(one.label for one in slow.values())
        if st.toggle(f"Networks too: {text.plain(told, 120)}", key=key, help="They take longer than the picture does."):
            known: list[dict[str, float]] = []
            background.wait_for(
                (ground.key, "networks", ground.description.fingerprint),
                lambda: slow_spread(ground),
                known.append,
                saying="Starting the networks, and scoring pictures of the model; this takes some seconds once",
            )
            if known:
                names, spread = names | slow, spread | known[0]
        permalink.put(scores="all" if st.session_state[key] else None)
    listed, failed = compared(ground.decoder, np.stack([ground.before, after]), spread, names)
    for name, why in failed.items():
        st.caption(f"{text.plain(name)}: {text.sentence(why, 200)}")
    if not listed:
        st.caption("No scorer applies to these pictures.")
        return
    rows: dict[str, list[str]] = {name: [] for name in ("Scorer", "Before", "After", "Change")}
    for one in listed:
        rows["Scorer"].append(text.plain(f"{one.label}, {one.unit}" if one.unit else one.label, 80))
        rows["Before"].append(_number(one.before))
        rows["After"].append(_number(one.after))
        rows["Change"].append(_change(one.change, one.in_spreads))
    st.table(rows, hide_index=True, border="horizontal")
    st.caption(
        "σ: standard deviation of the score over 48 pictures of the model (seed 0). The largest change first: whatever "
        "else stands high changed as well."
    )


def _number(value: float) -> str:
    return "none" if not np.isfinite(value) else f"{value:.3g}".replace("-", "−")


def _change(change: float, spreads: float) -> str:
    if not np.isfinite(change):
        return "not defined"
    if not np.isfinite(spreads):
        return f"{change:+.3g}".replace("-", "−")
    arrow = "▲" if spreads > 0.05 else "▼" if spreads < -0.05 else "·"
    return f"{arrow} {spreads:+.2f} σ".replace("-", "−")
