# SPDX-License-Identifier: Apache-2.0
"""Maps of a space in two or three dimensions, by any of the methods, with new points placed in them without
refitting."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, as_points
from plugins.projection.neighbours import Neighbours
from plugins.projection.principal_components import Float64Array, PrincipalComponents, principal_components
from plugins.projection.search import Recall, Search

Method = Literal["pca", "tsne", "umap"]
PLACED_AT_ONCE = 10_000  # points: memory stays bounded, and umap-learn gives up to so many its full number of steps
SPECTRUM = 50  # principal components computed, so that the reader sees what the map leaves out
METHODS: tuple[Method, ...] = ("pca", "tsne", "umap")
Progress = Callable[[float, str], None]
Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class Settings:
    """How a map is made; fields of other methods are ignored.

    Attributes
    ----------
    method : "pca", "tsne" or "umap".
    dimensions : 2 or 3.
    perplexity : t-SNE: effective number of neighbours, at most (points - 1) / 3; None: 30, or less where points are
        few.
    iterations : t-SNE: steps after the 250 of early exaggeration.
    neighbours : UMAP: neighbours of each point, itself included, 2 to the number of points - 1; None: 15, or less
        where points are few.
    min_dist : UMAP: least distance of points in the map, 0 to 1.
    initialisation : t-SNE and UMAP: "pca" (keeps the large-scale arrangement: Kobak & Linderman 2021) or "random".
    threads : t-SNE: more than one is faster, but sums in varying order, so that maps differ from run to run.
    """

    method: Method = "pca"
    dimensions: int = 2
    perplexity: float | None = None
    iterations: int = 500
    neighbours: int | None = None
    min_dist: float = 0.1
    initialisation: Literal["pca", "random"] = "pca"
    threads: int = 1

    def needed_neighbours(self, n: int) -> int:
        """How many nearest neighbours of n points the method wants (0: none).

        Raises
        ------
        ValueError
            n points are too few for what is asked.
        """
        if self.method == "tsne":
            return min(n - 1, int(3 * self.perplexity_for(n)))
        return self.neighbours_for(n) - 1 if self.method == "umap" else 0

    def perplexity_for(self, n: int) -> float:
        """The perplexity for n points.

        Raises
        ------
        ValueError
            below 1, or the points are too few for it.
        """
        if n < 4:
            raise ValueError(f"t-SNE needs at least 4 points, but there are {n}.")
        if self.perplexity is None:
            return min(30.0, (n - 1) / 3)
        if not 1 <= self.perplexity <= (n - 1) / 3:
            raise ValueError(
                f"The perplexity must be from 1 to a third of the other points, {(n - 1) / 3:.1f} for {n} points, "
                f"but is {self.perplexity:g}."
            )
        return self.perplexity

    def neighbours_for(self, n: int) -> int:
        """The number of UMAP's neighbours for n points.

        Raises
        ------
        ValueError
            below 2, or the points are too few for it.
        """
        if n < 4:
            raise ValueError(f"UMAP needs at least 4 points, but there are {n}.")
        if self.neighbours is None:
            return min(15, n - 1)
        if not 2 <= self.neighbours <= n - 1:
            raise ValueError(
                f"UMAP's neighbours must be from 2 to one less than the {n} points, but are {self.neighbours}."
            )
        return self.neighbours


@dataclass(frozen=True)
class FittedMap:
    """A map with the way of placing further points in it.

    Attributes
    ----------
    coordinates : float32 [n, dimensions].
    place : takes points [m, d] to coordinates float32 [m, dimensions] without moving the map.
    notes : sentences the reader of the map should know.
    components : of PCA.
    """

    coordinates: Float32Array
    place: Callable[[FloatArray], Float32Array]
    notes: tuple[str, ...] = ()
    components: PrincipalComponents | None = None


@dataclass(frozen=True)
class Projected:
    """Every point on the map.

    Attributes
    ----------
    coordinates : float32 [n, dimensions].
    placed : bool [n], True where a point was placed in the finished map and had no part in making it.
    fitted : the map of the points that made it.
    neighbours : of all the points in the space, where they were computed or given (only where all points made the
        map).
    notes : sentences the reader of the map should know.
    recall : share of the true neighbours that the map was made from, where these were searched approximately.
    """

    coordinates: Float32Array
    placed: NDArray[np.bool_]
    fitted: FittedMap
    neighbours: Neighbours | None
    notes: tuple[str, ...]
    recall: Recall | None = None


def project(
    points: Any,
    settings: Settings = Settings(),
    *,
    fit_limit: int | None = None,
    held_out: NDArray[np.bool_] | None = None,
    neighbours: Neighbours | None = None,
    device: str = "cpu",
    seed: int = 0,
    progress: Progress | None = None,
) -> Projected:
    """Make a map of the points.

    Parameters
    ----------
    points : [n, d].
    settings : method and its parameters.
    fit_limit : make the map from at most so many random points and place the rest in it.
    held_out : bool [n], points that have no part in making the map and are placed in it.
    neighbours : Euclidean neighbours of all the points, when they are there already.
    device : where neighbours are searched and covariances summed.
    seed : of everything random; the same seed gives the same map on the same machine and versions.
    progress : called with a fraction and the stage.

    Returns
    -------
    Projected.

    Raises
    ------
    ValueError
        too few points, dimensions other than 2 or 3, parameters out of range, NaN or infinity.
    ImportError
        UMAP is not installed.

    Examples
    --------
    >>> project(np.eye(5), Settings("pca")).coordinates.shape
    (5, 2)
    """
    table = as_points(points)
    n = len(table)
    if settings.method not in METHODS:
        raise ValueError(f"There is no method {settings.method!r}; choose {', '.join(METHODS)}.")
    if settings.dimensions not in (2, 3):
        raise ValueError(f"A map has 2 or 3 dimensions, not {settings.dimensions}.")
    if n < 2:
        raise ValueError("A map needs at least 2 points, but there is 1.")
    if fit_limit is not None and fit_limit < 2:
        raise ValueError(f"A map is made from at least 2 points, but the limit is {fit_limit}.")
    report = progress or (lambda fraction, stage: None)
    placed = placed_points(n, held_out, fit_limit, seed)
    neighbours = None if placed.any() else neighbours
    making = table if not placed.any() else table[~placed]
    if len(making) < 2:
        raise ValueError(f"A map is made from at least 2 points, but {len(making)} are left to make it.")
    needed = settings.needed_neighbours(len(making))
    search = Search(making, device=device, seed=seed, asked=int(placed.sum()))
    if needed and (neighbours is None or neighbours.k < needed):
        report(0.0, "nearest neighbours")
        neighbours = search.among(needed)
    share = 0.6 if placed.any() else 0.9  # of the work, that the map takes
    fitted = fit(
        making, settings, neighbours, seed, lambda done, stage: report(0.1 + (share - 0.1) * done, stage), search
    )
    coordinates = np.empty((n, settings.dimensions), dtype=np.float32)
    # before the coordinates are read: placing may centre the map
    rows = np.flatnonzero(placed)
    for start in range(0, len(rows), PLACED_AT_ONCE):
        report(share + (1 - share) * start / len(rows), f"placing points, {start:,} of {len(rows):,}")
        part = rows[start : start + PLACED_AT_ONCE]
        coordinates[part] = fitted.place(table[part])
    coordinates[~placed] = fitted.coordinates
    notes = fitted.notes
    if search.recall is not None:
        notes += (search.recall.sentence("Neighbours that the map was made from"),)
    if search.recall_of_others is not None:
        notes += (search.recall_of_others.sentence("Neighbours of the placed points"),)
    if placed.any():
        notes += (f"{int(placed.sum()):,} of {n:,} points were placed in a map made from the other {len(making):,}.",)
    report(1.0, "done")
    return Projected(coordinates, placed, fitted, None if placed.any() else neighbours, notes, search.recall)


def placed_points(n: int, held_out: NDArray[np.bool_] | None, fit_limit: int | None, seed: int) -> NDArray[np.bool_]:
    """Which of n points are placed: those held out, and random others beyond the `fit_limit` that make the map."""
    placed = np.zeros(n, dtype=bool) if held_out is None else np.array(held_out, dtype=bool)
    free = np.flatnonzero(~placed)
    if fit_limit is not None and fit_limit < len(free):
        placed[:] = True
        placed[free[np.random.default_rng(seed).choice(len(free), fit_limit, replace=False)]] = False
    return placed


def fit(
    points: FloatArray,
    settings: Settings,
    neighbours: Neighbours | None,
    seed: int,
    progress: Progress,
    search: Search | None = None,
) -> FittedMap:
    """The map of checked points by the method of the settings; new points are placed by the search."""
    search = search or Search(points, seed=seed)
    if settings.method == "pca":
        progress(0.0, "principal components")
        return fit_pca(points, settings.dimensions, device=search.device)
    if neighbours is None:
        raise ValueError(f"{settings.method} needs the nearest neighbours of the points.")
    if settings.method == "tsne":
        from plugins.projection.tsne import fit_tsne

        return fit_tsne(points, settings, neighbours, search, seed, progress)
    from plugins.projection.umap import fit_umap

    return fit_umap(points, settings, neighbours, search, seed, progress)


def fit_pca(points: FloatArray, dimensions: int, *, device: str = "cpu") -> FittedMap:
    """Map along the leading principal components; where the points have fewer, the other coordinates are zero."""
    components = principal_components(points, min(SPECTRUM, *points.shape), device=device)
    return map_along(components, points, dimensions)


def map_along(components: PrincipalComponents, points: FloatArray | None, dimensions: int) -> FittedMap:
    """Map along components that are known; without `points` it holds no coordinates and only places."""

    def place(new: FloatArray) -> Float32Array:
        return _padded((new - components.mean) @ components.components[:dimensions].T, dimensions)

    notes: tuple[str, ...] = ()
    varying = int((components.explained_variance > 1e-12 * max(components.total_variance, 1e-300)).sum())
    if varying < dimensions:
        notes = (f"The points vary in {varying} directions only; the other coordinates of the map are zero.",)
    coordinates = np.empty((0, dimensions), dtype=np.float32) if points is None else place(points)
    return FittedMap(coordinates, place, notes, components)


def starting_positions(points: FloatArray, settings: Settings, seed: int, spread: float) -> Float64Array:
    """Where an iterative map begins: [n, dimensions], centred, standard deviation `spread` along the first axis.

    A trace of noise from the seed keeps duplicates and missing dimensions from standing exactly on top of each other,
    where gradients are zero.
    """
    random = np.random.default_rng(seed)
    noise = random.standard_normal((len(points), settings.dimensions))
    if settings.initialisation == "random":
        return noise * spread
    start = fit_pca(points, settings.dimensions).coordinates.astype(np.float64)
    deviation = float(start[:, 0].std())
    return (start / deviation if deviation > 0 else start) * spread + noise * spread * 1e-2


def arrangement(settings: Settings) -> str:
    """What the places of clusters on an iterative map mean, which hangs on where it begins."""
    if settings.initialisation == "random":
        return "Where a cluster stands is chance: the map began at random."
    return "Which clusters stand side by side follows roughly the first principal components, where the map began."


def _padded(coordinates: Float64Array, dimensions: int) -> Float32Array:
    padded = np.zeros((len(coordinates), dimensions), dtype=np.float32)
    padded[:, : coordinates.shape[1]] = coordinates
    return padded
