# SPDX-License-Identifier: Apache-2.0
"""Directions without labels from the weights alone: closed-form factorisation of the first affine maps (SeFa)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb
from plugins.directions.finding.found import Found

if TYPE_CHECKING:
    import torch

Float64 = NDArray[np.float64]


def sefa(matrices: Sequence[ArrayLike], count: int, *, normalise: bool = False) -> Found:
    """The directions of the code that change the first affine maps most: eigenvectors of A'A.

    Parameters
    ----------
    matrices : each ``[out, d]``, the weights of an affine map of the code; all that read it are stacked
    count : directions asked for, at most d
    normalise : whether each output (row) counts alike, as in the authors' code; without it the output with large
        weights counts more, which is what the equation of the paper says

    Returns
    -------
    Found
        ``strength``: singular values of A. The basis of equal singular values is arbitrary; ``extra["gap"]`` is the
        distance of each to its nearest neighbour, as a share of the largest.

    Source: Shen and Zhou, "Closed-form factorization of latent semantics in GANs", CVPR 2021, equations 3 to 6.
    """
    stack = [np.asarray(one, dtype=np.float64) for one in matrices]
    if not stack or any(one.ndim != 2 or one.shape[1] != stack[0].shape[1] for one in stack):
        shapes = ", ".join(str(one.shape) for one in stack) or "none"
        raise wb.DataError(f"the affine maps must be matrices over the same axes, got {shapes}")
    a = np.concatenate(stack)
    if normalise:
        lengths = np.linalg.norm(a, axis=1, keepdims=True)
        a = a[lengths[:, 0] > 0] / lengths[lengths[:, 0] > 0]
    if not np.isfinite(a).all() or not a.any():
        raise wb.DataError("the weights of the first affine maps are zero or not finite")
    squares, vectors = np.linalg.eigh(a.T @ a)
    order = np.argsort(-squares, kind="stable")
    values = np.sqrt(np.maximum(squares[order], 0.0))
    gap = np.abs(np.subtract.outer(values, values)) + np.where(np.eye(len(values)) > 0, np.inf, 0.0)
    kept = min(count, len(values))
    return Found(
        "sefa",
        np.ascontiguousarray(vectors[:, order].T[:kept]),
        values[:kept],
        "singular value of the first affine map",
        notes=(f"{len(stack)} affine {'map' if len(stack) == 1 else 'maps'} of the code, {len(a):,} outputs in all.",),
        extra={"gap": (gap.min(axis=1) / max(float(values[0]), np.finfo(float).tiny))[:kept]},
    )


def first_affine_maps(
    modules: dict[str, torch.nn.Module], decode: Callable[[Any], Any], example: torch.Tensor
) -> dict[str, Float64]:
    """The affine layers that read the code itself, as matrices ``[out, d]`` by name.

    Found by running the decoder once on ``example [n, d]`` and looking which linear or (transposed) convolution layers
    are given its numbers, whatever their shape; a code that is changed before the first layer (normalised, embedded)
    has none.

    Raises
    ------
    DoesNotApply
        When there is none.
    """
    import torch
    from torch import nn

    kinds = (nn.Linear, nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d)
    shapes: dict[str, tuple[int, ...]] = {}

    def look(name: str) -> Callable[[nn.Module, tuple[Any, ...], Any], None]:
        def hook(_: nn.Module, given: tuple[Any, ...], __: Any) -> None:
            entering = given[0] if given else None
            if not isinstance(entering, torch.Tensor) or entering.numel() != example.numel():
                return
            if torch.equal(entering.reshape(len(example), -1).to(example.dtype), example):
                shapes[name] = tuple(entering.shape[1:])

        return hook

    handles = [one.register_forward_hook(look(name)) for name, one in modules.items() if isinstance(one, kinds)]
    try:
        with torch.inference_mode():
            decode(example)
    finally:
        for one in handles:
            one.remove()
    if not shapes:
        raise wb.DoesNotApply(
            "no affine layer reads the code itself (it is normalised, embedded or convolved before the first one), so "
            "that there are no weights to factorise: take 'jacobian' or 'ganspace'"
        )
    return {name: _as_matrix(modules[name], shape, example) for name, shape in shapes.items()}


def _as_matrix(layer: Any, shape: tuple[int, ...], example: torch.Tensor) -> Float64:
    """What an affine layer makes of each axis of the code less what it makes of zero, ``[out, d]``: its matrix."""
    import torch

    width = example.shape[1]
    with torch.inference_mode():
        every = torch.eye(width, dtype=example.dtype, device=example.device)
        moved = layer(torch.cat([torch.zeros_like(every[:1]), every]).reshape(width + 1, *shape)).double()
    return np.asarray((moved[1:] - moved[:1]).reshape(width, -1).T.cpu().numpy())
