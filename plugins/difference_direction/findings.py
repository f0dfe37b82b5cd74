# SPDX-License-Identifier: Apache-2.0
"""What the run states of the direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import workbench as wb
from plugins.difference_direction.separation import Estimate

if TYPE_CHECKING:
    from plugins.difference_direction.measures import Measured

CHANCE: Final = 0.05  # a p value above it is no evidence
SETTLED: Final = 0.9  # cosine to the direction of endlessly many examples below which a direction is unstable
OUTSIDE: Final = 0.05  # share of moved codes outside the shell; one in a hundred draws lies there


def findings_of(measured: Measured, spread: Estimate) -> list[wb.Finding]:
    """No difference, unstable, no better than random, out of the shell; each with its number and threshold."""
    found = []
    n = measured.n
    if measured.length.p > CHANCE:
        more = " (they do differ in spread)" if spread.low > 1 or spread.high < 1 else ""
        found.append(
            wb.Finding(
                "directions.no-difference",
                "The means of the two groups differ no more than those of groups made at random"
                f"{more}: the direction is not to be believed.",
                value=measured.length.p,
                threshold=CHANCE,
                n=n,
                wrong_if="there are too few points to show a difference that is there, or it is one of spread or shape",
                figure="positions",
            )
        )
    if measured.settled.value < SETTLED:
        one = measured.settled
        found.append(
            wb.Finding(
                "directions.unstable",
                "Another sample would give another direction: the cosine to the direction of endlessly many examples "
                f"is about {one.value:.2f}.",
                value=one.value,
                threshold=SETTLED,
                low=one.low,
                high=one.high,
                n=n,
                wrong_if="the groups hold several kinds of points in shares that the halves do not keep",
                figure="examples",
            )
        )
    if measured.size > 1 and measured.held.p_random > CHANCE:
        found.append(
            wb.Finding(
                "directions.no-better-than-random",
                "On points that did not make it, the direction separates the groups no better than random directions.",
                value=measured.held.p_random,
                threshold=CHANCE,
                n=len(measured.held.toward) + len(measured.held.away),
                severity="info",
                wrong_if="the space has so few axes that random directions lie close to this one",
                figure="random_directions",
            )
        )
    outside = measured.outside
    if outside is not None and outside.low > OUTSIDE and outside.value > 2 * measured.outside_unmoved:
        found.append(
            wb.Finding(
                "directions.leaves-the-shell",
                f"Moved by {measured.reach:g} steps, {outside.value:.0%} of the codes lie further out than 99 % of the "
                f"draws from the prior ({measured.outside_unmoved:.0%} do before they are moved).",
                value=outside.value,
                threshold=OUTSIDE,
                low=outside.low,
                high=outside.high,
                n=n,
                wrong_if="the model was trained on codes from elsewhere than its prior",
            )
        )
    return found
