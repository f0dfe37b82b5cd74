# SPDX-License-Identifier: Apache-2.0
"""What luminance says: brightness, contrast, sharpness, symmetry. Pixels are float32 ``[n, c, h, w]`` in 0..1."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]

WEIGHTS: Final = (0.2126, 0.7152, 0.0722)  # of red, green and blue in luminance, Rec. ITU-R BT.709
FLAT: Final = 1e-6  # contrast below which a picture is of one tone


def luminance(pixels: Any) -> Float64:
    """Luminance float64 ``[n, h, w]``: weighted for three channels, else the mean of the channels."""
    values = np.asarray(pixels, dtype=np.float64)
    if values.shape[1] == len(WEIGHTS):
        return np.asarray(np.tensordot(values, WEIGHTS, axes=(1, 0)))
    return np.asarray(values.mean(axis=1))


def brightness(pixels: Any) -> Float64:
    """Mean luminance ``[n]``.

    >>> brightness(np.full((1, 1, 4, 4), 0.5)).tolist()
    [0.5]
    """
    return np.asarray(luminance(pixels).mean(axis=(1, 2)))


def contrast(pixels: Any) -> Float64:
    """Standard deviation of luminance ``[n]``."""
    return np.asarray(luminance(pixels).std(axis=(1, 2)))


def sharpness(pixels: Any) -> Float64:
    """Root mean square gradient over the standard deviation ``[n]``, in one over pixels; NaN of one tone.

    Of squares: the plain mean is the height of an edge, however soft it is.
    """
    values = luminance(pixels)
    down, across = np.gradient(values, axis=(1, 2))
    size = np.sqrt((np.square(down) + np.square(across)).mean(axis=(1, 2)))
    spread = values.std(axis=(1, 2))
    return np.asarray(np.where(spread > FLAT, size / np.maximum(spread, FLAT), np.nan))


def mirror_symmetry(pixels: Any) -> Float64:
    """Correlation with the mirror image ``[n]``, -1 to 1; NaN of one tone.

    >>> mirror_symmetry(np.array([[[[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]]]])).round(6).tolist()
    [1.0]
    """
    values = luminance(pixels)
    values = values - values.mean(axis=(1, 2), keepdims=True)
    same, whole = (values * values[:, :, ::-1]).mean(axis=(1, 2)), np.square(values).mean(axis=(1, 2))
    return np.asarray(np.where(whole > FLAT**2, same / np.maximum(whole, FLAT**2), np.nan))
