# SPDX-License-Identifier: Apache-2.0
"""The one place where GUDHI is imported, when one of its parts is called and not before.

Licences: what is called here is MIT (Rips, edge collapse, cubical complexes, ToMATo, Wasserstein distance by POT) or
BSD (Hera's bottleneck distance), but for :func:`alpha_tree`, which is under the GPL v3 through CGAL. ``import gudhi``
itself loads extension modules under the GPL v3 whichever part is meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]


def rips_bars(table: Float64, max_dim: int, field: int, limit: float) -> Sequence[Float64]:
    """Bars ``[n_k, 2]`` of each dimension of the Vietoris-Rips complex of distances ``[m, m]``, in double precision."""
    from gudhi.sklearn.rips_persistence import RipsPersistence

    persistence = RipsPersistence(
        homology_dimensions=list(range(max_dim + 1)),
        threshold=limit,
        input_type="full distance matrix",
        num_collapses="auto",  # none for loops, one for voids: collapsing costs more than it saves for loops
        homology_coeff_field=field,  # its own default is 11
    )
    found: Sequence[Float64] = persistence.fit_transform([table])[0]
    return found


def collapsed(table: Float64, limit: float) -> tuple[Int64, Int64, Float64]:
    """Edges that a collapse leaves of the graph up to a scale, and the scale of each: the same homology."""
    from gudhi.flag_filtration.edge_collapse import reduce_graph
    from scipy.sparse import coo_matrix

    rows, columns = np.nonzero(np.triu(table <= limit, 1))
    left = reduce_graph(coo_matrix((table[rows, columns], (rows, columns)), shape=table.shape)).tocoo()
    return left.row, left.col, left.data


def alpha_tree(points: Float64, how: Literal["alpha", "delaunay-cech"]) -> Any:
    """The simplex tree of the alpha or Delaunay-Cech complex of points ``[m, d]``; scales are squared radii. GPL."""
    from gudhi import AlphaComplex, DelaunayCechComplex

    made = AlphaComplex if how == "alpha" else DelaunayCechComplex
    return made(points=points).create_simplex_tree()


def cubical_complex(values: Float64, periodic: bool) -> Any:
    """The cubical complex whose cells of the highest dimension have these values."""
    from gudhi import CubicalComplex, PeriodicCubicalComplex

    if periodic:
        return PeriodicCubicalComplex(top_dimensional_cells=values, periodic_dimensions=[True] * values.ndim)
    return CubicalComplex(top_dimensional_cells=values)


def bottleneck(one: Float64, other: Float64, relative: float) -> float:
    """Hera's bottleneck distance of two diagrams ``[m, 2]``, up to a relative error."""
    from gudhi.hera import bottleneck_distance

    return float(bottleneck_distance(one, other, delta=relative))


def wasserstein(one: Float64, other: Float64) -> float:
    """Wasserstein distance of order 1 of two diagrams ``[m, 2]`` of bars that end, by the largest coordinate."""
    from gudhi.wasserstein import wasserstein_distance

    return float(wasserstein_distance(one, other, order=1.0, internal_p=np.inf, keep_essential_parts=False))


def tomato(neighbours: Int64, density: Float64) -> Any:
    """ToMATo fitted to a graph ``[n, k]`` of neighbours, made mutual, and the log density ``[n]`` of its points."""
    from gudhi.clustering.tomato import Tomato

    fitted = Tomato(graph_type="manual", density_type="manual", symmetrize_graph=True)
    fitted.fit(neighbours, weights=density)
    return fitted
