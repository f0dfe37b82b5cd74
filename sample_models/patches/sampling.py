# SPDX-License-Identifier: Apache-2.0
"""High-contrast patches: cut at random places, the most contrasty fifth of each picture kept, as points of R^8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np

import workbench as wb
from sample_models.patches import arithmetic
from sample_models.patches.arithmetic import SIDE, Float64, Int64
from sample_models.patches.fields import Source, log_light

CUT = 25_000  # patches of a picture
KEPT = 0.2  # the share with the highest contrast


@dataclass(frozen=True)
class Patches:
    """High-contrast patches of several pictures.

    Attributes
    ----------
    points
        float64 ``[n, 8]`` on the unit sphere: coordinates in :func:`arithmetic.basis`.
    contrast
        D-norm of the patch's logarithm of light before it was divided by it, ``[n]``.
    picture
        Name of the picture, text ``[n]``.
    row, column
        Pixel of the patch's upper left corner, int64 ``[n]``.
    """

    points: Float64
    contrast: Float64
    picture: Any
    row: Int64
    column: Int64

    def __len__(self) -> int:
        return len(self.points)

    def take(self, rows: Int64) -> Patches:
        """The patches at positions ``rows``."""
        return Patches(*(getattr(self, one.name)[rows] for one in fields(self)))

    def core(self, k: int, p: float) -> Patches:
        """X(k, p): the densest p percent, see :func:`arithmetic.core`."""
        return self.take(arithmetic.core(self.points, k, p))


@cache
def patches(source: Source = "photographs", *, half: bool = False, cut: int = CUT, seed: int = 0) -> Patches:
    """High-contrast 3x3 patches of a source of pictures.

    The steps of Lee, Pedersen and Mumford 2003, section 2: of each picture ``cut`` patches at random places, none
    twice; logarithm of light; mean taken off; the fifth with the highest contrast (D-norm) kept; divided by the
    contrast; coordinates in the cosine basis of eight.

    Parameters
    ----------
    source, half
        See :func:`fields.log_light`.
    cut
        Patches cut of each picture, 5 or more; cut to what the picture has.
    seed
        Decides places and noise.

    Returns
    -------
    Patches
        Two fifths of ``cut`` for two pictures, picture by picture, each in reading order.

    Raises
    ------
    DataError
        ``cut`` too small, or an unknown source.
    """
    if cut < 5:
        raise wb.DataError(f"Cut at least 5 patches of each picture, of which one is kept, not {cut}.")
    random = np.random.default_rng(seed)
    parts = [_of_picture(name, one, cut, random) for name, one in log_light(source, half=half, seed=seed).items()]
    return _joined(parts)


def _of_picture(name: str, picture: Float64, cut: int, random: np.random.Generator) -> Patches:
    windows = np.lib.stride_tricks.sliding_window_view(picture, (SIDE, SIDE))
    places = random.choice(windows.shape[0] * windows.shape[1], min(cut, windows[..., 0, 0].size), replace=False)
    row, column = np.divmod(places, windows.shape[1])
    values = windows[row, column].reshape(-1, SIDE * SIDE)
    contrast = arithmetic.contrast(values)
    strongest = np.sort(places[np.argsort(-contrast, kind="stable")[: int(len(places) * KEPT)]])
    row, column = np.divmod(strongest, windows.shape[1])
    values = windows[row, column].reshape(-1, SIDE * SIDE)
    return Patches(
        points=arithmetic.coordinates(values),
        contrast=arithmetic.contrast(values),
        picture=np.full(len(values), name),
        row=row.astype(np.int64),
        column=column.astype(np.int64),
    )


def _joined(parts: Sequence[Patches]) -> Patches:
    def columns() -> Iterator[Any]:
        for one in fields(Patches):
            yield np.concatenate([getattr(part, one.name) for part in parts])

    return Patches(*columns())
