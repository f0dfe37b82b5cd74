# SPDX-License-Identifier: Apache-2.0
"""Charts of a concluded trial: before and after by seed, and the mean difference with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.app.components.palette import CATEGORY_COLOURS, NEUTRAL_COLOUR

_SIDES = ("before", "after")
_HEIGHT = 190


def pairs(outcome: Mapping[str, Any]) -> dict[str, Any]:
    """A line for each seed from before (circle) to after (diamond), with the means as a thick line."""
    unit = f" ({outcome['unit']})" if outcome.get("unit") else ""
    seeds = outcome["seeds"]
    rows = [{"seed": one["seed"], "side": side, "value": one[side]} for one in seeds for side in _SIDES]
    means = [{"side": side, "value": sum(one[side] for one in seeds) / len(seeds)} for side in _SIDES]
    x = {"field": "side", "type": "nominal", "sort": list(_SIDES), "title": None, "axis": {"labelAngle": 0}}
    y = {
        "field": "value",
        "type": "quantitative",
        "title": f"{outcome['label']}{unit}",
        "scale": {"zero": False, "nice": True},
    }
    tooltip = [
        {"field": "seed", "type": "nominal"},
        {"field": "side", "type": "nominal"},
        {"field": "value", "type": "quantitative", "format": ".4g"},
    ]
    colours = {"domain": list(_SIDES), "range": [CATEGORY_COLOURS[1], CATEGORY_COLOURS[0]]}
    return {
        "height": _HEIGHT,
        "layer": [
            {
                "data": {"values": rows},
                "mark": {"type": "line", "color": NEUTRAL_COLOUR, "strokeWidth": 1.2, "opacity": 0.8},
                "encoding": {"x": x, "y": y, "detail": {"field": "seed", "type": "nominal"}},
            },
            {
                "data": {"values": rows},
                "mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {"field": "side", "type": "nominal", "scale": colours, "legend": None},
                    "shape": {
                        "field": "side",
                        "type": "nominal",
                        "scale": {"domain": list(_SIDES), "range": ["circle", "diamond"]},
                        "legend": None,
                    },
                    "tooltip": tooltip,
                },
            },
            {
                "data": {"values": means},
                "mark": {"type": "line", "strokeWidth": 3, "strokeDash": [6, 3], "color": CATEGORY_COLOURS[2]},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def difference(outcome: Mapping[str, Any], least: float) -> dict[str, Any]:
    """The mean difference with its interval, no change as a line, and the smallest change that counts as a band."""
    row = {name: outcome[name] for name in ("value", "low", "high")}
    title = f"mean difference, after − before ({outcome['level']:.0%} interval)".replace("%", " %")
    x = {"type": "quantitative", "title": title, "scale": {"nice": True}}
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": [{"zero": 0}]},
            "mark": {"type": "rule", "color": NEUTRAL_COLOUR, "strokeWidth": 1.5},
            "encoding": {"x": {**x, "field": "zero"}},
        },
        {
            "data": {"values": [row]},
            "mark": {"type": "rule", "strokeWidth": 3, "color": CATEGORY_COLOURS[0]},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
        },
        {
            "data": {"values": [row]},
            "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 110, "color": CATEGORY_COLOURS[0]},
            "encoding": {
                "x": {**x, "field": "value"},
                "tooltip": [{"field": one, "type": "quantitative", "format": ".4g"} for one in row],
            },
        },
        {
            "data": {"values": [{"value": one[_SIDES[1]] - one[_SIDES[0]]} for one in outcome["seeds"]]},
            "mark": {"type": "tick", "thickness": 2, "size": 14, "color": CATEGORY_COLOURS[1], "yOffset": 22},
            "encoding": {"x": {**x, "field": "value"}},
        },
    ]
    if least > 0:
        band = {
            "data": {"values": [{"low": -least, "high": least}]},
            "mark": {"type": "rect", "color": NEUTRAL_COLOUR, "opacity": 0.22},
            "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}},
        }
        layers.insert(0, band)
    return {"height": 90, "layer": layers}
