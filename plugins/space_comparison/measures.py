# SPDX-License-Identifier: Apache-2.0
"""What is measured in each trial: the divergence and its control, the distances of diagrams and theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

import workbench as wb
from plugins.homology.distances import median_distance
from plugins.homology.estimate import estimate, refuse
from plugins.space_comparison.diagrams import Diagrams, bottleneck, diagrams, wasserstein
from plugins.space_comparison.divergence import cross_table, divergence, scaled
from plugins.space_comparison.trials import Float64, subset

MOST_SECONDS = 1800.0  # of processor time, all trials together
KINDS: dict[str, Callable[[Float64, Float64], float]] = {"bottleneck": bottleneck, "wasserstein": wasserstein}


@dataclass(frozen=True)
class Trials:
    """Numbers of each trial.

    Attributes
    ----------
    rtd, unpaired : ``[t]``, with the points as they are and with those of the second space in random order
    same : ``[t, kinds, dimensions]``, diagrams of the same points in both spaces
    apart : of one half of the points in the first space and the other in the second, the mean of both ways
    first, second : of two halves of the points in the first space, and in the second: the controls
    batch, half : points of a subset for the divergence, and of each half
    """

    rtd: Float64
    unpaired: Float64
    same: Float64
    apart: Float64
    first: Float64
    second: Float64
    batch: int
    half: int


def measure(
    first: Float64,
    second: Float64,
    trials: int,
    batch: int,
    half: int,
    max_dim: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Trials:
    """All trials, of distances ``[n, n]`` of the same points in both spaces.

    Parameters
    ----------
    batch : points of each subset for the divergence; all where there are fewer
    half : points of each of two disjoint halves for the diagrams; half of all where there are fewer
    """
    n = len(first)
    batch, half = min(batch, n), min(half, n // 2)
    units = median_distance(first), median_distance(second)
    rtd, unpaired = np.empty(trials), np.empty(trials)
    same, apart, one, other = (np.empty((trials, len(KINDS), max_dim + 1)) for _ in range(4))
    for trial in range(trials):
        progress(trial / trials)
        chosen = subset(n, batch, rng)
        mixed = rng.permutation(chosen)
        here = first[np.ix_(chosen, chosen)]
        rtd[trial] = divergence(here, second[np.ix_(chosen, chosen)])
        unpaired[trial] = divergence(here, second[np.ix_(mixed, mixed)])
        progress((trial + 0.5) / trials)
        drawn = subset(n, 2 * half, rng)
        left, right = drawn[:half], drawn[half:]
        (a, b), (c, d) = (
            tuple(diagrams(space[np.ix_(part, part)], max_dim, unit) for part in (left, right))
            for space, unit in zip((first, second), units, strict=True)
        )
        same[trial] = (_apart(a, c) + _apart(b, d)) / 2
        apart[trial] = (_apart(a, d) + _apart(b, c)) / 2
        one[trial], other[trial] = _apart(a, b), _apart(c, d)
    return Trials(rtd, unpaired, same, apart, one, other, batch, half)


def check_cost(first: Float64, second: Float64, trials: int, batch: int, half: int, max_dim: int) -> None:
    """Refuse trials that would take too much memory, or more than half an hour, before they begin.

    Raises
    ------
    DataError
        With what it would take and what takes less.
    """
    n = len(first)
    half = min(half, n // 2)
    few = np.ix_(*[np.linspace(0, n - 1, min(batch, n)).astype(np.int64)] * 2)
    _refuse(cross_table(scaled(first[few]), scaled(second[few])), 1, trials, "RTD with this 'batch'")
    some = np.ix_(*[np.linspace(0, n - 1, half).astype(np.int64)] * 2)
    for space in (first, second):
        _refuse(space[some], max_dim, trials, "diagrams with this 'half'")


def _refuse(table: Float64, max_dim: int, trials: int, what: str) -> None:
    cost = estimate(table, max_dim)
    try:
        refuse(replace(cost, seconds=cost.seconds * 4 * trials), seconds=MOST_SECONDS)
    except wb.DataError as error:
        raise wb.DataError(f"{what} would take too much in {trials} trials of four barcodes each. {error}") from None


def _apart(one: Diagrams, other: Diagrams) -> Float64:
    """Both distances in each dimension, ``[kinds, dimensions]``."""
    return np.array([[far(a, b) for a, b in zip(one, other, strict=True)] for far in KINDS.values()])
