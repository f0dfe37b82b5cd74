# SPDX-License-Identifier: Apache-2.0
"""Gradients: automatic differentiation against finite differences, along random directions."""

from __future__ import annotations

import copy
import statistics
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from registry.arrays import bad_rows, is_tensor
from registry.conformance.probe import FLOAT_SPACES, NoPoints, Probe, difference
from registry.conformance.report import Check
from registry.maps import Map
from registry.model import Model

if TYPE_CHECKING:
    import torch

DIRECTIONS = 5
DOUBLE_MOST = 200_000_000  # parameters of a model that is copied to float64
STEPS = {"float64": (1e-7, 1e-8), "float32": (1e-2,)}  # relative to the length of the input
LIMIT = {"float64": 1e-4, "float32": 5e-2}


def check_gradients(probe: Probe) -> Iterator[Check]:
    """The derivative of each differentiable map along a direction agrees with central differences.

    For random ``v`` and ``w`` of unit size, ``<w, J v>`` by automatic differentiation is compared with
    ``<w, f(x + h v) - f(x - h v)> / 2 h``. The value is the median over five directions of the relative difference (a
    median, since a step may cross a kink of a piecewise linear network). In float64 on a copy of the model where that
    can be made; else in float32, with a larger step and limit. In float64 a difference beyond the limit is taken once
    more with a tenth of the step: what bends or has many kinks comes closer, a wrong derivative stays as far off.
    """
    double = _double(probe)
    for one in probe.maps():
        subject = f"map {one.name}"
        if not isinstance(one.source, FLOAT_SPACES) or not isinstance(one.target, FLOAT_SPACES):
            words = f"from {one.source.kind} to {one.target.kind}"
            yield Check("gradients", subject, "does not apply", words=words)
            continue
        try:
            yield _measure(probe, double, one)
        except NoPoints as error:
            yield Check("gradients", subject, "does not apply", words=str(error))


def _measure(probe: Probe, double: Probe | None, one: Map[Any, Any]) -> Check:
    if not is_tensor(probe.seen(one).point) or not is_tensor(probe.batch(one.source)):
        raise NoPoints("not differentiable: the map does not give a torch tensor")
    if bad_rows(probe.seen(one).point).size:
        raise NoPoints("the map gives numbers that are not finite")
    if difference(probe.output(one), probe.output(one)) > 0:
        raise NoPoints("the same seed gives another result, so differences say nothing")
    subject, batch = f"map {one.name}", probe.batch(one.source)
    if double is not None and one.name in double.model.maps:
        try:
            error, flat = _error(double, double.model.maps[one.name], batch.double(), "float64")
        except (RuntimeError, TypeError, ValueError):  # weights out of the copy's reach stayed float32
            error, flat = _error(probe, one, batch, "float32")
            kind = "float32"
        else:
            kind = "float64"
    else:
        error, flat = _error(probe, one, batch, "float32")
        kind = "float32"
    words = f"median relative difference from central differences over {DIRECTIONS} directions, in {kind}"
    if flat:
        words += "; the derivative is 0"
    return Check("gradients", subject, "pass" if error <= LIMIT[kind] else "fail", error, LIMIT[kind], words)


def _error(probe: Probe, one: Map[Any, Any], batch: torch.Tensor, kind: str) -> tuple[float, bool]:
    """Median relative difference, and whether both derivatives were 0 throughout."""
    import torch

    generator = torch.Generator().manual_seed(probe.seed)
    errors, flat = [], True
    for _ in range(DIRECTIONS):
        x = batch.detach().clone().requires_grad_(True)
        with torch.enable_grad():
            out = probe.call(one, x, grad=True).point
            if not is_tensor(out) or not out.requires_grad:
                raise NoPoints("not differentiable: no gradient leads from the result back to the input")
            w = _unit(out, generator)
            (slope,) = torch.autograd.grad((out * w).sum(), x, allow_unused=True)
        if slope is None:
            raise NoPoints("not differentiable: no gradient leads from the result back to the input")
        v = _unit(x, generator)
        exact = float((slope.double() * v.double()).sum())
        reach = max(float(x.detach().norm()), 1e-2 * float(np.sqrt(x.numel())))
        error = float("inf")
        for step in (one_step * reach for one_step in STEPS[kind]):
            ahead, behind = (probe.call(one, x.detach() + sign * step * v).point for sign in (1, -1))
            by_steps = float(((ahead - behind).double() * w.double()).sum()) / (2 * step)
            flat = flat and by_steps == 0 and exact == 0
            rounding = 4 * float(torch.finfo(x.dtype).eps) * float(out.detach().abs().max()) / step
            error = min(error, _relative(by_steps, exact, rounding, LIMIT[kind]))
            if error <= LIMIT[kind]:
                break
        errors.append(error)
    return statistics.median(errors), flat


def _relative(by_steps: float, exact: float, rounding: float, limit: float) -> float:
    """Difference of two slopes by the larger; beyond the limit, what rounding alone may make is taken off."""
    size, gap = max(abs(by_steps), abs(exact)), abs(by_steps - exact)
    if gap > limit * size:
        gap = max(gap - rounding, 0.0)
    return gap / size if size > 0 else 0.0


def _unit(like: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """A random direction of the shape, type and device of ``like``, of length 1."""
    import torch

    draw = torch.randn(like.shape, generator=generator, dtype=torch.float64)
    unit: torch.Tensor = (draw / draw.norm().clamp_min(1e-30)).to(like.device, like.dtype)
    return unit


def _double(probe: Probe) -> Probe | None:
    """The probe around a float64 copy of the model; ``None`` where it is too large or cannot be copied."""
    model = probe.model
    held = sum(int(np.prod(value.shape)) for _, value in model.tensors())
    if held > DOUBLE_MOST:
        return None
    try:
        copied: Model = copy.deepcopy(model)
    except Exception:  # noqa: BLE001 - objects that cannot be copied raise anything; float32 is used then
        return None
    for network in copied.modules().values():
        network.double()
    for name, value in vars(copied).items():
        if is_tensor(value) and value.is_floating_point():
            setattr(copied, name, value.double())
    return replace(probe, model=copied, _batches={}, _seen={})
