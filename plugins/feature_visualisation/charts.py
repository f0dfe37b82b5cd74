# SPDX-License-Identifier: Apache-2.0
"""Charts: every value on one axis, and how the search rose (Altair)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.feature_visualisation.visualising import Found, Group

WIDTH: Final = 400
MOST_MARKS: Final = 400
MOST_STEPS: Final = 200
DASHES: Final = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3]]


def values(found: Found) -> Any:
    """A tick for every picture, sample and draw, in rows."""
    import altair as alt
    import pandas as pd

    rows = [(one.title, one.values, "searched") for one in found.groups]
    if len(found.samples.values):
        kept = np.sort(found.samples.values)
        at = np.unique(np.linspace(0, len(kept) - 1, min(MOST_MARKS, len(kept))).round().astype(int))
        rows.append((f"samples of {found.samples.source}", kept[at], "data"))
    rows += [(name, one, "not searched") for name, one in found.others.items()]
    frame = pd.DataFrame(
        [{"what": name, "value": value, "kind": kind} for name, one, kind in rows for value in one.tolist()]
    )
    kinds = ["searched", "data", "not searched"]
    order = [name for name, _, _ in rows]
    return (
        alt.Chart(frame)
        .mark_tick(thickness=2, size=16, opacity=0.7)
        .encode(
            x=alt.X("value:Q", title=found.words, scale=alt.Scale(zero=False)),
            y=alt.Y("what:N", title=None, sort=order, axis=alt.Axis(labelLimit=200)),
            color=alt.Color(
                "kind:N",
                title=None,
                sort=kinds,
                scale=alt.Scale(domain=kinds, range=[CHART_COLOURS[3], CHART_COLOURS[0], CHART_COLOURS[7]]),
                legend=alt.Legend(orient="bottom"),
            ),
            tooltip=["what", alt.Tooltip("value", format=".4g")],
        )
        .properties(width=WIDTH, height=36 * len(order) + 90, title="How much each excites it")
    )


def curve(groups: Sequence[Group], words: str) -> Any:
    """The value before each step, a line for each picture, as shaken in that step."""
    import altair as alt
    import pandas as pd

    rows = []
    for one in groups:
        steps = np.unique(np.linspace(0, len(one.curve) - 1, min(MOST_STEPS, len(one.curve))).round().astype(int))
        for number in range(one.curve.shape[1]):
            rows += [
                {"step": int(step), "value": float(one.curve[step, number]), "group": one.title, "number": number}
                for step in steps
            ]
    titles = [one.title for one in groups]
    order = ["different starts", "a set that differs", "shuffled weights"]
    colours = [[CHART_COLOURS[0], CHART_COLOURS[2], CHART_COLOURS[3]][order.index(one)] for one in titles]
    dashes = [DASHES[order.index(one)] for one in titles]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(strokeWidth=1.6)
        .encode(
            x=alt.X("step:Q", title="step"),
            y=alt.Y("value:Q", title="value", scale=alt.Scale(zero=False)),
            color=alt.Color(
                "group:N",
                title=None,
                sort=titles,
                scale=alt.Scale(domain=titles, range=colours),
                legend=alt.Legend(orient="bottom", columns=2),
            ),
            strokeDash=alt.StrokeDash("group:N", title=None, sort=titles, scale=alt.Scale(domain=titles, range=dashes)),
            detail="number:N",
        )
        .properties(width=WIDTH, height=280, title=f"How the search rose: {words}")
    )
