# SPDX-License-Identifier: Apache-2.0
"""The scorer of glasses: edges across the eyes, weighed as labels by eye taught it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np

import workbench as wb
from registry.arrays import Array
from sample_models.faces_dcgan import SIDE
from sample_models.faces_dcgan.eyes import edges

WEIGHTS: Final = Path(__file__).with_name("glasses.safetensors")


def glasses(pixels: Array) -> Array:
    """Log-odds of glasses, float64 ``[n]``, of faces ``[n, 3, 64, 64]`` in 0..1; above 0 is more likely than not.

    Raises
    ------
    workbench.DataError
        For pictures of another size: it knows where the eyes are in this one.
    """
    if pixels.shape[2:] != (SIDE, SIDE):
        height, width = pixels.shape[2:]
        raise wb.DataError(f"glasses are looked for in faces of {SIDE} x {SIDE} pixels, got {height} x {width}")
    return log_odds(pixels, _learned())


def log_odds(pixels: Array, learned: Mapping[str, Array]) -> Array:
    """The same by given weights ``[896]`` and intercept ``[1]``."""
    return np.asarray(edges(pixels).astype(np.float64) @ learned["weights"] + learned["intercept"][0])


@lru_cache(maxsize=1)
def _learned() -> dict[str, Array]:
    from safetensors.numpy import load_file

    return load_file(WEIGHTS)
