# SPDX-License-Identifier: Apache-2.0
"""Patches as small pictures, and those that stand around the circle of edges."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sample_models.patches import arithmetic
from sample_models.patches.arithmetic import Int64


def pixels(points: Any) -> NDArray[np.uint8]:
    """Patches ``[n, 8]`` as pictures, uint8 ``[n, 3, 3]``: grey is 0, the strongest pixel nearly white or black."""
    patches = arithmetic.pictures(points)
    largest = np.abs(patches).max(axis=(1, 2), keepdims=True)
    return np.asarray(np.rint(127.5 + 112.0 * patches / np.maximum(largest, 1e-12)), dtype=np.uint8)


def around(points: Any, count: int = 24) -> Int64:
    """One patch for each of ``count`` angles of the gradient, the one nearest to the mean of its sector; int64.

    Sectors without any patch are left out.
    """
    table = np.asarray(points, dtype=np.float64)
    angle, _ = arithmetic.gradient(table)
    sector = np.floor(angle / 360.0 * count + 0.5).astype(np.int64) % count
    chosen = []
    for one in range(count):
        members = np.flatnonzero(sector == one)
        if len(members):
            away = np.linalg.norm(table[members] - table[members].mean(axis=0), axis=1)
            chosen.append(members[away.argmin()])
    return np.array(chosen, dtype=np.int64)
