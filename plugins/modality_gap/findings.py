# SPDX-License-Identifier: Apache-2.0
"""What stands out: two clouds that a plane parts, farther apart than halves of one cloud are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.retrieval.pairs import Pairs

if TYPE_CHECKING:
    from plugins.modality_gap.results import Measured

APART = 0.9  # of the held-out points on their side of the plane
LEVEL = 0.05
MUCH = 0.05  # of the spread: less is an axis that a plane finds, and nobody sees


def findings_of(pairs: Pairs, found: Measured) -> list[wb.Finding]:
    """One where the plane holds on other pairs and the means are farther apart than those of halves of one cloud."""
    within = np.maximum(found.halves.first, found.halves.second)
    farther = float(np.quantile(found.halves.across - within, 0.025)) > 0
    if not (found.separable.low > APART and found.p < LEVEL and farther):
        return []
    first, second = pairs.names
    told = (
        f"A plane tells {first} from {second} in {100 * found.separable.value:.1f} % of the held-out points; the means "
        f"of the two clouds are {found.distance.value:.2f} apart, {100 * found.share.value:.0f} % of the "
        f"spread of all points (halves across {found.halves.across.mean():.2f}, within one cloud {within.mean():.2f})."
    )
    return [
        wb.Finding(
            "modality-gap.separate",
            told,
            value=found.separable.value,
            threshold=APART,
            low=found.separable.low,
            high=found.separable.high,
            n=len(pairs),
            severity="warning" if found.share.low > MUCH else "info",
            wrong_if="only ranks from one side to the other are used, which a constant distance hardly changes: see "
            "what centring does to recall",
            figure="map",
        )
    ]
