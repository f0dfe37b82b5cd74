# SPDX-License-Identifier: Apache-2.0
"""The shape of what stands out from a plain ground (ink), by moments and outline. Pixels are ``[n, c, h, w]`` in 0..1.

Ink is how far a pixel's luminance lies from that of the ground, the median of the border: white strokes on black and
black ones on white are alike. A picture without ink has no shape: NaN.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.scorers.light import luminance

Float64 = NDArray[np.float64]

FAINT: Final = 0.1  # ink counts above a tenth of the darkest of its picture: less is noise of the ground
EMPTY: Final = 0.05  # darkest ink, as a share of white, below which there is none


def ink_of(pixels: Any) -> Float64:
    """Ink float64 ``[n, h, w]``, 0 to 1; NaN all over where a picture has none."""
    values = luminance(pixels)
    border = np.concatenate([values[:, 0], values[:, -1], values[:, :, 0], values[:, :, -1]], axis=1)
    ink = np.abs(values - np.median(border, axis=1)[:, None, None])
    most = ink.max(axis=(1, 2), keepdims=True)
    ink = np.where(ink > FAINT * most, ink, 0.0)
    return np.where(most > EMPTY, ink, np.nan)


def stroke_thickness(pixels: Any) -> Float64:
    """Mean thickness of strokes ``[n]`` in pixels: twice the ink over the total variation.

    A stroke of thickness t and length l with ink of strength a has a t l of ink and an outline of 2 l, over which the
    ink changes by a: its total variation is 2 a l (coarea formula; Fleming and Rishel 1960). Whether it is drawn strong
    or faint does not matter. The ends of a stroke make it come out a little thinner.
    """
    ink = np.pad(ink_of(pixels), ((0, 0), (1, 1), (1, 1)))
    return np.asarray(2 * ink.sum(axis=(1, 2)) / _outline(ink))


def _outline(ink: Float64) -> Float64:
    """Total variation ``[n]``: steps along rows, columns and both diagonals, weighted to be alike in all directions.

    Four directions by the Cauchy-Crofton formula, as the perimeter of digital shapes is measured (Boykov and
    Kolmogorov, "Computing geodesics and minimal surfaces via graph cuts", ICCV 2003): within 6 % whatever the angle.
    """
    steps = (
        (np.diff(ink, axis=1), 1.0),
        (np.diff(ink, axis=2), 1.0),
        (ink[:, 1:, 1:] - ink[:, :-1, :-1], np.sqrt(2)),
        (ink[:, 1:, :-1] - ink[:, :-1, 1:], np.sqrt(2)),
    )
    return np.asarray(sum(np.pi / 8 * np.abs(step).sum(axis=(1, 2)) / length for step, length in steps))


def slant(pixels: Any) -> Float64:
    """Slant ``[n]`` in degrees, above 0 leaning right: the arctangent of the shear of the second moments.

    Source: Castro, Tan, Kainz, Konukoglu and Glocker, "Morpho-MNIST", Journal of Machine Learning Research 20, 2019,
    section 3.2 (shear that makes the principal axis vertical).
    """
    _, _, down, _, mixed, _ = _moments(ink_of(pixels))
    return np.asarray(np.degrees(np.arctan2(-mixed, np.where(down > 0, down, np.nan))))


def roundness(pixels: Any) -> Float64:
    """Short over long axis ``[n]`` of the ellipse with the same second moments, 0 to 1."""
    _, _, down, across, mixed, _ = _moments(ink_of(pixels))
    middle, apart = (down + across) / 2, np.hypot((down - across) / 2, mixed)
    return np.asarray(np.sqrt(np.maximum(middle - apart, 0) / np.where(middle > 0, middle + apart, np.nan)))


def extent(pixels: Any) -> Float64:
    """Root mean square distance of the ink from its centre ``[n]``, over half the diagonal of the picture."""
    ink = ink_of(pixels)
    _, _, down, across, _, _ = _moments(ink)
    return np.asarray(np.sqrt(down + across) / (np.hypot(*ink.shape[1:]) / 2))


def across(pixels: Any) -> Float64:
    """Centre of the ink ``[n]``, 0 left to 1 right."""
    ink = ink_of(pixels)
    return np.asarray((_moments(ink)[1] + 0.5) / ink.shape[2])


def down(pixels: Any) -> Float64:
    """Centre of the ink ``[n]``, 0 top to 1 bottom."""
    ink = ink_of(pixels)
    return np.asarray((_moments(ink)[0] + 0.5) / ink.shape[1])


def _moments(ink: Float64) -> tuple[Float64, Float64, Float64, Float64, Float64, Float64]:
    """Centre (row, column) and central second moments (down, across, mixed) of the ink, each ``[n]``, and its sum."""
    rows, columns = (np.arange(one, dtype=np.float64) for one in ink.shape[1:])
    mass = ink.sum(axis=(1, 2))
    row = (ink.sum(axis=2) @ rows) / mass
    column = (ink.sum(axis=1) @ columns) / mass
    from_row, from_column = rows - row[:, None], columns - column[:, None]
    lower = np.einsum("nhw,nh->n", ink, np.square(from_row)) / mass
    wide = np.einsum("nhw,nw->n", ink, np.square(from_column)) / mass
    mixed = np.einsum("nhw,nh,nw->n", ink, from_row, from_column, optimize=True) / mass
    return row, column, lower, wide, mixed, mass
