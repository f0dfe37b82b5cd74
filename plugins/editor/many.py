# SPDX-License-Identifier: Apache-2.0
"""The present edit on many samples at once: rows of a slice, or draws from the prior, before and after."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.editor import choosing
from plugins.editor.scores import applying, measured, quick
from plugins.editor.starts import codes_of_slice, spread_rows
from workbench.app import engine
from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    from plugins.editor.editing import Edit, Float64
    from plugins.editor.ground import Ground
    from registry.arrays import Array

COUNTS: Final = (6, 12, 24, 48)
PRIOR: Final = "\x00prior"


def draw(ground: Ground, edit: Edit) -> None:
    """Draw the panel."""
    slices = {one.name: one for one in choosing.slices_for(ground.model, ground.description, ground.space)}
    options = [*slices]
    if getattr(ground.description.spaces[ground.space], "prior", None) is not None:
        options.append(PRIOR)
    if not options:
        st.info("There is no slice of codes of this space: save one on the map of points.", icon=":material/bookmarks:")
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        key = f"{ground.key}.many"
        if st.session_state.get(key) not in options:
            st.session_state[key] = ground.start.slice if ground.start.slice in slices else options[0]
        chosen = str(
            st.selectbox(
                "Samples",
                options,
                format_func=lambda one: "draws from the prior (seed 0)" if one == PRIOR else one,
                key=key,
                width=320,
            )
        )
        count = int(st.selectbox("How many", COUNTS, index=0, key=f"{ground.key}.count", width=110) or COUNTS[0])
    if not edit.moves:
        st.info("Nothing is moved yet: move a slider, and it is done to all of these.", icon=":material/tune:")
        return
    if chosen == PRIOR:
        rows = np.arange(count)
        codes = np.asarray(engine.live(ground.model).sample(ground.space, rows, 0), dtype=np.float64)
    else:
        rows = spread_rows(slices[chosen], count)
        codes = codes_of_slice(slices[chosen], rows, ground.model, ground.description, ground.space)
    edited, share = ground.frame.applied(edit, codes)
    pair = [ground.decoder(codes), ground.decoder(edited)]
    sheet = _sheet(ground, rows, pair, edited)
    st.image(sheet, alt=f"{len(rows)} samples before the edit, and after it below each")
    beyond = int(ground.frame.outside(edited).sum())
    st.caption(
        f"{text.counted(len(rows), 'sample')}: above each as it was, below as it is edited. {beyond} of them leave the "
        f"99 % shell ({int(ground.frame.outside(codes).sum())} were outside before)"
        + (f"; the cap shortens the edit of {int((share < 1).sum())}." if edit.cap != "none" else ".")
    )
    _changes(ground, pair)
    _downloads(ground, edit, rows, codes, edited, sheet, chosen)


def _sheet(ground: Ground, rows: Array, pair: list[Array], edited: Float64) -> bytes:
    """Before above after, six pairs side by side."""
    space = ground.decoder.pixels
    before, after = (contact_sheet.to_pixels(one, space) for one in pair)
    outside = ground.frame.outside(edited)
    cells = [np.concatenate([one, two]) for one, two in zip(before, after, strict=True)]
    factor = max(1, round(96 / max(before.shape[1:3])))
    large = [one.repeat(factor, axis=0).repeat(factor, axis=1) for one in cells]
    captions = [f"{row} !" if out else str(row) for row, out in zip(rows, outside, strict=True)]
    return contact_sheet.png(contact_sheet.sheet(large, captions, columns=6, dark=style.dark()))


def _changes(ground: Ground, pair: list[Array]) -> None:
    """Mean change of every scorer with its interval over the samples."""
    scorers = applying(ground.decoder) if st.session_state.get(f"{ground.key}.networks") else quick(ground.decoder)
    before, after = (measured(ground.decoder, one, scorers)[0] for one in pair)
    labels = {name: f"{one.label}, {one.unit}" if one.unit else one.label for name, one in scorers.items()}
    rows: dict[str, list[str]] = {name: [] for name in ("Scorer", "Mean change", "95 % interval", "n")}
    found = [(name, *_mean(after[name] - before[name])) for name in before]
    spread = ground.spread

    def size(one: Any) -> float:
        return abs(one[1]) / spread[one[0]] if spread.get(one[0], 0) > 0 and np.isfinite(one[1]) else -1.0

    for name, mean, low, high, n in sorted(found, key=size, reverse=True):
        rows["Scorer"].append(text.plain(labels[name], 80))
        rows["Mean change"].append(_number(mean))
        rows["95 % interval"].append(f"{_number(low)} to {_number(high)}" if n > 1 else "one sample")
        rows["n"].append(str(n))
    if found:
        st.table(rows, hide_index=True, border="horizontal")
        st.caption("Intervals are Student's, over the samples that have the number before and after.")


def _mean(change: Array) -> tuple[float, float, float, int]:
    """Mean of what is finite, with its 95 % interval and number."""
    from scipy.stats import t

    finite = change[np.isfinite(change)]
    if not len(finite):
        return float("nan"), float("nan"), float("nan"), 0
    mean, n = float(finite.mean()), len(finite)
    if n < 2:
        return mean, float("nan"), float("nan"), n
    half = float(t.ppf(0.975, n - 1) * finite.std(ddof=1) / np.sqrt(n))  # a bootstrap of six is too narrow
    return mean, mean - half, mean + half, n


def _number(value: float) -> str:
    return "not defined" if not np.isfinite(value) else f"{value:+.3g}".replace("-", "−")


def _downloads(ground: Ground, edit: Edit, rows: Array, codes: Float64, edited: Float64, sheet: bytes, of: str) -> None:
    buffer = io.BytesIO()
    told = {"model": ground.model, "space": ground.space, "edit": edit.text(), "of": "prior" if of == PRIOR else of}
    np.savez_compressed(
        buffer, rows=rows, before=codes.astype(np.float32), after=edited.astype(np.float32), about=json.dumps(told)
    )
    with st.container(horizontal=True):
        st.download_button(
            "Sheet (PNG)",
            sheet,
            f"{ground.model}-edited.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
            key=f"{ground.key}.sheet",
        )
        st.download_button(
            "Codes (npz)",
            buffer.getvalue(),
            f"{ground.model}-edited.npz",
            icon=":material/download:",
            on_click="ignore",
            key=f"{ground.key}.codes",
        )
