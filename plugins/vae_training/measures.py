# SPDX-License-Identifier: Apache-2.0
"""What the latent axes of a trained network carry, on rows that were held out."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch

from plugins.vae_training.nets import Network, divergences
from registry.arrays import Array

RESAMPLES = 200
AT_ONCE = 500  # rows decoded together
MOST_PAIRED = 1000  # rows among which the mutual information is estimated


@dataclass(frozen=True)
class Measured:
    """Numbers by held-out row and by axis.

    Attributes
    ----------
    means : codes ``[n, axes]``
    divergence : nats ``[n, axes]``
    reconstruction, shuffled : nats ``[n]`` from the row's own code, and from that of another row
    information : one estimate for each row of at most 1,000; its mean is the mutual information in nats
    active, active_low, active_high : number of active axes, and its interval over resampled rows
    """

    means: Array
    divergence: Array
    reconstruction: Array
    shuffled: Array
    information: Array
    variances: Array
    active: int
    active_low: float
    active_high: float

    @property
    def bound(self) -> Array:
        """The evidence lower bound of each row in nats ``[n]``, whatever the objective was."""
        return np.asarray(-(self.reconstruction + self.divergence.sum(1)))


@torch.no_grad()
def measure(
    network: Network, images: torch.Tensor, threshold: float, generator: torch.Generator, rng: np.random.Generator
) -> Measured:
    """Codes, divergences, reconstructions and information of ``images`` ``[n, 1, side, side]``."""
    mean, log_variance = network.encode(images)
    noise = torch.randn(mean.shape, generator=generator).to(mean.device)
    codes = mean + noise * (log_variance / 2).exp()
    other = codes.roll(1, 0)
    own, shuffled = (
        torch.cat([_nats(network, images, given, slice(at, at + AT_ONCE)) for at in range(0, len(images), AT_ONCE)])
        for given in (codes, other)
    )
    most = slice(0, MOST_PAIRED)
    means = mean.double().cpu().numpy()
    resampled = np.array(
        [(means[rng.integers(len(means), size=len(means))].var(0, ddof=1) > threshold).sum() for _ in range(RESAMPLES)]
    )
    low, high = np.quantile(resampled, (0.025, 0.975))
    variances = means.var(0, ddof=1)
    return Measured(
        means,
        divergences(mean, log_variance).double().cpu().numpy(),
        own.double().cpu().numpy(),
        shuffled.double().cpu().numpy(),
        information(codes[most].double(), mean[most].double(), log_variance[most].double()).cpu().numpy(),
        variances,
        int((variances > threshold).sum()),
        float(low),
        float(high),
    )


def _nats(network: Network, images: torch.Tensor, codes: torch.Tensor, rows: slice) -> torch.Tensor:
    return network.nats(images[rows], network.decode(codes[rows], images[rows]))


def information(codes: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """What each code tells of which row it is of, in nats ``[n]``: ``log q(z|x) - log (1/n) sum_j q(z|x_j)``.

    Its mean estimates the mutual information of row and code (Hoffman and Johnson, *ELBO surgery*, 2016, equation 8)
    and cannot be above ``log n``.

    >>> same = torch.zeros(4, 1, dtype=torch.float64)
    >>> information(same, same, same).tolist()
    [0.0, 0.0, 0.0, 0.0]
    """
    density = torch.zeros(len(codes), len(codes), dtype=codes.dtype, device=codes.device)
    for axis in range(codes.shape[1]):
        apart = codes[:, axis, None] - mean[None, :, axis]
        density -= 0.5 * (apart**2 / log_variance[None, :, axis].exp() + log_variance[None, :, axis])
    return density.diagonal() - (torch.logsumexp(density, 1) - math.log(len(codes)))
