# SPDX-License-Identifier: Apache-2.0
"""Charts of neighbourhoods (Altair): counts beside normal clouds, mean cosines by correction, frequency, distances."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from registry.pictures import CHART_COLOURS

WIDTH: Final = 420
KINDS: Final = ("these points", "normal cloud, same mean and covariance", "normal cloud, the same in all axes")
COLOURS: Final = (CHART_COLOURS[0], CHART_COLOURS[3], CHART_COLOURS[2])
DASHES: Final = ([1, 0], [6, 3], [2, 2])
SHAPES: Final = ("circle", "square", "triangle-up")


def counts_table(counts: dict[str, Any]) -> pd.DataFrame:
    """Share of points (%) that are neighbours at least so often, by kind of cloud: rows for drawing."""
    rows = []
    for kind, values in counts.items():
        ordered = np.sort(np.asarray(values))
        most = int(ordered[-1])
        at = np.unique(np.concatenate([[0, 1], np.geomspace(1, max(most, 2), 40).round().astype(int)]))
        for one in at[at <= most]:
            share = 100 * (len(ordered) - np.searchsorted(ordered, one, side="left")) / len(ordered)
            rows.append({"kind": kind, "times": int(one), "share": float(share)})
    return pd.DataFrame(rows)


def occurrences(counts: dict[str, Any], neighbours: int) -> Any:
    """How unequal the counts are: the tails on logarithmic axes."""
    import altair as alt

    table = counts_table(counts)
    table = table[table["times"] > 0]
    names = [one for one in KINDS if one in counts]
    base = alt.Chart(table).encode(
        x=alt.X(
            "times:Q",
            title=f"times among the {neighbours} nearest of another point",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000], format=","),
        ),
        y=alt.Y(
            "share:Q",
            title="points that are it so often or more (%)",
            scale=alt.Scale(type="log", nice=False),
            axis=alt.Axis(values=[0.01, 0.1, 1, 10, 100], format="~g"),
        ),
        color=alt.Color(
            "kind:N",
            title=None,
            scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])),
            legend=alt.Legend(orient="bottom", columns=1, labelLimit=360),
        ),
        strokeDash=alt.StrokeDash(
            "kind:N", legend=None, scale=alt.Scale(domain=names, range=list(DASHES[: len(names)]))
        ),
        tooltip=["kind:N", "times:Q", alt.Tooltip("share:Q", title="share (%)", format=".3g")],
    )
    return base.mark_line(strokeWidth=2.5).properties(width=WIDTH, height=260)


def anisotropy(steps: pd.DataFrame) -> Any:
    """Mean cosine by correction, with its interval and the isotropic range as a band of ticks."""
    import altair as alt

    # A scale that shows what is small as small: a mean cosine of 0.002 is none.
    domain = [min(-0.05, float(steps["low"].min())), max(0.1, float(steps["high"].max()))]
    base = alt.Chart(steps).encode(y=alt.Y("points:N", title=None, sort=None, axis=alt.Axis(labelLimit=220)))
    band = base.mark_bar(size=18, opacity=0.35, color=CHART_COLOURS[7]).encode(
        x=alt.X("isotropic_low:Q", title="mean cosine of two points (95 % interval)", scale=alt.Scale(domain=domain)),
        x2="isotropic_high:Q",
    )
    rule = base.mark_rule(strokeWidth=3, color=COLOURS[0]).encode(x="low:Q", x2="high:Q")
    mark = base.mark_point(filled=True, size=80, opacity=1, color=COLOURS[0]).encode(
        x="mean_cosine:Q",
        tooltip=["points:N", *(alt.Tooltip(f"{one}:Q", format=".4f") for one in ("mean_cosine", "low", "high"))],
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(strokeDash=[4, 4], color="#8A8A8A").encode(x="x:Q")
    return alt.layer(band, zero, rule, mark).properties(width=WIDTH, height=34 * len(steps))


def frequency(tenths: pd.DataFrame, neighbours: int) -> Any:
    """Mean k-occurrence by tenth of frequency; without a tie all would lie on the line."""
    import altair as alt

    base = alt.Chart(tenths).encode(
        x=alt.X("tenth:O", title="tenth of the points, the most frequent first", axis=alt.Axis(labelAngle=0))
    )
    rule = base.mark_rule(strokeWidth=3, color=COLOURS[0]).encode(
        y=alt.Y("occurrence_low:Q", title="times a neighbour, mean (95 % interval)", scale=alt.Scale(zero=True)),
        y2="occurrence_high:Q",
    )
    mark = base.mark_point(filled=True, size=80, opacity=1, color=COLOURS[0]).encode(
        y="occurrence:Q",
        tooltip=[
            "tenth:O",
            "points:Q",
            alt.Tooltip("occurrence:Q", format=".2f"),
            alt.Tooltip("length:Q", format=".3f"),
        ],
    )
    even = (
        alt.Chart(pd.DataFrame({"y": [float(neighbours)]}))
        .mark_rule(strokeDash=[4, 4], color="#8A8A8A", strokeWidth=2)
        .encode(y="y:Q")
    )
    return alt.layer(even, rule, mark).properties(width=WIDTH, height=240)


def distances(relative: dict[str, Any]) -> Any:
    """Distances over their mean, as a histogram of shares."""
    import altair as alt

    top = max(float(np.quantile(one, 0.999)) for one in relative.values())
    edges = np.linspace(0, top, 61)
    rows = []
    for kind, values in relative.items():
        held, _ = np.histogram(values, edges)
        rows += [
            {"kind": kind, "distance": float(middle), "share": 100 * float(one) / len(values)}
            for middle, one in zip((edges[:-1] + edges[1:]) / 2, held, strict=True)
        ]
    names = [one for one in KINDS if one in relative]
    colours = [COLOURS[KINDS.index(one)] for one in names]
    dashes = [DASHES[KINDS.index(one)] for one in names]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(strokeWidth=2.5, interpolate="monotone")
        .encode(
            x=alt.X("distance:Q", title="distance of two points over the mean"),
            y=alt.Y("share:Q", title="share of pairs (%)"),
            color=alt.Color(
                "kind:N",
                title=None,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(orient="bottom", columns=1, labelLimit=360),
            ),
            strokeDash=alt.StrokeDash("kind:N", legend=None, scale=alt.Scale(domain=names, range=dashes)),
        )
        .properties(width=WIDTH, height=220)
    )
