# SPDX-License-Identifier: Apache-2.0
"""The points that are looked at: finite ones, in the metric that is asked for, as a whole and class by class.

Where the points are a table of distances (metric "precomputed") they have no coordinates of their own: those that
classical scaling finds stand for them on maps and in planes, and no bar is computed from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import workbench as wb

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from plugins.homology.analysis import Homology
    from plugins.homology.distances import Metric

    Chosen = Metric | Literal["precomputed"]

FEWEST = 3  # points below which there is no shape
FEWEST_OF_CLASS = 20  # points below which a class has no barcode of its own
MOST_CLASSES = 40
ROUNDING = 1e-6  # of the largest distance: tables are read in single precision, which rounds both ways for itself
ALL = ""  # the group of all points


@dataclass(frozen=True)
class Group:
    """Points that are looked at together.

    Attributes
    ----------
    name : the class; empty for all points
    positions : int64 ``[g]`` among the points of the sample, rising
    """

    name: str
    positions: NDArray[np.int64]

    @property
    def words(self) -> str:
        """What messages call it."""
        return self.name or "all points"


@dataclass(frozen=True)
class Cloud:
    """The sample.

    Attributes
    ----------
    values : float32 ``[n, d]``, finite; of a table of distances the coordinates of classical scaling
    rows : int64 ``[n]``, of the data or draws
    sample : what the job gave (points that are not finite included)
    metric : "euclidean", "cosine", "geodesic", "pull-back" or "precomputed"
    decode : what the pull-back metric measures through
    groups : all points first, then each class
    column : the column of the classes; empty without
    distinct : number of different points
    notes : what was left out
    table : float32 ``[n, n]``, the distances that were given, where the metric is "precomputed"
    """

    values: NDArray[np.float32]
    rows: NDArray[np.int64]
    sample: wb.Points
    metric: Chosen
    groups: list[Group]
    column: str = ""
    decode: Callable[[Any], Any] | None = None
    distinct: int = 0
    notes: list[str] = field(default_factory=list)
    table: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.values)

    def different(self, group: Group) -> NDArray[np.int64]:
        """Positions of a group, one of each set of equal points: what can be drawn without drawing one point twice."""
        if self.distinct == len(self):
            return group.positions
        values = self.values if self.table is None else self.table
        return group.positions[first_of_each(values[group.positions])]

    @property
    def placed(self) -> NDArray[np.float32]:
        """The points as distances take them: of length 1 where angles count (0 stays 0), float32 ``[n, d]``."""
        if self.metric != "cosine":
            return self.values
        lengths = np.linalg.norm(self.values, axis=1, keepdims=True)
        return np.asarray(self.values / np.where(lengths > 0, lengths, 1))


def cloud_of(job: wb.Job, params: Homology.Params) -> Cloud:
    """The points of a run.

    Raises
    ------
    DataError
        When fewer than three different points are left, or the points are no table of distances where they should be.
    """
    sample = job.points(params.space, limit=params.limit)
    flat = np.asarray(sample.flat())
    if params.metric == "precomputed":
        return _given(job, sample, flat, params)
    finite = _finite(flat)
    notes = []
    if not finite.all():
        notes.append(
            f"{int((~finite).sum()):,} of {len(finite):,} points hold NaN or infinity; they have no place in the space "
            "and are left out."
        )
    metric = _metric(sample.space, params.metric)
    if metric == "cosine":
        zero = finite & ~_any(flat)
        if zero.any():
            notes.append(f"{int(zero.sum()):,} points are zero, have no angle, and are left out.")
            finite &= ~zero
    values = np.ascontiguousarray(flat if finite.all() else flat[finite], dtype=np.float32)
    rows = np.asarray(sample.rows, dtype=np.int64)[finite]
    distinct = _enough(values, len(finite), params, notes)
    if _looks_given(values, rows):
        notes.append(
            f"The numbers of '{params.space}' are those of a table of distances (symmetric, zero to itself), and were "
            "taken for coordinates: where they are distances, set metric to 'precomputed'."
        )
    groups = _groups(sample, finite, params, notes)
    decode = _decoder(job, params) if metric == "pull-back" else None
    return Cloud(values, rows, sample, metric, groups, params.by or "", decode, distinct, notes)


def _given(job: wb.Job, sample: wb.Points, flat: NDArray[Any], params: Homology.Params) -> Cloud:
    """The cloud of a table of distances: the columns are the rows of the whole table, of which some may be taken."""
    from plugins.homology.flat_map import classical_scaling
    from plugins.homology.tables import checked

    rows = np.asarray(sample.rows, dtype=np.int64)
    n, width = flat.shape
    every = len(job.data) if job.data is not None else n if n < params.limit else width
    if width != every or int(rows.max(initial=0)) >= width:
        raise wb.DataError(
            f"metric = 'precomputed' takes a square table of distances, and '{params.space}' is {every:,} rows of "
            f"{width:,} numbers: give the distance of every row to every row, or choose another metric"
        )
    _refuse_given(n)
    table = flat if n == width else flat[:, rows]
    try:
        table = checked(table, ROUNDING).astype(np.float32)
    except wb.DataError as error:
        among = "" if n == width else f" (positions among the {n:,} rows that were taken)"
        raise wb.DataError(f"'{params.space}' is no table of distances{among}. {error}") from None
    if not np.isfinite(table).all():
        at = int((~np.isfinite(table)).argmax())
        raise wb.DataError(
            f"'{params.space}' is no table of distances: from {at // n} to {at % n} it is infinite; leave out such "
            "rows or take pieces one by one"
        )
    notes = [
        "Distances are those that were given. The points have no coordinates: the map is classical scaling (principal "
        "coordinates), and the middle of a hole can be neither placed nor decoded."
    ]
    if n < width:
        notes.append(f"Of the {width:,} rows {n:,} were taken at random, with the columns of the same.")
    distinct = _enough(table, n, params, notes)
    groups = _groups(sample, np.ones(n, dtype=np.bool_), params, notes)
    values = classical_scaling(table)
    return Cloud(values, rows, sample, "precomputed", groups, params.by or "", None, distinct, notes, table)


def _looks_given(values: NDArray[np.float32], rows: NDArray[np.int64]) -> bool:
    """Whether points are, by all signs, the rows of a table of distances; symmetry is looked at in 200 of them."""
    if values.shape[1] <= int(rows.max(initial=0)) or values.shape[1] < FEWEST:
        return False
    if values[np.arange(len(rows)), rows].any():
        return False
    part = values[:200][:, rows[:200]]
    apart = part[~np.eye(len(part), dtype=np.bool_)]
    return bool((apart >= 0).all() and (apart > 0).mean() > 0.5 and np.allclose(part, part.T, rtol=ROUNDING))


def _refuse_given(n: int) -> None:
    """Refuse a table whose copies would not fit in memory."""
    from plugins.homology.estimate import estimate, refuse

    try:
        refuse(estimate(n, 0))
    except wb.DataError as error:
        raise wb.DataError(f"{error} Set 'limit' to take fewer rows of the table.") from None


def _enough(values: NDArray[np.float32], n: int, params: Homology.Params, notes: list[str]) -> int:
    distinct = count_distinct(values)
    if distinct < FEWEST:
        raise wb.DataError(
            f"at least {FEWEST} different finite points of '{params.space}' are needed for a shape, got {distinct} "
            f"among {n:,}: take another space, slice or data set"
        )
    if distinct < len(values):
        notes.append(f"Only {distinct:,} of {len(values):,} points are different; equal points count once in a shape.")
    return distinct


def _groups(sample: wb.Points, kept: NDArray[np.bool_], params: Homology.Params, notes: list[str]) -> list[Group]:
    groups = [Group(ALL, np.arange(int(kept.sum()), dtype=np.int64))]
    return groups if params.by is None else groups + _classes(sample, kept, params.by, notes)


def count_distinct(values: NDArray[np.float32]) -> int:
    """Number of different rows of ``values [n, d]``.

    >>> count_distinct(np.array([[0, 1], [0, 1], [1, 0]], dtype=np.float32))
    2
    """
    return len(first_of_each(values))


def first_of_each(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Position of the first of each set of equal rows of ``values [n, d]``, rising, int64 ``[distinct]``.

    >>> first_of_each(np.array([[0, 1], [0, 1], [1, 0]], dtype=np.float32)).tolist()
    [0, 2]
    """
    marks = [np.empty(0, dtype=np.int64)]
    for at in range(0, len(values), 8192):
        part = np.ascontiguousarray(values[at : at + 8192] + np.float32(0))  # -0 and 0 are one number
        # 64 bits of each row: two rows of a million are taken for one by chance once in forty million runs
        marks.append(np.fromiter((hash(row.tobytes()) for row in part), dtype=np.int64, count=len(part)))
    return np.sort(np.unique(np.concatenate(marks), return_index=True)[1]).astype(np.int64)


