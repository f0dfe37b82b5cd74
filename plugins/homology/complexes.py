# SPDX-License-Identifier: Apache-2.0
"""Other complexes than Vietoris-Rips: of points in the plane and in space, of images, and of noisy clouds.

Licence: the alpha and Delaunay-Cech complexes are computed by the parts of GUDHI that use CGAL, under the GPL v3: they
are an option, and nothing calls them unless it is asked for. Cubical complexes are MIT; the weighted complex is ours.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology import gudhi_adapter
from plugins.homology.distances import as_table, pairwise
from plugins.homology.engines import HIGHEST, Barcode, rips
from plugins.homology.tables import check_prime

Float64 = NDArray[np.float64]
ROUNDING = 1e-7  # of the largest scale: points on one circle or sphere make bars as short as the root of rounding


def alpha(points: Any, *, field: int = 2, how: Literal["alpha", "delaunay-cech"] = "alpha") -> Barcode:
    """Barcode of the union of balls around points of the plane or of space: exact, small, all dimensions.

    It uses CGAL through GUDHI, which is under the GPL v3.

    Parameters
    ----------
    points : [m, d], d = 1, 2 or 3: the complex grows too fast beyond.
    field : prime p of the coefficients Z/p.
    how : "alpha", or "delaunay-cech", which has other scales for simplices and the same bars.

    Returns
    -------
    Bars of dimensions 0 to d - 1. Scales are diameters of the balls, as those of `rips` are distances (GUDHI itself
    gives squared radii).

    Raises
    ------
    DataError
        not 1 to 3 coordinates, no points, NaN or infinity.

    Sources: Edelsbrunner, Muecke 1994 (alpha shapes); Bauer, Edelsbrunner 2017 (Delaunay-Cech).
    """
    table = as_table(points)
    m, width = table.shape
    check_prime(field)
    if not 1 <= width <= 3:
        raise wb.DataError(
            f"The alpha complex takes points with 1 to 3 coordinates, and these have {width}; take Rips instead."
        )
    table = np.unique(table, axis=0)  # duplicates change no union of balls
    if how not in ("alpha", "delaunay-cech"):
        raise wb.DataError(f"The complex is 'alpha' or 'delaunay-cech', not {how!r}.")
    tree = gudhi_adapter.alpha_tree(table, how)
    tree.compute_persistence(homology_coeff_field=field, min_persistence=0.0, persistence_dim_max=True)
    found = [np.asarray(tree.persistence_intervals_in_dimension(k), dtype=np.float64) for k in range(width)]
    bars = [2 * np.sqrt(np.maximum(one, 0.0)) for one in found]
    rounding = ROUNDING * max(float(one[np.isfinite(one)].max(initial=0.0)) for one in bars)
    return Barcode(tuple(_arranged(one, rounding) for one in bars), field, math.inf)


def cubical(image: Any, *, periodic: bool = False, superlevel: bool = False, field: int = 2) -> Barcode:
    """Barcode of an image or field: pieces, loops and voids of where its values are low.

    Parameters
    ----------
    image : finite numbers [h, w], [t, h, w] ...; each is the value of a pixel or voxel.
    periodic : opposite borders are glued.
    superlevel : of where values are high: those of the negated image, so that births are minus the values.
    field : prime p of the coefficients Z/p.

    Returns
    -------
    Bars of dimensions 0 to the number of axes (less one where borders are not glued); scales are values of the image.

    Raises
    ------
    DataError
        no axes, no pixels, NaN or infinity.

    Source: Wagner, Chen, Vucini 2012, cubical complexes of images.

    Examples
    --------
    >>> ring = np.ones((5, 5))
    >>> ring[1:4, 1:4] = 0
    >>> ring[2, 2] = 2
    >>> cubical(ring).dimension(1).tolist()
    [[0.0, 2.0]]
    """
    check_prime(field)
    values = np.asarray(image)
    if values.dtype.kind not in "fiub":
        raise wb.DataError(f"An image must be of real numbers, but is of type {values.dtype}.")
    if values.ndim == 0 or not values.size:
        raise wb.DataError(f"An image needs pixels, but has shape {list(values.shape)}.")
    values = values.astype(np.float64)
    if not np.isfinite(values).all():
        raise wb.DataError(f"{int((~np.isfinite(values)).sum())} pixels are NaN or infinite.")
    if superlevel:
        values = -values
    made = gudhi_adapter.cubical_complex(values, periodic)
    made.compute_persistence(homology_coeff_field=field, min_persistence=0.0)
    dimensions = values.ndim + 1 if periodic else values.ndim
    found = [np.asarray(made.persistence_intervals_in_dimension(k), dtype=np.float64) for k in range(dimensions)]
    return Barcode(tuple(_arranged(one) for one in found), field, math.inf)


def dtm(points: Any, m0: float = 0.1, *, max_dim: int = 1, field: int = 2) -> Barcode:
    """Barcode of a noisy cloud: points where it is sparse come late, so that outliers make no bars.

    Parameters
    ----------
    points : [m, d].
    m0 : share of the points whose distance says how sparse it is: the weight of a point is the root of the mean squared
        distance from its ceil(m0 m) nearest, itself among them.
    max_dim, field : as of `rips`.

    Returns
    -------
    Bars of the weighted Rips complex: with weights w a point comes at 2 w(x), an edge at d(x, y) + w(x) + w(y) or with
    the later of its points; twice the scale of the paper, so that weights 0 give `rips`.

    Raises
    ------
    DataError
        as of `rips`; a share not above 0 and at most 1.

    Source: Anai, Chazal, Glisse, Ike, Inakoshi, Tinarrage, Umeda 2020, DTM-based filtrations, p = 1.
    """
    table = as_table(points)
    if not 0 < m0 <= 1:
        raise wb.DataError(f"The share of points is above 0 and at most 1, not {m0:g}.")
    if not 0 <= max_dim <= HIGHEST:
        raise wb.DataError(f"Homology is computed up to dimension 0 to {HIGHEST}, not {max_dim}.")
    distances = pairwise(table)
    return weighted(distances, starts_of(distances, m0), max_dim=max_dim, field=field)[0]


def starts_of(distances: Float64, m0: float) -> Float64:
    """The scale ``[m]`` at which each point comes: twice the root mean square of the distances to its nearest points.

    Parameters
    ----------
    distances : [m, n] of each point to all points that say how sparse it is, among which it is itself.
    m0 : share of those n points, above 0 and at most 1; at least one.

    Source: Chazal, Cohen-Steiner, Merigot 2011, Geometric inference for probability measures, section 3.
    """
    n = distances.shape[1]
    k = min(n, max(1, math.ceil(m0 * n - 1e-9)))
    near = np.partition(distances, k - 1, axis=1)[:, :k]
    return np.asarray(2 * np.sqrt(np.square(near).mean(axis=1)), dtype=np.float64)


def weighted(
    distances: Float64, starts: Float64, *, max_dim: int = 1, field: int = 2, threshold: float | None = None
) -> tuple[Barcode, Float64]:
    """Barcode of the weighted Rips complex, and the scale [m, m] at which each edge comes (0 on the diagonal).

    Parameters
    ----------
    distances : [m, m] as of `rips`.
    starts : [m], the scale at which each point comes, twice its weight (`starts_of`).
    max_dim, field, threshold : as of `rips`.
    """
    edges = distances + (starts[:, None] + starts[None, :]) / 2
    np.maximum(edges, np.maximum(starts[:, None], starts[None, :]), out=edges)
    np.fill_diagonal(edges, 0.0)
    # an edge comes after its points, so when these come matters for pieces only
    found = rips(edges, max_dim, field=field, threshold=threshold)
    pieces = _pieces(edges, starts)
    if threshold is not None:
        pieces = cut(pieces, threshold)
    return Barcode((pieces, *found.bars[1:]), field, found.threshold), edges


def cut(bars: Float64, threshold: float) -> Float64:
    """Bars ``[n, 2]`` as they are known up to a scale: those born later are gone, those that die later do not end.

    >>> cut(np.array([[0.0, 1.0], [0.5, 3.0], [4.0, 5.0]]), 2.0).tolist()
    [[0.0, 1.0], [0.5, inf]]
    """
    kept = bars[bars[:, 0] <= threshold].copy()
    kept[kept[:, 1] > threshold, 1] = np.inf
    return kept


def _pieces(edges: Float64, starts: Float64) -> Float64:
    """Bars of dimension 0 where points come at different scales: the younger piece ends when two meet (elder rule)."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import minimum_spanning_tree

    m = len(edges)
    least = np.where(edges > 0, edges, np.finfo(np.float64).tiny)  # a sparse graph takes 0 for no edge
    np.fill_diagonal(least, 0.0)
    tree = minimum_spanning_tree(csr_matrix(least)).tocoo()
    parent = list(range(m))

    def root(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    bars = []
    for edge in np.argsort(tree.data, kind="stable"):
        first, second = root(int(tree.row[edge])), root(int(tree.col[edge]))
        older, younger = (first, second) if starts[first] <= starts[second] else (second, first)
        bars.append((starts[younger], edges[tree.row[edge], tree.col[edge]]))
        parent[younger] = older
    bars.append((starts[root(0)], np.inf))
    return _arranged(np.array(bars))


def _arranged(bars: Float64, rounding: float = 0.0) -> Float64:
    """Bars that have a length, by birth, then by death."""
    table = bars.reshape(-1, 2)
    table = table[table[:, 1] - table[:, 0] > rounding]
    return table[np.lexsort((table[:, 1], table[:, 0]))]
