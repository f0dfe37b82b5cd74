# SPDX-License-Identifier: Apache-2.0
"""The same map under several seeds: what of it would be there another time?

What a seed changes must be what could have come out otherwise. t-SNE and UMAP begin each map of the strip at other
random positions (from the PCA start, t-SNE would give the same map every time); PCA, which has no chance in it, is
computed on a bootstrap resample of the points.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, as_points
from plugins.projection.methods import Float32Array, Progress, Settings, fit, fit_pca
from plugins.projection.neighbours import nearest_neighbours
from plugins.projection.procrustes import align_all, stability

LIMIT = 2000


@dataclass(frozen=True)
class SeedStrip:
    """Maps of the same rows under several seeds.

    Attributes
    ----------
    maps : float32 [s, m, dimensions], each laid over the first.
    rows : int64 [m], the rows of the points that are in them.
    seeds : the s seeds.
    disparity : float64 [s], squared residual to the first map over its spread (see `procrustes.Alignment`).
    stability : float32 [m], share of its k neighbours in the map that a point keeps from seed to seed.
    k : of the stability.
    chance : what the stability of unrelated maps would be.
    """

    maps: Float32Array
    rows: NDArray[np.int64]
    seeds: tuple[int, ...]
    disparity: NDArray[np.float64]
    stability: Float32Array
    k: int
    chance: float


def seed_strip(
    points: Any,
    settings: Settings,
    count: int,
    *,
    k: int = 15,
    limit: int = LIMIT,
    seed: int = 0,
    progress: Progress | None = None,
) -> SeedStrip:
    """Make the map of at most `limit` random points under several seeds.

    Parameters
    ----------
    points : [n, d].
    settings : as of the map itself; only where it begins is changed. A perplexity or number of neighbours that the
        fewer points cannot give is lowered to what they can.
    count : how many maps, at least 2.
    k : neighbours compared, lowered to m - 1 where points are few.
    limit : most points in the strip.
    seed : of the choice of rows; the maps have the seeds `seed + 1`, `seed + 2`, ...
    progress : called with a fraction and the stage.

    Returns
    -------
    SeedStrip.

    Raises
    ------
    ValueError
        fewer than two maps or three points, or as in `methods.project`.
    """
    table = as_points(points)
    if count < 2:
        raise ValueError(f"A strip of seeds compares at least 2 maps, but {count} are asked for.")
    if min(limit, len(table)) < 3:
        raise ValueError("A strip of seeds needs at least 3 points.")
    rows = np.arange(len(table))
    if len(table) > limit:
        rows = np.sort(np.random.default_rng(seed).choice(len(table), limit, replace=False))
    chosen = table[rows]
    settings = _fitting(settings, len(chosen))
    needed = settings.needed_neighbours(len(chosen))
    neighbours = nearest_neighbours(chosen, needed) if needed else None
    report = progress or (lambda fraction, stage: None)
    seeds = tuple(seed + 1 + i for i in range(count))
    maps = []
    for i, each in enumerate(seeds):
        report(i / count, f"seed {i + 1} of {count}")
        if settings.method == "pca":
            maps.append(_resampled(chosen, settings.dimensions, each))
        else:
            maps.append(fit(chosen, settings, neighbours, each, lambda fraction, stage: None).coordinates)
    aligned, disparity = align_all(maps)
    k = min(k, len(chosen) - 1)
    kept = stability(maps, k).astype(np.float32)
    report(1.0, "seeds compared")
    return SeedStrip(
        aligned.astype(np.float32), rows.astype(np.int64), seeds, disparity, kept, k, k / (len(chosen) - 1)
    )


def _fitting(settings: Settings, n: int) -> Settings:
    """The settings with a random start, and with no more neighbours than n points have."""
    settings = replace(settings, initialisation="random")
    if settings.perplexity is not None:
        settings = replace(settings, perplexity=min(settings.perplexity, (n - 1) / 3))
    if settings.neighbours is not None:
        settings = replace(settings, neighbours=min(settings.neighbours, n - 1))
    return settings


def _resampled(points: FloatArray, dimensions: int, seed: int) -> Float32Array:
    """All points along the principal components of a bootstrap resample of them."""
    drawn = np.random.default_rng(seed).integers(0, len(points), len(points))
    return fit_pca(points[drawn], dimensions).place(points)
