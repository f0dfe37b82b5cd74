# SPDX-License-Identifier: Apache-2.0
"""Cosines between kept directions as a heat map, with what random directions give."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import streamlit as st

from workbench.app.components.palette import DIVERGING_RAMP
from workbench.app.parts import charts, style, text

if TYPE_CHECKING:
    from workbench.directions import Comparison
    from workbench.store import DirectionRecord

MOST: Final = 30  # rows and columns of one picture
_CELL: Final = 26
_READABLE: Final = 14  # up to as many columns the numbers stand in the cells


def cosines(found: Sequence[DirectionRecord], *, first: DirectionRecord | None = None) -> Comparison | None:
    """Draw the cosines between directions of one space; ``first`` stands at the head, those most like it after it."""
    from workbench.directions.comparing import compared

    if len(found) < 2:
        return None
    shown = list(found)
    if first is not None:
        rest = [one for one in found if one.name != first.name]
        alike = abs(compared([first], rest).cosines[0])
        shown = [first, *(rest[int(at)] for at in (-alike).argsort(kind="stable"))]
    comparison = compared(shown[:MOST])
    charts.draw(heat_map(comparison, "dark" if style.dark() else "light"), "cosines between directions")
    more = f" The first {MOST} of {len(found)} are shown." if len(found) > MOST else ""
    largest = (
        f"; the largest of the {comparison.pairs:,} pairs here within {comparison.random_largest:.2f}"
        if comparison.pairs > 1
        else ""
    )
    st.caption(
        text.plain(
            f"1: the same direction, 0: nothing in common, −1: the opposite one. Two random directions of "
            f"{comparison.width:,} numbers stay within ±{comparison.random_cosine:.2f} in 95 of 100 "
            f"cases{largest}.{more}",
            500,
        )
    )
    return comparison


def heat_map(found: Comparison, theme: str) -> dict[str, Any]:
    """The cosines as a Vega-Lite chart: blue below zero, orange above, the number in each cell where it fits."""
    values = [
        {"row": row, "column": column, "cosine": round(float(found.cosines[up, across]), 3)}
        for up, row in enumerate(found.names)
        for across, column in enumerate(found.others)
    ]
    ramp = list(DIVERGING_RAMP["dark" if theme == "dark" else "light"])
    across = {
        "field": "column",
        "type": "nominal",
        "sort": list(found.others),
        "title": None,
        "axis": {"orient": "top", "labelAngle": -40, "labelLimit": 160, "labelOverlap": False},
    }
    up = {
        "field": "row",
        "type": "nominal",
        "sort": list(found.names),
        "title": None,
        "axis": {"labelLimit": 200, "labelOverlap": False},
    }
    colour = {
        "field": "cosine",
        "type": "quantitative",
        "scale": {"domain": [-1, 1], "range": ramp, "interpolate": "rgb"},
        "legend": {"orient": "right", "gradientLength": 100, "title": "cosine"},
    }
    tips = [{"field": one, "type": "nominal"} for one in ("row", "column")]
    cells = {
        "mark": {"type": "rect"},
        "encoding": {"color": colour, "tooltip": [*tips, {"field": "cosine", "type": "quantitative"}]},
    }
    numbers = {
        "mark": {"type": "text", "fontSize": 11},
        "encoding": {
            "text": {"field": "cosine", "type": "quantitative", "format": ".2f"},
            # The ends of the ramp are dark on light ground and light on dark ground, its middle the other way round.
            "color": {
                "condition": {
                    "test": "abs(datum.cosine) > 0.55",
                    "value": "#111111" if theme == "dark" else "#FFFFFF",
                },
                "value": "#FFFFFF" if theme == "dark" else "#111111",
            },
        },
    }
    layers = [cells, numbers] if len(found.others) <= _READABLE else [cells]
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": values},
        "encoding": {"x": across, "y": up},
        "layer": layers,
        "width": "container",
        "height": _CELL * len(found.names),
    }
