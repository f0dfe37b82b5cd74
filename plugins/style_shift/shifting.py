# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of a style shift: means, the vector between them, and at which strength something gives way.

A point x that is a text in one style becomes ``x - mean(from) + mean(to)``, times a strength; nothing is brought back
to unit length. So Kiros's Neural Storyteller moves the vector of a caption to that of a romance
(ryankiros/neural-storyteller, ``generate.py``, 2015: ``svecs.mean(0) - bneg + bpos``). All that is asked of it here is
linear in the strength, so that the strength at which a probe flips, or another text becomes the nearest one, is exact
and not searched for.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Float64 = NDArray[np.float64]

Metric = Literal["cosine", "euclidean"]
SAME: Final = 1e-4  # points nearer to each other than this share of their length are one text


def style_vector(source: ArrayLike, target: ArrayLike) -> Float64:
    """Mean of ``target [m, d]`` less the mean of ``source [n, d]``, float64 ``[d]``.

    >>> style_vector([[0.0, 0.0], [2.0, 0.0]], [[1.0, 3.0]])
    array([0., 3.])
    """
    ends = [np.asarray(one, dtype=np.float64).mean(axis=0) for one in (target, source)]
    return np.asarray(ends[0] - ends[1], dtype=np.float64)


def shifted(points: ArrayLike, vector: ArrayLike, strength: float = 1.0) -> Float64:
    """Points ``[n, d]`` moved by ``strength`` times ``vector [d]``, float64, not brought back to unit length.

    The mean of the points that made the vector lands on the mean of the others:

    >>> points = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> shifted(points, style_vector(points, [[0.0, 9.0]])).mean(axis=0)
    array([0., 9.])
    """
    return np.asarray(points, dtype=np.float64) + strength * np.asarray(vector, dtype=np.float64)


def cosines(first: ArrayLike, second: ArrayLike) -> Float64:
    """Cosine of each row of ``first [n, d]`` with that row of ``second``, ``[n]``; NaN where one has no length."""
    a, b = (np.asarray(one, dtype=np.float64) for one in (first, second))
    lengths = np.linalg.norm(a, axis=-1) * np.linalg.norm(b, axis=-1)
    products = (a * b).sum(axis=-1)
    found = np.full(products.shape, np.nan)
    np.divide(products, lengths, out=found, where=lengths > 0)
    return found


def kept_cosines(points: ArrayLike, vector: ArrayLike, strengths: ArrayLike) -> Float64:
    """Cosine of each point with itself moved by each strength, float64 ``[strengths, n]``.

    >>> kept_cosines([[1.0, 0.0]], [0.0, 1.0], [0.0, 1.0]).round(4).tolist()
    [[1.0], [0.7071]]
    """
    x, v = np.asarray(points, dtype=np.float64), np.asarray(vector, dtype=np.float64)
    s = np.asarray(strengths, dtype=np.float64)[:, None]
    own, along = np.square(x).sum(axis=1), x @ v
    lengths = np.sqrt(np.maximum(own + 2 * s * along + np.square(s) * (v @ v), 0) * own)
    found = np.full(lengths.shape, np.nan)
    np.divide(own + s * along, lengths, out=found, where=lengths > 0)
    return found


def flips(log_odds: ArrayLike, slope: float) -> Float64:
    """The strength at which log odds ``[n]`` that change by ``slope`` for each unit of strength reach zero.

    0 where they are not negative to begin with, infinite where they never get there.

    >>> flips([-2.0, 1.0], 4.0).tolist(), flips([-2.0], -1.0).tolist()
    ([0.5, 0.0], [inf])
    """
    start = np.asarray(log_odds, dtype=np.float64)
    if slope <= 0:
        return np.where(start >= 0, 0.0, np.inf)
    return np.asarray(np.maximum(-start / slope, 0.0), dtype=np.float64)


class Corpus:
    """Texts among which the nearest one is looked for: float64 ``[m, d]``; which are asked for, ``own`` int64 ``[n]``.

    By cosine the nearest text to x is the one with the largest product of x and its unit vector, by Euclidean distance
    that of the product less half the squared length: both are linear in x, so the margin by which the own text is
    nearer than another changes linearly with the strength of a shift.
    """

    def __init__(self, points: ArrayLike, own: ArrayLike, metric: Metric = "cosine") -> None:
        values = np.asarray(points, dtype=np.float64)
        self.own = np.asarray(own, dtype=np.int64)
        lengths = np.linalg.norm(values, axis=1)
        if metric == "cosine":
            self._ways = values / np.where(lengths > 0, lengths, 1.0)[:, None]
            self._bias = np.where(lengths > 0, 0.0, -np.inf)  # a text without a direction is never the answer
        else:
            self._ways, self._bias = values, -np.square(lengths) / 2
        asked = values[self.own]
        scores = asked @ self._ways.T + self._bias
        margins = scores[np.arange(len(asked)), self.own][:, None] - scores
        scale = max(float(lengths.max(initial=0.0)), np.finfo(np.float64).tiny)
        same = _apart(self._ways[self.own], self._ways) <= SAME * (1.0 if metric == "cosine" else scale)
        same[np.arange(len(asked)), self.own] = True
        self._doubles = same
        self._margins = np.where(same, np.inf, np.maximum(margins, 0.0))

    def only(self, places: ArrayLike) -> Corpus:
        """The same texts, asked for some of the own ones only: ``places`` int64 ``[k]`` among them."""
        chosen = np.asarray(places, dtype=np.int64)
        made = copy(self)
        made.own, made._margins, made._doubles = self.own[chosen], self._margins[chosen], self._doubles[chosen]
        return made

    def losses(self, vector: ArrayLike) -> Float64:
        """The strength at which another text becomes nearer to the moved point than its own, float64 ``[n]``.

        Infinite where none ever does. Texts of the same vector as the own one are not another text.

        >>> corpus = Corpus([[1.0, 0.0], [0.0, 1.0]], [0])
        >>> corpus.losses([0.0, 1.0]).tolist(), corpus.losses([1.0, 0.0]).tolist()
        ([1.0], [inf])
        """
        along = self._ways @ np.asarray(vector, dtype=np.float64)
        gains = along[None, :] - along[self.own][:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            strengths = np.where(gains > 0, self._margins / gains, np.inf)
        return np.asarray(strengths.min(axis=1, initial=np.inf), dtype=np.float64)

    def recovered(self, points: ArrayLike) -> NDArray[np.bool_]:
        """Whether the nearest text to each of any points ``[n, d]`` is its own (or one of the same vector), ``[n]``.

        A point without a direction recovers nothing.
        """
        x = np.asarray(points, dtype=np.float64)
        scores = x @ self._ways.T + self._bias
        own = np.where(self._doubles, scores, -np.inf).max(axis=1)
        others = np.where(self._doubles, -np.inf, scores).max(axis=1)
        return np.asarray((own > others) & (np.linalg.norm(x, axis=1) > 0), dtype=np.bool_)


def _apart(some: Float64, all_of_them: Float64) -> Float64:
    squared = np.square(some).sum(axis=1)[:, None] + np.square(all_of_them).sum(axis=1) - 2 * some @ all_of_them.T
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)), dtype=np.float64)
