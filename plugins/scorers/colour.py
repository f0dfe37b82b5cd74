# SPDX-License-Identifier: Apache-2.0
"""What colour says. Pixels are float32 ``[n, 3, h, w]`` in 0..1: red, green, blue."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


def saturation(pixels: Any) -> Float64:
    """Mean saturation ``[n]`` of hue, saturation and value; black counts as 0.

    >>> saturation(np.array([1.0, 0.5, 0.5]).reshape(1, 3, 1, 1)).tolist()
    [0.5]
    """
    values = np.asarray(pixels, dtype=np.float64)
    most, least = values.max(axis=1), values.min(axis=1)
    return np.asarray(((most - least) / np.maximum(most, np.finfo(float).tiny)).mean(axis=(1, 2)))


def warmth(pixels: Any) -> Float64:
    """Mean of red less blue ``[n]``, -1 to 1."""
    values = np.asarray(pixels, dtype=np.float64)
    return np.asarray((values[:, 0] - values[:, 2]).mean(axis=(1, 2)))
