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
FEWEST = 3  # points below which it is


def pieces_at(
    distances: NDArray[np.float64], barcode: Barcode, of: NDArray[np.int64] | None = None
) -> tuple[NDArray[np.int64], list[int]]:
    """The piece of each point, the largest first, and the sizes of those pieces that are more than a few outliers.

    Points are joined up to half way between the last merge before the gap and the first after it; without a gap all
    are one piece.

    Parameters
    ----------
    distances : ``[m, m]`` of the landmarks
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
    lengths = np.sort(seen_lengths(barcode.dimension(0), 0, barcode.threshold))[::-1]
    below = float(lengths[gaps]) if gaps < len(lengths) else 0.0
    label: Any = connected_components(coo_array(distances <= (lengths[gaps - 1] + below) / 2), directed=False)[1]
    _, inverse, counts = np.unique(np.asarray(label)[members], return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    large = max(FEWEST, SMALL * len(members))
    return place[inverse], [int(count) for count in counts[order] if count >= large]
