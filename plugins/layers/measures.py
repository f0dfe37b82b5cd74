# SPDX-License-Identifier: Apache-2.0
"""Everything that is measured of one step of the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from plugins.layers.classes import Labels
from plugins.layers.dimension import Dimension, from_ratios, two_nearest
from plugins.layers.distances import Float64, centred_products, first_of_equals, is_constant, squared_distances
from plugins.layers.flat_maps import principal_plane
from plugins.layers.separability import Separability, separability
from plugins.layers.silhouettes import mean_interval, silhouettes
from plugins.layers.walk import Step

State = Literal["measured", "constant", "not finite"]
Interval = tuple[float, float, float]


@dataclass(frozen=True)
class Measured:
    """One step with its numbers.

    Attributes
    ----------
    step : which one
    units : how many of its units were looked at
    state : "constant" where all points are equal, "not finite" where some point holds NaN or infinity
    coordinates : ``[n, 2]`` on the plane of its two principal components; NaN where it is not finite
    explained : share of the variance on that plane
    still : share of units that have the same value at all points
    distinct : distinct points
    bad : points that hold NaN or infinity
    dimension, separability : as they are defined; ``None`` where they are not
    silhouette : mean with its interval, or ``None``
    """

    step: Step
    units: int
    state: State
    coordinates: Float64
    explained: float = float("nan")
    still: float = float("nan")
    distinct: int = 0
    bad: int = 0
    dimension: Dimension | None = None
    separability: Separability | None = None
    silhouette: Interval | None = None


def measure(
    step: Step,
    points: NDArray[np.float32],
    labels: Labels | None,
    parts: Sequence[NDArray[np.int64]],
    seed: int,
) -> Measured:
    """Measure one step.

    Parameters
    ----------
    points : ``[n, units]``
    labels : classes, or ``None``
    parts : positions among ``labels.used`` that are held out together; empty where there is nothing to probe
    seed : of folds, shuffles and resamples
    """
    n, units = points.shape
    bad = int(n - np.isfinite(points).all(axis=1).sum())
    if bad:
        return Measured(step, units, "not finite", np.full((n, 2), np.nan), bad=bad)
    products = centred_products(points)
    still = float((points == points[0]).all(axis=0).mean())
    if is_constant(points, products):
        return Measured(step, units, "constant", np.zeros((n, 2)), still=still, distinct=1)
    coordinates, explained = principal_plane(products)
    squared = squared_distances(products)
    first = first_of_equals(points)
    dimension = None
    if len(first) >= 3:
        dimension = from_ratios(*two_nearest(squared[np.ix_(first, first)]))
    probed, silhouette = None, None
    if labels is not None and parts:
        used, codes = labels.used, labels.codes[labels.used]
        probed = separability(points[used], products[np.ix_(used, used)], codes, parts, seed)
        silhouette = mean_interval(silhouettes(squared[np.ix_(used, used)], codes), seed)
    return Measured(
        step, units, "measured", coordinates, explained, still, len(first), 0, dimension, probed, silhouette
    )
