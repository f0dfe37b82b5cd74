# SPDX-License-Identifier: Apache-2.0
"""From coarse to fine: the same climb at growing sizes, carrying over what was added."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plugins.feature_visualisation.optimising.ascending import Climb, climb
from plugins.feature_visualisation.optimising.parametrisations import Pixels
from plugins.feature_visualisation.optimising.pictures import resized


@dataclass(frozen=True)
class Amplified:
    """What came of it.

    Attributes
    ----------
    picture : ``[1, c, h, w]`` at the last size
    values : float64 ``[steps]`` of each octave, the objective before each step
    flat : whether the gradient was 0 at every step
    """

    picture: Tensor
    values: tuple[NDArray[np.float64], ...]
    flat: bool


def sizes_of(height: int, width: int, octaves: int, ratio: float) -> list[tuple[int, int]]:
    """Heights and widths, the smallest first; those that are the same as the next one are left out.

    >>> sizes_of(100, 50, 3, 2.0)
    [(25, 12), (50, 25), (100, 50)]
    """
    found: list[tuple[int, int]] = []
    for octave in reversed(range(octaves)):
        factor = ratio**-octave
        one = max(1, round(height * factor)), max(1, round(width * factor))
        if not found or found[-1] != one:
            found.append(one)
    return found


def amplify(
    start: Tensor,
    limits: tuple[float, float],
    read: Callable[[Tensor], Tensor],
    objective: Callable[[Tensor], Tensor],
    sizes: Sequence[tuple[int, int]],
    how: Callable[[tuple[int, int]], Climb],
    generator: torch.Generator,
    told: Callable[[int, int, Tensor, float], None] = lambda octave, step, picture, value: None,
) -> Amplified:
    """Climb at every size; at each, the start at that size with what was added so far, enlarged.

    Source: Mordvintsev, Olah and Tyka, *Inceptionism: Going Deeper into Neural Networks*, 2015, and its notebook
    (``deepdream``: octaves with ``detail``, steps of the gradient over its mean size, roll as jitter).

    Parameters
    ----------
    start : the picture ``[1, c, h, w]``; ``limits`` are the smallest and largest value that a pixel may have
    how : the climb at a size
    told : called after each step with octave, step, the picture before it, and the value
    """
    added = torch.zeros(())
    values, flat, picture = [], [], start
    for octave, size in enumerate(sizes):
        base = resized(start, size)
        if octave:
            base_with = (base + resized(added, size)).clamp(*limits)
        else:
            base_with = base
        form = Pixels(base_with, *limits)

        def step_told(step: int, points: Tensor, value: float, octave: int = octave) -> None:
            told(octave, step, points, value)

        climbed = climb(form, read, objective, how(size), generator, told=step_told)
        picture = climbed.points
        added = picture - base
        values.append(climbed.values[:, 0])
        flat.append(bool(climbed.flat[0]))
    return Amplified(picture, tuple(values), all(flat))
