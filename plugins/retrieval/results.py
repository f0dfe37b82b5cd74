# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from the two ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.retrieval import charts
from plugins.retrieval.findings import findings_of
from plugins.retrieval.measures import AT, Way
from plugins.retrieval.pairs import Pairs
from plugins.retrieval.ranks import median_interval

if TYPE_CHECKING:
    import pandas as pd

    from plugins.retrieval.analysis import Retrieval
    from plugins.retrieval.ridge import Ridge

HUBS = 20  # listed of each way


def result_of(pairs: Pairs, ways: tuple[Way, Way], fitted: Ridge | None, params: Retrieval.Params) -> wb.Result:
    """Metrics, tables ``ways``, ``queries``, ``curve`` and ``hubs``, the answers, charts, findings and notes."""
    curve = curve_table(pairs, ways)
    tables = {
        "ways": ways_table(pairs, ways, params.draws),
        "queries": queries_table(pairs, ways),
        "curve": curve,
        "hubs": hubs_table(pairs, ways),
    }
    if fitted is not None:
        tables["strengths"] = _strengths(fitted)
    return wb.Result(
        metrics={**_metrics(pairs, ways[0], 0, params), **_metrics(pairs, ways[1], 1, params)},
        tables=tables,
        arrays={
            "rows": pairs.rows,
            "answers": ways[0].answers,
            "answers_back": ways[1].answers,
            "scores": ways[0].scores,
            "scores_back": ways[1].scores,
        },
        charts={"curve": charts.curve_chart(curve), "hubs": charts.hubs_chart(ways, said(pairs))},
        findings=findings_of(pairs, ways, params.draws),
        notes=_notes(pairs, ways, params),
    )


def said(pairs: Pairs) -> tuple[str, str]:
    """The two ways in words."""
    first, second = pairs.names
    return f"{first} → {second}", f"{second} → {first}"


def ways_table(pairs: Pairs, ways: tuple[Way, Way], draws: int) -> pd.DataFrame:
    """One row for each way and k: recall beside chance, shuffled pairs, the kind figure and CSLS."""
    import pandas as pd

    n = len(pairs)
    rows = []
    for words, way in zip(said(pairs), ways, strict=True):
        for k in AT:
            if k >= n:
                continue
            found, control = way.recall(k), way.by_shuffling(k)
            rows.append(
                {
                    "way": words,
                    "k": k,
                    "recall": found.value,
                    "low": found.low,
                    "high": found.high,
                    "chance": k / n,
                    "shuffled": control.value,
                    "shuffled_low": control.low,
                    "shuffled_high": control.high,
                    "p": way.p_value(k),
                    "kind": way.recall(k, way.kind_ranks).value,
                    "corrected": way.recall(k, way.corrected).value,
                    "queries": n,
                    "candidates": n,
                    "draws": draws,
                }
            )
    return pd.DataFrame(rows)


def queries_table(pairs: Pairs, ways: tuple[Way, Way]) -> pd.DataFrame:
    """One row for each pair: what it is, and where its other half stands, both ways."""
    import pandas as pd

    return pd.DataFrame(
        {
            "row": pairs.rows,
            "first": list(pairs.first_words or [f"row {one:,}" for one in pairs.rows]),
            "second": list(pairs.second_words or [f"row {one:,}" for one in pairs.rows]),
            "rank": ways[0].ranks,
            "rank_back": ways[1].ranks,
            "kind_rank": ways[0].kind_ranks,
            "kind_rank_back": ways[1].kind_ranks,
            "cosine": ways[0].own,
        }
    )


