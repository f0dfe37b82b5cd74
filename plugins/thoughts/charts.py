# SPDX-License-Identifier: Apache-2.0
"""Charts of thoughts: cosines of neighbours, and how near the nearest text is along a path."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#7A828B"
MOST: Final = 12
SHOWN: Final = 60


def neighbours_chart(neighbours: pd.DataFrame, random: float) -> Any:
    """Cosines of each sentence with its neighbours, and what 97.5 % of random pairs stay below."""
    import altair as alt
    import pandas as pd

    texts = list(dict.fromkeys(neighbours["text"]))[:MOST]
    part = neighbours[neighbours["text"].isin(texts)].copy()
    for name in ("text", "neighbour"):
        part[name] = part[name].map(_short)
    row = alt.Y("text:N", title=None, sort=[_short(one) for one in texts], axis=alt.Axis(labelLimit=320))
    marks = alt.Chart(part).mark_point(filled=True, size=60, color=BLUE, opacity=0.75).encode(
        x=alt.X("cosine:Q", title="cosine with the sentence", scale=alt.Scale(zero=True)), y=row,
        tooltip=["text", "neighbour", "rank", alt.Tooltip("cosine:Q", format=".3f")],
    )  # fmt: skip
    line = (
        alt.Chart(pd.DataFrame({"cosine": [random], "what": ["97.5 % of random pairs of texts lie below"]}))
        .mark_rule(strokeDash=[4, 4], color=GREY)
        .encode(x="cosine:Q", tooltip=["what", alt.Tooltip("cosine:Q", format=".3f")])
    )
    return (line + marks).properties(height=max(90, 32 * len(texts)))


def distances_chart(path: pd.DataFrame, usual: float) -> Any:
    """Along the paths: cosine of each point with its nearest text that is neither end, beside what is usual."""
    import altair as alt
    import pandas as pd

    part = path.copy()
    ends = zip(part["first"].astype(str), part["second"].astype(str), strict=True)
    part["path"] = [f"{_short(first, 24)} → {_short(second, 24)}" for first, second in ends]
    part["nearest"] = part["nearest"].map(_short)
    keep = list(dict.fromkeys(part["path"]))[:4]
    part = part[part["path"].isin(keep)]
    colour = alt.Color(
        "way:N", title="way", legend=alt.Legend(orient="top"),
        scale=alt.Scale(domain=["spherical", "straight"], range=[BLUE, ORANGE]),
    )  # fmt: skip
    base = alt.Chart(part).encode(
        x=alt.X("angle:Q", title="angle from the first sentence (degrees)"),
        y=alt.Y("cosine:Q", title="cosine with the nearest text", scale=alt.Scale(zero=False)),
        color=colour,
        tooltip=["path", "way", "step", "nearest", alt.Tooltip("cosine:Q", format=".3f"),
                 alt.Tooltip("length:Q", format=".3f")],
    )  # fmt: skip
    line = (
        alt.Chart(pd.DataFrame({"cosine": [usual], "what": ["half of the texts have a nearer other text"]}))
        .mark_rule(strokeDash=[4, 4], color=GREY)
        .encode(y="cosine:Q", tooltip=["what", alt.Tooltip("cosine:Q", format=".3f")])
    )
    marks = base.mark_line(opacity=0.6).encode(detail="path:N") + base.mark_point(filled=True, size=55).encode(
        shape=alt.Shape("way:N", legend=None)
    )
    return (line + marks).properties(height=260)


def _short(text: str, most: int = SHOWN) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
