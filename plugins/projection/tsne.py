# SPDX-License-Identifier: Apache-2.0
"""t-SNE by openTSNE, on neighbours that are given.

Sources: van der Maaten & Hinton 2008, "Visualizing data using t-SNE"; Policar, Strazar & Zupan 2024, "openTSNE: a
modular Python library for t-SNE dimensionality reduction and embedding" (placing new points: section 2.4).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.projection.checks import FloatArray
from plugins.projection.methods import FittedMap, Float32Array, Progress, Settings, arrangement, starting_positions
from plugins.projection.neighbours import Neighbours
from plugins.projection.search import Search
from registry.errors import DataError

if TYPE_CHECKING:
    from openTSNE.nearest_neighbors import KNNIndex

EXAGGERATED = 250  # steps of early exaggeration
FFT_FROM = 10_000  # points from which interpolation (2-D only) is faster than the Barnes-Hut tree


def fit_tsne(
    points: FloatArray, settings: Settings, neighbours: Neighbours, search: Search, seed: int, progress: Progress
) -> FittedMap:
    """Map of the points.

    The gradient is by FFT interpolation in 2-D from `FFT_FROM` points, else by a Barnes-Hut tree (in 3-D always).
    """
    from openTSNE import TSNE
    from openTSNE.affinity import PerplexityBasedNN

    n = len(points)
    perplexity = settings.perplexity_for(n)
    index = _index(points, neighbours.first(settings.needed_neighbours(n)), search)
    progress(0.0, "t-SNE affinities")
    affinities = PerplexityBasedNN(knn_index=index, perplexity=perplexity, n_jobs=settings.threads)
    by_fft = settings.dimensions == 2 and n >= FFT_FROM
    model = TSNE(
        n_components=settings.dimensions,
        early_exaggeration_iter=EXAGGERATED,
        n_iter=settings.iterations,
        negative_gradient_method="fft" if by_fft else "bh",
        n_jobs=settings.threads,
        random_state=seed,
        callbacks=[_Steps(progress, EXAGGERATED, settings.iterations)],
        callbacks_every_iters=25,
    )
    start = starting_positions(points, settings, seed, 1e-4)
    embedding = model.fit(affinities=affinities, initialization=start)
    if not np.isfinite(np.asarray(embedding)).all():
        raise DataError(
            f"t-SNE came to no finite map of these points, which are as large as {np.abs(points).max():.1e}: divide "
            "them all by one number"
        )
    # Placing points centres the map in place: do it now, once, so that coordinates never move again.
    embedding -= (embedding.max(axis=0) + embedding.min(axis=0)) / 2

    def place(new: FloatArray) -> Float32Array:
        placed = embedding.transform(new, perplexity=min(5.0, n / 3), k=min(25, n))
        return np.asarray(placed, dtype=np.float32)

    notes = [
        "t-SNE keeps near neighbours, not distances. The size of a cluster on the map says nothing of its spread in "
        "the space (each point's neighbours are drawn alike, dense or sparse), and gaps between them say nothing of "
        f"how different clusters are. {arrangement(settings)}",
        f"Perplexity {perplexity:g}, {EXAGGERATED} + {settings.iterations} steps, start: {settings.initialisation}.",
    ]
    if settings.threads > 1:
        notes.append(f"Made with {settings.threads} threads: not repeatable to the last digit.")
    return FittedMap(np.array(embedding, dtype=np.float32), place, tuple(notes))


class _Steps:
    """Tells the progress of both phases of the optimisation; silent while points are placed."""

    def __init__(self, progress: Progress, exaggerated: int, iterations: int) -> None:
        self.progress, self.phase = progress, 0
        self.before, self.total = (0, 0, exaggerated), exaggerated + iterations

    def optimization_about_to_start(self) -> None:
        """Called by openTSNE at the start of each phase."""
        self.phase += 1

    def __call__(self, iteration: int, error: float, embedding: Any) -> bool:
        """Called by openTSNE every few steps; False means go on."""
        if self.phase <= 2:
            steps = self.before[self.phase] + iteration
            self.progress(steps / self.total, f"t-SNE step {steps} of {self.total}, divergence {error:.3f}")
        return False


def _index(points: FloatArray, neighbours: Neighbours, search: Search) -> KNNIndex:
    """openTSNE's neighbour index answering from the neighbours that are there, and from the search."""
    from openTSNE.nearest_neighbors import KNNIndex

    class Index(KNNIndex):  # type: ignore[misc, unused-ignore]
        VALID_METRICS = ["euclidean"]

        def build(self) -> tuple[Any, Any]:
            return neighbours.indices, neighbours.distances

        def query(self, query: Any, k: int) -> tuple[Any, Any]:
            found = search.of(query, k)
            return found.indices, found.distances

    return Index(points, neighbours.k)
