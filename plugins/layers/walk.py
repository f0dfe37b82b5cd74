# SPDX-License-Identifier: Apache-2.0
"""The walk: which layers a map runs, in which order, and their activations in as few passes as memory allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb

if TYPE_CHECKING:
    import torch

NUMBERS_HELD = 128 * 2**20  # of the layers of one pass: 512 MiB in single precision
NUMBERS_IN_A_BATCH = 16 * 2**20


@dataclass(frozen=True)
class Step:
    """One place that the points pass through.

    Attributes
    ----------
    name : of the space or layer
    kind : class of the layer; "input" or "output"
    shape : of one point
    """

    name: str
    kind: str
    shape: tuple[int, ...]

    @property
    def width(self) -> int:
        """Numbers in one point."""
        return int(np.prod(self.shape))


@dataclass(frozen=True)
class Way:
    """The steps of a map in the order in which they end, and what the reader must know of those left out."""

    layers: tuple[Step, ...]
    output: Step | None
    notes: tuple[str, ...]


def find_way(model: wb.Model, through: wb.Map[Any, Any], batch: torch.Tensor, most: int) -> Way:
    """Learn the layers from one pass of a few points.

    A layer that gives the very numbers of one before it, of the input or of the output (containers, flattening,
    dropout at rest) is left out, as is one whose first dimension is not the batch. Of more than ``most`` layers those
    at even steps are kept, the first and the last among them.
    """
    (seen,) = wb.capture(model, through.name, [batch], None, device=str(batch.device))
    output = seen.pop("")
    n = len(batch)
    kinds = {name: type(module).__name__ for name, module in model.layers().items()}
    known = [_flat(batch)]
    end = None
    if _has_rows(output, n):
        end = Step(through.target.name, "output", tuple(output.shape[1:]))
        known.append(_flat(output))
    layers, repeats, odd = [], [], []
    for name, tensor in seen.items():
        if not _has_rows(tensor, n):
            odd.append(name)
        elif any(_same(_flat(tensor), one) for one in known):
            repeats.append(name)
        else:
            known.append(_flat(tensor))
            layers.append(Step(name, kinds[name], tuple(tensor.shape[1:])))
    notes = []
    if repeats:
        notes.append(f"Left out, since they give the same numbers as another step: {listed(repeats)}.")
    if odd:
        notes.append(f"Left out, since they give no numbers with one row for each point: {listed(odd)}.")
    if len(layers) > most:
        kept = np.unique(np.linspace(0, len(layers) - 1, most).round().astype(int))
        notes.append(f"{len(kept)} of {len(layers)} layers, at even steps; most_layers allows more.")
        layers = [layers[at] for at in kept]
    return Way(tuple(layers), end, tuple(notes))


def batch_of(sample: wb.Points) -> torch.Tensor:
    """The sample as a map takes it, on the processor: batches go to the device one by one."""
    import torch

    values = torch.from_numpy(np.array(sample.values))
    return values.long() if isinstance(sample.space, wb.Items) else values.float()


def steps_of(
    job: wb.Job,
    through: wb.Map[Any, Any],
    sample: wb.Points,
    batch: torch.Tensor,
    way: Way,
    most_units: int,
    seed: int,
) -> Iterator[tuple[Step, NDArray[np.float32]]]:
    """The input, where it is a vector, and then all of :func:`activations`, each as float32 ``[n, units]``."""
    if not isinstance(sample.space, wb.Items):  # positions among items are no vectors
        flat = sample.flat()
        chosen = units_of(flat.shape[1], most_units, seed)
        yield (
            Step(through.source.name, "input", tuple(sample.values.shape[1:])),
            np.asarray(flat[:, chosen], np.float32),
        )
    yield from activations(job, through, batch, way, most_units, seed)


def activations(
    job: wb.Job, through: wb.Map[Any, Any], batch: torch.Tensor, way: Way, most_units: int, seed: int
) -> Iterator[tuple[Step, NDArray[np.float32]]]:
    """Each layer, then the output, as float32 ``[n, units]``; of wider ones ``most_units`` units drawn at random.

    Layers are captured together, as many in one pass as 512 MiB hold.
    """
    wanted = [*way.layers, *([way.output] if way.output is not None else [])]
    units = {one.name: units_of(one.width, most_units, seed + at) for at, one in enumerate(wanted)}
    for group in _groups(wanted, len(batch), most_units):
        held = _captured(job, through, batch, group, units)
        for one in group:
            yield one, held.pop(one)


def _captured(
    job: wb.Job,
    through: wb.Map[Any, Any],
    batch: torch.Tensor,
    group: Sequence[Step],
    units: Mapping[str, NDArray[np.int64]],
) -> dict[Step, NDArray[np.float32]]:
    import torch

    n, total = len(batch), sum(one.width for one in group)
    size = max(1, 2 ** int(np.log2(min(1024, max(1, NUMBERS_IN_A_BATCH // total)))))
    layers = [one.name for one in group if one.kind != "output"]
    parts = (batch[start : start + size] for start in range(0, n, size))
    held = {one: np.empty((n, len(units[one.name])), dtype=np.float32) for one in group}
    start = 0
    for outputs in wb.capture(job.model, through.name, parts, layers, device=job.device):
        stop = min(start + size, n)
        for one in group:
            values = outputs["" if one.kind == "output" else one.name]
            if tuple(values.shape) != (stop - start, *one.shape):
                raise wb.SpaceError(
                    f"'{one.name}' gave shape {list(values.shape)} for {stop - start} points, and {list(one.shape)} "
                    f"for each at first: its size must not depend on the batch"
                )
            chosen = values.reshape(stop - start, -1)
            if chosen.shape[1] > len(units[one.name]):
                chosen = chosen[:, torch.from_numpy(units[one.name]).to(chosen.device)]
            held[one][start:stop] = chosen.float().cpu().numpy()
        start = stop
    return held


def _groups(steps: Sequence[Step], n: int, most_units: int) -> list[list[Step]]:
    groups: list[list[Step]] = []
    room = 0
    for one in steps:
        numbers = n * min(one.width, most_units)
        if not groups or numbers > room:
            groups.append([])
            room = NUMBERS_HELD
        groups[-1].append(one)
        room -= numbers
    return groups


def units_of(width: int, most: int, seed: int) -> NDArray[np.int64]:
    """Positions of the units looked at, ascending: all, or ``most`` of them at random."""
    if width <= most:
        return np.arange(width, dtype=np.int64)
    return np.sort(np.random.default_rng(seed).choice(width, most, replace=False)).astype(np.int64)


def _has_rows(output: Any, n: int) -> bool:
    """Whether an output holds numbers, with one row for each of ``n`` points."""
    import torch

    return (
        isinstance(output, torch.Tensor)
        and output.is_floating_point()
        and output.ndim > 0
        and len(output) == n
        and output.numel() > 0
    )


def _flat(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.reshape(len(tensor), -1)


def _same(one: torch.Tensor, other: torch.Tensor) -> bool:
    import torch

    return one.dtype == other.dtype and torch.equal(one, other)


def listed(names: Sequence[str], most: int = 8) -> str:
    """Names in a sentence, the rest of many as a number."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
