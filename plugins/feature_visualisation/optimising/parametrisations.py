# SPDX-License-Identifier: Apache-2.0
"""What an optimised picture is made of: pixels, numbers behind a sigmoid, a spectrum, or a generator's code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

import torch
from torch import Tensor

import workbench as wb
from registry.priors import Normal, Sphere, Uniform

COLOURS: Final = ((0.26, 0.09, 0.02), (0.27, 0.00, -0.05), (0.27, -0.09, 0.03))
"""Square root of the covariance of the colours of natural pictures (ImageNet), as lucid gives it (``optvis/param``)."""


class Parametrisation(Protocol):
    """Numbers that are moved, and the points of the source space that they stand for."""

    numbers: Tensor

    def points(self) -> Tensor:
        """The points ``[n, ...]``, with gradients to ``numbers``."""

    def settle(self) -> None:
        """Bring the numbers back to where they may be, after a step."""


class Pixels:
    """The pixels themselves, kept in the range of the space by clipping after each step."""

    def __init__(self, start: Tensor, low: float, high: float) -> None:
        self.numbers = start.detach().clone().requires_grad_(True)
        self.low, self.high = low, high

    def points(self) -> Tensor:
        return self.numbers

    def settle(self) -> None:
        with torch.no_grad():
            self.numbers.clamp_(self.low, self.high)


class Free:
    """Numbers without any bound."""

    def __init__(self, start: Tensor) -> None:
        self.numbers = start.detach().clone().requires_grad_(True)

    def points(self) -> Tensor:
        return self.numbers

    def settle(self) -> None:
        return


class Ball(Free):
    """Numbers whose length, point by point, is ``radius`` at most; ``sphere`` makes it exactly that."""

    def __init__(self, start: Tensor, radius: float = 1.0, *, sphere: bool = False) -> None:
        super().__init__(start)
        self.radius, self.sphere = radius, sphere
        self.settle()

    def settle(self) -> None:
        with torch.no_grad():
            length = self.numbers.flatten(1).norm(dim=1).clamp_min(1e-30)
            factor = self.radius / length
            factor = factor if self.sphere else factor.clamp_max(1.0)
            self.numbers.mul_(factor.reshape(-1, *([1] * (self.numbers.ndim - 1))))


class Sigmoid:
    """Numbers whose sigmoid is the picture: in range by construction, and smooth, so that L-BFGS may be used.

    Clipping between steps of L-BFGS makes its history of curvatures wrong: it ends at NaN.
    """

    EDGE: Final = 1e-3  # a start at the ends of the range would have no gradient

    def __init__(self, start: Tensor, low: float, high: float) -> None:
        share = ((start.detach() - low) / (high - low)).clamp(self.EDGE, 1 - self.EDGE)
        self.numbers = torch.logit(share).requires_grad_(True)
        self.low, self.high = low, high

    def points(self) -> Tensor:
        return self.low + (self.high - self.low) * torch.sigmoid(self.numbers)

    def settle(self) -> None:
        return


class Fourier:
    """A spectrum in which every frequency is scaled by 1 / f, and colours that vary together as in natural pictures.

    The picture is the sigmoid of the inverse transform, so that steps of one size change coarse and fine structure as
    natural pictures vary: without it, high frequencies come first. Colours are decorrelated where there are three.
    Source: Olah, Mordvintsev and Schubert, *Feature Visualization*, Distill 2017, section "Preconditioning and
    parameterization".

    Parameters
    ----------
    shape : ``(n, channels, height, width)``
    spread : standard deviation of the spectrum at the start
    """

    def __init__(
        self,
        shape: tuple[int, int, int, int],
        low: float,
        high: float,
        generator: torch.Generator,
        spread: float = 0.01,
    ) -> None:
        count, channels, self.height, self.width = shape
        self.low, self.high = low, high
        drawn = torch.randn((count, channels, self.height, self.width // 2 + 1, 2), generator=generator) * spread
        down = torch.fft.fftfreq(self.height)[:, None]
        across = torch.fft.rfftfreq(self.width)[None, :]
        slowest = 1.0 / max(self.height, self.width)
        self.scale = (1.0 / (down.square() + across.square()).sqrt().clamp_min(slowest))[..., None]
        self.scale = self.scale / 4
        self.colours = _colours() if channels == 3 else None
        self.numbers = drawn.requires_grad_(True)

    def to(self, device: str) -> Fourier:
        """The same on a device."""
        self.numbers = self.numbers.detach().to(device).requires_grad_(True)
        self.scale = self.scale.to(device)
        self.colours = None if self.colours is None else self.colours.to(device)
        return self

    def points(self) -> Tensor:
        spectrum = torch.view_as_complex((self.numbers * self.scale).contiguous())
        picture = torch.fft.irfft2(spectrum, s=(self.height, self.width), norm="ortho")
        if self.colours is not None:
            picture = torch.einsum("nchw,dc->ndhw", picture, self.colours)
        return self.low + (self.high - self.low) * torch.sigmoid(picture)

    def settle(self) -> None:
        return


def _colours() -> Tensor:
    root = torch.tensor(COLOURS)
    longest: Tensor = root.norm(dim=0).max()
    return root / longest


class Latent:
    """Codes of a generator, kept where its prior puts them; the points are what they are decoded to.

    Normal priors: the length, in standard deviations, is brought back into the shell that holds 98 % of the draws.
    Uniform ones: each axis into its range. On a sphere: the length to its radius. Without a prior: no bound.
    """

    def __init__(self, space: wb.Vectors, start: Tensor, decode: Callable[[Tensor], Any] | None) -> None:
        self.prior, self.size = space.prior, space.size
        self.mean = torch.zeros(self.size, device=start.device)
        self.std = torch.ones(self.size, device=start.device)
        if isinstance(self.prior, Normal):
            self.mean = self.mean + torch.as_tensor(self.prior.mean, dtype=torch.float32, device=start.device)
            self.std = self.std * torch.as_tensor(self.prior.std, dtype=torch.float32, device=start.device)
        self.numbers = ((start.detach() - self.mean) / self.std).requires_grad_(True)
        self.decode = decode
        self.settle()

    def codes(self) -> Tensor:
        """The codes ``[n, size]`` in the units of their space."""
        return self.numbers * self.std + self.mean

    def points(self) -> Tensor:
        return self.codes() if self.decode is None else self.decode(self.codes())

    @property
    def shell(self) -> tuple[float, float] | None:
        """Smallest and largest length in standard deviations, of a normal prior."""
        if not isinstance(self.prior, Normal):
            return None
        from scipy.special import gammaincinv  # half the square of a chi variable is a gamma one

        low, high = (float((2 * gammaincinv(self.size / 2, share)) ** 0.5) for share in (0.01, 0.99))
        return low, high

    def settle(self) -> None:
        with torch.no_grad():
            if isinstance(self.prior, Uniform):
                self.numbers.clamp_(self.prior.low, self.prior.high)
                return
            length = self.numbers.norm(dim=1, keepdim=True).clamp_min(1e-30)
            if isinstance(self.prior, Sphere):
                self.numbers.mul_(self.prior.radius / length)
            elif self.shell is not None:
                self.numbers.mul_(length.clamp(*self.shell) / length)
