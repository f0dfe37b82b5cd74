# SPDX-License-Identifier: Apache-2.0
"""The runs that the page tells its story with, and what is read off them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ANALYSIS = "homology"
SCALES = (0.8, 0.9, 1.0)
SHOWN = 8  # longest loops of a data set in the chart
LOOPS: Mapping[str, Any] = {"max_dim": 1, "field": 2, "landmarks": 700}


@dataclass(frozen=True)
class Chapter:
    """A run: its data set, its parameters, how charts call it, and what is known of such data."""

    data: str
    params: Mapping[str, Any]
    title: str
    known: str


CHAPTERS = (
    Chapter("image-patches-x15", LOOPS, "Photographs, X(15, 30)", "5 loops: three circles"),
    Chapter("image-patches-x300", LOOPS, "Photographs halved, X(300, 30)", "1 loop: the primary circle"),
    Chapter("noise-patches-x300", LOOPS, "White noise, X(300, 30)", "none"),
    Chapter("blurred-patches-x15", LOOPS, "Blurred noise, X(15, 30)", "1 loop: smooth"),
)
_WHOLE: Mapping[str, Any] = {"max_dim": 2, "landmarks": 288, "trim": 0.0, "draws": 0}
FIELDS = (2, 3)


def _both(data: str, title: str, known: Sequence[str]) -> tuple[Chapter, ...]:
    return tuple(
        Chapter(data, {**_WHOLE, "field": field}, title, one) for field, one in zip(FIELDS, known, strict=True)
    )


KLEIN = (
    *_both("klein-bottle", "Klein bottle of patches", ("1, 2, 1", "1, 1, 0")),
    *_both("flat-torus", "Flat torus", ("1, 2, 1", "1, 2, 1")),
)
NEAREST = (
    *_both("image-patches-klein", "Photographs", ("1, 2, 1", "1, 1, 0")),
    *_both("sphere-klein", "Random points of the sphere", ("", "")),
    *_both("blurred-patches-klein", "Blurred noise", ("", "")),
    *_both("noise-patches-klein", "White noise", ("", "")),
)
EVERY = (*CHAPTERS, *KLEIN, *NEAREST)


def found(chapter: Chapter, records: Sequence[Any]) -> Any | None:
    """The newest of ``records`` that is the run of a chapter, one that is done before one that is not.

    Failed and cancelled ones count only where there is no other.
    """
    own = [
        one
        for one in records
        if one.data == chapter.data
        and one.model is None
        and one.slice is None
        and all(one.params.get(name) == value for name, value in chapter.params.items())
    ]
    order = {"done": 0, "running": 1, "queued": 2}
    return min(own, key=lambda one: order.get(one.status, 3), default=None)


def longest(bars: pd.DataFrame, count: int = SHOWN) -> pd.DataFrame:
    """The longest loops of the table ``bars`` of a run, longest first, with their rank in column ``loop`` (from 1)."""
    loops = bars[(bars["dimension"] == 1) & (bars["group"] == "")]
    kept = loops.sort_values("length", ascending=False, kind="stable").head(count).reset_index(drop=True)
    return kept.assign(loop=range(1, len(kept) + 1))


def standing_out(lengths: Sequence[float]) -> int:
    """How many loops come before the largest ratio of consecutive lengths, where it is above 1.5; else 0.

    >>> standing_out([0.66, 0.64, 0.63, 0.60, 0.58, 0.27, 0.22])
    5
    >>> standing_out([0.15, 0.14, 0.13])
    0
    """
    ratios = [long / short for long, short in zip(lengths, lengths[1:], strict=False)]
    if not ratios or max(ratios) <= 1.5:
        return 0
    return ratios.index(max(ratios)) + 1


def why_recurrence(loops: pd.DataFrame) -> str:
    """Why loops that stand out here recur in few draws, in a sentence of the numbers of the run; empty where they do.

    ``loops`` as :func:`longest` gives them.
    """
    lengths = loops["length"].tolist()
    count = standing_out(lengths)
    if not 0 < count < len(lengths) or loops["recurrence"].iloc[count - 1] >= 0.5:
        return ""
    share = loops["recurrence"].iloc[count - 1]
    ratio = lengths[count - 1] / lengths[count]
    return (
        f"Why the {count} loops of the photographs recur in {share:.0%} of the draws only: the rule asks that the "
        f"shortest of them is twice as long as the next loop. Of the landmarks it is {ratio:.2f} times as long, and in "
        "most random draws, too, it falls a little short of 2."
    )


def betti_numbers(bars: pd.DataFrame, scale: float) -> tuple[int, int, int]:
    """Pieces, loops and voids that are alive at a scale."""
    alive = bars[(bars["group"] == "") & (bars["birth"] <= scale) & (bars["death"] > scale)]
    pieces, loops, voids = (int((alive["dimension"] == dimension).sum()) for dimension in range(3))
    return pieces, loops, voids


def bars_chart(loops: pd.DataFrame) -> dict[str, Any]:
    """Barcodes of the longest loops of each data set on one scale; columns ``title``, ``loop``, ``birth``, ..."""
    from registry.pictures import CHART_COLOURS

    names = ["title", "loop", "birth", "death", "length", "p_value", "recurrence", "in_covering_radii"]
    rows = loops[names].astype(object).where(loops[names].notna(), None).to_dict("records")
    tips = [{"field": name, "type": "quantitative", "format": ".3~g"} for name in names[1:]]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": rows},
        "facet": {"field": "title", "type": "nominal", "title": None, "sort": list(dict.fromkeys(loops["title"]))},
        "columns": 2,
        "spec": {
            "width": 420,
            "height": 110,
            "mark": {"type": "bar", "height": 7, "color": CHART_COLOURS[1]},
            "encoding": {
                "x": {"field": "birth", "type": "quantitative", "title": "scale (contrast of the difference)"},
                "x2": {"field": "death"},
                "y": {"field": "loop", "type": "ordinal", "title": "loop"},
                "tooltip": tips,
            },
        },
    }
