# SPDX-License-Identifier: Apache-2.0
"""Lenses: one number for each sample, through which Mapper looks at them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb

if TYPE_CHECKING:
    from plugins.modes.sample import Sample

Float64 = NDArray[np.float64]
Lens = Literal[
    "first-component",
    "second-component",
    "eccentricity",
    "density",
    "nearest-neighbours",
    "axis",
    "column",
    "round-trip",
]
BLOCK = 2048  # rows of distances held at once, and points of a batch
WORDS = {
    "first-component": "first principal component",
    "second-component": "second principal component",
    "eccentricity": "eccentricity: mean distance to all samples",
    "density": "log density, up to a constant",
    "nearest-neighbours": "distance to the nearest neighbours, root mean square",
    "round-trip": "distance between a point and what decoding and encoding makes of it",
}


def of_points(values: Float64, lens: Lens) -> Float64 | None:
    """The lens of points ``[n, d]`` that follows from the points alone, float64 ``[n]``; ``None`` for the others."""
    if lens == "first-component":
        return component(values, 0)
    if lens == "second-component":
        return component(values, 1)
    if lens == "eccentricity":
        return eccentricity(values)
    if lens in ("density", "nearest-neighbours"):
        return _density(values, lens)
    return None


def lens_of(job: wb.Job, sample: Sample, lens: Lens, column: str | None, axis: int) -> tuple[Float64, str]:
    """The lens of a sample, float64 ``[n]``, and what it is called.

    Raises
    ------
    ParameterError
        No such column or axis, a column that is no number, no way there and back.
    DataError
        A column with missing values.
    """
    found = of_points(sample.values, lens)
    if found is not None:
        return found, WORDS[lens]
    if lens == "axis":
        width = sample.values.shape[1]
        if axis >= width:
            raise wb.ParameterError(f"'axis' = {axis}: the space has {width} axes, numbered from 0 to {width - 1}")
        names = getattr(sample.points.space, "axes", None)
        told = str(names[axis]) if names is not None else str(axis)
        return sample.values[:, axis].copy(), f"axis {told}"
    if lens == "column":
        return _column(sample, column), f"column {column}"
    return _round_trip(job, sample), WORDS[lens]


def component(values: Float64, number: int) -> Float64:
    """Coordinates along a principal component (from 0), the entry of largest size positive; zeros where there is none.

    >>> component(np.array([[0.0, 0.0], [0.0, 2.0]]), 0)
    array([-1.,  1.])
    """
    from scipy.linalg import eigh

    centred = values - values.mean(axis=0)
    n, d = centred.shape
    if number >= min(n, d):
        return np.zeros(n)
    if d <= n:
        axis = eigh(centred.T @ centred, subset_by_index=[d - 1 - number] * 2)[1][:, 0]
        placed = centred @ (axis * np.sign(axis[np.abs(axis).argmax()]))
    else:
        squares, vectors = eigh(centred @ centred.T, subset_by_index=[n - 1 - number] * 2)
        placed = vectors[:, 0] * np.sqrt(max(float(squares[0]), 0.0))
        axis = centred.T @ vectors[:, 0]
        placed = placed * (np.sign(axis[np.abs(axis).argmax()]) or 1.0)
    return np.asarray(placed, dtype=np.float64)


def eccentricity(values: Float64) -> Float64:
    """Mean distance to all samples, itself included, float64 ``[n]``.

    Source: Singh, Memoli and Carlsson 2007, section 4.2, with exponent 1.

    >>> eccentricity(np.array([[0.0], [1.0], [3.0]])).round(3).tolist()
    [1.333, 1.0, 1.667]
    """
    centred = values - values.mean(axis=0)
    norms = np.square(centred).sum(axis=1)
    means = []
    for at in range(0, len(centred), BLOCK):
        part = slice(at, at + BLOCK)
        squared = norms[part, None] + norms - 2 * (centred[part] @ centred.T)
        means.append(np.sqrt(np.maximum(squared, 0.0)).mean(axis=1))
    return np.concatenate(means)


def _density(values: Float64, lens: Lens) -> Float64:
    from plugins.modes.peaks import filled_dimension, log_density, nearest_of, neighbours_for

    away, _ = nearest_of(values, neighbours_for(len(values)))
    if lens == "density":
        return log_density(away, filled_dimension(away, values.shape[1]))
    return np.asarray(np.sqrt(np.square(away[:, 1:]).mean(axis=1)), dtype=np.float64)


def _column(sample: Sample, column: str | None) -> Float64:
    import pandas as pd

    frame = sample.points.columns
    if column is None:
        raise wb.ParameterError("the lens 'column' needs the name of a column with numbers: set 'column'")
    if column not in frame.columns:
        raise wb.ParameterError(
            f"'column' = '{column}': the points of this run have no such column, for they are no rows of the data; "
            "choose another lens or space"
        )
    chosen = frame[column][sample.kept]
    if not pd.api.types.is_numeric_dtype(chosen.dtype):
        raise wb.ParameterError(f"'column' = '{column}' holds no numbers, and a lens is a number: choose another one")
    values = chosen.to_numpy(dtype=np.float64, na_value=np.nan)
    missing = int((~np.isfinite(values)).sum())
    if missing:
        raise wb.DataError(
            f"{missing:,} of {len(values):,} samples have no finite value of '{column}': take a slice without them, or "
            "another lens"
        )
    return values


def _round_trip(job: wb.Job, sample: Sample) -> Float64:
    """Distance between each point and its way through the first pair of maps that leads away and back."""
    import torch

    maps = job.model.maps
    space = sample.points.space.name
    ways = [
        (away, back)
        for away in maps.values()
        for back in maps.values()
        if away.source.name == space == back.target.name and away.target.name == back.source.name != space
    ]
    if not ways:
        raise wb.ParameterError(f"no two maps of the model lead from '{space}' away and back: choose another lens")
    away, back = ways[0]
    points = np.asarray(sample.points.values)[sample.kept]
    found = []
    with torch.no_grad():
        for at in range(0, len(points), 256):
            batch = torch.as_tensor(np.array(points[at : at + 256], dtype=np.float32), device=job.device)
            returned = back.point(away.point(batch))
            found.append((returned - batch).reshape(len(batch), -1).norm(dim=1).double().cpu().numpy())
    return np.concatenate(found)
