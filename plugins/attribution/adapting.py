# SPDX-License-Identifier: Apache-2.0
"""A copy of a question that modules can be hooked on: nothing in place, every activation a module that runs once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from plugins.attribution.conditions import STATELESS, listed
from plugins.attribution.pooling import UnfoldedMaxPool, can_unfold, overlaps
from plugins.attribution.structure import is_leaf, name_of

if TYPE_CHECKING:
    from plugins.attribution.questions import Question

MADE: Final[Mapping[str, Callable[..., nn.Module]]] = {
    "relu": lambda *args, **more: nn.ReLU(),
    "relu_": lambda *args, **more: nn.ReLU(),
    "sigmoid": lambda *args, **more: nn.Sigmoid(),
    "sigmoid_": lambda *args, **more: nn.Sigmoid(),
    "tanh": lambda *args, **more: nn.Tanh(),
    "tanh_": lambda *args, **more: nn.Tanh(),
    "leaky_relu": lambda negative_slope=0.01, inplace=False: nn.LeakyReLU(negative_slope),
    "elu": lambda alpha=1.0, inplace=False: nn.ELU(alpha),
    "softplus": lambda beta=1.0, threshold=20.0: nn.Softplus(beta, threshold),
}
"""Functions of activation, and the modules that do the same, by the arguments after the tensor."""


class OnePerCall(nn.Module):
    """Stands for a module that a pass runs several times: as many copies, each of which runs once."""

    def __init__(self, original: nn.Module, count: int) -> None:
        super().__init__()
        self.copies = nn.ModuleList(copy.deepcopy(original) for _ in range(count))
        self.at = 0

    def forward(self, *inputs: Any) -> Any:
        """What the next of the copies gives."""
        self.at += 1
        return self.copies[self.at - 1](*inputs)


class Counted(nn.Module):
    """The number of a question as a module, so that a rule can be set on it; linear in what it is given."""

    def __init__(self, number: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.number = number

    def forward(self, output: Tensor) -> Tensor:
        """The number of each point."""
        return self.number(output)


class ModulesForFunctions(TorchFunctionMode):
    """Runs a module for each call of a function of activation outside of modules, a new one for each call of a pass."""

    def __init__(self, made: nn.ModuleList) -> None:
        super().__init__()
        self.made, self.at, self.inside = made, 0, 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = name_of(func)
        if self.inside or name not in MADE or not isinstance(args[0] if args else None, Tensor):
            return func(*args, **(kwargs or {}))
        if self.at == len(self.made):
            self.made.append(MADE[name](*args[1:], **(kwargs or {})).eval())
        self.at += 1
        return self.made[self.at - 1](args[0].clone())


def fitted(question: Question, *, number: bool = False) -> tuple[Question, tuple[str, ...]]:
    """A copy made fit for hooks, and what was changed, one sentence each; its numbers are those of the question.

    Every module is given a tensor of its own: captum hooks the tensor that a module is given, and where something else
    uses the same one (a branch around the module) takes the gradient of both for that of the module.

    Parameters
    ----------
    number : whether the number itself becomes a module
    """
    other = question.copied()
    said = [
        *_out_of_place(question, other.module),
        *_unfolded(question, other.module),
        *_parted(question, other.module),
    ]
    if functions := [one for one in question.structure.activations() if one in MADE]:
        said.append(f"{', '.join(functions)} made a module on the copy, where it was called as a function.")
    if number:
        other.module.number = Counted(other.module.number).eval()
    _around(other.module, bool(functions))
    if functions:  # they are made by a pass
        with torch.no_grad():
            other.module(question.few)
    return replace(other, layers=_layers_now(other)), tuple(said)


def _layers_now(other: Question) -> dict[str, nn.Module]:
    """The layers by name, those that were put in the place of others among them."""
    known = other.module.model.layers()
    return {name: known.get(name, one) for name, one in other.layers.items()}


def _around(asked: Any, functions: bool) -> None:
    """Begin every pass of the copy with the first copy of every module; run modules for functions."""
    asked.made = nn.ModuleList()
    per_call = [one for one in asked.modules() if isinstance(one, OnePerCall)]
    leaves = [one for one in asked.modules() if is_leaf(one)]
    for one in leaves:
        one.register_forward_pre_hook(_own_inputs)

    @contextmanager
    def passing() -> Iterator[None]:
        for one in per_call:
            one.at = 0
        if not functions:
            yield
            return
        mode = ModulesForFunctions(asked.made)
        handles = [handle for one in leaves for handle in _marking(one, mode)]
        try:
            with mode:
                yield
        finally:
            for handle in handles:
                handle.remove()

    asked.around = passing


def _own_inputs(module: nn.Module, inputs: Any) -> Any:
    return tuple(one.clone() if isinstance(one, Tensor) else one for one in inputs)


def _marking(module: nn.Module, mode: ModulesForFunctions) -> list[Any]:
    """Hooks that say when a module runs: what it calls inside stays as it is."""

    def begin(one: nn.Module, inputs: Any) -> None:
        mode.inside += 1

    def end(one: nn.Module, inputs: Any, output: Any) -> None:
        mode.inside -= 1

    return [module.register_forward_pre_hook(begin, prepend=True), module.register_forward_hook(end)]


def _out_of_place(question: Question, asked: nn.Module) -> list[str]:
    ran = {one.name for one in question.structure.parts}
    found: dict[str, list[str]] = {}
    for name, one in asked.named_modules():
        if getattr(one, "inplace", False) is True:
            one.inplace = False
            if name.removeprefix("networks.") in ran:
                found.setdefault(type(one).__name__, []).append(name.removeprefix("networks."))
    return [f"{kind} made out of place on the copy: {listed(names)}." for kind, names in found.items()]


def _unfolded(question: Question, asked: nn.Module) -> list[str]:
    """Put poolings without overlap in the place of those with."""
    names = []
    for part in question.structure.parts:
        original = asked.get_submodule(f"networks.{part.name}")
        if isinstance(original, nn.MaxPool2d) and overlaps(original) and can_unfold(original):
            _replace(asked, original, partial(_unfolding, original))
            names.append(part.name)
    return [f"MaxPool2d made a pooling without overlap on the copy: {listed(names)}."] if names else []


def _unfolding(original: nn.MaxPool2d) -> nn.Module:
    return UnfoldedMaxPool(original).eval()


def _replace(asked: Any, original: nn.Module, make: Callable[[], nn.Module]) -> None:
    """Put another module wherever one stands: one for each place, for no rule of captum knows a module of two places.

    A network that the model itself holds stands among the networks and as an attribute of the model: one place.
    """
    held = make()
    for holder in (asked.networks._modules, *_holders(asked.model.__dict__)):
        _swap(holder, original, lambda: held)
    for parent in list(asked.networks.modules()):
        if parent is not asked.networks:  # ``named_children`` leaves out the second place of a module in one parent
            _swap(parent._modules, original, make)


def _holders(attributes: Any) -> Iterator[Any]:
    """The attributes of a model, and the lists and dictionaries among them."""
    yield attributes
    yield from (one for one in attributes.values() if isinstance(one, (list, dict)))


def _swap(holder: Any, original: nn.Module, make: Callable[[], nn.Module]) -> None:
    for key, one in list(enumerate(holder) if isinstance(holder, list) else holder.items()):
        if one is original:
            holder[key] = make()


def _parted(question: Question, asked: nn.Module) -> list[str]:
    """Put copies in the place of stateless modules that run several times, wherever they stand."""
    said = []
    for part in question.structure.reused():
        if part.kind not in STATELESS:
            continue
        original = asked.get_submodule(f"networks.{part.name}")
        _replace(asked, original, partial(OnePerCall, original, part.calls))
        said.append(f"{part.kind.__name__} {part.name}, which runs {part.calls} times, made {part.calls} modules.")
    return said
