# SPDX-License-Identifier: Apache-2.0
"""The points of a run on their map, all of them in memory; PCA of very many is in `streamed`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.projection.checks import FloatArray, as_points
from plugins.projection.methods import Progress, Projected, Settings, project
from plugins.projection.neighbours import Neighbours
from plugins.projection.search import Recall, Search
from plugins.projection.spacing import Spacing, spacing

if TYPE_CHECKING:
    import pandas as pd

_Shared = tuple[Neighbours | None, Recall | None]
FEWEST = 4  # points that can make a map
STREAM_BYTES = 200 * 10**6  # of points as float32, above which PCA streams them
MEASURED_AMONG_ALL = 200_000  # points up to which neighbours on the map are compared with those among all points
MEASURED = 20_000  # points at most on which a map of more, or a streamed one, is measured
KEPT_BYTES = 256 * 2**20  # of points that a result keeps at most


@dataclass(frozen=True)
class Wanted:
    """What is to be drawn: the space, at most so many points of it, and whose rows are placed."""

    space: str
    limit: int
    fit_limit: int | None = None
    place: str | None = None


@dataclass(frozen=True)
class Mapped:
    """A sample on its map.

    Attributes
    ----------
    rows : int64 [n], positions in the data, first those of the sample, then those of the slice that is placed.
    columns : labels of the n points.
    held : bool [n], True for points of the slice.
    projected : coordinates of the n points and what made them.
    points : [m, d], the points that are measured, such that Euclidean distance means what the space's metric means.
    positions : int64 [m], where these are among the n.
    neighbours : of the m points among themselves, where they are known.
    spacing : distances of the n points to the nearest other one, where they were measured.
    kept : float32 [n, d], the points as they are in the space, where the result is to keep them.
    notes : sentences the reader should know.
    """

    rows: NDArray[np.int64]
    columns: pd.DataFrame
    held: NDArray[np.bool_]
    projected: Projected
    points: FloatArray
    positions: NDArray[np.int64]
    neighbours: Neighbours | None
    spacing: Spacing
    kept: NDArray[np.float32] | None
    notes: tuple[str, ...]


def too_large(job: wb.Job, wanted: Wanted) -> bool:
    """Whether the sample has more than `STREAM_BYTES`; reads one point, and counts the others only if need be."""
    first = next(iter(job.batches(wanted.space, limit=wanted.limit, size=1)), None)
    if first is None:
        return False
    width = first.flat().shape[1]
    if 4 * width * wanted.limit <= STREAM_BYTES:
        return False
    count = sum(len(batch) for batch in job.batches(wanted.space, limit=wanted.limit, size=4096))
    return bool(4 * width * count > STREAM_BYTES)


def map_in_memory(job: wb.Job, wanted: Wanted, settings: Settings, least_neighbours: int, progress: Progress) -> Mapped:
    """The map of points that are held as a whole.

    Raises
    ------
    DataError
        The slice is empty, or leaves fewer than `FEWEST` points; there are fewer than that.
    ValueError
        As in `methods.project`.
    """
    import pandas as pd

    progress(0.0, "points")
    placed = slice_points(job, wanted)
    sample = job.points(wanted.space, limit=wanted.limit)
    values, rows, columns = sample.flat(), np.asarray(sample.rows, dtype=np.int64), sample.columns
    held = np.zeros(len(rows), dtype=bool)
    if placed is not None:
        free = ~np.isin(rows, placed.rows)
        check_left(int(free.sum()), len(rows), wanted)
        held = np.concatenate([np.zeros(int(free.sum()), dtype=bool), np.ones(len(placed), dtype=bool)])
        values = np.concatenate([values[free], placed.flat()])
        rows = np.concatenate([rows[free], placed.rows])
        columns = pd.concat([columns[free], placed.columns], ignore_index=True)
    given = as_points(values, f"points of {wanted.space}")
    points, notes = in_metric(given, sample.space)
    n = len(points)
    check_enough(n, wanted)
    whole = not held.any() and (wanted.fit_limit is None or wanted.fit_limit >= n)
    progress(0.2, "nearest neighbours")
    neighbours, recall = _shared_neighbours(job, points, settings, least_neighbours) if whole else (None, None)
    projected = project(
        points,
        settings,
        fit_limit=wanted.fit_limit,
        held_out=held,
        neighbours=neighbours,
        device=job.device,
        seed=job.seed,
        progress=lambda fraction, stage: progress(0.3 + 0.65 * fraction, stage),
    )
    if recall is not None:
        projected = replace(projected, recall=recall)
        notes += (recall.sentence("Neighbours that the map was made from"),)
    progress(0.95, "distances to the nearest")
    measured = np.arange(n)
    if n > MEASURED_AMONG_ALL:
        measured = np.sort(np.random.default_rng(job.seed).choice(n, MEASURED, replace=False))
        notes += (f"The measures and the stress are taken among {MEASURED:,} random ones of the {n:,} points.",)
    keep, more = keeping(job, sample, n)
    return Mapped(
        rows=rows,
        columns=columns,
        held=held,
        projected=projected,
        points=points if len(measured) == n else points[measured],
        positions=measured,
        neighbours=neighbours if len(measured) == n else None,
        spacing=spacing(points, neighbours, seed=job.seed),
        kept=given.astype(np.float32, copy=False) if keep else None,
        notes=(*notes, *more),
    )


def keeping(job: wb.Job, sample: wb.Points, n: int) -> tuple[bool, tuple[str, ...]]:
    """Whether a result of n such points keeps them, and what the reader should know of it.

    Points that came through a map, a layer or a prior would have to be computed again by whoever wants to look at them;
    rows of the data are read from the data.
    """
    if _rows_of_the_data(job, sample):
        return False, ()
    size = 4 * n * sample.flat().shape[1]
    if size <= KEPT_BYTES:
        return True, ()
    told = (
        f"The points of {sample.space.name} take {size / 2**20:,.0f} MiB and are not kept in the result (at most "
        f"{KEPT_BYTES / 2**20:,.0f} MiB are): places on the map cannot be decoded. Lower the limit to keep them."
    )
    return False, (told,)


def _rows_of_the_data(job: wb.Job, sample: wb.Points) -> bool:
    """Whether the points are rows of the data as they are; looks at a few, since spaces of like kind are many."""
    if job.data is None or sample.source in ("prior", "items") or len(sample) == 0:
        return False
    few = np.asarray(sample.rows[:8], dtype=np.int64)
    values = np.asarray(job.data.batch(few))
    return bool(values.dtype.kind in "fiub" and np.array_equal(values.reshape(len(few), -1), sample.flat()[:8]))


def in_metric(points: FloatArray, space: wb.Space) -> tuple[FloatArray, tuple[str, ...]]:
    """Points such that Euclidean distance means what the metric of their space means."""
    if getattr(space, "metric", "") != "cosine":
        return points, ()
    norms: Any = np.linalg.norm(points, axis=1, keepdims=True)
    told = "Distances are between directions: points were brought to length 1 for the cosine metric of the space."
    zeros = int((norms == 0).sum())
    more = (f"{zeros} zero vectors have no direction and stay at the origin.",) if zeros else ()
    return points / np.where(norms > 0, norms, 1), (told, *more)


def slice_points(job: wb.Job, wanted: Wanted) -> wb.Points | None:
    """All points of the slice that is to be placed."""
    if wanted.place is None:
        return None
    placed = job.points(wanted.space, slice=wanted.place)
    if len(placed) == 0:
        raise wb.DataError(f"the slice '{wanted.place}' has no points to place: choose a slice with rows")
    return placed


def check_left(left: int, count: int, wanted: Wanted) -> None:
    if left < FEWEST:
        raise wb.DataError(
            f"the slice '{wanted.place}' holds all but {left} of the {count} points drawn, and at least {FEWEST} must "
            "be left to make the map: raise the limit, or place a smaller slice"
        )


def check_enough(n: int, wanted: Wanted) -> None:
    if n < FEWEST:
        raise wb.DataError(
            f"a projection needs at least {FEWEST} points, but '{wanted.space}' has {n} here: choose more data, a "
            "larger slice or none"
        )


def _shared_neighbours(job: wb.Job, points: FloatArray, settings: Settings, least: int) -> _Shared:
    """Neighbours of all points, once, for the map and for the measures; None where the map needs none."""
    n = len(points)
    needed = settings.needed_neighbours(n)
    if not needed:
        return None, None
    search = Search(points, device=job.device, seed=job.seed)
    return search.among(max(needed, min(least, (n - 1) // 2))), search.recall
