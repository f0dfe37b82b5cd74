# SPDX-License-Identifier: Apache-2.0
"""Words on a map of pictures: a text put among the points, and the captions nearest to a selection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.projection import texts
from plugins.projection.view.map import TEXT_CROSS
from plugins.projection.view.points import MapPoints
from registry.errors import WorkbenchError
from registry.spaces import Texts, Vectors
from workbench.app import engine, subjects
from workbench.app.parts import background, text

if TYPE_CHECKING:
    from plugins.projection.texts import Placed, Tightness
    from workbench.app.parts.view_context import ViewContext

MOST_LETTERS: Final = 10_000
IN_ADDRESS: Final = 300  # letters of a text that is kept in the address
LONG: Final = 800  # letters beyond which readers of sentences cut
MOST_CAPTIONS: Final = 5000
MOST_NUMBERS: Final = 40_000_000  # of points that are held for this
SHOWN: Final = 8
CAPTIONS: Final = ("caption", "description", "text")


@dataclass(frozen=True)
class Reading:
    """How texts come to the space of a map: the model, and its map from texts."""

    model: str
    name: str

    def points(self, wanted: list[str]) -> Any:
        """Points of texts, float32 ``[n, d]``."""
        return np.asarray(engine.live(self.model).apply(self.name, wanted), dtype=np.float32)


def reading(view: ViewContext) -> Reading | None:
    """The way from texts to the space of the run; ``None`` where the model has none."""
    model, space = view.run.model, str(view.run.params.get("space"))
    if model is None:
        return None
    try:
        described = subjects.describe(model)
    except WorkbenchError:
        return None
    if not isinstance(described.spaces.get(space), Vectors):
        return None
    for one in described.maps.values():
        if one.target == space and isinstance(described.spaces.get(one.source), Texts):
            return Reading(model, one.name)
    return None


def is_text(view: ViewContext, probe: tuple[float, float]) -> bool:
    """Whether the cross stands where a text was placed, not where the reader clicked."""
    placed = st.session_state.get(view.key("text place"))
    return placed is not None and bool(np.allclose(placed, probe, rtol=1e-5, atol=1e-5))


def draw(view: ViewContext, points: MapPoints, chosen: Any, reader: Reading) -> None:
    """The box for a text, where it came to stand, and the captions of what is selected."""
    _place(view, points, reader)
    st.divider()
    _captions(view, points, chosen, reader)


def _place(view: ViewContext, points: MapPoints, reader: Reading) -> None:
    key = view.key("placed")
    before = st.session_state.get(key, view.remembered("placed") or "")[:MOST_LETTERS]
    with st.form(view.key("place-text"), border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        given = st.text_input("Place a text", before, max_chars=MOST_LETTERS, placeholder="a cup of coffee")
        asked = st.form_submit_button("Place it on the map")
    if asked and not given.strip():
        st.session_state[key] = ""
        view.remember(placed=None)
        st.info("There is no text yet: write a few words, such as “a cup of coffee”.", icon=":material/edit:")
        return
    wanted = " ".join(given.split()) if asked else before
    if not wanted:
        st.caption("The text is read by the model, and a cross is put where the points nearest to it stand.")
        return
    if asked:
        st.session_state[key] = wanted
        view.remember(placed=wanted if len(wanted) <= IN_ADDRESS else None)
    background.wait_for(
        (view.run.id, "placed", wanted),
        lambda: _placed(view, points, reader, wanted),
        lambda found: _show(view, points, wanted, found),
        saying="The model reads the text",
    )


def _points(view: ViewContext, points: MapPoints) -> Any:
    if len(points) * view.width_of_points() > MOST_NUMBERS:
        raise WorkbenchError(f"{len(points):,} points are too many to look for neighbours of a text here: map fewer")
    return view.kept("all points", lambda: view.points_of(np.arange(len(points))))


def _placed(view: ViewContext, points: MapPoints, reader: Reading, wanted: str) -> Placed | str:
    try:
        ordinary = view.kept("ordinary texts", lambda: reader.points(list(texts.ORDINARY)))
        own = reader.points([wanted])[0]
        return texts.place(own, _points(view, points), points.coordinates, ordinary, seed=view.run.seed)
    except (WorkbenchError, ValueError) as error:
        return str(error)


def _show(view: ViewContext, points: MapPoints, wanted: str, found: Placed | str) -> None:
    if isinstance(found, str):
        st.warning(f"The text cannot be placed: {text.plain(found, 300)}", icon=":material/block:")
        return
    if len(wanted) > LONG:
        st.caption(
            f"The text has {len(wanted):,} letters; readers of sentences cut what is beyond some hundred words, and "
            "only the beginning counts."
        )
    ordinary = float(np.median(found.ordinary))
    told = (
        f"Its nearest point has a cosine of {found.cosines[0]:.2f}. Points of the map have "
        f"{np.median(found.among):.2f} to the nearest other one (median of {len(found.among):,}), ordinary sentences "
        f"{ordinary:.2f} to the nearest point (median of {len(found.ordinary)})."
    )
    if found.refused:
        _cross(view, None)
        st.warning(
            f"**No place on this map.** “{text.plain(wanted, 80)}” comes no nearer to any point than an ordinary "
            f"sentence does, so that its neighbours mean nothing. {told}",
            icon=":material/block:",
        )
        return
    flat = points.coordinates.shape[1] == 2
    if flat:
        _cross(view, (float(found.place[0]), float(found.place[1])))
    where = "The cross stands" if flat else "A map of three dimensions shows no cross; the text would stand"
    how = (
        f"{where} at the median of its {len(found.nearest)} nearest points, which lie {found.scatter:.1f} typical "
        f"distances from there; points left out and placed in this way are {found.missed:.1f} off (median, "
        f"n = {found.n:,})."
    )
    if found.apart:
        st.warning(
            f"**Near “{text.plain(wanted, 80)}”, not among the points.** It is farther from every point than 19 of 20 "
            f"points are from their neighbours, as texts are from pictures where the two make clouds of their own: "
            f"read the cross as “these are the nearest”, not as a point. {told} {how}",
            icon=":material/explore:",
        )
    else:
        st.info(f"**“{text.plain(wanted, 80)}” lies among the points.** {told} {how}", icon=":material/explore:")
    st.markdown("**The nearest points**, with their cosines")
    shown = found.nearest[:SHOWN]
    view.pictures(points.rows[shown], [f"{one:.2f}" for one in found.cosines[:SHOWN]], limit=SHOWN)
    frame = points.columns.iloc[shown].reset_index(drop=True)
    frame.insert(0, "cosine with the text", found.cosines[: len(shown)])
    st.dataframe(frame, hide_index=True, height="content", alt="The points nearest to the text")


def _cross(view: ViewContext, place: tuple[float, float] | None) -> None:
    """Put the cross of the map where the text stands; the page is drawn again where it stood elsewhere."""
    written = None if place is None else f"{np.float32(place[0]):.9g},{np.float32(place[1]):.9g}"
    marker = view.key(TEXT_CROSS)
    if st.session_state.get(marker) == written:
        return
    st.session_state[marker] = written
    view.remember(place=written)
    if place is not None:
        st.session_state[view.key("text place")] = place
        st.rerun()


def _captions(view: ViewContext, points: MapPoints, chosen: Any, reader: Reading) -> None:
    st.markdown("**Captions of a selection**")
    columns = [name for name in CAPTIONS if name in points.columns.columns]
    if not columns:
        st.caption(f"The data has no column of texts ({', '.join(CAPTIONS)}) to choose captions from.")
        return
    if len(chosen) == 0:
        st.caption("Select points on the map to see which captions are nearest to their mean.")
        return
    column = columns[0]
    picked = np.asarray(chosen)
    background.wait_for(
        (view.run.id, "captions", column, picked.tobytes()),
        lambda: _captioned(view, points, picked, reader, column),
        lambda found: _show_captions(points, picked, column, found),
        saying="The model reads the captions",
    )


def _captioned(view: ViewContext, points: MapPoints, chosen: Any, reader: Reading, column: str) -> Any:
    try:
        corpus = texts.distinct([str(one) for one in points.columns[column]])[:MOST_CAPTIONS]
        if not corpus:
            return f"the column '{column}' holds no text"
        read = view.kept(f"captions {column}", lambda: reader.points(corpus))
        held = _points(view, points)
        order, cosines = texts.nearest_captions(held, chosen, read, SHOWN)
        return [corpus[one] for one in order], cosines, texts.tightness(held, chosen, view.run.seed), len(corpus)
    except (WorkbenchError, ValueError) as error:
        return str(error)


def _show_captions(points: MapPoints, chosen: Any, column: str, found: Any) -> None:
    import pandas as pd

    if isinstance(found, str):
        st.warning(f"The captions cannot be compared: {text.plain(found, 300)}", icon=":material/block:")
        return
    captions, cosines, tight, count = found
    own = points.columns[column].iloc[chosen].astype(str).value_counts()
    frame = pd.DataFrame(
        {"caption": captions, "cosine": cosines, "selected with it": [int(own.get(one, 0)) for one in captions]}
    )
    st.dataframe(frame, hide_index=True, height="content", alt="The captions nearest to the mean of the selection")
    st.caption(
        f"Nearest of {count:,} captions (column '{column}') to the mean of {text.counted(len(chosen), 'point')}, both "
        f"clouds centred by their own mean, so that a gap between pictures and texts does not count. {_tight(tight)}"
    )


def _tight(found: Tightness) -> str:
    if found.n < 2:
        return "One point has no spread."
    told = (
        f"The selection has a mean cosine to its mean of {found.value:.2f}; 95 % of {texts.DRAWS} random selections "
        f"of as many points have {found.low:.2f} to {found.high:.2f}"
    )
    if found.value > found.high:
        return f"{told}: it is tighter than chance, and its mean stands for it."
    return f"{told}: it is no tighter than chance, and its mean stands for no point of it."
