# SPDX-License-Identifier: Apache-2.0
"""The counter-test of a direction: take all linear trace of an attribute out of codes, changing them least (LEACE)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb

Float64 = NDArray[np.float64]

RANK: Final = 1e-4  # of the largest singular value: smaller ones of the whitened cross-covariance count as none
FLAT: Final = 1e-10  # of the largest variance: axes with less count as constant


@dataclass(frozen=True)
class Eraser:
    """An affine map after which no linear probe tells the attribute any better than a constant.

    Attributes
    ----------
    matrix : float64 ``[d, d]``, what is done to the code less its mean
    mean : float64 ``[d]``
    rank : how many directions are taken out: one for two classes, one less than the number of classes at most
    """

    matrix: Float64
    mean: Float64
    rank: int

    def __call__(self, codes: ArrayLike) -> Float64:
        """Codes ``[n, d]`` without the attribute."""
        return np.asarray((np.asarray(codes, dtype=np.float64) - self.mean) @ self.matrix.T + self.mean)


def leace(codes: ArrayLike, attribute: ArrayLike, *, tolerance: float = RANK) -> Eraser:
    """Least-squares concept erasure: the affine map nearest to doing nothing that leaves no covariance.

    ``P = 1 - W+ Q W`` with W the whitening of the codes, W+ its inverse, and Q the orthogonal projection onto the
    whitened cross-covariance with the attribute. After it the least squares predictor of the attribute, and any linear
    probe with a convex loss, does no better than a constant; a quadratic one may.

    Parameters
    ----------
    codes : ``[n, d]``
    attribute : bool or numbers ``[n]``, or ``[n, c]`` (one column for each class)
    tolerance : smaller singular values of the whitened cross-covariance, a correlation of 0 to 1, count as none: with a
        large one a weak attribute is kept

    Raises
    ------
    DataError
        When the attribute does not vary, or nothing of it is above the tolerance.

    Source: Belrose, Schneider-Joseph, Ravfogel, Cotterell, Raff and Biderman, "LEACE: perfect linear concept erasure in
    closed form", NeurIPS 36, 2023, theorem 4.3.
    """
    z = np.asarray(codes, dtype=np.float64)
    told = np.asarray(attribute, dtype=np.float64).reshape(len(z), -1)
    spread = told.std(axis=0)
    if not (spread > 0).any():
        raise wb.DataError("the attribute is the same for all points: there is nothing to erase")
    # in standard deviations, so that the whitened cross-covariance is a correlation and the tolerance has a meaning
    told = (told - told.mean(axis=0))[:, spread > 0] / spread[spread > 0]
    mean = z.mean(axis=0)
    away = z - mean
    variances, axes = np.linalg.eigh(away.T @ away / len(z))
    kept = variances > FLAT * max(float(variances[-1]), np.finfo(float).tiny)
    root = np.sqrt(variances[kept])
    whiten = (axes[:, kept] / root) @ axes[:, kept].T
    back = (axes[:, kept] * root) @ axes[:, kept].T
    left, sizes, _ = np.linalg.svd(whiten @ (away.T @ told) / len(z), full_matrices=False)
    taken = left[:, sizes > tolerance]
    if not taken.shape[1]:
        raise wb.DataError(
            f"the largest linear correlation of the code with the attribute is {sizes.max(initial=0):.2g}, below the "
            f"tolerance {tolerance:g}: nothing is erased"
        )
    matrix = np.eye(z.shape[1]) - back @ taken @ taken.T @ whiten
    return Eraser(matrix, mean, taken.shape[1])
