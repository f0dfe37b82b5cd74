# SPDX-License-Identifier: Apache-2.0
"""Attributes of samples as columns of numbers: numbers as they are, each class as yes or no, scores of pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.contrast.columns import is_category

if TYPE_CHECKING:
    import pandas as pd

    from plugins.unit_drivers.analysis import UnitDrivers

Float64 = NDArray[np.float64]
MOST_CLASSES: Final = 20
NEVER: Final = ("split", "row")


@dataclass(frozen=True)
class Attributes:
    """Attributes of ``n`` samples.

    Attributes
    ----------
    names : "label = 3" for a class, the column's or scorer's name otherwise
    values : float64 ``[n, a]``; samples that lack one have NaN
    notes : what was left out, and why
    """

    names: tuple[str, ...]
    values: Float64
    notes: tuple[str, ...]


def attributes_of(columns: pd.DataFrame) -> Attributes:
    """Columns of labels and attributes; those that do not vary, or name the rows, are left out and told."""
    names: list[str] = []
    values: list[Float64] = []
    left: list[str] = []
    for name in columns.columns:
        column = columns[name]
        if str(name) in NEVER:
            continue
        if is_category(column, column):
            text = column.dropna().astype(str)
            classes = sorted(text.unique(), key=_in_order)
            if not 2 <= len(classes) <= MOST_CLASSES:
                left.append(f"{name} ({len(classes)} {'class' if len(classes) == 1 else 'classes'})")
                continue
            known = column.notna().to_numpy()
            whole = column.astype(str).to_numpy()
            for one in classes[: 1 if len(classes) == 2 else None]:
                names.append(f"{name} = {one}")
                values.append(np.where(known, (whole == one).astype(np.float64), np.nan))
            continue
        try:
            numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        except (TypeError, ValueError):
            left.append(f"{name} (no numbers)")
            continue
        numbers = np.where(np.isfinite(numbers), numbers, np.nan)
        if not np.nanmax(numbers, initial=-np.inf) > np.nanmin(numbers, initial=np.inf):
            left.append(f"{name} (one value)")
            continue
        names.append(str(name))
        values.append(numbers)
    notes = (f"Left out as attributes: {', '.join(left)}.",) if left else ()
    return Attributes(tuple(names), _stacked(values, len(columns)), notes)


def scored(job: wb.Job, source: str | None, rows: Any, params: UnitDrivers.Params) -> Attributes:
    """Scores of the samples as points of the space ``source``, where that is one of images."""
    from plugins.directions.measuring.readers import read_all, readers_of, varying

    images = None if source is None else job.model.spaces[source]
    if source is None or not isinstance(images, wb.Images):
        if params.scorers:
            raise wb.ParameterError("scorers measure pictures, and the units of this run are not driven by pictures")
        return Attributes((), np.empty((len(rows), 0)), ())
    readers, notes = readers_of(params, images)
    pixels = np.asarray(job.points(source, rows=rows).values, dtype=np.float32)
    values = read_all(readers, np.clip((pixels - images.low) / (images.high - images.low), 0, 1))
    kept, told = varying(readers, values)
    return Attributes(tuple(readers[at].title for at in kept), values[:, kept], (*notes, *told))


def joined(first: Attributes, second: Attributes) -> Attributes:
    """Both, side by side."""
    return Attributes(
        (*first.names, *second.names), np.hstack([first.values, second.values]), (*first.notes, *second.notes)
    )


def _stacked(values: list[Float64], count: int) -> Float64:
    return np.stack(values, axis=1) if values else np.empty((count, 0))


def _in_order(text: str) -> tuple[int, float, str]:
    try:
        return (0, float(text), text)
    except ValueError:
        return (1, 0.0, text)


def mostly_known(given: Attributes) -> Attributes:
    """Without the attributes that more than half of the samples lack: samples without one are left out later."""
    share = np.isfinite(given.values).mean(axis=0) if len(given.values) else np.zeros(len(given.names))
    kept = np.flatnonzero(share >= 0.5)
    left = [name for at, name in enumerate(given.names) if at not in kept]
    notes = (f"Left out, since most samples lack them: {', '.join(left)}.",) if left else ()
    return Attributes(tuple(given.names[at] for at in kept), given.values[:, kept], (*given.notes, *notes))
