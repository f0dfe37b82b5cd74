# SPDX-License-Identifier: Apache-2.0
"""RunJob: what an analysis is given to work with."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.analysis import Points
from registry.arrays import Array
from registry.data import Dataset
from registry.directions import Direction
from registry.errors import DataError, DoesNotApply, SpaceError, StoreError
from registry.model import Model
from workbench.points.routes import columns_of_items
from workbench.runs import kept
from workbench.runs.draws import draws_source, read_draws
from workbench.runs.randomness import Seeds, seeded, subset
from workbench.runs.sampling import Sampler
from workbench.runs.slicing import misfit, seeds_in

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from workbench.points import Description, Route
    from workbench.runs.datasets import Opened
    from workbench.store import RunRecord, SliceRecord, Store

PROGRESS_EVERY = 0.2  # seconds between two writes of progress
READING_EVERY = 1.0  # seconds between two words on how many points are made
PICTURE_EVERY = 1.0  # seconds between two pictures of a run under way
PRIOR_POINTS = 2000  # draws from a prior when an analysis names no limit


@dataclass(frozen=True)
class Sources:
    """Where points come from: the model with its description, and the data."""

    model: Model | None
    description: Description | None
    data: Opened | None
    preimage: dict[str, Any]


class RunJob:
    """A job of a stored run; see :class:`registry.analysis.Job`.

    ``timings`` are seconds by stage and ``samples`` says of each sample what it is, both for the manifest.
    """

    def __init__(
        self, store: Store, record: RunRecord, device: str, sources: Sources, write: Callable[[str], None]
    ) -> None:
        self.seed, self.device = record.seed, device
        self._write = write
        self.timings: dict[str, float] = {}
        self.samples: dict[str, dict[str, Any]] = {}
        self._store, self._record, self._sources = store, record, sources
        self._seeds = Seeds.of(record.seed)
        self._rng, self._generator = self._seeds.rng(), self._seeds.generator()
        self._sampler = Sampler(store, sources, record.seed, device)
        self._seeds_of_slices = seeds_in(sources.preimage)
        self._reported = self._pictured = self._fraction = 0.0

    @property
    def model(self) -> Model:
        """The model, loaded on the device; raises :class:`DoesNotApply` when the run has none."""
        if self._sources.model is None:
            raise DoesNotApply(f"'{self._record.analysis}' asks for the model, and the run has none: name one")
        return self._sources.model

    @property
    def data(self) -> Dataset | None:
        """The data set of the run, in the units of the model's space, if there is one."""
        return self._sampler.dataset

    @property
    def rng(self) -> np.random.Generator:
        """The run's numpy generator."""
        return self._rng

    @property
    def generator(self) -> torch.Generator:
        """The run's torch generator, on the processor."""
        return self._generator

    def seeded(self) -> AbstractContextManager[None]:
        """Seed the global generators too, as long as the analysis runs."""
        return seeded(self._seeds)

    def rows(self, space: str, *, slice: str | None = None) -> Array:
        """Every row that :meth:`points` samples from, int64 in ascending order; 2,000 draws where it is a prior."""
        route = self._sampler.route(space)
        return self._rows(route, None, self._slice(route, slice))

    def points(
        self,
        space: str,
        *,
        limit: int | None = None,
        spread: bool = False,
        slice: str | None = None,
        rows: Array | None = None,
    ) -> Points:
        """A sample of at most ``limit`` points of ``space``; without a limit all rows, or 2,000 draws from the prior.

        ``rows`` (int64, ascending, each once) asks for exactly these rows of the source that the slice is of.

        Raises
        ------
        SpaceError
            When there is no such space, or its points can neither be drawn nor be had from the data.
        """
        if limit is not None and limit < 1:
            raise SpaceError(f"a sample of {limit} points of '{space}' was asked for: ask for at least 1")
        begun = time.perf_counter()
        route = self._sampler.route(space)
        taken = self._slice(route, slice)
        rows = self._rows(route, limit, taken) if rows is None else _ascending(rows)
        seed = self._seed_of_draws(route, taken)
        told = self._reading(space, len(rows))
        values, deviation = self._sampler.values(route, rows, spread=spread, seed=seed, told=told)
        seconds = time.perf_counter() - begun
        source = self._sampler.source(route)
        self.timings[f"points of {space}"] = self.timings.get(f"points of {space}", 0.0) + seconds
        used = None if taken is None else taken.name
        of = self._source_of_slices(route, seed)
        self.samples[space] = {"route": str(route), "rows": len(rows), "slice": used, "of": of}
        whence = "as given" if space == source else f"of {space} from {source}"
        self.log(f"{len(rows):,} points {whence}, {seconds:.2f} s")
        return Points(values, rows, route.space, source, self._columns(route, rows), deviation, self.device)

    def direction(self, name: str) -> Direction:
        """The kept direction of this name, as the key of the run knows it; see :func:`workbench.runs.kept.given`."""
        return kept.given(self._store, name, self._sources.preimage, self._record.analysis)

    def batches(self, space: str, *, limit: int | None = None, size: int = 256) -> Iterator[Points]:
        """The same sample in batches of ``size``; what is on disk is read a batch at a time."""
        whole = self.points(space, limit=limit)
        for start in range(0, len(whole), size):
            part = np.s_[start : start + size]
            columns = whole.columns.iloc[part].reset_index(drop=True)
            spread = None if whole.spread is None else whole.spread[part]
            yield Points(whole.values[part], whole.rows[part], whole.space, whole.source, columns, spread, self.device)

    def progress(self, fraction: float, stage: str = "") -> None:
        """Report progress; written at most five times a second, the end always."""
        now = time.monotonic()
        self._fraction = float(min(max(fraction, 0.0), 1.0))
        if now - self._reported < PROGRESS_EVERY and fraction < 1.0:
            return
        self._reported = now
        self._store.progress(self._record.id, self._fraction, stage)

    def _reading(self, space: str, total: int) -> Callable[[int], None]:
        """Tells how many points of a space are made, where that takes longer than a second; the fraction stays."""
        last = time.monotonic()

        def tell(done: int) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= READING_EVERY:
                last = now
                self._store.progress(self._record.id, self._fraction, f"points of {space}: {done:,} of {total:,}")

        return tell

    def picture(self, image: Callable[[], Array], told: str = "") -> None:
        """Show a picture of what there is so far; written at most once a second, and then only made.

        Where it cannot be written (a full disk), the log says so and the run goes on without: it is not the result.
        """
        now = time.monotonic()
        if now - self._pictured >= PICTURE_EVERY:
            try:
                self._store.save_picture(self._record.id, image(), told)
            except StoreError as error:
                self.log(f"{error}; the run goes on, and shows no more pictures of its way")
                self._pictured = math.inf
                return
            self._pictured = time.monotonic()

    def log(self, text: str) -> None:
        """Write a line to the run's log."""
        self._write(f"{datetime.now():%H:%M:%S} {text}")

    def _slice(self, route: Route, name: str | None) -> SliceRecord | None:
        """The slice of a sample: the named one, else the run's own where it is of what these points come from.

        The run's own slice says nothing of other sources; one that is asked for by name must not be ignored.
        """
        asked = name or self._record.slice
        if asked is None:
            return None
        found = self._store.slice(asked)
        wrong = misfit(found, route, self._record.model, self._sources.data)
        if wrong and (name is not None or route.source == "data"):
            raise DataError(wrong)
        return None if wrong else found

    def _rows(self, route: Route, limit: int | None, taken: SliceRecord | None) -> Array:
        if taken is not None:
            chosen = np.sort(np.asarray(taken.rows(), dtype=np.int64))
            self._check_there(route, chosen, taken.name)
        elif route.source == "prior":
            return np.arange(limit or PRIOR_POINTS, dtype=np.int64)
        else:
            dataset = self._sampler.dataset
            there = route.available if route.source == "items" else len(dataset) if dataset is not None else 0
            chosen = np.arange(there or 0, dtype=np.int64)
        if len(chosen) == 0:
            raise DataError("the sample is empty: the data or the slice has no rows")
        return chosen if limit is None else chosen[subset(self.seed, len(chosen), limit)]

    def _check_there(self, route: Route, rows: Array, name: str) -> None:
        dataset = self._sampler.dataset
        if route.source == "data" and dataset is not None and len(rows) and int(rows[-1]) >= len(dataset):
            raise DataError(f"the slice '{name}' names row {rows[-1]}, and the data has {len(dataset)} rows")

    def _seed_of_draws(self, route: Route, taken: SliceRecord | None) -> int:
        """The seed of draws from the prior that a route starts at: that of the slices of the run, else the run's."""
        draws = read_draws(taken.data) if taken is not None else None
        return draws.seed if draws is not None else self._seeds_of_slices.get(route.start.name, self.seed)

    def _source_of_slices(self, route: Route, seed: int) -> str | None:
        """What rows of this sample would be saved as a slice of; ``None`` for bare points and items."""
        data = self._sources.data
        if route.source == "data":
            return None if data is None or data.is_points else data.name
        if route.source == "items" or self._record.model is None:
            return None
        return draws_source(self._record.model, route.start.name, seed)

    def _columns(self, route: Route, rows: Array) -> pd.DataFrame:
        import pandas as pd

        dataset = self._sampler.dataset
        if route.source == "items":
            return columns_of_items(route.start, rows)
        if route.source != "data" or dataset is None:
            return pd.DataFrame(index=range(len(rows)))
        return dataset.columns.iloc[rows].reset_index(drop=True)


def _ascending(rows: Array) -> Array:
    """Rows that were asked for one by one; the points kept for them are found again by their order."""
    wanted = np.asarray(rows, dtype=np.int64)
    if wanted.ndim != 1 or len(wanted) == 0 or (np.diff(wanted) <= 0).any():
        raise DataError("the rows asked for must be a list of at least one row, in ascending order, each once")
    return wanted
