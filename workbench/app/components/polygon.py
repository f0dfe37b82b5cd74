# SPDX-License-Identifier: Apache-2.0
"""Which points lie inside a polygon: the arithmetic behind lasso and rectangle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def contains(points: npt.ArrayLike, polygon: npt.ArrayLike) -> Flags:
    """Tell for each point whether it lies inside or on the border of a polygon.

    The polygon is closed by itself: its last vertex is joined to its first. Two rules make every case definite:

    - *non-zero winding*: a point is inside when the outline goes around it, so that a lasso that crosses itself takes
      all that it encloses;
    - *closed*: a point on an edge or on a vertex is inside (its cross product with that edge is exactly 0).

    Points are sorted once into 65,536 levels of ordinate; each edge then looks only at the levels that it crosses, so
    the time is that of the sort plus the number of crossings, not points times edges. A point with a coordinate
    that is not a number is never inside. Fewer than three vertices enclose nothing but may still touch points.

    Source: D. Sunday, "Inclusion of a Point in a Polygon" (2001), winding number by signed crossings.

    Args:
        points: numbers [n, 2], in the coordinates of the polygon.
        polygon: vertices [m, 2].

    Returns:
        bool [n].

    Raises:
        ValueError: when a shape is not as said, or a vertex is not finite.

    >>> contains([[1, 1], [3, 1], [2, 0]], [[0, 0], [2, 0], [2, 2], [0, 2]]).tolist()
    [True, False, True]
    """
    where = np.asarray(points, dtype=np.float64)
    outline = np.asarray(polygon, dtype=np.float64)
    if where.ndim != 2 or where.shape[1] != 2:
        raise ValueError(f"points must have the shape [n, 2], not {list(where.shape)}")
    if outline.size == 0:
        return np.zeros(len(where), dtype=np.bool_)
    if outline.ndim != 2 or outline.shape[1] != 2:
        raise ValueError(f"a polygon must have the shape [m, 2], not {list(outline.shape)}")
    if not np.isfinite(outline).all():
        raise ValueError("a polygon must have finite vertices")

    inside = np.zeros(len(where), dtype=np.bool_)
    low, high = outline.min(axis=0), outline.max(axis=0)
    near = np.flatnonzero(
        (where[:, 0] >= low[0]) & (where[:, 0] <= high[0]) & (where[:, 1] >= low[1]) & (where[:, 1] <= high[1])
    )
    levels = _levels(where[near, 1], low[1], high[1])
    order = np.argsort(levels, kind="stable")  # 16-bit numbers: a radix sort
    rows = near[order]
    inside[rows] = _winds_around(where[rows, 0], where[rows, 1], levels[order], outline)
    return inside


def _levels(y: npt.ArrayLike, low: float, high: float) -> npt.NDArray[np.uint16]:
    """Cut a range of ordinates into 65,536 levels; a higher ordinate never has a lower level."""
    span = high / 2 - low / 2
    part = (np.asarray(y) / 2 - low / 2) / (span or 1.0)
    levels: npt.NDArray[np.uint16] = (np.clip(part, 0.0, 1.0) * 65535).astype(np.uint16)
    return levels


def _winds_around(x: Floats, y: Floats, levels: npt.NDArray[np.uint16], outline: Floats) -> Flags:
    """Apply the two rules to points whose levels rise."""
    winding = np.zeros(len(x), dtype=np.int32)
    border = np.zeros(len(x), dtype=np.bool_)
    corners = _levels(outline[:, 1], outline[:, 1].min(), outline[:, 1].max())
    for at, (x0, y0) in enumerate(outline):
        after = (at + 1) % len(outline)
        (x1, y1), ends = outline[after], (corners[at], corners[after])
        first, past = np.searchsorted(levels, min(ends), side="left"), np.searchsorted(levels, max(ends), side="right")
        if first == past:
            continue
        span = slice(first, past)
        px, py = x[span], y[span]
        # The browser computes this same expression in the same order, so both agree to the last bit.
        cross = (x1 - x0) * (py - y0) - (px - x0) * (y1 - y0)
        beside = (py >= min(y0, y1)) & (py <= max(y0, y1))
        border[span] |= beside & (cross == 0) & (px >= min(x0, x1)) & (px <= max(x0, x1))
        if y0 < y1:
            winding[span] += (py >= y0) & (py < y1) & (cross > 0)
        elif y1 < y0:
            winding[span] -= (py >= y1) & (py < y0) & (cross < 0)
    inside: Flags = (winding != 0) | border
    return inside


def project(points: npt.ArrayLike, view: npt.ArrayLike) -> Floats:
    """Project points onto the plane that the viewer saw (orthographic).

    Written term by term, not as a matrix product, so that the browser's sums and these round in the same order.

    Args:
        points: numbers [n, 3].
        view: the first two rows of the view matrix, [2 or 3, 4]: right, up (and depth), each with its offset last.

    Returns:
        float64 [n, 2], in view coordinates.

    Raises:
        ValueError: when a shape is not as said, or the matrix is not finite.

    >>> project([[1, 2, 3]], [[0, 1, 0, 0], [0, 0, 1, 10]]).tolist()
    [[2.0, 13.0]]
    """
    where = np.asarray(points, dtype=np.float64)
    matrix = np.asarray(view, dtype=np.float64)
    if where.ndim != 2 or where.shape[1] != 3:
        raise ValueError(f"points must have the shape [n, 3], not {list(where.shape)}")
    if matrix.ndim != 2 or matrix.shape[0] not in (2, 3) or matrix.shape[1] != 4 or not np.isfinite(matrix).all():
        raise ValueError("a view must be two or three rows of four finite numbers")
    flat = np.empty((len(where), 2), dtype=np.float64)
    for axis in (0, 1):
        row = matrix[axis]
        flat[:, axis] = ((row[0] * where[:, 0] + row[1] * where[:, 1]) + row[2] * where[:, 2]) + row[3]
    return flat
