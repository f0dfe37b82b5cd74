# SPDX-License-Identifier: Apache-2.0
"""How the change settles as more exemplars are averaged: cosines measured, and their closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from plugins.difference_direction.resampling import examples_for, expected_cosine
from plugins.latent_arithmetic.sums import Split

if TYPE_CHECKING:
    import pandas as pd

    from plugins.latent_arithmetic.groups import Group

Float64 = NDArray[np.float64]

DRAWS: Final = 100
RESAMPLES: Final = 200


@dataclass(frozen=True)
class Change:
    """The change that all exemplars make together, without what sampling adds.

    Attributes
    ----------
    vector : float64 ``[d]``
    distance : its length, less what sampling adds to it
    noise : summed variance of all exemplar groups in it, tr(S_1) + tr(S_2) + ...
    noise_used : the same, each divided by the number of its exemplars that the sum uses
    low, high : 95 % interval of the distance
    n : exemplars of the smallest group that it was told from
    """

    vector: Float64
    distance: float
    noise: float
    noise_used: float
    low: float
    high: float
    n: int

    @property
    def settled(self) -> tuple[float, float, float]:
        """Cosine to the true change that is to be expected of the exemplars used, and at the ends of the interval."""
        one = np.array([1.0])
        value, low, high = (
            float(expected_cosine(one, length, self.noise_used)[0]) if length + self.noise_used > 0 else float("nan")
            for length in (self.distance, self.low, self.high)
        )
        return value, low, high

    def cosine(self, k: int) -> float:
        """Cosine to the true change that ``k`` exemplars of each group are expected to give."""
        if not self.distance + self.noise > 0:
            return float("nan")
        return float(expected_cosine(np.array([float(k)]), self.distance, self.noise)[0])

    @property
    def enough(self) -> float:
        """Exemplars of each group after which the expected cosine is 0.9."""
        return examples_for(0.9, self.distance, self.noise)


def change_of(groups: Sequence[Group], parts: Split, centre: Float64, rng: np.random.Generator) -> Change | None:
    """The change; ``None`` where a group has too few exemplars to tell its spread.

    One point that was named is what it is: it adds to the change, and no noise. ``centre`` is what an unbalanced sum is
    set against, as often as its signs add up to.
    """
    edit = [groups[place] for place in parts.edit]
    signs = [one.term.sign for one in edit]
    sampled = [not one.fixed for one in edit]
    if any(has and len(one.codes) < 2 for has, one in zip(sampled, edit, strict=True)) or not any(sampled):
        return None
    offset = 0.0 if parts.balanced else parts.total * centre
    vector = sum(sign * one.codes.mean(axis=0) for sign, one in zip(signs, edit, strict=True)) - offset
    variances = [_variance(one) if has else 0.0 for has, one in zip(sampled, edit, strict=True)]
    added = sum(one / len(group.codes) for one, group in zip(variances, edit, strict=True))
    used = sum(one / len(group.chosen) for one, group in zip(variances, edit, strict=True))
    squared = float(vector @ vector)
    resampled = np.zeros((RESAMPLES, len(vector)))
    for sign, has, one in zip(signs, sampled, edit, strict=True):
        n = len(one.codes)
        weights = rng.multinomial(n, np.full(n, 1 / n), size=RESAMPLES) / n if has else np.full((RESAMPLES, n), 1 / n)
        resampled += sign * (weights @ one.codes)
    lengths = np.square(resampled - offset).sum(axis=1) - 2 * added  # a bootstrap adds the same once more
    low, high = np.sqrt(np.maximum(np.quantile(lengths, [0.025, 0.975]), 0))
    count = min(len(one.codes) for has, one in zip(sampled, edit, strict=True) if has)
    return Change(
        np.asarray(vector),
        float(np.sqrt(max(squared - added, 0))),
        sum(variances),
        used,
        float(low),
        float(high),
        count,
    )


def numbers(most: int) -> list[int]:
    """1, 2, 3, 5, 10, 20, 30, 50, ... up to ``most``.

    >>> numbers(40)
    [1, 2, 3, 5, 10, 20, 30]
    """
    return [base * 10**power for power in range(6) for base in (1, 2, 3, 5) if base * 10**power <= most]


def random_sums(
    groups: Sequence[Group], places: Sequence[int], count: int, trials: int, rng: np.random.Generator
) -> tuple[Float64, list[NDArray[np.bool_]]]:
    """Signed sums of the means of ``count`` random exemplars of the groups at ``places``, and who they were.

    Points that were named stand for themselves every time. Float64 ``[trials, d]``; booleans ``[trials, n]`` for
    each place.
    """
    total = np.zeros((trials, groups[0].codes.shape[1]))
    chosen = []
    for place in places:
        one = groups[place]
        n = len(one.codes)
        taken = min(count, n)
        order = rng.permuted(np.broadcast_to(np.arange(n), (trials, n)), axis=1)
        mask = order < taken
        total += one.term.sign * (mask @ one.codes) / taken
        chosen.append(mask)
    return total, chosen


def other_choices(
    groups: Sequence[Group], places: Sequence[int], trials: int, rng: np.random.Generator
) -> tuple[Float64, Float64]:
    """Signed sums over the groups at ``places`` with other choices of as many exemplars as each uses, ``[trials, d]``.

    Groups that have no more than they use are resampled; ``[d]`` is the variance that this adds to the sums.
    """
    size = groups[0].codes.shape[1]
    total, added = np.zeros((trials, size)), np.zeros(size)
    for place in places:
        one = groups[place]
        n, used = len(one.codes), len(one.chosen)
        if n > used or one.fixed:
            total += random_sums(groups, [place], used, trials, rng)[0]
        else:
            total += one.term.sign * (rng.multinomial(n, np.full(n, 1 / n), size=trials) / n) @ one.codes
            added += one.codes.var(axis=0) / n
    return total, added


def settling(
    groups: Sequence[Group], parts: Split, change: Change, centre: Float64, rng: np.random.Generator
) -> pd.DataFrame:
    """For each number of exemplars, the cosine of the change of so many to that of all the others.

    Columns ``exemplars``, ``cosine`` (median), ``low`` and ``high`` (middle 95 % of the random choices), ``expected``
    (closed form, to the true change), ``expected_others`` (the same to the change of the others, which are no endless
    number either) and ``draws``. The chosen ones are left out of what they are compared with.
    """
    import pandas as pd

    edit = [groups[place] for place in parts.edit]
    offset = 0.0 if parts.balanced else parts.total * centre
    most = min(len(one.codes) for one in edit if not one.fixed) // 2
    rows = []
    for count in numbers(most):
        few, chosen = random_sums(groups, parts.edit, count, DRAWS, rng)
        rest = np.zeros_like(few)
        for one, mask in zip(edit, chosen, strict=True):
            if one.fixed:
                rest += one.term.sign * one.codes.mean(axis=0)
            else:
                rest += one.term.sign * (one.codes.sum(axis=0) - mask @ one.codes) / (len(one.codes) - count)
        cosines = _cosines(few - offset, rest - offset)
        low, middle, high = np.nanquantile(cosines, [0.025, 0.5, 0.975])
        left = sum(_variance(one) / (len(one.codes) - count) for one in edit if not one.fixed)
        expected = change.cosine(count)
        others = expected * float(expected_cosine(np.array([1.0]), change.distance, left)[0]) if expected > 0 else 0.0
        rows.append((count, float(middle), float(low), float(high), expected, others, DRAWS))
    names = ["exemplars", "cosine", "low", "high", "expected", "expected_others", "draws"]
    return pd.DataFrame(rows, columns=names)


def _variance(one: Group) -> float:
    """Summed variance of the exemplars over all axes."""
    return float(np.square(one.codes - one.codes.mean(axis=0)).sum() / (len(one.codes) - 1))


def _cosines(left: Any, right: Any) -> Float64:
    lengths = np.linalg.norm(left, axis=1) * np.linalg.norm(right, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(lengths > 0, (left * right).sum(axis=1) / lengths, np.nan))
