# SPDX-License-Identifier: Apache-2.0
"""What a run gives: a correlation for each set with its interval and controls, every pair, charts and notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import workbench as wb
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    from plugins.word_similarity.analysis import WordSimilarity
    from plugins.word_similarity.scoring import Scored

    Params = WordSimilarity.Params

DRAWN: Final = 2000  # pairs in a chart
WIDTH: Final = 420


def result_of(scored: Sequence[Scored], params: Params, seed: int) -> wb.Result:
    """Everything that the page shows."""
    metrics: dict[str, wb.Metric] = {}
    tables = {"sets": sets_table(scored)}
    drawn = {"correlations": correlations_chart(tables["sets"])}
    for one in scored:
        name, title = one.pairs.name, one.pairs.title
        metrics[f"correlation_{name}"] = wb.Metric(
            one.known.value, one.known.low, one.known.high, n=one.known.n, better="higher",
            label=f"rank correlation with people, {title}", note=_note(one),
        )  # fmt: skip
        metrics[f"correlation_{name}_all"] = wb.Metric(
            one.every.value, one.every.low, one.every.high, n=one.every.n, better="higher",
            label=f"the same, pairs with unknown words kept in, {title}",
            note="unknown pairs stand at the median likeness: as a search would have to answer that knows nothing",
        )  # fmt: skip
        metrics[f"coverage_{name}"] = wb.Metric(
            one.known.n / one.every.n, n=one.every.n, better="higher", label=f"pairs with both words known, {title}"
        )
        tables[f"pairs_{name}"] = pairs_table(one)
        drawn[f"pairs_{name}"] = pairs_chart(tables[f"pairs_{name}"], title)
    return wb.Result(metrics=metrics, tables=tables, charts=drawn, notes=notes_of(scored, params, seed))


def _note(one: Scored) -> str:
    low, high = np.quantile(one.chance, [0.025, 0.975])
    return f"with ratings dealt out at random {low:+.3f} to {high:+.3f} (95 % of {len(one.chance):,})"


def sets_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """One row a set: correlation, interval, controls, coverage and ties."""
    rows = []
    for one in scored:
        low, high = np.quantile(one.chance, [0.025, 0.975])
        beyond = int((np.abs(one.chance) >= abs(one.known.value)).sum())
        ratings = one.pairs.ratings[np.isfinite(one.likeness)]
        rows.append(
            {
                "set": one.pairs.title,
                "pairs": one.every.n,
                "known": one.known.n,
                "correlation": one.known.value,
                "low": one.known.low,
                "high": one.known.high,
                "correlation_all": one.every.value,
                "all_low": one.every.low,
                "all_high": one.every.high,
                "chance_low": float(low),
                "chance_high": float(high),
                "p": (beyond + 1) / (len(one.chance) + 1),
                "tied_ratings": len(ratings) - len(np.unique(ratings)),
                "unknown_words": ", ".join(one.unknown),
            }
        )
    return pd.DataFrame(rows)


def pairs_table(one: Scored) -> pd.DataFrame:
    """Every pair with its rating, likeness, and ranks in hundredths; unknown ones last."""
    from scipy.stats import rankdata

    usable = np.isfinite(one.likeness)
    people, vectors = np.full(len(usable), np.nan), np.full(len(usable), np.nan)
    n = usable.sum()
    people[usable] = 100 * (rankdata(one.pairs.ratings[usable]) - 0.5) / n
    vectors[usable] = 100 * (rankdata(one.likeness[usable]) - 0.5) / n
    table = pd.DataFrame(
        {
            "first": [pair[0] for pair in one.pairs.words],
            "second": [pair[1] for pair in one.pairs.words],
            "rating": one.pairs.ratings,
            "likeness": one.likeness,
            "rank_people": people,
            "rank_vectors": vectors,
            "difference": vectors - people,
            "position_first": one.ranks[:, 0],
            "position_second": one.ranks[:, 1],
            "known": usable,
        }
    )
    order = np.lexsort((-np.nan_to_num(np.abs(table["difference"]), nan=-1), ~usable))
    return table.iloc[order].reset_index(drop=True)


def correlations_chart(sets: pd.DataFrame) -> Any:
    """Correlations with their intervals, unknown pairs left out and kept in, beside what chance gives."""
    import altair as alt

    what = ("pairs with both words known", "all pairs, unknown ones at the median")
    rows = pd.concat(
        [
            pd.DataFrame({"set": sets["set"], "what": what[0], "value": sets["correlation"], "low": sets["low"],
                          "high": sets["high"], "n": sets["known"]}),
            pd.DataFrame({"set": sets["set"], "what": what[1], "value": sets["correlation_all"],
                          "low": sets["all_low"], "high": sets["all_high"], "n": sets["pairs"]}),
        ]
    )  # fmt: skip
    colour = alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=list(what), range=[CHART_COLOURS[0], CHART_COLOURS[3]]),
        legend=alt.Legend(orient="bottom", columns=1, labelLimit=340),
    )
    base = alt.Chart(rows).encode(
        y=alt.Y("set:N", title=None, sort=None), yOffset=alt.YOffset("what:N", sort=list(what)), color=colour
    )
    title = "rank correlation with ratings by people (95 % interval)"
    rule = base.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", title=title, scale=alt.Scale(zero=True)), x2="high:Q")
    mark = base.mark_point(filled=True, size=70, opacity=1).encode(
        x="value:Q",
        shape=alt.Shape("what:N", legend=None, scale=alt.Scale(domain=list(what), range=["circle", "square"])),
        tooltip=["set:N", "what:N", alt.Tooltip("value:Q", format=".3f"), "n:Q"],
    )
    chance = (
        alt.Chart(sets)
        .mark_bar(opacity=0.35, color=CHART_COLOURS[7], size=46)
        .encode(
            x="chance_low:Q",
            x2="chance_high:Q",
            y=alt.Y("set:N", title=None, sort=None),
            tooltip=[alt.Tooltip("chance_low:Q", format="+.3f"), alt.Tooltip("chance_high:Q", format="+.3f")],
        )
    )
    return alt.layer(chance, rule, mark).properties(width=WIDTH, height=70 * len(sets))


def pairs_chart(pairs: pd.DataFrame, title: str) -> Any:
    """Ranks by people against ranks by vectors; on the diagonal both agree."""
    import altair as alt

    known = pairs[pairs["known"]]
    step = max(1, -(-len(known) // DRAWN))
    shown = known.iloc[::step].assign(pair=lambda one: one["first"] + " - " + one["second"])
    hundred = alt.Scale(domain=[0, 100], nice=False)
    marks = (
        alt.Chart(shown)
        .mark_circle(size=26, opacity=0.55, color=CHART_COLOURS[0])
        .encode(
            x=alt.X("rank_people:Q", title="rank by people (hundredths, 100 most alike)", scale=hundred),
            y=alt.Y("rank_vectors:Q", title="rank by vectors (hundredths)", scale=hundred),
            tooltip=["pair:N", alt.Tooltip("rating:Q", format=".2f"), alt.Tooltip("likeness:Q", format=".3f")],
        )
    )
    line = (
        alt.Chart(pd.DataFrame({"x": [0, 100], "y": [0, 100]}))
        .mark_line(strokeDash=[4, 4], color="#8A8A8A")
        .encode(x="x:Q", y="y:Q")
    )
    return alt.layer(line, marks).properties(width=WIDTH, height=300, title=title)


def notes_of(scored: Sequence[Scored], params: Params, seed: int) -> list[str]:
    """What must be read with the numbers."""
    notes = []
    for one in scored:
        lacking = one.every.n - one.known.n
        told = f"{one.pairs.title}: {one.known.n:,} of {one.every.n:,} pairs have both words in the vocabulary"
        if lacking:
            told += f"; words that it lacks: {len(one.unknown):,}, listed with the set"
        notes.append(told + (f"; {one.lowered} words were found in lower case only" if one.lowered else "") + ".")
        if lacking > 0.1 * one.every.n:
            notes.append(
                f"{one.pairs.title}: the unknown pairs are the rarer words, so that the number without them is no "
                "number of the whole set: compare models on the pairs that all of them know."
            )
    notes.append(
        "Intervals: pairs drawn again with replacement (1,000 times), since ratings are bounded and tied where a "
        f"closed form wants normal values; pairs that share a word count as independent. Seed {seed}."
    )
    if any(one.pairs.name == "simlex999" for one in scored):
        notes.append(
            "People do not agree either: two of them correlate by about 0.67 on SimLex-999 (Hill and others 2015), so "
            "that 1 cannot be expected."
        )
    notes.append("A correlation here says little of how the vectors serve elsewhere (Faruqui and others 2016).")
    if params.correction != "none":
        notes.append(f"Taken from the vectors first: {params.correction}.")
    return notes
