# SPDX-License-Identifier: Apache-2.0
"""Units of every layer of a model, all from one pass of each map, in bounded memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import workbench as wb

MOST_UNITS = 1024  # of a layer over positions; one with more is averaged over them
MOST_FLAT = 16_384  # units of a layer without positions
BUDGET = 2**27  # numbers of all layers together: 512 MiB of float32
AT_ONCE = 2**23  # numbers that a batch may leave in all layers
PROBED = 2  # rows of the pass that tells the shapes


@dataclass(frozen=True)
class Plan:
    """How a layer of this shape becomes units: ``axes`` of an activation ``[n, ...]`` are averaged away."""

    shape: tuple[int, ...]
    axes: tuple[int, ...] = ()

    @property
    def units(self) -> int:
        """How many units come out."""
        return math.prod(size for axis, size in enumerate(self.shape, 1) if axis not in self.axes)

    def names(self) -> list[str]:
        """A name for each unit: its number, its channel, or channel and position."""
        if self.axes or len(self.shape) == 1:
            return [f"{'channel' if self.axes else 'unit'} {one}" for one in range(self.units)]
        if len(self.shape) == 3:
            return [f"channel {c}, row {y}, column {x}" for c, y, x in np.ndindex(*self.shape)]
        return [f"unit {', '.join(map(str, one))}" for one in np.ndindex(*self.shape)]

    def reduce(self, activation: Any) -> Any:
        """Units of a batch as float32 ``[n, units]`` of numpy."""
        kept = activation.float()
        if self.axes:
            kept = kept.mean(dim=self.axes)
        return kept.reshape(len(kept), -1).cpu().numpy()


@dataclass
class Captured:
    """Units of layers by name, float32 ``[n, units]``, their plans, and the layers left out: (name, units, why)."""

    units: dict[str, Any] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    left_out: list[tuple[str, int, str]] = field(default_factory=list)


def plan_of(shape: tuple[int, ...], most: int = MOST_UNITS) -> Plan:
    """Averaged over positions (of ``[channels, height, width]``, ``[steps, size]``) where ``most`` units are passed.

    >>> plan_of((64, 4, 4)).units, plan_of((32, 14, 14)).units, plan_of((77, 768)).units
    (1024, 32, 768)
    """
    if len(shape) < 2 or math.prod(shape) <= most:
        return Plan(shape)
    return Plan(shape, tuple(range(2, len(shape) + 1)) if len(shape) > 2 else (1,))


def plan_all(shapes: dict[str, tuple[int, ...]], rows: int) -> tuple[dict[str, Plan], list[tuple[str, int, str]]]:
    """Plans that fit the memory for ``rows`` rows, coarser where they must be, and the layers that do not fit."""
    most = MOST_UNITS
    left_out = [
        (name, shape[0], f"more than {MOST_FLAT:,} units")
        for name, shape in shapes.items()
        if len(shape) == 1 and shape[0] > MOST_FLAT
    ]
    kept = {name: shape for name, shape in shapes.items() if name not in {one[0] for one in left_out}}
    plans = {name: plan_of(shape, most) for name, shape in kept.items()}
    while sum(one.units for one in plans.values()) * rows > BUDGET and most > 1:
        most //= 2
        plans = {name: plan_of(shape, most) for name, shape in kept.items()}
    fitting: dict[str, Plan] = {}
    room = BUDGET
    for name, one in plans.items():
        room -= one.units * rows
        if room >= 0:
            fitting[name] = one
        else:
            left_out.append((name, one.units, "the layers before it took all memory that is allowed"))
    return fitting, left_out


def capture_units(
    job: wb.Job,
    one: Any,
    parts: Sequence[Any],
    skip: set[str],
    progress: Callable[[float], None] = lambda _: None,
) -> Captured:
    """Units of every layer that the map ``one`` drives and that is not in ``skip``.

    ``parts`` are points of the map's source, ``[n, ...]`` each and possibly on disk; the units are those of all of
    them, one after the other.
    """
    found = Captured()
    count = sum(map(len, parts))
    probe = next(wb.capture(job.model, one.name, [_batch(parts[0], 0, PROBED)], None, device=job.device))
    probed = min(PROBED, len(parts[0]))
    shapes = {
        name: tuple(output.shape[1:])
        for name, output in probe.items()
        if name and name not in skip and output.ndim > 1 and output.shape[0] == probed and output.numel() > 0
    }
    if not shapes:
        return found
    found.plans, found.left_out = plan_all(shapes, count)
    size = max(1, min(256, AT_ONCE // sum(math.prod(shape) for shape in shapes.values())))
    found.units = {name: np.empty((count, plan.units), dtype=np.float32) for name, plan in found.plans.items()}
    at = 0
    for outputs in wb.capture(job.model, one.name, _batches(parts, size), list(found.plans), device=job.device):
        done = at
        for name, plan in found.plans.items():
            units = plan.reduce(outputs[name])
            done = at + len(units)
            found.units[name][at:done] = units
        at = done
        progress(at / count)
    return found


def _batches(parts: Sequence[Any], size: int) -> Iterator[Any]:
    for part in parts:
        for start in range(0, len(part), size):
            yield _batch(part, start, size)


def _batch(values: Any, start: int, size: int) -> Any:
    return np.array(values[start : start + size], dtype=np.float32)
