# SPDX-License-Identifier: Apache-2.0
"""The pieces that points fall into: those of single linkage, cut where the gap rule says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.homology.trust import seen_lengths, standing_out

if TYPE_CHECKING:
    from plugins.homology.engines import Barcode

SMALL = 0.01  # share of the points below which a piece is a few outliers
ROUNDING = 1e-9
FEWEST = 3  # points below which it is


def pieces_at(
    distances: NDArray[np.float64], barcode: Barcode, of: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], list[int]]:
    """The piece of each point, the largest first, and the sizes of those pieces that are more than a few outliers.

    Points are joined by all edges below the first merge after the gap; without a gap all are one piece. Points that
    come later than that (weighted complexes) are pieces of one point.

    Parameters
    ----------
    distances : ``[m, m]`` of the landmarks; in a weighted complex the scale at which each edge comes
    barcode : theirs
    of : int64 ``[n]``, the landmark that each point counts with; the landmarks themselves if left out

    Examples
    --------
    >>> from plugins.homology.engines import rips
    >>> line = np.array([0.0, 1, 2, 3, 20, 21, 22])
    >>> apart = np.abs(line[:, None] - line)
    >>> pieces, sizes = pieces_at(apart, rips(apart, 0))
    >>> pieces.tolist(), sizes
    ([0, 0, 0, 0, 1, 1, 1], [4, 3])
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    members = np.arange(len(distances), dtype=np.int64) if of is None else of
    gaps = standing_out(barcode, 0)
    if gaps == 0:
        return np.zeros(len(members), dtype=np.int64), [len(members)]
    bars = barcode.dimension(0)
    if np.isinf(bars[:, 1]).any():
        bars = np.delete(bars, int(np.isinf(bars[:, 1]).argmax()), axis=0)
    lengths = seen_lengths(barcode.dimension(0), 0, barcode.threshold)
    # the first merge after the gap: everything shorter joins (rounding: scales of other complexes are computed)
    end = float(bars[np.argsort(-lengths, kind="stable")[:gaps], 1].min())
    joined = distances <= barcode.threshold if np.isinf(end) else distances < end * (1 - ROUNDING)
    label: Any = connected_components(coo_array(joined), directed=False)[1]
    _, inverse, counts = np.unique(np.asarray(label)[members], return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    large = max(FEWEST, SMALL * len(members))
    return place[inverse], [int(count) for count in counts[order] if count >= large]
