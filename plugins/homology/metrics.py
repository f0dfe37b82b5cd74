# SPDX-License-Identifier: Apache-2.0
"""The numbers of the result, each with its interval and what it was measured on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.homology.bars import Bar
from plugins.homology.trust import seen_lengths, standing_out

if TYPE_CHECKING:
    from plugins.homology.clouds import Cloud
    from plugins.homology.findings import Outliers
    from plugins.homology.measures import Measured
    from plugins.homology.shapes import Shapes

NAMES = {1: "loops", 2: "voids", 3: "voids_in_4d"}
WORDS = {0: "Pieces", 1: "Loops", 2: "Voids", 3: "Voids in 4 dimensions"}
SINGULAR = {1: "loop", 2: "void", 3: "void_in_4d"}
BAND = (0.05, 0.95)


def metrics_of(
    cloud: Cloud, measured: Sequence[Measured], bars: Sequence[Bar], shapes: Shapes, outliers: Outliers | None
) -> dict[str, float | wb.Metric]:
    """Of all points: how many of each kind, the longest of each, spacing, outliers, summaries of the diagram."""
    whole = measured[0]
    found: dict[str, float | wb.Metric] = {"pieces": _pieces(whole, shapes)}
    for dimension in range(1, len(whole.barcode.bars)):
        mine = [bar for bar in bars if not bar.group and bar.dimension == dimension]
        found |= _of_dimension(whole, dimension, mine)
    m = len(whole.chosen)
    if whole.covering_radius > 0:
        found["covering_radius"] = wb.Metric(
            whole.covering_radius,
            n=len(cloud),
            label="Covering radius",
            note="distance from a point that was not trimmed to its nearest landmark, at most; a bar longer than four "
            "of these is a bar of all these points as well",
        )
    found["median_distance"] = wb.Metric(
        whole.median_distance, n=m, label="Median distance", note="of two landmarks; lengths are compared with it"
    )
    if outliers is not None:
        found["outliers"] = wb.Metric(
            outliers.share,
            outliers.low,
            outliers.high,
            n=outliers.n,
            label="Outliers",
            note="share of points more than two covering radii from every landmark; 95 % interval by Wilson's score",
        )
    if whole.fasy is not None:
        found["confidence_band"] = wb.Metric(
            whole.fasy.length,
            n=len(cloud),
            label="Length that the strict band asks for",
            note="Fasy and others 2014, by subsampling, at 95 %; read without its guarantee, half of it",
        )
    if whole.gaussian is not None:
        p = whole.gaussian.p[np.isfinite(whole.gaussian.p)]
        found["gaussian_p"] = wb.Metric(
            float(p.min()) if len(p) else float("nan"),
            n=m,
            label="Differs from a Gaussian blob (p)",
            note=f"the longest loop against that of {len(whole.gaussian.longest)} normal clouds of the same "
            "covariance: a small p says that the points are no such cloud, not that there is a loop",
            better="",
        )
    return found


def _pieces(whole: Measured, shapes: Shapes) -> wb.Metric:
    count = float(max(len(shapes.sizes), 1))
    low, high = _band(whole.drawn_pieces, count)
    return wb.Metric(
        count,
        low,
        high,
        level=0.9,
        n=len(whole.group.positions),
        label="Pieces",
        note=_counted(len(whole.draws), "pieces that hold a hundredth of the points each"),
    )


def _of_dimension(whole: Measured, dimension: int, bars: Sequence[Bar]) -> dict[str, float | wb.Metric]:
    from plugins.homology.summaries import persistence_entropy, total_persistence

    name, one = NAMES[dimension], SINGULAR[dimension]
    count = float(sum(bar.significant for bar in bars))
    low, high = _band([standing_out(each, dimension) for each in whole.draws], count)
    n, m = len(whole.group.positions), len(whole.chosen)
    found: dict[str, float | wb.Metric] = {
        name: wb.Metric(
            count,
            low,
            high,
            level=0.9,
            n=n,
            label=WORDS[dimension],
            note=_counted(len(whole.draws), "bars before the largest gap in length, where it is above 2"),
        )
    }
    pairs = whole.barcode.dimension(dimension)
    if bars:
        first = bars[0]
        lasts = [
            float(seen_lengths(each.dimension(dimension), dimension, each.threshold).max(initial=0.0))
            for each in whole.draws
        ]
        scale = whole.median_distance if whole.median_distance > 0 else float("nan")
        lasting = [one_ / scale for one_ in lasts]
        low, high = _band(lasting, first.relative_length)
        found[f"longest_{one}"] = wb.Metric(
            _finite(first.relative_length),
            low,
            high,
            level=0.9,
            n=m,
            label=f"Longest {one.replace('_', ' ')}",
            note="length in median distances of the landmarks; the interval is 5 % to 95 % of the random draws, which "
            "cover the points less evenly",
        )
        found[f"p_{one}"] = wb.Metric(
            first.p_value,
            n=whole.tested_size if dimension == 1 else m,
            label=f"p of the longest {one.replace('_', ' ')}",
            note="universal null distribution (Bobrowski and Skraba 2023) on random points, adjusted (Bonferroni)"
            + (f"; not defined: {first.p_reason}" if first.p_reason else ""),
            better="",
        )
        found[f"recurrence_{one}"] = wb.Metric(
            first.recurrence,
            None if first.recurrence_low != first.recurrence_low else first.recurrence_low,
            None if first.recurrence_high != first.recurrence_high else first.recurrence_high,
            n=len(whole.draws),
            label=f"Draws in which a {one.replace('_', ' ')} stands out",
            note="share of random draws of landmarks in which a gap sets at least one apart; 95 % interval (Wilson)",
        )
    found[f"entropy_h{dimension}"] = wb.Metric(
        persistence_entropy(pairs[np.isfinite(pairs[:, 1])]),
        n=len(pairs),
        label=f"Entropy of the lengths in H{dimension}",
        note="divided by the logarithm of their number: 1 where all bars are equally long",
    )
    found[f"total_persistence_h{dimension}"] = wb.Metric(
        total_persistence(pairs[np.isfinite(pairs[:, 1])]),
        n=len(pairs),
        label=f"Total length in H{dimension}",
        note="sum of the lengths of the bars, in units of the distance",
    )
    return found


def _counted(draws: int, how: str) -> str:
    over = f"the interval is 5 % to 95 % of what {draws} random draws show ({how})" if draws else "there were no draws"
    return f"those that pass one of the tests; {over}"


def _band(values: Sequence[float], value: float) -> tuple[float | None, float | None]:
    """5 % and 95 % of the draws; nothing without draws, or where one was not finite."""
    if not len(values) or not np.isfinite([*values, value]).all():
        return None, None
    low, high = np.quantile(values, BAND, method="inverted_cdf")
    return float(low), float(high)


def _finite(value: float) -> float:
    return value if np.isfinite(value) else float("nan")
