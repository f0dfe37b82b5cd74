# SPDX-License-Identifier: Apache-2.0
"""Activation capture: any set of layers in one forward pass, through hooks that do not outlive the pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import is_dataclass
from typing import Any, Self

import torch

from registry.arrays import is_distribution
from registry.errors import MapError, SpaceError
from registry.maps import Map
from registry.model import Model
from workbench.points.transfer import to_device
from workbench.points.words import near, no_such_space

OUTPUT = ""
"""Key of the output of the map among the captured layers."""


class Recorder:
    """Records the outputs of layers while it is entered; on exit every hook is gone, whatever happened.

    The hooks copy what they see (a later layer may write into the same memory) and return nothing (what a hook
    returns would replace the output). A layer that is called several times keeps its last output; ``calls`` counts.
    """

    def __init__(self, layers: Mapping[str, torch.nn.Module]) -> None:
        self.layers = dict(layers)
        self.output: Any = None
        self.outputs: dict[str, torch.Tensor] = {}
        self.calls: dict[str, int] = {}
        self.without_tensor: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for name, module in self.layers.items():
                stack.callback(module.register_forward_hook(self._hook(name)).remove)
            self._hooks = stack.pop_all()
        return self

    def __exit__(self, *failure: object) -> None:
        self._hooks.close()

    def _hook(self, name: str) -> Any:
        def keep(module: torch.nn.Module, inputs: Any, output: Any) -> None:
            self.calls[name] = self.calls.get(name, 0) + 1
            tensor = output if isinstance(output, torch.Tensor) else first_tensor(output)
            if tensor is None or not tensor.is_floating_point():
                self.without_tensor[name] = type(output).__name__
            else:
                self.outputs[name] = tensor.detach().clone()

        return keep


def first_tensor(output: Any) -> torch.Tensor | None:
    """The first floating-point tensor in what a layer returned: a tensor, tuple, list, dictionary or data class."""
    if isinstance(output, torch.Tensor):
        return output if output.is_floating_point() else None
    inside: Iterable[Any] = ()
    if isinstance(output, Mapping):
        inside = output.values()
    elif isinstance(output, (tuple, list)):
        inside = output
    elif is_dataclass(output) and not isinstance(output, type):
        inside = vars(output).values()
    for one in inside:
        found = first_tensor(one)
        if found is not None:
            return found
    return None


def chosen_layers(model: Model, names: Sequence[str]) -> dict[str, torch.nn.Module]:
    """The layers of ``model`` called ``names``; raises :class:`SpaceError` with near ones for a wrong name."""
    known = model.layers()
    for name in names:
        if name not in known:
            raise no_such_space(name, list(known), type(model).__name__)
    return {name: known[name] for name in names}


def run_map(one: Map[Any, Any], batch: Any, layers: Mapping[str, torch.nn.Module], **conditions: Any) -> Recorder:
    """One forward pass of a map with the layers recorded; ``output`` is what the map itself returned.

    No gradients are kept. Inference mode is not used on purpose: maps that differentiate inside (scores of an
    energy, guidance) would fail in it, and its tensors could not be used in a later backward pass.
    """
    recorder = Recorder(layers)
    with torch.no_grad(), recorder:
        recorder.output = one(batch, **conditions)
    return recorder


def capture(
    model: Model,
    map_name: str,
    batches: Iterable[Any],
    layers: Sequence[str] | None,
    *,
    device: str = "cpu",
    **conditions: Any,
) -> Iterator[dict[str, torch.Tensor]]:
    """Outputs of any set of layers, one dictionary a batch, all from one forward pass of a map.

    Parameters
    ----------
    model, map_name : the map that drives the layers
    batches : batches of the map's source space
    layers : dotted paths as in ``model.layers()``; ``None``: every one that the map drives and that gives numbers
    device : where the model is; batches are moved there
    conditions : handed to the map

    Yields
    ------
    dict of torch.Tensor
        For each layer a copy of its output ``[n, ...]`` on the device; under ``""`` the output of the map (its mean
        where the map returns a distribution).

    Raises
    ------
    SpaceError
        For a layer that the model does not have, with near names; before anything is computed.
    MapError
        For a map that the model does not have, or a layer that the map does not drive.

    Notes
    -----
    Hooks are in place during a forward pass only: none is left between two batches, nor after an error or interrupt.
    """
    if map_name not in model.maps:
        raise MapError(f"{type(model).__name__} has no map '{map_name}': it has {near(map_name, list(model.maps))}")
    driving = model.maps[map_name]
    driving.settle(conditions)
    chosen = chosen_layers(model, layers) if layers is not None else model.layers()
    return _captured(driving, batches, chosen, device, conditions, every=layers is None)


def _captured(
    driving: Map[Any, Any],
    batches: Iterable[Any],
    layers: Mapping[str, torch.nn.Module],
    device: str,
    conditions: Mapping[str, Any],
    every: bool,
) -> Iterator[dict[str, torch.Tensor]]:
    for batch in batches:
        recorder = run_map(driving, to_device(batch, device), layers, **conditions)
        if not every:
            check_driven(driving.name, recorder)
        if is_distribution(recorder.output):
            recorder.output = recorder.output.mean
        yield {**recorder.outputs, OUTPUT: recorder.output}


def check_driven(map_name: str, recorder: Recorder) -> None:
    """Raise unless every layer asked for gave a tensor of numbers in the pass just recorded."""
    for name in recorder.layers:
        if name in recorder.outputs:
            continue
        if name in recorder.without_tensor:
            kind = recorder.without_tensor[name]
            raise SpaceError(f"layer '{name}' gives a {kind} without a tensor of real numbers: capture another layer")
        raise MapError(f"map '{map_name}' does not drive layer '{name}': choose another map or layer")
