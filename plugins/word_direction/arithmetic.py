# SPDX-License-Identifier: Apache-2.0
"""Directions from differences of pairs, how well they order pairs that were held out, and what chance gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

METHODS: Final = ("mean", "pca")
FOLDS: Final = 5


def unit(vector: Float64) -> Float64:
    """A vector at length 1; zero stays zero."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector)


def mean_direction(differences: Float64) -> Float64:
    """The mean of the differences ``[m, d]`` at length 1."""
    return unit(differences.mean(axis=0))


def pca_direction(differences: Float64) -> Float64:
    """The axis along which the differences ``[m, d]`` are largest, whatever their sign, at length 1.

    The first component of the differences with signs drawn at random, in the limit of all signs: their mean is then
    zero and nothing is centred. (Bolukbasi and others, NeurIPS 2016, section 5.1, centre each pair, which is the same.)
    The sign is that of the mean difference.
    """
    axis = np.linalg.svd(differences, full_matrices=False)[2][0]
    return np.asarray(axis if axis @ differences.mean(axis=0) >= 0 else -axis)


def direction(differences: Float64, method: str) -> Float64:
    """One of the methods by name."""
    return mean_direction(differences) if method == "mean" else pca_direction(differences)


def folds_of(groups: Int64, rng: np.random.Generator) -> Int64:
    """Fold ``[m]`` of each pair: whole groups, at most five folds of about equal numbers of pairs."""
    names, sizes = np.unique(groups, return_counts=True)
    count = min(FOLDS, len(names))
    order = rng.permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load, fold = np.zeros(count, dtype=np.int64), np.empty(len(names), dtype=np.int64)
    for one in order:
        fold[one] = int(load.argmin())
        load[fold[one]] += sizes[one]
    return np.asarray(fold[np.searchsorted(names, groups)])


@dataclass(frozen=True)
class HeldOut:
    """Pairs along a direction that was found without them.

    Attributes
    ----------
    steps : float64 ``[m]``, second less first word along the direction; above 0 is the right order
    cosines : float64 ``[m]``, of the difference and the direction
    firsts, seconds : float64 ``[m]``, the words themselves along it
    fold : int64 ``[m]``
    """

    steps: Float64
    cosines: Float64
    firsts: Float64
    seconds: Float64
    fold: Int64

    @property
    def accuracy(self) -> float:
        """Share of pairs in the right order."""
        return float((self.steps > 0).mean())


def held_out(first: Float64, second: Float64, fold: Int64, method: str) -> HeldOut:
    """Each pair along the direction of the other folds; ``first``, ``second`` are ``[m, d]``."""
    differences = second - first
    found = HeldOut(np.empty(len(fold)), np.empty(len(fold)), np.empty(len(fold)), np.empty(len(fold)), fold)
    for one in np.unique(fold):
        out = fold == one
        way = direction(differences[~out], method)
        found.steps[out] = differences[out] @ way
        found.firsts[out], found.seconds[out] = first[out] @ way, second[out] @ way
    lengths = np.linalg.norm(differences, axis=1)
    found.cosines[:] = found.steps / np.where(lengths > 0, lengths, 1)
    return found


def apart(found: HeldOut) -> float:
    """Chance that a second word lies beyond a first one of the same fold: the area under the curve, over folds.

    Pairs are ordered by their difference; this asks for more, one threshold for all words.
    """
    from plugins.difference_direction.separation import area_under_curve

    areas, weights = [], []
    for one in np.unique(found.fold):
        out = found.fold == one
        areas.append(float(area_under_curve(found.seconds[out], found.firsts[out])))
        weights.append(int(out.sum()))
    return float(np.average(areas, weights=weights))


def random_directions(differences: Float64, count: int, rng: np.random.Generator) -> Float64:
    """Share of pairs that random directions put in the right order ``[count]``, each turned to its better side."""
    ways = rng.standard_normal((count, differences.shape[1]))
    share = (differences @ ways.T > 0).mean(axis=0)
    return np.asarray(np.maximum(share, 1 - share))


def turned_pairs(
    first: Float64, second: Float64, fold: Int64, method: str, count: int, rng: np.random.Generator
) -> Float64:
    """Held-out accuracy ``[count]`` when each pair is turned round at random: what there is without a common way.

    Pairs of a fold stay together with their signs, so that this is the null of the held-out accuracy.
    """
    found = np.empty(count)
    for at in range(count):
        swap = rng.random(len(first)) < 0.5
        one, other = np.where(swap[:, None], second, first), np.where(swap[:, None], first, second)
        found[at] = held_out(one, other, fold, method).accuracy
    return found


def consistency(first: Float64, second: Float64) -> float:
    """Mean cosine of two differences: 1 where all pairs differ alike, near 0 where each differs in its own way.

    The offset concentration of Fournier, Dupoux and Dunbar, "Analogies minus analogy test", CoNLL 2020, section 3.1.
    """
    differences = second - first
    lengths = np.linalg.norm(differences, axis=1, keepdims=True)
    rows = differences[lengths[:, 0] > 0] / lengths[lengths[:, 0] > 0]
    n = len(rows)
    whole = rows.sum(axis=0)
    return float((whole @ whole - n) / (n * (n - 1))) if n > 1 else float("nan")


def shuffled_pairs(first: Float64, second: Float64, count: int, rng: np.random.Generator) -> Float64:
    """:func:`consistency` ``[count]`` with the second words dealt to other first words.

    The mean difference is the same then: what remains is that all first words lie here and all second words there.
    """
    found = np.empty(count)
    for at in range(count):
        found[at] = consistency(first, second[rng.permutation(len(second))])
    return found


def agreement(differences: Float64, groups: Int64, method: str, count: int, rng: np.random.Generator) -> Float64:
    """Cosines ``[count]`` of the directions of two halves of the groups."""
    names = np.unique(groups)
    found = np.empty(count)
    for at in range(count):
        half = np.isin(groups, rng.permutation(names)[: len(names) // 2])
        found[at] = direction(differences[half], method) @ direction(differences[~half], method)
    return found


def bootstraps(differences: Float64, groups: Int64, method: str, count: int, rng: np.random.Generator) -> Any:
    """Cosines ``[count]`` of the direction and that of groups drawn again with replacement."""
    whole = direction(differences, method)
    members = [np.flatnonzero(groups == one) for one in np.unique(groups)]
    found = np.empty(count)
    for at in range(count):
        drawn = np.concatenate([members[one] for one in rng.integers(0, len(members), len(members))])
        found[at] = direction(differences[drawn], method) @ whole
    return found
