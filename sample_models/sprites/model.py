# SPDX-License-Identifier: Apache-2.0
"""The sprites beta-VAE as a model of the workbench."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.distributions import Normal

import workbench as wb
from sample_models.sprites.nets import LATENT, SmallVae

WEIGHTS = Path(__file__).parent / "sprites_vae.safetensors"


class SpritesVae(wb.Model):
    """A beta-VAE (Higgins and others, 2017) of sprites with known factors."""

    pixels = wb.images(1, 24, 24)
    z = wb.vectors(LATENT, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        self.net = SmallVae()
        self.net.load_state_dict(load_file(WEIGHTS), strict=True)
        self.net.to(device).eval()

    @wb.maps(pixels, to=z)
    def encode(self, pixels: Tensor) -> Normal:
        """Posterior over the 8 latent axes: independent normals, mean and spread ``[n, 8]``."""
        mean, log_variance = self.net.moments(pixels)
        return Normal(mean, (log_variance / 2).exp())

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        """Probability of white at each pixel, ``[n, 1, 24, 24]``."""
        return torch.sigmoid(self.net.decoder(z))
