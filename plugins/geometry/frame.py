# SPDX-License-Identifier: Apache-2.0
"""The frame of a latent space: where its centre is, what one step along each axis is, and how far out codes lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from plugins.difference_direction.shell import Shell, shell_of
from registry.priors import Uniform

if TYPE_CHECKING:
    from registry.spaces import Space

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Frame:
    """Codes relative to a centre, in units of each axis.

    Attributes
    ----------
    centre, unit : ``[d]``; mean and standard deviation of a normal prior, else the middle (0) and 1
    shell : the chi law of distances from the centre, where the prior is normal
    radii : distances of the sample from the centre, ascending; they stand in where there is no such law
    """

    centre: Float64
    unit: Float64
    shell: Shell | None
    radii: Float64

    @property
    def of(self) -> str:
        """Whose distances a code is compared with."""
        return "draws of the prior" if self.shell is not None else "codes of the sample"

    def inside(self, codes: Float64) -> Float64:
        """Codes ``[..., d]`` in units from the centre."""
        return np.asarray((codes - self.centre) / self.unit, dtype=np.float64)

    def outside(self, places: Float64) -> Float64:
        """The codes of places, the inverse of :meth:`inside`."""
        return np.asarray(places * self.unit + self.centre, dtype=np.float64)

    def distance(self, codes: Float64) -> Float64:
        """Distance from the centre, ``[...]``."""
        return np.asarray(np.linalg.norm(self.inside(codes), axis=-1), dtype=np.float64)

    def share_below(self, distance: Float64) -> Float64:
        """Share of draws (or of the sample) that lie nearer to the centre."""
        if self.shell is not None:
            return self.shell.share_below(distance)
        return np.asarray(np.searchsorted(self.radii, distance) / max(len(self.radii), 1), dtype=np.float64)

    def quantile(self, share: float) -> float:
        """The distance below which this share of draws (or of the sample) lies."""
        if self.shell is not None:
            from scipy.stats import chi

            return float(chi.ppf(share, self.shell.size))
        return float(np.quantile(self.radii, share))


def frame_of(space: Space, codes: Float64) -> Frame:
    """The frame of a space and a sample ``[n, d]`` of it."""
    size = codes.shape[1]
    shell = shell_of(space)
    prior = getattr(space, "prior", None)
    centre, unit = np.zeros(size), np.ones(size)
    if shell is not None:
        centre, unit = np.array(shell.mean), np.array(shell.std)
    elif isinstance(prior, Uniform):
        centre = np.full(size, (prior.low + prior.high) / 2)
    return Frame(centre, unit, shell, np.sort(np.linalg.norm((codes - centre) / unit, axis=1)))
