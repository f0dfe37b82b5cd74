# SPDX-License-Identifier: Apache-2.0
"""The one map that journeys are drawn in: two principal components of texts of all styles, and what it leaves out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Plane:
    """A mean and two orthogonal directions of length 1: ``middle [d]``, ``axes [2, d]``; ``share`` of the variance."""

    middle: Float64
    axes: Float64
    share: float

    def __call__(self, points: ArrayLike) -> Float64:
        """Places of points ``[n, d]`` in the plane, float64 ``[n, 2]``, in the units of the space."""
        return np.asarray((np.asarray(points, dtype=np.float64) - self.middle) @ self.axes.T, dtype=np.float64)

    def kept(self, points: ArrayLike) -> float:
        """Share of the squared distances among points that the plane keeps; NaN where they are all one point.

        >>> plane = Plane(np.zeros(3), np.eye(3)[:2], 1.0)
        >>> plane.kept([[0.0, 0.0, 0.0], [1.0, 0.0, 1.0]])
        0.5
        """
        centred = np.asarray(points, dtype=np.float64)
        centred = centred - centred.mean(axis=0)
        whole = float(np.square(centred).sum())
        return float(np.square(centred @ self.axes.T).sum()) / whole if whole > 0 else float("nan")


def plane_of(styles: Mapping[str, ArrayLike]) -> Plane:
    """Two principal components of the texts of all styles, each style counting alike however many texts it has.

    The sign of each is fixed: the number of largest size is positive.
    """
    parts = [np.asarray(one, dtype=np.float64) for one in styles.values()]
    points = np.concatenate(parts)
    weights = np.concatenate([np.full(len(one), 1 / (len(one) * len(parts))) for one in parts])
    middle = weights @ points
    scaled = (points - middle) * np.sqrt(weights)[:, None]
    values, vectors = np.linalg.eigh(scaled.T @ scaled)
    axes = vectors[:, ::-1][:, :2].T
    signs = np.sign(axes[np.arange(2), np.abs(axes).argmax(axis=1)])
    return Plane(middle, axes * signs[:, None], float(values[::-1][:2].sum() / values.sum()))
