# SPDX-License-Identifier: Apache-2.0
"""The two networks of the digit VAE, and its evidence lower bound."""

from __future__ import annotations

import math
from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

LATENT = 16


class ConvolutionalVae(nn.Module):
    """Encoder ``[n, 1, 28, 28] -> [n, 32]`` (mean, log variance) and decoder ``[n, 16] -> [n, 1, 28, 28]`` (logits).

    Every step is a module of its own, used once and never in place, so that hooks and attribution see all of it. No
    batch norm: a picture's code does not depend on the batch that it came in.
    """

    def __init__(self) -> None:
        super().__init__()
        self.encoder = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(1, 32, 4, 2, 1),
                relu1=nn.ReLU(),
                conv2=nn.Conv2d(32, 64, 4, 2, 1),
                relu2=nn.ReLU(),
                conv3=nn.Conv2d(64, 64, 3, 2, 1),
                relu3=nn.ReLU(),
                flatten=nn.Flatten(),
                hidden=nn.Linear(1024, 64),
                relu4=nn.ReLU(),
                moments=nn.Linear(64, 2 * LATENT),
            )
        )
        self.decoder = nn.Sequential(
            OrderedDict(
                hidden=nn.Linear(LATENT, 64),
                relu1=nn.ReLU(),
                spread=nn.Linear(64, 1024),
                relu2=nn.ReLU(),
                unflatten=nn.Unflatten(1, (64, 4, 4)),
                conv1=nn.ConvTranspose2d(64, 64, 3, 2, 1),
                relu3=nn.ReLU(),
                conv2=nn.ConvTranspose2d(64, 32, 4, 2, 1),
                relu4=nn.ReLU(),
                conv3=nn.ConvTranspose2d(32, 1, 4, 2, 1),
            )
        )

    def moments(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance of the approximate posterior, ``[n, 16]`` each."""
        mean, log_variance = self.encoder(pixels).chunk(2, dim=1)
        return mean, log_variance


def bound_terms(net: ConvolutionalVae, pixels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Reconstruction term (nats), Kullback-Leibler divergence (nats) and posterior mean, for each picture.

    The evidence lower bound is ``reconstruction - divergence`` (Kingma and Welling, Auto-Encoding Variational Bayes,
    2014, equation 10 with L = 1). A grey value is read as the probability of an ink pixel; the cross-entropy is then
    the exact mean over all ways to binarise the picture, so the bound holds on average for binarised digits.

    Parameters
    ----------
    pixels
        ``[n, 1, 28, 28]`` in 0..1.
    noise
        Standard normal, ``[n, 16]``.
    """
    mean, log_variance = net.moments(pixels)
    logits = net.decoder(mean + (log_variance / 2).exp() * noise)
    reconstruction = -functional.binary_cross_entropy_with_logits(logits, pixels, reduction="none").sum(dim=(1, 2, 3))
    divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=1)
    return reconstruction, divergence, mean


@torch.no_grad()
def measure(net: ConvolutionalVae, pixels: Tensor, *, draws: int = 10, seed: int = 0) -> dict[str, float]:
    """Evidence lower bound, its two terms (nats a picture; mean over ``draws``) and its standard error over pictures.

    ``active_units`` counts the axes whose posterior mean has a variance over 0.01 across the pictures
    (Burda, Grosse and Salakhutdinov, Importance Weighted Autoencoders, 2016, section 5).
    """
    generator = torch.Generator().manual_seed(seed)
    total = torch.zeros(len(pixels))
    reconstruction_sum, divergence_sum = 0.0, 0.0
    for _ in range(draws):
        noise = torch.randn(len(pixels), LATENT, generator=generator).to(pixels.device)
        reconstruction, divergence, mean = bound_terms(net, pixels, noise)
        total += (reconstruction - divergence).cpu()
        reconstruction_sum += float(reconstruction.double().mean())
        divergence_sum += float(divergence.double().mean())
    bound = (total / draws).double()
    return {
        "elbo": float(bound.mean()),
        "elbo_standard_error": float(bound.std() / math.sqrt(len(pixels))),
        "reconstruction": reconstruction_sum / draws,
        "kl": divergence_sum / draws,
        "active_units": int((mean.var(dim=0) > 0.01).sum()),
    }
