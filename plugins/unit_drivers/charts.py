# SPDX-License-Identifier: Apache-2.0
"""Units by attributes as a coloured table, what one unit follows, classes that units prefer, values as a histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.unit_drivers.maps import ClassMaps

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
GREY: Final = "#8A8A8A"
DIVERGING: Final = {"domain": [-1, 0, 1], "range": ["#3182BD", "#F2F2F2", "#D9691E"]}
WIDTH, ROW = 420, 19
MOST_UNITS: Final = 24
MOST_ATTRIBUTES: Final = 24


def relations(table: pd.DataFrame, units: pd.DataFrame) -> dict[str, Any]:
    """Rank correlations of the units that follow something most with the attributes that are followed most."""
    strongest = units.assign(size=units["rho"].abs()).sort_values("size", ascending=False, kind="stable")
    kept = strongest["unit"].head(MOST_UNITS).tolist()
    followed = table.assign(size=table["rho"].abs()).groupby("attribute", sort=False)["size"].max()
    attributes = [one for one in followed.index if one in set(followed.nlargest(MOST_ATTRIBUTES).index)]
    chosen = table[table["unit"].isin(kept) & table["attribute"].isin(attributes)]
    rows = [
        {"unit": str(one["unit"]), "attribute": one["attribute"], "surely": "*" if one["p"] < 0.05 else "",
         **{name: _plain(one[name]) for name in ("rho", "low", "high", "p")}}
        for one in chosen.to_dict("records")
    ]  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": max(WIDTH, 30 * len(attributes)),
        "height": ROW * len(kept),
        "data": {"values": rows},
        "encoding": {
            "x": {"field": "attribute", "type": "nominal", "sort": attributes, "title": None,
                  "axis": {"labelAngle": -40, "labelLimit": 140, "labelOverlap": False}},
            "y": {"field": "unit", "type": "nominal", "sort": [str(one) for one in kept], "title": "unit",
                  "axis": {"labelOverlap": False}},
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": GREY, "strokeWidth": 0.3},
                "encoding": {
                    "color": {"field": "rho", "type": "quantitative", "title": "rank correlation", "scale": DIVERGING,
                              "legend": {"orient": "bottom", "gradientLength": 180}},
                    "tooltip": [
                        {"field": "unit", "type": "nominal"}, {"field": "attribute", "type": "nominal"},
                        *({"field": name, "type": "quantitative", "format": ".3f", "title": words}
                          for name, words in (("rho", "rank correlation"), ("low", "from"), ("high", "to"),
                                              ("p", "p, corrected"))),
                    ],
                },
            },
            {"mark": {"type": "text", "dy": 3, "color": "#1A1A1A"},
             "encoding": {"text": {"field": "surely", "type": "nominal"}}},
        ],
    }  # fmt: skip


def unit(table: pd.DataFrame, chance: float) -> dict[str, Any]:
    """Rank correlations of one unit with their intervals; the dashed lines are the largest of all pairs by chance."""
    chosen = table.assign(size=table["rho"].abs()).sort_values("size", ascending=False, kind="stable").head(20)
    names = chosen["attribute"].tolist()
    words = ("beyond chance", "not beyond chance")
    rows = [
        {"attribute": one["attribute"], "kind": words[0] if one["p"] < 0.05 else words[1],
         **{name: _plain(one[name]) for name in ("rho", "low", "high", "p")}}
        for one in chosen.to_dict("records")
    ]  # fmt: skip
    x = {"type": "quantitative", "title": "rank correlation (95 % interval)", "scale": {"domain": [-1, 1]}}
    colour = {"field": "kind", "type": "nominal", "title": None, "legend": {"orient": "bottom"},
              "scale": {"domain": list(words), "range": [CHART_COLOURS[0], GREY]}}  # fmt: skip
    shape = {**colour, "scale": {"domain": list(words), "range": ["circle", "triangle-up"]}}
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": max(60, ROW * len(names)),
        "data": {"values": rows},
        "encoding": {"y": {"field": "attribute", "type": "nominal", "sort": names, "title": None,
                           "axis": {"labelLimit": 200}}},
        "layer": [
            *(
                {"mark": {"type": "rule", "strokeDash": [4, 3], "color": GREY},
                 "encoding": {"x": {**x, "datum": place}, "y": {"value": 0}, "y2": {"value": "height"}}}
                for place in (-chance, chance)
            ),
            {"mark": {"type": "rule", "strokeWidth": 2},
             "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "color": colour}},
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "x": {**x, "field": "rho"}, "color": colour, "shape": shape,
                    "tooltip": [{"field": "attribute", "type": "nominal"},
                                *({"field": name, "type": "quantitative", "format": ".3f"}
                                  for name in ("rho", "low", "high", "p"))],
                },
            },
        ],
    }  # fmt: skip


def selectivity(table: pd.DataFrame, column: str, word: str) -> dict[str, Any]:
    """The units that tell a class apart best: how often a sample of it is above another; 0.5 is chance."""
    chosen = table.assign(size=(table["auc"] - 0.5).abs()).sort_values("size", ascending=False, kind="stable").head(20)
    rows = [
        {"unit": f"{word} {one['unit']}: {column} = {one['class']}",
         **{name: _plain(one[name]) for name in ("auc", "low", "high", "p")}}
        for one in chosen.to_dict("records")
    ]  # fmt: skip
    x = {"type": "quantitative", "title": "share of pairs in which the class is above the others",
         "scale": {"domain": [0, 1]}}  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": max(60, ROW * len(rows)),
        "data": {"values": rows},
        "encoding": {"y": {"field": "unit", "type": "nominal", "sort": None, "title": None,
                           "axis": {"labelLimit": 240}}},
        "layer": [
            {"mark": {"type": "rule", "strokeDash": [4, 3], "color": GREY},
             "encoding": {"x": {**x, "datum": 0.5}, "y": {"value": 0}, "y2": {"value": "height"}}},
            {"mark": {"type": "rule", "strokeWidth": 2, "color": CHART_COLOURS[0]},
             "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}}},
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "x": {**x, "field": "auc"},
                    "tooltip": [{"field": "unit", "type": "nominal"},
                                *({"field": name, "type": "quantitative", "format": ".3g"}
                                  for name in ("auc", "low", "high", "p"))],
                },
            },
        ],
    }  # fmt: skip


def histogram(values: Any, title: str) -> dict[str, Any]:
    """How the unit's values are spread over the samples."""
    given = np.asarray(values, dtype=np.float64)
    counts, edges = np.histogram(given, bins=min(40, max(8, len(given) // 10)))
    rows = [
        {"from": float(f"{edges[at]:.6g}"), "to": float(f"{edges[at + 1]:.6g}"), "samples": int(count)}
        for at, count in enumerate(counts)
    ]
    return {
        "$schema": SCHEMA,
        "width": WIDTH,
        "height": 150,
        "data": {"values": rows},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "from", "type": "quantitative", "bin": {"binned": True}, "title": title,
                  "scale": {"zero": False}},
            "x2": {"field": "to"},
            "y": {"field": "samples", "type": "quantitative", "title": "samples"},
            "tooltip": [{"field": name, "type": "quantitative"} for name in ("from", "to", "samples")],
        },
    }  # fmt: skip


def class_values(maps: ClassMaps) -> dict[str, Any]:
    """Mean values over latent units of each class, for inputs that are vectors; the units with the largest ones."""
    size = np.abs(maps.means).max(axis=0)
    kept = np.sort(np.argsort(-size, kind="stable")[:MOST_UNITS])
    rows = [
        {"unit": str(at), "class": name, "value": _plain(maps.means[place, at]),
         "low": _plain(maps.means[place, at] - 1.96 * maps.errors[place, at]),
         "high": _plain(maps.means[place, at] + 1.96 * maps.errors[place, at])}
        for place, name in enumerate(maps.names)
        for at in kept
    ]  # fmt: skip
    return {
        "$schema": SCHEMA,
        "width": max(WIDTH, 40 * len(maps.names)),
        "height": ROW * len(kept),
        "data": {"values": rows},
        "mark": {"type": "rect", "stroke": GREY, "strokeWidth": 0.3},
        "encoding": {
            "x": {"field": "class", "type": "nominal", "sort": list(maps.names), "title": None},
            "y": {"field": "unit", "type": "nominal", "sort": [str(one) for one in kept], "title": "unit of the input"},
            "color": {"field": "value", "type": "quantitative", "title": "mean value",
                      "scale": {"domainMid": 0, "range": DIVERGING["range"]},
                      "legend": {"orient": "bottom", "gradientLength": 180}},
            "tooltip": [{"field": "class", "type": "nominal"}, {"field": "unit", "type": "nominal"},
                        *({"field": name, "type": "quantitative", "format": ".3g"}
                          for name in ("value", "low", "high"))],
        },
    }  # fmt: skip


def _plain(value: Any) -> float | None:
    return float(f"{float(value):.5g}") if np.isfinite(value) else None
