# SPDX-License-Identifier: Apache-2.0
"""Samples of points for a run: taken from the data, mapped, captured or drawn, and kept for the next run."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import Array, bad_rows
from registry.data import ArrayDataset, Dataset
from registry.errors import SpaceError
from workbench.data import fit
from workbench.points import fingerprint, plan, stream
from workbench.runs.datasets import starts_at
from workbench.runs.key import run_key

if TYPE_CHECKING:
    from registry.model import Model
    from workbench.points import ActivationStore, ActivationWriter, Route
    from workbench.runs.job import Sources
    from workbench.store import Store

CACHE_GIB = 20.0  # of kept points, unless WORKBENCH_CACHE_GIB says otherwise


class Sampler:
    """Makes the points of one run."""

    def __init__(self, store: Store, sources: Sources, seed: int, device: str) -> None:
        self.sources, self.seed, self.device = sources, seed, device
        self._root = store.root
        self._hooks = _hooks(sources.model)

    @cached_property
    def dataset(self) -> Dataset | None:
        """The run's data, in the units of the model's space where there is a model."""
        if self.sources.data is None:
            return None
        opened = self.sources.data.dataset
        if self.sources.description is None:
            return opened
        start = starts_at(self.sources.description, opened)
        return opened if start is None else fit(opened, start)

    @cached_property
    def kept(self) -> ActivationStore:
        """Where points are kept between runs."""
        from workbench.points import ActivationStore

        cap = float(os.environ.get("WORKBENCH_CACHE_GIB") or CACHE_GIB)
        return ActivationStore(self._root / "activations", int(cap * 2**30))

    def route(self, space: str) -> Route:
        """How points of ``space`` come about; raises :class:`SpaceError` or :class:`DoesNotApply` when they do not."""
        opened = self.sources.data
        return plan(self.sources.description, space, opened.dataset.space if opened is not None else None)

    def source(self, route: Route) -> str:
        """What a route starts at, in a word: the name of the data set, ``"prior"`` or ``"items"``."""
        if route.source == "data" and self.sources.data is not None:
            return "points" if self.sources.data.is_points else self.sources.data.label
        return route.source

    def values(
        self,
        route: Route,
        rows: Array,
        *,
        spread: bool,
        seed: int | None = None,
        told: Callable[[int], None] = lambda done: None,
    ) -> tuple[Array, Array | None]:
        """The points at ``rows``, read-only, and their spread where it is asked for and the last map gives one.

        ``seed`` is that of the draws from a prior, the run's own by default; ``told`` is called with how many points
        are made, after each batch.
        """
        drawn = self.seed if seed is None else seed
        if not route.maps and route.source == "data":
            whole = _plain_values(self.dataset, rows)
            if whole is not None:
                return whole, None
        key = self._key(route, rows, drawn)
        found = self.kept.open(key)
        deviation = self.kept.open(f"{key}-spread") if spread else None
        if found is None or (spread and deviation is None and route.maps and not route.layer):
            return self._make(route, rows, key, spread, drawn, told)
        return found, deviation

    def _key(self, route: Route, rows: Array, seed: int) -> str:
        preimage = self.sources.preimage
        return run_key(
            {
                "schema": 1,
                "route": route.describe(),
                "model": self._model_now() if route.maps else None,
                "data": [preimage["data"], preimage["points"]] if route.source == "data" else None,
                "rows": hashlib.sha256(np.ascontiguousarray(rows, "<i8").tobytes()).hexdigest(),
                "seed": seed,
                "device": self.device.partition(":")[0] if route.maps else "cpu",
                "numerics": preimage["numerics"],
            }
        )

    def _model_now(self) -> dict[str, Any]:
        """The model of the key as it is at this moment: an analysis may have changed weights, mode or hooks since.

        Points of a changed model must neither be taken from, nor be left for, runs on the model as it was loaded.
        """
        model = self.sources.model
        assert model is not None
        found = {**self.sources.preimage["model"], "fingerprint": fingerprint(model)}
        training = [name for name, layer in model.layers().items() if layer.training]
        if training:
            found["training"] = training
        if _hooks(model) != self._hooks:
            found["hooks"] = secrets.token_hex(16)  # what a function does has no name: these points are not shared
        return found

    def _make(
        self, route: Route, rows: Array, key: str, spread: bool, seed: int, told: Callable[[int], None]
    ) -> tuple[Array, Array | None]:
        """Stream the points to disk, and open them from there."""
        names = (key, f"{key}-spread")
        writers: dict[str, ActivationWriter] = {}
        data = self.dataset if route.source == "data" else None
        done = 0
        streamed = stream(self.sources.model, route, data, rows, device=self.device, seed=seed, spread=spread)
        try:
            for parts in streamed:
                for name, part in zip(names, parts, strict=True):
                    if part is None:
                        continue
                    if name not in writers:
                        writers[name] = self.kept.writer(name, part.shape[1:], part.dtype)
                    writers[name].append(part)
                done += len(parts[0])
                told(done)
            for one in writers.values():
                one.commit()
        except BaseException:
            for one in writers.values():
                one.abort()
            raise
        found, deviation = (self.kept.open(one) for one in names)
        if found is None:
            raise SpaceError(f"the points of '{route.space.name}' take more room than WORKBENCH_CACHE_GIB allows")
        return found, deviation if spread else None


def _hooks(model: Model | None) -> set[tuple[str, int]]:
    """Which hooks hang on the layers of a model: (layer, number of the hook)."""
    if model is None:
        return set()
    return {
        (name, number)
        for name, layer in model.layers().items()
        for held in (layer._forward_hooks, layer._forward_pre_hooks)
        for number in held
    }


def _plain_values(dataset: Dataset | None, rows: Array) -> Array | None:
    """The array of a data set itself, where all of it is asked for and nothing has to be converted."""
    if not isinstance(dataset, ArrayDataset) or len(rows) != len(dataset):
        return None
    values = dataset.values
    if values.dtype != np.float32 or dataset.scale != 1.0 or dataset.offset != 0.0 or bad_rows(values).size:
        return None  # rows that are not finite are refused where points are streamed
    view = values[:]
    view.flags.writeable = False
    return view
