# SPDX-License-Identifier: Apache-2.0
"""Representation topology divergence (RTD) of the same points in two spaces.

Idea: join points that are near in either space, and ask which loops of that graph of unions are filled in one space
alone: each is a place where the two spaces connect the points in another order. The lengths of these bars are added.

Source: Barannikov, Trofimov, Balabin and Burnaev, "Representation topology divergence: a method for comparing neural
network representations", ICML 2022, algorithm 1; conventions as in the authors' code (github.com/IlyaTrofimov/RTD):
distances over their 0.9 quantile, bars of dimension 1, both orders, the mean over random subsets.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.engines import rips

Float64 = NDArray[np.float64]

QUANTILE = 0.9  # of all entries of a table of distances, the zeros of its diagonal among them
ROUNDING = 1e-6  # of the mean distance: shorter is taken for none


def scaled(distances: Float64) -> Float64:
    """Distances ``[n, n]`` over their 0.9 quantile.

    Raises
    ------
    DataError
        When nine in ten of them are zero.
    """
    unit = float(np.quantile(distances, QUANTILE))
    if unit <= 0:
        raise wb.DataError("nine in ten distances of a subset are zero: most points are equal in one of the two spaces")
    return distances / unit


def cross_table(first: Float64, second: Float64) -> Float64:
    """The table ``[2n, 2n]`` whose bars of dimension 1 are those of the cross-barcode of ``first`` to ``second``.

    Twice the points: the first ``n`` lie at no distance from one another and at ``first`` from the others, among which
    the smaller of both distances holds.
    """
    n = len(first)
    table = np.zeros((2 * n, 2 * n))
    table[n:, :n] = first
    table[:n, n:] = first.T
    table[n:, n:] = np.minimum(first, second)
    table[table < first.mean() * ROUNDING] = 0
    return table


def one_way(first: Float64, second: Float64) -> float:
    """Sum of the lengths of the bars of dimension 1 of the cross-barcode, of scaled distances ``[n, n]``."""
    return float(rips(cross_table(first, second), 1).lengths(1).sum())


def divergence(first: Float64, second: Float64) -> float:
    """RTD of the same points at distances ``first`` and ``second`` ``[n, n]``: the mean of both orders.

    Has no unit: both are scaled first. Zero when the two are proportional.

    >>> apart = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.5], [2.0, 1.5, 0.0]])
    >>> divergence(apart, 2 * apart)
    0.0
    """
    one, other = scaled(first), scaled(second)
    return (one_way(one, other) + one_way(other, one)) / 2
