# SPDX-License-Identifier: Apache-2.0
"""The network: an encoder, and a decoder that may see part of the image that it is to tell."""

from __future__ import annotations

import math

import torch
from torch import nn

CHANNELS = 32


class MaskedConvolution(nn.Module):
    """A convolution that sees only the pixels before each one in reading order (van den Oord et al. 2016, mask A).

    Parameters
    ----------
    reach : pixels above and to the left that it sees
    """

    def __init__(self, reach: int, channels: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(1, channels, 2 * reach + 1, padding=reach)
        mask = torch.ones(1, 1, 2 * reach + 1, 2 * reach + 1)
        mask[..., reach, reach:] = 0
        mask[..., reach + 1 :, :] = 0
        self.register_buffer("mask", mask)
        self.mask: torch.Tensor

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Features ``[n, channels, side, side]``."""
        layer = self.convolution
        return nn.functional.conv2d(images, layer.weight * self.mask, layer.bias, padding=layer.padding)


class Network(nn.Module):
    """Encoder, decoder and observation model of images ``[n, 1, side, side]`` in 0..1."""

    def __init__(
        self,
        side: int,
        axes: int,
        hidden: int,
        *,
        context: int = 0,
        gaussian: bool = False,
        variance: float = 0.1,
        learn_variance: bool = False,
    ) -> None:
        super().__init__()
        self.side, self.axes, self.gaussian = side, axes, gaussian
        pixels = side * side
        self.encoder = nn.Sequential(
            nn.Flatten(), nn.Linear(pixels, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(),
            nn.Linear(hidden, 2 * axes),
        )  # fmt: skip
        width = CHANNELS if context else 1
        self.decoder = nn.Sequential(nn.Linear(axes, hidden), nn.ReLU(), nn.Linear(hidden, width * pixels))
        self.before = MaskedConvolution(context, CHANNELS) if context else None
        self.mix = (
            nn.Sequential(nn.ReLU(), nn.Conv2d(CHANNELS, CHANNELS, 1), nn.ReLU(), nn.Conv2d(CHANNELS, 1, 1))
            if context
            else None
        )
        self.log_variance = nn.Parameter(torch.tensor(math.log(variance)), requires_grad=gaussian and learn_variance)

    def initialise(self, generator: torch.Generator) -> None:
        """Draw the weights as torch does by default, from ``generator``."""
        for layer in self.modules():
            if isinstance(layer, (nn.Linear, nn.Conv2d)):
                nn.init.kaiming_uniform_(layer.weight, a=math.sqrt(5), generator=generator)
                bound = 1 / math.sqrt(layer.weight[0].numel())
                nn.init.uniform_(layer.bias, -bound, bound, generator=generator)  # type: ignore[arg-type]

    def encode(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Means and logarithms of variances of the codes, each ``[n, axes]``."""
        mean, log_variance = self.encoder(images).chunk(2, dim=1)
        return mean, log_variance.clamp(-12, 6)

    def decode(self, codes: torch.Tensor, images: torch.Tensor) -> torch.Tensor:
        """Logits (bernoulli) or means (gaussian) ``[n, 1, side, side]``; the decoder sees part of ``images``."""
        told: torch.Tensor = self.decoder(codes).view(len(codes), -1, self.side, self.side)
        if self.before is not None and self.mix is not None:
            told = self.mix(told + self.before(images))
        return told

    def nats(self, images: torch.Tensor, told: torch.Tensor) -> torch.Tensor:
        """Minus the logarithm of the likelihood of each image, in nats ``[n]`` (of a density where it is gaussian)."""
        if self.gaussian:
            one = 0.5 * (
                (images - told) ** 2 * torch.exp(-self.log_variance) + self.log_variance + math.log(2 * math.pi)
            )
        else:
            one = nn.functional.binary_cross_entropy_with_logits(told, images, reduction="none")
        return one.flatten(1).sum(1)

    @torch.no_grad()
    def pictures(self, codes: torch.Tensor, generator: torch.Generator | None = None) -> torch.Tensor:
        """What the decoder makes of codes, ``[n, 1, side, side]`` in 0..1.

        One that sees the image draws pixel after pixel from ``generator`` (a pixel for each threshold of one half
        without it).
        """
        if self.before is None:
            told = self.decode(codes, codes)
            return told.clamp(0, 1) if self.gaussian else told.sigmoid()
        images = torch.zeros(len(codes), 1, self.side, self.side, device=codes.device)
        for row in range(self.side):
            for column in range(self.side):
                share = self.decode(codes, images)[:, 0, row, column].sigmoid()
                cut = torch.rand(len(codes), generator=generator).to(codes.device) if generator is not None else 0.5
                images[:, 0, row, column] = (share > cut).float()
        return images


def divergences(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Divergence of each code from the standard normal prior by axis, in nats ``[n, axes]``.

    >>> divergences(torch.zeros(1, 2), torch.zeros(1, 2)).tolist()
    [[0.0, 0.0]]
    """
    return 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance)
