# SPDX-License-Identifier: Apache-2.0
"""One group of points measured: landmarks, their barcode, and the draws that say whether it can be trusted.

The barcode is made of landmarks that cover the points evenly. What it is held against is made of random subsets, for
which alone the universal null holds, and which show whether another draw tells the same story.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.clouds import Cloud, Group
from plugins.homology.filtration import barcode_of, distances_of
from plugins.homology.pieces import pieces_at
from plugins.homology.trust import ALPHA, RIPS, FasyBand, GaussianNull, seen_lengths

if TYPE_CHECKING:
    from plugins.homology.analysis import Homology
    from plugins.homology.engines import Barcode

Float64 = NDArray[np.float64]

TESTED = 800  # random points that the universal null looks at
FEWEST_DRAWN = 8  # points of a draw below which draws say nothing
CLASS_DRAWS = 10  # draws of a class at most: there may be forty classes
DECODED_DRAWS = 5  # draws at most where distances are measured on decoded points
FASY = 2000  # points that the band of Fasy and others is measured on at most
TOLD = 10.0  # seconds from which it is told how long it will take
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Measured:
    """What was measured of a group.

    Attributes
    ----------
    group : its name and points
    chosen : int64 ``[m]``, the landmarks, among the points of the sample
    trimmed : int64, points in sparse places that could not become landmarks, among the points of the sample
    nearest : int64 ``[g]``, which of the landmarks is nearest to each point of the group
    away : float64 ``[g]``, distance of each point to it, where ``metric`` is Euclidean or by angle
    covering_radius : largest distance of a point that was not trimmed to its landmark; 0 where all are landmarks
    distances : float64 ``[m, m]`` of the landmarks; in the weighted complex the scale at which each pair is joined
    barcode : of the landmarks
    tested : barcode of the random subset that the universal null looks at
    tested_size, drawn_size : points of that subset, and of each draw
    draws : barcodes of random draws
    drawn_pieces : of each draw, how many pieces it falls into that are more than a few outliers
    fasy, gaussian : the options, where asked for
    complex : "rips", "alpha" or "dtm"
    predicted : seconds of processor time that barcode and draws were expected to take at most; 0 where nobody knows
    """

    group: Group
    chosen: NDArray[np.int64]
    trimmed: NDArray[np.int64]
    nearest: NDArray[np.int64]
    away: Float64
    covering_radius: float
    median_distance: float
    enclosing_radius: float
    distances: Float64
    barcode: Barcode
    tested: Barcode | None
    tested_size: int
    draws: list[Barcode]
    drawn_pieces: list[int]
    drawn_size: int
    fasy: FasyBand | None = None
    gaussian: GaussianNull | None = None
    complex: str = "rips"
    predicted: float = 0.0

    @property
    def weighted(self) -> bool:
        """Whether points come at scales of their own."""
        return self.complex == "dtm"

    @property
    def factor(self) -> float:
        """That of the universal null for the complex."""
        return ALPHA if self.complex == "alpha" else RIPS

    @property
    def reach(self) -> float:
        """The largest scale that was looked at, finite."""
        if np.isfinite(self.barcode.threshold):
            return float(self.barcode.threshold)
        ends = [bars[np.isfinite(bars[:, 1]), 1].max(initial=0.0) for bars in self.barcode.bars]
        return float(max(self.distances[np.isfinite(self.distances)].max(), *ends))

    def lengths(self, dimension: int) -> Float64:
        """Lengths of the bars as far as they were followed, longest first, without the piece that always stays."""
        seen = seen_lengths(self.barcode.dimension(dimension), dimension, self.barcode.threshold)
        return np.sort(seen)[::-1]


def measure(
    cloud: Cloud,
    group: Group,
    params: Homology.Params,
    rng: np.random.Generator,
    progress: Progress,
    tell: Callable[[str], None] = lambda _: None,
) -> Measured:
    """Landmarks, barcode, draws of one group; ``tell`` is told beforehand how long it will take, where that is long.

    Raises
    ------
    DataError
        When the complex would be too large: with the number and the way out, before anything is computed.
    """
    from plugins.homology.distances import enclosing_radius, median_distance
    from plugins.homology.estimate import estimate, in_words, refuse, refuse_together

    wanted = min(most_landmarks(params, len(group.positions)), len(group.positions))
    _refuse_table(wanted, params)
    found = _landmarks(cloud, group, wanted, params, int(rng.integers(2**31)))
    chosen = group.positions[found.positions]
    progress(0.1)
    distances = distances_of(cloud, chosen, params)
    median, radius = median_distance(distances), enclosing_radius(distances)
    predicted = 0.0
    if params.complex != "alpha":
        cost = estimate(distances, params.max_dim, params.threshold, field=params.field)
        refuse(cost)
        predicted = refuse_together(cost, *_draw_sizes(cloud, group, wanted, params))
    if cloud.metric == "pull-back":  # decoding is the most of it
        predicted = 0.0
    if predicted >= TOLD:
        tell(f"{len(chosen):,} landmarks, up to {in_words(predicted)} of processor time")
        progress(0.11)
    barcode, distances = barcode_of(cloud, group, chosen, params, params.max_dim, params.threshold, distances)
    progress(0.3)
    tested, tested_size = _tested(cloud, group, params, rng)
    progress(0.45)
    draws, drawn_pieces, drawn_size = _draws(cloud, group, wanted, params, rng, progress)
    away = np.asarray(found.distances, dtype=np.float64)
    if cloud.metric == "cosine":
        away = away**2 / 2  # of points of length 1: 1 less the cosine
    whole = not group.name
    measured = Measured(
        group=group,
        chosen=chosen,
        trimmed=group.positions[found.trimmed],
        nearest=np.asarray(found.nearest, dtype=np.int64),
        away=away,
        covering_radius=_covering(cloud, found),
        median_distance=median,
        enclosing_radius=radius,
        distances=distances,
        barcode=barcode,
        tested=tested,
        tested_size=tested_size,
        draws=draws,
        drawn_pieces=drawn_pieces,
        drawn_size=drawn_size,
        fasy=_fasy(cloud, params, rng) if params.strict and whole else None,
        complex=params.complex,
        predicted=predicted,
        gaussian=_gaussian(cloud, chosen, barcode, params, rng) if params.gaussian and whole else None,
    )
    progress(1.0)
    return measured


def _refuse_table(m: int, params: Homology.Params) -> None:
    """Refuse a table of distances that does not fit, before it is there; the way out is one for the whole barcode."""
    from plugins.homology.estimate import estimate, refuse

    try:
        refuse(estimate(m, 0))
    except wb.DataError:
        refuse(estimate(m, params.max_dim))
        raise


def most_landmarks(params: Homology.Params, n: int | None = None) -> int:
    """How many points the shape is made of at most; of few points all, so that a small exact sample is not thinned."""
    from plugins.homology.analysis import FEW, LANDMARKS

    if params.landmarks is not None:
        return params.landmarks
    return n if n is not None and n <= FEW.get(params.max_dim, 0) else LANDMARKS[params.max_dim]


@dataclass(frozen=True)
class _Found:
    positions: NDArray[np.int64]
    trimmed: NDArray[np.int64]
    nearest: NDArray[np.int64]
    distances: NDArray[np.float32]
    covering_radius: float


def _landmarks(cloud: Cloud, group: Group, m: int, params: Homology.Params, seed: int) -> Any:
    """The landmarks; of no more points than asked for, all of them, none of them left out."""
    from plugins.homology.landmarks import landmarks, landmarks_of_table

    n = len(group.positions)
    if m >= n:
        every = np.arange(n, dtype=np.int64)
        return _Found(every, np.empty(0, dtype=np.int64), every, np.zeros(n, dtype=np.float32), 0.0)
    k = min(params.neighbours, n - 1)
    if cloud.table is not None:
        table = cloud.table if n == len(cloud) else cloud.table[np.ix_(group.positions, group.positions)]
        return landmarks_of_table(table, m, how=params.how, trim=params.trim, k=k, seed=seed)
    points = cloud.placed if n == len(cloud) else cloud.placed[group.positions]
    return landmarks(points, m, how=params.how, trim=params.trim, k=k, seed=seed)


def _covering(cloud: Cloud, found: Any) -> float:
    """The covering radius in the units of the metric; NaN for those that are not measured from point to point."""
    radius = float(found.covering_radius)
    if cloud.metric == "cosine":
        return radius**2 / 2
    return radius if cloud.metric in ("euclidean", "precomputed") or radius == 0 else float("nan")


def _tested(
    cloud: Cloud, group: Group, params: Homology.Params, rng: np.random.Generator
) -> tuple[Barcode | None, int]:
    """The barcode, up to loops, of a random subset; none for a weighted complex, of whose noise no law is known."""
    different = cloud.different(group)
    n = len(different)
    size = min(n, TESTED if cloud.metric != "pull-back" else most_landmarks(params))
    if params.max_dim < 1 or params.complex == "dtm":
        return None, 0
    chosen = different[np.sort(rng.choice(n, size, replace=False))]
    return barcode_of(cloud, group, chosen, params, 1)[0], size


def _draws(
    cloud: Cloud,
    group: Group,
    wanted: int,
    params: Homology.Params,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[list[Barcode], list[int], int]:
    """Barcodes and pieces of random draws: of as many points as landmarks, but at most half, so that they differ.

    Of equal points one is drawn from: else every draw would hold each of a few points that are often repeated, and what
    recurs would say nothing.
    """
    different = cloud.different(group)
    n = len(different)
    size, count = _draw_sizes(cloud, group, wanted, params)
    if count == 0:
        return [], [], 0
    found, pieces = [], []
    for at in range(count):
        chosen = different[np.sort(rng.choice(n, size, replace=False))]
        distances = distances_of(cloud, chosen, params)
        barcode, joined = barcode_of(cloud, group, chosen, params, params.max_dim, params.threshold, distances)
        found.append(barcode)
        pieces.append(max(len(pieces_at(joined, barcode)[1]), 1))
        progress(0.45 + 0.45 * (at + 1) / count)
    return found, pieces, size


def _draw_sizes(cloud: Cloud, group: Group, wanted: int, params: Homology.Params) -> tuple[int, int]:
    """Points of each draw, and how many draws; none of too few points."""
    size = min(wanted, len(cloud.different(group)) // 2)
    count = min(params.draws, CLASS_DRAWS) if group.name else params.draws
    if cloud.metric == "pull-back":  # each takes many pictures
        count = min(count, DECODED_DRAWS)
    return (size, count) if size >= FEWEST_DRAWN else (0, 0)


def _fasy(cloud: Cloud, params: Homology.Params, rng: np.random.Generator) -> FasyBand | None:
    """The strict band; not where distances are decoded, nor for the weighted complex, whose scales are others."""
    from plugins.homology.trust import fasy_band_of

    if cloud.metric == "pull-back" or params.complex == "dtm":
        return None
    chosen = np.sort(rng.choice(len(cloud), min(FASY, len(cloud)), replace=False))
    return fasy_band_of(distances_of(cloud, chosen, params), seed=int(rng.integers(2**31)))


def _gaussian(
    cloud: Cloud, chosen: NDArray[np.int64], barcode: Barcode, params: Homology.Params, rng: np.random.Generator
) -> GaussianNull | None:
    """Normal clouds beside the points; where there are coordinates, and for Rips alone."""
    from plugins.homology.trust import gaussian_null

    if params.max_dim < 1 or params.complex != "rips" or cloud.metric not in ("euclidean", "cosine"):
        return None
    seed, metric = int(rng.integers(2**31)), cloud.metric
    return gaussian_null(cloud.placed[chosen], barcode.dimension(1), 1, seed=seed, metric=metric)
