# SPDX-License-Identifier: Apache-2.0
"""The map of very many points by PCA, in passes over batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.projection import sample
from plugins.projection.checks import FloatArray, as_points
from plugins.projection.methods import SPECTRUM, Progress, Projected, Settings, map_along, placed_points
from plugins.projection.principal_components import principal_components
from plugins.projection.sample import Mapped, Wanted, check_enough, check_left, in_metric, keeping, slice_points
from plugins.projection.spacing import FEWEST_ROWS, NearestOther, from_rows

if TYPE_CHECKING:
    import pandas as pd

BATCH_NUMBERS = 2**21  # numbers in a batch of a stream


class _Stream:
    """The points of the sample without the slice that is placed, then those of the slice, batch by batch."""

    def __init__(self, job: wb.Job, wanted: Wanted) -> None:
        import pandas as pd

        self.job, self.wanted = job, wanted
        self.placed = slice_points(job, wanted)
        taken = np.empty(0, dtype=np.int64) if self.placed is None else np.asarray(self.placed.rows, dtype=np.int64)
        first = next(iter(job.batches(wanted.space, limit=wanted.limit, size=1)))
        self.width = first.flat().shape[1]
        self.size = max(1, BATCH_NUMBERS // self.width)
        parts = [(batch.rows, batch.columns) for batch in job.batches(wanted.space, limit=wanted.limit, size=self.size)]
        sampled = np.concatenate([np.asarray(part, dtype=np.int64) for part, _ in parts])
        self.free: NDArray[np.bool_] = ~np.isin(sampled, taken)
        self.count = int(self.free.sum())
        if self.placed is not None:
            check_left(self.count, len(sampled), wanted)
        check_enough(self.count, wanted)
        self.rows = np.concatenate([sampled[self.free], taken])
        columns = pd.concat([each for _, each in parts], ignore_index=True)[self.free]
        more = [] if self.placed is None else [self.placed.columns]
        self.columns: pd.DataFrame = pd.concat([columns, *more], ignore_index=True)
        self.keep, notes = keeping(job, first, len(self.rows))
        self.notes: dict[str, None] = dict.fromkeys(notes)

    def _raw(self) -> Iterator[tuple[int, FloatArray, wb.Space]]:
        """Position of the first point, points as they are in the space, and the space."""
        start = at = 0
        for batch in self.job.batches(self.wanted.space, limit=self.wanted.limit, size=self.size):
            kept = self.free[start : start + len(batch)]
            start += len(batch)
            if kept.any():
                values = as_points(batch.flat()[kept], f"points of {self.wanted.space}")
                yield at, values, batch.space
                at += len(values)
        for begin in range(0, 0 if self.placed is None else len(self.placed), self.size):
            assert self.placed is not None
            values = as_points(self.placed.flat()[begin : begin + self.size])
            yield at, values, self.placed.space
            at += len(values)

    def __iter__(self) -> Iterator[tuple[int, FloatArray, FloatArray]]:
        """Position of the first point, points as they are, and points for which Euclidean distance is the metric."""
        for at, values, space in self._raw():
            points, notes = in_metric(values, space)
            self.notes |= dict.fromkeys(one for one in notes if "zero vectors" not in one)
            yield at, values, points


def map_streamed(job: wb.Job, wanted: Wanted, settings: Settings, progress: Progress) -> Mapped:
    """The map of very many points by PCA, in two passes over batches.

    Held are the batch, what `principal_components` holds (a d x d matrix up to 4,096 coordinates), the coordinates,
    the points that are measured (at most `sample.MEASURED`, and at most a quarter of `sample.STREAM_BYTES`), and, where
    the result keeps the points, these.

    Raises
    ------
    As `sample.map_in_memory`.
    """
    progress(0.0, "counting points")
    stream = _Stream(job, wanted)
    n, width = len(stream.rows), stream.width
    held = np.arange(n) >= stream.count
    fixed = placed_points(n, held, wanted.fit_limit, job.seed)
    random = np.random.default_rng(job.seed)
    most = max(1000, min(sample.MEASURED, sample.STREAM_BYTES // (16 * width)))
    chosen = np.arange(n) if n <= most else np.sort(random.choice(n, most, replace=False))
    near = NearestOther(np.sort(random.choice(n, min(n, FEWEST_ROWS), replace=False)))

    def fitting() -> Iterator[FloatArray]:
        for at, _, points in stream:
            progress(0.5 * at / n, f"principal components, {at:,} of {n:,} points")
            near.take(at, points)
            used = ~fixed[at : at + len(points)]
            if used.any():
                yield points[used]

    components = principal_components(
        fitting, min(SPECTRUM, width, int((~fixed).sum())), seed=job.seed, device=job.device
    )
    fitted = map_along(components, None, settings.dimensions)
    measured = np.empty((len(chosen), width), dtype=np.float32)
    coordinates = np.empty((n, settings.dimensions), dtype=np.float32)
    kept = np.empty((n, width), dtype=np.float32) if stream.keep else None
    for at, values, points in stream:
        progress(0.5 + 0.5 * at / n, f"placing points, {at:,} of {n:,}")
        part = slice(at, at + len(points))
        coordinates[part] = fitted.place(points)
        if kept is not None:
            kept[part] = values
        near.look(at, points)
        first, last = np.searchsorted(chosen, [part.start, part.stop])
        measured[first:last] = points[chosen[first:last] - at]
    notes = [
        *stream.notes,
        f"{n:,} points of {width:,} coordinates were streamed; the map is exact, its measures and the stress are taken "
        f"among {len(chosen):,} random ones of them.",
    ]
    if fixed.any():
        notes.append(
            f"{int(fixed.sum()):,} of {n:,} points were placed in a map made from the other {int((~fixed).sum()):,}."
        )
    return Mapped(
        rows=stream.rows,
        columns=stream.columns,
        held=held,
        projected=Projected(coordinates, fixed, fitted, None, fitted.notes),
        points=measured,
        positions=chosen,
        neighbours=None,
        spacing=from_rows(n, near.rows, near.distances),
        kept=kept,
        notes=tuple(notes),
    )
