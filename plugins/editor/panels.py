# SPDX-License-Identifier: Apache-2.0
"""Below the pictures, one at a time: a strip, a grid, an animation, many samples, keeping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.editor import keeping, many
from plugins.editor import pictures as drawing
from registry.errors import WorkbenchError
from workbench.app.parts import contact_sheet, errors, permalink, style, text

if TYPE_CHECKING:
    from plugins.editor.editing import Edit, Float64
    from plugins.editor.ground import Ground
    from registry.arrays import Array

PANELS: Final = {
    "strip": ":material/view_week: Strip",
    "grid": ":material/grid_on: Grid of two",
    "animation": ":material/animation: Animation",
    "many": ":material/apps: Many samples",
    "keep": ":material/bookmark_add: Keep",
}
STRIP: Final = np.linspace(-3, 3, 7)
GRID: Final = np.linspace(-2, 2, 5)
FRAMES: Final = (12, 24, 48)


def draw(ground: Ground, edit: Edit, code: Float64, after: Array) -> None:
    """Draw the panel that is chosen."""
    key = f"{ground.key}.panel"
    if key not in st.session_state:
        st.session_state[key] = permalink.choice("panel", PANELS, "strip")
    st.divider()
    panel = st.segmented_control(
        "Panel", list(PANELS), format_func=PANELS.__getitem__, key=key, required=True, label_visibility="collapsed"
    )
    permalink.put(panel=None if panel == "strip" else panel)
    with errors.shown("This panel"):
        if panel == "strip":
            _strip(ground, edit)
        elif panel == "grid":
            _grid(ground, edit)
        elif panel == "animation":
            _animation(ground, edit)
        elif panel == "many":
            many.draw(ground, edit)
        else:
            keeping.draw(ground, edit, code)


def directions_of(ground: Ground, edit: Edit) -> list[str]:
    """Directions as the address names them: those that are moved first."""
    named = list(ground.frame.vectors)
    every = [*named, "!", *(f"@{one}" for one in range(ground.frame.size))]
    return sorted(every, key=lambda one: ground.amount(edit, one) == 0)


def _choose(ground: Ground, edit: Edit, parameter: str, label: str, *, other: str | None = None) -> str:
    """A direction that the address keeps."""
    key = f"{ground.key}.{parameter}"
    options = directions_of(ground, edit)
    if other is not None:
        options = [one for one in options if one != other]
    if st.session_state.get(key) not in options:
        asked = permalink.get(parameter)
        st.session_state[key] = asked if asked in options else options[0]
    found = st.selectbox(label, options, format_func=ground.label, key=key, width=320)
    permalink.put(**{parameter: found})
    return str(found)


def _strip(ground: Ground, edit: Edit) -> None:
    which = _choose(ground, edit, "active", "Along")
    edits = [ground.moved(edit, which, float(one)) for one in STRIP]
    _sheet(
        ground,
        edits,
        [_signed(one) for one in STRIP],
        len(STRIP),
        f"{ground.label(which)} from {STRIP[0]:g} to {STRIP[-1]:g}",
        wide=True,
    )
    st.caption(
        f"{text.plain(ground.label(which))} in the place of its slider ({_unit(which)}), everything else as it stands. "
        "An exclamation mark: beyond the 99 % shell."
    )


def _grid(ground: Ground, edit: Edit) -> None:
    with st.container(horizontal=True, gap="medium"):
        across = _choose(ground, edit, "active", "Across")
        down = _choose(ground, edit, "second", "Down", other=across)
    edits = [
        ground.moved(ground.moved(edit, across, float(one)), down, float(two)) for two in GRID[::-1] for one in GRID
    ]
    captions = [f"{_signed(one)} / {_signed(two)}" for two in GRID[::-1] for one in GRID]
    _sheet(ground, edits, captions, len(GRID), f"{ground.label(across)} across, {ground.label(down)} down", wide=False)
    st.caption(
        f"{text.plain(ground.label(across))} from left to right ({_unit(across)}), {text.plain(ground.label(down))} "
        f"from bottom to top ({_unit(down)}); captions: across / down. An exclamation mark: beyond the 99 % shell."
    )


def _sheet(ground: Ground, edits: list[Edit], captions: list[str], columns: int, alt: str, *, wide: bool) -> None:
    codes = np.stack([ground.applied(one)[0] for one in edits])
    outside = ground.frame.outside(codes)
    told = [f"{one} !" if out else one for one, out in zip(captions, outside, strict=True)]
    least = 112 if wide else 96
    key = f"{ground.key}.sheet"
    drawn_for = (codes.tobytes(), tuple(told), columns, style.dark())
    kept = st.session_state.get(key)  # a slider that the strip goes along does not change the strip
    if kept is not None and kept[0] == drawn_for:
        st.image(kept[1], alt=alt)
        return
    cells = [
        contact_sheet.enlarge(one, least) for one in drawing.to_pixels(ground.decoder(codes), ground.decoder.pixels)
    ]
    sheet = contact_sheet.sheet(cells, told, columns=columns, dark=style.dark())
    st.session_state[key] = (drawn_for, contact_sheet.png(sheet))
    st.image(st.session_state[key][1], alt=alt)


def _signed(value: float) -> str:
    return f"{value:+g}" if value else "0"  # the font of contact sheets has no minus sign of its own


def _unit(which: str) -> str:
    return "standard deviations" if which.startswith("@") else "steps"


def _animation(ground: Ground, edit: Edit) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        ways = {"edit": "Start to edit", "strip": "Along a direction"}
        way = st.segmented_control(
            "Way", list(ways), format_func=ways.__getitem__, default="edit", required=True, key=f"{ground.key}.way"
        )
        which = _choose(ground, edit, "active", "Along") if way == "strip" else None
        count = int(st.selectbox("Frames", FRAMES, index=1, key=f"{ground.key}.frames", width=100) or FRAMES[1])
        pace = int(st.number_input("Milliseconds a frame", 20, 500, 60, step=10, key=f"{ground.key}.pace", width=180))
        back = st.toggle("And back", value=True, key=f"{ground.key}.back")
    if way == "edit" and not edit.moves:
        st.info("Nothing is moved yet: move a slider, or choose a direction.", icon=":material/tune:")
        return
    key = f"{ground.key}.film"
    asked = (ground.start, edit, which, count, pace, back)
    if st.button("Make the animation", type="primary", icon=":material/animation:", key=f"{ground.key}.make"):
        st.session_state[key] = (asked, _film(ground, edit, which, count, pace, back=back))
    made = st.session_state.get(key)
    if made is None or made[0] != asked:
        mp4 = "" if drawing.encoder_of_mp4() else " MP4 needs ffmpeg, which is not installed here."
        st.caption(f"GIF, and its frames as PNG files.{mp4}")
        return
    files: dict[str, Any] = made[1]
    st.image(files["gif"], width=256, alt="The animation")
    name = f"{ground.model}-edit"
    kinds = {"gif": "image/gif", "mp4": "video/mp4", "zip": "application/zip"}
    labels = {"gif": "GIF", "mp4": "MP4", "zip": "Frames (PNG, zip)"}
    with st.container(horizontal=True):
        for kind, content in files.items():
            st.download_button(
                labels[kind],
                content,
                f"{name}.{kind}",
                kinds[kind],
                icon=":material/download:",
                on_click="ignore",
                key=f"{ground.key}.get.{kind}",
            )


def _film(ground: Ground, edit: Edit, which: str | None, count: int, pace: int, *, back: bool) -> dict[str, bytes]:
    """GIF, frames, and MP4 where it can be made."""
    if which is None:
        end = ground.applied(edit)[0]
        codes = ground.code + np.linspace(0, 1, count)[:, None] * (end - ground.code)
    else:
        codes = np.stack(
            [ground.applied(ground.moved(edit, which, float(one)))[0] for one in np.linspace(-3, 3, count)]
        )
    frames, space = ground.decoder(codes), ground.decoder.pixels
    files = {"gif": drawing.gif(frames, space, pace, back=back), "zip": drawing.zipped(frames, space)}
    if drawing.encoder_of_mp4():
        try:
            files["mp4"] = drawing.mp4(frames, space, pace, back=back)
        except OSError as error:
            raise WorkbenchError(f"no MP4 could be made: {error}") from error
    return files
