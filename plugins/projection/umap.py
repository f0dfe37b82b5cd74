# SPDX-License-Identifier: Apache-2.0
"""UMAP by umap-learn (an extra), on neighbours that are given.

Source: McInnes, Healy & Melville 2018, "UMAP: Uniform Manifold Approximation and Projection for dimension reduction".
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from plugins.projection.checks import FloatArray
from plugins.projection.methods import FittedMap, Float32Array, Progress, Settings, arrangement, starting_positions
from plugins.projection.neighbours import Neighbours
from plugins.projection.search import Search


def fit_umap(
    points: FloatArray, settings: Settings, neighbours: Neighbours, search: Search, seed: int, progress: Progress
) -> FittedMap:
    """Map of the points; seeded, and therefore on one thread (parallel updates of umap-learn race).

    Raises
    ------
    ImportError
        umap-learn is not installed.
    ValueError
        min_dist out of range.
    """
    if not 0 <= settings.min_dist <= 1:
        raise ValueError(f"UMAP's min_dist must be from 0 to 1, but is {settings.min_dist:g}.")
    progress(0.0, "loading UMAP")
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=ImportWarning)  # on a part of it that is not used here
            from umap import UMAP
    except ImportError as error:
        raise ImportError(
            'UMAP is an extra: pip install "latent-workbench[umap]", or choose another method.'
        ) from error
    n = len(points)
    k = settings.neighbours_for(n)
    found = neighbours.first(k - 1)
    # umap-learn counts the point itself as its first neighbour
    indices = np.concatenate([np.arange(n)[:, None], found.indices], axis=1).astype(np.int32)
    distances = np.concatenate([np.zeros((n, 1)), found.distances], axis=1).astype(np.float32)
    model = UMAP(
        n_components=settings.dimensions,
        n_neighbors=k,
        min_dist=settings.min_dist,
        init=starting_positions(points, settings, seed, 1.0).astype(np.float32),
        precomputed_knn=(indices, distances, _asked(search)),
        random_state=seed,
        transform_seed=seed,
        n_jobs=1,
    )
    progress(0.2, "UMAP layout")
    with warnings.catch_warnings():
        # umap-learn looks for its own parameters in scikit-learn's names of old and new; nothing the reader can act on
        warnings.filterwarnings("ignore", category=FutureWarning, module="sklearn")
        coordinates = np.asarray(model.fit_transform(points), dtype=np.float32)

    def place(new: FloatArray) -> Float32Array:
        return np.asarray(model.transform(new), dtype=np.float32)

    notes = (
        "UMAP keeps near neighbours, not distances. The size of a cluster on the map depends on min_dist and on how "
        "many points it has, hardly on its spread in the space, and gaps between them say little of how different "
        f"clusters are. {arrangement(settings)}",
        f"{k} neighbours, min_dist {settings.min_dist:g}, start: {settings.initialisation}; on one thread, as a seed "
        "requires. Where a new point is placed depends a little on which points are placed with it.",
    )
    return FittedMap(coordinates, place, notes)


def _asked(search: Search) -> Any:
    """The index that umap-learn asks when points are placed, answering from the search."""
    from pynndescent import NNDescent

    class Asked(NNDescent):  # type: ignore[misc, unused-ignore]
        _angular_trees = False

        def __init__(self) -> None:  # builds no approximate index
            pass

        def query(self, query_data: Any, k: int = 10, epsilon: float = 0.1) -> tuple[Any, Any]:
            found = search.of(query_data, k)
            return found.indices.astype(np.int32), found.distances.astype(np.float32)

    return Asked()
