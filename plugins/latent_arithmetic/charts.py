# SPDX-License-Identifier: Apache-2.0
"""How the change settles, where the sum lies against the prior, and what it does to the scores: Vega-Lite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.difference_direction.shell import Shell

SCHEMA: Final = "https://vega.github.io/schema/vega-lite/v6.json"
GREY: Final = "#8A8A8A"
ROW: Final = 30
SERIES: Final = ("measured, to all others", "expected, to all others", "expected, to endlessly many")


def settling(curve: pd.DataFrame, used: int, threshold: float) -> dict[str, Any]:
    """Cosine by the number of exemplars: measured with its band, the closed form, and how many the sum has."""
    names = ["exemplars", "cosine", "low", "high", "expected", "expected_others", "draws"]
    values = curve[names].round(4).astype(object).where(curve[names].notna(), None).to_dict("records")
    across = {
        "field": "exemplars",
        "type": "quantitative",
        "scale": {"type": "log"},
        "title": "exemplars of each group (logarithmic)",
        "axis": {"values": curve["exemplars"].tolist(), "format": "d", "grid": False},
    }
    up = {"type": "quantitative", "title": "cosine of the change", "scale": {"domainMax": 1}}
    tips = [{"field": one, "type": "quantitative", "format": ".3~f"} for one in names]
    kinds = {
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(SERIES), "range": [CHART_COLOURS[0], CHART_COLOURS[1], CHART_COLOURS[2]]},
        "legend": {"orient": "bottom", "columns": 2, "labelLimit": 240},
    }
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "height": 220,
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.25, "color": CHART_COLOURS[0]},
                "encoding": {"x": across, "y": {**up, "field": "low"}, "y2": {"field": "high"}},
            },
            {
                "mark": {"type": "line", "point": True},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "cosine"},
                    "color": {**kinds, "datum": SERIES[0]},
                    "tooltip": tips,
                },
            },
            {
                "mark": {"type": "line", "strokeDash": [2, 3], "point": {"shape": "square"}},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "expected_others"},
                    "color": {**kinds, "datum": SERIES[1]},
                    "tooltip": tips,
                },
            },
            {
                "mark": {"type": "line", "strokeDash": [8, 4], "point": {"shape": "triangle"}},
                "encoding": {
                    "x": across,
                    "y": {**up, "field": "expected"},
                    "color": {**kinds, "datum": SERIES[2]},
                    "tooltip": tips,
                },
            },
            {
                "data": {"values": [{"at": threshold}]},
                "mark": {"type": "rule", "strokeDash": [2, 3], "color": GREY},
                "encoding": {"y": {**up, "field": "at"}},
            },
            {
                "data": {"values": [{"at": used}]},
                "mark": {"type": "rule", "color": GREY, "strokeWidth": 2},
                "encoding": {"x": {**across, "field": "at"}},
            },
        ],
    }


def lengths(shell: Shell, marks: list[tuple[str, float]]) -> dict[str, Any]:
    """Density of the distance of the draws of a normal prior, and the distances of means and sum."""
    from scipy.stats import chi

    most = max(float(chi.ppf(0.9999, shell.size)), *(one for _, one in marks)) * 1.05
    grid = np.linspace(0, most, 160)
    values = [{"x": round(float(x), 4), "y": float(y)} for x, y in zip(grid, chi.pdf(grid, shell.size), strict=True)]
    points = [{"what": name, "at": round(one, 3)} for name, one in marks]
    across = {"type": "quantitative", "title": "distance from the centre, standard deviations"}
    names = [name for name, _ in marks]
    colours = [CHART_COLOURS[place % len(CHART_COLOURS)] for place in range(len(names))]
    dash = [[1, 0] if name.startswith("sum") else [4, 3] for name in names]
    return {
        "$schema": SCHEMA,
        "height": 160,
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "area", "color": GREY, "opacity": 0.4},
                "encoding": {
                    "x": {**across, "field": "x"},
                    "y": {"field": "y", "type": "quantitative", "axis": None},
                },
            },
            {
                "data": {"values": points},
                "mark": {"type": "rule", "strokeWidth": 2.5},
                "encoding": {
                    "x": {**across, "field": "at"},
                    "color": {
                        "field": "what",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": names, "range": colours},
                        "legend": {"orient": "bottom", "columns": 2, "labelLimit": 240},
                    },
                    "strokeDash": {
                        "field": "what",
                        "type": "nominal",
                        "scale": {"domain": names, "range": dash},
                        "legend": None,
                    },
                    "tooltip": [
                        {"field": "what", "type": "nominal"},
                        {"field": "at", "type": "quantitative", "format": ".2f", "title": "distance"},
                    ],
                },
            },
        ],
    }


def scores(table: pd.DataFrame) -> dict[str, Any]:
    """The change of every score beside that of random exemplars, each in units of half its random range."""
    rows = []
    for one in table.to_dict("records"):
        half = (one["random_high"] - one["random_low"]) / 2
        if not half > 0:
            continue
        middle = (one["random_high"] + one["random_low"]) / 2
        rows.append(
            {
                "score": one["title"],
                "change": round((one["change"] - middle) / half, 3),
                "low": round((one["change_low"] - middle) / half, 3),
                "high": round((one["change_high"] - middle) / half, 3),
                "random_low": -1.0,
                "random_high": 1.0,
                "p": round(one["p"], 4),
                "judged": "beyond random" if one["p"] <= 0.05 else "no more than random",
            }
        )
    values = [{key: None if isinstance(x, float) and np.isnan(x) else x for key, x in one.items()} for one in rows]
    up = {"field": "score", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 180}}
    across = {"type": "quantitative", "title": "change; random sums lie from −1 to 1"}
    tips = [
        {"field": "score", "type": "nominal"},
        *({"field": one, "type": "quantitative", "format": ".3~f"} for one in ("change", "low", "high", "p")),
    ]
    judged = {
        "field": "judged",
        "type": "nominal",
        "title": None,
        "scale": {"domain": ["beyond random", "no more than random"], "range": [CHART_COLOURS[0], CHART_COLOURS[1]]},
        "legend": {"orient": "bottom"},
    }
    return {
        "$schema": SCHEMA,
        "data": {"values": values},
        "height": ROW * max(len(values), 1),
        "encoding": {"y": up},
        "layer": [
            {
                "mark": {"type": "bar", "height": 14, "opacity": 0.3, "color": GREY},
                "encoding": {"x": {**across, "field": "random_low"}, "x2": {"field": "random_high"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {"x": {**across, "field": "low"}, "x2": {"field": "high"}, "color": judged},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 90},
                "encoding": {
                    "x": {**across, "field": "change"},
                    "color": judged,
                    "shape": {
                        "field": "judged",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": ["beyond random", "no more than random"], "range": ["circle", "square"]},
                        "legend": {"orient": "bottom"},
                    },
                    "tooltip": tips,
                },
            },
        ],
    }
