# SPDX-License-Identifier: Apache-2.0
"""A question as one module: input in, one number a point out, with a count of what it cost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

import workbench as wb
from plugins.attribution.questions.copies import copied
from registry.arrays import is_distribution

if TYPE_CHECKING:
    from plugins.attribution.questions.kinds import Number


@dataclass
class Tally:
    """Rows that went forwards and backwards through a question, and who is told of every pass."""

    forwards: int = 0
    backwards: int = 0
    told: Callable[[int, int], None] | None = None

    def count(self, forwards: int, backwards: int) -> None:
        """Add rows, and tell."""
        self.forwards += forwards
        self.backwards += backwards
        if self.told is not None:
            self.told(self.forwards, self.backwards)


class Reached(Exception):
    """The layer at which the number is read has given its output: what follows need not run."""

    def __init__(self, output: Tensor) -> None:
        super().__init__("reached")
        self.output = output


class Asked(nn.Module):
    """A number of a map's output, or of a layer that it drives; ``[n, *shape] -> [n]``.

    Its children are the networks of the model, so that hooks find them. A pass stops at the layer where the number is
    read. Where the map draws random numbers, every row goes through by itself with the same seed: the number of a
    point is then the same in every pass and beside every other point. So it is where a point's number hangs on the
    others of its batch.

    Parameters
    ----------
    model : a copy (:func:`plugins.attribution.questions.copies.copied`)
    through : name of the map
    at : name of the layer where the number is read; ``None``: the output
    number : from what is there ``[n, ...]`` to ``[n]``
    then : names of maps that the output goes through before the number is read
    """

    def __init__(
        self, model: wb.Model, through: str, at: str | None, number: Number, then: tuple[str, ...] = ()
    ) -> None:
        super().__init__()
        self.model, self.through, self.at, self.then = model, through, at, then
        self.networks = nn.ModuleDict({name.replace(".", "-"): one for name, one in model.modules().items()})
        self.number = number
        self.tally = Tally()
        self.noise: int | None = None  # the seed, where the map draws random numbers
        self.apart = False  # whether the number of a point hangs on the others of its batch
        self.around: Callable[[], AbstractContextManager[Any]] = nullcontext  # what a pass is made in
        self.eval()

    def copied(self) -> Asked:
        """The same on a copy of the model."""
        other = Asked(copied(self.model), self.through, self.at, self.number, self.then)
        other.noise, other.apart = self.noise, self.apart
        return other

    @property
    def alone(self) -> bool:
        """Whether every row goes through by itself."""
        return self.noise is not None or self.apart

    def forward(self, points: Tensor) -> Tensor:
        """The number of each point, ``[n]``."""
        if not self.alone:
            numbers = self.number(self.read(points))
        else:
            numbers = torch.cat([self.number(self.read(one)) for one in torch.split(points, 1)])
        if numbers.requires_grad:
            numbers.register_hook(  # type: ignore[no-untyped-call]
                lambda gradient: self.tally.count(0, len(gradient))
            )
        self.tally.count(len(points), 0)
        return numbers

    def read(self, points: Tensor) -> Tensor:
        """What the number is read from: the output of the map (of a distribution: its mean), or that of the layer.

        Raises
        ------
        MapError
            When that is no tensor of real numbers with one row for each point.
        """
        with self.around(), self._noise_fixed(points.device):
            output = self._output(points)
        where = f"the layer '{self.at}'" if self.at is not None else f"the map '{(self.through, *self.then)[-1]}'"
        found = output.mean if is_distribution(output) else output
        if not isinstance(found, Tensor):
            if not isinstance(found, np.ndarray):
                raise wb.MapError(f"{where} gives a {type(found).__name__}, no tensor: nothing can be asked of it")
            found = torch.as_tensor(found, device=points.device)
        if not found.is_floating_point():
            raise wb.MapError(f"{where} gives {found.dtype}, no real numbers: nothing can be asked of it")
        if found.ndim == 0 or len(found) != len(points):
            raise wb.MapError(f"{where} gave shape {list(found.shape)} for {len(points)} points: no row for each")
        return found

    def _output(self, points: Tensor) -> Any:
        through = self.model.maps[self.through]
        points = points.clone()  # a map may write into its input
        if self.at is None:
            output = through(points)
            for name in self.then:
                output = self.model.maps[name](output.mean if is_distribution(output) else output)
            return output
        handle = self.model.layers()[self.at].register_forward_hook(_stop)
        try:
            through(points)
        except Reached as reached:
            return reached.output
        finally:
            handle.remove()
        raise wb.MapError(f"the map '{self.through}' does not drive the layer '{self.at}': choose another")

    def _noise_fixed(self, device: torch.device) -> AbstractContextManager[Any]:
        return nullcontext() if self.noise is None else _seeded(self.noise, device)


class _seeded:
    """The global generators of torch at a seed, put back afterwards."""

    def __init__(self, seed: int, device: torch.device) -> None:
        devices = [device.index or 0] if device.type == "cuda" else []
        self._fork, self._seed = torch.random.fork_rng(devices=devices), seed

    def __enter__(self) -> None:
        self._fork.__enter__()
        torch.manual_seed(self._seed)

    def __exit__(self, *failure: Any) -> None:
        self._fork.__exit__(*failure)


def _stop(module: nn.Module, inputs: Any, output: Any) -> None:
    if not isinstance(output, Tensor):
        raise wb.MapError(f"a layer {type(module).__name__} gives a {type(output).__name__}: choose one with a tensor")
    raise Reached(output)