def curve_table(pairs: Pairs, ways: tuple[Way, Way]) -> pd.DataFrame:
    """Recall at every k of the curve, both ways, with chance and the band of shuffled pairs."""
    import pandas as pd

    parts = []
    for words, way in zip(said(pairs), ways, strict=True):
        low, high = np.quantile(way.shuffled, [0.025, 0.975], axis=0)
        parts.append(
            pd.DataFrame(
                {
                    "way": words,
                    "k": way.at,
                    "recall": way.curve,
                    "low": way.low,
                    "high": way.high,
                    "chance": way.at / len(way),
                    "shuffled_low": low,
                    "shuffled_high": high,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def hubs_table(pairs: Pairs, ways: tuple[Way, Way]) -> pd.DataFrame:
    """The answers that are given most often, of each way."""
    import pandas as pd

    parts = []
    for at, (words, way) in enumerate(zip(said(pairs), ways, strict=True)):
        given = (pairs.second_words, pairs.first_words)[at]
        best = np.lexsort((-way.near, -way.first))[:HUBS]
        parts.append(
            pd.DataFrame(
                {
                    "way": words,
                    "answer": [given[one] if given else f"row {pairs.rows[one]:,}" for one in best],
                    "row": pairs.rows[best],
                    "position": best,
                    "first": way.first[best],
                    "among_ten": way.near[best],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _strengths(fitted: Ridge) -> pd.DataFrame:
    import pandas as pd

    from plugins.retrieval.ridge import STRENGTHS

    chosen = [one == fitted.strength for one in STRENGTHS]
    return pd.DataFrame({"strength": STRENGTHS, "error": fitted.errors, "chosen": chosen})


def _metrics(pairs: Pairs, way: Way, back: int, params: Retrieval.Params) -> dict[str, wb.Metric]:
    n, end, words = len(pairs), "_back" * back, said(pairs)[back]
    found: dict[str, wb.Metric] = {}
    for k in AT:
        share, control, kind = way.recall(k), way.by_shuffling(k), way.recall(k, way.kind_ranks)
        defined = k < n
        found[f"recall_at_{k}{end}"] = wb.Metric(
            share.value,
            low=share.low if defined else None,
            high=share.high if defined else None,
            n=n,
            label=f"Recall at {k}, {words}",
            better="higher",
            note=f"Share of {n:,} queries whose own answer is among the first {k} of {n:,} candidates; ties and "
            f"repeated answers rank before it. Chance is {k / n:.3f}. {kind.value:.3f} where any answer that is the "
            "same thing counts."
            if defined
            else f"Not defined: of {n} candidates all are among the first {k}.",
        )
        found[f"chance_at_{k}{end}"] = wb.Metric(
            k / n if defined else np.nan,
            n=n,
            label=f"Chance at {k}, {words}",
            note="Exact for candidates in random order; repeated captions make it smaller.",
        )
        found[f"shuffled_at_{k}{end}"] = wb.Metric(
            control.value,
            low=control.low if defined else None,
            high=control.high if defined else None,
            n=n,
            label=f"Recall at {k} of shuffled pairs, {words}",
            note=f"Mean of {params.draws:,} permutations of the pairs; the interval holds 95 % of them.",
        )
    median, low, high = median_interval(way.ranks)
    found[f"median_rank{end}"] = wb.Metric(
        median,
        low=low,
        high=high,
        n=n,
        label=f"Median rank, {words}",
        better="lower",
        note=f"Of 1 to {n:,}; {way.shuffled_median.mean():.1f} with shuffled pairs.",
    )
    found[f"hub_skewness{end}"] = wb.Metric(
        way.skew,
        low=way.skew - 1.96 * way.skew_error,
        high=way.skew + 1.96 * way.skew_error,
        n=n,
        label=f"Skewness of answers, {words}",
        better="lower",
        note="Of how often each candidate is among the first ten answers (Radovanovic and others, 2010); answers drawn "
        f"at random would give {way.skew_chance:.2f}. Interval from the bootstrap error over queries.",
    )
    found[f"most_given{end}"] = wb.Metric(
        float(way.first.max()),
        n=n,
        label=f"Most often first, {words}",
        better="lower",
        note=f"Queries that get the same first answer; {int((way.first == 0).sum()):,} of {n:,} candidates are never "
        "first.",
    )
    corrected = way.recall(1, way.corrected)
    found[f"recall_at_1_corrected{end}"] = wb.Metric(
        corrected.value,
        low=corrected.low,
        high=corrected.high,
        n=n,
        label=f"Recall at 1 with CSLS, {words}",
        better="higher",
        note="For comparison only: local scaling (Conneau and others, 2018) looks at all queries at once, which one "
        "query by itself cannot.",
    )
    return found


def _notes(pairs: Pairs, ways: tuple[Way, Way], params: Retrieval.Params) -> list[str]:
    n, (first, second) = len(pairs), pairs.names
    notes = [
        f"{n:,} pairs of {first} and {second} from {pairs.source}, by cosine in {pairs.second.shape[1]:,} numbers. "
        f"Every {second} is a candidate for every {first}, and the other way round: recall falls as candidates "
        "are added, so compare equal numbers only.",
        "Intervals are of 95 % over queries (Wilson), with the candidates as they are. An equal score ranks before the "
        "right answer.",
        *pairs.notes,
    ]
    doubled = [len(one) - len(np.unique(one)) for one in pairs.alike]
    for count, name in zip(doubled, pairs.names, strict=True):
        if count:
            notes.append(
                f"{count:,} of {n:,} of the side {name} repeat another exactly: such pairs cannot be told apart and "
                "count as wrong; the kind figure counts any of them as right."
            )
    if n <= max(AT):
        left = ", ".join(str(k) for k in AT if k >= n)
        notes.append(f"There are {n} candidates, so that recall at {left} would be 1 for any model: it is not given.")
    if params.align == "as they are":
        notes.append(
            "Whether the model was trained on these rows is not known here: recall on training rows says nothing of "
            "new ones. Where a column marks held-out rows, name it as 'split'."
        )
    return notes
