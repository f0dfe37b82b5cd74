# SPDX-License-Identifier: Apache-2.0
"""Charts: style and content by strength beside random directions, averages by k, all styles, and a journey's map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.style_shift.journeys import AVERAGE, CAPTION, SHIFTED, START, TOLD
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from plugins.style_shift.journeys import Journey
    from plugins.style_shift.plane import Plane
    from plugins.style_shift.results import Found

    Float64 = NDArray[np.float64]

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
GREY: Final = "#8A8A8A"
BEHIND: Final = (CHART_COLOURS[0], CHART_COLOURS[1], GREY, CHART_COLOURS[4], CHART_COLOURS[2], CHART_COLOURS[8])
DASHES: Final = ([1, 0], [6, 3], [2, 2], [8, 3, 2, 3])
BACKGROUND: Final = 60  # texts of each style drawn behind a journey
SIZE: Final = 420
ROW: Final = 46
HEAD: Final = 0.03  # length of an arrow's head, of the width of the map
LETTERS: Final = 110
RANDOM: Final = "random directions (middle 95 %)"
SHAPES: Final = ("circle", "square", "diamond", "cross", "triangle-up", "triangle-down")
KINDS: Final = {
    START: ("start", CHART_COLOURS[2], "square"),
    CAPTION: ("nearest texts", CHART_COLOURS[5], "circle"),
    AVERAGE: ("average", CHART_COLOURS[0], "diamond"),
    SHIFTED: ("shifted", CHART_COLOURS[3], "triangle-up"),
    TOLD: ("told text", CHART_COLOURS[6], "cross"),
}


def style(curve: pd.DataFrame, told: pd.DataFrame, found: Found) -> dict[str, Any]:
    """Mean probability of the new style by strength: of the points, and of the texts told of them."""
    name = next(iter(found.judges))
    title = f"probability of {found.target} (against {found.against})"
    return _by_strength(curve, told, f"probability: {name}", "probability", title)


def content(curve: pd.DataFrame, told: pd.DataFrame, found: Found) -> dict[str, Any]:
    """Mean similarity to the text that was moved, by strength."""
    return _by_strength(
        curve, told, "similarity to the text", "content_kept", f"cosine with the text of {found.source}"
    )


def _by_strength(curve: pd.DataFrame, told: pd.DataFrame, measure: str, in_words: str, title: str) -> dict[str, Any]:
    here = curve[curve["measure"] == measure]
    rows = [{**_rounded(one, ("strength", "value", "low", "high")), "of": "points"} for one in here.to_dict("records")]
    for one in told[told["measure"] == in_words].to_dict("records"):
        rows.append({**_rounded(one, ("strength", "value", "low", "high")), "of": f"texts by {one['map']}"})
    band = [_rounded(one, ("strength", "random_low", "random_high")) for one in here.to_dict("records")]
    names = list(dict.fromkeys(one["of"] for one in rows))
    x = {"field": "strength", "type": "quantitative", "title": "strength of the shift"}
    colours = {"domain": names, "range": [CHART_COLOURS[at] for at in (0, 3, 2, 6)][: len(names)]}
    colour = {
        "field": "of",
        "type": "nominal",
        "title": None,
        "sort": names,
        "scale": colours,
        "legend": {"orient": "bottom", "columns": 2},
    }
    dash = {"field": "of", "type": "nominal", "title": None, "sort": names, "legend": None}
    y = {"type": "quantitative", "title": title, "scale": {"domain": [min(0.0, _least(rows)), 1]}}
    return {
        "$schema": SCHEMA,
        "width": SIZE,
        "height": 280,
        "layer": [
            {
                "data": {"values": band},
                "mark": {"type": "area", "color": GREY, "opacity": 0.3, "tooltip": RANDOM},
                "encoding": {"x": x, "y": {**y, "field": "random_low"}, "y2": {"field": "random_high"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "errorband", "opacity": 0.2},
                "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}, "color": colour},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "line", "strokeWidth": 2.4, "point": {"size": 26}},
                "encoding": {
                    "x": x,
                    "y": {**y, "field": "value"},
                    "color": colour,
                    "strokeDash": {**dash, "scale": {"domain": names, "range": list(DASHES[: len(names)])}},
                    "tooltip": [
                        {"field": "of", "type": "nominal"},
                        {"field": "strength", "type": "quantitative"},
                        *({"field": one, "type": "quantitative", "format": ".3f"} for one in ("value", "low", "high")),
                    ],
                },
            },
        ],
    }


def averaging(table: pd.DataFrame, source: str, marked: int | None = None) -> dict[str, Any]:
    """Cosine of the average of the k nearest texts with the true one, by k; the line is the point asked with."""
    fields = ("k", "similarity", "low", "high", "spread", "length", "n")
    rows = [_rounded(one, fields) for one in table[table["k"] > 0].to_dict("records")]
    start = [_rounded(one, ("similarity",)) for one in table[table["k"] == 0].to_dict("records")]
    x = {
        "field": "k",
        "type": "quantitative",
        "scale": {"type": "log"},
        "title": f"nearest texts averaged, k ({source})",
    }
    x["axis"] = {"values": [one["k"] for one in rows], "format": "d"}
    y = {"type": "quantitative", "title": "cosine with the true text", "scale": {"zero": False}}
    tips = [{"field": one, "type": "quantitative"} for one in fields]
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": rows},
            "mark": {"type": "area", "opacity": 0.25, "color": CHART_COLOURS[0]},
            "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
        },
        {
            "data": {"values": rows},
            "mark": {"type": "line", "strokeWidth": 2.4, "color": CHART_COLOURS[0], "point": {"size": 40}},
            "encoding": {"x": x, "y": {**y, "field": "similarity"}, "tooltip": tips},
        },
    ]
    if (
        start and start[0]["similarity"] < 0.999
    ):  # the point asked with is the true text itself: no line to compare with
        layers.append(
            {
                "data": {"values": start},
                "mark": {"type": "rule", "color": GREY, "strokeDash": [5, 4], "strokeWidth": 1.6},
                "encoding": {"y": {**y, "field": "similarity"}},
            }
        )
    if marked is not None and marked > 0:
        layers.append(
            {
                "data": {"values": [{"k": marked}]},
                "mark": {"type": "rule", "color": CHART_COLOURS[3], "strokeWidth": 1.6},
                "encoding": {"x": x},
            }
        )
    return {"$schema": SCHEMA, "width": SIZE, "height": 240, "layer": layers}


def matrix(pairs: pd.DataFrame) -> dict[str, Any]:
    """The gain of each style to each other; grey numbers where the probe tells the two no better than guessing."""
    names = list(dict.fromkeys([*pairs["from"], *pairs["to"]]))
    rows = [
        {
            "from": one["from"],
            "to": one["to"],
            "said": f"{one['style_gain']:+.2f}",
            **_rounded(one, ("style_gain", "low", "high", "content_kept", "content_retrieved", "accuracy", "n")),
        }
        for one in pairs.to_dict("records")
    ]
    encoding: dict[str, Any] = {
        "x": {"field": "to", "type": "nominal", "sort": names, "title": "to", "axis": {"labelAngle": -30}},
        "y": {"field": "from", "type": "nominal", "sort": names, "title": "from"},
    }
    tips = [{"field": one, "type": "nominal"} for one in ("from", "to")]
    tips += [
        {"field": name, "type": "quantitative", "format": ".3f", "title": words}
        for name, words in (
            ("style_gain", "gain in probability"),
            ("low", "from"),
            ("high", "to "),
            ("content_kept", "similarity to the text"),
            ("content_retrieved", "own text nearest"),
            ("accuracy", "held-out accuracy of the probe"),
        )
    ]
    scale = {"scheme": "viridis", "domain": [0, 1], "clamp": True}
    return {
        "$schema": SCHEMA,
        "width": SIZE,
        "height": ROW * len(names),
        "data": {"values": rows},
        "encoding": encoding,
        "layer": [
            {
                "mark": {"type": "rect", "stroke": GREY, "strokeWidth": 0.5},
                "encoding": {
                    "color": {"field": "style_gain", "type": "quantitative", "scale": scale, "title": "gain"},
                    "tooltip": tips,
                },
            },
            {
                "mark": {"type": "text", "fontSize": 12, "aria": False},
                "encoding": {
                    "text": {"field": "said", "type": "nominal"},
                    "color": {"condition": {"test": "datum.style_gain < 0.6", "value": "white"}, "value": "#111111"},
                },
            },
        ],
    }


def ground(plane: Plane, styles: Mapping[str, Float64]) -> list[dict[str, Any]]:
    """Texts of each style that are drawn behind a journey: evenly spaced rows of each."""
    rows = []
    for name, points in styles.items():
        at = np.unique(np.linspace(0, len(points) - 1, min(BACKGROUND, len(points))).round().astype(int))
        rows += [{"x": round(float(x), 4), "y": round(float(y), 4), "style": name} for x, y in plane(points[at])]
    return rows


def journey(one: Journey, behind: list[dict[str, Any]], plane: Plane) -> dict[str, Any]:
    """The stops of a journey in the plane, an arrow for each leg, and texts of all styles behind them."""
    places = plane(np.stack([stop.point for stop in one.stops]))
    stops = one.stops
    rows = [
        {
            "x": round(float(x), 4),
            "y": round(float(y), 4),
            "kind": KINDS[stop.kind][0],
            "label": stop.label,
            "text": stop.text[:LETTERS],
        }
        for stop, (x, y) in zip(stops, places, strict=True)
    ]
    every = np.array([[row["x"], row["y"]] for row in [*rows, *behind]], dtype=np.float64)
    low, high = every.min(axis=0), every.max(axis=0)
    margin = 0.06 * (high - low)
    scales = [
        {"domain": [float(a), float(b)], "nice": False, "zero": False}
        for a, b in zip(low - margin, high + margin, strict=True)
    ]
    x, y = (
        {"field": name, "type": "quantitative", "scale": scale, "title": f"principal component {number}"}
        for name, number, scale in zip("xy", (1, 2), scales, strict=True)
    )
    at = {(stop.kind, stop.label): place for stop, place in zip(stops, places, strict=True)}
    legs, heads = _arrows(
        [(at[start.kind, start.label], at[end.kind, end.label]) for start, end in one.legs], high - low
    )
    styles = list(dict.fromkeys(row["style"] for row in behind))
    kinds = [KINDS[name] for name in KINDS if any(row["kind"] == KINDS[name][0] for row in rows)]
    said = [
        {"field": name, "type": "nominal", "title": title}
        for name, title in (("kind", "stop"), ("label", "what"), ("text", "text"))
    ]
    return {
        "$schema": SCHEMA,
        "width": 640,
        "height": SIZE,
        "config": {"legend": {"layout": {"bottom": {"direction": "vertical"}}}},  # one below the other: narrow pages
        "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        "layer": [
            {
                "data": {"values": behind},
                "mark": {"type": "point", "filled": True, "size": 18, "opacity": 0.35, "tooltip": None},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": _legend("style", styles, [BEHIND[n % len(BEHIND)] for n in range(len(styles))]),
                    "shape": _legend("style", styles, [SHAPES[n % len(SHAPES)] for n in range(len(styles))]),
                },
            },
            {
                "data": {"values": legs},
                "mark": {"type": "line", "color": GREY, "strokeWidth": 2},
                "encoding": {
                    "x": x,
                    "y": y,
                    "detail": {"field": "leg", "type": "nominal"},
                    "order": {"field": "order", "type": "quantitative"},
                },
            },
            {
                "data": {"values": heads},
                "mark": {"type": "trail", "color": GREY},
                "encoding": {
                    "x": x,
                    "y": y,
                    "size": {"field": "wide", "type": "quantitative", "scale": None, "legend": None},
                    "detail": {"field": "leg", "type": "nominal"},
                    "order": {"field": "order", "type": "quantitative"},
                },
            },
            {
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": 130, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": _legend("kind", [one[0] for one in kinds], [one[1] for one in kinds]),
                    "shape": _legend("kind", [one[0] for one in kinds], [one[2] for one in kinds]),
                    "tooltip": said,
                },
            },
            *(_label(row, x, y) for row in _labels(rows)),
        ],
    }


def _legend(field: str, names: list[str], values: list[str]) -> dict[str, Any]:
    return {
        "field": field,
        "type": "nominal",
        "title": None,
        "sort": names,
        "scale": {"domain": names, "range": values},
        "legend": {
            "orient": "bottom",
            "columns": 3,
            "symbolSize": 90,
            "labelExpr": "replace(datum.label, /_/g, ' ')",
        },
    }


def _labels(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Words beside the stops, those of one place in one line; the nearest texts have none."""
    found: dict[tuple[float, float], dict[str, Any]] = {}
    for row in rows:
        if row["kind"] == KINDS[CAPTION][0]:
            continue
        place = (row["x"], row["y"])
        if place in found:
            found[place]["label"] += f", {row['label']}"
        else:
            found[place] = dict(row)
    return list(found.values())


