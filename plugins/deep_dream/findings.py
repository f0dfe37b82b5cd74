# SPDX-License-Identifier: Apache-2.0
"""What stands out: nothing that grew, and values at the ends of their range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import workbench as wb
from plugins.interpolation.results import mean_of

if TYPE_CHECKING:
    from plugins.deep_dream.dreaming import Dreamed

CLIPPED: Final = 0.25  # of all values, more than before


def findings_of(found: Dreamed) -> list[wb.Finding]:
    """With number, threshold, interval and sample."""
    told = []
    random, low, high = mean_of(found.random)
    rise = found.after - found.before
    by_chance = (high if high is not None else random) - found.before
    if found.flat or rise <= max(0.0, by_chance):
        why = "the gradient was 0 at every step" if found.flat else f"a random change as large gives {random:.4g}"
        told.append(
            wb.Finding(
                "deep-dream.not-raised",
                f"The {found.words} went from {found.before:.4g} to {found.after:.4g}, and {why}: this is no dream of "
                "the layer.",
                value=rise,
                threshold=max(0.0, by_chance),
                low=None if low is None else found.after - (high or random),
                high=None if low is None else found.after - low,
                n=len(found.random),
                wrong_if="more steps, or smaller ones, raise it",
                figure="curve",
            )
        )
    more = found.clipped[1] - found.clipped[0]
    if more > CLIPPED:
        told.append(
            wb.Finding(
                "deep-dream.clipped",
                f"{found.clipped[1]:.0%} of the values lie at the ends of their range, {found.clipped[0]:.0%} before: "
                "the steps are too large or too many for the picture to follow.",
                value=more,
                threshold=CLIPPED,
                severity="info",
                wrong_if="the picture is a drawing in black and white by nature",
                figure="dream",
            )
        )
    return told
