# SPDX-License-Identifier: Apache-2.0
"""Charts of words: cosines of neighbours, and how far the words of a sum lie before its other answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

INPUT, OTHER = "a word of the sum", "another word"
COLOURS: Final = {INPUT: "#D55E00", OTHER: "#0072B2"}
MOST_ROWS: Final = 24  # words or sums in one chart


def neighbours_chart(neighbours: pd.DataFrame, random: float) -> Any:
    """Cosines of the neighbours of each word, and what 97.5 % of random pairs stay below."""
    import altair as alt
    import pandas as pd

    words = list(dict.fromkeys(neighbours["word"]))[:MOST_ROWS]
    part = neighbours[neighbours["word"].isin(words)]
    row = alt.Y("word:N", title=None, sort=words)
    marks = alt.Chart(part).mark_point(filled=True, size=60, color=COLOURS[OTHER], opacity=0.7).encode(
        x=alt.X("cosine:Q", title="cosine with the word", scale=alt.Scale(zero=False)), y=row,
        tooltip=["word", "neighbour", "rank", alt.Tooltip("cosine:Q", format=".3f"), "place"],
    )  # fmt: skip
    first = (
        alt.Chart(part[part["rank"] == 1])
        .mark_text(align="left", dx=8, color="#7A828B")
        .encode(x="cosine:Q", y=row, text="neighbour:N")
    )
    line = (
        alt.Chart(pd.DataFrame({"cosine": [random], "what": ["97.5 % of random pairs lie below"]}))
        .mark_rule(strokeDash=[4, 4], color="#6F7A86")
        .encode(x="cosine:Q", tooltip=["what", alt.Tooltip("cosine:Q", format=".3f")])
    )
    return (line + marks + first).properties(height=max(90, 30 * len(words)))


def returned_chart(sums: pd.DataFrame) -> Any:
    """The best answers to each sum by 3CosAdd with no word left out; words of the sum stand out."""
    import altair as alt

    part = sums[sums["method"] == "3cosadd"].copy()
    texts = list(dict.fromkeys(part["expression"]))[:MOST_ROWS]
    part = part[part["expression"].isin(texts)]
    part["what"] = [INPUT if one else OTHER for one in part["returned_input"]]
    x = alt.X(
        "unsuppressed_score:Q",
        title="cosine with the sum (3CosAdd), no word left out",
        scale=alt.Scale(zero=False, padding=20),
    )
    row = alt.Y("expression:N", title=None, sort=texts, axis=alt.Axis(labelLimit=260))
    colour = alt.Color(
        "what:N", title=None, legend=alt.Legend(orient="top"),
        scale=alt.Scale(domain=list(COLOURS), range=list(COLOURS.values())),
    )  # fmt: skip
    marks = alt.Chart(part).mark_point(filled=True, size=70).encode(
        x=x, y=row, color=colour,
        shape=alt.Shape("what:N", legend=None, scale=alt.Scale(domain=list(COLOURS), range=["diamond", "circle"])),
        tooltip=["expression", alt.Tooltip("unsuppressed:N", title="answer"), "rank", "what",
                 alt.Tooltip("unsuppressed_score:Q", title="cosine", format=".3f")],
    )  # fmt: skip
    first, second = (
        alt.Chart(part[part["rank"] == rank])
        .mark_text(dy=away, fontSize=11, color="#7A828B")
        .encode(x="unsuppressed_score:Q", y=row, text="unsuppressed:N")
        for rank, away in ((1, -11), (2, 13))  # one above and one below, so that near ones do not collide
    )
    return (marks + first + second).properties(height=max(110, 44 * len(texts)))
