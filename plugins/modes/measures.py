# SPDX-License-Identifier: Apache-2.0
"""The modes of all samples, of random halves, and of normal points of the same covariance; agreement with classes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.modes.peaks import Modes, modes, neighbours_for

if TYPE_CHECKING:
    from plugins.modes.analysis import ModesOfDensity
    from plugins.modes.sample import Sample

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SAME = 0.5  # overlap (Jaccard) from which a mode of a half is a mode of all
LEVEL = 0.95


@dataclass(frozen=True)
class Half:
    """The modes of a random half.

    Attributes
    ----------
    positions : int64 ``[n // 2]`` among the samples
    labels : int64 ``[n // 2]``, mode of each
    count : how many modes
    second : prominence of the second peak, merged or not; infinite where two pieces are not joined, 0 for a single peak
    dimension : that the samples of the half fill, estimated from them alone
    """

    positions: Int64
    labels: Int64
    count: int
    second: float
    dimension: float


@dataclass(frozen=True)
class Agreement:
    """Adjusted Rand index of modes and classes, with its interval (NaN where there is none)."""

    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True)
class Measured:
    """What was measured.

    Attributes
    ----------
    modes : of all samples
    halves : of random halves
    normal : modes of clouds of normal points of the same covariance
    recurs : int64 ``[modes]``, in how many halves each mode comes back
    alike : float64 ``[halves]``, adjusted Rand index of the modes of a half and of all
    agreement : with the classes, where there are any
    """

    modes: Modes
    halves: list[Half]
    normal: list[Modes]
    recurs: Int64
    alike: Float64
    agreement: Agreement | None


def measure(
    sample: Sample,
    params: ModesOfDensity.Params,
    rng: np.random.Generator,
    progress: Callable[[float, str], None],
) -> Measured:
    """Modes of a sample and of what they are held against.

    Raises
    ------
    ParameterError
        When there are fewer samples than neighbours, or fewer peaks than modes were asked for.
    """
    values = sample.values
    n = len(values)
    if params.neighbours is not None and params.neighbours > n // 2:
        raise wb.ParameterError(
            f"'neighbours' = {params.neighbours}: half of {n:,} samples have at most {max(n // 2, 1):,}; take fewer "
            "neighbours or more samples"
        )
    progress(0.0, "modes")
    found = _modes(values, params, None)
    peaks = len(found.all_prominences)
    if params.count is not None and params.count > peaks:
        raise wb.ParameterError(
            f"'count' = {params.count}: the density has {peaks} {'peak' if peaks == 1 else 'peaks'} in all, ripples "
            "counted; ask for no more"
        )
    halves = []
    for at in range(params.draws):
        progress(0.1 + 0.3 * at / params.draws, "halves of the samples")
        chosen = np.sort(rng.permutation(n)[: max(n // 2, 1)]).astype(np.int64)
        one = _modes(values[chosen], params, found.dimension)
        second = float(one.all_prominences[1]) if len(one.all_prominences) > 1 else 0.0
        halves.append(Half(chosen, one.labels, len(one.peaks), second, one.estimated))
    normal = []
    root = _root(values)
    for at in range(params.draws):
        progress(0.4 + 0.6 * at / params.draws, "normal points beside them")
        drawn = rng.standard_normal((n, len(root))) @ root
        if sample.by_angle:
            drawn += values.mean(axis=0)
            drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
        normal.append(_modes(drawn, params, None))
    alike = np.array([rand_index(found.labels[one.positions], one.labels) for one in halves])
    agreement = _agreement(sample, found, halves)
    return Measured(found, halves, normal, _recurs(found, halves), alike, agreement)


def rand_index(first: Int64, second: Int64) -> float:
    """Adjusted Rand index of two partitions: 1 for the same, 0 on average for independent ones of these sizes.

    Source: Hubert and Arabie, "Comparing partitions", Journal of Classification 2, 1985, equation 5. Two partitions
    that are both trivial in the same way are the same.

    >>> rand_index(np.array([0, 0, 1, 1]), np.array([5, 5, 3, 3]))
    1.0
    """
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(first, second))


def reach_of(halves: Sequence[float]) -> float:
    """Half of a 95 % interval of a number of all samples, from the same number of random halves of them.

    The standard deviation over random halves without replacement is the standard error of the value of all: the
    jackknife that deletes half, whose factor is 1. Source: Shao and Wu, "A general theory for jackknife variance
    estimation", Annals of Statistics 17, 1989. Student's law.
    """
    from scipy.stats import t

    return float(np.std(halves, ddof=1) * t.ppf((1 + LEVEL) / 2, len(halves) - 1))


def _modes(values: Float64, params: ModesOfDensity.Params, dimension: float | None) -> Modes:
    """As the parameters say; the dimension of all samples is kept for their halves."""
    return modes(
        values,
        neighbours_for(len(values)) if params.neighbours is None else params.neighbours,
        count=params.count,
        prominence=params.prominence,
        dimension=dimension if params.dimension is None else params.dimension,
    )


def _root(values: Float64) -> Float64:
    """A matrix ``[r, d]`` whose product with itself is the covariance of ``values [n, d]``."""
    triangle: Float64 = np.asarray(np.linalg.qr(values - values.mean(axis=0), mode="r"), dtype=np.float64)
    return triangle / math.sqrt(len(values) - 1)


def _recurs(found: Modes, halves: list[Half]) -> Int64:
    """In how many halves a mode comes back: one of the half's that overlaps with it by half (of their union)."""
    hits = np.zeros(len(found.peaks), dtype=np.int64)
    for half in halves:
        mine = found.labels[half.positions]
        both = np.zeros((len(found.peaks), int(half.labels.max()) + 1))
        np.add.at(both, (mine, half.labels), 1)
        union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
        hits += (both / np.maximum(union, 1)).max(axis=1) >= SAME
    return hits


def _agreement(sample: Sample, found: Modes, halves: list[Half]) -> Agreement | None:
    """Adjusted Rand index with the classes; its interval from random halves, clustered anew."""
    if sample.classes is None:
        return None
    codes = sample.classes.codes
    known = codes >= 0
    value = rand_index(codes[known], found.labels[known])
    drawn = []
    for half in halves:
        seen = known[half.positions]
        drawn.append(rand_index(codes[half.positions][seen], half.labels[seen]))
    reach = reach_of(drawn)
    return Agreement(value, value - reach, min(value + reach, 1.0), int(known.sum()))
