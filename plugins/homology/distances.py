# SPDX-License-Identifier: Apache-2.0
"""Distances of all pairs of points, as homology asks for them: exactly symmetric, zero for duplicates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

Float64 = NDArray[np.float64]
Metric = Literal["euclidean", "cosine", "geodesic", "pull-back"]
DIRECT = 4e9  # coordinate differences taken one by one at most; above, by a matrix product
CANCELLED = 1e-7  # of the squared norms: below, a squared distance from products has lost most of its digits
STEPS = 4  # pieces into which a segment is cut to measure its image


def pairwise(
    points: Any,
    metric: Metric = "euclidean",
    *,
    k: int = 15,
    decode: Callable[[Any], Any] | None = None,
    steps: int = STEPS,
) -> Float64:
    """Distances of all pairs, float64 [m, m], symmetric, zeros on the diagonal.

    Parameters
    ----------
    points : [m, ...] finite numbers; more axes are flattened.
    metric : "euclidean"; "cosine", 1 - cos (0 to 2); "geodesic", the shortest way along the graph that joins each point
        to its k nearest; "pull-back", the same with each edge as long as the decoded points say: how far apart the
        outputs along it are. Points in different pieces of the graph are infinitely far apart.
    k : neighbours of each point in the graph.
    decode : for "pull-back": points [n, d] to outputs [n, ...], arrays or torch tensors.
    steps : for "pull-back": pieces of each edge. The sum of their decoded lengths tends to the length of the edge under
        the metric that the Jacobian J of the decoder pulls back, the integral of |J(z) dz|.

    Raises
    ------
    DataError
        no points, NaN or infinity, a zero vector under the cosine metric, no decoder, k below 1.

    Sources: Tenenbaum, de Silva, Langford 2000 (geodesics along neighbours); Arvanitidis, Hansen, Hauberg 2018, Latent
    Space Oddity, section 3 (pull-back metric); Shao, Kumar, Fletcher 2018, algorithm 1 (decoded segments).

    Examples
    --------
    >>> pairwise([[0.0, 0.0], [3.0, 4.0]]).tolist()
    [[0.0, 5.0], [5.0, 0.0]]
    """
    table = as_table(points)
    if metric == "euclidean":
        return _euclidean(table)
    if metric == "cosine":
        return _cosine(table)
    if metric == "geodesic":
        return _along_graph(table, _euclidean(table), k, None)
    if metric == "pull-back":
        if decode is None:
            raise wb.DataError("The pull-back distance needs the decoder: give a map from this space to the outputs.")
        if steps < 1:
            raise wb.DataError(f"An edge is cut into at least 1 piece, not {steps}.")
        return _along_graph(table, _euclidean(table), k, lambda a, b: _decoded_lengths(a, b, decode, steps))
    raise wb.DataError(f"The metric is 'euclidean', 'cosine', 'geodesic' or 'pull-back', not {metric!r}.")


def enclosing_radius(distances: Float64) -> float:
    """The least scale at which one point is joined to all: above it the complex is a cone and has no holes.

    >>> enclosing_radius(pairwise([[0.0], [1.0], [3.0]]))
    2.0
    """
    return float(np.asarray(distances).max(axis=1).min())


def median_distance(distances: Float64) -> float:
    """Median of the distances of different points, infinite ones left out; NaN for one point.

    >>> median_distance(pairwise([[0.0], [1.0], [3.0]]))
    2.0
    """
    table = np.asarray(distances)
    values = table[np.triu_indices(len(table), 1)]
    values = values[np.isfinite(values)]
    return float(np.median(values)) if len(values) else math.nan


def as_table(points: Any) -> Float64:
    """Points as finite float64 [m, d].

    Raises
    ------
    DataError
        none, no numbers, NaN or infinity.
    """
    detach = getattr(points, "detach", None)
    values = np.asarray(detach().cpu().numpy() if detach is not None else points)
    if values.dtype.kind not in "fiub":
        raise wb.DataError(f"Points must be real numbers, but are of type {values.dtype}.")
    if values.ndim == 0 or not len(values):
        raise wb.DataError("There are no points.")
    table = np.ascontiguousarray(values.reshape(len(values), -1), dtype=np.float64)
    bad = np.flatnonzero(~np.isfinite(table).all(axis=1))
    if len(bad):
        raise wb.DataError(
            f"{len(bad)} of {len(table)} points hold NaN or infinity (the first is at position {bad[0]}); "
            "leave them out."
        )
    return table


def _euclidean(table: Float64) -> Float64:
    """Euclidean distances: difference by difference where that is quick, else by products and with repairs."""
    from scipy.spatial.distance import pdist, squareform

    m, width = table.shape
    scale = float(np.abs(table).max(initial=0.0))
    if scale and not 1e-100 < scale < 1e100:  # squares would overflow or vanish
        return _euclidean(table / scale) * scale
    if m * m * width <= DIRECT or m < 3:
        square: Float64 = squareform(pdist(table), checks=False) if m > 1 else np.zeros((1, 1))
        return square
    centred = table - table.mean(axis=0)
    norms = np.einsum("ij,ij->i", centred, centred)
    squared = centred @ centred.T
    squared *= -2
    squared += norms[:, None]
    squared += norms[None, :]
    rows, columns = np.nonzero(np.triu(squared <= CANCELLED * (norms[:, None] + norms[None, :]), 1))
    for i, j in zip(rows, columns, strict=True):
        difference = table[i] - table[j]
        squared[i, j] = difference @ difference
    upper = np.triu(squared, 1)
    distances: Float64 = np.sqrt(upper + upper.T)
    return distances


def _cosine(table: Float64) -> Float64:
    """1 - cos, as half the squared distance of unit vectors, which is exactly 0 for equal ones."""
    largest = np.abs(table).max(axis=1, keepdims=True, initial=0.0)
    zeros = np.flatnonzero(largest == 0)
    if len(zeros):
        raise wb.DataError(
            f"{len(zeros)} points are zero vectors (the first is at position {zeros[0]}) and have no direction: "
            "leave them out or take the Euclidean metric."
        )
    unit = table / largest
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return np.square(_euclidean(unit)) / 2


def _along_graph(
    table: Float64, straight: Float64, k: int, length: Callable[[Float64, Float64], Float64] | None
) -> Float64:
    """Shortest ways along the graph of neighbours, whose edges are as long as `length` says (None: straight)."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import dijkstra

    m = len(table)
    if k < 1:
        raise wb.DataError(f"A graph of neighbours needs at least 1 neighbour of each point, not {k}.")
    k = min(k, m - 1)
    if k < 1:
        return np.zeros((m, m))
    others = straight.copy()
    np.fill_diagonal(others, np.inf)
    near = np.argsort(others, axis=1, kind="stable")[:, :k]  # equal distances by position
    pairs = np.stack([np.repeat(np.arange(m), k), near.ravel()], axis=1)
    pairs = np.unique(np.sort(pairs, axis=1), axis=0)
    first, second = pairs.T
    lengths = straight[first, second] if length is None else length(table[first], table[second])
    # a sparse graph takes an edge of length 0 (duplicates) for none: a subnormal length keeps it, rounded away below
    lengths = np.maximum(lengths, np.finfo(np.float64).tiny)
    ways = dijkstra(csr_matrix((lengths, (first, second)), shape=(m, m)), directed=False)
    ways = np.minimum(ways, ways.T)
    ways[ways < m * np.finfo(np.float64).tiny] = 0.0
    return np.asarray(ways, dtype=np.float64)


def _decoded_lengths(first: Float64, second: Float64, decode: Callable[[Any], Any], steps: int) -> Float64:
    """Lengths [e] of the images of segments: the sum over their pieces."""
    lengths = np.zeros(len(first))
    before = _decoded(first, decode)
    for step in range(1, steps + 1):
        after = _decoded(first + (second - first) * (step / steps), decode)
        lengths += np.linalg.norm(after - before, axis=1)
        before = after
    return lengths


def _decoded(points: Float64, decode: Callable[[Any], Any]) -> Float64:
    """Outputs [n, d'] for points, in batches of 1,024 points."""
    parts = [as_table(decode(points[start : start + 1024])) for start in range(0, len(points), 1024)]
    outputs = np.concatenate(parts)
    if len(outputs) != len(points):
        raise wb.DataError(f"The decoder returned {len(outputs)} outputs for {len(points)} points.")
    return outputs
