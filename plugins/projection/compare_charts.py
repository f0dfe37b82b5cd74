# SPDX-License-Identifier: Apache-2.0
"""Charts of a comparison (Vega-Lite): how many neighbours points keep, over all and by group."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from plugins.projection.comparing import GroupMean, Overlap
from registry.pictures import CHART_COLOURS

BARS = 26
GREY = "#8A8A8A"


def histogram_chart(overlap: Overlap) -> dict[str, Any]:
    """How many points keep how many of their k neighbours; dashed where unrelated maps would be on average."""
    kept = np.rint(overlap.values[~np.isnan(overlap.values)] * overlap.k).astype(np.int64)
    counts = np.bincount(kept, minlength=overlap.k + 1)
    step = math.ceil((overlap.k + 1) / BARS)
    bars = []
    for start in range(0, overlap.k + 1, step):
        last = min(start + step, overlap.k + 1) - 1
        number = int(counts[start : last + 1].sum())
        bars.append(
            {
                "low": start - 0.45,
                "high": last + 0.45,
                "kept": str(start) if start == last else f"{start} to {last}",
                "points": number,
                "share": number / len(kept),
            }
        )
    return {
        "title": f"How many of its {overlap.k} neighbours a point keeps (line: mean, dashes: unrelated maps)",
        "height": 170,
        "layer": [
            {
                "data": {"values": bars},
                "mark": {"type": "rect", "color": CHART_COLOURS[0]},
                "encoding": {
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "title": "neighbours kept",
                        "axis": {"values": list(range(0, overlap.k + 1, step)), "format": "d", "grid": False},
                        "scale": {"domain": [-0.5, overlap.k + 0.5], "nice": False},
                    },
                    "x2": {"field": "high"},
                    "y": {"field": "points", "type": "quantitative", "title": "points"},
                    "y2": {"datum": 0},
                    "tooltip": [
                        {"field": "kept", "title": "neighbours kept"},
                        {"field": "points", "title": "points", "format": ","},
                        {"field": "share", "title": "share", "format": ".1%"},
                    ],
                },
            },
            _line(overlap.mean * overlap.k, []),
            _line(overlap.chance * overlap.k, [4, 4]),
        ],
    }


def by_group_chart(groups: Sequence[GroupMean], overlap: Overlap, label: str) -> dict[str, Any]:
    """Mean share of neighbours kept in each group with its interval, the group that changed most on top."""
    values = [
        {"group": one.name, "mean": one.mean, "low": one.low, "high": one.high, "points": one.count} for one in groups
    ]
    group = {
        "field": "group",
        "type": "nominal",
        "title": label,
        "sort": None,
        "axis": {"labelLimit": 160, "labelOverlap": False},
    }
    scale = {"zero": False, "nice": True}
    return {
        "title": f"Share of neighbours kept by {label} (95 % intervals; line: all points)",
        "height": max(100, 20 * len(groups)),
        "layer": [
            {
                "data": {"values": values},
                "mark": {"type": "rule", "strokeWidth": 2, "color": CHART_COLOURS[0]},
                "encoding": {
                    "y": group,
                    "x": {
                        "field": "low",
                        "type": "quantitative",
                        "title": "mean share of neighbours kept",
                        "axis": {"format": ".1%", "tickCount": 6},
                        "scale": scale,
                    },
                    "x2": {"field": "high"},
                },
            },
            {
                "data": {"values": values},
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "y": group,
                    "x": {"field": "mean", "type": "quantitative"},
                    "tooltip": [
                        {"field": "group", "title": label},
                        {"field": "mean", "format": ".1%"},
                        {"field": "low", "format": ".1%"},
                        {"field": "high", "format": ".1%"},
                        {"field": "points", "format": ","},
                    ],
                },
            },
            _line(overlap.mean, []),
        ],
    }


def _line(at: float, dash: list[int]) -> dict[str, Any]:
    """A vertical line at a value of the x axis."""
    return {
        "data": {"values": [{"at": at}]},
        "mark": {"type": "rule", "color": GREY, "strokeDash": dash, "strokeWidth": 1.5},
        "encoding": {"x": {"field": "at", "type": "quantitative"}},
    }
