# SPDX-License-Identifier: Apache-2.0
"""Travel: move codes along directions, decode, and read every attribute on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.directions.measuring.readers import Reader, read_all

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Decoder = Callable[[Float64], Float32]

BATCH: Final = 256  # pictures that are held at once


@dataclass(frozen=True)
class Journey:
    """One direction travelled.

    Attributes
    ----------
    scores : float64 ``[n, a, j]``, each attribute of each code at each step
    pictures : float32 ``[few, a, c, h, w]`` in 0..1, of the first codes
    steps : float64 ``[a]``
    moved : float32 ``[2, n, f]``, features of all pictures one step on, and one step back
    changes : float64 ``[2, h, w]``, mean square change of a pixel one step on, and one step back
    """

    scores: Float64
    pictures: Float32
    steps: Float64
    moved: Float32
    changes: Float64

    def turned(self) -> Journey:
        """The journey along the opposite direction; the steps lie evenly about 0."""
        return Journey(
            self.scores[:, ::-1], self.pictures[:, ::-1], -self.steps[::-1], self.moved[::-1], self.changes[::-1]
        )


def travel(
    decode: Decoder,
    codes: Float64,
    vector: Float64,
    steps: Float64,
    readers: Sequence[Reader],
    *,
    few: int = 0,
    features: Callable[[Float32], Float32] | None = None,
) -> Journey:
    """Move ``codes [n, d]`` by each of ``steps [a]`` times ``vector [d]`` (with its length) and read them.

    ``steps`` has 0 among them where the change of pixels is wanted; that and features are taken at the steps
    nearest to 1 and -1 other than 0.
    """
    n, a = len(codes), len(steps)
    moving = np.flatnonzero(steps)  # a step of 0 changes nothing, however near to 1 it is
    ends = [int(moving[np.abs(steps[moving] - way).argmin()]) for way in (1, -1)]
    zero = int(np.abs(steps).argmin())
    unmoved = bool(steps[zero] == 0)
    scores = np.empty((n, a, len(readers)))
    kept: list[Float32] = []
    moved: list[Float32] = []
    changes: Any = 0.0
    size = max(1, BATCH // a)
    for start in range(0, n, size):
        part = codes[start : start + size]
        pixels = decode((part[:, None] + steps[None, :, None] * vector).reshape(-1, codes.shape[1]))
        scores[start : start + size] = read_all(readers, pixels).reshape(len(part), a, -1)
        pixels = pixels.reshape(len(part), a, *pixels.shape[1:])
        if start < few:
            kept.append(pixels[: few - start].copy())
        if features is not None:
            moved.append(np.stack([features(pixels[:, one]) for one in ends]))
        if unmoved:
            difference = np.stack([pixels[:, one].astype(np.float64) - pixels[:, zero] for one in ends])
            changes = changes + np.square(difference).mean(axis=2).sum(axis=1)
    return Journey(
        scores,
        np.concatenate(kept) if kept else np.empty((0, a, 0, 0, 0), dtype=np.float32),
        steps,
        np.concatenate(moved, axis=1) if moved else np.empty((2, n, 0), dtype=np.float32),
        np.asarray(changes / n),
    )


def locality(change: Float64) -> float:
    """How much of the picture a change leaves alone: 1 less twice the smallest share of pixels that hold half of it.

    0 where all pixels change alike, near 1 where a few do. Zero change has none: NaN.

    >>> locality(np.ones((4, 4))), locality(np.eye(10)[:1])
    (0.0, 0.8)
    """
    values = np.sort(np.asarray(change, dtype=np.float64).ravel())[::-1]
    total = float(values.sum())
    if not total > 0:
        return float("nan")
    count = int(np.searchsorted(np.cumsum(values), total / 2 * (1 - 1e-12))) + 1
    return 1 - 2 * count / len(values)
