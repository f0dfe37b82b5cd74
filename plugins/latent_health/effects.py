# SPDX-License-Identifier: Apache-2.0
"""What each axis changes in what is decoded, and traversals along one axis."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import workbench as wb
from plugins.coverage.neighbours import Float64, flat
from plugins.coverage.samples import Pixels, pixels
from plugins.coverage.ways import carried
from plugins.latent_health.ground import Ground

DECODED = 1000  # codes decoded in all, about
FEWEST, MOST = 6, 32  # draws that axes are moved at
REACH = 3.0  # deviations of the prior on each side of a traversal


@dataclass(frozen=True)
class Effects:
    """Root mean square change of the output when a draw moves by one deviation of the prior along an axis.

    Attributes
    ----------
    value, low, high : float64 ``[d]``, mean over draws with its 95 % interval (Student)
    whole : the same between two independent draws, for scale
    n : draws that were moved
    """

    value: Float64
    low: Float64
    high: Float64
    whole: float
    n: int


def effects_of(job: wb.Job, ground: Ground, steps: int) -> Effects:
    """Of every axis, at 6 to 32 draws from the prior; half of them move forward, half back."""
    from scipy.stats import t

    d = ground.size
    n = int(np.clip(DECODED // d, FEWEST, MOST))
    starts = ground.draw(2 * n)
    here = flat(carried(job, starts, ground.chain)).astype(np.float64)
    change = np.empty((n, d))
    for at in range(n):
        sign = 1.0 if at % 2 else -1.0
        moved = starts[at] + np.diag(sign * ground.std).astype(np.float32)
        there = flat(carried(job, moved.astype(np.float32), ground.chain)).astype(np.float64)
        change[at] = np.sqrt(np.square(there - here[at]).mean(axis=1))
    value = change.mean(axis=0)
    reach = change.std(axis=0, ddof=1) / np.sqrt(n) * float(t.ppf(0.975, n - 1))
    whole = float(np.sqrt(np.square(here[:n] - here[n:]).mean(axis=1)).mean())
    return Effects(value, np.maximum(value - reach, 0), value + reach, whole, n)


def steps_of(count: int) -> Float64:
    """Even steps from -3 to 3 deviations of the prior."""
    return np.linspace(-REACH, REACH, count)


def traversal(job: wb.Job, ground: Ground, start: Float64, axis: int, count: int) -> Pixels | None:
    """Pictures of ``start [d]`` with one axis set to each step, uint8 ``[count, height, width, channels]``."""
    if not isinstance(ground.end, wb.Images):
        return None
    codes = np.repeat(start[None].astype(np.float32), count, axis=0)
    codes[:, axis] = ground.mean[axis] + steps_of(count) * ground.std[axis]
    return pixels(carried(job, codes, ground.chain), ground.end)
