# SPDX-License-Identifier: Apache-2.0
"""Singular values of the Jacobian of a decoder: of the whole one, or the largest by subspace iteration."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from plugins.geometry.decoding import Decode, evaluate, pull, push, rows_at_once

EXACT_SINGULAR: Final = 64  # columns up to which a singular value decomposition is taken, and not the Gram matrix


def jacobians(decode: Decode, codes: Tensor, directions: Tensor | None = None) -> Iterator[Tensor]:
    """Jacobians ``[b, D, k]`` of codes ``[n, d]`` in batches that fit the memory, in order.

    ``directions [d, k]`` (by default all axes) are what is differentiated along.
    """
    size = codes.shape[1]
    along = torch.eye(size, dtype=codes.dtype, device=codes.device) if directions is None else directions
    count = along.shape[1]
    rows = rows_at_once(evaluate(decode, codes[:1]).shape[1])
    for batch in torch.split(codes, max(1, rows // count)):
        tangents = along.T[:, None, :].expand(count, len(batch), size)
        parts = [push(decode, batch, some) for some in torch.split(tangents, max(1, rows // len(batch)))]
        yield torch.cat(parts).permute(1, 2, 0).detach()


def singular_values(
    decode: Decode, codes: Tensor, directions: Tensor | None = None, progress: Callable[[float], None] = lambda _: None
) -> Tensor:
    """Singular values of the Jacobian at each code, float64 ``[n, min(D, k)]``, descending.

    Up to 64 columns by singular value decomposition, beyond as roots of the eigenvalues of the Gram matrix ``J^T J``,
    whose smallest are exact to about 1e-8 of the largest.
    """
    found = []
    done = 0
    for one in jacobians(decode, codes, directions):
        exact = one.to(torch.float64)
        outputs, columns = exact.shape[1:]
        if min(outputs, columns) <= EXACT_SINGULAR:
            values = torch.linalg.svdvals(exact)
        else:
            gram = exact.mT @ exact if columns <= outputs else exact @ exact.mT
            values = torch.linalg.eigvalsh(gram).clamp(min=0).sqrt().flip(-1)
        found.append(values)
        done += len(one)
        progress(done / len(codes))
    return torch.cat(found)


def metric(decode: Decode, codes: Tensor, directions: Tensor | None = None) -> Tensor:
    """The pull-back metric ``J^T J`` at each code, float64 ``[n, k, k]``.

    >>> circle = lambda z: 5 * torch.cat([z.cos(), z.sin()], dim=1)
    >>> round(float(metric(circle, torch.tensor([[0.3]], dtype=torch.float64))), 9)
    25.0
    """
    wide = (one.to(torch.float64) for one in jacobians(decode, codes, directions))
    return torch.cat([one.mT @ one for one in wide])


@dataclass(frozen=True)
class Strongest:
    """The largest singular values at each code, and how well they are known.

    Attributes
    ----------
    values : float64 ``[n, k]``, descending
    directions : ``[n, d, k]``, the right singular vectors
    residual : ``[n]``, the largest ``|J^T J v - s^2 v| / s_1^2``; an eigenvalue of ``J^T J`` lies as near to each s^2
    angle : ``[n]``, sine of the largest angle by which the subspace turned in the last iteration
    iterations : that were taken
    """

    values: Tensor
    directions: Tensor
    residual: Tensor
    angle: Tensor
    iterations: int


def strongest(
    decode: Decode,
    codes: Tensor,
    count: int,
    *,
    most: int = 30,
    tolerance: float = 1e-4,
    oversampling: int = 4,
    seed: int = 0,
) -> Strongest:
    """The ``count`` largest singular values at each code by block power iteration on ``J^T J``, without the Jacobian.

    One iteration takes a product with J and one with its transpose for each vector. It stops on the residual, which
    knows no sign and holds where singular values are equal. Halko, Martinsson and Tropp, *Finding structure with
    randomness*, SIAM Review 2011, algorithm 4.4 (subspace iteration), with a Rayleigh-Ritz step in each iteration.
    """
    n, size = codes.shape
    width = min(size, count + oversampling)
    count = min(count, size)
    generator = torch.Generator().manual_seed(seed)
    start = torch.randn(n, size, width, generator=generator, dtype=torch.float64).to(codes.device)
    basis = torch.linalg.qr(start).Q
    values = residual = angle = torch.full((n,), torch.inf, dtype=torch.float64, device=codes.device)
    iterations = 0
    for iterations in range(1, most + 1):
        pushed = _push(decode, codes, basis)
        pulled = _pull(decode, codes, pushed)
        _, singular, turn = torch.linalg.svd(pushed, full_matrices=False)
        values, turned = singular[:, :count], turn.mT[:, :, :count]
        vectors = basis @ turned
        off = (pulled @ turned - vectors * values[:, None].square()).norm(dim=1)
        residual = off.amax(dim=1) / values[:, 0].square().clamp(min=1e-300)
        following = torch.linalg.qr(pulled).Q
        kept = torch.linalg.svdvals(vectors.mT @ following)[:, -1].clamp(max=1)
        angle = (1 - kept.square()).sqrt()
        if float(residual.max()) <= tolerance:
            return Strongest(values, vectors, residual, angle, iterations)
        basis = following
    return Strongest(values, vectors, residual, angle, iterations)


def _push(decode: Decode, codes: Tensor, basis: Tensor) -> Tensor:
    pushed = push(decode, codes, basis.permute(2, 0, 1).to(codes.dtype))
    return pushed.permute(1, 2, 0).to(torch.float64)


def _pull(decode: Decode, codes: Tensor, pushed: Tensor) -> Tensor:
    pulled = pull(decode, codes, pushed.permute(2, 0, 1).to(codes.dtype))
    return pulled.permute(1, 2, 0).to(torch.float64)
