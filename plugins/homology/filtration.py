# SPDX-License-Identifier: Apache-2.0
"""The complex that is grown over points of a cloud: Vietoris-Rips, alpha, or Rips weighted by the distance to measure.

All scales are distances: those of Rips are lengths of edges, those of alpha diameters of balls, those of the weighted
complex twice the scale of its paper, so that a circle ends near one scale in all of them and barcodes can be compared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

if TYPE_CHECKING:
    from plugins.homology.analysis import Homology
    from plugins.homology.clouds import Cloud, Group
    from plugins.homology.engines import Barcode

Float64 = NDArray[np.float64]
REFERENCE = 20_000  # points among which it is told how sparse it is around a point, at most
BLOCK = 4_000_000  # distances at a time
MOST_AXES = 3  # of the alpha complex
SEED = 0xD73


def check_complex(cloud: Cloud, params: Homology.Params) -> None:
    """Refuse points that a complex cannot be built on.

    Raises
    ------
    ParameterError
        the alpha complex with more than three coordinates, or with another metric than the Euclidean.
    """
    if params.complex != "alpha":
        return
    width = cloud.values.shape[1]
    if cloud.metric != "euclidean":
        raise wb.ParameterError(
            f"complex = 'alpha' measures Euclidean distances, and 'metric' is '{cloud.metric}': set metric to "
            "'euclidean', or complex to 'rips'"
        )
    if width > MOST_AXES:
        raise wb.ParameterError(
            f"complex = 'alpha' takes points with up to {MOST_AXES} coordinates, and those of '{params.space}' have "
            f"{width:,}: it grows too fast beyond; set complex to 'rips'"
        )


def distances_of(cloud: Cloud, positions: NDArray[np.int64], params: Homology.Params) -> Float64:
    """Distances ``[m, m]`` of these points of the sample in the metric of the run."""
    from plugins.homology.distances import pairwise

    if cloud.table is not None:
        return np.asarray(cloud.table[np.ix_(positions, positions)], dtype=np.float64)
    metric: Any = cloud.metric
    options: dict[str, Any] = {}
    if metric in ("geodesic", "pull-back"):
        options["k"] = min(params.neighbours, len(positions) - 1)
    if metric == "pull-back":
        options["decode"] = cloud.decode
    return np.asarray(pairwise(cloud.placed[positions], metric, **options), dtype=np.float64)


def barcode_of(
    cloud: Cloud,
    group: Group,
    positions: NDArray[np.int64],
    params: Homology.Params,
    max_dim: int,
    threshold: float | None = None,
    distances: Float64 | None = None,
) -> tuple[Barcode, Float64]:
    """Barcode of these points of a group, and the scale ``[m, m]`` at which each pair of them is joined.

    Parameters
    ----------
    positions : int64 ``[m]``, among the points of the sample
    max_dim : dimensions of homology up to this; points with d coordinates have d in the alpha complex
    distances : of the points, where they are known
    """
    from plugins.homology.complexes import weighted
    from plugins.homology.engines import rips

    if params.complex == "alpha":
        given = np.empty((0, 0)) if distances is None else distances
        return _alpha(cloud.placed[positions], params.field, max_dim, threshold), given
    apart = distances_of(cloud, positions, params) if distances is None else distances
    if params.complex == "dtm":
        starts = starts_in(cloud, group, positions, apart, params.mass)
        return weighted(apart, starts, max_dim=max_dim, field=params.field, threshold=threshold)
    return rips(apart, max_dim, field=params.field, threshold=threshold), apart


def _alpha(points: NDArray[np.float32], field: int, max_dim: int, threshold: float | None) -> Barcode:
    from plugins.homology.complexes import alpha, cut
    from plugins.homology.engines import Barcode

    whole = alpha(points, field=field)
    bars = whole.bars[: max_dim + 1]
    if threshold is None:
        return Barcode(bars, field, whole.threshold)
    return Barcode(tuple(cut(one, threshold) for one in bars), field, threshold)


def starts_in(cloud: Cloud, group: Group, positions: NDArray[np.int64], distances: Float64, share: float) -> Float64:
    """The scale at which each point comes, by how sparse it is around it among all points of its group.

    Of more than 20,000 points a random 20,000 say it. Where distances run along a graph, the points themselves do.
    """
    from scipy.spatial.distance import cdist

    from plugins.homology.complexes import starts_of

    if cloud.metric in ("geodesic", "pull-back"):
        return starts_of(distances, share)
    among = group.positions
    if len(among) > REFERENCE:
        among = np.sort(np.random.default_rng(SEED).choice(among, REFERENCE, replace=False))
    step = max(1, BLOCK // len(among))
    parts = []
    reference = None if cloud.table is not None else cloud.placed[among].astype(np.float64)
    for at in range(0, len(positions), step):
        some = positions[at : at + step]
        if reference is None:
            assert cloud.table is not None
            apart = np.asarray(cloud.table[np.ix_(some, among)], dtype=np.float64)
        else:
            apart = cdist(cloud.placed[some].astype(np.float64), reference)
            if cloud.metric == "cosine":  # of points of length 1: 1 less the cosine
                apart = apart**2 / 2
        parts.append(starts_of(apart, share))
    return np.concatenate(parts)
