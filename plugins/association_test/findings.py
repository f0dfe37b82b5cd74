# SPDX-License-Identifier: Apache-2.0
"""What stands out: an effect that any attributes give, and one that hangs on single words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson

if TYPE_CHECKING:
    from plugins.association_test.measures import Measured

COMMON: Final = 0.05  # share of random attribute lists with as large an effect, above which it is said
SMALL: Final = 0.05  # p, two-sided: with a larger one nobody would claim an effect
CLAIMED: Final = 0.5  # size of the effect below which the share of one word says nothing
SWAY: Final = 0.25  # share of the effect that one word carries, above which it is said


def findings_of(found: Measured) -> list[wb.Finding]:
    """The findings of a run."""
    stated = []
    if np.isfinite(found.effect):
        drawn = found.random_attributes[np.isfinite(found.random_attributes)]
        hits = int((np.abs(drawn) >= abs(found.effect)).sum())
        low, high = (float(one) for one in wilson(hits, len(drawn)))
        if low > COMMON and found.p.two_sided < SMALL:
            stated.append(
                wb.Finding(
                    "association-test.random-attributes",
                    f"{100 * hits / len(drawn):.0f} % of random attribute lists of the same frequency give these "
                    f"targets an effect of at least {abs(found.effect):.2f} in size: the lists of targets lie apart, "
                    "whatever they are compared with",
                    value=hits / len(drawn),
                    threshold=COMMON,
                    low=low,
                    high=high,
                    n=len(drawn),
                    wrong_if="random words of this frequency happen to mean what the attributes mean",
                    figure="controls",
                )
            )
        moved = np.abs(found.without - found.effect)
        most = int(np.nanargmax(moved))
        words = [word for listed in found.found.words for word in listed]
        if abs(found.effect) >= CLAIMED and moved[most] > SWAY * abs(found.effect):
            stated.append(
                wb.Finding(
                    "association-test.hangs-on-a-word",
                    f"Without the word '{words[most]}' the effect is {found.without[most]:+.2f} in place of "
                    f"{found.effect:+.2f}",
                    value=float(moved[most] / abs(found.effect)),
                    threshold=SWAY,
                    n=len(words),
                    wrong_if="the lists are so short that every word must count for much",
                    figure="influence",
                )
            )
    return stated
