# SPDX-License-Identifier: Apache-2.0
"""Decisions: one number of a map's output, and its derivatives by the activations of layers, one pass a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from registry.arrays import is_distribution

if TYPE_CHECKING:
    import torch

Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]

NUMBERS_IN_A_BATCH: Final = 4 * 2**20  # activations and derivatives of all layers asked
MOST_IN_A_BATCH: Final = 256


@dataclass(frozen=True)
class Looked:
    """What the passes saw.

    Attributes
    ----------
    activations : float32 ``[n, units]`` of each layer
    derivatives : float32 ``[n, units]`` of the decision by each layer; no layers where no decision was asked
    decision : float32 ``[n]``; empty where none was asked
    without : why a layer has no derivative, in one clause, by its name
    """

    activations: Mapping[str, Float32]
    derivatives: Mapping[str, Float32]
    decision: Float32
    without: Mapping[str, str]


class Taps:
    """Keeps the activations of layers, with their gradients where wanted, while it is entered.

    Every tap hands on a copy: a later layer may write into the memory of what it is given, and the derivative must be
    of the number as the layer gave it. A layer whose output hangs on nothing that has a gradient becomes a leaf.
    """

    def __init__(self, layers: Mapping[str, torch.nn.Module], gradients: bool) -> None:
        self.layers, self.gradients = dict(layers), gradients
        self.seen: dict[str, torch.Tensor] = {}
        self.calls: dict[str, int] = {}
        self.wrong: dict[str, str] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for name, module in self.layers.items():
                stack.callback(module.register_forward_hook(self._tap(name)).remove)
            self._hooks = stack.pop_all()
        return self

    def __exit__(self, *failure: object) -> None:
        self._hooks.close()

    def _tap(self, name: str) -> Callable[..., Any]:
        import torch

        def keep(module: torch.nn.Module, inputs: Any, output: Any) -> Any:
            self.calls[name] = self.calls.get(name, 0) + 1
            if not isinstance(output, torch.Tensor) or not output.is_floating_point():
                self.wrong[name] = f"it gives a {type(output).__name__}, not one tensor of real numbers"
                return None
            if not self.gradients:
                self.seen[name] = output.detach().clone()
                return None
            kept = output.clone() if output.requires_grad else output.detach().clone().requires_grad_()
            self.seen[name] = kept
            return kept.clone()

        return keep

    def fault(self, name: str, count: int, through: str) -> str:
        """Why the activations of a layer in the pass just made cannot be used, in one clause; else nothing."""
        calls = self.calls.get(name, 0)
        if not calls:
            return f"the map '{through}' does not drive it"
        if name in self.wrong:
            return self.wrong[name]
        if calls > 1:
            return f"the map '{through}' runs it {calls} times a pass, so that it has no one activation"
        if self.seen[name].ndim == 0 or len(self.seen[name]) != count:
            return f"it gave shape {list(self.seen[name].shape)} for {count} points: no row for each"
        return ""


def decided(output: Any, unit: int | None, through: str) -> torch.Tensor:
    """The decision ``[n]`` of what a map gave: one of its numbers, or the mean of all (of a distribution: its mean).

    Raises
    ------
    MapError
        When it gave no tensor of real numbers.
    ParameterError
        When it has no such unit.
    """
    import torch

    out = output.mean if is_distribution(output) else output
    if not isinstance(out, torch.Tensor) or not out.is_floating_point():
        raise wb.MapError(f"the map '{through}' gives no real numbers, so there is no decision to differentiate")
    flat = out.reshape(len(out), -1)
    if unit is None:
        return flat.mean(dim=1)
    if unit >= flat.shape[1]:
        raise wb.ParameterError(
            f"'unit' = {unit}: an output of the map '{through}' has {flat.shape[1]:,} numbers, 0 to "
            f"{flat.shape[1] - 1:,}"
        )
    return flat[:, unit]


def look(
    model: wb.Model,
    through: wb.Map[Any, Any],
    batch: torch.Tensor,
    units: Mapping[str, Int64],
    *,
    decision: Callable[[Any], torch.Tensor] | None,
    device: str,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Looked:
    """Activations of layers at points, and the derivatives of a decision by them, as one pass of each batch gives them.

    Parameters
    ----------
    batch : points of the map's source ``[n, ...]``, on the processor
    units : for each layer the units wanted (int64, positions in its flattened activation)
    decision : from what the map gave to a number a point ``[n]``; ``None`` for activations alone

    Raises
    ------
    MapError
        When the decision has no gradient at all: a map that detaches, works in inference mode or leaves torch.
    DataError
        When an activation or a derivative is not finite.
    """
    import torch

    known = model.layers()
    for name in units:
        if name not in known:
            raise wb.SpaceError(f"the model has no layer '{name}'")
    kept: dict[str, list[Float32]] = {name: [] for name in units}
    slopes: dict[str, list[Float32]] = {name: [] for name in units}
    numbers: list[Float32] = []
    without: dict[str, str] = {}
    wide = sum(len(one) for one in units.values())
    size = int(np.clip(2 ** int(np.log2(max(1, NUMBERS_IN_A_BATCH // max(1, wide)))), 1, MOST_IN_A_BATCH))
    chosen = {name: torch.from_numpy(one).to(device) for name, one in units.items()}
    for start in range(0, len(batch), size):
        part = batch[start : start + size].to(device)
        live = [name for name in units if name not in without]
        taps = Taps({name: known[name] for name in live}, gradients=decision is not None)
        found, values = _passed(through, part, taps, decision, without)
        for name in live:
            if name not in without:
                kept[name].append(_numbers(taps.seen[name], chosen[name]))
                if decision is not None:
                    slopes[name].append(_numbers(found[name], chosen[name]))
        if values is not None:
            numbers.append(values)
        progress(min(1.0, (start + size) / len(batch)))
    left = [name for name in units if name not in without]
    derivatives = {name: np.concatenate(slopes[name]) for name in left} if decision is not None else {}
    activations = {name: np.concatenate(kept[name]) for name in left}
    _check_finite("the activation of", activations)
    _check_finite("the derivative of the decision by", derivatives)
    return Looked(
        activations,
        derivatives,
        np.concatenate(numbers) if numbers else np.empty(0, dtype=np.float32),
        without,
    )


def _check_finite(what: str, values: Mapping[str, Float32]) -> None:
    for name, one in values.items():
        bad = int((~np.isfinite(one).all(axis=1)).sum())
        if bad:
            raise wb.DataError(
                f"{what} the layer '{name}' is NaN or infinite at {bad} of {len(one)} points: choose another layer or "
                "other points"
            )


def _passed(
    through: wb.Map[Any, Any],
    part: torch.Tensor,
    taps: Taps,
    decision: Callable[[Any], torch.Tensor] | None,
    without: dict[str, str],
) -> tuple[dict[str, torch.Tensor], Float32 | None]:
    """One batch: derivatives by layer, and the decision ``[n]``; layers that have none are added to ``without``."""
    import torch

    try:
        with torch.set_grad_enabled(decision is not None), taps:
            output = through(part)
            values = None if decision is None else decision(output)
    except RuntimeError as error:
        if decision is None:
            raise
        raise wb.MapError(f"the map '{through.name}' cannot be differentiated: {str(error).splitlines()[0]}") from error
    for name in taps.layers:
        if fault := taps.fault(name, len(part), through.name):
            without[name] = fault
    if values is None:
        return {}, None
    live = [name for name in taps.layers if name not in without]
    if not live:
        return {}, values.detach().float().cpu().numpy()
    if not values.requires_grad:
        raise wb.MapError(
            f"the output of the map '{through.name}' has no gradient by its layers: it leaves the graph on the way "
            "(detach, no_grad, inference mode or numpy)"
        )
    tensors: Sequence[torch.Tensor] = [taps.seen[name] for name in live]
    gradients: Sequence[torch.Tensor | None] = torch.autograd.grad(values.sum(), tensors, allow_unused=True)
    found = {}
    for name, one in zip(live, gradients, strict=True):
        if one is None:
            without[name] = "the decision does not hang on it"
        else:
            found[name] = one
    return found, values.detach().float().cpu().numpy()


def _numbers(tensor: torch.Tensor, chosen: torch.Tensor) -> Float32:
    flat = tensor.detach().reshape(len(tensor), -1)
    flat = flat if flat.shape[1] == len(chosen) else flat[:, chosen]
    return np.asarray(flat.float().cpu().numpy(), dtype=np.float32)
