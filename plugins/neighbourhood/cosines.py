# SPDX-License-Identifier: Apache-2.0
"""Anisotropy: the mean cosine of two points, what isotropy would give, and which axes it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.words.neighbours import unit_rows

Float64 = NDArray[np.float64]

NORMAL_975: Final = 1.959963984540054


@dataclass(frozen=True)
class MeanCosine:
    """Mean cosine over all pairs of points, with its 95 % interval (jackknife over points)."""

    value: float
    low: float
    high: float
    n: int


def mean_cosine(points: NDArray[Any]) -> MeanCosine:
    """Mean cosine of two different points of ``[n, d]``, exact over all pairs; rows of zeros are left out.

    The sum over pairs is the squared length of the sum of all unit vectors, less n: no pair is looked at. The interval
    is that of the jackknife (Efron and Stein, Annals of Statistics 9, 1981); it is never too short on average. The
    measure: Ethayarajh, EMNLP 2019, section 3.3.

    >>> round(mean_cosine(np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 2.0]])).value, 9)
    0.333333333
    """
    unit = unit_rows(points)
    unit = unit[np.abs(unit).sum(axis=1) > 0]
    n = len(unit)
    if n < 3:
        return MeanCosine(np.nan, np.nan, np.nan, n)
    whole = unit.sum(axis=0)
    value = (whole @ whole - n) / (n * (n - 1))
    without = (whole @ whole - 2 * (unit @ whole) + 1 - (n - 1)) / ((n - 1) * (n - 2))
    half = NORMAL_975 * np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum())
    return MeanCosine(float(value), float(max(value - half, -1)), float(min(value + half, 1)), n)


def isotropic_range(n: int, width: int) -> tuple[float, float]:
    """What :func:`mean_cosine` gives in 95 % of samples whose directions are uniform: narrow, around 0.

    The sum of n uniform unit vectors in d axes has a squared length of about n / d times chi squared of d degrees
    (each axis is normal for many points), so the mean cosine is about (chi squared / d - 1) / (n - 1).

    >>> low, high = isotropic_range(1000, 50)
    >>> round(low, 5), round(high, 5)
    (-0.00035, 0.00043)
    """
    from scipy.stats import chi2

    low, high = chi2.ppf([0.025, 0.975], width)
    return float((low / width - 1) / (n - 1)), float((high / width - 1) / (n - 1))


def without_top(points: NDArray[Any], count: int) -> Float64:
    """Points ``[n, d]`` less their mean and less their ``count`` strongest principal components.

    Source: Mu and Viswanath, "All-but-the-top", ICLR 2018, algorithm 1.
    """
    rows = np.asarray(points, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    if count == 0:
        return np.asarray(rows)
    if rows.shape[1] <= rows.shape[0]:
        axes = np.linalg.eigh(rows.T @ rows)[1][:, ::-1][:, :count]
    else:  # the same components by the products of the points
        left = np.linalg.eigh(rows @ rows.T)[1][:, ::-1][:, :count]
        axes = np.linalg.qr(rows.T @ left)[0]
    return np.asarray(rows - rows @ axes @ axes.T)


@dataclass(frozen=True)
class Axes:
    """How even the axes are.

    Attributes
    ----------
    variance : share of the variance by axis ``[d]``
    contribution : what each axis gives to the mean cosine ``[d]``; their sum is the mean cosine
    participation : (sum of eigenvalues)² / sum of their squares, 1 .. d: axes that the variance is spread over
    """

    variance: Float64
    contribution: Float64
    participation: float


def axes_of(points: NDArray[Any]) -> Axes:
    """Shares of variance, of the mean cosine, and the participation ratio of points ``[n, d]``.

    Contributions: Timkey and van Schijndel, EMNLP 2021, equation 3, over all pairs.
    """
    rows = np.asarray(points, dtype=np.float64)
    unit = unit_rows(rows)
    n = len(rows)
    centred = rows - rows.mean(axis=0)
    small = centred.T @ centred if rows.shape[1] <= n else centred @ centred.T  # the same eigenvalues
    spread = (centred**2).sum(axis=0)
    total = spread.sum()
    participation = float(total**2 / (small**2).sum()) if total > 0 else np.nan
    contribution = (unit.sum(axis=0) ** 2 - (unit**2).sum(axis=0)) / (n * (n - 1))
    return Axes(spread / total if total > 0 else spread, contribution, participation)
