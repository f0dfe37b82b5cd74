# SPDX-License-Identifier: Apache-2.0
"""The points that are looked at: finite, of length 1 where angles count, with the classes of a column beside them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

import workbench as wb

FEWEST = 3  # different points below which there is no shape
FEWEST_OF_DENSITY = 20  # points below which no peak could pass a threshold of six standard errors
MOST_CLASSES = 40


@dataclass(frozen=True)
class Classes:
    """One class for each point.

    Attributes
    ----------
    column : name of the column
    names : the classes
    codes : int64 ``[n]``, positions in ``names``; -1 where the value is missing
    """

    column: str
    names: tuple[str, ...]
    codes: NDArray[np.int64]

    def shares(self, positions: NDArray[np.int64]) -> NDArray[np.float64]:
        """Share of each class among these points that have one, float64 ``[classes]``; zeros where none has."""
        codes = self.codes[positions]
        counts = np.bincount(codes[codes >= 0], minlength=len(self.names))
        return np.asarray(counts / max(int(counts.sum()), 1), dtype=np.float64)


@dataclass(frozen=True)
class Sample:
    """Finite points of a run.

    Attributes
    ----------
    values : float64 ``[n, d]``; of length 1 where the space compares by angle
    rows : int64 ``[n]``, of the data or draws
    kept : bool ``[m]``, which of the points that the job gave these are
    points : what the job gave
    classes : of the column that was named, or of the first that has classes; ``None`` where there is none
    by_angle : whether the space compares by angle
    notes : what was left out
    """

    values: NDArray[np.float64]
    rows: NDArray[np.int64]
    kept: NDArray[np.bool_]
    points: wb.Points
    classes: Classes | None
    by_angle: bool
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.values)


def sample_of(job: wb.Job, space: str, limit: int, by: str | None) -> Sample:
    """At most ``limit`` points of ``space``.

    Raises
    ------
    DataError
        When fewer than three different finite points are left.
    ParameterError
        When the column ``by`` is not there or has more than 40 values.
    """
    points = job.points(space, limit=limit)
    flat = np.asarray(points.flat(), dtype=np.float64)
    kept: NDArray[np.bool_] = np.asarray(np.isfinite(flat).all(axis=1))
    notes = []
    if not kept.all():
        notes.append(f"{int((~kept).sum()):,} of {len(kept):,} points hold NaN or infinity and are left out.")
    by_angle = getattr(points.space, "metric", "euclidean") == "cosine"
    if by_angle:
        zero = kept & ~(flat != 0).any(axis=1)
        if zero.any():
            notes.append(f"{int(zero.sum()):,} points are zero, have no angle, and are left out.")
            kept &= ~zero
        notes.append("This space compares by angle: points are brought to length 1, and distances are straight ones.")
    values = np.ascontiguousarray(flat[kept])
    if by_angle:
        values /= np.linalg.norm(values, axis=1, keepdims=True)
    distinct = len({row.tobytes() for row in values + 0.0})
    if distinct < FEWEST:
        raise wb.DataError(
            f"at least {FEWEST} different finite points of '{space}' are needed, got {distinct} among {len(kept):,}: "
            "take another space, slice or data set"
        )
    if distinct < len(values):
        notes.append(f"Only {distinct:,} of {len(values):,} points are different.")
    rows = np.asarray(points.rows, dtype=np.int64)[kept]
    return Sample(values, rows, kept, points, classes_of(points, kept, by), by_angle, notes)


def classes_of(points: wb.Points, kept: NDArray[np.bool_], by: str | None) -> Classes | None:
    """Classes by the column ``by``, else by the first column that has 2 to 40 values that are no fractions."""
    import pandas as pd

    frame = points.columns
    name = by
    if by is None:
        fitting = (
            str(one)
            for one in frame.columns
            if not pd.api.types.is_float_dtype(frame[one].dtype)
            and 2 <= frame[one][kept].nunique() <= min(MOST_CLASSES, int(kept.sum()) // 2)
        )
        name = next(fitting, None)
        if name is None:
            return None
    elif by not in frame.columns:
        raise wb.ParameterError(
            f"'by' = '{by}': the points of this run have no such column, for they are no rows of the data; leave 'by' "
            "empty or choose another space"
        )
    column = frame[name][kept].reset_index(drop=True).astype("category").cat
    if len(column.categories) > MOST_CLASSES:
        raise wb.ParameterError(
            f"'by' = '{name}' has {len(column.categories):,} values in the sample: choose a column with at most "
            f"{MOST_CLASSES}"
        )
    return Classes(str(name), tuple(str(one) for one in column.categories), column.codes.to_numpy().astype(np.int64))
