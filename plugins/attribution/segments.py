# SPDX-License-Identifier: Apache-2.0
"""Parts of an input that are taken away together."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def segments_of(shape: tuple[int, ...], about: int) -> tuple[Tensor, int]:
    """The part that each place of an input belongs to (int64, ``[*shape]``), and how many parts there are.

    An image is cut into an even grid of about ``about`` cells, all channels of a place together; other inputs into
    runs of at most as many axes, every axis by itself where there are no more than ``about``.

    >>> segments_of((1, 4, 4), 4)[0][0].tolist()
    [[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 3, 3], [2, 2, 3, 3]]
    >>> segments_of((3,), 49)[0].tolist()
    [0, 1, 2]
    """
    if len(shape) == 3:
        channels, height, width = shape
        rows, columns = _sides(height, width, about)
        down = torch.arange(height) * rows // height
        across = torch.arange(width) * columns // width
        grid = down[:, None] * columns + across[None, :]
        return grid.expand(channels, height, width).contiguous(), rows * columns
    size = math.prod(shape)
    count = max(1, min(about, size))
    return (torch.arange(size) * count // size).reshape(shape), count


def _sides(height: int, width: int, about: int) -> tuple[int, int]:
    """Rows and columns of cells, as square as the numbers allow; more of them than pixels are of no use."""
    rows = max(1, min(height, round(math.sqrt(about * height / width))))
    return rows, max(1, min(width, round(about / rows)))
