# SPDX-License-Identifier: Apache-2.0
"""Codes of pictures by optimisation: the code whose decoded picture is nearest, from several starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import torch
from torch import Tensor

import workbench as wb

Decode = Callable[[Tensor], Tensor]
Optimiser = Literal["adam", "lbfgs", "adam+lbfgs"]
RECORDED: Final = 40  # errors kept of a run of steps
POLISH: Final = 100  # steps of L-BFGS after Adam


@dataclass(frozen=True)
class Setting:
    """What is minimised and how.

    Attributes
    ----------
    optimiser : Adam (Kingma and Ba, 2015) with a step that falls to 0 as half a cosine; L-BFGS with a line search by
        the strong Wolfe conditions (Nocedal and Wright, *Numerical Optimization*, 2006, section 7.2); or both in turn
    steps, rate : of Adam, the rate in standard deviations; L-BFGS takes at most as many steps (100 after Adam)
    prior_weight : weight of the mean squared distance from the mean of the prior, in standard deviations
    feature_weight : weight of the mean squared difference of features
    """

    optimiser: Optimiser = "lbfgs"
    steps: int = 300
    rate: float = 0.1
    prior_weight: float = 0.0
    feature_weight: float = 0.0


@dataclass(frozen=True)
class Inverted:
    """What was found for n pictures from r starts each.

    Attributes
    ----------
    codes : float32 ``[n, r, d]``
    errors : float64 ``[n, r]``, root mean squared difference of the pictures, values of the space scaled to 0..1
    losses : float64 ``[n, r]``, what was minimised
    traced, steps : errors on the way ``[n, r, t]`` of Adam, and after how many steps ``[t]``
    """

    codes: np.ndarray
    errors: np.ndarray
    losses: np.ndarray
    traced: np.ndarray
    steps: np.ndarray

    @property
    def best(self) -> np.ndarray:
        """The start with the smallest loss of each picture, int64 ``[n]``."""
        return np.asarray(self.losses.argmin(axis=1))


@dataclass(frozen=True)
class Problem:
    """Pictures ``[n, c, h, w]`` to be met by ``decode``, in a space with these ``mean`` and ``std`` ``[d]``.

    ``features`` takes pictures to rows that are compared as well; ``scale`` is the width of the range of the pictures.
    """

    decode: Decode
    targets: Tensor
    mean: Tensor
    std: Tensor
    scale: float = 1.0
    features: Decode | None = None


def invert(
    problem: Problem,
    starts: Tensor,
    setting: Setting,
    *,
    progress: Callable[[float], None] = lambda share: None,
    batch: int = 64,
) -> Inverted:
    """Codes for every picture from every one of ``starts [n, r, d]``.

    Rows of a batch are optimised together by Adam, which treats every number by itself, so that each row goes the way
    that it would go alone; L-BFGS takes them one by one. Sources: Zhu, Krähenbühl, Shechtman and Efros, "Generative
    visual manipulation on the natural image manifold", ECCV 2016, section 3.1; Lipton and Tripathi, "Precise recovery
    of latent vectors from generative adversarial networks", 2017.

    Raises
    ------
    DataError
        When an error is not finite: the decoder or the picture gives NaN.
    """
    n, restarts, width = starts.shape
    flat = starts.reshape(-1, width).clone()
    which = torch.arange(n).repeat_interleave(restarts)
    wanted = None
    if problem.features is not None and setting.feature_weight > 0:
        with torch.no_grad():
            wanted = problem.features(problem.targets)
    objective = _Objective(problem, setting, wanted)
    traces, marks = [], np.zeros(0, dtype=np.int64)
    for first in range(0, len(flat), batch):
        part = slice(first, min(first + batch, len(flat)))

        def told(share: float, part: slice = part) -> None:
            progress((part.start + share * (part.stop - part.start)) / len(flat))

        codes = flat[part]
        if setting.optimiser != "lbfgs":
            half = 0.5 if setting.optimiser == "adam+lbfgs" else 1.0
            codes, trace, marks = _adam(objective, codes, which[part], setting, _share(told, 0.0, half))
            traces.append(trace)
        if setting.optimiser != "adam":
            most = setting.steps if setting.optimiser == "lbfgs" else POLISH
            past = 0.0 if setting.optimiser == "lbfgs" else 0.5
            codes = _lbfgs(objective, codes, which[part], most, _share(told, past, 1.0))
        flat[part] = codes
    errors, losses = objective.measured(flat, which, batch)
    if not (np.isfinite(errors).all() and np.isfinite(losses).all()):
        raise wb.DataError("an inversion ended at an error that is not a number: look at the decoder and the pictures")
    traced = np.concatenate(traces) if traces else np.zeros((len(flat), 0))
    return Inverted(
        flat.reshape(n, restarts, width).cpu().numpy().astype(np.float32),
        errors.reshape(n, restarts),
        losses.reshape(n, restarts),
        traced.reshape(n, restarts, -1),
        marks,
    )


def _share(told: Callable[[float], None], first: float, last: float) -> Callable[[float], None]:
    """Progress of a part of the work, from ``first`` to ``last`` of the whole."""
    return lambda share: told(first + (last - first) * share)


class _Objective:
    """Loss and pixel error of each row."""

    def __init__(self, problem: Problem, setting: Setting, wanted: Tensor | None) -> None:
        self.problem, self.setting, self.wanted = problem, setting, wanted

    def __call__(self, codes: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        """Losses and mean squared pixel differences ``[m]`` of ``codes [m, d]`` against pictures ``which [m]``."""
        made = self.problem.decode(codes)
        pixel = ((made - self.problem.targets[which]) / self.problem.scale).flatten(1).square().mean(1)
        loss = pixel
        if self.setting.prior_weight > 0:
            standard = (codes - self.problem.mean) / self.problem.std
            loss = loss + self.setting.prior_weight * standard.square().mean(1)
        if self.wanted is not None and self.problem.features is not None:
            off = self.problem.features(made) - self.wanted[which]
            loss = loss + self.setting.feature_weight * off.flatten(1).square().mean(1)
        return loss, pixel

    def measured(self, codes: Tensor, which: Tensor, batch: int) -> tuple[np.ndarray, np.ndarray]:
        found = []
        with torch.no_grad():
            for first in range(0, len(codes), batch):
                loss, pixel = self(codes[first : first + batch], which[first : first + batch])
                found.append(torch.stack([pixel.sqrt(), loss]).double().cpu().numpy())
        joined = np.concatenate(found, axis=1)
        return joined[0], joined[1]


def _adam(
    objective: _Objective, start: Tensor, which: Tensor, setting: Setting, told: Callable[[float], None]
) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Adam in standard deviations; the code with the smallest loss on the way is kept for each row."""
    mean, std = objective.problem.mean, objective.problem.std
    moving = ((start - mean) / std).clone().requires_grad_(True)
    stepper = torch.optim.Adam([moving], lr=setting.rate, betas=(0.9, 0.999))
    falling = torch.optim.lr_scheduler.CosineAnnealingLR(stepper, setting.steps)
    best, least = start.clone(), torch.full((len(start),), float("inf"), device=start.device)
    marks = np.unique(np.linspace(0, setting.steps - 1, min(RECORDED, setting.steps)).round().astype(np.int64))
    trace = []
    for step in range(setting.steps):
        stepper.zero_grad()
        codes = moving * std + mean
        loss, pixel = objective(codes, which)
        better = loss.detach() < least
        best[better], least[better] = codes.detach()[better], loss.detach()[better]
        if step in marks:
            trace.append(pixel.detach().sqrt().double().cpu().numpy())
            told(step / setting.steps)
        torch.autograd.backward(loss.sum())
        stepper.step()
        falling.step()
    return best, np.stack(trace, axis=1), marks


