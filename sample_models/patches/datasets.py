# SPDX-License-Identifier: Apache-2.0
"""The data sets of patches: what is listed, and how each is made when it is opened."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

import workbench as wb
from sample_models.patches import arithmetic, drawing
from sample_models.patches.arithmetic import Float64
from sample_models.patches.fields import Source
from sample_models.patches.sampling import KEPT, Patches, patches

if TYPE_CHECKING:
    import pandas as pd

X15 = (15, 30.0)
X300 = (300, 30.0)
MANY = 125_000  # patches cut of each picture for the surface: 50,000 of high contrast in all
UNIFORM = "points of the sphere"


class PatchDataset(wb.ArrayDataset):
    """Points of the unit sphere in R^8 that are drawn as the patches of 3x3 pixels that they stand for."""

    def __init__(self, points: Float64, columns: pd.DataFrame) -> None:
        super().__init__(points, wb.vectors(8, axes=list(arithmetic.AXES)), columns)

    def pictures(self, rows: Any) -> Any:
        """Grey pictures, uint8 ``[m, 3, 3]``, as :func:`drawing.pixels` draws them."""
        return drawing.pixels(self.batch(rows))


def open_patches(
    source: Source = "photographs", *, half: bool = False, core: tuple[int, float] | None = None, seed: int = 0
) -> PatchDataset:
    """High-contrast patches as points ``[n, 8]`` of the unit sphere in R^8.

    Parameters
    ----------
    source, half, seed
        See :func:`sampling.patches`.
    core
        (k, p): only the dense core X(k, p); ``None``: all 10,000 patches.

    Returns
    -------
    PatchDataset
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
    return PatchDataset(found.points, _columns(found, kind))


def open_klein_bottle() -> PatchDataset:
    """288 patches of the polynomial Klein bottle, ``[288, 8]``.

    Columns ``direction`` (degrees 0 to 180, of the polynomial's axis), ``shape`` (degrees 0 to 360: 0 a dark bar, 90
    a ramp, 180 a light bar, 270 the opposite ramp), ``angle`` and ``gradient_share`` as of the photographs.
    """
    import pandas as pd

    points, direction, shape = arithmetic.klein_bottle()
    angle, share = arithmetic.gradient(points)
    columns = pd.DataFrame({"direction": direction, "shape": shape, "angle": angle, "gradient_share": share})
    return PatchDataset(points, columns)


def open_nearest(source: Source | Literal["points of the sphere"] = "photographs", *, seed: int = 0) -> PatchDataset:
    """Of 50,000 points those that are nearest to the 288 of the Klein bottle: they are **selected by the model**.

    What shape the chosen points have says little by itself, therefore: any set that comes near enough to the model
    everywhere gives its shape back. How near it comes says something (column ``away``).

    Parameters
    ----------
    source
        Of high-contrast patches, see :func:`sampling.patches`; or ``"points of the sphere"``, a control: 50,000
        random points of the unit sphere in R^8, which have no structure at all.
    seed
        Decides places, noise and points.

    Returns
    -------
    PatchDataset
        With columns ``direction`` and ``shape`` (degrees) of the model's patch that each is nearest to, ``away``
        (contrast of the difference from it) and, of patches, those of :func:`open_patches`.

    Source: Carlsson, Ishkhanov, de Silva and Zomorodian 2008, section 5, who add such points to the dense core.
    """
    import pandas as pd

    model, direction, shape = arithmetic.klein_bottle()
    if source == UNIFORM:
        drawn = np.random.default_rng(seed).standard_normal((int(2 * MANY * KEPT), 8))
        points = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
        rows, away, which = arithmetic.nearest(points, model)
        angle, share = arithmetic.gradient(points[rows])
        own = pd.DataFrame({"angle": np.round(angle, 3), "gradient_share": np.round(share, 5)})
        chosen = points[rows]
    else:
        found = patches(source, cut=MANY, seed=seed)
        rows, away, which = arithmetic.nearest(found.points, model)
        taken = found.take(rows)
        own, chosen = _columns(taken, "photo" if source == "photographs" else "field"), taken.points
    columns = {"direction": direction[which], "shape": shape[which], "away": np.round(away[which], 5)}
    return PatchDataset(chosen, pd.DataFrame(columns).join(own))


def open_torus() -> wb.ArrayDataset:
    """288 points of the flat torus in R^4, ``[288, 4]``: the untwisted counterpart of the Klein bottle."""
    import pandas as pd

    points, first, second = arithmetic.torus()
    return wb.ArrayDataset(points, wb.vectors(4), pd.DataFrame({"first": first, "second": second}))


@cache
def _found(source: Source, half: bool, core: tuple[int, float] | None, seed: int) -> Patches:
    """The patches of a data set, found once: a core of 10,000 points takes some seconds."""
    found = patches(source, half=half, seed=seed)
    return found if core is None else found.core(*core)


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


def image_patches() -> PatchDataset:
    """10,000 high-contrast patches of the two photographs at full size."""
    return open_patches()


def image_patches_half() -> PatchDataset:
    """10,000 high-contrast patches of the two photographs at half size."""
    return open_patches(half=True)


def image_patches_x15() -> PatchDataset:
    """X(15, 30) of the photographs at full size, 3,000 patches."""
    return open_patches(core=X15)


def image_patches_x300() -> PatchDataset:
    """X(300, 30) of the photographs at half size, 3,000 patches."""
    return open_patches(half=True, core=X300)


def noise_patches() -> PatchDataset:
    """10,000 high-contrast patches of white noise."""
    return open_patches("white noise")


def noise_patches_x300() -> PatchDataset:
    """X(300, 30) of white noise, 3,000 patches."""
    return open_patches("white noise", core=X300)


def blurred_patches() -> PatchDataset:
    """10,000 high-contrast patches of blurred noise."""
    return open_patches("blurred noise")


def blurred_patches_x15() -> PatchDataset:
    """X(15, 30) of blurred noise, 3,000 patches."""
    return open_patches("blurred noise", core=X15)


def image_patches_klein() -> PatchDataset:
    """Patches of the photographs nearest to the Klein bottle's, 260."""
    return open_nearest()


def noise_patches_klein() -> PatchDataset:
    """Patches of white noise nearest to the Klein bottle's, 125."""
    return open_nearest("white noise")


def blurred_patches_klein() -> PatchDataset:
    """Patches of blurred noise nearest to the Klein bottle's, 202."""
    return open_nearest("blurred noise")


def sphere_klein() -> PatchDataset:
    """Random points of the sphere nearest to the Klein bottle's, 224."""
    return open_nearest("points of the sphere")
