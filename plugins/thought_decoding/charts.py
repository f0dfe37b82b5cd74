# SPDX-License-Identifier: Apache-2.0
"""Charts of thought decoding: means with intervals, and told against recalled, text by text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import workbench as wb

if TYPE_CHECKING:
    import pandas as pd

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#7A828B"
WHICH: Final = {"similarity_tell": "told", "similarity_recall": "recalled", "similarity_random": "random text"}
SHOWN: Final = 70


def means_chart(metrics: Mapping[str, wb.Metric]) -> Any:
    """Mean similarity of what is told, recalled, and of a random training text, with intervals."""
    import altair as alt
    import pandas as pd

    rows = [(said, metrics[name].value, metrics[name].low, metrics[name].high) for name, said in WHICH.items()]
    frame = pd.DataFrame(rows, columns=["what", "mean", "low", "high"])
    colour = alt.Color(
        "what:N", legend=None, scale=alt.Scale(domain=list(WHICH.values()), range=[BLUE, ORANGE, GREY])
    )  # fmt: skip
    base = alt.Chart(frame).encode(y=alt.Y("what:N", title=None, sort=list(WHICH.values())), color=colour)
    x = alt.X("low:Q", title="mean cosine with the thought, 95 % interval", scale=alt.Scale(zero=True))
    marks = base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q") + base.mark_point(filled=True, size=70).encode(
        x="mean:Q", tooltip=["what", *(alt.Tooltip(f"{one}:Q", format=".3f") for one in ("mean", "low", "high"))]
    )
    return marks.properties(height=110)


def pairs_chart(table: pd.DataFrame) -> Any:
    """Each text as a point: how near what is recalled lies, and how near what is told."""
    import altair as alt
    import pandas as pd

    part = table.head(1000).copy()
    for name in ("original", "told", "recalled"):
        part[name] = [one if len(one) <= SHOWN else one[: SHOWN - 1] + "…" for one in part[name].astype(str)]
    part["what"] = ["a training text" if one else "a text of its own" for one in part["copied"]]
    low = float(min(part["similarity_tell"].min(), part["similarity_recall"].min(), 0.0))
    domain = [low, 1.0]
    line = (
        alt.Chart(pd.DataFrame({"x": domain, "y": domain}))
        .mark_line(strokeDash=[4, 4], color=GREY)
        .encode(x=alt.X("x:Q", scale=alt.Scale(domain=domain)), y=alt.Y("y:Q", scale=alt.Scale(domain=domain)))
    )
    marks = alt.Chart(part).mark_point(filled=True, size=55, opacity=0.75).encode(
        x=alt.X("similarity_recall:Q", title="similarity of what is recalled", scale=alt.Scale(domain=domain)),
        y=alt.Y("similarity_tell:Q", title="similarity of what is told", scale=alt.Scale(domain=domain)),
        color=alt.Color("what:N", title="told is", legend=alt.Legend(orient="top"),
                        scale=alt.Scale(domain=["a text of its own", "a training text"], range=[BLUE, ORANGE])),
        shape=alt.Shape("what:N", legend=None),
        tooltip=["original", "told", "recalled", alt.Tooltip("similarity_tell:Q", format=".3f"),
                 alt.Tooltip("similarity_recall:Q", format=".3f")],
    )  # fmt: skip
    return (line + marks).properties(height=340)
