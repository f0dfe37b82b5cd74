# SPDX-License-Identifier: Apache-2.0
"""What a run gives: both directions with their measures, pairs, leakage, words along the way, charts and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

import workbench as wb
from plugins.homology.trust import wilson
from plugins.word_direction import charts
from plugins.word_direction.arithmetic import apart
from plugins.word_direction.pairs import ENDS, OWN_ENDS

if TYPE_CHECKING:
    from plugins.word_direction.analysis import WordDirection
    from plugins.word_direction.measures import Measured, Way

    Params = WordDirection.Params

LEVEL: Final = 0.95


def result_of(found: Measured, params: Params, seed: int) -> wb.Result:
    """Everything that the page shows."""
    ends = ENDS.get(params.preset, OWN_ENDS)
    pairs, leakage = pairs_table(found), leakage_table(found, params.preset)
    names, matrix = found.matrix
    return wb.Result(
        metrics=metrics_of(found),
        tables={
            "directions": directions_table(found, params.preset),
            "pairs": pairs,
            "leakage": leakage,
            "words": found.placed,
        },
        arrays={
            "directions": np.stack([one.vector * found.step for one in found.ways]).astype(np.float32),
            "middle": found.middle.astype(np.float32),
            "cosines": matrix,
        },
        charts={
            "words": charts.words(found.placed, ends),
            "pairs": charts.pairs(pairs, ends),
            "controls": charts.controls(found.ways[0].held.accuracy, found.ways[0].turned, found.random),
            "leakage": charts.matrix(names, matrix, params.preset),
        },
        findings=findings_of(found, params.preset),
        notes=notes_of(found, params, ends, seed),
    )


def _accuracy(way: Way) -> tuple[float, float, float]:
    low, high = wilson(int((way.held.steps > 0).sum()), len(way.held.steps))
    return way.held.accuracy, float(low), float(high)


def metrics_of(found: Measured) -> dict[str, wb.Metric]:
    """Those of the mean difference; the table ``directions`` has both methods."""
    way, n = found.ways[0], len(found.pairs.rows)
    value, low, high = _accuracy(way)
    cosines = way.held.cosines
    half = 1.96 * cosines.std(ddof=1) / np.sqrt(n)
    beyond = int((found.shuffled >= found.consistency).sum())
    turned = int((way.turned >= value).sum())
    frequency, first, last = _by_frequency(found)
    return {
        "held_out_accuracy": wb.Metric(
            value, low, high, n=n, better="higher", label="held-out pairs in the right order",
            note="by the mean difference of the other pairs; pairs that share a word are held out together",
        ),
        "turned_pairs": wb.Metric(
            float(np.median(way.turned)), float(np.quantile(way.turned, 0.025)), float(np.quantile(way.turned, 0.975)),
            n=len(way.turned), label="the same with pairs turned round at random",
            note=f"median and 95 % of draws; p = {(turned + 1) / (len(way.turned) + 1):.3g}",
        ),
        "random_directions": wb.Metric(
            float(np.median(found.random)), float(np.quantile(found.random, 0.025)),
            float(np.quantile(found.random, 0.975)), n=len(found.random), label="random directions, better side",
            note="median and 95 % of draws",
        ),
        "words_apart": wb.Metric(
            apart(way.held), n=n, better="higher", label="single words told apart (area under the curve)",
            note="one threshold for all held-out words, not only the order within a pair; 0.5 is chance",
        ),
        "frequency_accuracy": wb.Metric(
            frequency, first, last, n=n, label="pairs that frequency alone orders",
            note="the better of 'the second word is rarer' and 'more frequent'",
        ),
        "held_out_cosine": wb.Metric(
            float(cosines.mean()), float(cosines.mean() - half), float(cosines.mean() + half), n=n, better="higher",
            label="cosine of a held-out difference and the direction",
        ),
        "consistency": wb.Metric(
            found.consistency, n=n, better="higher", label="mean cosine of two differences",
            note=f"1: all pairs differ alike; second words dealt to other first words: {found.shuffled.mean():.3f}, "
            f"p = {(beyond + 1) / (len(found.shuffled) + 1):.3g}",
        ),
        "halves": wb.Metric(
            float(np.median(way.halves)), float(np.quantile(way.halves, 0.025)), float(np.quantile(way.halves, 0.975)),
            n=n, better="higher", label="cosine of the directions of two halves of the pairs",
            note="median and 95 % of random halves",
        ),
        "step": wb.Metric(found.step, n=n, label="length of the mean difference", note="one step along the direction"),
    }  # fmt: skip


def _by_frequency(found: Measured) -> tuple[float, float, float]:
    n = len(found.pairs.rows)
    hits = max(found.by_frequency, n - found.by_frequency)
    low, high = wilson(hits, n)
    return hits / n, float(low), float(high)


def directions_table(found: Measured, preset: str) -> pd.DataFrame:
    """One row a method; ``vector`` is the row of the array ``directions``."""
    rows = []
    for at, way in enumerate(found.ways):
        value, low, high = _accuracy(way)
        rows.append(
            {
                "direction": preset if way.method == "mean" else f"{preset}-{way.method}",
                "method": "mean of differences" if way.method == "mean" else "principal axis of differences",
                "space": found.space,
                "vector": at,
                "step": found.step,
                "pairs": len(found.pairs.rows),
                "held_out_accuracy": value,
                "held_out_accuracy_low": low,
                "held_out_accuracy_high": high,
                "turned_high": float(np.quantile(way.turned, 0.975)),
                "random_high": float(np.quantile(found.random, 0.975)),
                "words_apart": apart(way.held),
                "held_out_cosine": float(way.held.cosines.mean()),
                "halves": float(np.median(way.halves)),
                "bootstrap_low": float(np.quantile(way.again, 0.025)),
                "cosine_to_mean": float(way.vector @ found.ways[0].vector),
            }
        )
    return pd.DataFrame(rows)


def pairs_table(found: Measured) -> pd.DataFrame:
    """Every pair along the direction found without it; the worst first."""
    held = found.ways[0].held
    table = pd.DataFrame(
        {
            "first": [found.names[one] for one in found.pairs.rows[:, 0]],
            "second": [found.names[one] for one in found.pairs.rows[:, 1]],
            "step": held.steps / found.step,
            "cosine": held.cosines,
            "right": held.steps > 0,
            "fold": held.fold,
            "group": found.pairs.groups,
        }
    )
    return table.sort_values("step", kind="stable", ignore_index=True)


def leakage_table(found: Measured, preset: str) -> pd.DataFrame:
    """How far the direction goes along with the others, beside what random directions give."""
    from workbench.directions import random_cosine

    bound = random_cosine(found.width, LEVEL)
    rows = [
        {
            "direction": name,
            "pairs": count,
            "cosine": cosine,
            "ordered": ordered,
            "random_bound": bound,
            "beyond_random": abs(cosine) > bound,
        }
        for name, (count, cosine, ordered) in found.others.items()
    ]
    columns = ["direction", "pairs", "cosine", "ordered", "random_bound", "beyond_random"]
    table = pd.DataFrame(rows, columns=columns)
    order = np.argsort(-np.abs(table["cosine"].to_numpy(dtype=float)), kind="stable")
    return table.iloc[order].reset_index(drop=True)


def findings_of(found: Measured, preset: str) -> list[wb.Finding]:
    """Said where held-out pairs are ordered no better than frequency, or turned pairs, would order them."""
    way = found.ways[0]
    value, low, high = _accuracy(way)
    chance = float(np.quantile(way.turned, 0.975))
    frequency, orders, _ = _by_frequency(found)
    n = len(found.pairs.rows)
    if value <= chance:
        return [
            wb.Finding(
                "word-direction.no-common-way",
                f"The pairs of '{preset}' have no common direction that held-out pairs would show: {100 * value:.0f} % "
                f"in the right order, with pairs turned round at random up to {100 * chance:.0f} %",
                value=value,
                threshold=chance,
                low=low,
                high=high,
                n=n,
                wrong_if="there are too few pairs to show a direction that is there",
                figure="controls",
            )
        ]
    if orders > 0.5 and low <= frequency:  # the better side of no order at all is above one half, too
        return [
            wb.Finding(
                "word-direction.as-frequency",
                f"Frequency alone orders {100 * frequency:.0f} % of the pairs of '{preset}', the direction "
                f"{100 * value:.0f} % of held-out ones: it may be one of frequency",
                value=value,
                threshold=frequency,
                low=low,
                high=high,
                n=n,
                severity="info",
                wrong_if="the second words are rarer, or more frequent, because of what they mean",
                figure="words",
            )
        ]
    return []


def notes_of(found: Measured, params: Params, ends: tuple[str, str], seed: int) -> list[str]:
    """What must be read with the numbers."""
    n, groups = len(found.pairs.rows), len(np.unique(found.pairs.groups))
    notes = [
        f"{n} of {found.pairs.asked} pairs have both words in the vocabulary; {groups} sets of pairs share no word "
        f"with each other. Random directions stay within {_bound(found):.2f} of cosine 0 in {found.width} axes (95 %). "
        f"Seed {seed}.",
        f"The direction leads from {ends[0]} to {ends[1]}: its sign is that of the mean difference of the pairs.",
        "Places of words that are in the pairs are no test, as the direction was found with them; held-out pairs are "
        "in their own chart.",
        "That pairs lie in order along a direction does not make their differences equal: look at the cosines.",
    ]
    if found.pairs.missing:
        notes.insert(1, f"Words that the vocabulary lacks: {len(found.pairs.missing)}.")
    return notes


def _bound(found: Measured) -> float:
    from workbench.directions import random_cosine

    return float(random_cosine(found.width, LEVEL))


def as_card(row: Any) -> dict[str, Any]:
    """What is kept with a direction: measures of a row of the table ``directions``."""
    n = int(row["pairs"])
    names = ("held_out_accuracy", "words_apart", "held_out_cosine", "halves", "turned_high", "random_high")
    card: dict[str, Any] = {one: {"value": float(row[one]), "n": n} for one in names if np.isfinite(row[one])}
    card["held_out_accuracy"] |= {
        "low": float(row["held_out_accuracy_low"]),
        "high": float(row["held_out_accuracy_high"]),
    }
    return card
