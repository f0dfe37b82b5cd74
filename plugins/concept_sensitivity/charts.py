# SPDX-License-Identifier: Apache-2.0
"""Scores and mean derivatives of layers beside those of random concepts, and derivatives point by point."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
ROW: Final = 34
MOST_TICKS: Final = 200  # random concepts drawn of each layer
GREY: Final = "#8A8A8A"
WORDS: Final = ("differs from random concepts", "like a random concept", "score means nothing here")


def scores(layers: pd.DataFrame, random: NDArray[np.float64]) -> dict[str, Any]:
    """The score of each layer with its interval, over the scores of random concepts; the line is one half."""
    judged = [
        WORDS[2] if one["extreme"] >= 0.95 else WORDS[0] if one["p"] < 0.05 else WORDS[1]
        for one in layers.to_dict("records")
    ]
    return _dots(layers, random, judged, "share of points at which the decision rises", 0.5, [-0.02, 1.02])


def slopes(layers: pd.DataFrame, random: NDArray[np.float64]) -> dict[str, Any]:
    """The mean derivative at each layer with its interval, over those of random concepts; the line is 0."""
    shown = layers.drop(columns=["score", "low", "high", "p", "control_low", "control_high"]).rename(
        columns={
            "slope": "score",
            "slope_low": "low",
            "slope_high": "high",
            "p_slope": "p",
            "control_slope_low": "control_low",
            "control_slope_high": "control_high",
        }
    )
    judged = [WORDS[0] if one < 0.05 else WORDS[1] for one in shown["p"]]
    title = "mean derivative, in standard deviations"
    return _dots(shown, random, judged, title, 0.0, None)


def _dots(
    layers: pd.DataFrame,
    random: NDArray[np.float64],
    judged: list[str],
    title: str,
    middle: float,
    domain: list[float] | None,
) -> dict[str, Any]:
    names = layers["layer"].tolist()
    rows = [
        {
            "layer": one["layer"],
            "judged": word,
            **{name: round(float(one[name]), 4) for name in ("score", "low", "high", "control_low", "control_high")},
            "p": round(float(one["p"]), 4),
        }
        for one, word in zip(layers.to_dict("records"), judged, strict=True)
    ]
    ticks = [
        {"layer": name, "random": round(float(one), 4)}
        for name, row in zip(names, random, strict=True)
        for one in row[:MOST_TICKS]
    ]
    up = {"field": "layer", "type": "nominal", "sort": names, "title": None, "axis": {"labelLimit": 240}}
    across: dict[str, Any] = {"type": "quantitative", "title": title, "axis": {"tickCount": 6}}
    if domain is not None:
        across["scale"] = {"domain": domain, "nice": False}
    scale = {"domain": list(WORDS[:2]), "range": [CHART_COLOURS[0], CHART_COLOURS[1]]}
    shapes = ["circle", "triangle-up"]
    if WORDS[2] in judged:
        scale = {"domain": list(WORDS), "range": [*CHART_COLOURS[:2], GREY]}
        shapes = [*shapes, "cross"]
    colour = {
        "field": "judged",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "bottom", "columns": 3, "labelLimit": 260},
        "scale": scale,
    }
    tips = [
        {"field": "layer", "type": "nominal"},
        *(
            {"field": name, "type": "quantitative", "format": ".3f", "title": words}
            for name, words in (
                ("score", "concept"),
                ("low", "from (halves)"),
                ("high", "to (halves)"),
                ("control_low", "random, from"),
                ("control_high", "random, to"),
                ("p", "p"),
            )
        ),
    ]
    return {
        "$schema": SCHEMA,
        "width": 420,
        "height": ROW * len(names) + 10,
        "layer": [
            {
                "data": {"values": [{}]},
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": GREY},
                "encoding": {"x": {**across, "datum": middle}},
            },
            {
                "data": {"values": ticks},
                "mark": {"type": "tick", "color": GREY, "opacity": 0.45, "thickness": 1, "size": 18},
                "encoding": {"y": up, "x": {**across, "field": "random"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "rule", "strokeWidth": 3},
                "encoding": {
                    "y": up,
                    "x": {**across, "field": "low"},
                    "x2": {"field": "high"},
                    "color": colour,
                },
            },
            {
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {
                    "y": up,
                    "x": {**across, "field": "score"},
                    "color": colour,
                    "shape": {**colour, "scale": {"domain": scale["domain"], "range": shapes}},
                    "tooltip": tips,
                },
            },
        ],
    }


def derivatives(along: NDArray[np.float32], slope: NDArray[np.float32], rows: NDArray[np.int64]) -> dict[str, Any]:
    """At each asked point: how far along the concept it lies, and the derivative of the decision there."""
    words = ("rises", "falls", "neither")
    values = [
        {
            "along": round(float(x), 5),
            "derivative": round(float(y), 6),
            "row": int(row),
            "way": words[0] if y > 0 else words[1] if y < 0 else words[2],
        }
        for x, y, row in list(zip(along, slope, rows, strict=True))[:1000]
    ]
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": 420,
        "height": 240,
        "layer": [
            {
                "mark": {"type": "point", "filled": True, "size": 26, "opacity": 0.7},
                "encoding": {
                    "x": {
                        "field": "along",
                        "type": "quantitative",
                        "title": "along the concept",
                        "scale": {"zero": False},
                    },
                    "y": {"field": "derivative", "type": "quantitative", "title": "derivative of the decision"},
                    "color": {
                        "field": "way",
                        "type": "nominal",
                        "title": "the decision",
                        "scale": {"domain": list(words), "range": [CHART_COLOURS[0], CHART_COLOURS[1], GREY]},
                        "legend": {"orient": "bottom"},
                    },
                    "shape": {
                        "field": "way",
                        "type": "nominal",
                        "title": "the decision",
                        "scale": {"domain": list(words), "range": ["circle", "triangle-up", "cross"]},
                    },
                    "tooltip": [
                        {"field": "row", "type": "quantitative"},
                        {"field": "along", "type": "quantitative", "format": ".3f"},
                        {"field": "derivative", "type": "quantitative", "format": ".4f"},
                    ],
                },
            },
            {
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": GREY},
                "encoding": {"y": {"datum": 0, "type": "quantitative"}},
            },
        ],
    }
