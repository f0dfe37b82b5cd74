# SPDX-License-Identifier: Apache-2.0
"""What stands out: shapes that differ by more than two halves of a space do, and an order that is lost or kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workbench as wb
from plugins.space_comparison.measures import KINDS, Trials
from plugins.space_comparison.trials import mean_of

if TYPE_CHECKING:
    import pandas as pd

    from plugins.space_comparison.analysis import SpaceComparison

LOST, KEPT = 0.9, 0.1  # of the divergence of points in random order
LEVEL = 0.05
WHAT = ("pieces", "loops", "voids")
NAMES = {"bottleneck": "bottleneck", "wasserstein": "Wasserstein"}
WRONG = {
    "bottleneck": "a single bar differs that a few far points make: trim them, or look at other seeds",
    "wasserstein": "short bars, which are noise of the sample, differ in number alone: the bottleneck distance, which "
    "is of the longest, tells no difference",
}


def findings_of(
    divergence: pd.DataFrame, distances: pd.DataFrame, found: Trials, n: int, params: SpaceComparison.Params
) -> list[wb.Finding]:
    """The order first, then one finding for each dimension whose diagrams differ."""
    return [*_order(divergence, found, n, params), *_shapes(distances, found, n, params)]


def _order(divergence: pd.DataFrame, found: Trials, n: int, params: SpaceComparison.Params) -> list[wb.Finding]:
    if not (found.unpaired > 0).all():
        return []
    share = mean_of(found.rtd / found.unpaired, found.batch, n)
    paired, mixed = (float(one) for one in divergence["rtd"])
    if share.low > LOST:
        return [
            wb.Finding(
                "space-comparison.order-lost",
                f"{params.first} and {params.second} connect the points in orders that have hardly more in common "
                f"than random ones: RTD is {paired:.3g}, and {mixed:.3g} with the points in random order.",
                value=share.value,
                threshold=LOST,
                low=share.low,
                high=share.high,
                n=n,
                wrong_if="one of the spaces is noise at the distance of neighbours, while the large picture is kept",
                figure="divergence",
            )
        ]
    if share.high < KEPT:
        return [
            wb.Finding(
                "space-comparison.order-kept",
                f"{params.first} and {params.second} connect the points in nearly the same order: RTD is {paired:.3g}, "
                f"and {mixed:.3g} with the points in random order.",
                value=share.value,
                threshold=KEPT,
                low=share.low,
                high=share.high,
                n=n,
                severity="info",
                wrong_if="they differ between points that no subset held together",
                figure="divergence",
            )
        ]
    return []


def _shapes(distances: pd.DataFrame, found: Trials, n: int, params: SpaceComparison.Params) -> list[wb.Finding]:
    """By other points in the other space against two halves of the space that is less like itself."""
    level = LEVEL / len(distances)  # Bonferroni: any of them would be told
    told = []
    for dimension in range(found.same.shape[2]):
        for at, kind in enumerate(KINDS):
            apart, one, other = (each[:, at, dimension] for each in (found.apart, found.first, found.second))
            control = one if one.mean() >= other.mean() else other
            excess = mean_of(apart - control, 2 * found.half, n, 1 - level)
            if not excess.low > 0:
                continue
            told.append(
                wb.Finding(
                    "space-comparison.shapes-differ",
                    f"{params.first} and {params.second} differ in their {WHAT[dimension]} by more than two halves of "
                    f"either: from one half in {params.first} to the other in {params.second} the {NAMES[kind]} "
                    f"distance is {apart.mean():.3g} median distances, and {control.mean():.3g} between "
                    "halves of one space.",
                    value=excess.value,
                    threshold=0.0,
                    low=excess.low,
                    high=excess.high,
                    n=n,
                    wrong_if=WRONG[kind],
                    figure=kind,
                )
            )
            break  # one statement for each dimension: the bottleneck distance, which is of long bars, first
    return told