def _finite(flat: NDArray[Any]) -> NDArray[np.bool_]:
    parts = [np.isfinite(flat[at : at + 8192]).all(axis=1) for at in range(0, len(flat), 8192)]
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.bool_)


def _any(flat: NDArray[Any]) -> NDArray[np.bool_]:
    return np.concatenate([(flat[at : at + 8192] != 0).any(axis=1) for at in range(0, len(flat), 8192)])


def _metric(space: wb.Space, wanted: Literal["auto", "precomputed"] | Metric) -> Metric:
    if wanted not in ("auto", "precomputed"):
        return wanted  # type: ignore[return-value]
    return "cosine" if getattr(space, "metric", "euclidean") == "cosine" else "euclidean"


def _classes(sample: wb.Points, finite: NDArray[np.bool_], by: str, notes: list[str]) -> list[Group]:
    if by not in sample.columns.columns:
        raise wb.ParameterError(
            f"'by' = '{by}': the points of this run have no such column, for they are no rows of the data; leave 'by' "
            "empty or choose another space"
        )
    column = sample.columns[by][finite].reset_index(drop=True)
    if column.nunique() > MOST_CLASSES:
        raise wb.ParameterError(
            f"'by' = '{by}' has {column.nunique():,} values in the sample: choose a column with at most {MOST_CLASSES}"
        )
    codes = column.astype("category").cat.codes.to_numpy()
    names = [str(one) for one in column.astype("category").cat.categories]
    found, few = [], []
    for code, name in enumerate(names):
        positions = np.flatnonzero(codes == code).astype(np.int64)
        if len(positions) >= FEWEST_OF_CLASS:
            found.append(Group(f"{by} {name}", positions))
        else:
            few.append(name)
    if few:
        notes.append(
            f"Classes of {by} with fewer than {FEWEST_OF_CLASS} points have no barcode of their own: {', '.join(few)}."
        )
    return found


def _decoder(job: wb.Job, params: Homology.Params) -> Callable[[Any], Any]:
    """The map that the pull-back metric measures through: the one named, or the first that leads to images."""
    maps = job.model.maps
    name: str | None = params.through
    if name is None:
        fitting = [one for one, map_ in maps.items() if map_.source.name == params.space]
        images = [one for one in fitting if isinstance(maps[one].target, wb.Images)]
        name = next(iter(images or fitting), None)
    if name is None or maps[name].source.name != params.space:
        raise wb.ParameterError(
            f"the pull-back metric needs a map that starts at '{params.space}': set 'through' to one, or choose "
            "another metric"
        )
    chosen = maps[name]

    def decode(points: Any) -> Any:
        import torch

        with torch.no_grad():
            return chosen(torch.as_tensor(np.asarray(points, dtype=np.float32), device=job.device))

    return decode
