# SPDX-License-Identifier: Apache-2.0
"""What stands out: hubs beyond those of normal clouds, neighbourhoods by frequency, points that all lie one way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import workbench as wb

if TYPE_CHECKING:
    from plugins.neighbourhood.ground import Ground
    from plugins.neighbourhood.measures import Measured

HUBS: Final = 1.4  # skewness of the counts above which it is said
NARROW: Final = 0.1  # mean cosine above which it is said
TIED: Final = 0.2  # size of the rank correlation with frequency above which it is said


def findings_of(ground: Ground, found: Measured) -> list[wb.Finding]:
    """The findings of a run; each holds only where its whole interval lies beyond the threshold."""
    stated = []
    first, n = found.steps[0], len(ground.points)
    clouds = max(one.skewness for one in found.spherical)
    if first.low > max(HUBS, clouds):
        top = int(found.found.counts.argmax())
        matched = max(one.skewness for one in found.matched)
        owed = (
            "; their mean and covariance alone give as much"
            if first.low <= matched
            else f"; their mean and covariance alone give {matched:.1f}"
        )
        stated.append(
            wb.Finding(
                "neighbourhood.hubs",
                f"A few points are neighbours of very many: the counts have a skewness of {first.skewness:.1f}, in "
                f"normal clouds of the same size {clouds:.1f} at most{owed}; '{ground.names[top]}' is among the "
                f"{found.found.neighbours} nearest of {found.found.counts[top]:,} of {n:,} points",
                value=first.skewness,
                threshold=HUBS,
                low=first.low,
                high=first.high,
                n=n,
                wrong_if="the hubs are copies of one point, or the points come in groups of very different density",
                figure="occurrences",
            )
        )
    cosine = first.cosine
    if cosine.low > NARROW and cosine.value > first.isotropic[1]:
        stated.append(
            wb.Finding(
                "neighbourhood.anisotropy",
                f"Two random points have a cosine of {cosine.value:.2f} on average; uniform directions would give 0, "
                f"and without their mean these points {_near_zero(found.steps[1].cosine.value)}",
                value=cosine.value,
                threshold=NARROW,
                low=cosine.low,
                high=cosine.high,
                n=cosine.n,
                wrong_if="the coordinates cannot be negative (counts, activations after ReLU, pixels): their cosines "
                "are above 0 whatever they hold",
                figure="anisotropy",
            )
        )
    if found.frequency is not None:
        tied = found.frequency.occurrence
        if min(abs(tied.low), abs(tied.high)) > TIED and tied.low * tied.high > 0:
            which = "frequent" if tied.value > 0 else "rare"
            share, _, _ = found.frequency.share
            stated.append(
                wb.Finding(
                    "neighbourhood.frequency",
                    f"How often a point is a neighbour goes with its frequency (rank correlation {tied.value:+.2f}): "
                    f"{which} ones crowd the lists; the most frequent tenth holds {100 * share:.0f} % of all places",
                    value=tied.value,
                    threshold=TIED,
                    low=tied.low,
                    high=tied.high,
                    n=tied.n,
                    wrong_if="the items do not stand in order of frequency",
                    figure="frequency",
                )
            )
    return stated


def _near_zero(value: float) -> str:
    """A number in two decimals, without the sign of one that is rounded to 0."""
    return f"{round(value, 2) + 0.0:.2f}"
