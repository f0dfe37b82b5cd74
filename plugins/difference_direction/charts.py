# SPDX-License-Identifier: Apache-2.0
"""Charts of the result, as Vega-Lite specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.difference_direction.pictures import AWAY, TOWARD

if TYPE_CHECKING:
    import pandas as pd

    from plugins.difference_direction.products import FloatArray

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v5.json"
BINS: Final = 40
WIDTH, HEIGHT = 420, 220


def positions(toward: FloatArray, away: FloatArray, names: tuple[str, str]) -> dict[str, Any]:
    """Shares of both groups along the direction, held out; dashed: the means of the halves that gave it."""
    both = np.concatenate([toward, away])
    low, high = np.quantile(both, [0.002, 0.998])  # one far point must not flatten the rest
    low, high = min(float(low), -0.6), max(float(high), 0.6)
    edges = np.linspace(low, high, BINS + 1)
    rows = []
    for label, values in ((f"toward: {names[0]}", toward), (f"away: {names[1]}", away)):
        counts, _ = np.histogram(np.clip(values, low, high), bins=edges)
        rows += [
            {"low": float(edges[at]), "high": float(edges[at + 1]), "share": count / len(values), "group": label}
            for at, count in enumerate(counts.tolist())
        ]
    domain = [f"toward: {names[0]}", f"away: {names[1]}"]
    colour = {
        "field": "group",
        "type": "nominal",
        "title": None,
        "scale": {"domain": domain, "range": [TOWARD, AWAY]},
        "legend": {"orient": "bottom", "columns": 1},
    }
    bars = {
        "x": {
            "field": "low",
            "type": "quantitative",
            "bin": {"binned": True},
            "title": "position (1 is the distance between the means)",
        },
        "x2": {"field": "high"},
        "y": {"field": "share", "type": "quantitative", "stack": None, "title": "share of the group"},
        "color": colour,
    }
    means = {"mark": {"type": "rule", "strokeDash": [4, 4], "color": "#8A8A8A", "aria": False}}
    return {
        "$schema": SCHEMA,
        "title": "Along the direction, held out",
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {"data": {"values": rows}, "mark": {"type": "bar", "opacity": 0.6}, "encoding": bars},
            *({"data": {"values": [{}]}, **means, "encoding": {"x": {"datum": one}}} for one in (-0.5, 0.5)),
        ],
    }


def examples(table: pd.DataFrame) -> dict[str, Any]:
    """Cosine to the direction of all the others by number of examples: median, 95 % band, and the expected curve."""
    rows: list[dict[str, Any]] = [
        {name: float(one[name]) for name in ("examples", "cosine", "low", "high", "expected")}
        for one in table.to_dict("records")
    ]
    curves = [
        {"examples": one["examples"], "cosine": one[name], "curve": words}
        for name, words in (
            ("cosine", "measured (band: 95 % of the draws)"),
            ("expected", "to the true direction, expected"),
        )
        for one in rows
    ]
    words = ["measured (band: 95 % of the draws)", "to the true direction, expected"]
    across = {
        "field": "examples",
        "type": "quantitative",
        "title": "examples on each side",
        "scale": {"type": "log", "nice": False},
        "axis": {"values": [one["examples"] for one in rows], "format": ",.0f"},
    }
    lowest = min(-0.1, *(one["low"] for one in rows))
    up = {"type": "quantitative", "scale": {"domain": [max(lowest, -1), 1]}}
    colour = {
        "field": "curve",
        "type": "nominal",
        "title": None,
        "scale": {"domain": words, "range": ["#0072B2", "#D55E00"]},
        "legend": {"orient": "bottom", "columns": 1},
    }
    dashes = {
        "field": "curve",
        "type": "nominal",
        "scale": {"domain": words, "range": [[1, 0], [5, 4]]},
        "legend": None,
    }
    return {
        "$schema": SCHEMA,
        "title": "How many examples it needs",
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "area", "opacity": 0.2, "color": "#0072B2"},
                "encoding": {"x": across, "y": {**up, "field": "low", "title": "cosine"}, "y2": {"field": "high"}},
            },
            {
                "data": {"values": curves},
                "mark": {"type": "line", "point": True},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "cosine", "title": "cosine"},
                    "color": colour,
                    "strokeDash": dashes,
                },
            },
        ],
    }


def random_directions(areas: FloatArray, found: float) -> dict[str, Any]:
    """Areas under the curve along random directions, the better sense of each, and along the found one (the line)."""
    edges = np.linspace(0.5, 1.0, 26)
    counts, _ = np.histogram(np.maximum(areas, 1 - areas), bins=edges)
    rows = [
        {"low": float(edges[at]), "high": float(edges[at + 1]), "directions": count}
        for at, count in enumerate(counts.tolist())
    ]
    return {
        "$schema": SCHEMA,
        "title": f"{len(areas)} random directions; line: this one",
        "width": WIDTH,
        "height": 160,
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "bar", "opacity": 0.7, "color": "#8A8A8A"},
                "encoding": {
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "bin": {"binned": True},
                        "title": "area under the curve",
                        "scale": {"domain": [min(0.5, found), 1.0]},
                    },
                    "x2": {"field": "high"},
                    "y": {"field": "directions", "type": "quantitative", "title": "random directions"},
                },
            },
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "size": 3, "color": "#D55E00", "aria": False},
                "encoding": {"x": {"datum": found}},
            },
        ],
    }
