# SPDX-License-Identifier: Apache-2.0
"""Samples of points for a run: taken from the data, mapped, captured or drawn, and kept for the next run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array
from registry.data import ArrayDataset, Dataset
from registry.errors import SpaceError
from registry.spaces import Space
from workbench.runs.datasets import fitted
from workbench.runs.key import run_key

if TYPE_CHECKING:
    from workbench.points import ActivationStore, Route
    from workbench.runs.job import Sources
    from workbench.store import Store

BATCH = 256
CACHE_BYTES = 20 * 2**30  # of kept points, unless WORKBENCH_CACHE_GIB says otherwise


@dataclass(frozen=True)
class Way:
    """How points of a space come about; ``route`` is ``None`` for the rows of the data as they are."""

    space: Space
    source: str
    from_data: bool
    route: Route | None


class Sampler:
    """Makes the points of one run."""

    def __init__(self, store: Store, sources: Sources, seed: int, device: str) -> None:
        self.sources, self.seed, self.device = sources, seed, device
        self._root = store.root

    @cached_property
    def dataset(self) -> Dataset | None:
        """The run's data, in the units of the model's space where there is a model."""
        if self.sources.data is None:
            return None
        opened = self.sources.data.dataset
        if self.sources.description is None or self.sources.data_space is None:
            return opened
        return fitted(opened, self.sources.description.spaces[self.sources.data_space])

    @cached_property
    def kept(self) -> ActivationStore:
        """Where points are kept between runs."""
        import os

        from workbench.points import ActivationStore

        cap = float(os.environ.get("WORKBENCH_CACHE_GIB") or CACHE_BYTES / 2**30) * 2**30
        return ActivationStore(self._root / "activations", int(cap))

    def way(self, space: str) -> Way:
        """How points of ``space`` come about; raises :class:`SpaceError` when they cannot."""
        data, description = self.sources.data, self.sources.description
        if description is None:
            if data is None or space != data.space:
                has = f"there is '{data.space}'" if data is not None else "the run has no data"
                raise SpaceError(f"there is no space '{space}': {has}")
            return Way(data.dataset.space.named(space), data.label, True, None)
        if space == self.sources.data_space and data is not None:
            return Way(description.spaces[space], data.label, True, None)
        from workbench.points import plan

        route = plan(description, space, self.sources.data_space if data is not None else None)
        from_data = data is not None and self.sources.data_space is not None and is_from_data(route)
        known = {**description.spaces, **description.layers}
        return Way(known[space], data.label if from_data and data is not None else "prior", from_data, route)

    def values(self, way: Way, rows: Array, *, spread: bool) -> tuple[Array, Array | None]:
        """The points at ``rows``, read-only, and their spread where it is asked for and the map gives one."""
        if way.route is None:
            whole = _plain_values(self.dataset, rows)
            if whole is not None:
                return whole, None
        key = self._key(way, rows)
        found = self.kept.open(key)
        deviation = self.kept.open(f"{key}-spread") if spread else None
        if found is None or (spread and deviation is None and way.route is not None):
            found, deviation = self._make(way, rows, key, spread)
        return found, deviation

    def _key(self, way: Way, rows: Array) -> str:
        return run_key(
            {
                "schema": 1,
                "space": way.space.name,
                "model": self.sources.preimage["model"],
                "data": [self.sources.preimage["data"], self.sources.preimage["points"]] if way.from_data else None,
                "rows": hashlib.sha256(np.ascontiguousarray(rows, "<i8").tobytes()).hexdigest(),
                "seed": self.seed,
                "device": self.device.partition(":")[0],
                "numerics": self.sources.preimage["numerics"],
            }
        )

    def _make(self, way: Way, rows: Array, key: str, spread: bool) -> tuple[Array, Array | None]:
        """Stream the points to disk, and open them from there."""
        writers: dict[str, Any] = {}
        try:
            for batch, deviation in self._batches(way, rows, spread):
                for name, part in ((key, batch), (f"{key}-spread", deviation)):
                    if part is None:
                        continue
                    array = np.ascontiguousarray(part, dtype=np.float32 if part.dtype.kind == "f" else part.dtype)
                    if name not in writers:
                        writers[name] = self.kept.writer(name, array.shape[1:], array.dtype)
                    writers[name].append(array)
            for one in writers.values():
                one.commit()
        except BaseException:
            for one in writers.values():
                one.abort()
            raise
        found = self.kept.open(key)
        if found is None:
            raise SpaceError(f"the points of '{way.space.name}' could not be kept: the cache may be too small for them")
        return found, self.kept.open(f"{key}-spread") if f"{key}-spread" in writers else None

    def _batches(self, way: Way, rows: Array, spread: bool) -> Iterator[tuple[Array, Array | None]]:
        if way.route is None:
            assert self.dataset is not None
            for start in range(0, len(rows), BATCH):
                yield np.asarray(self.dataset.batch(rows[start : start + BATCH])), None
            return
        from workbench.points import stream

        yield from stream(
            self.sources.model,
            way.route,
            self.dataset if way.from_data else None,
            rows,
            device=self.device,
            seed=self.seed,
            batch_size=BATCH,
            spread=spread,
        )


def is_from_data(route: Route) -> bool:
    """Whether a route starts at rows of data, not at a prior."""
    return bool(route.from_data)


def _plain_values(dataset: Dataset | None, rows: Array) -> Array | None:
    """The array of a data set itself, where all of it is asked for and nothing has to be converted."""
    if not isinstance(dataset, ArrayDataset) or len(rows) != len(dataset):
        return None
    values = dataset.values
    if values.dtype != np.float32 or dataset.scale != 1.0 or dataset.offset != 0.0:
        return None
    view = values[:]
    view.flags.writeable = False
    return view
