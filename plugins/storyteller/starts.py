# SPDX-License-Identifier: Apache-2.0
"""Where a story starts: a typed caption, one of the data, a photograph, a stamp, or a picture of the reader's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.storyteller import asking
from registry.errors import DataError, WorkbenchError
from registry.spaces import Images
from workbench.app import engine
from workbench.app.parts import errors, permalink, text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from plugins.storyteller.ground import Ground
    from plugins.storyteller.offered import Painter

KINDS: Final = {
    "typed": "Your caption",
    "caption": "Held-out caption",
    "photographs": "Photograph",
    "stamps": "Stamp",
    "own": "Your picture",
}
FIRST: Final = "A dog is running along the beach with a stick in its mouth."
NAMES: Final = ("shows", "caption", "name")


@dataclass(frozen=True)
class Chosen:
    """A text, or a picture (uint8 ``[height, width, 3]``), and what it is in words."""

    text: str = ""
    pixels: NDArray[np.uint8] | None = None
    label: str = ""
    credit: str = ""


def choose(ground: Ground, painter: Painter | None, why_not: str) -> Chosen | None:
    """What is chosen; ``None`` while nothing is."""
    sets = [] if painter is None else [name for name in ("photographs", "stamps") if _fits(name, painter.pixels)]
    kinds = ["typed", "caption", *sets, *(["own"] if painter is not None else [])]
    asked = permalink.choice("from", kinds, "photographs" if "photographs" in kinds else "typed")
    taken = st.segmented_control(
        "Start from", kinds, format_func=KINDS.__getitem__, default=asked, key=f"story.from.{len(kinds)}"
    )
    kind = str(taken or asked)
    permalink.put(**{"from": kind})
    if why_not:
        st.caption(text.sentence(why_not, 400))
    if kind == "typed":
        return _typed()
    if kind == "caption":
        return _caption(ground)
    assert painter is not None  # else the kind was not offered
    return _own(painter) if kind == "own" else _row(kind)


def _fits(name: str, space: Images) -> bool:
    if name not in engine.dataset_names():
        return False
    try:
        return engine.dataset(name).space.row_shape == space.row_shape
    except DataError:
        return False


def _typed() -> Chosen | None:
    given = st.text_area("Caption", FIRST, key="story.text", height=80, help="Any text; the first 10,000 characters.")
    plain, told = asking.cleaned(given or "")
    if told:
        st.caption(told)
    if not plain:
        st.info("Type a caption to start from: an empty text has no point.", icon=":material/edit:")
        return None
    return Chosen(text=plain, label="caption")


def _caption(ground: Ground) -> Chosen:
    texts = ground.styles[ground.source].test_texts
    start = permalink.whole("row", 0, len(texts) - 1, 0)
    row = int(
        st.selectbox(
            "Caption",
            range(len(texts)),
            index=start,
            format_func=lambda one: text.one_line(texts[one], 140),
            key="story.caption",
        )
    )
    permalink.put(row=row)
    return Chosen(text=texts[row], label="caption")


def _row(name: str) -> Chosen:
    data = engine.dataset(name)
    columns = data.columns
    named = next((one for one in NAMES if one in columns), None)
    start = permalink.whole("row", 0, len(data) - 1, 0)

    def words(row: int) -> str:
        return text.one_line(columns[named].iloc[row], 100) if named is not None else f"row {row}"

    row = int(st.selectbox("Picture", range(len(data)), index=start, format_func=words, key=f"story.{name}", width=420))
    permalink.put(row=row)
    pixels = np.asarray(data.checked_pictures(np.array([row], dtype=np.int64))[0])
    facts: Any = columns.iloc[row]
    credit = ", ".join(str(facts[one]) for one in ("credit", "licence") if one in columns)
    return Chosen(pixels=pixels.repeat(3, axis=2) if pixels.shape[2] == 1 else pixels, label=words(row), credit=credit)


def _own(painter: Painter) -> Chosen | None:
    given = st.file_uploader("Picture", ["png", "jpg", "jpeg", "webp"], key="story.file")
    if given is None:
        return None
    try:
        return Chosen(pixels=asking.pixels_of(given.getvalue(), painter.pixels), label="your picture")
    except WorkbenchError as error:
        errors.show(str(error))
        return None
