# SPDX-License-Identifier: Apache-2.0
"""How alike two maps are: rank correlation, structural similarity, agreement of signs; one number for each sample."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.attribution.checks.means import usable

Float64 = NDArray[np.float64]

WINDOW: Final = 7  # pixels on a side; smaller pictures have the largest odd one that fits
FEWEST: Final = 3
C1, C2 = 0.01**2, 0.03**2


def spearman(first: Any, second: Any) -> Float64:
    """Rank correlation of pairs of maps ``[n, ...]``, ties at their mean rank; NaN where one map is constant or NaN.

    NaN as well for fewer than 3 places: two numbers can only agree wholly, or not at all.

    >>> spearman([[1.0, 2.0, 3.0]], [[10.0, 20.0, 15.0]]).round(3).tolist()
    [0.5]
    """
    from scipy.stats import rankdata

    one, other = _flat(first), _flat(second)
    found = np.full(len(one), np.nan)
    there = usable(one) & usable(other)
    if there.any() and one.shape[1] >= FEWEST:
        ranks = [rankdata(each[there], axis=1) for each in (one, other)]
        ranks = [each - each.mean(axis=1, keepdims=True) for each in ranks]
        norms = np.sqrt((ranks[0] ** 2).sum(axis=1) * (ranks[1] ** 2).sum(axis=1))
        found[there] = np.clip((ranks[0] * ranks[1]).sum(axis=1) / norms, -1, 1)
    return found


def spearman_where_any(first: Any, second: Any) -> Float64:
    """Rank correlation over the places where either map ``[n, ...]`` is not 0.

    Where both are exactly 0 they agree whatever the network is: on a black ground, measured from black, that alone
    makes any two maps alike. NaN with fewer than 3 such places.

    >>> spearman_where_any([[0.0, 0.0, 0.0, 1.0, 2.0, 3.0]], [[0.0, 0.0, 0.0, 3.0, 2.0, 1.0]]).tolist()
    [-1.0]
    """
    one, other = _flat(first), _flat(second)
    found = np.full(len(one), np.nan)
    for at, (a, b) in enumerate(zip(one, other, strict=True)):
        there = (a != 0) | (b != 0)
        if there.sum() >= FEWEST:
            found[at] = spearman(a[None, there], b[None, there])[0]
    return found


def sign_agreement(first: Any, second: Any) -> Float64:
    """Share of the common mass ``|a b|`` where both maps ``[n, ...]`` have one sign; 0.5 for maps of random signs.

    >>> sign_agreement([[1.0, -1.0]], [[3.0, 1.0]]).tolist()
    [0.75]
    """
    product = _flat(first) * _flat(second)
    mass = np.abs(product).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(mass > 0, np.maximum(product, 0).sum(axis=1) / mass, np.nan))


def structural_similarity(first: Any, second: Any) -> Float64:
    """Mean structural similarity of pairs of pictures ``[n, height, width]``, each first brought to 0..1.

    Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural similarity",
    IEEE Transactions on Image Processing 13, 2004, equation 13, with a square window of 7 pixels and unbiased
    variances. NaN for pictures under 3 pixels and for constant ones.

    >>> grid = np.arange(64.0).reshape(1, 8, 8)
    >>> structural_similarity(grid, 2 * grid).round(6).tolist()
    [1.0]
    """
    one, other = (np.asarray(each, dtype=np.float64) for each in (first, second))
    found = np.full(len(one), np.nan)
    side = min(WINDOW, *one.shape[1:])
    side -= 1 - side % 2
    there = usable(one) & usable(other)
    if side < FEWEST or not there.any():
        return found
    scaled = [_scaled(each[there]) for each in (one, other)]
    means = [_filtered(each, side) for each in scaled]
    unbiased = side**2 / (side**2 - 1)
    variance = [unbiased * (_filtered(each**2, side) - mean**2) for each, mean in zip(scaled, means, strict=True)]
    covariance = unbiased * (_filtered(scaled[0] * scaled[1], side) - means[0] * means[1])
    above = (2 * means[0] * means[1] + C1) * (2 * covariance + C2)
    below = (means[0] ** 2 + means[1] ** 2 + C1) * (variance[0] + variance[1] + C2)
    margin = side // 2
    inside = slice(margin, -margin)
    found[there] = (above / below)[:, inside, inside].mean(axis=(1, 2))
    return found


def picture_of(values: Any) -> Float64:
    """Maps of pictures ``[n, channels, height, width]`` summed over channels, ``[n, height, width]``."""
    return np.asarray(np.asarray(values, dtype=np.float64).sum(axis=1))


def _filtered(pictures: Float64, side: int) -> Float64:
    from scipy.ndimage import uniform_filter

    return np.asarray(uniform_filter(pictures, (1, side, side), mode="reflect"))


def _scaled(pictures: Float64) -> Float64:
    low = pictures.min(axis=(1, 2), keepdims=True)
    return np.asarray((pictures - low) / (pictures.max(axis=(1, 2), keepdims=True) - low))


def _flat(values: Any) -> Float64:
    given = np.asarray(values, dtype=np.float64)
    return given.reshape(len(given), -1)
