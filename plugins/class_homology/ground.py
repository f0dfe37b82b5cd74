# SPDX-License-Identifier: Apache-2.0
"""What draws are taken from: the points of each class and their distances, and the normal clouds beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.homology.distances import pairwise
from plugins.homology.trust import gaussian_clouds

if TYPE_CHECKING:
    from plugins.homology.clouds import Cloud

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

POOL = 2000  # points of a class that draws are taken from at most
TABLE = 2500  # points of all classes together where distances run along a graph: all of them are computed once


@dataclass(frozen=True)
class Ground:
    """Points of several classes from which subsets are drawn.

    Attributes
    ----------
    values : ``[n, d]``
    members : int64 positions of each class among them
    positions : int64 ``[n]``, where each point stands in the sample; -1 of points that were made up
    metric : of the distances
    table : float64 ``[n, n]`` where distances run along a graph of all points, else ``None``
    """

    values: NDArray[Any]
    members: tuple[Int64, ...]
    positions: Int64
    metric: str
    table: Float64 | None = None

    def distances(self, chosen: Int64) -> Float64:
        """Distances ``[m, m]`` of some of the points."""
        if self.table is not None:
            return np.ascontiguousarray(self.table[np.ix_(chosen, chosen)])
        metric: Any = self.metric
        return pairwise(self.values[chosen], metric)


def ground_of(cloud: Cloud, members: Sequence[Int64], neighbours: int, rng: np.random.Generator) -> Ground:
    """The points of the classes, at most 2,000 of each; along a graph at most 2,500 in all.

    ``members`` are positions among the points of the cloud.
    """
    graph = cloud.metric in ("geodesic", "pull-back")
    most = min(POOL, TABLE // len(members)) if graph else POOL
    kept = [np.sort(rng.permutation(one)[:most]) for one in members]
    return _laid(
        cloud.values[np.concatenate(kept)], [len(one) for one in kept], np.concatenate(kept), cloud, neighbours
    )


def blobs_of(ground: Ground, cloud: Cloud, neighbours: int, rng: np.random.Generator) -> Ground:
    """The control: for each class as many normal points, of its mean and covariance."""
    made = [gaussian_clouds(ground.values[one], 1, int(rng.integers(2**31)))[0] for one in ground.members]
    sizes = [len(one) for one in ground.members]
    nowhere = np.full(sum(sizes), -1, dtype=np.int64)
    return _laid(np.concatenate(made).astype(np.float32), sizes, nowhere, cloud, neighbours)


def _laid(values: NDArray[Any], sizes: Sequence[int], positions: Int64, cloud: Cloud, neighbours: int) -> Ground:
    ends = np.cumsum(sizes)
    members = tuple(np.arange(end - size, end, dtype=np.int64) for size, end in zip(sizes, ends, strict=True))
    table = None
    if cloud.metric in ("geodesic", "pull-back"):
        decode = {"decode": cloud.decode} if cloud.metric == "pull-back" else {}
        table = pairwise(values, cloud.metric, k=min(neighbours, len(values) - 1), **decode)  # type: ignore[arg-type]
    return Ground(values, members, positions, cloud.metric, table)
