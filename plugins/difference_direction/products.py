# SPDX-License-Identifier: Apache-2.0
"""Sums over points that never hold all of them in double precision: the columns are gone through in parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from registry.arrays import Array

FloatArray: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Membership: TypeAlias = "np.ndarray[Any, np.dtype[np.bool_]]"
SPARSE = 0.05  # share of chosen points below which the others need not be touched
COLUMNS = 1024  # a part of 4,000 points takes 32 MB in double precision


def parts(values: Array) -> Iterator[tuple[slice, FloatArray]]:
    """The columns of ``values [n, d]`` part by part: which they are, and their deviations from the mean, float64.

    Deviations from the mean keep sums of points that lie far from the origin exact.
    """
    for start in range(0, values.shape[1], COLUMNS):
        columns = slice(start, start + COLUMNS)
        part = values[:, columns].astype(np.float64)
        yield columns, part - part.mean(axis=0)


def squared_lengths(values: Array, weights: FloatArray) -> FloatArray:
    """Squared lengths of sums of points, ``weights @ values``, float64 ``[k]``.

    ``weights`` are float64 ``[k, n]`` with rows that sum to 0: a difference of means has 1/n on the one side and -1/m
    on the other.

    >>> squared_lengths(np.array([[1.0, 5.0], [4.0, 1.0]]), np.array([[1.0, -1.0]]))
    array([25.])
    """
    total = np.zeros(len(weights))
    for _, part in parts(values):
        total += np.square(weights @ part).sum(axis=1)
    return total


def cosines_with_rest(values: Array, n: int, first: Membership, second: Membership) -> FloatArray:
    """Cosine between the difference of means of some points and that of all the others, float64 ``[k]``.

    ``first`` and ``second`` say who is among them, booleans ``[k, n]`` of the first ``n`` points and ``[k, m]`` of the
    others, with as many in each row. NaN where a difference is zero. What is not chosen is what the chosen leave of
    the sum of all, so that few of them cost little.

    >>> points = np.array([[2.0, 0.0], [2.0, 2.0], [0.0, 0.0], [0.0, 0.0]])
    >>> cosines_with_rest(points, 2, np.array([[True, False]]), np.array([[True, False]])).round(4)
    array([0.7071])
    """
    counts = [(int(one[0].sum()), int((~one[0]).sum())) for one in (first, second)]
    chosen = [_light(one) for one in (first, second)]
    crossed, squared, others = np.zeros((3, len(first)))
    for _, part in parts(values):
        means = []
        for who, one, (inside, outside) in zip(chosen, (part[:n], part[n:]), counts, strict=True):
            sums = np.asarray(who @ one)
            means.append((sums / inside, (one.sum(axis=0) - sums) / outside))
        one, two = means[0][0] - means[1][0], means[0][1] - means[1][1]
        crossed += (one * two).sum(axis=1)
        squared += np.square(one).sum(axis=1)
        others += np.square(two).sum(axis=1)
    lengths = np.sqrt(squared * others)
    found = np.full(len(first), np.nan)
    np.divide(crossed, lengths, out=found, where=lengths > 0)
    return np.asarray(np.clip(found, -1, 1), dtype=np.float64)


def _light(chosen: Membership) -> Any:
    """The choices as weights of 1 and 0, sparse where few are chosen."""
    if chosen.mean() > SPARSE:
        return chosen.astype(np.float64)
    from scipy.sparse import csr_array

    return csr_array(chosen.astype(np.float64))


def projected(values: Array, direction: FloatArray) -> FloatArray:
    """Scalar products of the points' deviations from their mean with ``direction [d]``, float64 ``[n]``."""
    total = np.zeros(len(values))
    for columns, part in parts(values):
        total += part @ direction[columns]
    return total


def projected_at_random(values: Array, count: int, rng: np.random.Generator) -> FloatArray:
    """The same along ``count`` random directions, float64 ``[n, count]``.

    Normal numbers give every direction the same chance; they are not brought to length 1.
    """
    total = np.zeros((len(values), count))
    for _, part in parts(values):
        total += part @ rng.standard_normal((part.shape[1], count))
    return total


def total_variance(values: Array) -> float:
    """Sum of the variances of all axes (``n - 1`` in the denominator), in squared units of the space.

    >>> total_variance(np.array([[0.0, 0.0], [2.0, 0.0]]))
    2.0
    """
    return float(squared_deviations(values).sum() / (len(values) - 1))


def squared_deviations(values: Array) -> FloatArray:
    """Squared distance of each point from the mean of all, float64 ``[n]``."""
    total = np.zeros(len(values))
    for _, part in parts(values):
        total += np.square(part).sum(axis=1)
    return total


def effective_dimension(values: Array) -> float:
    """Number of axes of equal variance that the points would spread over as evenly: tr(S)^2 / tr(S^2), in 1..d.

    S is the covariance. tr(S^2) is the mean squared scalar product of two different points, which noise does not
    inflate as it does the sum of the squared entries of the sample covariance. 1 for points that are all equal.
    """
    if not len(values):
        return 1.0
    products = np.zeros((len(values), len(values)))
    for _, part in parts(values):
        products += part @ part.T
    different = ~np.eye(len(values), dtype=bool)
    square = float(np.square(products[different]).mean()) if len(values) > 1 else 0.0
    if square <= 0:
        return 1.0
    variance = float(np.trace(products)) / (len(values) - 1)
    return float(np.clip(variance**2 / square, 1, values.shape[1]))
