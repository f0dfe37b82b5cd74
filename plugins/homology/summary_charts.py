# SPDX-License-Identifier: Apache-2.0
"""Landscapes of the loops with their band over draws, and their persistence image (Altair)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from plugins.homology.charts import COLOURS, GREY

WIDTH, HEIGHT, SIDE = 460, 240, 320
NAMES: Final = ("first", "second", "third")
DASHES: Final = ([1, 0], [6, 3], [2, 3])


def landscape_chart(arrays: Mapping[str, Any], *, unit: str = "distance", draws: int = 0, dimension: int = 1) -> Any:
    """The first three landscapes (by dash and colour), and 5 % to 95 % of the draws around the first.

    Parameters
    ----------
    arrays : those of `plugins.homology.summary_tables.vectors_of`
    unit : what the scale is measured in
    draws : random draws behind the band
    """
    import altair as alt
    import pandas as pd

    name = f"landscape_h{dimension}"
    values, grid = np.asarray(arrays[name]), np.asarray(arrays[f"{name}_scales"])
    rows = pd.concat(
        [pd.DataFrame({"scale": grid, "height": values[at], "landscape": NAMES[at]}) for at in range(len(values))]
    )
    order = list(NAMES[: len(values)])
    across = alt.X("scale:Q", title=f"scale ({unit})", scale=alt.Scale(nice=False))
    up = f"height ({unit})"
    lines = (
        alt.Chart(rows)
        .mark_line(strokeWidth=2)
        .encode(
            x=across,
            y=alt.Y("height:Q", title=up),
            color=alt.Color(
                "landscape:N", sort=order, title=None, scale=alt.Scale(domain=order, range=list(COLOURS[1:4]))
            ),
            strokeDash=alt.StrokeDash(
                "landscape:N", sort=order, title=None, scale=alt.Scale(domain=order, range=list(DASHES[: len(order)]))
            ),
            tooltip=[
                alt.Tooltip("landscape:N"),
                alt.Tooltip("scale:Q", format=".4~g"),
                alt.Tooltip("height:Q", format=".4~g"),
            ],
        )
    )
    said = ["half the length of a loop, over its middle: of the longest, the second and the third at each scale"]
    layers = [lines]
    if f"{name}_low" in arrays:
        band = pd.DataFrame(
            {"scale": grid, "low": np.asarray(arrays[f"{name}_low"])[0], "high": np.asarray(arrays[f"{name}_high"])[0]}
        )
        area = alt.Chart(band).mark_area(color=GREY, opacity=0.3)
        layers.insert(0, area.encode(x=across, y=alt.Y("low:Q", title=up), y2="high:Q"))
        said.append(f"grey: 5 % to 95 % of the first in {draws} random draws, scale by scale")
    title: Any = {"text": f"Landscapes of H{dimension}", "subtitle": said}
    return alt.layer(*layers).properties(width=WIDTH, height=HEIGHT, title=title)


def image_chart(arrays: Mapping[str, Any], *, unit: str = "distance", dimension: int = 1) -> Any:
    """The persistence image: weight of bars by birth and length.

    Parameters
    ----------
    arrays : those of `plugins.homology.summary_tables.vectors_of`
    """
    import altair as alt
    import pandas as pd

    name = f"image_h{dimension}"
    values = np.asarray(arrays[name])
    births, lengths = np.asarray(arrays[f"{name}_births"]), np.asarray(arrays[f"{name}_lengths"])
    rows, columns = (one.ravel() for one in np.indices(values.shape))
    frame = pd.DataFrame(
        {
            "birth": births[columns],
            "birth_end": births[columns + 1],
            "length": lengths[rows],
            "length_end": lengths[rows + 1],
            "weight": values.ravel(),
        }
    )
    spread, full = (float(np.asarray(arrays[f"{name}_{one}"])[0]) for one in ("spread", "full"))
    title: Any = {
        "text": f"Persistence image of H{dimension}",
        "subtitle": [
            f"each bar a Gaussian of spread {spread:.3g}; weight 1 from length {full:.3g} on",
            "to be compared with others only at equal settings",
        ],
    }
    return (
        alt.Chart(frame)
        .mark_rect()
        .encode(
            x=alt.X("birth:Q", title=f"birth ({unit})", scale=alt.Scale(nice=False, zero=False)),
            x2="birth_end:Q",
            y=alt.Y("length:Q", title=f"length ({unit})", scale=alt.Scale(nice=False)),
            y2="length_end:Q",
            color=alt.Color("weight:Q", title="weight", scale=alt.Scale(scheme="viridis")),
            tooltip=[alt.Tooltip(f"{one}:Q", format=".4~g") for one in ("birth", "length", "weight")],
        )
        .properties(width=SIDE, height=SIDE, title=title)
    )
