# SPDX-License-Identifier: Apache-2.0
"""Repeated comparisons: half of the real points against as many generated ones, and against the other half.

All numbers of one trial are of equally many points, so that they can be set beside each other: precision, recall,
density and coverage all depend on how many points there are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

import workbench as wb
from plugins.coverage.manifolds import NAMES, Compared, compare
from plugins.coverage.neighbours import Float32, Float64, Int64
from plugins.homology.engines import Barcode, rips
from plugins.homology.estimate import estimate, refuse
from plugins.space_comparison.diagrams import bottleneck, wasserstein

KINDS: dict[str, Callable[[Float64, Float64], float]] = {"bottleneck": bottleneck, "wasserstein": wasserstein}
MOST_SECONDS = 900.0  # of processor time for the barcodes of all trials


@dataclass(frozen=True)
class Tables:
    """Distances of all pairs: ``real [R, R]``, ``between [R, G]`` and ``generated [G, G]``."""

    real: Float32
    between: Float32
    generated: Float32


@dataclass(frozen=True)
class Trials:
    """Numbers of each trial.

    Attributes
    ----------
    numbers, control : ``[t, 4]``, of real against generated points, and of one half of the real ones against the other
    by_class, control_by_class : ``[t, classes]``, coverage of the real points of each class; NaN without any
    real_covered : ``[R]``, share of the trials it was in, in which a real point was covered; NaN: in none
    real_ratio, generated_ratio : ``[R]``, ``[G]``, mean distance in radii, as :class:`Compared` has it
    size : points of each set in a trial
    """

    numbers: Float64
    control: Float64
    by_class: Float64
    control_by_class: Float64
    real_covered: Float64
    real_ratio: Float64
    generated_ratio: Float64
    size: int


@dataclass(frozen=True)
class Shapes:
    """Persistence of each trial, in units of the median distance of the real points.

    Attributes
    ----------
    apart, real, generated : ``[t, kinds, dimensions]``, distances of diagrams of real from generated points, and of two
        halves of each
    real_bars, generated_bars : a barcode of each trial
    half : points of a barcode
    """

    apart: Float64
    real: Float64
    generated: Float64
    real_bars: list[Barcode]
    generated_bars: list[Barcode]
    half: int


def measure(
    tables: Tables,
    k: int,
    trials: int,
    codes: Int64 | None,
    classes: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Trials:
    """All comparisons; ``codes [R]`` are numbers of classes (-1: none), or ``None``.

    Raises
    ------
    DataError
        When half of the points is not more than ``k``.
    """
    count, drawn = tables.between.shape
    size = min(count // 2, drawn)
    if size <= k:
        raise wb.DataError(
            f"{count} real points give halves of {size}, and neighbour number {k} was asked for: take more points, or "
            "a smaller k"
        )
    numbers, control = np.empty((trials, len(NAMES))), np.empty((trials, len(NAMES)))
    by_class, control_by_class = np.full((trials, classes), np.nan), np.full((trials, classes), np.nan)
    covered, real_ratio, real_seen = np.zeros(count), np.zeros(count), np.zeros(count)
    generated_ratio, generated_seen = np.zeros(drawn), np.zeros(drawn)
    for trial in range(trials):
        progress(trial / trials)
        order, taken = rng.permutation(count), rng.permutation(drawn)[:size]
        one, other = order[:size], order[size : 2 * size]
        own = tables.real[np.ix_(one, one)]
        found = compare(own, tables.between[np.ix_(one, taken)], tables.generated[np.ix_(taken, taken)], k)
        same = compare(own, tables.real[np.ix_(one, other)], tables.real[np.ix_(other, other)], k)
        numbers[trial], control[trial] = found.numbers, same.numbers
        if codes is not None:
            by_class[trial] = _of_classes(found, codes[one], classes)
            control_by_class[trial] = _of_classes(same, codes[one], classes)
        covered[one] += found.covered
        real_ratio[one] += found.real_ratio
        real_seen[one] += 1
        generated_ratio[taken] += found.generated_ratio
        generated_seen[taken] += 1
    return Trials(
        numbers,
        control,
        by_class,
        control_by_class,
        _mean(covered, real_seen),
        _mean(real_ratio, real_seen),
        _mean(generated_ratio, generated_seen),
        size,
    )


def shapes(
    tables: Tables,
    unit: float,
    half: int,
    max_dim: int,
    trials: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Shapes:
    """Barcodes of two halves of the real and of the generated points in each trial, and how far apart they are.

    ``unit`` is what distances are divided by, of both sets: a set that is smaller has another shape here.

    Raises
    ------
    DataError
        When the barcodes would take too much.
    """
    count, drawn = tables.between.shape
    half = min(half, count // 2, drawn // 2)
    _refuse(tables.real[:half, :half] / unit, max_dim, trials)
    _refuse(tables.generated[:half, :half] / unit, max_dim, trials)
    apart, real, generated = (np.empty((trials, len(KINDS), max_dim + 1)) for _ in range(3))
    of_real, of_generated = [], []
    for trial in range(trials):
        progress(trial / trials)
        parts = []
        for table in (tables.real, tables.generated):
            order = rng.permutation(len(table))
            parts += [
                _barcode(table, order[:half], unit, max_dim),
                _barcode(table, order[half : 2 * half], unit, max_dim),
            ]
        a, b, c, d = parts
        apart[trial], real[trial], generated[trial] = _apart(a, c), _apart(a, b), _apart(c, d)
        of_real.append(a)
        of_generated.append(c)
    return Shapes(apart, real, generated, of_real, of_generated, half)


def _of_classes(found: Compared, codes: Int64, classes: int) -> Float64:
    has = codes >= 0
    there = np.bincount(codes[has], minlength=classes).astype(np.float64)
    covered = np.bincount(codes[has], weights=found.covered[has], minlength=classes)
    return _mean(covered.astype(np.float64), there)


def _mean(total: Float64, count: Float64) -> Float64:
    mean = np.full(len(total), np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return mean


def _barcode(table: Float32, chosen: Int64, unit: float, max_dim: int) -> Barcode:
    return rips(table[np.ix_(chosen, chosen)].astype(np.float64) / unit, max_dim)


def _apart(one: Barcode, other: Barcode) -> Float64:
    pairs = zip(one.bars, other.bars, strict=True)
    finite = [tuple(bars[np.isfinite(bars[:, 1])] for bars in pair) for pair in pairs]
    return np.array([[far(a, b) for a, b in finite] for far in KINDS.values()])


def _refuse(table: Float32, max_dim: int, trials: int) -> None:
    from dataclasses import replace

    cost = estimate(table.astype(np.float64), max_dim)
    try:
        refuse(replace(cost, seconds=cost.seconds * 2 * trials), seconds=MOST_SECONDS)
    except wb.DataError as error:
        raise wb.DataError(f"the barcodes of {trials} trials would take too much: {error}") from None
