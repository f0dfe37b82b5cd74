# SPDX-License-Identifier: Apache-2.0
"""The difference of two means: a direction, its length and the middle between them; plain arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.difference_direction.products import FloatArray

if TYPE_CHECKING:
    from registry.arrays import Array


@dataclass(frozen=True)
class Difference:
    """From the mean of one group to the mean of another.

    Attributes
    ----------
    away, toward : the two means, float64 ``[d]``
    vector : ``toward - away``, float64 ``[d]``, in the units of the space
    length : of the vector
    """

    away: FloatArray
    toward: FloatArray
    vector: FloatArray
    length: float

    @property
    def unit(self) -> FloatArray:
        """The vector brought to length 1."""
        return self.vector / self.length

    @property
    def middle(self) -> FloatArray:
        """The point half-way between the means."""
        return (self.away + self.toward) / 2

    def position(self, points: FloatArray) -> FloatArray:
        """Where points ``[n, d]`` lie along the vector: -1/2 at the one mean, 0 in the middle, 1/2 at the other."""
        return (points - self.middle) @ self.vector / self.length**2


def difference_of_means(toward: Array, away: Array) -> Difference:
    """The difference of the means of two groups of points, ``[n, d]`` and ``[m, d]``, in double precision.

    The direction of Larsen, Sønderby, Larochelle and Winther, *Autoencoding beyond pixels using a learned similarity
    metric*, 2016 (visual attribute vectors), and, for a few examples a side, of the arithmetic of
    Radford, Metz and Chintala, *Unsupervised Representation Learning with DCGANs*, 2016, section 6.3.2.

    >>> difference_of_means(np.array([[3.0, 0.0]]), np.array([[0.0, 4.0]])).length
    5.0

    Raises
    ------
    DataError
        When both means are the same point.
    """
    first, second = toward.mean(axis=0, dtype=np.float64), away.mean(axis=0, dtype=np.float64)
    vector = first - second
    length = float(np.linalg.norm(vector))
    if not length > 0:
        raise wb.DataError("both groups have the same mean, so no direction leads from one to the other")
    return Difference(second, first, vector, length)
