# SPDX-License-Identifier: Apache-2.0
"""Where codes lie in the shell of a normal prior: shares nearer to its centre and farther from it than draws are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float64
from plugins.homology.trust import wilson

OUTSIDE = 0.01  # share of the draws that lie outside the shell, half of it on each side


@dataclass(frozen=True)
class Norms:
    """Distances of one set from the centre of the prior, in its deviations.

    Attributes
    ----------
    name : "posterior means", "posterior samples", "codes" or "draws"
    distance : float64 ``[n]``
    inner, outer : the shell: quantiles 0.005 and 0.995 of the chi distribution with ``d`` degrees of freedom
    """

    name: str
    distance: Float64
    inner: float
    outer: float

    def shares(self) -> dict[str, tuple[float, float, float]]:
        """Shares nearer than the shell, farther than it, and both, each with low and high (Wilson, 95 %)."""
        n = len(self.distance)
        hits = [int((self.distance < self.inner).sum()), int((self.distance > self.outer).sum())]
        hits.append(sum(hits))
        low, high = wilson(hits, n)
        return {
            name: (hits[at] / n, float(low[at]), float(high[at]))
            for at, name in enumerate(("inside", "beyond", "outside"))
        }


def norms_of(name: str, standardised: Float64) -> Norms:
    """Of points ``[n, d]`` in deviations of the prior.

    The squared distance of a draw from the centre has the chi-squared distribution with ``d`` degrees of freedom, so
    that in many axes nearly all draws lie in a thin shell of radius sqrt(d) (Blum, Hopcroft and Kannan, *Foundations of
    Data Science*, 2020, theorem 2.9).
    """
    from scipy.stats import chi

    d = standardised.shape[1]
    inner, outer = chi.ppf([OUTSIDE / 2, 1 - OUTSIDE / 2], d)
    return Norms(name, np.linalg.norm(standardised, axis=1), float(inner), float(outer))
