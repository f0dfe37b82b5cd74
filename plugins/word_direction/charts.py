# SPDX-License-Identifier: Apache-2.0
"""Charts of a direction between words (Altair): words along it, held-out pairs, controls, cosines of all directions."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pandas as pd

from registry.pictures import CHART_COLOURS

WIDTH: Final = 420
KINDS: Final = {"first": "first word of a pair", "second": "second word of a pair", "no": "not of the pairs"}
SHAPES: Final = ("circle", "square", "diamond")
COLOURS: Final = (CHART_COLOURS[0], CHART_COLOURS[3], CHART_COLOURS[2])


def words(placed: pd.DataFrame, ends: tuple[str, str]) -> Any:
    """Words along the direction with their names; the bar is where words of a similar frequency lie."""
    import altair as alt

    shown = placed.assign(kind=placed["of_the_pairs"].map(KINDS))
    kinds = [one for one in KINDS.values() if one in set(shown["kind"])]
    at = [list(KINDS.values()).index(one) for one in kinds]
    base = alt.Chart(shown).encode(
        y=alt.Y("word:N", title=None, sort=None, axis=alt.Axis(labelLimit=140, labelOverlap=False)),
    )
    bar = base.mark_rule(strokeWidth=6, color=CHART_COLOURS[7], opacity=0.3).encode(
        x=alt.X("peers_low:Q", title=f"{ends[0]}  <   steps from the middle   >  {ends[1]}"), x2="peers_high:Q"
    )
    mark = base.mark_point(filled=True, size=65, opacity=1).encode(
        x="place:Q",
        color=alt.Color(
            "kind:N", title=None, scale=alt.Scale(domain=kinds, range=[COLOURS[one] for one in at]),
            legend=alt.Legend(orient="top", columns=1, labelLimit=300),
        ),
        shape=alt.Shape("kind:N", legend=None, scale=alt.Scale(domain=kinds, range=[SHAPES[one] for one in at])),
        tooltip=["word:N", alt.Tooltip("place:Q", format="+.2f"), alt.Tooltip("percentile:Q", format=".0f")],
    )  # fmt: skip
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(strokeDash=[4, 4], color="#8A8A8A").encode(x="x:Q")
    return alt.layer(bar, zero, mark).properties(width=WIDTH, height=max(18 * len(shown), 120))


def pairs(table: pd.DataFrame, ends: tuple[str, str]) -> Any:
    """Steps of held-out pairs: right of 0 the second word lies further on."""
    import altair as alt

    shown = table.assign(
        pair=table["first"] + " : " + table["second"], order=np.where(table["right"], "right order", "wrong order")
    )
    domain = ["right order", "wrong order"]
    rows = (
        alt.Chart(shown)
        .mark_point(filled=True, size=36, opacity=0.8)
        .encode(
            x=alt.X("step:Q", title="second word beyond the first, in mean steps"),
            y=alt.Y("cosine:Q", title="cosine of difference and direction"),
            color=alt.Color(
                "order:N", title=None, scale=alt.Scale(domain=domain, range=[CHART_COLOURS[0], CHART_COLOURS[3]]),
                legend=alt.Legend(orient="top"),
            ),
            shape=alt.Shape("order:N", legend=None, scale=alt.Scale(domain=domain, range=["circle", "cross"])),
            tooltip=["pair:N", alt.Tooltip("step:Q", format="+.2f"), alt.Tooltip("cosine:Q", format="+.2f")],
        )
    )  # fmt: skip
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(strokeDash=[4, 4], color="#8A8A8A").encode(x="x:Q")
    return alt.layer(zero, rows).properties(width=WIDTH, height=230)


def controls(accuracy: float, turned: Any, random: Any) -> Any:
    """What turned pairs and random directions give, as lines of shares; upright what the pairs gave."""
    import altair as alt

    what = ("pairs turned round at random, held out", "random directions, better side")
    edges = np.linspace(0, 100, 41)
    rows = []
    for name, values in zip(what, (turned, random), strict=True):
        held, _ = np.histogram(100 * values, edges)
        rows += [
            {"control": name, "share": float(middle), "draws": 100 * float(one) / len(values)}
            for middle, one in zip((edges[:-1] + edges[1:]) / 2, held, strict=True)
        ]
    lines = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(strokeWidth=2.5, interpolate="step")
        .encode(
            x=alt.X("share:Q", title="pairs in the right order (%)", scale=alt.Scale(domain=[0, 101], nice=False)),
            y=alt.Y("draws:Q", title="draws (%)"),
            color=alt.Color(
                "control:N", title=None, scale=alt.Scale(domain=list(what), range=[CHART_COLOURS[3], CHART_COLOURS[0]]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=340),
            ),
            strokeDash=alt.StrokeDash(
                "control:N", legend=None, scale=alt.Scale(domain=list(what), range=[[1, 0], [5, 3]])
            ),
        )
    )  # fmt: skip
    here = (
        alt.Chart(pd.DataFrame({"x": [100 * accuracy]}))
        .mark_rule(strokeWidth=3, color=CHART_COLOURS[2])
        .encode(x="x:Q", tooltip=[alt.Tooltip("x:Q", title="held-out pairs (%)", format=".1f")])
    )
    return alt.layer(lines, here).properties(width=WIDTH, height=190)


def matrix(names: list[str], cosines: Any, preset: str) -> Any:
    """Cosines between all directions, the run's first."""
    import altair as alt

    table = pd.DataFrame(
        [
            {"one": first, "other": second, "cosine": float(cosines[a, b])}
            for a, first in enumerate(names)
            for b, second in enumerate(names)
        ]
    )
    base = alt.Chart(table).encode(
        x=alt.X("other:N", title=None, sort=names, axis=alt.Axis(labelAngle=-60, labelLimit=130, labelOverlap=False)),
        y=alt.Y("one:N", title=None, sort=names, axis=alt.Axis(labelLimit=130)),
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "cosine:Q", scale=alt.Scale(domain=[-1, 0, 1], range=["#3182BD", "#F2F2F2", "#D9691E"]),
            legend=alt.Legend(title="cosine", orient="right"),
        ),
        tooltip=["one:N", "other:N", alt.Tooltip("cosine:Q", format="+.2f")],
    )  # fmt: skip
    said = base.mark_text(fontSize=9).encode(
        text=alt.Text("cosine:Q", format=".1f"),
        color=alt.condition("abs(datum.cosine) > 0.75", alt.value("#FFFFFF"), alt.value("#222222")),
    )
    return alt.layer(cells, said).properties(width=WIDTH, height=22 * len(names))
