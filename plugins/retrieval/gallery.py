# SPDX-License-Identifier: Apache-2.0
"""Queries with their first five answers: pictures where rows have some, texts as they are, the right one marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

import workbench as wb
from registry.pictures import CHART_COLOURS
from workbench.app.parts import background, contact_sheet, style, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SHOWN: Final = 6  # queries on a page
WHICH: Final = ("at random", "worst first", "first answer wrong", "first answer right")
SIDE: Final = 96  # pixels of a picture
_RIGHT: Final = tuple(int(CHART_COLOURS[2][at : at + 2], 16) for at in (1, 3, 5))


def chosen_of(queries: pd.DataFrame, which: str, back: bool, seed: int) -> Any:
    """Positions of the queries to be shown, in order."""
    ranks = queries["rank_back" if back else "rank"].to_numpy()
    order = np.random.default_rng(seed).permutation(len(ranks))
    if which == "worst first":
        return np.argsort(-ranks, kind="stable")
    if which == "first answer wrong":
        return order[ranks[order] > 1]
    if which == "first answer right":
        return order[ranks[order] == 1]
    return order


def draw_gallery(view: ViewContext, queries: pd.DataFrame, at: Any, back: bool) -> None:
    """The queries at these positions; pictures are fetched in the background."""
    if not len(at):
        st.caption("There are no such queries.")
        return
    answers = np.asarray(view.result.array("answers_back" if back else "answers"))[at]
    scores = np.asarray(view.result.array("scores_back" if back else "scores"))[at]
    needed = np.unique(answers) if back else np.asarray(at)
    rows = queries["row"].to_numpy()[needed]

    def show(images: list[Any] | None) -> None:
        found = None if images is None else dict(zip(needed.tolist(), images, strict=True))
        columns = view.beside(3, 3) if back else view.beside(4, 4)
        for place, (query, given, near) in enumerate(zip(at, answers, scores, strict=True)):
            with columns[place % 2]:
                _one(queries, int(query), given, near, found, back)

    try:
        background.wait_for(
            (view.run.id, "retrieval", back, rows.tobytes()),
            lambda: _pictures(view, rows),
            show,
            saying="Getting the pictures of these rows",
        )
    except wb.WorkbenchError as error:
        st.caption(text.sentence(error, 400))
        show(None)


def _pictures(view: ViewContext, rows: Any) -> list[Any] | None:
    """Pictures of rows of the data, or none where they have none."""
    if view.data is None:
        return None
    try:
        order = np.argsort(rows, kind="stable")
        found = view.images_of(rows[order])
    except wb.DoesNotApply:
        return None
    back = np.argsort(order, kind="stable")
    return [found[one] for one in back]


def _one(queries: pd.DataFrame, query: int, given: Any, near: Any, found: dict[int, Any] | None, back: bool) -> None:
    rank = int(queries["rank_back" if back else "rank"].iloc[query])
    marked = [int(one) == query for one in given]
    if back:
        st.markdown(f"**{text.plain(queries['second'].iloc[query], 300)}**")
        if found is None:
            st.markdown(_listed(queries["first"], given, near, marked))
        else:
            _strip([found[int(one)] for one in given], near, marked, str(queries["second"].iloc[query]))
    else:
        listed = _listed(queries["second"], given, near, marked)
        if found is None:
            st.markdown(f"**{text.plain(queries['first'].iloc[query], 120)}**\n\n{listed}")
        else:
            with st.container(horizontal=True, gap="small"):
                st.image(
                    contact_sheet.png(small(found[query])), width=SIDE, alt=text.one_line(queries["second"].iloc[query])
                )
                st.container(width="stretch").markdown(listed)
    if rank > len(given) or not any(marked):
        own = queries["first" if back else "second"].iloc[query]
        told = "" if back and found is not None else f": {text.plain(own, 160)}"
        st.caption(f"Its own answer has rank {rank:,}{told}")


def _listed(words: pd.Series[Any], given: Any, near: Any, marked: list[bool]) -> str:
    """Answers as a numbered list; the right one in bold with a mark."""
    lines = []
    for place, (one, cosine, right) in enumerate(zip(given, near, marked, strict=True), start=1):
        told = text.plain(words.iloc[int(one)], 140)
        told = f":material/check_circle: **{told}**" if right else told
        lines.append(f"{place}. {told} ({cosine:.2f})")
    return "\n".join(lines)


def _strip(pictures: list[Any], near: Any, marked: list[bool], query: str) -> None:
    """Answers as pictures side by side; the right one is framed and says so."""
    cells = [framed(small(one)) if right else small(one) for one, right in zip(pictures, marked, strict=True)]
    captions = [f"right {cosine:.2f}" if right else f"{cosine:.2f}" for cosine, right in zip(near, marked, strict=True)]
    sheet = contact_sheet.sheet(cells, captions, columns=len(cells), dark=style.dark())
    st.image(contact_sheet.png(sheet), width="content", alt=f"First answers to: {text.one_line(query)}")


def small(picture: Any) -> Any:
    """A picture of at most 96 pixels a side, uint8 ``[height, width, channels]``; small ones are enlarged."""
    from PIL import Image

    pixels = np.asarray(picture)
    if max(pixels.shape[:2]) <= SIDE:
        return contact_sheet.enlarge(pixels, SIDE)
    scale = SIDE / max(pixels.shape[:2])
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    grey = pixels.ndim == 3 and pixels.shape[2] == 1
    taken = np.asarray(Image.fromarray(pixels[..., 0] if grey else pixels).resize(size, Image.Resampling.LANCZOS))
    return taken[..., None] if taken.ndim == 2 else taken


def framed(picture: Any, width: int = 4) -> Any:
    """The picture in colours with a green frame on its edge, uint8 ``[height, width, 3]``."""
    found = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture[..., :3].copy()
    for edge in (np.s_[:width], np.s_[-width:], np.s_[:, :width], np.s_[:, -width:]):
        found[edge] = _RIGHT
    return found
