# SPDX-License-Identifier: Apache-2.0
"""Precision, recall, density and coverage of generated points against real ones, by balls around each point.

Idea: the ball around a point that reaches its k-th neighbour stands for the place where its set lives. Precision and
density ask for the generated points in balls of the real ones, recall for the real ones in balls of the generated ones,
and coverage for the real ones whose ball holds a generated point.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.coverage.neighbours import Float32, Float64, distances, radii, square

NAMES = ("precision", "recall", "density", "coverage")


@dataclass(frozen=True)
class Compared:
    """One comparison of ``n`` real points with ``m`` generated ones.

    Attributes
    ----------
    precision, recall, density, coverage : the four numbers
    covered : bool ``[n]``, real points with a generated one in their ball
    real_ratio : float64 ``[n]``, distance of a real point to the nearest generated one, in radii of its own ball
    generated_ratio : float64 ``[m]``, least distance of a generated point to a real one, in radii of that one's ball;
        above 1 it lies in no ball. Infinite where the radius is 0 and the distance is not.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    covered: NDArray[np.bool_]
    real_ratio: Float64
    generated_ratio: Float64

    @property
    def numbers(self) -> Float64:
        """The four numbers in the order of ``NAMES``."""
        return np.array([self.precision, self.recall, self.density, self.coverage])


def compare(real: Float32, between: Float32, generated: Float32, k: int) -> Compared:
    """From distances: ``real [n, n]``, ``between [n, m]`` (real by generated) and ``generated [m, m]``.

    A ball holds what lies at its radius too (``<=``), so that equal points are inside each other's balls. Density
    divides what lies in a ball by the number of other real points in it, which is ``k`` unless there are ties; so it
    is 1 on average for equal distributions in either case.

    Sources: precision and recall, Kynkäänniemi, Karras, Laine, Lehtinen and Aila, "Improved precision and recall metric
    for assessing generative models", NeurIPS 2019, equations 1 to 3; density and coverage, Naeem, Oh, Uh, Choi and Yoo,
    "Reliable fidelity and diversity metrics for generative models", ICML 2020, equations 3 and 5.
    """
    around_real, around_generated = radii(real, k), radii(generated, k)
    inside = between <= around_real[:, None]
    others = (real <= around_real[:, None]).sum(axis=1) - 1  # at least k; more with ties
    ratio = _ratio(between, around_real)
    return Compared(
        precision=float(inside.any(axis=0).mean()),
        recall=float((between <= around_generated[None, :]).any(axis=1).mean()),
        density=float((inside.sum(axis=1) / others).sum() / between.shape[1]),
        coverage=float(inside.any(axis=1).mean()),
        covered=np.asarray(inside.any(axis=1)),
        real_ratio=ratio.min(axis=1).astype(np.float64),
        generated_ratio=ratio.min(axis=0).astype(np.float64),
    )


def precision_recall_density_coverage(real: Any, generated: Any, k: int = 5) -> Compared:
    """:func:`compare` from the points ``[n, ...]`` and ``[m, ...]`` themselves.

    >>> found = precision_recall_density_coverage(np.ones((6, 2)), np.ones((4, 2)), k=3)
    >>> found.precision, found.recall, found.coverage, found.density
    (1.0, 1.0, 1.0, 1.2)

    Raises
    ------
    DataError
        With ``k`` real or generated points or fewer, NaN or infinity, or other numbers of axes.
    """
    return compare(square(real), distances(real, generated), square(generated), k)


def expected_coverage(real: int, generated: int, k: int) -> float:
    """Coverage to expect when ``real`` and ``generated`` points are drawn from one distribution, whatever it is.

    1 - prod over i = 1 .. k of (N - i) / (N + M - i). Source: Naeem and others, ICML 2020, lemma 2.

    >>> round(expected_coverage(1000, 1000, 5), 4)
    0.969
    """
    i = np.arange(1, k + 1)
    return float(1 - np.prod((real - i) / (real + generated - i)))


def _ratio(between: Float32, radius: Float32) -> Float32:
    ratio = np.full(between.shape, np.inf, dtype=np.float32)
    np.divide(between, radius[:, None], out=ratio, where=(radius > 0)[:, None])
    ratio[between == 0] = 0.0
    return ratio
