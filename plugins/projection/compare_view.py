# SPDX-License-Identifier: Apache-2.0
"""Two maps of the same points as the page draws them, with one colour and one selection for both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.projection import compare_numbers
from workbench.app import engine
from workbench.app.parts import selections, text
from workbench.app.parts.view_context import Made, ViewContext

if TYPE_CHECKING:
    import pandas as pd

    from plugins.projection.compare_runs import MapRun, Pair
    from plugins.projection.comparing import Overlap

KEPT, MOVED, NONE = "neighbours kept", "displacement", "nothing"
SIDES, MORPH = "Side by side", "One into the other"
HEIGHT = 480
MOST_LABELS = 20_000  # points with a text of their own under the pointer
MOST_ROWS = 10_000  # rows of the table of what is selected
SHEET = 48
CAUTION = (
    "On a map by {methods} near neighbours are kept, but the places, sizes and distances of clusters mean little, and "
    "each cluster may be turned or mirrored by itself. Displacement and disparity then say more about the drawing than "
    "about the points: trust the share of neighbours kept."
)


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
    """

    left: MapRun
    right: MapRun
    pair: Pair
    overlap: Overlap
    columns: pd.DataFrame

    def __len__(self) -> int:
        return len(self.pair.rows)

    @property
    def displacement(self) -> Any:
        """float32 [c]; NaN where the maps are of different dimension."""
        moved = self.pair.moved
        return np.full(len(self), np.nan, dtype=np.float32) if moved is None else moved.displacement

    def frame(self, positions: Any) -> pd.DataFrame:
        """Row, columns, share of neighbours kept and displacement of these points."""
        found: pd.DataFrame = self.columns.iloc[positions].copy()
        found.columns = [str(one) for one in found.columns]
        what = "row" if self.left.origin[0] == "row" else self.left.origin[0]
        found.insert(0, _free(what, found), self.pair.rows[positions])
        found[_free(KEPT, found)] = self.overlap.values[positions]
        if self.pair.moved is not None:
            found[_free(MOVED, found)] = self.displacement[positions]
        return found

    def category(self) -> str | None:
        """Name of the first column with 2 to 40 categories."""
        return next((str(one) for one in self.columns.columns if 2 <= self.columns[one].nunique() <= 40), None)


def _free(name: str, frame: pd.DataFrame) -> str:
    """The name, marked where the data has a column of that name."""
    return f"{name} (comparison)" if name in frame.columns else name


def draw(left: MapRun, right: MapRun, pair: Pair, overlap: Overlap) -> None:
    """Draw the comparison of two runs."""
    stored = engine.result_of(left.record)
    view = PairView(left.record, stored, engine.store(), engine.catalogue(), other=right.id)
    columns = view.kept("columns", lambda: view.columns(pair.rows))
    found = Compared(left, right, pair, overlap, columns)
    methods = list(dict.fromkeys(one.method for one in (left, right) if one.record.params.get("method") != "pca"))
    if methods and pair.moved is not None:
        st.info(CAUTION.format(methods=text.plain(" or ".join(methods))), icon=":material/warning:")
    compare_numbers.headline(found)
    chosen = _maps(view, found)
    _selected(view, found, chosen)
    compare_numbers.draw(view, found)
    compare_numbers.changed(view, found)


def _maps(view: PairView, found: Compared) -> Any:
    """Draw the controls and the maps; gives the positions that are selected, int64 [s]."""
    pair = found.pair
    planar = pair.moved is not None and pair.left.shape[1] == 2
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = view.choice("colour", _colours(found), "Colour", default=found.category() or KEPT, width=260)
        layout = _layout(view) if planar else SIDES
        aligned = pair.moved is not None and layout == SIDES and _aligned(view)
    begun = view.starting_selection(pair.rows)
    if layout == MORPH:
        chosen = _morph(view, found, name, begun)
    else:
        here, there = view.beside(1, 1)
        with here:
            st.markdown(f"**Left: {text.plain(found.left.told_from(found.right))}**")
            chosen = _map(view, found, "left", pair.left, name, begun)
        with there:
            mirrored = aligned and pair.moved is not None and pair.moved.mirrored
            told = " (turned, scaled and mirrored)" if mirrored else " (turned and scaled)" if aligned else ""
            st.markdown(f"**Right: {text.plain(found.right.told_from(found.left))}**{told}")
            places = pair.moved.coordinates if aligned and pair.moved is not None else pair.right
            _map(view, found, "right as it is" if not aligned else "right", places, name, begun)
    st.session_state[view.key("now")] = chosen
    view.keep_selection(pair.rows, chosen)
    return chosen


def _colours(found: Compared) -> list[str]:
    return [*(str(one) for one in found.columns.columns), KEPT, *([MOVED] if found.pair.moved else []), NONE]


def _values(found: Compared, name: str) -> Any:
    if name in found.columns.columns:
        return found.columns[name]
    return {KEPT: found.overlap.values, MOVED: found.displacement}.get(name)


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
    """One of the two maps; gives what is selected."""
    return view.scatter(
        view.kept(f"cloud {side}", lambda: np.ascontiguousarray(places)),
        key=view.key(side),
        selected=begun,
        height=HEIGHT,
        **_look(view, found, name),
    ).points


def _morph(view: PairView, found: Compared, name: str, begun: Any) -> Any:
    left, right = found.left.told_from(found.right), found.right.told_from(found.left)
    st.markdown(f"**From {text.plain(left)} to {text.plain(right)}**")
    assert found.pair.moved is not None
    return view.scatter(
        found.pair.left, key=view.key("morph"), selected=begun, height=HEIGHT + 120, **_look(view, found, name)
    ).points


def _look(view: PairView, found: Compared, name: str) -> dict[str, Any]:
    """What all the maps of a pair have in common: colour, and what the pointer tells."""
    values = _values(found, name)
    labels = view.kept(f"labels {found.overlap.k}", lambda: _labels(found)) if len(found) <= MOST_LABELS else None
    return {"colour": values, "colour_label": "" if values is None else name, "labels": labels}


def _labels(found: Compared) -> list[str]:
    frame = found.frame(np.arange(len(found)))
    names = list(frame.columns)
    shown = [*names[:4], *(one for one in names[4:] if one.startswith((KEPT, MOVED)))]
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
    kept, moved = found.overlap.values[chosen], found.displacement[chosen]
    st.subheader(f"{len(chosen):,} selected")
    told = []
    if np.isfinite(kept).any():
        here, all_of_them = (compare_numbers.percent(float(np.nanmean(each))) for each in (kept, found.overlap.values))
        told.append(f"they keep {here} of their {found.overlap.k} neighbours (all: {all_of_them})")
    if np.isfinite(moved).any():
        told.append(f"median displacement {np.nanmedian(moved):.2f} (all: {np.nanmedian(found.displacement):.2f})")
    if told:
        st.caption(f"On average {'; '.join(told)}. n = {len(chosen):,}.")
    compare_numbers.pictures(view, found, chosen, limit=SHEET)
    view.save_slice(found.pair.rows[chosen], origin=f"comparison of the runs {found.left.id} and {found.right.id}")
    compare_numbers.table(found.frame(chosen[:MOST_ROWS]), "Selected points", height=260)
    if len(chosen) > MOST_ROWS:
        st.caption(f"The first {MOST_ROWS:,} of {len(chosen):,} rows.")
