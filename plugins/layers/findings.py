# SPDX-License-Identifier: Apache-2.0
"""What stands out: where the labels can be read, what is lost on the way, and layers that carry nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.layers.classes import Labels
from plugins.layers.measures import Measured
from plugins.layers.separability import wilson
from plugins.layers.walk import listed

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 4000
COLLAPSED = 1.5  # dimensions
STILL = 0.5  # share of units
LEVEL = 0.05


def findings_of(
    measured: Sequence[Measured], table: pd.DataFrame, labels: Labels | None, seed: int
) -> list[wb.Finding]:
    """Serious ones first."""
    found = [*_broken(measured, table), *_collapsed(measured, table), *_still(measured)]
    if labels is not None:
        found += _readable(measured, labels, seed)
    return found


def gain(one: np.ndarray, other: np.ndarray, seed: int, level: float = LEVEL) -> tuple[float, float, float]:
    """How many more of the same points ``one`` gets right than ``other`` (bool ``[n]`` each), with its interval.

    Resamples points, both answers together; ``level`` is the share of intervals that miss.
    """
    difference = one.astype(np.float64) - other
    n = len(difference)
    drawn = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=RESAMPLES) @ difference / n
    low, high = np.quantile(drawn, [level / 2, 1 - level / 2])
    return float(difference.mean()), float(low), float(high)


def _broken(measured: Sequence[Measured], table: pd.DataFrame) -> list[wb.Finding]:
    n = int(table["n"].iloc[0])
    found = [
        wb.Finding(
            "layers.not-finite",
            f"{one.step.name} gives NaN or infinity for {one.bad:,} of {n:,} points; it is not measured.",
            value=one.bad / n,
            threshold=0.0,
            n=n,
            severity="serious",
            wrong_if="the points are of another range than the model was made for",
            figure="strip",
        )
        for one in measured
        if one.state == "not finite"
    ]
    constant = [one.step.name for one in measured if one.state == "constant"]
    if constant:
        what = "gives" if len(constant) == 1 else "give"
        found.append(
            wb.Finding(
                "layers.constant",
                f"{listed(constant)} {what} the same values for all {n:,} points: nothing of the data is left there.",
                value=len(constant),
                threshold=0.0,
                n=n,
                severity="serious",
                wrong_if="the points of the sample are all equal themselves",
                figure="strip",
            )
        )
    return found


def _collapsed(measured: Sequence[Measured], table: pd.DataFrame) -> list[wb.Finding]:
    """Steps of two units or more whose points lie along a line, when those of the first step did not."""
    estimates = [(one, one.dimension) for one in measured if one.dimension is not None]
    if not estimates or estimates[0][1].high < COLLAPSED:
        return []
    for one, found in estimates:
        if found.high < COLLAPSED and one.step.width > 1:
            return [
                wb.Finding(
                    "layers.dimension-collapses",
                    f"From {one.step.name} on the points lie along a line: their intrinsic dimension is "
                    f"{found.value:.2f}, at {estimates[0][0].step.name} it is {estimates[0][1].value:.1f}.",
                    value=found.value,
                    threshold=COLLAPSED,
                    low=found.low,
                    high=found.high,
                    n=found.points,
                    wrong_if="most points are nearly equal, so that neighbours differ by noise alone",
                    figure="dimension",
                )
            ]
    return []


def _still(measured: Sequence[Measured]) -> list[wb.Finding]:
    quiet = [one for one in measured if one.state == "measured" and one.still > STILL and one.step.kind != "input"]
    if not quiet:
        return []
    worst = max(quiet, key=lambda one: one.still)
    many = f" {len(quiet)} layers are like this." if len(quiet) > 1 else ""
    n = len(worst.coordinates)
    return [
        wb.Finding(
            "layers.still-units",
            f"{worst.still:.0%} of the units of {worst.step.name} have the same value at all {n:,} points.{many}",
            value=worst.still,
            threshold=STILL,
            n=n,
            wrong_if="the sample is small or of one kind, and other points would move these units",
            figure="strip",
        )
    ]


def _readable(measured: Sequence[Measured], labels: Labels, seed: int) -> list[wb.Finding]:
    """Where the labels can be read off: best step, whether the input does as well, whether the end loses it."""
    probed = [(one, one.separability.correct) for one in measured if one.separability is not None]
    if not probed:
        return []
    n, steps = len(labels.used), len(probed)
    best, right = max(probed, key=lambda pair: int(pair[1].sum()))
    level = LEVEL / steps  # Bonferroni: the best was chosen among so many
    low, high = wilson(int(right.sum()), n, _quantile(level))
    share = float(right.mean())
    if low <= labels.majority:
        return [
            wb.Finding(
                "layers.not-readable",
                f"At no step does a linear probe tell {labels.column} better than always naming the most frequent "
                f"({labels.majority:.1%}); the best, {best.step.name}, reaches {share:.1%}.",
                value=share,
                threshold=labels.majority,
                low=low,
                high=high,
                n=n,
                severity="info",
                wrong_if="more points would let the probe learn it, or it is there in a form that is not linear",
                figure="accuracy",
            )
        ]
    first, at_first = probed[0]
    more, more_low, _ = gain(right, at_first, seed, level)
    found = []
    if more_low <= 0:
        at_start = float(at_first.mean())
        start_low, start_high = wilson(int(at_first.sum()), n)
        found.append(
            wb.Finding(
                "layers.readable-at-start",
                f"A linear probe tells {labels.column} from {first.step.name} alone, where the way begins, for "
                f"{at_start:.1%} of the points (majority {labels.majority:.1%}); no later step is surely better.",
                value=at_start,
                threshold=labels.majority,
                low=start_low,
                high=start_high,
                n=n,
                severity="info",
                wrong_if="more points would show a difference",
                figure="accuracy",
            )
        )
    else:
        found.append(
            wb.Finding(
                "layers.best-step",
                f"{labels.column} is told best at {best.step.name}: {share:.1%}, {100 * more:.1f} percentage points "
                f"more than at {first.step.name} (majority {labels.majority:.1%}).",
                value=share,
                threshold=labels.majority,
                low=low,
                high=high,
                n=n,
                severity="info",
                wrong_if=f"another of the {steps} steps is better on other points: the best was chosen on these, for "
                "which the interval is widened",
                figure="accuracy",
            )
        )
    last, at_last = probed[-1]
    lost, lost_low, lost_high = gain(right, at_last, seed, level)
    if lost_low > 0:
        found.append(
            wb.Finding(
                "layers.lost-on-the-way",
                f"{labels.column} can be told less well at the end: {at_last.mean():.1%} at {last.step.name}, "
                f"{share:.1%} at {best.step.name}.",
                value=lost,
                threshold=0.0,
                low=lost_low,
                high=lost_high,
                n=n,
                wrong_if="it is still there in a form that is not linear",
                figure="accuracy",
            )
        )
    return found


def _quantile(level: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf(1 - level / 2))
