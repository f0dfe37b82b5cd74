# SPDX-License-Identifier: Apache-2.0
"""Does the answer change over the samples at all, and does its gradient say anything of what it does?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.attribution.checks.means import Float64

if TYPE_CHECKING:
    import torch

FLAT: Final = 0.1  # of the change to the baseline that the steepest way of the gradient foretells
SAME: Final = 1e-9
BATCH: Final = 64


@dataclass(frozen=True)
class Gradients:
    """What the gradient says of each sample.

    Attributes
    ----------
    answers, change : float64 ``[n]``, f(x), and f(x) - f(baseline)
    reach : float64 ``[n]``, ``|gradient| |x - baseline| / |f(x) - f(baseline)|``: at least 1 for what is linear
        between them; near 0 where the answer is flat at x although it differs from that of the baseline (saturated)
    zero : share of samples whose gradient is exactly 0
    """

    answers: Float64
    change: Float64
    reach: Float64
    zero: float

    @property
    def constant(self) -> bool:
        """Whether the answer is the same for all samples."""
        return unchanging(self.answers)


def unchanging(answers: Float64) -> bool:
    """Whether answers ``[n]``, two at least, are all the same up to rounding.

    >>> unchanging(np.array([0.5, 0.5, 0.5])), unchanging(np.array([0.5, 0.6])), unchanging(np.array([1.0]))
    (True, False, False)
    """
    return len(answers) > 1 and float(np.ptp(answers)) <= SAME * (1 + float(np.abs(answers).max()))


def gradients_of(
    function: Callable[[torch.Tensor], torch.Tensor], inputs: torch.Tensor, baseline: torch.Tensor, batch: int = BATCH
) -> Gradients:
    """Ask for answers and gradients in batches.

    Raises
    ------
    DoesNotApply
        When the answer has no gradient by the input, or gradients are not finite.
    """
    import torch

    baseline = baseline.expand_as(inputs)
    told: list[torch.Tensor] = []
    ends: list[torch.Tensor] = []
    slopes: list[torch.Tensor] = []
    for at in range(0, len(inputs), batch):
        here = inputs[at : at + batch].detach().clone().requires_grad_()
        with torch.enable_grad():
            answer = function(here)
            if not answer.requires_grad:
                raise wb.DoesNotApply("the answer has no gradient by the input")
            (gradient,) = torch.autograd.grad(answer.sum(), here, allow_unused=True)
        with torch.no_grad():
            ends.append(function(baseline[at : at + batch]).detach())
        if gradient is None:
            raise wb.DoesNotApply("the answer does not hang on the input")
        told.append(answer.detach())
        slopes.append(gradient.reshape(len(here), -1).double().norm(dim=1))
    answers, end, slope = (torch.cat(one).double().cpu().numpy() for one in (told, ends, slopes))
    if not np.isfinite(slope).all():
        flawed = int((~np.isfinite(slope)).sum())
        raise wb.DoesNotApply(f"the gradients of {flawed} of {len(slope)} samples are not finite")
    distance = (inputs - baseline).reshape(len(inputs), -1).double().norm(dim=1).cpu().numpy()
    change = answers - end
    with np.errstate(invalid="ignore", divide="ignore"):
        floor = SAME * (1 + np.abs(answers))
        reach = np.where(np.abs(change) > floor, slope * distance / np.abs(change), np.nan)
    return Gradients(answers, change, reach, float((slope == 0).mean()))
