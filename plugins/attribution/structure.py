# SPDX-License-Identifier: Apache-2.0
"""How a model is built, as one pass shows it: modules that run, how often, in place or not, and bare functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from torch import nn
from torch.overrides import TorchFunctionMode, resolve_name

ACTIVATIONS: Final = {
    "relu": nn.ReLU, "relu_": nn.ReLU, "sigmoid": nn.Sigmoid, "sigmoid_": nn.Sigmoid, "tanh": nn.Tanh,
    "tanh_": nn.Tanh, "leaky_relu": nn.LeakyReLU, "leaky_relu_": nn.LeakyReLU, "elu": nn.ELU, "elu_": nn.ELU,
    "softplus": nn.Softplus, "gelu": nn.GELU, "silu": nn.SiLU, "mish": nn.Mish, "hardtanh": nn.Hardtanh,
    "hardswish": nn.Hardswish, "hardsigmoid": nn.Hardsigmoid, "selu": nn.SELU, "celu": nn.CELU, "prelu": nn.PReLU,
    "relu6": nn.ReLU6, "softmax": nn.Softmax, "log_softmax": nn.LogSoftmax, "logsigmoid": nn.LogSigmoid,
    "softsign": nn.Softsign, "tanhshrink": nn.Tanhshrink, "glu": nn.GLU,
}  # fmt: skip
"""Functions that bend, and the modules that do the same."""

NONLINEAR: Final = {
    "exp", "log", "log1p", "expm1", "sqrt", "rsqrt", "pow", "square", "sin", "cos", "abs", "clamp", "clamp_min",
    "clamp_max", "clip", "max", "min", "maximum", "minimum", "amax", "amin", "norm", "normalize", "layer_norm",
    "batch_norm", "group_norm", "instance_norm", "mul", "matmul", "bmm", "div", "true_divide", "reciprocal", "sign",
    "scaled_dot_product_attention", "max_pool2d", "max_pool1d", "adaptive_max_pool2d", "logsumexp", "std", "var",
    "where", "round", "floor", "argmax", "sort", "topk", "cumprod", "prod", "einsum", "bilinear", "cdist", "erf",
    "__rtruediv__", "__pow__", "__rpow__", "__matmul__", "__rmatmul__", "exp_", "mul_", "div_", "clamp_", "addcmul",
}  # fmt: skip
"""Functions that may bend: products with a number alone do not, and are told apart by their arguments."""

SHAPING: Final = {
    "reshape", "view", "flatten", "unflatten", "permute", "transpose", "squeeze", "unsqueeze", "contiguous", "chunk",
    "split", "__getitem__", "size", "dim", "clone", "to", "float", "type", "expand", "movedim", "swapaxes", "t",
    "detach", "numel", "unbind", "narrow", "select", "__len__", "view_as", "reshape_as", "expand_as", "tensor_split",
    "__get__", "requires_grad_", "is_floating_point", "is_complex", "__bool__", "item", "type_as", "double",
    "broadcast_tensors",
}  # fmt: skip
"""Functions that only arrange numbers."""


@dataclass(frozen=True)
class Part:
    """A leaf module that ran: its name, class, how often, and whether it writes into its input."""

    name: str
    kind: type[nn.Module]
    calls: int
    in_place: bool


@dataclass(frozen=True)
class Structure:
    """Leaf modules that a pass ran, in order, and the functions that it called outside of them, each by name."""

    parts: tuple[Part, ...] = ()
    functions: Mapping[str, int] = field(default_factory=dict)

    def reused(self) -> list[Part]:
        """Modules that one pass runs more than once."""
        return [one for one in self.parts if one.calls > 1]

    def in_place(self) -> list[Part]:
        """Modules that write into their input."""
        return [one for one in self.parts if one.in_place]

    def of(self, *kinds: type[nn.Module]) -> list[Part]:
        """Modules of these very classes."""
        return [one for one in self.parts if one.kind in kinds]

    def activations(self) -> list[str]:
        """Activation functions that are called as functions, not as modules."""
        return [one for one in self.functions if one in ACTIVATIONS]

    def bending(self) -> list[str]:
        """Other functions, outside of modules, that are not linear in what they are given."""
        return [one for one in self.functions if one in NONLINEAR]

    def unknown(self) -> list[str]:
        """Functions that do more than arrange numbers: sums, products, activations, all else."""
        return [one for one in self.functions if one not in SHAPING]


class Recorder(TorchFunctionMode):
    """Keeps the functions of torch that are called while no leaf module runs, with the nodes of the graph they make."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = 0
        self.called: list[tuple[str, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if not self.inside:
            name = name_of(func)
            counted = not _by_a_number(name, args)
        else:
            counted = False
        self.inside += 1  # what a function calls in turn is its own affair
        try:
            given = func(*args, **(kwargs or {}))
        finally:
            self.inside -= 1
        if counted:
            self.called.extend((name, one.grad_fn) for one in _tensors(given) if one.grad_fn is not None)
        return given

    def functions(self, output: torch.Tensor | None) -> dict[str, int]:
        """How often each was called on the way to the output; on any way, where that has no gradient."""
        nodes = _behind(output)
        found: dict[str, int] = {}
        for name, node in self.called:
            if nodes is None or node in nodes:
                found[name] = found.get(name, 0) + 1
        return found


def _tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    return [one for one in value if isinstance(one, torch.Tensor)] if isinstance(value, (tuple, list)) else []


def _behind(output: torch.Tensor | None) -> set[Any] | None:
    """All nodes of the graph that an output hangs on."""
    if output is None or output.grad_fn is None:
        return None
    seen: set[Any] = set()
    left = [output.grad_fn]
    while left:
        node = left.pop()
        if node in seen:
            continue
        seen.add(node)
        left.extend(one for one, _ in node.next_functions if one is not None)
    return seen


def name_of(function: Any) -> str:
    """The bare name of a function of torch, ``relu`` for all of its three doors."""
    whole = resolve_name(function) or getattr(function, "__name__", str(function))
    return str(whole).rpartition(".")[2]


def _by_a_number(name: str, args: Any) -> bool:
    """Whether a product or quotient is one with plain numbers or tensors that nothing varies in."""
    if name not in ("mul", "div", "true_divide", "matmul", "mul_", "div_", "__matmul__", "bmm"):
        return False
    if name in ("div", "true_divide", "div_") and len(args) > 1 and _varies(args[1]):
        return False
    return sum(_varies(one) for one in args[:2]) < 2


def _varies(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.requires_grad and not isinstance(value, nn.Parameter)


def is_leaf(module: nn.Module) -> bool:
    """Whether a module is one of torch's own without children: what it does inside is known by its class."""
    return type(module).__module__.startswith("torch.nn.modules") and not list(module.children())


@contextmanager
def recorded(root: nn.Module) -> Iterator[Callable[[torch.Tensor | None], Structure]]:
    """While entered, a pass of ``root`` is looked at; then ask for what it did on the way to its output."""
    recorder = Recorder()
    calls: dict[str, int] = {}
    kinds: dict[str, nn.Module] = {}

    def before(module: nn.Module, inputs: Any) -> None:
        recorder.inside += 1

    def after(name: str) -> Any:
        def seen(module: nn.Module, inputs: Any, output: Any) -> None:
            recorder.inside -= 1
            calls[name] = calls.get(name, 0) + 1
            kinds[name] = module

        return seen

    with ExitStack() as stack:
        for name, module in root.named_modules():
            if is_leaf(module):
                stack.callback(module.register_forward_pre_hook(before).remove)
                stack.callback(module.register_forward_hook(after(name)).remove)
        stack.enter_context(recorder)
        yield lambda output: Structure(
            tuple(
                Part(name.removeprefix("networks."), type(one), calls[name], bool(getattr(one, "inplace", False)))
                for name, one in kinds.items()
            ),
            recorder.functions(output),
        )
