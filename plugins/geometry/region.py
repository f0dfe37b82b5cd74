# SPDX-License-Identifier: Apache-2.0
"""A flat piece of a latent space: the plane through three samples, its grid, and the area of its picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from plugins.geometry.decoding import Decode
from plugins.geometry.jacobian import singular_values

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Region:
    """The points ``origin + basis @ u`` with ``low <= u <= high``; one or two dimensions.

    Attributes
    ----------
    origin : ``[d]``
    basis : ``[d, k]``, orthonormal columns, k of 1 or 2
    low, high : ``[k]``
    """

    origin: Float64
    basis: Float64
    low: Float64
    high: Float64

    def axes(self, nodes: int) -> list[Float64]:
        """Places of the nodes along each direction."""
        return [np.linspace(low, high, nodes) for low, high in zip(self.low, self.high, strict=True)]

    def grid(self, nodes: int) -> Float64:
        """Codes of the nodes, float64 ``[nodes ** k, d]``; the last direction runs fastest."""
        places = np.meshgrid(*self.axes(nodes), indexing="ij")
        return self.origin + np.stack([one.ravel() for one in places], axis=1) @ self.basis.T

    def coordinates(self, codes: Float64) -> Float64:
        """Places of codes ``[n, d]`` (projected onto the plane), ``[n, k]``."""
        return np.asarray((codes - self.origin) @ self.basis, dtype=np.float64)


def through(corners: Float64, margin: float = 0.25) -> Region:
    """The rectangle in the plane of three points ``[3, d]`` that holds them, with a margin of its sides.

    Raises
    ------
    DataError
        When the points are equal or lie on one line.
    """
    middle = corners.mean(axis=0)
    first, second = corners[1] - corners[0], corners[2] - corners[0]
    lengths = np.linalg.norm(first), np.linalg.norm(second)
    if min(lengths) == 0:
        raise wb.DataError("two of the three samples that span the plane are equal: choose three different ones")
    across = second - first * (first @ second) / (first @ first)
    if np.linalg.norm(across) < 1e-6 * max(lengths):
        raise wb.DataError("the three samples lie on one line and span no plane: choose another third one")
    basis = np.stack([first / lengths[0], across / np.linalg.norm(across)], axis=1)
    places = (corners - middle) @ basis
    reach = places.max(axis=0) - places.min(axis=0)
    return Region(middle, basis, places.min(axis=0) - margin * reach, places.max(axis=0) + margin * reach)


def box_of(codes: Float64) -> Region:
    """The whole of a space of one or two axes, as far as the codes ``[n, d]`` reach.

    Raises
    ------
    DataError
        When all codes are equal along an axis.
    """
    low, high = codes.min(axis=0), codes.max(axis=0)
    if (low == high).any():
        raise wb.DataError(f"all codes are equal along axis {int(np.argmax(low == high))}: there is no region to fill")
    return Region(np.zeros(codes.shape[1]), np.eye(codes.shape[1]), low, high)


@dataclass(frozen=True)
class Volume:
    """Area (or length) of the picture of a region; ``error`` is its difference from the grid of half as many steps."""

    value: float
    error: float
    magnification: Float64


def volume(decode: Decode, region: Region, nodes: int, *, like: Tensor) -> Volume:
    """Integral of sqrt(det) of the metric of the region, by Simpson's rule on ``nodes`` (4 m + 1) a side.

    ``magnification`` holds sqrt(det) at the nodes, ``[nodes] * k``. ``like`` gives the type and device of codes.
    """
    if nodes % 4 != 1:
        raise wb.ParameterError(f"the grid needs 4 m + 1 nodes a side (9, 13, 17 ...), got {nodes}")
    codes = torch.from_numpy(region.grid(nodes)).to(like)
    basis = torch.from_numpy(region.basis).to(like)
    sizes = len(region.low)
    values = singular_values(decode, codes, basis).cpu().numpy()
    factors = (values[:, :sizes].prod(axis=1) if values.shape[1] >= sizes else np.zeros(len(values))).reshape(
        (nodes,) * sizes
    )
    fine, coarse = (_integral(factors[(slice(None, None, every),) * sizes], region) for every in (1, 2))
    return Volume(fine, abs(fine - coarse), factors)


def _integral(values: Float64, region: Region) -> float:
    from scipy.integrate import simpson

    nodes = values.shape[0]
    whole = values
    for places in reversed(region.axes(nodes)):
        whole = simpson(whole, x=places, axis=-1)
    return float(whole)
