# SPDX-License-Identifier: Apache-2.0
"""Loops and voids of the codes beside those of draws from the prior, over random subsets of equal size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from plugins.coverage.neighbours import Float32, Float64, Int64, square
from plugins.homology.engines import Barcode, rips
from plugins.homology.trust import standing_out

WHAT = {1: "loops (H1)", 2: "voids (H2)"}


@dataclass(frozen=True)
class Voids:
    """Barcodes of each draw, in units of the median distance of draws from the prior.

    Attributes
    ----------
    codes, prior : int64 ``[t, dimensions]``, bars that stand out by the gap rule, of dimension 1 and 2
    codes_longest, prior_longest : float64 ``[t, dimensions]``, the longest bar
    half : points of a barcode
    total : codes there are
    """

    codes: Int64
    prior: Int64
    codes_longest: Float64
    prior_longest: Float64
    half: int
    total: int


def voids_of(
    codes: Float32,
    draw: Callable[[int], Float32],
    max_dim: int,
    half: int,
    draws: int,
    rng: np.random.Generator,
    progress: Callable[[float], None] = lambda _: None,
) -> Voids:
    """Barcodes of ``draws`` random subsets of the codes, and of as many fresh sets of draws from the prior."""
    half = min(half, len(codes))
    apart = square(draw(200))
    unit = float(np.median(apart[np.triu_indices(len(apart), 1)])) or 1.0
    counts = [np.zeros((draws, max_dim), dtype=np.int64) for _ in range(2)]
    longest = [np.zeros((draws, max_dim)) for _ in range(2)]
    for at in range(draws):
        progress(at / draws)
        sets = codes[rng.permutation(len(codes))[:half]], draw(half)
        for number, points in enumerate(sets):
            found = rips(square(points).astype(np.float64) / unit, max_dim)
            for dimension in range(1, max_dim + 1):
                counts[number][at, dimension - 1] = standing_out(found, dimension)
                longest[number][at, dimension - 1] = _longest(found, dimension)
    return Voids(counts[0], counts[1], longest[0], longest[1], half, len(codes))


def _longest(found: Barcode, dimension: int) -> float:
    lengths = found.lengths(dimension)
    return float(lengths[np.isfinite(lengths)].max(initial=0.0))
