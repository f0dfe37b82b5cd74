# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of directions as vectors: of length 1, summed, freed of others, scaled; and the angles between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from registry.errors import DataError

Float64 = NDArray[np.float64]

NONE: Final = 1e-12  # length, as a share of the longest row, below which a vector leads nowhere
REST: Final = 1e-6  # length of what is left of a unit vector below which it lies along the others


def unit(vectors: ArrayLike) -> Float64:
    """Rows of length 1 ``[k, d]``; raises :class:`DataError` for a row that is zero or not finite.

    >>> unit([[3.0, 4.0]]).tolist()
    [[0.6, 0.8]]
    """
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    if not np.isfinite(rows).all():
        raise DataError("a direction holds NaN or infinity")
    if rows.shape[-1] == 0:
        raise DataError("a direction has no numbers")
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if rows.size and ((largest <= NONE * largest.max()).any() or not rows.any(axis=1).all()):
        raise DataError("a direction is zero: it leads nowhere")
    rows = rows / largest  # squares of tiny numbers would vanish
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


def cosines(first: ArrayLike, second: ArrayLike | None = None) -> Float64:
    """Cosine of the angle between each row of ``first [k, d]`` and of ``second [m, d]`` (by default the first again).

    >>> cosines([[1.0, 0.0], [0.0, -2.0]], [[0.0, 1.0]]).tolist()
    [[0.0], [-1.0]]
    """
    rows = unit(first)
    others = rows if second is None else unit(second)
    _same_width(rows, others)
    found = np.clip(rows @ others.T, -1.0, 1.0)
    if second is None:
        np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def principal_angles(first: ArrayLike, second: ArrayLike) -> Float64:
    """Angles in degrees between the span of ``first [k, d]`` and that of ``second [m, d]``, the smallest first.

    As many as the smaller span has dimensions. All 0: one span lies within the other; all 90: they share nothing.
    Source: Bjorck and Golub, "Numerical methods for computing angles between linear subspaces", Mathematics of
    Computation 27, 1973; small angles by sines as in Knyazev and Argentati, SIAM J. Sci. Comput. 23, 2002
    (``scipy.linalg.subspace_angles``).

    >>> principal_angles([[1, 0, 0], [0, 1, 0]], [[1, 0, 0], [0, 0, 1]]).round(6).tolist()
    [0.0, 90.0]
    """
    from scipy.linalg import subspace_angles

    left, right = span_of(first), span_of(second)
    _same_width(left.T, right.T)
    return np.asarray(np.degrees(np.sort(subspace_angles(left, right))))


def span_of(vectors: ArrayLike) -> Float64:
    """An orthonormal basis ``[d, r]`` of the span of the rows of ``vectors [k, d]``, whatever their lengths."""
    left, sizes, _ = np.linalg.svd(unit(vectors).T, full_matrices=False)
    return np.asarray(left[:, sizes > 1e-10 * sizes[0]])


def combination(vectors: ArrayLike, weights: Sequence[float]) -> Float64:
    """The weighted sum of the rows of ``vectors [k, d]``, at the lengths that they have.

    >>> combination([[2.0, 0.0], [0.0, 1.0]], [1.0, -0.5]).tolist()
    [2.0, -0.5]

    Raises
    ------
    DataError
        When there is not one finite weight for each row, all weights are 0, or the sum (almost) vanishes.
    """
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    amounts = np.asarray(weights, dtype=np.float64)
    if amounts.shape != (len(rows),):
        raise DataError(f"{len(rows)} directions need {len(rows)} weights, got {amounts.size}")
    if not (np.isfinite(amounts).all() and np.isfinite(rows).all()):
        raise DataError("directions and weights must be finite numbers")
    if not amounts.any():
        raise DataError("all weights are 0: give at least one direction a weight")
    with np.errstate(over="ignore", invalid="ignore"):  # what is too large becomes infinite, and is refused as such
        parts = rows * amounts[:, None]
        total = parts.sum(axis=0)
    longest = float(np.abs(parts).max())
    if not np.isfinite(total).all():
        raise DataError("the sum is beyond what numbers can hold: take smaller weights")
    if float(np.abs(total).max(initial=0.0)) <= REST * longest:
        raise DataError("the sum is zero: the directions cancel each other with these weights")
    return np.asarray(total)


def without(vector: ArrayLike, others: Sequence[ArrayLike] | Float64) -> Float64:
    """What is left of a direction once all that lies along others is taken out, of length 1 ``[d]``.

    The conditional direction of InterFaceGAN for any number of conditions: an orthonormal basis of their span first
    (they need not be orthogonal). Source: Shen, Gu, Tang and Zhou, "Interpreting the latent space of GANs for semantic
    face editing", CVPR 2020, section 3.3.

    >>> without([1.0, 1.0, 0.0], [[0.0, 2.0, 0.0]]).tolist()
    [1.0, 0.0, 0.0]

    Raises
    ------
    DataError
        When (almost) nothing is left: the direction is a mixture of the others.
    """
    start = unit(vector)[0]
    span = span_of(np.asarray(others, dtype=np.float64))
    _same_width(start[None], span.T)
    rest: Float64 = start - span @ (span.T @ start)
    rest = rest - span @ (span.T @ rest)  # twice is enough (Parlett): of a small rest the first leaves some
    if np.linalg.norm(rest) < REST:
        raise DataError("nothing is left of the direction: it lies along those that are taken out of it")
    return np.asarray(unit(rest)[0])


def scaled(vector: ArrayLike, length: float) -> Float64:
    """The direction with the given length ``[d]``, in the units of the space.

    >>> scaled([3.0, 4.0], 10.0).tolist()
    [6.0, 8.0]
    """
    if not (np.isfinite(length) and length > 0):
        raise DataError(f"a step of length {length!r} cannot be taken: give a number greater than 0")
    return np.asarray(unit(vector)[0] * float(length))


def step_within(vector: ArrayLike, points: ArrayLike, quantile: float) -> float:
    """How far from their mean the share ``quantile`` of ``points [n, d]`` lies along a direction at most.

    The length of a step that does not lead further than points do themselves.

    >>> round(step_within([1.0], [[-2.0], [-1.0], [0.0], [1.0], [2.0]], 1.0), 6)
    2.0
    """
    if not 0 < quantile <= 1:
        raise DataError(f"the quantile {quantile!r} must be above 0 and at most 1")
    rows = np.atleast_2d(np.asarray(points, dtype=np.float64))
    way = unit(vector)
    _same_width(way, rows)
    if not np.isfinite(rows).all():
        raise DataError("the points hold NaN or infinity")
    along = (rows - rows.mean(axis=0)) @ way[0]
    found = float(np.quantile(np.abs(along), quantile))
    if not found > 0:
        raise DataError("the points do not vary along the direction: no step can be measured by them")
    return found


def _same_width(first: Float64, second: Float64) -> None:
    if first.shape[-1] != second.shape[-1]:
        raise DataError(
            f"directions of {first.shape[-1]:,} and of {second.shape[-1]:,} numbers are of different spaces"
        )
