# SPDX-License-Identifier: Apache-2.0
"""What each axis of a posterior carries: divergence from the prior, variance of the means, whether it is in use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plugins.coverage.neighbours import Float32, Float64

RESAMPLES = 500
BLOCK = 500  # rows whose densities under all posteriors are held at once
LIMITS = (0.025, 0.975)


@dataclass(frozen=True)
class Estimates:
    """Estimates with 95 % bootstrap intervals over rows, float64 of one shape."""

    value: Float64
    low: Float64
    high: Float64


@dataclass(frozen=True)
class Axes:
    """Numbers of each of ``d`` axes, of ``n`` rows.

    Attributes
    ----------
    kl : mean divergence of the posterior from the prior in nats; ``None`` without a spread or a normal prior
    kl_rows : float64 ``[n, d]``, the same of each row
    variance : variance of the posterior means (n - 1 in the denominator), in variances of the prior
    spread : mean posterior variance in variances of the prior; ``None`` without one
    active : bool ``[d]``, variance above the threshold
    surely : share of the resamples in which an axis is active
    units, total : number of active axes, and total divergence in nats (shape ``[1]``)
    """

    kl: Estimates | None
    kl_rows: Float64 | None
    variance: Estimates
    spread: Float64 | None
    active: NDArray[np.bool_]
    surely: Float64
    units: Estimates
    total: Estimates | None


def kl_of_axes(mean: Float64, spread: Float64, prior_mean: float | Float64 = 0.0, prior_std: float | Float64 = 1.0) -> (
    Float64
):  # fmt: skip
    """Divergence KL(q || p) of normals on each axis in nats, of the shape of ``mean``; NaN where a deviation is 0.

    ln(s / sigma) + (sigma^2 + (mu - m)^2) / (2 s^2) - 1/2. Source: Kingma and Welling, "Auto-encoding variational
    Bayes", ICLR 2014, appendix B, for a prior with mean m and deviation s.

    >>> kl_of_axes(np.array([0.0, 1.0]), np.array([1.0, 1.0])).tolist()
    [0.0, 0.5]
    """
    scaled, away = spread / prior_std, (mean - prior_mean) / prior_std
    with np.errstate(divide="ignore", invalid="ignore"):
        found = (np.square(scaled) + np.square(away) - 1) / 2 - np.log(scaled)
    return np.asarray(np.where(np.isfinite(found), found, np.nan), dtype=np.float64)


def axes_of(
    means: Float64, spread: Float64 | None, normal: bool, threshold: float, rng: np.random.Generator
) -> Axes:  # fmt: skip
    """All numbers, of standardised posterior means ``[n, d]`` and deviations (prior mean 0, deviation 1).

    An axis is *active* where the variance of its posterior means over the data is above ``threshold``. Source: Burda,
    Grosse and Salakhutdinov, "Importance weighted autoencoders", ICLR 2016, section 5 (0.01).
    """
    n = len(means)
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)
    middle = means - means.mean(axis=0)
    drawn = np.maximum(counts @ np.square(middle) / n - np.square(counts @ middle / n), 0) * (n / (n - 1))
    variance = _estimates(np.square(middle).sum(axis=0) / (n - 1), drawn)
    active = variance.value > threshold
    units = _estimates(np.array([active.sum()]), (drawn > threshold).sum(axis=1, keepdims=True))
    kl = rows = total = None
    if spread is not None and normal:
        rows = kl_of_axes(means, spread)
        kl = _estimates(rows.mean(axis=0), counts @ rows / n)
        whole = rows.sum(axis=1, keepdims=True)
        total = _estimates(whole.mean(axis=0), counts @ whole / n)
    mean_spread = None if spread is None else np.square(spread).mean(axis=0)
    return Axes(kl, rows, variance, mean_spread, active, (drawn > threshold).mean(axis=0), units, total)


def _estimates(value: Float64, drawn: Float64) -> Estimates:
    low, high = np.quantile(drawn, LIMITS, axis=0)
    return Estimates(np.asarray(value, dtype=np.float64), low, high)


@dataclass(frozen=True)
class Information:
    """Bounds of the mutual information of a row and its code in nats, each a mean over rows with its interval.

    Attributes
    ----------
    lower : expected not above the truth, and never above ``ceiling`` = ln n; may be a little below 0 by chance
    upper : expected not below the truth, each row left out of the mixture it is set against
    """

    lower: Estimates
    upper: Estimates
    ceiling: float
    n: int


def mutual_information(means: Float64, spread: Float64, rng: np.random.Generator) -> Information:
    """From one sample of each posterior, ``[n, d]``: mean of ln q(z_i | x_i) - ln mean_j q(z_i | x_j).

    With j over all rows a lower bound of the truth, without i an upper one, both in expectation. Sources: Poole, Ozair,
    van den Oord, Alemi and Tucker, "On variational bounds of mutual information", ICML 2019, section 2, the bounds with
    a known conditional; the first is also the estimate of He, Spokoyny, Neubig and Berg-Kirkpatrick, "Lagging inference
    networks", ICLR 2019.
    """
    from scipy.special import logsumexp

    n = len(means)
    drawn = means + spread * rng.standard_normal(means.shape)
    precision = 1 / np.square(spread)
    fixed = -(np.square(means) * precision).sum(axis=1) / 2 - np.log(spread).sum(axis=1)
    lower, upper = np.empty(n), np.empty(n)
    for start in range(0, n, BLOCK):
        part = slice(start, min(start + BLOCK, n))
        table = drawn[part] @ (means * precision).T - np.square(drawn[part]) @ precision.T / 2 + fixed
        at = np.arange(len(table))
        own = table[at, start + at].copy()
        lower[part] = own - (logsumexp(table, axis=1) - np.log(n))
        table[at, start + at] = -np.inf
        upper[part] = own - (logsumexp(table, axis=1) - np.log(n - 1))
    counts = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)
    both = np.stack([lower, upper], axis=1)
    found = _estimates(both.mean(axis=0), counts @ both / n)
    one, other = (Estimates(found.value[[i]], found.low[[i]], found.high[[i]]) for i in range(2))
    return Information(one, other, float(np.log(n)), n)


def as_float64(values: Float32) -> Float64:
    """Values in double precision."""
    return np.asarray(values, dtype=np.float64)
