# SPDX-License-Identifier: Apache-2.0
"""Draws from a prior with random access: any rows, in any order and batch size, are always the same points."""

from __future__ import annotations

import numpy as np

from registry.arrays import Array
from registry.errors import SpaceError
from registry.spaces import Space, Vectors

BLOCK = 1024


def sample_prior(space: Space, rows: Array, seed: int) -> Array:
    """Draws number ``rows`` from the prior of a space.

    Row ``i`` is row ``i % 1024`` of a block of 1,024 draws whose generator is seeded from ``(seed, i // 1024)``, on the
    CPU: it does not depend on the other rows asked for, nor on the device.

    Parameters
    ----------
    space : a space of vectors that has a prior
    rows : int64 ``[n]``, not negative
    seed : seed of the run

    Returns
    -------
    float32 ``[n, size]``

    Raises
    ------
    SpaceError
        When the space has no prior, or a row is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from registry import priors, spaces
    >>> z = spaces.vectors(2, prior=priors.normal())
    >>> bool((sample_prior(z, np.array([5000]), 0) == sample_prior(z, np.arange(4990, 5010), 0)[10]).all())
    True
    """
    import torch

    prior = space.prior if isinstance(space, Vectors) else None
    if prior is None or not isinstance(space, Vectors):
        raise SpaceError(f"{space.label} has no prior to draw from: give a data set")
    numbers = np.asarray(rows, dtype=np.int64)
    if numbers.size and numbers.min() < 0:
        raise SpaceError(f"draws are numbered from 0, got {numbers.min()}")
    drawn = np.empty((len(numbers), space.size), dtype=np.float32)
    blocks = numbers // BLOCK
    for block in np.unique(blocks):
        state = np.random.SeedSequence([seed % 2**64, int(block)]).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
        points = prior.sample(BLOCK, space.size, generator).to(torch.float32).numpy()
        here = blocks == block
        drawn[here] = points[numbers[here] % BLOCK]
    return drawn
