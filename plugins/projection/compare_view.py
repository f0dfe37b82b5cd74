# SPDX-License-Identifier: Apache-2.0
"""Two maps of the same points as the page draws them, with one colour and one selection for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection import compare_numbers
from workbench.app import engine
from workbench.app.components.scatter import encode_colour, encode_coordinates
from workbench.app.parts import selections, text
from workbench.app.parts.view_context import Made, ViewContext

if TYPE_CHECKING:
    import pandas as pd

    from plugins.projection.compare_runs import MapRun, Pair
    from plugins.projection.comparing import Overlap
    from workbench.app.served.cards import Card

KEPT, MOVED, NONE = "neighbours kept", "displacement", "nothing"
SIDES, MORPH = "Side by side", "One into the other"
HEIGHT = 480
MOST_LABELS = 20_000  # points with a text of their own under the pointer
MOST_ROWS = 10_000  # rows of the table of what is selected
SHEET = 48


@dataclass(frozen=True)
class PairView(ViewContext):
    """The left run of a pair and the means to draw it, with keys of its own for each pair and side.

    Attributes
    ----------
    other : id of the right run
    """

    other: str = ""

    def key(self, name: str) -> str:
        """A widget key that no other pair has."""
        return f"compare.{self.run.id}.{self.other}.{self.prefix}{name}"

    def kept(self, name: str, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, made once for this pair."""
        return super().kept(f"compared with {self.other}: {name}", make)


@dataclass(frozen=True)
class Compared:
    """A pair with what was found of each of its points.

    Attributes
    ----------
    left, right : the runs
    pair, overlap : places, movement and neighbours
    columns : of the data, one row for each common point
    category : name of the first column with 2 to 40 categories
    """

    left: MapRun
    right: MapRun
    pair: Pair
    overlap: Overlap
    columns: pd.DataFrame
    category: str | None

    def __len__(self) -> int:
        return len(self.pair.rows)

    @property
    def displacement(self) -> Any:
        """float32 [c]; NaN where the maps are of different dimension."""
        moved = self.pair.moved
        return np.full(len(self), np.nan, dtype=np.float32) if moved is None else moved.displacement

    @property
    def measured(self) -> dict[str, Any]:
        """What was found of each point, by a name that no column of the data has."""
        found = {KEPT: self.overlap.values} | ({} if self.pair.moved is None else {MOVED: self.displacement})
        return {_free(name, self.columns): one for name, one in found.items()}

    def frame(self, positions: Any) -> pd.DataFrame:
        """Row, columns, share of neighbours kept and displacement of these points."""
        found: pd.DataFrame = self.columns.iloc[positions].copy()
        found.insert(0, _free(self.left.origin[0], found), self.pair.rows[positions])
        for name, values in self.measured.items():
            found[name] = values[positions]
        return found


def _free(name: str, frame: pd.DataFrame) -> str:
    """The name, marked where the data has a column of that name."""
    return f"{name} (comparison)" if name in frame.columns else name


def draw(found: tuple[PairView, Compared], headline: Any, controls: Any) -> None:
    """Draw a comparison; the answer and the controls of the maps go to places that stand above."""
    view, compared = found
    with headline:
        compare_numbers.headline(compared)
    chosen = _maps(view, compared, controls)
    _selected(view, compared, chosen)
    compare_numbers.draw(view, compared)
    compare_numbers.changed(view, compared)


def of_pair(left: MapRun, right: MapRun, pair: Pair, overlap: Overlap) -> tuple[PairView, Compared]:
    """The means to draw a pair, and what was found of each of its points."""
    stored = engine.result_of(left.record)
    view = PairView(left.record, stored, engine.store(), engine.catalogue(), other=right.id)
    columns = view.kept("columns", lambda: _columns(view, pair))
    return view, Compared(left, right, pair, overlap, columns, view.kept("category", lambda: _category(columns)))


def _columns(view: PairView, pair: Pair) -> pd.DataFrame:
    found = view.columns(pair.rows)
    return found.set_axis([str(one) for one in found.columns], axis=1)


def _category(columns: pd.DataFrame) -> str | None:
    return next((name for name in columns.columns if 2 <= columns[name].nunique() <= 40), None)


def _maps(view: PairView, found: Compared, controls: Any) -> Any:
    """Draw the controls and the maps; gives the positions that are selected, int64 [s]."""
    pair = found.pair
    planar = pair.moved is not None and pair.left.shape[1] == 2
    with controls:
        options = [*found.columns.columns, *found.measured, NONE]
        name = view.choice("colour", options, "Colour", default=found.category or next(iter(found.measured)), width=260)
        layout = _layout(view) if planar else SIDES
        aligned = pair.moved is not None and layout == SIDES and _aligned(view)
    begun = view.starting_selection(pair.rows)
    if layout == MORPH:
        chosen = _morph(view, found, name, begun)
    else:
        here, there = view.beside(1, 1)
        with here:
            st.markdown(f"**Left: {text.plain(found.left.told_from(found.right))}**")
            _map(view, found, "left", pair.left, name, begun)
        with there:
            mirrored = aligned and pair.moved is not None and pair.moved.mirrored
            told = " (turned, scaled and mirrored)" if mirrored else " (turned and scaled)" if aligned else ""
            st.markdown(f"**Right: {text.plain(found.right.told_from(found.left))}**{told}")
            places = pair.moved.coordinates if aligned and pair.moved is not None else pair.right
            side = "right" if aligned else "right as it is"
            chosen = _map(replace(view, prefix="right-"), found, side, places, name, begun)  # knows the left by now
    st.session_state[view.key("now")] = chosen
    view.keep_selection(pair.rows, chosen)
    return chosen


