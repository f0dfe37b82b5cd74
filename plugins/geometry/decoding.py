# SPDX-License-Identifier: Apache-2.0
"""A map as a differentiable function of codes: products with its Jacobian, and whether it has a derivative at all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, TypeAlias

import torch
from torch import Tensor

import workbench as wb
from registry.arrays import is_distribution

Decode: TypeAlias = Callable[[Tensor], Tensor]

MEMORY: Final = 256 * 2**20  # bytes that one pass may take
PER_OUTPUT: Final = 96  # numbers held for each number of the output: the layers between, and their tangents
AGREES: Final = 0.2  # relative difference of a derivative from differences; more is no derivative


def flat(map_: wb.Map[Any, Any]) -> Decode:
    """The map as a function ``[n, d] -> [n, D]``, its output flattened.

    Where it gives a distribution, mean and standard deviation stand one after the other: the Gram matrix of their
    Jacobian is the expected metric ``J_mean^T J_mean + J_std^T J_std`` of a normal decoder (Arvanitidis, Hansen and
    Hauberg, *Latent Space Oddity*, ICLR 2018, section 3).
    """

    def decode(codes: Tensor) -> Tensor:
        out = map_(codes)
        if is_distribution(out):
            return torch.cat([out.mean.flatten(1), out.stddev.flatten(1)], dim=1)
        flattened: Tensor = out.flatten(1)
        return flattened

    return decode


def rows_at_once(outputs: int) -> int:
    """How many rows of ``outputs`` numbers, with a tangent each, go through a decoder in one pass.

    >>> rows_at_once(784), rows_at_once(12288)
    (891, 56)
    """
    return max(1, min(4096, MEMORY // (4 * PER_OUTPUT * max(outputs, 1))))


def evaluate(decode: Decode, codes: Tensor) -> Tensor:
    """Outputs ``[n, D]`` of codes ``[n, d]`` without gradients, a few rows at a time."""
    with torch.no_grad():
        first = decode(codes[:1])
        size = rows_at_once(first.shape[1])
        return torch.cat([decode(part) for part in torch.split(codes, size)])


@cache
def _forward_mode() -> None:
    """Let torch load its rules of forward mode once: loading them warns of a function that torch itself still uses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.func.jvp(torch.sin, (torch.zeros(1),), (torch.ones(1),))


def push(decode: Decode, codes: Tensor, tangents: Tensor) -> Tensor:
    """Products ``J(z) v``: codes ``[n, d]``, tangents ``[k, n, d]``; gives ``[k, n, D]``.

    Rows must not depend on each other. Forward mode over all tangents at once; where a layer has no forward mode, the
    derivative of the reverse mode (Pearlmutter's trick, as in ``torch.autograd.functional.jvp``).
    """

    _forward_mode()

    def along(one: Tensor) -> Tensor:
        given: Tensor = torch.func.jvp(decode, (codes,), (one,))[1]
        return given

    try:
        together: Tensor = torch.func.vmap(along)(tangents)
        return together.detach()
    except (RuntimeError, NotImplementedError):  # no forward mode, or no rule for batches of tangents
        return torch.stack([_one(decode, codes, each) for each in tangents]).detach()


def _one(decode: Decode, codes: Tensor, tangent: Tensor) -> Tensor:
    try:
        forward: Tensor = torch.func.jvp(decode, (codes,), (tangent,))[1]
        return forward
    except (RuntimeError, NotImplementedError):
        twice: Tensor = torch.autograd.functional.jvp(decode, codes, tangent, strict=True)[1]  # type: ignore[no-untyped-call]
        return twice


def pull(decode: Decode, codes: Tensor, cotangents: Tensor) -> Tensor:
    """Products ``J(z)^T w``: codes ``[n, d]``, cotangents ``[k, n, D]``; gives ``[k, n, d]``."""
    with torch.enable_grad():
        leaf = codes.detach().requires_grad_(True)
        out = decode(leaf)
        return torch.stack([torch.autograd.grad(out, leaf, one, retain_graph=True)[0] for one in cotangents])


def check(map_: wb.Map[Any, Any], codes: Tensor) -> None:
    """Refuse a map that is not differentiable, or whose rows depend on each other.

    The derivative along one random direction is compared with central differences of two widths at up to 8 codes.

    Raises
    ------
    DataError
        When codes or outputs are not finite, or one row changes with the others of its batch.
    DoesNotApply
        When the map has no derivative, or one that does not agree with its differences.
    """
    decode = flat(map_)
    some = codes[:8]
    if not torch.isfinite(codes).all():
        raise wb.DataError(
            f"{int((~torch.isfinite(codes).all(dim=1)).sum()):,} codes hold NaN or infinity: leave them out"
        )
    map_.point(some)  # a batch of its target, or MapError
    together, alone = evaluate(decode, some), torch.cat([evaluate(decode, one) for one in torch.split(some, 1)])
    if not torch.isfinite(together).all():
        raise wb.DataError(f"map '{map_.name}' gives NaN or infinity for finite codes: there is no metric to measure")
    if (together - alone).abs().max() > 1e-3 * (1e-6 + together.abs().max()):
        raise wb.DataError(
            f"map '{map_.name}' gives a row other values when it stands with others (batch normalisation in training "
            "mode?): put the model in evaluation mode"
        )
    _agree(map_, decode, some)


def _agree(map_: wb.Map[Any, Any], decode: Decode, codes: Tensor) -> None:
    generator = torch.Generator().manual_seed(0)
    towards = torch.randn(codes.shape, generator=generator, dtype=codes.dtype).to(codes.device)
    scale = max(float(codes.std()) if codes.numel() > 1 else 1.0, 1e-3)
    towards = scale * towards / towards.norm(dim=1, keepdim=True)
    try:
        derivative = push(decode, codes, towards[None])[0]
        flat_everywhere = float(derivative.abs().max()) == 0
        if not flat_everywhere:
            pull(decode, codes, torch.ones_like(derivative)[None])
    except (RuntimeError, NotImplementedError, TypeError) as error:
        first = str(error).strip().partition("\n")[0]
        raise wb.DoesNotApply(f"map '{map_.name}' cannot be differentiated: {first}") from error
    off = []
    for width in (0.1, 0.01):
        steps = (evaluate(decode, codes + width * towards) - evaluate(decode, codes - width * towards)) / (2 * width)
        off.append((steps - derivative).norm(dim=1) / (steps.norm(dim=1) + derivative.norm(dim=1) + 1e-30))
    best = torch.stack(off).amin(dim=0)
    if flat_everywhere or float(best.median()) > AGREES:
        what = "its derivative is 0 everywhere" if flat_everywhere else "its derivative is not that of its differences"
        raise wb.DoesNotApply(
            f"map '{map_.name}' has no gradient to use: {what} (is it detached, quantised or constant?)"
        )


@contextmanager
def in_double(model: wb.Model) -> Iterator[None]:
    """The model's networks and tensors in float64 while inside.

    Float32 goes to float64 and back without loss. Tensors deeper inside than attributes and networks stay as they are;
    try the map, and leave when it does not give float64.
    """
    kept = [one for one in model.modules().values() if _single(one)]
    tensors = {
        name: value for name, value in vars(model).items() if torch.is_tensor(value) and value.dtype == torch.float32
    }
    try:
        for one in kept:
            one.double()
        for name, value in tensors.items():
            setattr(model, name, value.double())
        yield
    finally:
        for one in kept:
            one.float()
        for name, value in tensors.items():
            setattr(model, name, value)


def _single(network: torch.nn.Module) -> bool:
    return all(one.dtype == torch.float32 for one in network.parameters())
