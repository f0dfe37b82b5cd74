# SPDX-License-Identifier: Apache-2.0
"""Charts of the result, as Vega-Lite specifications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"
BINS = 40
KINDS = {"l1": "mean absolute error", "l2": "root mean squared error"}


def histogram(errors: np.ndarray, of_mean: np.ndarray) -> dict[str, Any]:
    """How the L2 errors of single points are spread, beside those of the mean point in their place."""
    high = float(max(errors.max(), of_mean.max())) or 1.0
    edges = np.linspace(0, high, BINS + 1)
    rows = []
    for label, values in (("reconstruction", errors), ("mean point", of_mean)):
        counts, _ = np.histogram(values, bins=edges)
        rows += [
            {"low": float(edges[at]), "high": float(edges[at + 1]), "points": int(count), "of": label}
            for at, count in enumerate(counts)
        ]
    return {
        "$schema": SCHEMA,
        "title": "Error of each point",
        "width": 420,
        "height": 200,
        "data": {"values": rows},
        "mark": {"type": "bar", "opacity": 0.6},
        "encoding": {
            "x": {"field": "low", "type": "quantitative", "bin": {"binned": True}, "title": "root mean squared error"},
            "x2": {"field": "high"},
            "y": {"field": "points", "type": "quantitative", "stack": None, "title": "points"},
            "color": {"field": "of", "type": "nominal", "title": None, "legend": {"orient": "bottom"}},
        },
    }


def curve(table: pd.DataFrame, condition: str, of_mean: float) -> dict[str, Any]:
    """Mean L1 and L2 by the condition with their intervals; the line is the L2 error of the mean point."""
    rows: list[dict[str, Any]] = [
        {
            "value": int(one[condition]),
            "error": float(one[kind]),
            "low": float(one[f"{kind}_low"]),
            "high": float(one[f"{kind}_high"]),
            "kind": KINDS[kind],
        }
        for one in table.to_dict("records")
        for kind in ("l1", "l2")
    ]
    logarithmic = min(row["value"] for row in rows) > 0
    across = {
        "field": "value",
        "type": "quantitative",
        "title": condition,
        "scale": {"type": "log" if logarithmic else "linear", "nice": not logarithmic},
    }
    colour = {"field": "kind", "type": "nominal", "title": None, "legend": {"orient": "bottom"}}
    line = {"field": "error", "type": "quantitative", "title": "error (95 % interval)"}
    band = {"x": across, "y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}, "color": colour}
    return {
        "$schema": SCHEMA,
        "title": f"Error by {condition} (dashed: mean point)",
        "width": 420,
        "height": 240,
        "data": {"values": rows},
        "layer": [
            {"mark": {"type": "area", "opacity": 0.25}, "encoding": band},
            {"mark": {"type": "line", "point": True}, "encoding": {"x": across, "y": line, "color": colour}},
            {
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": "#8A8A8A", "aria": False},
                "encoding": {"y": {"datum": of_mean}},
            },
        ],
    }
