# SPDX-License-Identifier: Apache-2.0
"""The two networks of the sprites beta-VAE, its objective and its evidence lower bound."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

LATENT = 8
PIXELS = 24 * 24
WIDE, NARROW = 192, 128


class SmallVae(nn.Module):
    """Encoder ``[n, 1, 24, 24] -> [n, 16]`` (mean, log variance) and decoder ``[n, 8] -> [n, 1, 24, 24]`` (logits)."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                wide=nn.Linear(PIXELS, WIDE),
                relu1=nn.ReLU(),
                narrow=nn.Linear(WIDE, NARROW),
                relu2=nn.ReLU(),
                moments=nn.Linear(NARROW, 2 * LATENT),
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                narrow=nn.Linear(LATENT, NARROW),
                relu1=nn.ReLU(),
                wide=nn.Linear(NARROW, WIDE),
                relu2=nn.ReLU(),
                pixels=nn.Linear(WIDE, PIXELS),
                unflatten=nn.Unflatten(1, (1, 24, 24)),
            )
        )

    def moments(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the approximate posterior, ``[n, 8]`` each."""
        mean, log_variance = self.encoder(pixels).chunk(2, dim=1)
        return mean, log_variance


def terms(net: SmallVae, pixels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Reconstruction term (nats, ``[n]``), divergence of each axis (nats, ``[n, 8]``) and posterior mean ``[n, 8]``.

    The evidence lower bound is the first minus the sum of the second (Kingma and Welling, 2014, equation 10); the
    objective of the beta-VAE weighs the second with beta (Higgins and others, *beta-VAE*, ICLR 2017, equation 4). Grey
    counts as the probability of white (Bernoulli likelihood by cross-entropy).
    """
    mean, log_variance = net.moments(pixels)
    logits = net.decoder(mean + (log_variance / 2).exp() * noise)
    reconstruction = -functional.binary_cross_entropy_with_logits(logits, pixels, reduction="none").sum(dim=(1, 2, 3))
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance)
    return reconstruction, divergence, mean


@torch.no_grad()
def measure(net: SmallVae, pixels: Tensor, *, draws: int = 10, seed: int = 0) -> dict[str, Any]:
    """Evidence lower bound, its terms (nats a picture, mean over ``draws``) and, by axis, divergence and variance.

    ``elbo_standard_error`` is over pictures. ``active_units`` counts the axes whose posterior mean has a variance over
    0.01 (Burda, Grosse and Salakhutdinov, 2016, section 5).
    """
    generator = torch.Generator().manual_seed(seed)
    bound, reconstructed = torch.zeros(len(pixels), dtype=torch.float64), 0.0
    for _ in range(draws):
        noise = torch.randn(len(pixels), LATENT, generator=generator)
        reconstruction, divergence, mean = terms(net, pixels, noise)
        bound += (reconstruction - divergence.sum(dim=1)).double() / draws
        reconstructed += float(reconstruction.double().mean()) / draws
    variance = mean.double().var(dim=0)
    return {
        "elbo": float(bound.mean()),
        "elbo_standard_error": float(bound.std()) / math.sqrt(len(pixels)),
        "reconstruction": reconstructed,
        "kl": float(divergence.double().sum(dim=1).mean()),
        "kl_by_axis": [round(one, 4) for one in divergence.double().mean(dim=0).tolist()],
        "variance_of_mean": [round(one, 4) for one in variance.tolist()],
        "active_units": int((variance > 0.01).sum()),
    }
