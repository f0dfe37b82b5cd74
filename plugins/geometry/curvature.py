# SPDX-License-Identifier: Apache-2.0
"""How fast the metric changes: curvature of decoded straight lines and the change of their speed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from plugins.geometry.decoding import Decode, evaluate, push, rows_at_once

TINY: Final = 1e-300


@dataclass(frozen=True)
class Bend:
    """Of each code, root mean squares over its directions, float64 ``[n]``.

    Attributes
    ----------
    turning : how far the decoded straight line turns for each unit of the code, in radians
    stretching : relative change of the speed of the decoded line for each unit of the code
    """

    turning: Tensor
    stretching: Tensor


def bend(decode: Decode, codes: Tensor, directions: Tensor, step: float) -> Bend:
    """Change of ``J(z) v`` from ``z - step v / 2`` to ``z + step v / 2``, along ``directions [k, n, d]``.

    With velocity ``a = J v`` and its change ``b`` for each unit of length: the part of ``b`` across ``a``, over
    ``|a|``, is the turning (the curvature of the decoded line times its speed), the part along it the stretching,
    which is half the relative change of the metric ``v^T G v``. Central differences of the exact derivative: a step of
    some size sees the bends of a network whose second derivative is zero nearly everywhere (rectifiers). For a linear
    map both are 0. do Carmo, *Riemannian Geometry*, 1992, chapter 6 (second fundamental form).
    """
    turning, stretching = [], []
    rows = rows_at_once(evaluate(decode, codes[:1]).shape[1])
    for direction in directions:
        turned, stretched = [], []
        for here, along in zip(torch.split(codes, rows), torch.split(direction, rows), strict=True):
            before, after = (
                push(decode, here + side * step / 2 * along, along[None])[0].to(torch.float64) for side in (-1, 1)
            )
            velocity, change = (before + after) / 2, (after - before) / step
            speed = velocity.norm(dim=1).clamp(min=TINY)
            parallel = (change * velocity).sum(dim=1) / speed
            across = (change.square().sum(dim=1) - parallel.square()).clamp(min=0).sqrt()
            turned.append(across / speed)
            stretched.append(parallel / speed)
        turning.append(torch.cat(turned))
        stretching.append(torch.cat(stretched))
    return Bend(*(torch.stack(one).square().mean(dim=0).sqrt() for one in (turning, stretching)))
