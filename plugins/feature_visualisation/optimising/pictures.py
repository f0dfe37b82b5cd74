# SPDX-License-Identifier: Apache-2.0
"""Sizes of pictures, pictures as the page shows them, and how long the work will take."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

import workbench as wb
from registry.pictures import to_pixels

Pixels = NDArray[np.uint8]

GAP: Final = 4
MOST: Final = 512  # pixels of the longer side


def size_of(
    space: wb.Images, asked: int | None, otherwise: int, like: tuple[int, int] | None = None
) -> tuple[int, int]:
    """Height and width of what is optimised: of the size asked for, else of the space, else of ``otherwise``.

    ``like`` is the height and width of a picture whose shape is kept; the number asked for is the longer side. Whether
    a map takes another size than its space says is for the map: :meth:`Reader.probe` tells.
    """
    if asked is None and space.height is not None and space.width is not None:
        return space.height, space.width
    longest = otherwise if asked is None else asked
    height, width = (space.height or longest, space.width or longest) if like is None else like
    factor = longest / max(height, width)
    return max(1, round(height * factor)), max(1, round(width * factor))


def size_note(space: wb.Images, size: tuple[int, int]) -> list[str]:
    """A note where pictures have another size than the space says."""
    if (space.height or size[0], space.width or size[1]) == size:
        return []
    return [
        f"The map is declared for pictures of {space.height} x {space.width}, and run on {size[0]} x {size[1]}, which "
        "it takes as well; its units may mean something else at another scale."
    ]


def resized(pictures: Tensor, size: tuple[int, int]) -> Tensor:
    """Pictures ``[n, c, h, w]`` at another size: bilinear, smoothed where they become smaller."""
    if tuple(pictures.shape[2:]) == tuple(size):
        return pictures
    return F.interpolate(pictures, size=size, mode="bilinear", align_corners=False, antialias=True)


def shown(pictures: Tensor, space: wb.Images) -> Pixels:
    """Pictures of a space as uint8 ``[n, height, width, 1 or 3]``."""
    return to_pixels(pictures.detach().cpu().numpy(), space)


def rounded(pictures: Tensor, space: wb.Images) -> Tensor:
    """Pictures as they are once they are shown: cut to the range and rounded to 256 steps."""
    width = space.high - space.low
    share = ((pictures - space.low) / width).clamp(0, 1)
    return (share * 255).round() / 255 * width + space.low


def sheet(pictures: Pixels, columns: int = 8, least: int = 96) -> Pixels:
    """Pictures side by side, uint8 ``[height, width, 3]``; small ones enlarged by whole steps to ``least`` pixels."""
    factor = max(1, -(-least // max(pictures.shape[1:3])))
    large = pictures.repeat(factor, axis=1).repeat(factor, axis=2)
    large = np.repeat(large, 3, axis=3) if large.shape[3] == 1 else large
    columns = min(columns, len(large))
    down = -(-len(large) // columns)
    height, width = large.shape[1] + GAP, large.shape[2] + GAP
    canvas = np.full((down * height - GAP, columns * width - GAP, 3), 128, np.uint8)
    for at, one in enumerate(large):
        top, left = at // columns * height, at % columns * width
        canvas[top : top + one.shape[0], left : left + one.shape[1]] = one
    return canvas


def seconds_of(step: Callable[[], Any]) -> float:
    """Seconds that one call takes, the second time: the first one warms up."""
    step()
    begun = time.perf_counter()
    step()
    return time.perf_counter() - begun


def one_step(read: Callable[[Tensor], Tensor], batch: Tensor) -> Callable[[], Any]:
    """A pass of a batch forward and back, to be timed."""

    def stepped() -> Any:
        moving = batch.detach().clone().requires_grad_(True)
        total = read(moving).sum()
        return torch.autograd.grad(total, [moving], allow_unused=True) if total.requires_grad else None

    return stepped


def check_time(seconds: float, minutes: float, way_out: str) -> None:
    """Refuse what would take longer than it may, before it is begun.

    Raises
    ------
    ParameterError
        Naming the expected time and the way out.
    """
    if seconds > 60 * minutes:
        raise wb.ParameterError(
            f"this would take about {in_words(seconds)}, and 'minutes' allows {minutes:g}: {way_out}, or allow more"
        )


def in_words(seconds: float) -> str:
    """A duration as people say it.

    >>> in_words(8.2), in_words(95)
    ('8 s', '1.6 min')
    """
    return f"{max(1, round(seconds))} s" if seconds < 90 else f"{seconds / 60:.1f} min"
