# SPDX-License-Identifier: Apache-2.0
"""Spaces and layers as features: which there are, and their numbers on both sides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import workbench as wb
from plugins.contrast.effects import compare
from plugins.contrast.layers import Captured, capture_units
from plugins.contrast.sides import Sides
from plugins.contrast.table import Rows

DIMENSION, PIXEL, UNIT = "dimension", "pixel", "layer unit"
MOST_PIXELS = 64 * 64  # positions of a picture; larger ones are averaged over squares
READ = 256  # pictures read at a time


@dataclass
class Pair:
    """Points of one space on both sides, as features ``[m, k]`` and ``[n, k]``."""

    inside: Any
    outside: Any


@dataclass
class Pictures:
    """Mean pictures ``[channels, height, width]`` of both sides in ``low..high``, and the names of their pixels."""

    inside: Any
    outside: Any
    low: float
    high: float
    names: list[str]


@dataclass
class Spaces:
    """What was compared: the rows of the table, the numbers by space, pictures by space, columns, and notes."""

    rows: Rows = field(default_factory=Rows)
    features: dict[str, Pair] = field(default_factory=dict)
    names: dict[str, list[str]] = field(default_factory=dict)
    pictures: dict[str, Pictures] = field(default_factory=dict)
    columns: tuple[Any, Any] | None = None
    notes: list[str] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)
    _seen: dict[bytes, str] = field(default_factory=dict)

    def add(self, kind: str, name: str, names: list[str], pair: Pair, level: float) -> None:
        """Compare the features of one space; those that are constant or not finite are left out, and said."""
        digest = hashlib.blake2b(np.ascontiguousarray(pair.inside).data, digest_size=16)
        digest.update(np.ascontiguousarray(pair.outside).data)
        if (twin := self._seen.setdefault(digest.digest(), name)) != name:
            self.rows.leave_out(kind, name, "", len(names), f"the same numbers as {twin}")
            return
        finite = np.isfinite(pair.inside).all(axis=0) & np.isfinite(pair.outside).all(axis=0)
        self.rows.leave_out(kind, name, "", int((~finite).sum()), "NaN or infinite values")
        lows = np.minimum(pair.inside.min(axis=0), pair.outside.min(axis=0))
        highs = np.maximum(pair.inside.max(axis=0), pair.outside.max(axis=0))
        varies = finite & (highs > lows)
        self.rows.leave_out(kind, name, "", int((finite & ~varies).sum()), "constant")
        chosen = np.flatnonzero(varies)
        if len(chosen) == 0:
            return
        kept = pair if len(chosen) == len(names) else Pair(pair.inside[:, chosen], pair.outside[:, chosen])
        compared = compare(kept.inside, kept.outside, level)
        told = [names[one] for one in chosen]
        self.rows.add_compared(kind, name, told, compared, len(kept.inside), len(kept.outside))
        self.features[name], self.names[name] = kept, told


def compare_spaces(
    job: wb.Job,
    sides: Sides,
    selection: str,
    against: str | None,
    only: str | None,
    layers: bool,
    level: float,
    progress: Callable[[float, str], None],
) -> Spaces:
    """Compare every space whose points can be had for these rows (or ``only`` one), then the layers of the model."""
    found = Spaces()
    sources = [only] if only else spaces_of(job)
    raw: dict[str, tuple[wb.Points, wb.Points]] = {}
    for at, name in enumerate(sources):
        progress(0.4 * at / len(sources), f"points of {name}")
        try:
            pair = (
                job.points(name, slice=selection, rows=sides.inside),
                job.points(name, slice=against or selection, rows=sides.outside),
            )
        except wb.WorkbenchError as error:
            if only:
                raise
            found.notes.append(f"The space {name} is left out: {error}.")
            continue
        raw[name] = pair
        found.sources |= {pair[0].source, pair[1].source}
        found.columns = found.columns or (pair[0].columns, pair[1].columns)
        _add_space(found, name, pair, level)
    if not raw:
        raise wb.DoesNotApply(f"none of the spaces can be had for the slice '{selection}': {' '.join(found.notes)}")
    if layers and not only:
        _add_layers(job, found, raw, level, lambda done, stage: progress(0.4 + 0.6 * done, stage))
    return found


def spaces_of(job: wb.Job) -> list[str]:
    """Names of the spaces of numbers: the model's, or the data's own where the run has no model."""
    try:
        model = job.model
    except wb.DoesNotApply:
        return [job.data.space.name or "points"] if job.data is not None else ["points"]
    return [name for name, one in model.spaces.items() if isinstance(one, (wb.Vectors, wb.Images, wb.Scalars))]


def _add_space(found: Spaces, name: str, pair: tuple[wb.Points, wb.Points], level: float) -> None:
    space = pair[0].space
    if isinstance(space, wb.Images):
        (inside, shape), (outside, _) = (pooled(one.values) for one in pair)
        step = -(-pair[0].values.shape[2] // shape[1])
        if step > 1:
            found.notes.append(f"Pictures of {name} are averaged over squares of {step} x {step} pixels.")
        names = _pixel_names(shape, step)
        means = [one.mean(axis=0, dtype=np.float64).reshape(shape) for one in (inside, outside)]
        found.pictures[name] = Pictures(means[0], means[1], space.low, space.high, names)
        found.add(PIXEL, name, names, Pair(inside, outside), level)
        return
    inside, outside = (np.asarray(one.flat(), dtype=np.float32) for one in pair)
    axes = getattr(space, "axes", None) or getattr(space, "names", None)
    kind = UNIT if isinstance(space, wb.Layer) else DIMENSION
    names = (
        list(axes) if axes else [f"{'unit' if kind == UNIT else 'dimension'} {one}" for one in range(inside.shape[1])]
    )
    found.add(kind, name, names, Pair(inside, outside), level)


def pooled(values: Any) -> tuple[Any, tuple[int, int, int]]:
    """Pictures ``[n, channels, height, width]`` as features ``[n, k]`` of at most 4,096 positions, and their shape."""
    n, channels, height, width = values.shape
    step = 1
    while -(-height // step) * -(-width // step) > MOST_PIXELS:
        step += 1
    tall, wide = -(-height // step), -(-width // step)
    found = np.empty((n, channels, tall, wide), dtype=np.float32)
    sizes = np.add.reduceat(np.ones(height), np.arange(0, height, step))[:, None] * np.add.reduceat(
        np.ones(width), np.arange(0, width, step)
    )
    for start in range(0, n, READ):
        part = np.asarray(values[start : start + READ], dtype=np.float32)
        if step > 1:
            part = np.add.reduceat(part, np.arange(0, height, step), axis=2)
            part = np.add.reduceat(part, np.arange(0, width, step), axis=3) / sizes
        found[start : start + READ] = part
    return found.reshape(n, -1), (channels, tall, wide)


def _pixel_names(shape: tuple[int, int, int], step: int) -> list[str]:
    channels = shape[0]
    what = "row {}, column {}" if step == 1 else "rows from {}, columns from {}"
    return [
        what.format(y * step, x * step) + (f", channel {c}" if channels > 1 else "") for c, y, x in np.ndindex(*shape)
    ]


def _add_layers(
    job: wb.Job,
    found: Spaces,
    raw: dict[str, tuple[wb.Points, wb.Points]],
    level: float,
    progress: Callable[[float, str], None],
) -> None:
    """Each map in one pass over both sides; a layer that several maps drive is taken from the first."""
    try:
        maps = [one for one in job.model.maps.values() if one.source.name in raw]
    except wb.DoesNotApply:
        return
    seen: set[str] = set()
    averaged: list[str] = []
    for at, one in enumerate(maps):
        first, second = raw[one.source.name]
        try:
            captured = capture_units(
                job, one, (first.values, second.values), seen, _told(progress, at, len(maps), one.name)
            )
        except wb.WorkbenchError as error:
            found.notes.append(f"The layers of the map {one.name} are left out: {error}.")
            continue
        seen |= set(captured.plans)
        for name, count, why in captured.left_out:
            found.rows.leave_out(UNIT, name, "", count, why)
        for name, units, names in _split(captured):
            found.add(UNIT, name, names, Pair(units[: len(first)], units[len(first) :]), level)
        averaged += [name for name, plan in captured.plans.items() if plan.axes]
    if averaged:
        found.notes.append(
            f"{len(averaged)} layers with many positions were averaged over these to channels before they were "
            f"compared: {', '.join(averaged[:4])}{' and others' if len(averaged) > 4 else ''}."
        )


def _told(progress: Callable[[float, str], None], at: int, count: int, name: str) -> Callable[[float], None]:
    return lambda done: progress((at + done) / count, f"layers of {name}")


def _split(captured: Captured) -> Iterator[tuple[str, Any, list[str]]]:
    for name, plan in captured.plans.items():
        yield name, captured.units.pop(name), plan.names()
