# SPDX-License-Identifier: Apache-2.0
"""Taps: what every call of every layer gives, seen in one pass while it is there, so that nothing need be copied.

A hook that keeps what it sees must copy it (a later step may write into the same memory); one that reduces it at once
need not. A layer that is called several times in a pass has a step for each call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import workbench as wb

if TYPE_CHECKING:
    import torch

See = Callable[[str, Any, "torch.Tensor"], None]
"""Called with the key of a step, the tuple of what the layer was given, and the tensor that it gave."""


@dataclass
class Step:
    """One call of one layer.

    Attributes
    ----------
    key : the layer's path, with ``#2`` for its second call in a pass
    layer, call : the path, and which call of it (from 1)
    module : the layer itself
    shape : of what it gives for one point
    after : key of the step whose very output it was given, ``""`` for none
    """

    key: str
    layer: str
    call: int
    module: torch.nn.Module
    shape: tuple[int, ...]
    after: str = ""

    @property
    def kind(self) -> str:
        """Class of the layer."""
        return type(self.module).__name__

    @property
    def width(self) -> int:
        """Numbers that it gives for one point."""
        size = 1
        for one in self.shape:
            size *= one
        return size


@dataclass
class Walk:
    """The steps of a map in the order in which they end, and what was left out."""

    steps: list[Step] = field(default_factory=list)
    repeats: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


def key_of(layer: str, call: int) -> str:
    """``relu`` for its first call, ``relu#2`` for its second."""
    return layer if call == 1 else f"{layer}#{call}"


@contextmanager
def tapped(layers: Mapping[str, torch.nn.Module], see: Callable[[str, Any, Any], None]) -> Iterator[None]:
    """Call ``see(key, inputs, output)`` after every call of a layer; on exit every hook is gone, whatever happened."""
    calls: dict[str, int] = {}

    def hook(name: str) -> Any:
        def seen(module: Any, inputs: Any, output: Any) -> None:
            calls[name] = calls.get(name, 0) + 1
            see(key_of(name, calls[name]), inputs, output)

        return seen

    with ExitStack() as stack:
        for name, module in layers.items():
            stack.callback(module.register_forward_hook(hook(name)).remove)
        yield


def find_walk(model: wb.Model, through: wb.Map[Any, Any], batch: torch.Tensor) -> Walk:
    """Learn the steps from one pass of a few points.

    Left out are calls that give the very numbers of a step before (containers, dropout at rest, flattening: the same
    memory, not written to since) or of the input, and those that give no real numbers with one row for each point.
    """
    import torch

    n = len(batch)
    layers = model.layers()
    walk = Walk()
    alive: list[Any] = []  # as long as they live, no other tensor can take their place in memory
    places: dict[tuple[int, int, int], str] = {_place(batch): ""}

    def see(key: str, inputs: Any, output: Any) -> None:
        alive.append(output)
        name, _, count = key.partition("#")
        output = tensor_of(output)
        if output is None or output.ndim == 0 or len(output) != n or output.numel() == 0:
            walk.odd.append(key)
            return
        place = _place(output)
        if place in places:
            walk.repeats.append(key)
            return
        given = next((one for one in inputs if isinstance(one, torch.Tensor)), None)
        after = "" if given is None else _maker(places, given)
        places[place] = key
        walk.steps.append(Step(key, name, int(count or 1), layers[name], tuple(output.shape[1:]), after))

    with torch.no_grad(), tapped(layers, see):
        through(batch)
    return walk


def _place(tensor: torch.Tensor) -> tuple[int, int, int]:
    """Where the numbers of a tensor lie, how many, and how often they were written to."""
    return tensor.data_ptr(), tensor.numel(), tensor._version


def tensor_of(output: Any) -> torch.Tensor | None:
    """What a layer gave, or the first tensor of real numbers in the tuple or list that it gave."""
    import torch

    if isinstance(output, torch.Tensor):
        return output if output.is_floating_point() else None
    parts = output if isinstance(output, (tuple, list)) else ()
    return next((one for one in map(tensor_of, parts) if one is not None), None)


def _maker(places: Mapping[tuple[int, int, int], str], given: torch.Tensor) -> str:
    """Which step gave a tensor; a layer that writes in place has written once more since."""
    at, numbers, written = _place(given)
    return places.get((at, numbers, written)) or places.get((at, numbers, written - 1), "")


def watch(
    through: wb.Map[Any, Any], batches: Iterable[torch.Tensor], walk: Walk, see: See, device: str
) -> Iterator[int]:
    """Take batches through the map and call ``see(key, inputs, output)`` at every step of the walk, in one pass.

    Yields
    ------
    int
        How many points have gone through.

    Raises
    ------
    SpaceError
        When a step gives another shape than it gave at first.
    """
    import torch

    wanted = {one.key: one for one in walk.steps}
    layers = {one.layer: one.module for one in walk.steps}
    done = 0
    for batch in batches:
        rows = len(batch)

        def seen(key: str, inputs: Any, output: Any, rows: int = rows) -> None:
            step, output = wanted.get(key), tensor_of(output)
            if step is None:
                return
            if output is None or tuple(output.shape) != (rows, *step.shape):
                found = "no numbers" if output is None else f"shape {list(output.shape)}"
                raise wb.SpaceError(
                    f"'{key}' gave {found} for {rows} points, and {list(step.shape)} for each at first: its size must "
                    "not depend on the batch"
                )
            see(key, inputs, output)

        with torch.no_grad(), tapped(layers, seen):
            through(batch.to(device))
        done += rows
        yield done
