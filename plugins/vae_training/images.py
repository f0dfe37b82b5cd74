# SPDX-License-Identifier: Apache-2.0
"""Images as the network takes them: grey, small, in 0..1."""

from __future__ import annotations

from typing import TYPE_CHECKING

import workbench as wb

if TYPE_CHECKING:
    import torch


def images_of(sample: wb.Points, side: int, *, binary: bool) -> torch.Tensor:
    """Images ``[n, 1, side, side]`` float32 in 0..1; ``binary`` cuts them at one half.

    Larger ones are averaged over areas, smaller ones are refused, since enlarging makes no new pixels.

    Raises :class:`workbench.DataError` for images that are smaller, or all of one value.
    """
    from torch.nn import functional

    values = sample.tensor().mean(dim=1, keepdim=True)
    if min(values.shape[-2:]) < side:
        raise wb.DataError(
            f"the images of '{sample.space.name}' are {values.shape[-2]} x {values.shape[-1]} pixels: take a side of "
            f"at most {min(values.shape[-2:])}"
        )
    low, high = float(values.min()), float(values.max())
    if not high > low:
        raise wb.DataError(f"all images of '{sample.space.name}' are of one value: there is nothing to learn")
    small = functional.adaptive_avg_pool2d((values - low) / (high - low), side)
    return (small > 0.5).float() if binary else small
