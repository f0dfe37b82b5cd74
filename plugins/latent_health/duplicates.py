# SPDX-License-Identifier: Apache-2.0
"""Near duplicates among draws, and how many different ones there seem to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float32, Float64
from plugins.homology.trust import wilson
from plugins.space_comparison.trials import Mean, mean_of

QUANTILE = 0.01  # of nearest distances within the reference: below, two points count as near duplicates
SAME = 1e-4  # of the median distance of real points: below, two points are equal but for rounding
BARE = 0.1  # of the median distance of draws: the threshold where there is nothing to compare with
RESAMPLES = 200


@dataclass(frozen=True)
class Duplicates:
    """Shares of near duplicates, float64 ``[trials]``.

    Attributes
    ----------
    generated : share of draws of one half with a draw of the other half within the threshold
    control : the same of the reference, in a division other than the one that set the threshold; without a reference
        that of the codes that were drawn, by a tenth of their own median distance
    threshold : of each trial
    size, total : draws of a half, and all
    support, support_reference : effective number of different points, as :func:`support` has it
    """

    generated: Float64
    control: Float64
    threshold: Float64
    size: int
    total: int
    support: tuple[float, float, float]
    support_reference: tuple[float, float, float] | None

    def share(self) -> Mean:
        """Share of draws with a near duplicate, with its interval for other draws."""
        return _wide(mean_of(self.generated, self.size, self.total), self.size)

    def control_share(self) -> Mean:
        """The same of the reference, or of the codes."""
        return _wide(mean_of(self.control, self.size, self.total), self.size)


def duplicates_of(
    generated: Float32, reference: Float32 | None, codes: Float32, unit: float, trials: int, rng: np.random.Generator
) -> Duplicates:
    """From distances ``generated [m, m]`` and ``reference [r, r]``; halves of equal size of both are looked at.

    The threshold is the distance that one in a hundred points of the reference falls below, to the nearest of as many
    others; distances below 1e-4 ``unit`` count as 0. Without a reference it is a tenth of the median distance of draws,
    and the control are ``codes [m, m]``: in few dimensions points that all differ lie as near to each other.
    """
    m = len(generated)
    size = m // 2 if reference is None else min(m, len(reference)) // 2
    found, control, thresholds = np.empty(trials), np.empty(trials), np.empty(trials)
    for trial in range(trials):
        if reference is None:
            thresholds[trial] = BARE * _median(generated)
            control[trial] = (_near(codes, size, rng) <= BARE * _median(codes)).mean()
        else:
            one = _near(reference, size, rng)
            thresholds[trial] = max(float(np.quantile(one, QUANTILE, method="inverted_cdf")), SAME * unit)
            control[trial] = (_near(reference, size, rng) <= thresholds[trial]).mean()
        found[trial] = (_near(generated, size, rng) <= thresholds[trial]).mean()
    level = float(thresholds.mean())
    return Duplicates(
        found,
        control,
        thresholds,
        size,
        m,
        support(generated, level, rng),
        None if reference is None else support(reference, level, rng),
    )


def support(square: Float32, threshold: float, rng: np.random.Generator) -> tuple[float, float, float]:
    """Effective number of different points: 1 / (chance that two draws lie within ``threshold``), with low and high.

    That is the order-2 diversity (inverse Simpson index): k for k points drawn equally often, and below the number of
    different points for any other frequencies. The birthday paradox test looks for the s at which s draws hold one such
    pair in half of the cases; its s^2 is this number times 2 ln 2 (Arora and Zhang, "Do GANs learn the distribution?
    Some theory and empirics", ICLR 2018). Here the chance is estimated by all pairs, and the interval is the bootstrap
    over points, without pairs of a point and
    itself. NaN where no pair lies within: the support is then larger than can be told.

    >>> table = np.where(np.arange(8)[:, None] % 4 == np.arange(8)[None] % 4, 0.0, 1.0)
    >>> value, low, high = support(table, 0.5, np.random.default_rng(0))
    >>> round(value, 9)  # 4 different points, each seen twice: 4 of 28 pairs are equal
    7.0
    """
    n = len(square)
    close = square <= threshold
    np.fill_diagonal(close, False)
    pairs = float(close.sum())
    if not pairs:
        return float("nan"), float("nan"), float("nan")
    table = close.astype(np.float32)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float32)
    hits = np.einsum("ij,ij->i", counts @ table, counts).astype(np.float64)
    every = n**2 - np.square(counts.astype(np.float64)).sum(axis=1)
    low, high = np.quantile(hits / every, (0.025, 0.975))
    value = n * (n - 1) / pairs
    return value, 1 / high, 1 / low if low > 0 else float("nan")


def nearest_of(square: Float32) -> Float64:
    """Distance of each point to its nearest other point, float64 ``[n]``."""
    others = square.copy()
    np.fill_diagonal(others, np.inf)
    return np.asarray(others.min(axis=1), dtype=np.float64)


def _wide(mean: Mean, n: int) -> Mean:
    """The interval, at least as wide as that of a share of ``n`` independent points: no hits are no proof of none."""
    low, high = wilson(mean.value * n, n)
    return Mean(mean.value, max(min(mean.low, float(low)), 0.0), min(max(mean.high, float(high)), 1.0))


def _near(square: Float32, size: int, rng: np.random.Generator) -> Float32:
    order = rng.permutation(len(square))
    return np.asarray(square[np.ix_(order[:size], order[size : 2 * size])].min(axis=1))


def _median(square: Float32) -> float:
    return float(np.median(square[np.triu_indices(len(square), 1)]))