def _lbfgs(objective: _Objective, start: Tensor, which: Tensor, most: int, told: Callable[[float], None]) -> Tensor:
    """L-BFGS on one row after the other."""
    found = []
    for row in range(len(start)):
        moving = start[row : row + 1].clone().requires_grad_(True)
        stepper = torch.optim.LBFGS(
            [moving],
            max_iter=most,
            history_size=20,
            line_search_fn="strong_wolfe",
            tolerance_grad=1e-9,
            tolerance_change=1e-12,
        )

        def closure(moving: Tensor = moving, row: int = row, stepper: torch.optim.LBFGS = stepper) -> Tensor:
            stepper.zero_grad()
            # Scaled up: L-BFGS of torch stops at absolute sizes of gradient and step, which are tiny here.
            loss = objective(moving, which[row : row + 1])[0].sum() * 1e4
            torch.autograd.backward(loss)
            return loss

        stepper.step(closure)  # type: ignore[no-untyped-call]
        ended = moving.detach()
        with torch.no_grad():  # never worse than where it began
            both = torch.cat([start[row : row + 1], ended])
            losses = objective(both, which[row : row + 1].repeat(2))[0]
        found.append(ended if bool(losses[1] <= losses[0]) else start[row : row + 1])
        told((row + 1) / len(start))
    return torch.cat(found)
