# SPDX-License-Identifier: Apache-2.0
"""How unusual codes are under a normal prior: their distance from its centre against the chi distribution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from plugins.difference_direction.products import FloatArray
from registry.priors import Normal

if TYPE_CHECKING:
    from registry.arrays import Array
    from registry.spaces import Space

OUTER: Final = 0.99  # quantile of the distance of a draw beyond which a code counts as outside


@dataclass(frozen=True)
class Shell:
    """Where the draws of a normal prior with ``size`` axes lie: ``mean`` and ``std`` have one number for each axis.

    The distance of a draw from the mean, in standard deviations, has the chi distribution with ``size`` degrees of
    freedom: in many axes nearly all draws lie in a thin shell of radius sqrt(size) (Blum, Hopcroft and Kannan,
    *Foundations of Data Science*, 2020, theorem 2.9).
    """

    size: int
    mean: FloatArray
    std: FloatArray

    @property
    def outer(self) -> float:
        """The distance that one draw in a hundred exceeds, in standard deviations of the prior."""
        from scipy.stats import chi

        return float(chi.ppf(OUTER, self.size))

    def standardised(self, points: Array) -> FloatArray:
        """Points in standard deviations from the mean of the prior, float64 ``[n, size]``."""
        return np.asarray((points.astype(np.float64) - self.mean) / self.std, dtype=np.float64)

    def share_below(self, distance: FloatArray) -> FloatArray:
        """Share of the draws that lie nearer to the centre than ``distance``.

        >>> Shell(1, np.zeros(1), np.ones(1)).share_below(np.array([1.959964])).round(4)
        array([0.95])
        """
        from scipy.stats import chi

        return np.asarray(chi.cdf(distance, self.size), dtype=np.float64)

    def moved(self, points: Array, vector: FloatArray, steps: FloatArray) -> FloatArray:
        """Distances of the points moved by each of ``steps`` times ``vector``, float64 ``[n, steps]``."""
        start, along = self.standardised(points), vector / self.std
        squared = np.square(start).sum(axis=1)[:, None]
        crossed = (start @ along)[:, None]
        lengths = np.maximum(squared + 2 * steps * crossed + np.square(steps) * (along @ along), 0)
        return np.asarray(np.sqrt(lengths), dtype=np.float64)


def shell_of(space: Space) -> Shell | None:
    """The shell of a space with a normal prior, ``None`` for any other."""
    prior = getattr(space, "prior", None)
    size = getattr(space, "size", 0)
    if not isinstance(prior, Normal):
        return None
    std = np.broadcast_to(np.asarray(prior.std, dtype=np.float64), (size,))
    return Shell(size, np.broadcast_to(np.asarray(prior.mean, dtype=np.float64), (size,)), std) if std.all() else None
