# SPDX-License-Identifier: Apache-2.0
"""Probe: the model under the checks, the points that its maps are tried on, and what each map gave."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from registry.arrays import Array, is_distribution, is_floating, is_tensor, to_numpy
from registry.data import Dataset
from registry.maps import Map
from registry.model import Model
from registry.spaces import Images, Scalars, Space, Vectors

ROWS = 7  # odd and small: a batch that no default size of a model is a multiple of
FLOAT_SPACES = (Images, Vectors, Scalars)


class NoPoints(Exception):
    """There are no points to try a map on, or the map does not run; the check does not apply."""


class BadPoints(NoPoints):
    """The prior or the data of a space cannot give points of it: the fault of the space, not of a map."""


@dataclass(frozen=True)
class Output:
    """What a map gave for one batch: the point, and the standard deviation where it was a distribution."""

    point: Any
    spread: Any | None = None

    def parts(self) -> list[Array]:
        """Everything in it as arrays (texts as an array of text)."""
        return [to_numpy(one) for one in (self.point, self.spread) if one is not None]


@dataclass
class Probe:
    """A loaded model with points for its maps; ``before`` is what :mod:`side_effects` recorded before any map ran."""

    model: Model
    device: str
    seed: int
    data: Dataset | None = None
    name: str = ""
    seconds: float | None = None
    before: Any = None
    _batches: dict[tuple[str, int], Any] = field(default_factory=dict)
    _seen: dict[str, Output] = field(default_factory=dict)

    def maps(self) -> list[Map[Any, Any]]:
        """Every map of the model."""
        return list(self.model.maps.values())

    def batch(self, space: Space, rows: int = ROWS) -> Any:
        """Points of ``space``: of the data, of its prior, made by a map from such a space, or its own examples.

        Raises
        ------
        NoPoints
            When there are none of these.
        """
        if (space.name, rows) not in self._batches:
            self._batches[space.name, rows] = self._make(space, rows)
        return self._batches[space.name, rows]

    def _make(self, space: Space, rows: int) -> Any:
        own = self._own(space, rows)
        if own is not None:
            return own
        for one in self.maps():
            if one.target.name == space.name and one.source.name != space.name:
                start = self._own(one.source, rows)
                if start is not None:
                    try:
                        made = self.call(one, start).point
                        space.validate(made)
                    except Exception:  # noqa: BLE001 - what is wrong with this map is said by its own checks
                        continue
                    return made
        try:
            return to_device(space.example(rows, self._generator()), self.device)
        except Exception as error:  # a space of a plugin may raise anything here
            raise NoPoints(f"there are no points of {space.label} to try: {error}") from error

    def _own(self, space: Space, rows: int) -> Any | None:
        """Points that need no map: rows of the data, or draws from the prior."""
        if self.data is not None and space.name == self._home() and len(self.data):
            at = np.sort(np.random.default_rng(self.seed).choice(len(self.data), rows, replace=len(self.data) < rows))
            return to_device(self.data.batch(at), self.device)
        if isinstance(space, Vectors) and space.prior is not None:
            try:
                return to_device(space.example(rows, self._generator()), self.device)
            except Exception as error:
                raise BadPoints(f"its prior gives no points: {error}") from error
        return None

    def _home(self) -> str | None:
        """The space that the data are points of: the one of their name where it fits, else the first that fits."""
        if self.data is None:
            return None
        fitting = [name for name, one in self.model.spaces.items() if fits(self.data.space, one)]
        return self.data.space.name if self.data.space.name in fitting else next(iter(fitting), None)

    def _generator(self) -> Any:
        import torch

        return torch.Generator().manual_seed(self.seed)

    def call(self, one: Map[Any, Any], batch: Any, *, seed: int | None = None, grad: bool = False) -> Output:
        """What the map gives for ``batch`` when everything random is seeded."""
        import torch

        with seeded(self.seed if seed is None else seed), torch.set_grad_enabled(grad):
            out = one(batch)
            return Output(out.mean, out.stddev) if is_distribution(out) else Output(out)

    def output(self, one: Map[Any, Any], rows: int = ROWS, *, seed: int | None = None) -> Output:
        """The map on :meth:`batch`; raises :class:`NoPoints` when it does not run (the check ``runs`` says why)."""
        batch = self.batch(one.source, rows)
        try:
            return self.call(one, batch, seed=seed)
        except Exception as error:
            raise NoPoints(f"the map does not run: {type(error).__name__}") from error

    def seen(self, one: Map[Any, Any]) -> Output:
        """As :meth:`output`, run at the first call and kept, for checks that only look at what a map gives."""
        if one.name not in self._seen:
            self._seen[one.name] = self.output(one)
        return self._seen[one.name]

    def exercise(self) -> None:
        """Have every map run at least once; maps that cannot run are passed over."""
        for one in self.maps():
            try:
                self.seen(one)
            except NoPoints:
                continue

    def round(self, rows: int = ROWS) -> None:
        """Run every map once; maps that cannot run are passed over."""
        for one in self.maps():
            try:
                self.output(one, rows)
            except NoPoints:
                continue


def fits(have: Space, want: Space) -> bool:
    """Whether rows of the space ``have`` are points of ``want`` as they are (free sizes fit any; ranges must agree).

    >>> from registry.spaces import images
    >>> fits(images(1, 28, 28), images(1)), fits(images(1, 28, 28), images(1, low=-1))
    (True, False)
    """
    if have.kind != want.kind:
        return False
    if isinstance(have, Images) and isinstance(want, Images) and (have.low, have.high) != (want.low, want.high):
        return False
    mine, theirs = have.row_shape, want.row_shape
    if mine is None or theirs is None:
        return mine == theirs
    return len(mine) == len(theirs) and all(b is None or a == b for a, b in zip(mine, theirs, strict=True))


def to_device(batch: Any, device: str) -> Any:
    """Arrays and tensors as tensors on the device; texts and tables as they are."""
    import torch

    if isinstance(batch, np.ndarray) and batch.dtype.kind in "fiub":
        return torch.from_numpy(np.array(batch)).to(device)
    return batch.to(device) if is_tensor(batch) else batch


def rows_of(batch: Any, start: int, stop: int) -> Any:
    """Some rows of a batch of any kind."""
    return batch.iloc[start:stop] if hasattr(batch, "iloc") else batch[start:stop]


def has_floats(batch: Any) -> bool:
    """Whether the batch is a tensor or array of floating-point numbers."""
    return (is_tensor(batch) or isinstance(batch, np.ndarray)) and is_floating(batch)


def largest(values: Array) -> float:
    """Largest magnitude; 0 for nothing."""
    return float(np.abs(values).max()) if values.size else 0.0


def difference(one: Output, other: Output) -> float:
    """Largest absolute difference of two outputs; for what is not numeric, the share of entries that differ."""
    worst = 0.0
    for mine, theirs in zip(one.parts(), other.parts(), strict=True):
        if mine.shape != theirs.shape:
            return float("inf")
        if mine.dtype.kind in "fiub":
            both = np.stack([mine.astype(np.float64), theirs.astype(np.float64)])
            alike = (both[0] == both[1]) | np.isnan(both).all(axis=0)
            with np.errstate(invalid="ignore"):
                gap = np.abs(both[0] - both[1])[~alike]
            worst = max(worst, largest(np.nan_to_num(gap, nan=np.inf)))
        else:
            worst = max(worst, float(np.mean(mine != theirs)))
    return worst


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the global generators of torch, numpy and Python, and put their states back afterwards."""
    import torch

    before: list[tuple[Callable[[Any], Any], Any]] = [
        (random.setstate, random.getstate()),
        (np.random.set_state, np.random.get_state()),
    ]
    try:
        with torch.random.fork_rng(range(torch.cuda.device_count())):
            torch.manual_seed(seed)
            np.random.seed(seed % 2**32)
            random.seed(seed)
            yield
    finally:
        for put_back, state in before:
            put_back(state)
