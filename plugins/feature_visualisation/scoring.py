# SPDX-License-Identifier: Apache-2.0
"""A scorer as the number that is raised: it gives no gradient, so that one is estimated from pairs of near codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import torch
from torch import Tensor

PAIRS: Final = 16  # of near codes for each step
NEAR: Final = 0.1  # how far they lie, in the units of the codes: standard deviations of a standard normal prior


def estimated(
    score: Callable[[Tensor], np.ndarray], generator: torch.Generator, pairs: int = PAIRS, near: float = NEAR
) -> Callable[[Tensor], Tensor]:
    """An objective on codes ``[n, d]`` whose value is the score, and whose gradient is estimated.

    The score at pairs of codes that lie opposite to each other tells how it rises along the line between them; the mean
    over random lines is the gradient of the score smoothed by that distance. Source: Nesterov and Spokoiny, *Random
    Gradient-Free Minimization of Convex Functions*, Foundations of Computational Mathematics 2017, section 3; Salimans
    et al., *Evolution Strategies as a Scalable Alternative to Reinforcement Learning*, 2017 (arXiv:1703.03864), section
    2.1 (antithetic pairs). Pairs at which the score is not defined (NaN) are left out.

    Parameters
    ----------
    score : codes ``[m, d]`` to numbers ``[m]``
    """

    def raised(codes: Tensor) -> Tensor:
        here = codes.detach()
        value = torch.from_numpy(score(here)).to(here)
        if not (torch.is_grad_enabled() and codes.requires_grad):
            return value
        count, width = here.shape
        lines = torch.randn((pairs, count, width), generator=generator).to(here)
        both = torch.cat([(here + near * lines).reshape(-1, width), (here - near * lines).reshape(-1, width)])
        scores = torch.from_numpy(score(both)).to(here).reshape(2, pairs, count)
        rises = torch.nan_to_num((scores[0] - scores[1]) / (2 * near), nan=0.0)
        gradient = (rises[..., None] * lines).mean(dim=0)
        return value + ((codes - here) * gradient).sum(dim=1)

    return raised
