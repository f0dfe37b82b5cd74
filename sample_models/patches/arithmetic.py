# SPDX-License-Identifier: Apache-2.0
"""Arithmetic of 3x3 patches: the contrast norm, the basis of eight, the dense core, and the Klein bottle among them.

Sources: Lee, Pedersen and Mumford 2003, *The nonlinear statistics of high-contrast patches in natural images*, sections
2.1 and 2.2 (norm, basis); Carlsson, Ishkhanov, de Silva and Zomorodian 2008, *On the local behavior of spaces of
natural images*, sections 3 and 5 (cores X(k, p), Klein bottle).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

SIDE = 3
EDGES = tuple(
    (3 * row + column, 3 * row + column + step)
    for row in range(SIDE)
    for column in range(SIDE)
    for step in (1, SIDE)
    if (column < 2 if step == 1 else row < 2)
)
"""The 12 pairs of pixels, row by row, that are neighbours across or down."""

AXES = (
    *("ramp, light left", "ramp, light top", "bar upright", "bar level"),
    *("corners", "bars opposed, upright", "bars opposed, level", "dot"),
)


def basis() -> Float64:
    """The two-dimensional discrete cosine basis of 3x3 patches of mean 0, float64 ``[8, 9]``, each of contrast 1.

    Two ramps (the first is light on the left, the second on top), two bars, and the products of these; orthonormal
    under the inner product of the D-norm, as in Lee, Pedersen and Mumford, section 2.2.

    >>> patches = basis()
    >>> contrast(patches).round(12).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    >>> (patches[0] * 6**0.5).round(12).tolist()
    [1.0, 0.0, -1.0, 1.0, 0.0, -1.0, 1.0, 0.0, -1.0]
    """
    flat, slope, bar = np.array([1.0, 1.0, 1.0]), np.array([1.0, 0.0, -1.0]), np.array([1.0, -2.0, 1.0])
    down_by_across = (
        *((flat, slope), (slope, flat), (flat, bar), (bar, flat)),
        *((slope, slope), (slope, bar), (bar, slope), (bar, bar)),
    )
    patches = np.stack([np.outer(down, across).ravel() for down, across in down_by_across])
    return np.asarray(patches / contrast(patches)[:, None], dtype=np.float64)


def contrast(patches: Any) -> Float64:
    """The D-norm of patches ``[n, 9]``: root of the summed squared differences of neighbouring pixels, ``[n]``.

    >>> contrast([[0, 0, 1, 0, 0, 1, 0, 0, 1]]).round(6).tolist()
    [1.732051]
    """
    table = np.asarray(patches, dtype=np.float64)
    first, second = np.array(EDGES).T
    norms: Float64 = np.sqrt(((table[:, first] - table[:, second]) ** 2).sum(axis=1))
    return norms


def coordinates(patches: Any) -> Float64:
    """Patches ``[n, 9]`` as points of the unit sphere, ``[n, 8]``: mean taken off, contrast 1, in :func:`basis`.

    Distances in the sphere are contrasts of differences.

    Raises
    ------
    DataError
        A patch that is flat: it has no contrast to be divided by.
    """
    table = np.asarray(patches, dtype=np.float64)
    table = table - table.mean(axis=1, keepdims=True)
    norms = contrast(table)
    if (norms == 0).any():
        raise wb.DataError(f"{int((norms == 0).sum())} patches are flat and have no direction: leave them out.")
    # the basis is orthonormal under the D-norm: a coordinate is that inner product with a basis patch
    first, second = np.array(EDGES).T
    own = basis()
    products = (table[:, first] - table[:, second]) @ (own[:, first] - own[:, second]).T
    return np.asarray(products / norms[:, None], dtype=np.float64)


def pictures(points: Any) -> Float64:
    """Points ``[n, 8]`` as patches of mean 0, ``[n, 3, 3]``: the way back from :func:`coordinates`."""
    table = np.asarray(points, dtype=np.float64)
    return (table @ basis()).reshape(-1, SIDE, SIDE)


def gradient(points: Any) -> tuple[Float64, Float64]:
    """Angle and share of the gradient of patches given as points ``[n, 8]``.

    Returns
    -------
    angle
        Degrees 0 to 360, counter-clockwise from the right: the side on which the patch is lighter, ``[n]``.
    share
        0 to 1: length of the first two coordinates; 1 for a straight ramp, 0 for a bar or a dot, ``[n]``.

    >>> angle, share = gradient(coordinates([[1, 1, 1, 0, 0, 0, -1, -1, -1]]))  # light on top
    >>> angle.round(6).tolist(), share.round(6).tolist()
    ([90.0], [1.0])
    """
    table = np.asarray(points, dtype=np.float64)
    right, up = -table[:, 0], table[:, 1]
    return np.degrees(np.arctan2(up, right)) % 360.0, np.hypot(right, up)


def core(points: Any, k: int, p: float) -> Int64:
    """Rows of X(k, p): the ``p`` percent of ``points [n, d]`` with the smallest distance to their k-th neighbour.

    A large ``k`` looks at density over wide neighbourhoods, a small one close by. Rows are rising, int64 ``[m]``; of
    equally dense points the first are taken.

    Raises
    ------
    DataError
        ``k`` is not below the number of points, or ``p`` not in 0..100.

    >>> core([[0.0], [0.1], [0.2], [5.0], [9.0]], k=1, p=60).tolist()
    [0, 1, 2]
    """
    from scipy.spatial import cKDTree

    table = np.asarray(points, dtype=np.float64)
    if not 1 <= k < len(table):
        raise wb.DataError(f"X(k, p) of {len(table)} points needs k from 1 to {len(table) - 1}, not {k}.")
    if not 0 < p <= 100:
        raise wb.DataError(f"X(k, p) keeps p percent of the points, above 0 and at most 100, not {p:g}.")
    distances, _ = cKDTree(table).query(table, [k + 1])  # the first neighbour of a point is itself
    order = np.argsort(distances[:, 0], kind="stable")
    return np.sort(order[: int(len(table) * p / 100)]).astype(np.int64)


def klein_bottle(around: int = 12, along: int = 24) -> tuple[Float64, Float64, Float64]:
    """Patches of the polynomials ``c (a x + b y)^2 + d (a x + b y)`` with a^2 + b^2 = c^2 + d^2 = 1: a Klein bottle.

    With (a, b) at angle t in 0..180 degrees and (c, d) = (cos s, sin s), s in 0..360; t + 180 with -s is the same
    polynomial, which is the twist. On the grid x, y in -1, 0, 1 (y upwards), as points of contrast 1.

    Returns
    -------
    points
        float64 ``[around * along, 8]``, ``t`` slowest.
    t, s
        Degrees, ``[around * along]``.

    Source: Carlsson, Ishkhanov, de Silva and Zomorodian 2008, section 5.

    >>> points, t, s = klein_bottle()
    >>> points.shape, float(t.max()), float(s.max())
    ((288, 8), 165.0, 345.0)
    """
    t, s = (
        one.ravel()
        for one in np.meshgrid(np.arange(around) * 180.0 / around, np.arange(along) * 360.0 / along, indexing="ij")
    )
    x, y = np.tile([-1.0, 0.0, 1.0], SIDE), np.repeat([1.0, 0.0, -1.0], SIDE)
    across = np.cos(np.radians(t))[:, None] * x + np.sin(np.radians(t))[:, None] * y
    values = np.cos(np.radians(s))[:, None] * across**2 + np.sin(np.radians(s))[:, None] * across
    return coordinates(values), t, s


def torus(around: int = 12, along: int = 24) -> tuple[Float64, Float64, Float64]:
    """The flat torus ``(cos s, sin s, cos t, sin t) / sqrt 2`` on a grid like that of :func:`klein_bottle`.

    Returns
    -------
    points
        float64 ``[around * along, 4]`` on the unit sphere, ``s`` slowest.
    s, t
        Degrees, ``[around * along]``.
    """
    s, t = (
        one.ravel()
        for one in np.meshgrid(np.arange(around) * 360.0 / around, np.arange(along) * 360.0 / along, indexing="ij")
    )
    turns = [side(np.radians(one)) for one in (s, t) for side in (np.cos, np.sin)]
    return np.stack(turns, axis=1) / np.sqrt(2.0), s, t


def nearest(points: Any, to: Any) -> tuple[Int64, Float64, Int64]:
    """The nearest of ``points [n, d]`` to each of ``to [m, d]``, each once.

    Returns
    -------
    rows
        Rising rows of ``points``, int64 ``[r]``; fewer than ``m`` where one is nearest to several.
    away
        Distance of each of ``to`` from its nearest, ``[m]``.
    which
        For each of ``rows`` the one of ``to`` that it is nearest to, of several the closest; int64 ``[r]``.

    >>> rows, away, which = nearest([[0.0], [1.0], [5.0]], to=[[0.9], [1.2], [4.5]])
    >>> rows.tolist(), away.round(6).tolist(), which.tolist()
    ([1, 2], [0.1, 0.2, 0.5], [0, 2])
    """
    from scipy.spatial import cKDTree

    away, found = cKDTree(np.asarray(points, dtype=np.float64)).query(np.asarray(to, dtype=np.float64))
    closest = np.argsort(away, kind="stable")
    rows, first = np.unique(found[closest], return_index=True)
    return rows.astype(np.int64), np.asarray(away, dtype=np.float64), closest[first].astype(np.int64)
