# SPDX-License-Identifier: Apache-2.0
"""Signed sums of means, what in them is the change and what it is applied to, and where the result should lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Split:
    """Which terms are the change, and which one is changed.

    Attributes
    ----------
    base : position of the term that the others move: the last one with a plus, where the signs of all others cancel;
        ``None`` where there is none
    edit : positions of the terms that make the change
    total : sum of all signs; 1 makes an average of points, on the same scale as they are
    """

    base: int | None
    edit: tuple[int, ...]
    total: int

    @property
    def balanced(self) -> bool:
        """Whether the change does not depend on where the origin of the space is."""
        return self.base is not None or self.total == 0


def split(signs: Sequence[int]) -> Split:
    """Which term is changed by the others; the same sum can be read in several ways, and the last plus is taken.

    >>> split([1, -1, 1]), split([1])
    (Split(base=2, edit=(0, 1), total=1), Split(base=None, edit=(0,), total=1))
    """
    total = sum(signs)
    every = tuple(range(len(signs)))
    last = max((place for place, sign in enumerate(signs) if sign > 0), default=None)
    if last is None or len(signs) == 1 or total != 1:
        return Split(None, every, total)
    return Split(last, tuple(place for place in every if place != last), total)


def signed_sum(parts: Any, signs: Sequence[int]) -> Float64:
    """Sum of arrays ``[terms, ...]`` with their signs, float64 ``[...]``.

    >>> signed_sum(np.array([[1.0, 2.0], [0.5, 0.5], [0.0, 1.0]]), [1, -1, 1])
    array([0.5, 2.5])
    """
    return np.asarray(np.tensordot(np.asarray(signs, dtype=np.float64), np.asarray(parts, dtype=np.float64), axes=1))


def on_the_shell(code: Float64, mean: Float64, std: Float64) -> Float64:
    """The code brought to the radius of the shell, sqrt(d) standard deviations from the mean of a normal prior.

    A code at the very centre has no direction and is left there.

    >>> on_the_shell(np.array([3.0, 4.0]), np.zeros(2), np.ones(2)).round(4)
    array([0.8485, 1.1314])
    """
    standard = (code - mean) / std
    length = float(np.linalg.norm(standard))
    if not length > 0:
        return code
    return np.asarray(mean + std * standard * (np.sqrt(len(code)) / length))


def cloud(code: Float64, unit: Float64, spread: float, rng: np.random.Generator) -> Float64:
    """The code in the middle of eight neighbours, each axis with uniform noise of up to ``spread`` units, ``[9, d]``.

    Radford, Metz and Chintala, *Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
    Networks*, 2016, figure 7: noise of scale 0.25. ``unit`` is what one unit is along each axis ``[d]``.
    """
    noise = rng.uniform(-spread, spread, size=(9, len(code)))
    noise[4] = 0.0
    return np.asarray(code + noise * unit)


def expected_length(count: int, terms: int, size: int) -> float:
    """Length in standard deviations of a signed sum of ``terms`` means of ``count`` draws each: sqrt(d terms / count).

    >>> round(expected_length(3, 3, 100), 3)
    10.0
    """
    return float(np.sqrt(size * terms / count))