def _label(row: dict[str, Any], x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    where: dict[str, Any] = {"dy": -15}
    if row["kind"] == KINDS[AVERAGE][0]:
        where = {"dy": 19}
    elif row["kind"] == KINDS[TOLD][0]:
        where = {"dx": 12, "align": "left", "baseline": "middle"}
    return {
        "data": {"values": [row]},
        "mark": {"type": "text", "fontSize": 12, "color": GREY, "fontWeight": "bold", "aria": False, **where},
        "encoding": {"x": x, "y": y, "text": {"field": "label", "type": "nominal"}},
    }


def _arrows(legs: list[tuple[Any, Any]], size: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Lines, and heads that narrow to nothing at their end; a head is along its line whatever the chart's shape."""
    lines, heads = [], []
    for number, (start, end) in enumerate(legs):
        away = np.asarray(end) - np.asarray(start)
        long = float(np.linalg.norm(away / np.where(size > 0, size, 1)))
        if long < 1e-9:
            continue
        neck = np.asarray(end) - away * min(0.5, HEAD / long)
        for order, place in enumerate((start, end)):
            lines.append(
                {"leg": number, "order": order, "x": round(float(place[0]), 4), "y": round(float(place[1]), 4)}
            )
        for order, (place, wide) in enumerate(((neck, 11), (end, 0))):
            heads.append(
                {
                    "leg": number,
                    "order": order,
                    "wide": wide,
                    "x": round(float(place[0]), 4),
                    "y": round(float(place[1]), 4),
                }
            )
    return lines, heads


def _least(rows: list[dict[str, Any]]) -> float:
    return min(float(one["low"]) for one in rows)


def _rounded(row: Mapping[Any, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: round(float(row[name]), 4) for name in names}
