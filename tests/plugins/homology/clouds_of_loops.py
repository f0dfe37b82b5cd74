# SPDX-License-Identifier: Apache-2.0
"""Samples of which it is known what loops they make."""

from __future__ import annotations

from typing import Any

import numpy as np


def circle(n: int, noise: float, seed: int) -> tuple[Any, Any]:
    """Samples of the unit circle with normal noise, float64 [n, 2], and their angles in shares of a turn [n]."""
    random = np.random.default_rng(seed)
    turns = random.random(n)
    points = np.stack([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)], axis=1)
    return points + noise * random.standard_normal((n, 2)), turns


def figure_eight(n: int, noise: float, seed: int) -> Any:
    """Samples of two unit circles that touch in the origin, float64 [n, 2]; the first half lies on the right one."""
    right, _ = circle(n // 2, noise, seed)
    left, _ = circle(n - n // 2, noise, seed + 1000)
    return np.concatenate([right + [1, 0], left - [1, 0]])


def distances(points: Any) -> Any:
    """Euclidean, float64 [n, n]."""
    return np.sqrt(np.square(points[:, None] - points[None]).sum(axis=2))
