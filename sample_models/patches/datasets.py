# SPDX-License-Identifier: Apache-2.0
"""The data sets of patches: what is listed, and how each is made when it is opened."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from sample_models.patches import arithmetic
from sample_models.patches.fields import Source
from sample_models.patches.sampling import Patches, patches

if TYPE_CHECKING:
    import pandas as pd

X15 = (15, 30.0)
X300 = (300, 30.0)


def open_patches(
    source: Source = "photographs", *, half: bool = False, core: tuple[int, float] | None = None, seed: int = 0
) -> wb.ArrayDataset:
    """High-contrast patches as points ``[n, 8]`` of the unit sphere in R^8.

    Parameters
    ----------
    source, half, seed
        See :func:`sampling.patches`.
    core
        (k, p): only the dense core X(k, p); ``None``: all 10,000 patches.

    Returns
    -------
    ArrayDataset
        With columns ``photo`` (or ``field`` of noise), ``top`` and ``left`` (pixels, of the upper left corner),
        ``angle`` (of the gradient, degrees 0 to 360, counter-clockwise from the right, circular), ``gradient_share``
        (0 to 1) and ``contrast`` (D-norm of the logarithm of light).

    Raises
    ------
    DataError
        For a source or core that there is not.
    """
    found = _found(source, half, core, seed)
    kind = "photo" if source == "photographs" else "field"
    return wb.ArrayDataset(found.points, _space(), _columns(found, kind))


def open_klein_bottle() -> wb.ArrayDataset:
    """288 patches of the polynomial Klein bottle, ``[288, 8]``.

    Columns ``direction`` (degrees 0 to 180, of the polynomial's axis), ``shape`` (degrees 0 to 360: 0 a dark bar, 90
    a ramp, 180 a light bar, 270 the opposite ramp), ``angle`` and ``gradient_share`` as of the photographs.
    """
    import pandas as pd

    points, direction, shape = arithmetic.klein_bottle()
    angle, share = arithmetic.gradient(points)
    columns = pd.DataFrame({"direction": direction, "shape": shape, "angle": angle, "gradient_share": share})
    return wb.ArrayDataset(points, _space(), columns)


@cache
def _found(source: Source, half: bool, core: tuple[int, float] | None, seed: int) -> Patches:
    """The patches of a data set, found once: a core of 10,000 points takes some seconds."""
    found = patches(source, half=half, seed=seed)
    return found if core is None else found.core(*core)


def _space() -> wb.Vectors:
    return wb.vectors(8, axes=list(arithmetic.AXES))


def _columns(found: Patches, kind: str) -> pd.DataFrame:
    import pandas as pd

    angle, share = arithmetic.gradient(found.points)
    return pd.DataFrame(
        {
            kind: found.picture,
            "top": found.row,
            "left": found.column,
            "angle": np.round(angle, 3),
            "gradient_share": np.round(share, 5),
            "contrast": np.round(found.contrast, 5),
        }
    )


def image_patches() -> wb.ArrayDataset:
    """10,000 high-contrast patches of the two photographs at full size."""
    return open_patches()


def image_patches_half() -> wb.ArrayDataset:
    """10,000 high-contrast patches of the two photographs at half size."""
    return open_patches(half=True)


def image_patches_x15() -> wb.ArrayDataset:
    """X(15, 30) of the photographs at full size, 3,000 patches."""
    return open_patches(core=X15)


def image_patches_x300() -> wb.ArrayDataset:
    """X(300, 30) of the photographs at half size, 3,000 patches."""
    return open_patches(half=True, core=X300)


def noise_patches() -> wb.ArrayDataset:
    """10,000 high-contrast patches of white noise."""
    return open_patches("white noise")


def noise_patches_x300() -> wb.ArrayDataset:
    """X(300, 30) of white noise, 3,000 patches."""
    return open_patches("white noise", core=X300)


def blurred_patches() -> wb.ArrayDataset:
    """10,000 high-contrast patches of blurred noise."""
    return open_patches("blurred noise")


def blurred_patches_x15() -> wb.ArrayDataset:
    """X(15, 30) of blurred noise, 3,000 patches."""
    return open_patches("blurred noise", core=X15)
