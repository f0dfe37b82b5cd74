# SPDX-License-Identifier: Apache-2.0
"""What random directions of the same width give: the control of every cosine and angle."""

from __future__ import annotations

import math

import numpy as np

from registry.errors import DataError
from workbench.directions.arithmetic import Float64

DRAWS = 200  # of pairs of random subspaces
SEED = 0


def random_cosine(width: int, level: float = 0.95) -> float:
    """What ``|cosine|`` of two random directions of ``width`` numbers stays below in the share ``level`` of cases.

    Exact: the square of the cosine of two directions drawn evenly from the sphere is distributed as
    Beta(1/2, (width - 1) / 2) (Muirhead, "Aspects of Multivariate Statistical Theory", 1982, section 1.5).

    >>> random_cosine(1), round(random_cosine(2), 4), round(random_cosine(100), 3)
    (1.0, 0.9969, 0.196)
    """
    from scipy.special import betaincinv

    _check(width, level)
    return 1.0 if width == 1 else math.sqrt(float(betaincinv(0.5, (width - 1) / 2, level)))


def random_cosine_mean(width: int) -> float:
    """Mean of ``|cosine|`` of two random directions, exactly.

    >>> round(random_cosine_mean(2), 6) == round(2 / math.pi, 6)
    True
    """
    _check(width, 0.5)
    if width == 1:
        return 1.0
    return math.exp(math.lgamma(width / 2) - math.lgamma((width + 1) / 2)) / math.sqrt(math.pi)


def random_angles(
    width: int, first: int, second: int, *, level: float = 0.95, draws: int = DRAWS, seed: int = SEED
) -> Float64:
    """Principal angles in degrees of two random subspaces ``[min(first, second), 3]``: low, median, high.

    Of dimensions ``first`` and ``second`` in a space of ``width`` numbers; low and high bound the middle ``level`` of
    ``draws`` pairs, for each angle by itself.
    """
    _check(width, level)
    if not (1 <= first <= width and 1 <= second <= width):
        raise DataError(f"spans of {first} and {second} dimensions do not fit into a space of {width:,}")
    rng = np.random.default_rng(seed)
    small, large = sorted((first, second))
    found = np.empty((draws, small))
    for at in range(draws):
        # One of them may be spanned by the first axes, as the other is as likely to lie in any way to it.
        basis = np.linalg.qr(rng.standard_normal((width, large)))[0]
        sizes = np.linalg.svd(basis[:small], compute_uv=False)
        found[at] = np.degrees(np.arccos(np.clip(sizes, 0.0, 1.0)))
    edges = [(1 - level) / 2, 0.5, (1 + level) / 2]
    return np.asarray(np.quantile(np.sort(found, axis=1), edges, axis=0).T)


def _check(width: int, level: float) -> None:
    if width < 1 or not 0 < level < 1:
        raise DataError(f"a width of {width} and a level of {level} have no random directions to compare with")
