# SPDX-License-Identifier: Apache-2.0
"""What stands out: straight lines that leave the shell, geodesics far from straight, searches that have not ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.difference_direction.separation import share

if TYPE_CHECKING:
    from plugins.interpolation.measuring import Measured, Pair

INSIDE: Final = 0.01  # of the draws lie nearer to the centre
LEAVES: Final = 0.05  # share of straight lines
FAR: Final = 0.9  # geodesic over straight length
SPEED, ENERGY, REFINED = 1.1, 0.01, 0.01


def converged(pair: Pair) -> bool:
    """Whether the certificate holds: speed within 10 %, energy and refinement within 1 %."""
    one = pair.certificate
    return one.fine.speed_ratio <= SPEED and one.energy_excess <= ENERGY and one.refinement_error <= REFINED


def findings_of(found: Measured) -> list[wb.Finding]:
    """With number, threshold, interval and sample."""
    told = []
    n = len(found.straight)
    leaving = share(int((found.straight < INSIDE).sum()), n)
    before = float((found.ends < INSIDE).mean())
    if leaving.low > LEAVES and leaving.value > 2 * before:
        told.append(
            wb.Finding(
                "interpolation.lerp-leaves-shell",
                f"{leaving.value:.0%} of straight lines pass nearer to the centre than 99 % of the {found.frame.of} "
                f"lie ({before:.0%} of their ends do): the decoder was hardly trained there.",
                value=leaving.value,
                threshold=LEAVES,
                low=leaving.low,
                high=leaving.high,
                n=n,
                wrong_if="the model was trained on codes from elsewhere than its prior, or decodes the centre as well",
                figure="distance",
            )
        )
    told += _ratio(found)
    pairs = len(found.pairs)
    failed = share(sum(not converged(one) for one in found.pairs), pairs)
    if failed.value > 0:
        told.append(
            wb.Finding(
                "interpolation.not-converged",
                f"{round(failed.value * pairs)} of {pairs} geodesics are not certified: their speed varies by more "
                "than 10 %, or energy or refinement are off by more than 1 %. Lengths are too long if anything.",
                value=failed.value,
                threshold=0.0,
                low=failed.low,
                high=failed.high,
                n=pairs,
                wrong_if="the decoder has kinks at which no path has an even speed on so few segments",
                figure="length",
            )
        )
    return told


def _ratio(found: Measured) -> list[wb.Finding]:
    from plugins.interpolation.results import mean_of

    ratios = np.array(
        [one.paths["geodesic"].length / one.paths["lerp"].length for one in found.pairs if one.paths["lerp"].length]
    )
    if len(ratios) == 0:
        return []
    value, low, high = mean_of(ratios)
    if high is None or high >= FAR:
        return []
    return [
        wb.Finding(
            "interpolation.geodesic-far-from-straight",
            f"Geodesics are {value:.2f} times as long as straight lines: the metric of the decoder is far from flat, "
            "and a straight line is a detour in what is decoded.",
            value=value,
            threshold=FAR,
            low=low,
            high=high,
            n=len(ratios),
            severity="info",
            wrong_if="the shorter path crosses codes that the decoder was never trained on",
            figure="length",
        )
    ]
