# SPDX-License-Identifier: Apache-2.0
"""The digit VAE as a model of the workbench."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor
from torch.distributions import Normal

import workbench as wb
from sample_models.mnist_vae.nets import LATENT, ConvolutionalVae

WEIGHTS = Path(__file__).parent / "mnist_vae.safetensors"


class MnistVae(wb.Model):
    """A convolutional variational autoencoder of handwritten digits (Kingma and Welling, 2014)."""

    pixels = wb.images(1, 28, 28)
    z = wb.vectors(LATENT, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        self.net = ConvolutionalVae()
        self.net.load_state_dict(load_file(WEIGHTS), strict=True)
        self.net.to(device).eval()

    @wb.maps(pixels, to=z)
    def encode(self, pixels: Tensor) -> Normal:
        """Posterior over the 16 latent axes: independent normals, mean and spread ``[n, 16]``."""
        mean, log_variance = self.net.moments(pixels)
        return Normal(mean, (log_variance / 2).exp())

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        """Probability of ink at each pixel, ``[n, 1, 28, 28]``."""
        return torch.sigmoid(self.net.decoder(z))
