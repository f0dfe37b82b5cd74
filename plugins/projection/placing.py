# SPDX-License-Identifier: Apache-2.0
"""How far the places of new points can be trusted: their neighbours among the points that made the map."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray
from plugins.projection.measures import ANCHORS, Measure
from plugins.projection.neighbours import nearest_neighbours

RESAMPLES = 2000


def placed_quality(
    fitted: tuple[FloatArray, FloatArray], placed: tuple[FloatArray, FloatArray], k: int, seed: int = 0
) -> tuple[Measure, Measure]:
    """Trustworthiness and continuity of placed points.

    For each placed point, with N its k nearest among the f fitted points in the space, M those on the map, r and s the
    ranks there (1 = nearest, to f): trustworthiness is 1 - 2 / (m k (2f - 3k + 1)) sum over m placed points and over M
    - N of (r - k); continuity the same with the two spaces swapped. This is Venna & Kaski 2001, equations 1 and 2, with
    the f fitted points in the place of the n - 1 others: 1 is perfect, random places give about 0.5.

    Parameters
    ----------
    fitted, placed : points [., d] and their coordinates on the map [., e].
    k : neighbours, below f / 2.
    seed : of the choice of `ANCHORS` placed points where there are more, and of the bootstrap over them.

    Returns
    -------
    Both measures with 95 % percentile bootstrap intervals over placed points (NaN for a single one); `count` is f.

    Raises
    ------
    ValueError
        k is out of range.

    Examples
    --------
    >>> line = np.arange(9.0)[:, None]
    >>> [float(each.value) for each in placed_quality((line, line), (line[:2] + 0.1, line[:2] + 0.1), 2)]
    [1.0, 1.0]
    """
    f = len(fitted[0])
    if not 1 <= k < f / 2:
        raise ValueError(f"k must be at least 1 and below half the number of fitted points ({f} / 2), but is {k}.")
    random = np.random.default_rng(seed)
    new, new_drawn = placed
    if len(new) > ANCHORS:
        chosen = np.sort(random.choice(len(new), ANCHORS, replace=False))
        new, new_drawn = new[chosen], new_drawn[chosen]
    m = len(new)
    near = nearest_neighbours(fitted[0], k, queries=new).indices
    shown = nearest_neighbours(fitted[1], k, queries=new_drawn).indices
    excess = {
        "placed_trustworthiness": _excess_ranks(fitted[0], new, shown, k),
        "placed_continuity": _excess_ranks(fitted[1], new_drawn, near, k),
    }
    weights = random.multinomial(m, np.full(m, 1 / m), size=RESAMPLES)
    found = []
    for name, ranks in excess.items():
        each = 1 - 2 * ranks / (k * (2 * f - 3 * k + 1))
        low, high = np.percentile(weights @ each / m, [2.5, 97.5]) if m > 1 else (np.nan, np.nan)
        found.append(Measure(name, float(each.mean()), (float(low), float(high)), f, m, seed, k))
    return found[0], found[1]


def _excess_ranks(fitted: FloatArray, new: FloatArray, columns: NDArray[np.int64], k: int) -> NDArray[np.float64]:
    """Sum over the columns of each new point of how far their ranks among all fitted points are beyond k."""
    from scipy.spatial.distance import cdist

    excess = np.empty(len(new))
    step = max(1, 2**22 // max(len(fitted), fitted.shape[1]))
    for start in range(0, len(new), step):
        part = slice(start, start + step)
        distances = cdist(new[part], fitted)
        for row, (values, wanted) in enumerate(zip(distances, columns[part], strict=True), start):
            ordered = np.sort(values)
            ranks = ordered.searchsorted(values[wanted]) + 1
            # equal distances by index, as the neighbours are
            tied = ordered.searchsorted(values[wanted], side="right") > ranks
            for j in np.flatnonzero(tied):
                ranks[j] += np.count_nonzero(values[: wanted[j]] == values[wanted[j]])
            excess[row] = np.maximum(ranks - k, 0).sum()
    return excess
