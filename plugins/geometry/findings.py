# SPDX-License-Identifier: Apache-2.0
"""What stands out in the geometry of a decoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.geometry.shape import Float64, interval_of

if TYPE_CHECKING:
    from plugins.geometry.measuring import Measured

WEAK: Final = 0.25  # share of axes
UNEVEN: Final = 2.0  # ratio of the per-axis magnification of the 95th to the 5th of a hundred codes
HOT: Final = 3.0  # times the median
FEWEST: Final = 12


def findings_of(found: Measured, seed: int) -> list[wb.Finding]:
    """Directions without effect, uneven magnification, places where the map bends most."""
    n, size = len(found.points), found.points.flat().shape[1]
    told: list[wb.Finding] = []
    if n < FEWEST:
        return told
    if found.partial is None:
        value, low, high = interval_of(found.shape.weak / size, seed)
        if low > WEAK:
            told.append(
                wb.Finding(
                    "geometry.directions-without-effect",
                    f"Along {value:.0%} of the directions at a code the output moves less than 1 % as fast as along "
                    "the strongest.",
                    value=value,
                    threshold=WEAK,
                    low=low,
                    high=high,
                    n=n,
                    severity="info",
                    wrong_if="one axis in much larger units makes all others look weak",
                    figure="spectrum",
                )
            )
    per_axis = found.shape.log_magnification / np.maximum(found.shape.rank, 1)
    ratio, low, high = _spread(per_axis, seed)
    if low > UNEVEN:
        told.append(
            wb.Finding(
                "geometry.uneven-magnification",
                f"Equal steps do not mean equal change: for each axis the decoder stretches {ratio:.2g} times as much "
                "at the 95 % quantile of the codes as at the 5 % quantile.",
                value=ratio,
                threshold=UNEVEN,
                low=low,
                high=high,
                n=n,
                wrong_if="the rank changes between codes, so that products of different lengths are compared",
                figure="magnification",
            )
        )
    ratio, low, high = _hot(found.turning, seed)
    if low > HOT:
        told.append(
            wb.Finding(
                "geometry.curvature-hot-spots",
                f"At one code in twenty decoded straight lines turn {ratio:.2g} times as fast as at the median code.",
                value=ratio,
                threshold=HOT,
                low=low,
                high=high,
                n=n,
                severity="info",
                wrong_if="the step is so small that rounding of the decoder turns the lines",
            )
        )
    return told


def _spread(logs: Float64, seed: int) -> tuple[float, float, float]:
    kept = logs[np.isfinite(logs)]
    if len(kept) < FEWEST:
        return (float("nan"),) * 3
    rng = np.random.default_rng(seed)
    drawn = kept[rng.integers(0, len(kept), (1000, len(kept)))]
    many = np.exp(np.diff(np.quantile(drawn, [0.05, 0.95], axis=1), axis=0)[0])
    value = float(np.exp(np.diff(np.quantile(kept, [0.05, 0.95]))[0]))
    low, high = np.quantile(many, [0.025, 0.975])
    return value, float(low), float(high)


def _hot(turning: Float64, seed: int) -> tuple[float, float, float]:
    middle = float(np.median(turning))
    if not middle > 1e-3:  # radians for each unit: a straight map, whose rounding is all there is
        return (float("nan"),) * 3
    value, low, high = interval_of(turning / middle, seed, 0.95)
    return value, low, high
