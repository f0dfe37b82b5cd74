# SPDX-License-Identifier: Apache-2.0
"""Charts of the paths of the first pair: cumulative decoded length, and distance from the centre (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.interpolation.measuring import Measured

WIDTH, HEIGHT = 400, 250
DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]]


def length(found: Measured, words: dict[str, str]) -> Any:
    """Length of the decoded path up to each place; even speed is a straight line. Paths between both samples only:
    beside a circle or a random walk, many times as long, they would lie flat on the ground."""
    import pandas as pd

    rows = []
    for name, one in found.pairs[0].paths.items():
        if name in ("circle", "walk"):
            continue
        so_far = np.concatenate([[0.0], np.cumsum(one.steps)])
        rows += [
            {"t": at / (len(so_far) - 1), "value": value, "path": words[name]}
            for at, value in enumerate(so_far.tolist())
        ]
    return _lines(pd.DataFrame(rows), "decoded length so far", words).properties(
        title="Length of the decoded path (pair 0)"
    )


def distance(found: Measured, words: dict[str, str]) -> Any:
    """Distance of the codes from the centre, and the band in which 98 % of draws lie."""
    import altair as alt
    import pandas as pd

    rows = []
    for name, one in found.pairs[0].paths.items():
        if one.distance is not None:
            last = len(one.distance) - 1
            rows += [
                {"t": at / last, "value": value, "path": words[name]} for at, value in enumerate(one.distance.tolist())
            ]
    low, high = found.frame.quantile(0.01), found.frame.quantile(0.99)
    band = (
        alt.Chart(pd.DataFrame([{"left": 0, "right": 1, "low": low, "high": high}]))
        .mark_rect(color="#8A8A8A", opacity=0.25)
        .encode(x="left:Q", x2="right:Q", y="low:Q", y2="high:Q")
    )
    title = "Distance from the centre (pair 0)"
    unit = "standard deviations" if found.frame.shell is not None else "distance"
    lines = _lines(pd.DataFrame(rows), unit, words)
    return alt.layer(band, lines).properties(width=WIDTH, height=HEIGHT, title=title)


def _lines(rows: Any, title: str, words: dict[str, str]) -> Any:
    import altair as alt

    domain = [one for one in words.values() if one in set(rows["path"])]
    order = list(words.values())
    colours = [CHART_COLOURS[order.index(one)] for one in domain]
    dashes = [DASHES[order.index(one)] for one in domain]
    return (
        alt.Chart(rows)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("t:Q", title="place on the path", scale=alt.Scale(domain=[0, 1], nice=False)),
            y=alt.Y("value:Q", title=title, scale=alt.Scale(zero=True)),
            color=alt.Color(
                "path:N",
                title=None,
                sort=domain,
                scale=alt.Scale(domain=domain, range=colours),
                legend=alt.Legend(orient="bottom", columns=3),
            ),
            strokeDash=alt.StrokeDash("path:N", title=None, sort=domain, scale=alt.Scale(domain=domain, range=dashes)),
        )
        .properties(width=WIDTH, height=HEIGHT)
    )
