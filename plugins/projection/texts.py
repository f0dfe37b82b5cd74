# SPDX-License-Identifier: Apache-2.0
"""A text on a map of other points, and the captions nearest to some of them: where, how near, and against what.

A text that a model reads into the space of its pictures need not lie among them: the two sorts of points are often two
clouds apart (W. Liang and others, *Mind the Gap: Understanding the Modality Gap in Multi-modal Contrastive
Representation Learning*, 2022). So a place on a map is given with how near the text comes to the points, beside how
near the points come to each other and how near any sentence comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Float64Array = NDArray[np.float64]
Positions = NDArray[np.int64]

NEIGHBOURS: Final = 10
SAMPLE: Final = 300  # points that are left out and placed as the text is
DRAWS: Final = 200  # random selections that one is held against
ORDINARY: Final = (
    "The meeting was moved to Thursday.", "He paid the rent late again.", "Prices rose by two percent last year.",
    "I do not know what you mean.", "The law was passed without debate.", "She forgot to call her sister.",
    "Please answer before the end of the week.", "It is seven o'clock in the morning.", "They argued for an hour.",
    "The theorem follows from the lemma.", "Nobody remembered his name.", "We are out of time.",
    "The report was longer than expected.", "My brother works in insurance.", "What did you say?",
    "The vote was postponed.", "Her answer surprised everyone.", "This sentence says nothing of pictures.",
    "The river rose overnight.", "He could not sleep.",
)  # fmt: skip
"""Sentences about nothing in particular: how near any text comes to the points of a map."""


@dataclass(frozen=True)
class Placed:
    """A text on a map.

    Attributes
    ----------
    place : float64 ``[2 or 3]``, where it stands on the map
    nearest : int64 ``[k]``, the points nearest to it in the space, nearest first
    cosines : float64 ``[k]``, of the text to these
    among : float64 ``[m]``, cosines of points (a sample) to the nearest other point
    ordinary : float64 ``[c]``, cosines of ordinary sentences to the point nearest to each
    scatter : how far apart its nearest points stand on the map: their median distance from the place, in typical
        distances of neighbours on the map
    missed : how far points that are left out and placed in the same way are from where they stand, the median, in the
        same unit
    n : points of the map
    """

    place: Float64Array
    nearest: Positions
    cosines: Float64Array
    among: Float64Array
    ordinary: Float64Array
    scatter: float
    missed: float
    n: int

    @property
    def refused(self) -> bool:
        """Whether the text comes no nearer to any point than half of the ordinary sentences do: it has no place."""
        return bool(self.cosines[0] <= np.median(self.ordinary))

    @property
    def apart(self) -> bool:
        """Whether it is farther from its nearest point than 19 of 20 points are from theirs: not one among them."""
        return bool(self.cosines[0] < np.quantile(self.among, 0.05))


def place(
    text: Floats, points: Floats, coordinates: Floats, ordinary: Floats, *, k: int = NEIGHBOURS, seed: int = 0
) -> Placed:
    """Where a text ``[d]`` stands on a map ``coordinates [n, 2 or 3]`` of ``points [n, d]``.

    At the median of the coordinates of its ``k`` nearest points by cosine, each coordinate for itself, which is how
    new points are begun on a map by neighbours (P. Poličar and others, *Embedding to reference t-SNE space addresses
    batch effects in single-cell classification*, 2023, section 2.3). Points that are left out are placed in the same
    way, so that it is known how far that leads astray.

    Raises
    ------
    ValueError
        With fewer than two points that have a direction and a place, or a text without a direction.
    """
    usable = np.flatnonzero(np.isfinite(coordinates).all(axis=1) & (lengths(points) > 0))
    if len(usable) < 2:
        raise ValueError("a map needs two points with a direction and a place for a text to be put among them")
    if not lengths(np.asarray(text)[None])[0] > 0:
        raise ValueError("the text lands at 0 or at no finite point")
    held, where = unit(points[usable]), np.asarray(coordinates, dtype=np.float64)[usable]
    k = min(k, len(usable) - 1)
    cosines = held @ unit(np.asarray(text)[None])[0]
    order = np.argsort(-cosines, kind="stable")[:k]
    landed = np.median(where[order], axis=0)
    chosen = np.random.default_rng(seed).permutation(len(usable))[:SAMPLE]
    between = held[chosen] @ held.T
    between[np.arange(len(chosen)), chosen] = -np.inf
    own = np.argsort(-between, axis=1, kind="stable")[:, :k]
    away = np.linalg.norm(np.median(where[own], axis=1) - where[chosen], axis=1)
    spacing = _spacing(where, chosen)
    return Placed(
        landed,
        usable[order],
        cosines[order],
        between.max(axis=1),
        (unit(ordinary) @ held.T).max(axis=1),
        float(np.median(np.linalg.norm(where[order] - landed, axis=1)) / spacing),
        float(np.median(away) / spacing),
        len(usable),
    )


@dataclass(frozen=True)
class Tightness:
    """How much a selection points one way.

    Attributes
    ----------
    value : mean cosine of the selected points to their mean
    low, high : 95 % of random selections of as many points
    n : points selected
    """

    value: float
    low: float
    high: float
    n: int


def tightness(points: Floats, chosen: Positions, seed: int = 0) -> Tightness:
    """Mean cosine of ``points[chosen]`` to their mean, beside 200 random selections of as many of ``points [n, d]``.

    It is the length of the mean of unit vectors: 1 where all are the same, about 1 / sqrt(n) of unrelated ones in a
    cloud around 0. That of a random selection shows what the cloud itself gives.
    """
    held = unit(points[lengths(points) > 0])
    rng = np.random.default_rng(seed)
    size = min(len(chosen), len(held))
    drawn = [_length_of_mean(held[rng.choice(len(held), size, replace=False)]) for _ in range(DRAWS)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Tightness(_length_of_mean(unit(points[chosen])), float(low), float(high), len(chosen))


def nearest_captions(points: Floats, chosen: Positions, captions: Floats, count: int) -> tuple[Positions, Float64Array]:
    """Captions ``[c, d]`` nearest to the mean of ``points[chosen]``: positions ``[count]`` and their cosines.

    Both clouds are centred first, each by its own mean: what all pictures share, and all captions, tells nothing of a
    selection, and a gap between the two clouds would be most of every cosine. Where all points are chosen nothing is
    left, and the cosines are 0.
    """
    mean = unit(points).mean(axis=0)
    wanted = unit(points[chosen]).mean(axis=0) - mean
    centred = unit(captions) - unit(captions).mean(axis=0)
    length = np.linalg.norm(wanted)
    direction = wanted / length if length > 1e-9 else np.zeros_like(wanted)
    cosines = unit(centred) @ direction
    order = np.argsort(-cosines, kind="stable")[:count]
    return order, cosines[order]


def distinct(captions: Sequence[str]) -> list[str]:
    """Each caption once, in order, without those that are empty.

    >>> distinct(["a", "b", "a", " "])
    ['a', 'b']
    """
    return [one for one in dict.fromkeys(captions) if one.strip()]


def unit(points: Floats) -> Float64Array:
    """Rows at length 1; rows without a direction are 0."""
    given = np.nan_to_num(np.asarray(points, dtype=np.float64))
    long = np.linalg.norm(given, axis=1, keepdims=True)
    return np.divide(given, long, out=np.zeros_like(given), where=long > 0)


def lengths(points: Floats) -> Float64Array:
    """Length of each row; NaN where a number is not finite."""
    given = np.asarray(points, dtype=np.float64)
    found = np.linalg.norm(np.nan_to_num(given), axis=1)
    return np.where(np.isfinite(given).all(axis=1), found, np.nan)


def _length_of_mean(units: Float64Array) -> float:
    return float(np.linalg.norm(units.mean(axis=0)))


def _spacing(where: Float64Array, chosen: Positions) -> float:
    """Median distance of points to the nearest other one on the map."""
    squares = (where**2).sum(axis=1)
    between = squares[chosen, None] + squares - 2 * where[chosen] @ where.T
    between[np.arange(len(chosen)), chosen] = np.inf
    found = float(np.median(np.sqrt(np.maximum(between.min(axis=1), 0))))
    return found if found > 0 else 1.0
