# SPDX-License-Identifier: Apache-2.0
"""Reading a layer, or the output of a map, with gradients: from a batch of its source to activations."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch import Tensor, nn

import workbench as wb
from registry.arrays import is_distribution

OUTPUT: Final = ""  # in place of the name of a layer: what the map gives
NONLINEAR: Final = (nn.ReLU, nn.ReLU6, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SELU, nn.GELU, nn.SiLU, nn.Sigmoid, nn.Tanh)


class _Reached(BaseException):
    """The last layer wanted has been run: the rest of the map need not be."""


class Reader:
    """Takes batches of a map's source to the activations of layers, from one pass, and no further than needed.

    Parameters
    ----------
    through : the map
    layers : the model's layers by name; :data:`OUTPUT` among ``names`` is what the map gives (the mean of a
        distribution)
    names : what is read
    before : read what enters a layer in place of what leaves it, where the layer is a nonlinearity alone: a
        rectifier that is shut has no gradient
    """

    def __init__(
        self, through: wb.Map[Any, Any], layers: dict[str, nn.Module], names: Sequence[str], *, before: bool = False
    ) -> None:
        unknown = [one for one in names if one != OUTPUT and one not in layers]
        if unknown:
            raise wb.SpaceError(f"the model has no layer '{unknown[0]}'")
        self.through, self.names = through, tuple(names)
        self.before = {name: before and isinstance(layers.get(name), NONLINEAR) for name in names}
        self._modules = {name: layers[name] for name in names if name != OUTPUT}
        self._stops = False

    def probe(self, batch: Tensor) -> dict[str, Tensor]:
        """One whole pass, after which later ones end at the last layer wanted.

        Raises
        ------
        MapError
            When the map cannot take the batch, does not drive a layer, drives it several times, or a layer gives no
            real numbers with a row for each point.
        """
        self._stops = False
        calls: dict[str, int] = {}
        found = self._passed(batch, calls)
        for name in self._modules:
            if calls.get(name, 0) != 1:
                times = f"runs it {calls[name]} times a pass" if calls.get(name) else "does not drive it"
                raise wb.MapError(f"the layer '{name}' cannot be read: the map '{self.through.name}' {times}")
        for name, one in found.items():
            what = f"the layer '{name}'" if name else f"the map '{self.through.name}'"
            if not isinstance(one, Tensor) or not one.is_floating_point():
                raise wb.MapError(f"{what} gives no real numbers, so there is nothing to raise")
            if one.ndim < 2 or len(one) != len(batch):
                raise wb.MapError(f"{what} gave shape {list(one.shape)} for {len(batch)} points: no row for each")
        self._stops = OUTPUT not in self.names
        return found

    def __call__(self, batch: Tensor) -> dict[str, Tensor]:
        """Activations ``[n, ...]`` by name."""
        return self._passed(batch, {})

    def one(self, batch: Tensor) -> Tensor:
        """Activations of the first name alone."""
        return self._passed(batch, {})[self.names[0]]

    def _passed(self, batch: Tensor, calls: dict[str, int]) -> dict[str, Tensor]:
        seen: dict[str, Any] = {}
        wanted = set(self._modules)
        handles = []

        def keep(name: str, value: Any) -> None:
            calls[name] = calls.get(name, 0) + 1
            seen[name] = value.clone() if isinstance(value, Tensor) else value  # a later layer may write into it
            if self._stops and wanted <= set(seen):
                raise _Reached

        def entering(name: str) -> Callable[..., None]:
            return lambda module, given: keep(name, given[0])

        def leaving(name: str) -> Callable[..., None]:
            return lambda module, given, gave: keep(name, gave)

        for name, module in self._modules.items():
            if self.before[name]:
                handles.append(module.register_forward_pre_hook(entering(name)))
            else:
                handles.append(module.register_forward_hook(leaving(name)))
        try:
            with said_of(self.through, batch):
                gave = self.through(batch)
            if OUTPUT in self.names:
                seen[OUTPUT] = gave.mean if is_distribution(gave) else gave
        except _Reached:
            pass
        finally:
            for one in handles:
                one.remove()
        return {name: seen[name] for name in self.names if name in seen}


@contextmanager
def said_of(through: wb.Map[Any, Any], batch: Tensor) -> Iterator[None]:
    """What a map raises at a batch becomes a :class:`MapError` with the shape; short memory keeps its name."""
    try:
        yield
    except Exception as error:  # a map is anybody's code: whatever it raises is said with the map and the shape
        if is_memory(error) or isinstance(error, wb.WorkbenchError):
            raise
        shape = " x ".join(str(side) for side in batch.shape[1:])
        told, kind = str(error).strip().partition("\n")[0], type(error).__name__
        if not told or not isinstance(error, RuntimeError | ValueError):  # of others the words alone say too little
            told = f"{kind}: {told}".removesuffix(": ")
        raise wb.MapError(f"the map '{through.name}' cannot take points of {shape}: {told}") from error


def is_memory(error: BaseException) -> bool:
    """Whether an error says that memory is short: of the device, or of the machine.

    >>> is_memory(RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes."))
    True
    """
    return (
        isinstance(error, torch.OutOfMemoryError | MemoryError)
        or "not enough memory" in str(error)
        or "can't allocate" in str(error)
    )


@contextmanager
def borrowed(model: wb.Model) -> Iterator[wb.Model]:
    """A copy of the model in evaluation mode whose weights ask for no gradient.

    A model whose maps were added to the instance keeps its own networks in those maps, so that a copy would not be what
    they run: such a model is used itself, and left as it was.
    """
    ours = model if model.__dict__.get("_added_maps") else _copied(model)
    nets = ours.modules().values()
    modes = {one: one.training for net in nets for one in net.modules()}
    asked = {one: one.requires_grad for net in nets for one in net.parameters()}
    try:
        for net in nets:
            net.eval().requires_grad_(False)
        yield ours
    finally:
        for module, mode in modes.items():
            module.training = mode
        for weight, was in asked.items():
            weight.requires_grad_(was)


def _copied(model: wb.Model) -> wb.Model:
    try:
        return copy.deepcopy(model)
    except (TypeError, RuntimeError) as error:  # it holds what cannot be copied: a file, a lock, a graph
        if is_memory(error):
            raise
        return model


@contextmanager
def randomised(model: wb.Model, seed: int) -> Iterator[None]:
    """While it is entered, every weight tensor of the networks is a random order of its own numbers.

    Buffers (running means and variances) stay. A control after Adebayo et al., *Sanity Checks for Saliency Maps*,
    NeurIPS 2018: what a network with such weights gives as well was not learnt. Keeping the numbers and losing their
    order keeps the scale of every layer, which new draws would change.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = [one for net in model.modules().values() for one in net.parameters()]
    kept = [one.detach().clone() for one in weights]
    try:
        with torch.no_grad():
            for one in weights:
                order = torch.randperm(one.numel(), generator=generator).to(one.device)
                one.copy_(one.flatten()[order].reshape(one.shape))
        yield
    finally:
        with torch.no_grad():
            for one, was in zip(weights, kept, strict=True):
                one.copy_(was)
