# SPDX-License-Identifier: Apache-2.0
"""The sprites: filled shapes with soft edges, drawn from their factors alone."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SIDE: Final = 24  # pixels of a picture
RADIUS: Final = 7.0  # pixels: no sprite of scale 1 reaches further from its middle
FINE: Final = 8  # each pixel is the mean of FINE x FINE samples

#: Every factor with its values. A turn by less than 60 degrees either way tells all three shapes apart from themselves:
#: the ellipse and the rectangle come round again only after 180 degrees, so that the rotation is no circle here.
FACTORS: Final[dict[str, tuple[Any, ...]]] = {
    "shape": ("ellipse", "rectangle", "heart"),
    "scale": (0.6, 0.7, 0.8, 0.9, 1.0),
    "rotation": tuple(-52.5 + 15.0 * step for step in range(8)),
    "x": tuple(-4.5 + step for step in range(10)),
    "y": tuple(-4.5 + step for step in range(10)),
}
SIZES: Final = tuple(len(values) for values in FACTORS.values())


def inside(shape: str, across: NDArray[np.float64], up: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether points lie in the shape, which stands upright in the unit disc, its middle at 0.

    >>> inside("ellipse", np.array([0.0, 0.6]), np.array([0.9, 0.0])).tolist()
    [True, False]
    """
    if shape == "ellipse":
        return np.asarray((across / 0.55) ** 2 + up**2 <= 1)
    if shape == "rectangle":
        return np.asarray((np.abs(across) <= 0.45) & (np.abs(up) <= 0.89))
    if shape == "heart":
        x, y = 1.4 * across, 1.4 * up + 0.29  # its middle lies at 0.29, and its area is then near that of the others
        return np.asarray((x**2 + y**2 - 1) ** 3 <= x**2 * y**3)
    raise ValueError(f"no shape '{shape}': there are {', '.join(FACTORS['shape'])}")


def template(shape: str, scale: float, rotation: float, side: int) -> NDArray[np.uint8]:
    """One sprite in the middle of ``side x side`` pixels; grey is the share of the pixel that it covers, 0..255.

    ``rotation`` is in degrees, counter-clockwise.
    """
    places = (np.arange(side * FINE) + 0.5) / FINE - side / 2
    right, up = np.meshgrid(places, -places)
    angle = np.deg2rad(rotation)
    across = (np.cos(angle) * right + np.sin(angle) * up) / (RADIUS * scale)
    along = (np.cos(angle) * up - np.sin(angle) * right) / (RADIUS * scale)
    covered = inside(shape, across, along).reshape(side, FINE, side, FINE).mean(axis=(1, 3))
    return np.asarray(np.rint(covered * 255), dtype=np.uint8)


def draw_all() -> NDArray[np.uint8]:
    """Every combination, uint8 ``[12000, 24, 24]``, the last factor running fastest (see :func:`levels`).

    Places are whole pixels apart, so that each shape, scale and rotation is drawn once and then cut out.
    """
    columns, rows = len(FACTORS["x"]), len(FACTORS["y"])
    drawn = []
    for shape in FACTORS["shape"]:
        for scale in FACTORS["scale"]:
            for rotation in FACTORS["rotation"]:
                wide = template(shape, scale, rotation, SIDE + columns - 1)
                cut = np.lib.stride_tricks.sliding_window_view(wide, (SIDE, SIDE))  # [from top, from left, 24, 24]
                # a window that starts further left shows the sprite further right; y counts upwards
                drawn.append(cut[:rows, ::-1].transpose(1, 0, 2, 3))
    return np.ascontiguousarray(np.stack(drawn).reshape(-1, SIDE, SIDE))


def levels() -> NDArray[np.int64]:
    """Which value of each factor a picture has, int64 ``[12000, 5]`` in the order of :data:`FACTORS`.

    >>> levels()[[0, 1, 10, -1]].tolist()
    [[0, 0, 0, 0, 0], [0, 0, 0, 0, 1], [0, 0, 0, 1, 0], [2, 4, 7, 9, 9]]
    """
    return np.stack(np.unravel_index(np.arange(int(np.prod(SIZES))), SIZES), axis=1).astype(np.int64)
