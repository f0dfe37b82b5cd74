# SPDX-License-Identifier: Apache-2.0
"""The complex at a scale: landmarks on the map, joined where they are no farther apart than the slider says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.homology.view.found import Found
from registry.pictures import CHART_COLOURS, styled
from workbench.app.parts import text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

MOST_EDGES = 3000
WIDTH, HEIGHT = 640, 420  # pixels
STEPS = 200
ABOVE = 0.02  # of a bar's length above its birth, where its cycle is


def draw(view: ViewContext, found: Found, number: int | None) -> None:
    """The slider and what it shows; of all points, whatever class is looked at."""
    distances = view.kept("landmark distances", lambda: np.asarray(view.result.array("distances")))
    finite = distances[np.isfinite(distances)]
    top = float(found.groups["threshold"].iloc[0])
    top = top if np.isfinite(top) else float(finite.max(initial=0.0))
    if not top > 0:
        return
    st.subheader("The complex at a scale")
    scale = _scale(view, found, number, top)
    whole = found.bars[found.bars["group"] == ""]
    alive = whole[(whole["birth"] <= scale) & (whole["death"] > scale)]
    counts = [int((alive["dimension"] == one).sum()) for one in sorted(whole["dimension"].unique())]
    names = ["piece", "loop", "void", "void in 4 dimensions"]
    told = ", ".join(text.counted(count, name) for count, name in zip(counts, names, strict=False))
    first, second = np.nonzero(np.triu(distances <= scale, 1))
    order = np.argsort(-distances[first, second], kind="stable")[:MOST_EDGES]
    st.markdown(f"At {scale:.4g} ({found.unit}): **{told}**, {len(first):,} pairs of landmarks joined.")
    chart = _chart(found.coordinates[found.landmarks], first[order], second[order])
    st.vega_lite_chart(None, styled(chart), width="content", alt=f"The complex at the scale {scale:.4g}")
    less = f"The longest {MOST_EDGES:,} of them are drawn. " if len(first) > MOST_EDGES else ""
    st.caption(
        f"{less}{len(found.landmarks):,} landmarks on two principal components of all points, at equal scales. A loop "
        "of the space need not look like one here."
    )


def _scale(view: ViewContext, found: Found, number: int | None, top: float) -> float:
    key = view.key("scale")
    default = top / 4
    if number is not None:
        bar = found.bar(number)
        end = top if bar["essential"] else float(bar["death"])
        default = float(bar["birth"]) + ABOVE * (end - float(bar["birth"]))
    step = top / STEPS
    of_bar = view.key("scale of")
    if key not in st.session_state or st.session_state.get(of_bar) != number:
        given = view.remembered("scale") if key not in st.session_state else None
        try:
            start = float(given) if given else default
        except ValueError:
            start = default
        if not 0 <= start <= top:
            start = default
        st.session_state[key] = float(min(np.ceil(start / step) * step, top))
    st.session_state[of_bar] = number
    chosen = float(st.slider("Scale", 0.0, top, step=step, key=key, format="%.3g"))
    view.remember(scale=f"{chosen:.6g}" if abs(chosen - min(np.ceil(default / step) * step, top)) > step / 2 else None)
    return chosen


def _chart(points: Any, first: Any, second: Any) -> dict[str, Any]:
    edges = np.concatenate([points[first], points[second]], axis=1).astype(float).round(5).tolist()
    marks = points.astype(float).round(5).tolist()
    low, high = points.min(axis=0), points.max(axis=0)
    middle = (low + high) / 2
    unit = 1.05 * float(((high - low) / (WIDTH, HEIGHT)).max()) or 1.0  # of the space, to a pixel: equal on both axes
    across, up = (
        {
            "type": "quantitative",
            "title": f"principal component {axis + 1}",
            "axis": {"tickCount": 8},
            "scale": {
                "domain": [float(middle[axis]) - size * unit / 2, float(middle[axis]) + size * unit / 2],
                "nice": False,
            },
        }
        for axis, size in enumerate((WIDTH, HEIGHT))
    )
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"values": [dict(zip(("x", "y", "x2", "y2"), one, strict=True)) for one in edges]},
                "mark": {"type": "rule", "opacity": 0.35, "color": CHART_COLOURS[0], "clip": True},
                "encoding": {
                    "x": {"field": "x", **across},
                    "y": {"field": "y", **up},
                    "x2": {"field": "x2"},
                    "y2": {"field": "y2"},
                },
            },
            {
                "data": {"values": [dict(zip(("x", "y"), one, strict=True)) for one in marks]},
                "mark": {"type": "point", "filled": True, "size": 18, "opacity": 0.9, "color": CHART_COLOURS[1]},
                "encoding": {"x": {"field": "x", **across}, "y": {"field": "y", **up}},
            },
        ],
    }
