# SPDX-License-Identifier: Apache-2.0
"""Randomness of a run: everything is derived from its seed, and the process's own generators are given back."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from registry.arrays import Array

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Seeds:
    """Independent seeds for the parts of a run, spawned from its own with :class:`numpy.random.SeedSequence`."""

    for_numpy: np.random.SeedSequence
    for_torch: int
    for_globals: int

    @classmethod
    def of(cls, seed: int) -> Seeds:
        """The seeds of a run with this seed."""
        first, second, third = np.random.SeedSequence(seed).spawn(3)
        return cls(first, _word(second), _word(third) % 2**32)

    def rng(self) -> np.random.Generator:
        """A fresh numpy generator."""
        return np.random.default_rng(self.for_numpy)

    def generator(self) -> torch.Generator:
        """A fresh torch generator on the processor."""
        import torch

        return torch.Generator().manual_seed(self.for_torch)


def subset(seed: int, size: int, limit: int) -> Array:
    """``limit`` of ``size`` positions, int64 in ascending order, each at most once; fixed by the three numbers.

    >>> subset(0, 5, 9)
    array([0, 1, 2, 3, 4])
    """
    if limit >= size:
        return np.arange(size, dtype=np.int64)
    rng = np.random.default_rng([seed, size, limit])
    return np.sort(rng.choice(size, limit, replace=False)).astype(np.int64)


@contextmanager
def seeded(seeds: Seeds) -> Iterator[None]:
    """Seed the global generators of Python, numpy and torch, for code that uses them; they are restored afterwards."""
    import torch

    before = random.getstate(), np.random.get_state(), torch.get_rng_state()
    random.seed(seeds.for_globals)
    np.random.seed(seeds.for_globals)
    torch.manual_seed(seeds.for_globals)
    try:
        yield
    finally:
        random.setstate(before[0])
        np.random.set_state(before[1])
        torch.set_rng_state(before[2])


def _word(sequence: np.random.SeedSequence) -> int:
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))