def _values(found: Compared, name: str) -> Any:
    return found.columns[name] if name in found.columns.columns else found.measured.get(name)


def _layout(view: PairView) -> str:
    start = MORPH if view.remembered("layout") == "morph" else SIDES
    chosen = st.segmented_control(
        "Maps",
        [SIDES, MORPH],
        default=start,
        key=view.key("layout"),
        on_change=lambda: selections.begin_anew(view.key("selected"), st.session_state[view.key("now")]),
    )
    layout = str(chosen or start)
    view.remember(layout="morph" if layout == MORPH else None)
    return layout


def _aligned(view: PairView) -> bool:
    start = view.remembered("place") != "own"
    laid = st.toggle("Right map laid over the left", start, key=view.key("aligned"))
    view.remember(place=None if laid else "own")
    return bool(laid)


def _map(view: PairView, found: Compared, side: str, places: Any, name: str, begun: Any) -> Any:
    """One of the two maps; gives what is selected on both."""
    cloud = view.kept(f"cloud {side}", lambda: encode_coordinates(places))
    link = replace(view, prefix="").key("link")
    return _drawn(view, found, cloud, f"{side} {name}", name, selected=begun, height=HEIGHT, link=link).points


def _morph(view: PairView, found: Compared, name: str, begun: Any) -> Any:
    """One map that a slider turns into the other; gives what is selected."""
    moved = found.pair.moved
    assert moved is not None
    left, right = found.left.told_from(found.right), found.right.told_from(found.left)
    st.markdown(f"**From {text.plain(left)} to {text.plain(right)}**")
    cloud = view.kept("cloud left", lambda: encode_coordinates(found.pair.left))
    other = view.kept("cloud right", lambda: encode_coordinates(moved.coordinates))
    morphing = replace(view, prefix="morph-")
    return _drawn(morphing, found, cloud, f"left {name}", name, selected=begun, height=HEIGHT + 120, other=other).points


def _drawn(view: PairView, found: Compared, cloud: Any, colouring: str, name: str, **options: Any) -> Any:
    """A map with what all those of a pair have in common: its colour, and what the pointer tells."""
    values, k = _values(found, name), found.overlap.k
    tint = None
    if values is not None:
        tint = view.kept(f"colour {colouring} {k}", lambda: encode_colour(values, cloud, label=name))
    return view.scatter(
        cloud,
        colour=tint,
        labels=view.kept(f"labels {k}", lambda: _labels(found)) if len(found) <= MOST_LABELS else None,
        cards=_cards(view, found),
        **options,
    )


def _cards(view: PairView, found: Compared) -> Callable[[int], Card]:
    """What the pointer tells of a point: its row, columns and picture, its neighbours and how far it moved."""
    card = view.cards(found.pair.rows, found.columns)

    def told(position: int) -> Card:
        plain, kept = card(position), found.overlap.values[position]
        lines = [] if np.isnan(kept) else [f"neighbours kept: {round(kept * found.overlap.k)} of {found.overlap.k}"]
        if np.isfinite(found.displacement[position]):
            lines.append(f"displacement: {found.displacement[position]:.2f}")
        return replace(plain, lines=(*plain.lines, *lines))

    return told


def _labels(found: Compared) -> list[str]:
    frame = found.frame(np.arange(len(found)))
    names = list(frame.columns)
    shown = [*names[:4], *(one for one in names[4:] if one in found.measured)]
    told = [f"{names[0]} {row}" for row in frame.iloc[:, 0].tolist()]
    for name in shown[1:]:
        told = [f"{one} · {name} {_short(value)}" for one, value in zip(told, frame[name].tolist(), strict=True)]
    return told


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, (float, np.floating)) else text.one_line(value, 60)


def _selected(view: PairView, found: Compared, chosen: Any) -> None:
    if len(chosen) == 0:
        st.caption("Draw around points with the lasso on either map, or click one: they are selected on both.")
        return
    kept, moved = found.overlap.values[chosen], found.pair.moved
    st.subheader(f"{len(chosen):,} selected")
    told = []
    if np.isfinite(kept).any():
        here, of_all = (compare_numbers.percent(one) for one in (float(np.nanmean(kept)), found.overlap.mean))
        told.append(f"they keep {here} of their {found.overlap.k} neighbours (all: {of_all})")
    if moved is not None and np.isfinite(moved.median):
        told.append(f"median displacement {np.median(moved.displacement[chosen]):.2f} (all: {moved.median:.2f})")
    if told:
        st.caption(f"On average {'; '.join(told)}. n = {len(chosen):,}.")
    compare_numbers.pictures(view, found, chosen, limit=SHEET)
    view.save_slice(found.pair.rows[chosen], origin=f"comparison of the runs {found.left.id} and {found.right.id}")
    compare_numbers.table(found.frame(chosen[:MOST_ROWS]), "Selected points", height=260)
    if len(chosen) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {len(chosen):,} rows.")
