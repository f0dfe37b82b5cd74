# SPDX-License-Identifier: Apache-2.0
"""The training: the objective, its schedule, and what is noted on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

import workbench as wb
from plugins.vae_training.nets import Network, divergences

if TYPE_CHECKING:
    from plugins.vae_training.analysis import VaeTraining
    from registry.arrays import Array

LOOKS = 40  # times at which the held-out rows are looked at
MOST_LOOKED_AT = 500
EARLY = 0.2  # share of the training in which the encoder may get steps of its own


@dataclass(frozen=True)
class Trained:
    """A trained network, and its way: ``curve [looks, 4]`` of step, reconstruction, divergence and active axes."""

    network: Network
    curve: Array


def objective(
    network: Network,
    images: torch.Tensor,
    noise: torch.Tensor,
    *,
    weight: float,
    free_bits: float,
) -> torch.Tensor:
    """The mean loss of a batch in nats: reconstruction, and the divergence with its weight and floor.

    The floor is that of each axis over the batch (Kingma et al., *Improved variational inference with inverse
    autoregressive flow*, 2016, appendix C.8): below it an axis costs the floor and has no gradient.
    """
    mean, log_variance = network.encode(images)
    codes = mean + noise * (log_variance / 2).exp()
    reconstruction = network.nats(images, network.decode(codes, images)).mean()
    by_axis = divergences(mean, log_variance).mean(0)
    return reconstruction + weight * by_axis.clamp(min=free_bits).sum()


def weight_at(step: int, steps: int, beta: float, annealing: float) -> float:
    """The weight of the divergence at a step: it rises evenly from 0 (Bowman et al. 2016, section 3.1).

    >>> [weight_at(step, 100, 2.0, 0.5) for step in (0, 25, 50, 99)]
    [0.0, 1.0, 2.0, 2.0]
    """
    rise = annealing * steps
    return beta * min(1.0, step / rise) if rise > 0 else beta


def train(job: wb.Job, training: torch.Tensor, held_out: torch.Tensor, params: VaeTraining.Params) -> Trained:
    """Train from scratch on ``training``; raises :class:`workbench.WorkbenchError` when the loss stops being finite."""
    network = Network(
        params.side,
        params.axes,
        params.hidden,
        context=params.context,
        gaussian=params.likelihood == "gaussian",
        variance=params.variance,
        learn_variance=params.learn_variance,
    )
    generator = job.generator
    network.initialise(generator)
    network.to(job.device)
    both = torch.optim.Adam(network.parameters(), lr=params.rate)
    alone = torch.optim.Adam(network.encoder.parameters(), lr=params.rate)
    looked_at = held_out[:MOST_LOOKED_AT]
    every, curve = max(1, params.steps // LOOKS), []
    for step in range(params.steps):
        weight = weight_at(step, params.steps, params.beta, params.annealing)
        own = params.encoder_steps - 1 if step < EARLY * params.steps else 0
        for optimiser in (*[alone] * own, both):
            rows = torch.randint(len(training), (params.batch,), generator=generator)
            noise = torch.randn(params.batch, params.axes, generator=generator).to(job.device)
            optimiser.zero_grad()
            loss = objective(network, training[rows], noise, weight=weight, free_bits=params.free_bits)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        if step % every == 0 or step == params.steps - 1:
            if not torch.isfinite(loss):
                raise wb.WorkbenchError(
                    f"the loss is not finite at step {step + 1:,}: take a smaller rate than {params.rate:g}"
                )
            curve.append(_look(network, looked_at, step, params.threshold, generator))
            told = f"step {step + 1:,} of {params.steps:,}, {curve[-1][3]:.0f} of {params.axes} axes active"
            job.progress(0.05 + 0.85 * (step + 1) / params.steps, told)
    network.eval()
    return Trained(network, np.asarray(curve, dtype=np.float64))


@torch.no_grad()
def _look(
    network: Network, images: torch.Tensor, step: int, threshold: float, generator: torch.Generator
) -> tuple[float, ...]:
    mean, log_variance = network.encode(images)
    noise = torch.randn(mean.shape, generator=generator).to(mean.device)
    nats = network.nats(images, network.decode(mean + noise * (log_variance / 2).exp(), images)).mean()
    divergence = divergences(mean, log_variance).sum(1).mean()
    active = (mean.var(0) > threshold).sum()
    return (float(step + 1), float(nats), float(divergence), float(active))
