# SPDX-License-Identifier: Apache-2.0
"""The rescoring matrix, effects against chance, and curves of effect, as Vega-Lite specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
CELL, ROW = 44, 22
MOST_ROWS: Final = 40
MOST_CURVES: Final = 12
DIVERGING: Final = ["#0072B2", "#F7F7F7", "#D55E00"]  # blue to vermilion of Okabe and Ito, white at 0


def matrix(rescoring: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """Directions by attributes: effect per step, signed, on a scale centred at zero; its own attribute framed."""
    kept = table.head(MOST_ROWS)
    order = kept["direction"].tolist()
    rows = rescoring[rescoring["vector"].isin(kept["vector"])]
    names = ["direction", "title", "effect", "low", "high", "random_effect", "own"]
    values = rows[names].round(4).astype(object).where(rows[names].notna(), None).to_dict("records")
    most = max(0.1, float(rows["effect"].abs().max()))
    titles = list(dict.fromkeys(rescoring["title"]))
    across = {
        "field": "title",
        "type": "nominal",
        "sort": titles,
        "title": None,
        "axis": {"orient": "top", "labelAngle": -40, "labelOverlap": False},
    }
    up = {"field": "direction", "type": "nominal", "sort": order, "title": None, "axis": {"labelLimit": 220}}
    tips = [
        {"field": "direction", "type": "nominal"},
        {"field": "title", "type": "nominal", "title": "attribute"},
        *(
            {"field": one, "type": "quantitative", "format": ".3f", "title": one.replace("_", " ")}
            for one in ("effect", "low", "high", "random_effect")
        ),
    ]
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": CELL * len(titles),
        "height": ROW * len(order),
        "encoding": {"x": across, "y": up},
        "layer": [
            {
                "mark": {"type": "rect"},
                "encoding": {
                    "color": {
                        "field": "effect",
                        "type": "quantitative",
                        "title": ["effect, standard", "deviations per step"],
                        "scale": {"domain": [-most, 0, most], "range": DIVERGING},
                        "legend": {"orient": "right", "gradientLength": 120},
                    },
                    "tooltip": tips,
                },
            },
            {
                "transform": [{"filter": "datum.own"}],
                "mark": {"type": "rect", "filled": False, "stroke": "#111111", "strokeWidth": 2, "aria": False},
            },
            {
                "mark": {"type": "text", "fontSize": 10, "aria": False},
                "encoding": {
                    "text": {"field": "effect", "type": "quantitative", "format": ".2f"},
                    "color": {
                        "condition": {"test": f"abs(datum.effect) > {0.62 * most}", "value": "#FFFFFF"},
                        "value": "#111111",
                    },
                },
            },
        ],
    }


def effects(table: pd.DataFrame) -> dict[str, Any]:
    """The effect of each direction on its own attribute with its interval, and what a random direction has."""
    kept = table.head(MOST_ROWS)
    words = kept["beyond_random"].map({True: "better than random", False: "no better than random"})
    rows = kept.assign(judged=words, label=kept["direction"] + ": " + kept["attribute_title"])
    rows["zero"] = 0.0
    names = ["label", "zero", "effect", "effect_low", "effect_high", "random_effect", "p_adjusted", "judged"]
    values = rows[names].round(4).astype(object).where(rows[names].notna(), None).to_dict("records")
    up = {
        "field": "label",
        "type": "nominal",
        "sort": [one["label"] for one in values],
        "title": None,
        "axis": {"labelLimit": 320},
    }
    across = {"type": "quantitative", "title": ["effect on its own attribute,", "standard deviations per step"]}
    judged: dict[str, Any] = {
        "field": "judged",
        "type": "nominal",
        "title": None,
        "legend": {"orient": "bottom", "columns": 1},
        "scale": {
            "domain": ["better than random", "no better than random"],
            "range": [CHART_COLOURS[0], CHART_COLOURS[1]],
        },
    }
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "width": 360,
        "height": ROW * len(values),
        "encoding": {"y": up},
        "layer": [
            {
                "mark": {"type": "bar", "height": 12, "opacity": 0.3, "color": "#8A8A8A"},
                "encoding": {
                    "x": {**across, "field": "zero"},
                    "x2": {"field": "random_effect"},
                    "tooltip": [{"field": "random_effect", "type": "quantitative", "format": ".3f"}],
                },
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": {**across, "field": "effect_low"},
                    "x2": {"field": "effect_high"},
                    "color": judged,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "x": {**across, "field": "effect"},
                    "color": judged,
                    "shape": {**judged, "scale": {**judged["scale"], "range": ["circle", "triangle-up"]}},
                    "tooltip": [
                        {"field": "label", "type": "nominal"},
                        {"field": "effect", "type": "quantitative", "format": ".3f"},
                        {"field": "p_adjusted", "type": "quantitative", "format": ".3g"},
                    ],
                },
            },
        ],
    }


def curves(table: pd.DataFrame, directions: pd.DataFrame) -> dict[str, Any]:
    """How the own attribute of the first directions runs along them, on one scale."""
    kept = directions.head(MOST_CURVES)
    rows = table[table["vector"].isin(kept["vector"])]
    single = curve(rows)
    return {
        "$schema": SCHEMA,
        "title": "Change of its own attribute along each direction",
        "data": single["data"],
        "facet": {
            "field": "direction",
            "type": "nominal",
            "title": None,
            "sort": kept["direction"].tolist(),
            "header": {"labelLimit": 200},
        },
        "columns": 4,
        "spec": {"width": 170, "height": 90, "layer": single["layer"]},
    }


def curve(rows: pd.DataFrame) -> dict[str, Any]:
    """One or more directions' change by step, with its interval; for a facet, or by itself."""
    names = ["direction", "step", "change", "low", "high"]
    values = rows[names].round(4).astype(object).where(rows[names].notna(), None).to_dict("records")
    across = {"field": "step", "type": "quantitative", "title": "steps", "axis": {"tickCount": 5}}
    up = {"type": "quantitative", "title": "standard deviations"}
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.25, "color": CHART_COLOURS[0]},
                "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "point": True, "color": CHART_COLOURS[0]},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "change"},
                    "tooltip": [
                        {"field": one, "type": "quantitative", "format": ".3f"}
                        for one in ("step", "change", "low", "high")
                    ],
                },
            },
        ],
    }
