# SPDX-License-Identifier: Apache-2.0
"""Information between code axes and factors, from integer counts, and what is made of it: MIG and modularity."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
Bins = Literal["range", "quantile"]
ROUNDING = 1e-12  # information below is what rounding leaves of none: ratios of it mean nothing


def binned(codes: Float64, bins: int = 20, by: Bins = "range") -> Int64:
    """Bin numbers of every axis of ``codes [n, d]``, int64 ``[n, d]`` from 0.

    ``"range"`` cuts between smallest and largest value into equal widths, as the papers' code does: one far point then
    starves most bins. ``"quantile"`` cuts into equal counts (ties stay together). An axis that is constant has one bin.

    >>> binned(np.array([[0.0], [1.0], [10.0]]), 2).ravel().tolist()
    [0, 0, 1]
    >>> binned(np.array([[0.0], [1.0], [10.0]]), 3, "quantile").ravel().tolist()
    [0, 1, 2]
    """
    found = np.zeros(codes.shape, dtype=np.int64)
    for axis, values in enumerate(codes.T):
        low, high = float(values.min()), float(values.max())
        if low == high:
            continue
        if by == "range":
            edges = np.linspace(low, high, bins + 1)[1:-1]
        else:
            edges = np.unique(np.quantile(values, np.arange(1, bins) / bins))
        found[:, axis] = np.searchsorted(edges, values, side="right")
    return found


def contingency(first: Int64, second: Int64) -> Int64:
    """Counts of every pair of labels (whole numbers from 0), int64 ``[labels of first, labels of second]``."""
    rows, columns = int(first.max()) + 1, int(second.max()) + 1
    return np.bincount(first * columns + second, minlength=rows * columns).reshape(rows, columns).astype(np.int64)


def entropy(labels: Int64) -> float:
    """Entropy of the labels, plug-in estimate, in nats.

    >>> round(entropy(np.array([0, 0, 1, 1])), 4)
    0.6931
    """
    share = np.bincount(labels) / len(labels)
    share = share[share > 0]
    return float(-(share * np.log(share)).sum()) + 0.0


def mutual_information(table: Int64) -> float:
    """Mutual information of a table of counts, plug-in estimate, in nats; never below 0.

    >>> round(mutual_information(np.array([[2, 0], [0, 2]])), 4)
    0.6931
    """
    share = table / table.sum()
    expected = share.sum(axis=1, keepdims=True) * share.sum(axis=0, keepdims=True)
    held = share > 0
    found = float((share[held] * np.log(share[held] / expected[held])).sum())
    return found if found > ROUNDING else 0.0


def information_matrix(bins: Int64, levels: Int64) -> Float64:
    """Mutual information in nats of each axis (``bins [n, d]``) with each factor (``levels [n, f]``), ``[d, f]``."""
    return np.array(
        [[mutual_information(contingency(one, other)) for other in levels.T] for one in bins.T], dtype=np.float64
    ).reshape(bins.shape[1], levels.shape[1])


def gaps(information: Float64, entropies: Float64) -> Float64:
    """For each factor: the largest minus the second largest information, over the factor's entropy, float64 ``[f]``.

    The mean is the mutual information gap, MIG (Chen and others, *Isolating Sources of Disentanglement in Variational
    Autoencoders*, NeurIPS 2018, section 4.1). Where there is one axis only, the second is 0; without any
    axis the gap is 0.

    Raises
    ------
    ValueError
        For a factor without entropy: one that is constant has no gap.
    """
    if not (entropies > 0).all():
        raise ValueError("a factor with one value has no entropy, and no information gap: leave it out")
    padded = np.concatenate([np.zeros((2, information.shape[1])), information])
    top = np.sort(padded, axis=0)[-2:]
    return np.asarray((top[1] - top[0]) / entropies)


def modularity(information: Float64) -> Float64:
    """How far each axis informs of one factor only, float64 ``[d]`` in 0..1; 0 for an axis that informs of none.

    1 minus the squared information with all but the strongest factor, over ``(f - 1)`` times that with the strongest
    (Ridgeway and Mozer, *Learning Deep Disentangled Embeddings*, NeurIPS 2018, section 3). The score is the mean over
    axes.

    >>> modularity(np.array([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])).tolist()
    [1.0, 0.0, 0.0]
    """
    squared = np.square(information)
    largest = squared.max(axis=1)
    spread = (squared.sum(axis=1) - largest) / np.where(largest > 0, largest * (information.shape[1] - 1), 1.0)
    return np.asarray(np.where(largest > 0, 1 - spread, 0.0))
