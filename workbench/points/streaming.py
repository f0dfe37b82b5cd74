# SPDX-License-Identifier: Apache-2.0
"""Streaming: the points of a route, batch by batch, in memory bounded by the batch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from registry.arrays import Array, bad_rows, is_distribution, is_floating, is_tensor
from registry.data import Dataset
from registry.errors import DataError, DoesNotApply, MapError, SpaceError, WorkbenchError
from registry.model import Model
from registry.spaces import Layer, Space
from workbench.points.routes import Route
from workbench.points.sampling import sample_prior
from workbench.points.transfer import to_device, to_host

NUMBERS_IN_A_BATCH = 16 * 2**20  # 64 MiB of float32; fixed, since sums of floats may depend on the batch size
MOST_ROWS = 1024


def batch_size_for(numbers: int) -> int:
    """Rows in a batch, a power of two from 1 to 1,024, when each causes ``numbers`` numbers on its way.

    >>> batch_size_for(100), batch_size_for(300_000), batch_size_for(10**9)
    (1024, 32, 1)
    """
    size = MOST_ROWS
    while size > 1 and size * numbers > NUMBERS_IN_A_BATCH:
        size //= 2
    return size


def stream(
    model: Model | None,
    route: Route,
    data: Dataset | None,
    rows: Array,
    *,
    device: str = "cpu",
    seed: int = 0,
    batch_size: int | None = None,
    spread: bool = False,
    allow_nonfinite: bool = False,
    conditions: Mapping[str, Mapping[str, Any]] | None = None,
) -> Iterator[tuple[Array, Array | None]]:
    """The points of ``route`` at ``rows``, in that order.

    Parameters
    ----------
    model : the model of the route, on ``device``; ``None`` for a route without maps
    route : from :func:`workbench.points.plan`
    data : the data set of a route from data (it is fitted to the route's start)
    rows : int64 ``[n]``: positions in the data set, numbers of draws from the prior, or positions of items
    seed : of the draws from the prior
    batch_size : rows in a batch; chosen from the size of the points when left out, halved where a GPU's memory ends
    spread : whether to give the standard deviations where the last map returns a distribution
    allow_nonfinite : let NaN and infinity of maps and layers through, with values out of range
    conditions : for each map by name, its conditions

    Yields
    ------
    values : float32 ``[m, ...]``, layers flattened to ``[m, d]``; spread : like values, or ``None``

    Raises
    ------
    SpaceError, MapError, DataError
        When rows are out of range, a map or layer gives other shapes than the route says, or numbers are not finite.
    """
    numbers = np.asarray(rows, dtype=np.int64).reshape(-1)
    size = batch_size_for(route.numbers) if batch_size is None else batch_size
    if size < 1:
        raise DataError(f"a batch needs at least one row, got {size}")
    if route.maps and model is None:
        raise DoesNotApply(f"the route {route} needs its model")
    _check_rows(route, data, numbers)
    source = _Source(route, data, seed)
    steps = _Steps(model, route, device, allow_nonfinite, dict(conditions or {}), spread)
    return _streamed(source, steps, numbers, size)


def _streamed(source: _Source, steps: _Steps, rows: Array, size: int) -> Iterator[tuple[Array, Array | None]]:
    start = 0
    while start < len(rows):
        here = rows[start : start + size]
        batch = source.batch(here)
        try:
            made = steps.apply(batch, here)
        except RuntimeError as error:
            if type(error).__name__ != "OutOfMemoryError" or size == 1:
                raise
            made = None  # the batch is tried again in halves, outside of the handler that keeps its tensors alive
        if made is None:
            _release_memory()
            size = max(1, len(here) // 2)
            continue
        yield made
        start += len(here)


def _release_memory() -> None:
    import torch

    torch.cuda.empty_cache()


def _check_rows(route: Route, data: Dataset | None, rows: Array) -> None:
    if route.source == "data" and data is None:
        raise DataError(f"the route {route} starts from a data set, and none was given")
    count = len(data) if route.source == "data" and data is not None else route.available
    if rows.size and (rows.min() < 0 or (count is not None and rows.max() >= count)):
        end = "0 upwards" if count is None else f"0 to {count - 1}"
        raise DataError(f"rows run from {rows.min()} to {rows.max()}, there are rows {end}")


class _Source:
    """Gives batches of the route's start."""

    def __init__(self, route: Route, data: Dataset | None, seed: int) -> None:
        from workbench.data.fitting import fit

        self.route, self.seed = route, seed
        self.data = fit(data, route.start) if route.source == "data" and data is not None else None

    def batch(self, rows: Array) -> Any:
        if self.data is None:
            return rows if self.route.source == "items" else sample_prior(self.route.start, rows, self.seed)
        batch = self.data.batch(rows)
        if isinstance(batch, np.ndarray) and is_floating(batch):
            _check_finite(batch, rows, f"the data set ({self.route.start.label})", DataError)
        return batch


class _Steps:
    """Applies the maps of a route to a batch."""

    def __init__(
        self,
        model: Model | None,
        route: Route,
        device: str,
        allow: bool,
        conditions: Mapping[str, Mapping[str, Any]],
        spread: bool,
    ) -> None:
        self.route, self.device, self.allow, self.conditions, self.spread = route, device, allow, conditions, spread
        self.maps = [model.maps[name] for name in route.maps] if model is not None else []
        self.layers: dict[str, Any] = {}
        if route.layer and model is not None:
            from workbench.points.capturing import chosen_layers

            self.layers = chosen_layers(model, [route.layer])

    def apply(self, batch: Any, rows: Array) -> tuple[Array, Array | None]:
        if not self.maps:
            return _numbers(batch, self.route.space), None
        from workbench.points.capturing import check_driven, run_map

        moved = to_device(batch, self.device)
        deviation: Any = None
        for one in self.maps:
            wanted = self.layers if one is self.maps[-1] else {}
            recorder = run_map(one, moved, wanted, **self.conditions.get(one.name, {}))
            if wanted:
                check_driven(one.name, recorder)
                return self._layer(recorder.outputs[self.route.layer], rows), None
            moved, deviation = recorder.output, None
            if is_distribution(moved):
                if self.spread and one is self.maps[-1]:
                    deviation = moved.stddev
                moved = moved.mean
            self._check(one.name, one.target, moved, rows)
        return _numbers(moved, self.route.space), None if deviation is None else to_host(deviation)

    def _check(self, name: str, target: Space, output: Any, rows: Array) -> None:
        if not self.allow:
            if (is_tensor(output) or isinstance(output, np.ndarray)) and is_floating(output) and len(output.shape) > 0:
                _check_finite(output, rows, f"map '{name}'", MapError)
            try:
                target.validate(output)
            except SpaceError as error:
                raise MapError(f"map '{name}' returned no batch of its target: {error}") from error
        if len(output) != len(rows):
            raise MapError(f"map '{name}' took {len(rows)} rows and returned {len(output)}")

    def _layer(self, output: Any, rows: Array) -> Array:
        name, shape = self.route.layer, tuple(output.shape)
        space = self.route.space
        wanted = (len(rows), *(space.shape if isinstance(space, Layer) else shape[1:]))
        if shape != wanted:
            raise SpaceError(f"layer '{name}' gave shape {list(shape)}, expected {list(wanted)} as when it was traced")
        values = to_host(output).reshape(len(rows), -1)
        if not self.allow:
            _check_finite(values, rows, f"layer '{name}'", MapError)
        return values


def _check_finite(batch: Any, rows: Array, what: str, error: type[WorkbenchError]) -> None:
    bad = bad_rows(batch)
    if bad.size:
        first = int(rows[bad[0]]) if len(rows) == batch.shape[0] else int(bad[0])
        raise error(f"{what} gave NaN or infinity in {bad.size} of {batch.shape[0]} rows (first: row {first})")


def _numbers(batch: Any, space: Space) -> Array:
    try:
        return to_host(batch)
    except TypeError as error:
        raise SpaceError(f"{space.label} has no points that are numbers: {error}") from None
