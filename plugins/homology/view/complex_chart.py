# SPDX-License-Identifier: Apache-2.0
"""The chart of a complex: edges, triangles, landmarks and outliers, with the chosen bar over them, at equal scales."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from plugins.homology.charts import GREY
from registry.pictures import CHART_COLOURS

WIDTH, HEIGHT = 620, 440  # pixels
EDGE, MARK, CYCLE = CHART_COLOURS[0], CHART_COLOURS[1], CHART_COLOURS[3]
LINES: Final = {"cycle of the bar": [1, 0], "edge that makes it": [2, 2], "simplex that ends it": [8, 4]}


@dataclass(frozen=True, eq=False)
class Drawing:
    """Places on the map, float ``[..., 2]``: of ``points [m]``, ``edges [e, 2]`` and ``triangles [t, 3]``.

    ``trimmed [r]`` could not become landmarks; ``outliers [o]`` of them lie far from every landmark.
    Of the chosen bar, where known: its ``cycle [c]`` in order, and the corners of what makes it and what ends it.
    """

    points: Any
    edges: Any
    triangles: Any
    trimmed: Any
    outliers: Any
    cycle: Any = None
    birth: Any = None
    death: Any = None


def chart(drawing: Drawing) -> dict[str, Any]:
    """A Vega-Lite chart; one pixel is as much of the space across as up."""
    every = np.concatenate([drawing.points, drawing.trimmed, drawing.outliers]).astype(float)
    low, high = every.min(axis=0), every.max(axis=0)
    unit = 1.05 * float(((high - low) / (WIDTH, HEIGHT)).max()) or 1.0  # of the space, to a pixel
    digits = max(0, int(np.ceil(-np.log10(unit))) + 1)  # a tenth of a pixel
    x, y = (
        {
            "type": "quantitative",
            "title": f"principal component {axis + 1}",
            "axis": {"tickCount": 8},
            "scale": {"domain": [middle - size * unit / 2, middle + size * unit / 2], "nice": False},
        }
        for axis, (middle, size) in enumerate(zip(((low + high) / 2).tolist(), (WIDTH, HEIGHT), strict=True))
    )

    def layer(values: list[dict[str, Any]], mark: dict[str, Any], *, line: bool = False, **more: Any) -> dict[str, Any]:
        encoding = {"x": {"field": "x", **x}, "y": {"field": "y", **y}, **more}
        ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}} if line else {}
        return {"data": {"values": values}, "mark": {"clip": True, **mark}, "encoding": {**encoding, **ends}}

    corners = [
        {"t": at, "o": place, "x": one[0], "y": one[1]}
        for at, three in enumerate(_rounded(drawing.triangles, digits))
        for place, one in enumerate(three)
    ]
    fill = {"type": "line", "filled": True, "fill": EDGE, "fillOpacity": 0.16, "strokeWidth": 0}
    layers = [
        layer(corners, fill, detail={"field": "t"}, order={"field": "o"}),
        layer(_segments(drawing.edges, digits), {"type": "rule", "opacity": 0.5, "color": EDGE}, line=True),
        *(
            layer(
                [{"x": a, "y": b} for a, b in _rounded(places, digits)],
                {"type": "point", "shape": "cross", "angle": 45, "filled": True, "color": GREY, **look},
            )
            for places, look in (
                (drawing.trimmed, {"size": 14, "opacity": 0.55}),
                (drawing.outliers, {"size": 50, "opacity": 1.0}),
            )
        ),
        layer(
            [{"x": a, "y": b} for a, b in _rounded(drawing.points, digits)],
            {"type": "point", "filled": True, "size": 18, "opacity": 0.9, "color": MARK},
        ),
    ]
    over = _of_bar(drawing, digits)
    if over:
        known = [name for name in LINES if any(one["what"] == name for one in over)]
        dash = {
            "field": "what",
            "type": "nominal",
            "title": None,
            "scale": {"domain": known, "range": [LINES[name] for name in known]},
            "legend": {"orient": "top", "symbolStrokeColor": CYCLE, "symbolSize": 400, "symbolStrokeWidth": 3},
        }
        layers.append(layer(over, {"type": "rule", "strokeWidth": 3, "color": CYCLE}, line=True, strokeDash=dash))
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "autosize": {"type": "pad"},  # the plot itself has this size, whatever its axes and legend take
        "width": WIDTH,
        "height": HEIGHT,
        "layer": layers,
    }


def _of_bar(drawing: Drawing, digits: int) -> list[dict[str, Any]]:
    """The closed way around the chosen bar, and the sides of what makes and ends it."""
    found = []
    sides = zip(LINES, (drawing.cycle, drawing.birth, drawing.death), strict=True)
    for name, corners in sides:
        if corners is None or len(corners) < 2:
            continue
        ways = [(corners[at - 1], corners[at]) for at in range(len(corners))]
        if name != "cycle of the bar":
            ways = [(a, b) for at, a in enumerate(corners) for b in corners[at + 1 :]]
        found += [{**one, "what": name} for one in _segments(np.array(ways), digits)]
    return found


def _segments(ends: Any, digits: int) -> list[dict[str, float]]:
    flat = np.asarray(ends, dtype=float).reshape(-1, 4).round(digits).tolist()
    return [dict(zip(("x", "y", "x2", "y2"), one, strict=True)) for one in flat]


def _rounded(places: Any, digits: int) -> Any:
    return np.asarray(places, dtype=float).round(digits).tolist()
