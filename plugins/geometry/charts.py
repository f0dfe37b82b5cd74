# SPDX-License-Identifier: Apache-2.0
"""Charts of the geometry of a decoder (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.geometry.measuring import Measured

WIDTH, HEIGHT = 380, 220
SHOWN = 200  # singular values in the chart


def histogram(found: Measured) -> Any:
    """Codes by the logarithm of their magnification."""
    import altair as alt
    import pandas as pd

    logs = found.shape.log_magnification
    logs = logs[np.isfinite(logs)]
    if len(logs) == 0:
        logs = np.zeros(1)
    spread = float(logs.max() - logs.min())
    around = max(spread, 0.02 * abs(float(logs.mean())), 1e-3)  # a constant is one narrow bar
    middle = (float(logs.max()) + float(logs.min())) / 2
    counts, edges = np.histogram(logs, bins=24, range=(middle - 0.55 * around, middle + 0.55 * around))
    rows = pd.DataFrame({"low": edges[:-1], "high": edges[1:], "codes": counts})
    return (
        alt.Chart(rows)
        .mark_bar(color=CHART_COLOURS[0], binSpacing=1)
        .encode(
            x=alt.X("low:Q", bin="binned", title="natural logarithm of the magnification"),
            x2="high:Q",
            y=alt.Y("codes:Q", title="codes"),
        )
        .properties(width=WIDTH, height=HEIGHT, title="Magnification at the codes")
    )


def spectrum(found: Measured) -> Any:
    """Singular values by number: median over the codes, and the band of 90 % of them."""
    import altair as alt
    import pandas as pd

    values = found.values
    chosen = np.unique(np.linspace(0, values.shape[1] - 1, min(SHOWN, values.shape[1])).astype(int))
    low, middle, high = np.maximum(np.quantile(values[:, chosen], [0.05, 0.5, 0.95], axis=0), 1e-12)
    rows = pd.DataFrame({"number": chosen + 1, "low": low, "median": middle, "high": high})
    x = alt.X("number:Q", title="number of the singular value", axis=alt.Axis(tickMinStep=1, format="d"))
    base = alt.Chart(rows).encode(x=x)
    scale = alt.Scale(type="log") if float(middle.max()) > 0 else alt.Scale()
    band = base.mark_area(opacity=0.25, color=CHART_COLOURS[0]).encode(
        y=alt.Y("low:Q", title="singular value (band: 90 % of codes)", scale=scale), y2="high:Q"
    )
    line = base.mark_line(color=CHART_COLOURS[0], point=len(rows) < 40).encode(
        y=alt.Y("median:Q", scale=scale),
        tooltip=["number:Q", alt.Tooltip("median:Q", format=".3g")],
    )
    return (band + line).properties(width=WIDTH, height=HEIGHT, title="Singular values of the Jacobian")


def plane(found: Measured) -> Any:
    """Magnification over the plane, with the samples that span it."""
    import altair as alt
    import pandas as pd

    assert found.region is not None and found.area is not None
    values = found.area.magnification
    first, second = found.region.axes(values.shape[0])
    half = (first[1] - first[0]) / 2, (second[1] - second[0]) / 2
    along, across = (one.ravel() for one in np.meshgrid(first, second, indexing="ij"))
    rows = pd.DataFrame(
        {
            "left": along - half[0],
            "right": along + half[0],
            "bottom": across - half[1],
            "top": across + half[1],
            "magnification": values.ravel(),
        }
    )
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-5 * max(abs(high), 1e-30):  # rounding alone would fill the whole scale of colours
        low, high = low - 0.5 * abs(low) - 1e-9, high + 0.5 * abs(high) + 1e-9
    edges = (
        [float(first[0] - half[0]), float(first[-1] + half[0])],
        [float(second[0] - half[1]), float(second[-1] + half[1])],
    )
    x = alt.X("left:Q", title="along the plane", scale=alt.Scale(domain=edges[0], nice=False))
    y = alt.Y("bottom:Q", title="across the plane", scale=alt.Scale(domain=edges[1], nice=False))
    tiles = (
        alt.Chart(rows)
        .mark_rect()
        .encode(
            x=x,
            x2="right:Q",
            y=y,
            y2="top:Q",
            color=alt.Color(
                "magnification:Q", title="magnification", scale=alt.Scale(scheme="viridis", domain=[low, high])
            ),
            tooltip=[alt.Tooltip("magnification:Q", format=".4g")],
        )
    )
    layers = [tiles]
    if found.corners and found.places is not None:
        spots = pd.DataFrame(
            {"left": found.places[:, 0], "bottom": found.places[:, 1], "row": [f"{one}" for one in found.corners]}
        )
        base = alt.Chart(spots).encode(x="left:Q", y="bottom:Q")
        layers.append(base.mark_point(color="#D55E00", size=90, strokeWidth=3, fill="white").encode(tooltip=["row:N"]))
    return alt.layer(*layers).properties(width=WIDTH, height=WIDTH * 0.8, title="Magnification over the plane")
