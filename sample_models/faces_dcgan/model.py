# SPDX-License-Identifier: Apache-2.0
"""The face generator: architecture, loading of the published weights, and the model of the workbench."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

import workbench as wb
from sample_models import assets
from sample_models.faces_dcgan import ASSET

LATENT = 100
NAMES = (
    *("conv1", "norm1", "relu1", "conv2", "norm2", "relu2", "conv3", "norm3", "relu3", "conv4", "norm4", "relu4"),
    *("conv5", "tanh"),
)
"""Our names for the steps ``main.0`` to ``main.13`` of the published weights."""


class Generator(nn.Module):
    """DCGAN generator ``[n, 100] -> [n, 3, 64, 64]`` in -1..1.

    Radford, Metz and Chintala, *Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
    Networks*, 2016, figure 1, with ``width`` maps before the last step. No step is in place and none is used twice.
    """

    def __init__(self, latent: int = LATENT, width: int = 64) -> None:
        super().__init__()
        self.latent = latent
        sizes = (latent, width * 8, width * 4, width * 2, width)
        steps: list[nn.Module] = []
        for index, (entering, leaving) in enumerate(zip(sizes, sizes[1:], strict=False)):
            stride, padding = (1, 0) if index == 0 else (2, 1)
            steps += [
                nn.ConvTranspose2d(entering, leaving, 4, stride, padding, bias=False),
                nn.BatchNorm2d(leaving),
                nn.ReLU(),
            ]
        steps += [nn.ConvTranspose2d(width, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.main = nn.Sequential(OrderedDict(zip(NAMES, steps, strict=True)))

    def forward(self, z: Tensor) -> Tensor:
        drawn: Tensor = self.main(z.reshape(-1, self.latent, 1, 1))
        return drawn


def renamed(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published state ``main.<number>.<tensor>`` under our names; other keys stay as they are."""
    state = {}
    for key, value in published.items():
        part, number, tensor = (*key.split(".", 2), "", "")[:3]
        known = part == "main" and number.isdecimal() and int(number) < len(NAMES)
        state[f"main.{NAMES[int(number)]}.{tensor}" if known else key] = value
    return state


def load_generator(path: Path) -> Generator:
    """The generator with the weights of a checkpoint that has ``netG_state_dict``.

    Read with ``weights_only=True``: tensors and plain containers, no code.

    Raises
    ------
    workbench.ModelError
        When the file holds something else.
    """
    checkpoint = torch.load(path, weights_only=True, map_location="cpu")
    published = checkpoint.get("netG_state_dict") if isinstance(checkpoint, dict) else None
    if published is None or "main.0.weight" not in published or "main.12.weight" not in published:
        raise wb.ModelError(f"'{path.name}' holds no DCGAN generator: fetch it anew")
    net = Generator(latent=published["main.0.weight"].shape[0], width=published["main.12.weight"].shape[0])
    try:
        net.load_state_dict(renamed(published), strict=True)
    except RuntimeError as error:
        raise wb.ModelError(f"the weights in '{path.name}' do not fit the DCGAN generator: {error}") from None
    return net.eval()


class FacesDcgan(wb.Model):
    """Colour faces, 64 x 64, drawn from 100 normal numbers by a pretrained DCGAN.

    The weights are fetched when a user asks for them.
    """

    z = wb.vectors(LATENT, prior=wb.normal())
    pixels = wb.images(3, 64, 64, low=-1, high=1)

    def __init__(self, device: str = "cpu") -> None:
        self.net = load_generator(assets.fetch(ASSET)).to(device)

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        """Faces ``[n, 3, 64, 64]`` in -1..1. Batch norm uses its stored statistics: a face depends on its z alone."""
        drawn: Tensor = self.net(z)
        return drawn
