# SPDX-License-Identifier: Apache-2.0
"""The points of a run on their map: all of them in memory, or, for PCA of very many, streamed in two passes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.projection.checks import FloatArray, as_points
from plugins.projection.methods import (
    SPECTRUM,
    Progress,
    Projected,
    Settings,
    map_along,
    placed_points,
    project,
)
from plugins.projection.neighbours import Neighbours, nearest_neighbours
from plugins.projection.principal_components import principal_components

if TYPE_CHECKING:
    import pandas as pd

FEWEST = 4  # points that can make a map
STREAM_BYTES = 200 * 10**6  # of points as float32, above which PCA streams them
BATCH_NUMBERS = 2**21  # numbers in a batch of a stream
MEASURED = 20_000  # points at most on which a streamed map is measured


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
    notes : sentences the reader should know.
    """

    rows: NDArray[np.int64]
    columns: pd.DataFrame
    held: NDArray[np.bool_]
    projected: Projected
    points: FloatArray
    positions: NDArray[np.int64]
    neighbours: Neighbours | None
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
        The slice is empty, or leaves fewer than `FEWEST` points.
    ValueError
        Too few points, or as in `methods.project`.
    """
    import pandas as pd

    progress(0.0, "points")
    placed = _slice_points(job, wanted)
    sample = job.points(wanted.space, limit=wanted.limit)
    values, rows, columns = sample.flat(), np.asarray(sample.rows, dtype=np.int64), sample.columns
    held = np.zeros(len(rows), dtype=bool)
    if placed is not None:
        free = ~np.isin(rows, placed.rows)
        _check_left(int(free.sum()), len(rows), wanted)
        held = np.concatenate([np.zeros(int(free.sum()), dtype=bool), np.ones(len(placed), dtype=bool)])
        values = np.concatenate([values[free], placed.flat()])
        rows = np.concatenate([rows[free], placed.rows])
        columns = pd.concat([columns[free], placed.columns], ignore_index=True)
    points, notes = in_metric(as_points(values, f"points of {wanted.space}"), sample.space)
    n = len(points)
    _check_enough(n, wanted)
    whole = not held.any() and (wanted.fit_limit is None or wanted.fit_limit >= n)
    progress(0.2, "nearest neighbours")
    neighbours = _shared_neighbours(job, points, settings, least_neighbours) if whole else None
    projected = project(
        points,
        settings,
        fit_limit=wanted.fit_limit,
        held_out=held,
        neighbours=neighbours,
        seed=job.seed,
        progress=lambda fraction, stage: progress(0.3 + 0.7 * fraction, stage),
    )
    return Mapped(rows, columns, held, projected, points, np.arange(n), neighbours, notes)


def map_streamed(job: wb.Job, wanted: Wanted, settings: Settings, progress: Progress) -> Mapped:
    """The map of very many points by PCA, in two passes over batches.

    Held are the batch, what `principal_components` holds (a d x d matrix up to 4,096 coordinates), the coordinates,
    and the points that are measured: at most `MEASURED`, and at most a quarter of `STREAM_BYTES`.

    Raises
    ------
    As `map_in_memory`.
    """
    import pandas as pd

    placed = _slice_points(job, wanted)
    taken = np.empty(0, dtype=np.int64) if placed is None else np.asarray(placed.rows, dtype=np.int64)
    progress(0.0, "counting points")
    width = next(iter(job.batches(wanted.space, limit=wanted.limit, size=1))).flat().shape[1]
    size = max(1, BATCH_NUMBERS // width)
    parts = [(batch.rows, batch.columns) for batch in job.batches(wanted.space, limit=wanted.limit, size=size)]
    sampled = np.concatenate([np.asarray(part, dtype=np.int64) for part, _ in parts])
    free = ~np.isin(sampled, taken)
    count = int(free.sum())
    if placed is not None:
        _check_left(count, len(sampled), wanted)
    _check_enough(count, wanted)
    rows = np.concatenate([sampled[free], taken])
    columns = pd.concat([each for _, each in parts], ignore_index=True)[free]
    columns = pd.concat([columns, *([] if placed is None else [placed.columns])], ignore_index=True)
    n = len(rows)
    held = np.arange(n) >= count
    fixed = placed_points(n, held, wanted.fit_limit, job.seed)
    space: list[tuple[str, ...]] = []

    def batches() -> Iterator[tuple[int, FloatArray]]:
        """Position of the first point, and points: those of the sample without the slice, then those of the slice."""
        start = at = 0
        for batch in job.batches(wanted.space, limit=wanted.limit, size=size):
            kept = free[start : start + len(batch)]
            start += len(batch)
            if kept.any():
                values, notes = in_metric(as_points(batch.flat()[kept], f"points of {wanted.space}"), batch.space)
                space.append(notes)
                yield at, values
                at += len(values)
        for begin in range(0, 0 if placed is None else len(placed), size):
            assert placed is not None
            values, notes = in_metric(as_points(placed.flat()[begin : begin + size]), placed.space)
            space.append(notes)
            yield at, values
            at += len(values)

    def fitting() -> Iterator[FloatArray]:
        for at, values in batches():
            progress(0.5 * at / n, f"principal components, {at:,} of {n:,} points")
            used = ~fixed[at : at + len(values)]
            if used.any():
                yield values[used]

    components = principal_components(fitting, min(SPECTRUM, width, int((~fixed).sum())), seed=job.seed)
    fitted = map_along(components, None, settings.dimensions)
    most = max(1000, min(MEASURED, STREAM_BYTES // (16 * width)))
    chosen = np.arange(n)
    if n > most:
        chosen = np.sort(np.random.default_rng(job.seed).choice(n, most, replace=False))
    measured = np.empty((len(chosen), width), dtype=np.float32)
    coordinates = np.empty((n, settings.dimensions), dtype=np.float32)
    for at, values in batches():
        progress(0.5 + 0.5 * at / n, f"placing points, {at:,} of {n:,}")
        coordinates[at : at + len(values)] = fitted.place(values)
        first, last = np.searchsorted(chosen, [at, at + len(values)])
        measured[first:last] = values[chosen[first:last] - at]
    notes = list(dict.fromkeys(one for each in space for one in each if "zero vectors" not in one))
    notes.append(
        f"{n:,} points of {width:,} coordinates were streamed; the map is exact, its measures and the stress are taken "
        f"among {len(chosen):,} random ones of them."
    )
    if fixed.any():
        notes.append(
            f"{int(fixed.sum())} of {n} points were placed in a map made from the other {int((~fixed).sum())}."
        )
    projected = Projected(coordinates, fixed, fitted, None, fitted.notes)
    return Mapped(rows, columns, held, projected, measured, chosen, None, tuple(notes))


def in_metric(points: FloatArray, space: wb.Space) -> tuple[FloatArray, tuple[str, ...]]:
    """Points such that Euclidean distance means what the metric of their space means."""
    if getattr(space, "metric", "") != "cosine":
        return points, ()
    norms: Any = np.linalg.norm(points, axis=1, keepdims=True)
    told = "Distances are between directions: points were brought to length 1 for the cosine metric of the space."
    zeros = int((norms == 0).sum())
    more = (f"{zeros} zero vectors have no direction and stay at the origin.",) if zeros else ()
    return points / np.where(norms > 0, norms, 1), (told, *more)


def _slice_points(job: wb.Job, wanted: Wanted) -> wb.Points | None:
    """All points of the slice that is to be placed."""
    if wanted.place is None:
        return None
    placed = job.points(wanted.space, slice=wanted.place)
    if len(placed) == 0:
        raise wb.DataError(f"the slice '{wanted.place}' has no points to place: choose a slice with rows")
    return placed


def _check_left(left: int, count: int, wanted: Wanted) -> None:
    if left < FEWEST:
        raise wb.DataError(
            f"the slice '{wanted.place}' holds all but {left} of the {count} points drawn, and at least {FEWEST} must "
            "be left to make the map: raise the limit, or place a smaller slice"
        )


def _check_enough(n: int, wanted: Wanted) -> None:
    if n < FEWEST:
        raise ValueError(f"A projection needs at least {FEWEST} points, but '{wanted.space}' has {n} here.")


def _shared_neighbours(job: wb.Job, points: FloatArray, settings: Settings, least: int) -> Neighbours | None:
    """Neighbours of all points, once, for the map and for the measures; None where the map needs none."""
    import torch

    n = len(points)
    needed = settings.needed_neighbours(n)
    if not needed:
        return None
    # exact distances are in float64, which not every accelerator has
    device = job.device if job.device.startswith("cuda") else "cpu"
    return nearest_neighbours(torch.from_numpy(np.array(points)).to(device), max(needed, min(least, (n - 1) // 2)))
