# SPDX-License-Identifier: Apache-2.0
"""Charts of an inversion (Vega-Lite): the error of every start, and how it fell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.editor.inverting import Inverted

KINDS = {"picture": "given picture", "control": "model's own picture"}


def errors_chart(table: pd.DataFrame) -> dict[str, Any]:
    """One mark for every start, a row for every picture, the best one filled."""
    rows: Any = table.itertuples()
    values = [
        {
            "picture": f"{'own' if one.kind == 'control' else 'row'} {one.picture}",
            "kind": KINDS[str(one.kind)],
            "start": int(one.restart),
            "error": float(one.error),
            "distance": float(one.distance),
            "chosen": "best start" if one.best else "another start",
        }
        for one in rows
    ]
    return {
        "title": "Error of every start",
        "height": max(90, 22 * table.groupby(["kind", "picture"]).ngroups),
        "data": {"values": values},
        "mark": {"type": "point", "size": 70, "strokeWidth": 2, "opacity": 0.9},
        "encoding": {
            "y": {"field": "picture", "type": "nominal", "title": None, "sort": None},
            "x": {
                "field": "error",
                "type": "quantitative",
                "title": "root mean squared difference, share of the range",
                "scale": {"zero": True},
            },
            "color": {
                "field": "kind",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(KINDS.values()), "range": [CHART_COLOURS[0], CHART_COLOURS[1]]},
                "legend": {"orient": "top"},
            },
            "shape": {
                "field": "chosen",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["best start", "another start"], "range": ["diamond", "circle"]},
                "legend": {"orient": "top"},
            },
            "tooltip": [
                {"field": "picture"},
                {"field": "start", "title": "start number"},
                {"field": "error", "format": ".4g"},
                {"field": "distance", "title": "distance from the centre", "format": ".3g"},
            ],
        },
    }


def course_chart(found: Inverted) -> dict[str, Any]:
    """The median error over pictures and starts on the way, with the quarters beside it."""
    flat = found.traced.reshape(-1, found.traced.shape[2])
    low, middle, high = np.quantile(flat, [0.25, 0.5, 0.75], axis=0)
    values = [
        {"step": int(step), "low": float(a), "middle": float(b), "high": float(c)}
        for step, a, b, c in zip(found.steps, low, middle, high, strict=True)
    ]
    x = {"field": "step", "type": "quantitative", "title": "steps of Adam"}
    return {
        "title": "How the error fell (median and middle half of all starts)",
        "height": 170,
        "data": {"values": values},
        "layer": [
            {
                "mark": {"type": "area", "opacity": 0.25},
                "encoding": {
                    "x": x,
                    "y": {"field": "low", "type": "quantitative", "title": "root mean squared difference"},
                    "y2": {"field": "high"},
                },
            },
            {"mark": {"type": "line"}, "encoding": {"x": x, "y": {"field": "middle", "type": "quantitative"}}},
        ],
    }
