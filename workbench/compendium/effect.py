# SPDX-License-Identifier: Apache-2.0
"""What paired measurements say of a remedy: the mean difference with its interval, and a verdict."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

Verdict = Literal["helped", "no effect", "harmed", "undecided"]
LEVEL: Final = 0.95
EXACT: Final = 14  # up to so many pairs every sign is tried
DRAWS: Final = 20_000
FEW: Final = 5  # pairs below which an interval leans on the normal distribution alone


@dataclass(frozen=True)
class Effect:
    """The mean of paired differences, after less before, in the units of the metric.

    Attributes
    ----------
    value, low, high, level : the mean and its Student interval; ``None`` bounds where there is a single pair
    p : of flipping the signs of the differences, two-sided; 1 where all are 0
    n : pairs
    verdict : what it says of the remedy
    said : what a reader must know of these numbers
    """

    value: float
    low: float | None
    high: float | None
    level: float
    p: float
    n: int
    verdict: Verdict
    said: tuple[str, ...]


def effect_of(
    before: Sequence[float], after: Sequence[float], *, better: Literal["higher", "lower"], least: float = 0.0
) -> Effect:
    """The effect of a remedy from one number before and one after for each seed.

    With ``t`` the interval of the mean difference in the better direction: *helped* when all of it lies beyond
    ``least``, *harmed* when all of it lies beyond ``least`` in the other direction, *no effect* when all of it lies
    between the two, and *undecided* when it is too wide to tell. With ``least = 0`` no interval lies between, so
    that *no effect* is said of differences that are all exactly 0 only.

    The interval is Student's over the pairs; the p value is that of the sign-flip permutation test (Fisher, *The
    Design of Experiments*, 1935, section 21), exact up to 14 pairs.

    >>> found = effect_of([1, 2, 3, 4, 5], [3, 4.5, 5, 6.5, 7], better="higher", least=0.5)
    >>> found.verdict, round(found.value, 2), round(found.low, 2), found.p
    ('helped', 2.2, 1.86, 0.0625)
    """
    first, second = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    if first.shape != second.shape or first.ndim != 1 or not len(first):
        raise ValueError("an effect needs as many numbers after as before, and one at least")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("an effect needs numbers that are finite")
    differences = second - first
    n, value = len(differences), float(differences.mean())
    low, high = _interval(differences)
    p = sign_flip(differences)
    verdict = _verdict(value, low, high, better, least)
    return Effect(value, low, high, LEVEL, p, n, verdict, tuple(_said(first, second, differences)))


def _interval(differences: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float | None, float | None]:
    from scipy import stats

    n = len(differences)
    if n < 2:
        return None, None
    middle = float(differences.mean())
    half = float(stats.t.ppf(0.5 + LEVEL / 2, n - 1)) * float(differences.std(ddof=1)) / math.sqrt(n)
    return middle - half, middle + half


def _verdict(value: float, low: float | None, high: float | None, better: str, least: float) -> Verdict:
    if low is None or high is None:
        return "undecided"
    near, far = (low, high) if better == "higher" else (-high, -low)
    if near > least:
        return "helped"
    if far < -least:
        return "harmed"
    if (near > -least and far < least) or near == far == 0.0:
        return "no effect"
    return "undecided"


def _said(first: np.ndarray, second: np.ndarray, differences: np.ndarray) -> list[str]:
    n = len(differences)
    said = []
    if n == 1:
        said.append("There is a single pair: nothing is known of the spread over seeds, so nothing is decided.")
    elif np.ptp(first) == 0 and np.ptp(second) == 0:
        said.append(
            f"All {n} seeds give the same numbers: the comparison does not depend on the seed, so that the interval "
            "has no width and says nothing of other samples or models."
        )
    elif np.ptp(differences) == 0:
        said.append(f"All {n} differences are equal: the interval has no width, which {n} pairs do not warrant.")
    elif n < FEW:
        said.append(
            f"With {n} pairs the interval leans on differences being normally distributed, and the sign-flip test "
            f"cannot give less than p = {2 / 2**n:.3g}."
        )
    return said


def sign_flip(differences: Sequence[float] | np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """The p value of a mean difference when each sign is as likely as the other, two-sided.

    Every sign of up to 14 differences is tried; of more, 20,000 random ones with seed 0 (the observed one counts).

    >>> sign_flip([1.0, 2.0, 3.0]), sign_flip([0.0, 0.0])
    (0.25, 1.0)
    """
    values = np.asarray(differences, dtype=np.float64)
    seen = abs(values.sum())
    slack = 1e-12 * float(np.abs(values).sum())
    if len(values) <= EXACT:
        signs = np.array(list(itertools.product((-1.0, 1.0), repeat=len(values))))
        return float((np.abs(signs @ values) >= seen - slack).mean())
    signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(DRAWS, len(values)))
    return float((1 + (np.abs(signs @ values) >= seen - slack).sum()) / (1 + DRAWS))
