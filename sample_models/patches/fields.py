# SPDX-License-Identifier: Apache-2.0
"""Where patches are cut from: two photographs and, as controls, noise of their size, as logarithms of light."""

from __future__ import annotations

from functools import cache
from typing import Literal, get_args

import numpy as np

import workbench as wb
from sample_models.patches.arithmetic import Float64

Source = Literal["photographs", "white noise", "blurred noise"]
PHOTOGRAPHS = ("china", "flower")
SHAPE = (427, 640)
BLUR = 2.0  # pixels, standard deviation of the Gaussian
DARKEST = 1 / 255  # added before the logarithm, since black has none


def log_light(source: Source, *, half: bool = False, seed: int = 0) -> dict[str, Float64]:
    """Pictures by name, each float64 ``[height, width]``: the natural logarithm of light + 1 / 255.

    Parameters
    ----------
    source
        ``"photographs"``: china.jpg and flower.jpg of scikit-learn (see CARD.md). ``"white noise"``: two pictures of
        independent pixels, sRGB values uniform in 0..1. ``"blurred noise"``: such pictures under a Gaussian of 2
        pixels, stretched to 0..1 again.
    half
        At half size: each pixel the mean light of 2 x 2.
    seed
        Of the noise; photographs do not depend on it.

    Raises
    ------
    DataError
        For a source that there is not.
    """
    if source not in get_args(Source):
        raise wb.DataError(f"There is no source '{source}' of patches: take one of {', '.join(get_args(Source))}.")
    if source == "photographs":
        light = {name: _photograph(name) for name in PHOTOGRAPHS}
    else:
        light = _noise(source == "blurred noise", seed)
    return {name: np.log((halved(one) if half else one) + DARKEST) for name, one in light.items()}


def linear(values: Float64) -> Float64:
    """Light, 0..1 and proportional to photons, of sRGB values 0..1 (IEC 61966-2-1).

    >>> linear(np.array([0.0, 0.5, 1.0])).round(4).tolist()
    [0.0, 0.214, 1.0]
    """
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def halved(picture: Float64) -> Float64:
    """The mean of each 2 x 2 pixels of ``[height, width]``; an odd last row or column is left out."""
    height, width = (side // 2 for side in picture.shape)
    cut = picture[: 2 * height, : 2 * width]
    return np.asarray(cut.reshape(height, 2, width, 2).mean(axis=(1, 3)), dtype=np.float64)


@cache
def _photograph(name: str) -> Float64:
    """A photograph of scikit-learn as light 0..1, ``[427, 640]``: luminance of its colours (Rec. 709 primaries)."""
    from sklearn.datasets import load_sample_image

    colours = linear(np.asarray(load_sample_image(f"{name}.jpg"), dtype=np.float64) / 255.0)
    return np.asarray(colours @ np.array([0.2126, 0.7152, 0.0722]), dtype=np.float64)


def _noise(blurred: bool, seed: int) -> dict[str, Float64]:
    """Two pictures of noise as light 0..1, ``[427, 640]``."""
    from scipy.ndimage import gaussian_filter

    random = np.random.default_rng(seed)
    pictures = {}
    for name in ("first", "second"):
        values = random.random(SHAPE)
        if blurred:
            values = gaussian_filter(values, BLUR)
            values = (values - values.min()) / (values.max() - values.min())
        pictures[name] = linear(values)
    return pictures
