# SPDX-License-Identifier: Apache-2.0
"""Ridge regression from one side to the other, its strength chosen by cross-validation inside the training rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

STRENGTHS: Final = tuple(float(one) for one in 10.0 ** np.arange(-4, 3.5, 0.5))
FOLDS: Final = 5


@dataclass(frozen=True)
class Ridge:
    """A linear map ``(x - x_mean) @ weights + y_mean``.

    Attributes
    ----------
    weights : float64 ``[d, e]``
    x_mean, y_mean : float64 ``[d]``, ``[e]``
    strength : the chosen penalty, of the mean squared singular value of the training rows
    errors : float64 ``[strengths]``, squared distance of unit targets in rows left out, mean of the folds
    """

    weights: Float64
    x_mean: Float64
    y_mean: Float64
    strength: float
    errors: Float64

    def __call__(self, x: Float64) -> Float64:
        return np.asarray((x - self.x_mean) @ self.weights + self.y_mean)

    @property
    def at_edge(self) -> bool:
        """Whether the strength is the weakest or the strongest that was tried."""
        return self.strength in (STRENGTHS[0], STRENGTHS[-1])


def fit(x: Float64, y: Float64, groups: Int64, rng: np.random.Generator) -> Ridge:
    """Fit ``y [n, e]`` from ``x [n, d]``; rows of one group are never in two folds.

    Hoerl and Kennard, "Ridge regression", Technometrics 12, 1970; the strength with the least error in the rows left
    out of five folds.

    Raises
    ------
    ValueError
        With fewer than two groups of rows.
    """
    different = np.unique(groups)
    if len(different) < 2:
        raise ValueError("ridge regression needs at least two different rows to choose its strength")
    folds = min(FOLDS, len(different))
    place = np.empty(len(different), dtype=np.int64)
    place[rng.permutation(len(different))] = np.arange(len(different)) % folds
    fold = place[np.searchsorted(different, groups)]
    errors = np.zeros((folds, len(STRENGTHS)))
    for one in range(folds):
        seen = fold != one
        for at, path in enumerate(_path(x[seen], y[seen], STRENGTHS)):
            errors[one, at] = np.square(path(x[~seen]) - y[~seen]).sum(axis=1).mean()
    mean = errors.mean(axis=0)
    best = STRENGTHS[int(mean.argmin())]
    chosen = _path(x, y, (best,))[0]
    return Ridge(chosen.weights, chosen.x_mean, chosen.y_mean, best, mean)


def _path(x: Float64, y: Float64, strengths: tuple[float, ...]) -> list[Ridge]:
    """The fit at each strength, from one decomposition of the smaller of the two Gram matrices."""
    x_mean, y_mean = x.mean(axis=0), y.mean(axis=0)
    a, b = x - x_mean, y - y_mean
    wide = a.shape[1] > a.shape[0]
    values, vectors = np.linalg.eigh(a @ a.T if wide else a.T @ a)
    scale = max(float(values.sum()) / min(a.shape), np.finfo(float).tiny)
    turned = vectors.T @ (b if wide else a.T @ b)
    found = []
    for one in strengths:
        inner = vectors @ (turned / (np.maximum(values, 0) + one * scale)[:, None])
        found.append(Ridge(a.T @ inner if wide else inner, x_mean, y_mean, one, np.empty(0)))
    return found
