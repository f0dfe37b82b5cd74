# SPDX-License-Identifier: Apache-2.0
"""Charts of an association test (Altair): words along the association, random lists, influence, published tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.association_test.published import Lists

WIDTH: Final = 420
MOST: Final = 15
PAIR: Final = (CHART_COLOURS[0], CHART_COLOURS[3])


def words(table: pd.DataFrame, lists: Lists) -> Any:
    """Every target word at its association, one row a word, coloured by list."""
    import altair as alt

    names = [lists.names[0], lists.names[1]]
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(strokeDash=[4, 4], color="#8A8A8A").encode(x="x:Q")
    marks = (
        alt.Chart(table)
        .mark_point(filled=True, size=55, opacity=1)
        .encode(
            x=alt.X("association:Q", title=f"nearer to {lists.names[3]}  <   0   >  nearer to {lists.names[2]}"),
            y=alt.Y("word:N", title=None, sort=None, axis=alt.Axis(labelLimit=140, labelOverlap=False)),
            color=alt.Color(
                "list:N", title=None, scale=alt.Scale(domain=names, range=list(PAIR)),
                legend=alt.Legend(orient="top", columns=1, labelLimit=340),
            ),
            shape=alt.Shape("list:N", legend=None, scale=alt.Scale(domain=names, range=["circle", "square"])),
            tooltip=["word:N", "list:N", *(
                alt.Tooltip(f"{one}:Q", format="+.3f") for one in ("association", "cosine_first", "cosine_second")
            )],
        )
    )  # fmt: skip
    return alt.layer(zero, marks).properties(width=WIDTH, height=max(17 * len(table), 150))


def controls(effect: float, targets: Any, attributes: Any) -> Any:
    """Effects of random lists as histograms; the line is the effect of the lists themselves."""
    import altair as alt

    what = ("random attributes, these targets", "random targets, these attributes")
    edges = np.linspace(-2.05, 2.05, 42)
    rows = []
    for name, values in zip(what, (attributes, targets), strict=True):
        finite = values[np.isfinite(values)]
        held, _ = np.histogram(finite, edges)
        rows += [
            {"lists": name, "effect": float(middle), "share": 100 * float(one) / max(len(finite), 1)}
            for middle, one in zip((edges[:-1] + edges[1:]) / 2, held, strict=True)
        ]
    lines = (
        alt.Chart(pd.DataFrame(rows))
        .mark_line(strokeWidth=2.5, interpolate="step")
        .encode(
            x=alt.X("effect:Q", title="effect size d", scale=alt.Scale(domain=[-2.05, 2.05], nice=False)),
            y=alt.Y("share:Q", title="draws (%)"),
            color=alt.Color(
                "lists:N", title=None, scale=alt.Scale(domain=list(what), range=[CHART_COLOURS[3], CHART_COLOURS[0]]),
                legend=alt.Legend(orient="top", columns=1, labelLimit=340),
            ),
            strokeDash=alt.StrokeDash(
                "lists:N", legend=None, scale=alt.Scale(domain=list(what), range=[[1, 0], [5, 3]])
            ),
        )
    )  # fmt: skip
    here = (
        alt.Chart(pd.DataFrame({"x": [effect], "told": ["these lists"]}))
        .mark_rule(strokeWidth=3, color=CHART_COLOURS[2])
        .encode(x="x:Q", tooltip=["told:N", alt.Tooltip("x:Q", title="d", format="+.3f")])
    )
    return alt.layer(lines, here).properties(width=WIDTH, height=220)


def influence(table: pd.DataFrame, effect: float) -> Any:
    """The words whose absence changes the effect most."""
    import altair as alt

    shown = table.head(MOST).assign(named=lambda one: one["word"] + " (" + one["list"] + ")")
    here = alt.Chart(pd.DataFrame({"x": [effect]})).mark_rule(strokeDash=[4, 4], color="#8A8A8A").encode(x="x:Q")
    marks = (
        alt.Chart(shown)
        .mark_point(filled=True, size=60, opacity=1, color=PAIR[0])
        .encode(
            x=alt.X("effect_without:Q", title="effect size without the word", scale=alt.Scale(zero=False)),
            y=alt.Y("named:N", title=None, sort=None, axis=alt.Axis(labelLimit=260)),
            tooltip=["word:N", "role:N", alt.Tooltip("effect_without:Q", format="+.3f")],
        )
    )
    return alt.layer(here, marks).properties(width=WIDTH, height=22 * len(shown))


def tests(table: pd.DataFrame) -> Any:
    """All published tests: with these vectors and as the paper has it."""
    import altair as alt

    what = ("these vectors", "the paper (GloVe 840B, 300 dimensions)")
    rows = pd.concat(
        [
            pd.DataFrame({"title": table["title"], "of": what[0], "effect": table["effect"], "p": table["p"]}),
            pd.DataFrame({"title": table["title"], "of": what[1], "effect": table["effect_paper"],
                          "p": table["p_paper"]}),
        ]
    ).dropna(subset=["effect"])  # fmt: skip
    return (
        alt.Chart(rows)
        .mark_point(filled=True, size=70, opacity=1)
        .encode(
            x=alt.X("effect:Q", title="effect size d", scale=alt.Scale(domain=[-2, 2], nice=False)),
            y=alt.Y("title:N", title=None, sort=None, axis=alt.Axis(labelLimit=300)),
            color=alt.Color(
                "of:N", title=None, scale=alt.Scale(domain=list(what), range=[CHART_COLOURS[0], CHART_COLOURS[1]]),
                legend=alt.Legend(orient="bottom", columns=1, labelLimit=340),
            ),
            shape=alt.Shape("of:N", legend=None, scale=alt.Scale(domain=list(what), range=["circle", "diamond"])),
            tooltip=["title:N", "of:N", alt.Tooltip("effect:Q", format="+.2f"), alt.Tooltip("p:Q", format=".2g")],
        )
        .properties(width=WIDTH, height=26 * len(table))
    )  # fmt: skip
