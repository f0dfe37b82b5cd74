# SPDX-License-Identifier: Apache-2.0
"""Bars of each image by the cubical complex, those of its pixels in random order, and what classes explain of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.complexes import cubical
from plugins.homology.summaries import persistence_entropy

if TYPE_CHECKING:
    from plugins.cubical_homology.analysis import CubicalHomology

Float64 = NDArray[np.float64]
NAMES = ("blobs", "rings")
MOST_CLASSES = 40
DRAWS = 200  # of images for intervals, and orders of the classes for the control
MOST_PIXELS = 1_000_000  # of one image


@dataclass(frozen=True)
class Measured:
    """Numbers of each image.

    Attributes
    ----------
    positions : int64 ``[n]``, the images among the sample, without those that hold NaN or infinity
    counts, shuffled : ``[n, 2]``, blobs and rings above the prominence, of the image and of its pixels in random order
    total, entropy : ``[n, 2]``, lengths of all bars added, and their entropy over the logarithm of their number
    classes : names of the classes; empty without
    codes : int64 ``[n]``, the class of each image; -1 without one
    means : of all images (first) and of each class: name, mean image ``[h, w]``, bars ``[m, 2]`` of each dimension
    explained : of each class column: share of the variance of the counts ``[2]``, with the interval and the control
    dropped : images that hold NaN or infinity
    """

    positions: NDArray[np.int64]
    counts: Float64
    shuffled: Float64
    total: Float64
    entropy: Float64
    classes: list[str]
    codes: NDArray[np.int64]
    means: list[tuple[str, Float64, list[Float64]]]
    explained: list[Explained]
    dropped: int


@dataclass(frozen=True)
class Explained:
    """Share of the variance of a count that the classes explain (eta squared).

    Attributes
    ----------
    value, low, high : with 95 % of resampled images
    control : 95 % quantile of the share with the classes in random order
    p : share of such orders that explain as much, one added to both
    """

    value: float
    low: float
    high: float
    control: float
    p: float


def bars_of(image: Float64, params: CubicalHomology.Params) -> list[Float64]:
    """Bars ``[m, 2]`` of blobs and rings in values of the image, as far as the complex goes.

    The blob that all end up in is followed to the end of the values; of high levels bars run from high values down.

    >>> from plugins.cubical_homology.analysis import CubicalHomology
    >>> ring = np.zeros((5, 5))
    >>> ring[1:4, 1:4] = 1
    >>> ring[2, 2] = 0.25
    >>> settings = CubicalHomology.Params.read({"space": "images"})
    >>> [one.tolist() for one in bars_of(ring, settings)]
    [[[1.0, 0.0]], [[1.0, 0.25]]]
    """
    high = params.levels == "high"
    found = cubical(image, periodic=params.periodic, superlevel=high, field=params.field)
    end = -float(image.min()) if high else float(image.max())
    bars = []
    for dimension in range(2):
        pairs = found.dimension(dimension).copy()
        pairs[np.isinf(pairs[:, 1]), 1] = end
        bars.append(-pairs if high else pairs)
    return bars


def measure(
    sample: wb.Points, params: CubicalHomology.Params, rng: np.random.Generator, progress: Callable[[float], None]
) -> Measured:
    """Every image, its control, the mean images, and what the classes explain.

    Raises
    ------
    DataError
        fewer than two finite images, or larger ones than a million pixels.
    ParameterError
        a column that is not there, or one of more than 40 values.
    """
    grey = np.asarray(sample.values, dtype=np.float64)
    grey = grey.mean(axis=1) if grey.ndim == 4 else grey
    finite = np.isfinite(grey).all(axis=tuple(range(1, grey.ndim)))
    positions = np.flatnonzero(finite).astype(np.int64)
    if len(positions) < 2:
        raise wb.DataError(
            f"at least 2 finite images of '{params.space}' are needed, got {len(positions)} among {len(grey)}: take "
            "another space, slice or data set"
        )
    grey = grey[positions]
    if grey[0].size > MOST_PIXELS:
        raise wb.DataError(
            f"images of {grey[0].size:,} pixels are too large: {MOST_PIXELS:,} are the most; scale them down"
        )
    classes, codes = _classes(sample, positions, params)
    least = params.prominence * (sample.space.high - sample.space.low)  # type: ignore[attr-defined]
    shape = (len(grey), 2)
    counts, shuffled, total, entropy = (np.zeros(shape) for _ in range(4))
    for at, one in enumerate(grey):
        mixed = rng.permutation(one.ravel()).reshape(one.shape)
        for into, image in ((counts, one), (shuffled, mixed)):
            for dimension, pairs in enumerate(bars_of(image, params)):
                lengths = np.abs(pairs[:, 1] - pairs[:, 0])
                into[at, dimension] = np.count_nonzero((lengths >= least) & (lengths > 0))
                if into is counts:
                    total[at, dimension] = lengths.sum()
                    entropy[at, dimension] = persistence_entropy(np.sort(pairs, axis=1))
        progress((at + 1) / len(grey))
    means = [("", grey.mean(axis=0))]
    means += [(name, grey[codes == code].mean(axis=0)) for code, name in enumerate(classes)]
    return Measured(
        positions=positions,
        counts=counts,
        shuffled=shuffled,
        total=total,
        entropy=entropy,
        classes=classes,
        codes=codes,
        means=[(name, image, bars_of(image, params)) for name, image in means],
        explained=[explained(counts[:, k], codes, rng) for k in range(2)] if len(classes) > 1 else [],
        dropped=int((~finite).sum()),
    )


def _classes(
    sample: wb.Points, positions: NDArray[np.int64], params: CubicalHomology.Params
) -> tuple[list[str], NDArray[np.int64]]:
    if params.by is None:
        return [], np.full(len(positions), -1, dtype=np.int64)
    if params.by not in sample.columns.columns:
        raise wb.ParameterError(
            f"'by' = '{params.by}': the images of this run have no such column, for they are no rows of the data; "
            "leave 'by' empty or choose another space"
        )
    column: Any = sample.columns[params.by].iloc[positions].astype("category").cat.remove_unused_categories()
    if len(column.cat.categories) > MOST_CLASSES:
        raise wb.ParameterError(
            f"'by' = '{params.by}' has {len(column.cat.categories):,} values in the sample: choose a column with at "
            f"most {MOST_CLASSES}"
        )
    return [f"{params.by} {one}" for one in column.cat.categories], column.cat.codes.to_numpy().astype(np.int64)


def share_explained(values: Float64, codes: NDArray[np.int64]) -> float:
    """Eta squared: variance between classes over all variance; NaN where all values are equal.

    Source: Fisher, Statistical Methods for Research Workers, 1925, section 45 (the correlation ratio).

    >>> share_explained(np.array([0.0, 0.0, 1.0, 1.0]), np.array([0, 0, 1, 1]))
    1.0
    """
    kept = codes >= 0
    values, codes = values[kept], codes[kept]
    whole = float(np.square(values - values.mean()).sum()) if len(values) else 0.0
    if whole == 0:
        return float("nan")
    sizes = np.bincount(codes)
    sums = np.bincount(codes, weights=values)
    between = float((np.square(sums[sizes > 0]) / sizes[sizes > 0]).sum() - values.sum() ** 2 / len(values))
    return min(max(between / whole, 0.0), 1.0)


def explained(values: Float64, codes: NDArray[np.int64], rng: np.random.Generator) -> Explained:
    """Eta squared with an interval over resampled images, and with the classes in random order."""
    value, n = share_explained(values, codes), len(values)
    if value != value:
        nothing = float("nan")
        return Explained(nothing, nothing, nothing, nothing, nothing)
    drawn = [share_explained(values[some], codes[some]) for some in (rng.integers(n, size=n) for _ in range(DRAWS))]
    mixed = np.array([share_explained(values, rng.permutation(codes)) for _ in range(DRAWS)])
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    p = (1 + np.count_nonzero(mixed >= value)) / (1 + DRAWS)
    return Explained(value, float(low), float(high), float(np.quantile(mixed, 0.95)), float(p))
