# SPDX-License-Identifier: Apache-2.0
"""The test: the score of a concept at layers, against random concepts of the same size that go the same way.

Drawing halves of *one* set of exemplars again and again and comparing their scores with those of random sets by a t
test (Kim and others 2018, section 3.3) takes the halves for independent, which they are not: for sets that are no
concept at all it finds one far too often. Here a random concept is a random set of the same pool, drawn as a whole, and
the concept's score has a rank among theirs: exact where the exemplars are no different from the others, whatever the
network. Several layers share their random sets, and the largest deviation among layers is what each is ranked in
(Westfall and Young, Resampling-based multiple testing, 1993, section 2.3), so that no level is spent on layers that
say the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.directions.finding.concepts import concept_vector, tcav

Float64 = NDArray[np.float64]
Float32 = NDArray[np.float32]
Int64 = NDArray[np.int64]
Kind = Literal["logistic", "svm", "mean-difference"]

TIE: Final = 1e-9  # deviations that differ by less are the same
SAME: Final = 1e-9


@dataclass(frozen=True)
class Sets:
    """Random choices, the same for all layers; positions among the exemplars and others put one after the other.

    Attributes
    ----------
    concepts : int64 ``[k + 1, m]``, the exemplars first, then random concepts
    against : int64 ``[k + 1, m]``, their counterexamples
    halves : int64 ``[r, m]``, orders in which the exemplars are halved; the counterexamples likewise
    halves_against : int64 ``[r, m]``, counterexamples of the exemplars, drawn anew for each order
    """

    concepts: Int64
    against: Int64
    halves: Int64
    halves_against: Int64


@dataclass(frozen=True)
class Measured:
    """One layer.

    Attributes
    ----------
    vector : float64 ``[d]``, the concept's vector from all exemplars, length 1
    step : standard deviation along it of the points of both groups
    scores, slopes : float64 ``[k + 1]``, of the concept first, then of random ones: share of asked points whose
        decision rises along the vector; mean derivative along it, in standard deviations of the decision by one
        standard deviation of the points
    score_halves, slope_halves : float64 ``[2 r]``, of both halves of the exemplars, each by itself
    agreements, accuracies : float64 ``[r]``, cosine of the vectors of two halves; share of the other half that each
        tells right
    random_agreements, random_accuracies : float64 ``[r]``, the same of random concepts
    random_score_halves : float64 ``[r]``, mean score of both halves of random concepts
    """

    vector: Float64
    step: float
    scores: Float64
    slopes: Float64
    score_halves: Float64
    slope_halves: Float64
    agreements: Float64
    accuracies: Float64
    random_agreements: Float64
    random_accuracies: Float64
    random_score_halves: Float64

    @property
    def extreme(self) -> float:
        """Share of random concepts whose score is exactly 0 or 1."""
        return float(np.isin(self.scores[1:], (0.0, 1.0)).mean())


@dataclass(frozen=True)
class Ranked:
    """p of each layer ``[l]``: by itself, and corrected for the number of layers."""

    alone: Float64
    corrected: Float64


def sets_of(exemplars: int, others: int, random: int, repetitions: int, rng: np.random.Generator) -> Sets:
    """Draw the sets: ``random`` concepts of as many points as there are exemplars, each with as many against it.

    The exemplars' own counterexamples are drawn among the others, as those of a random concept are among all points
    that are not in it.

    Raises
    ------
    DataError
        With fewer others than exemplars, or fewer than 4 exemplars.
    """
    if exemplars < 4 or others < exemplars:
        raise wb.DataError(f"{exemplars} exemplars and {others} others are too few: 4 and as many others at least")
    concepts, against = [np.arange(exemplars)], [exemplars + rng.permutation(others)[:exemplars]]
    for _ in range(random):
        mixed = rng.permutation(exemplars + others)
        concepts.append(mixed[:exemplars])
        against.append(mixed[exemplars : 2 * exemplars])
    halves = [rng.permutation(exemplars) for _ in range(repetitions)]
    halves_against = [exemplars + rng.permutation(others)[:exemplars] for _ in range(repetitions)]
    return Sets(np.array(concepts), np.array(against), np.array(halves), np.array(halves_against))


def measure(
    activations: Float32,
    derivatives: Float32,
    spread: float,
    sets: Sets,
    kind: Kind,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Measured:
    """Vectors, scores and slopes of the concept, of its halves and of random concepts at one layer.

    Parameters
    ----------
    activations : ``[m + k, d]`` of exemplars, then others
    derivatives : ``[n, d]`` of the decision at the asked points
    spread : standard deviation of the decision over the asked points

    Raises
    ------
    DataError
        When the decision does not change with the layer at any asked point, all activations are the same, or a vector
        cannot be found.
    """
    points, slopes = activations.astype(np.float64), derivatives.astype(np.float64)
    if not np.any(slopes):
        raise wb.DataError("the derivative of the decision is 0 at every asked point: the layer does not change it")
    if not np.any(np.ptp(points, axis=0) > 0):
        raise wb.DataError("all its activations are the same")
    mean = slopes.mean(axis=0)
    total, done = len(sets.concepts) + 4 * len(sets.halves), 0

    def fitted(concept: Int64, others: Int64) -> Float64:
        nonlocal done
        done += 1
        progress(done / total)
        return concept_vector(points[concept], points[others], kind)

    def slope(vector: Float64) -> float:
        return float(mean @ vector * (points @ vector).std() / spread) if spread > 0 else float("nan")

    vectors = [fitted(concept, others) for concept, others in zip(sets.concepts, sets.against, strict=True)]
    middle = sets.concepts.shape[1] // 2
    agreements = np.empty((len(sets.halves), 2))
    accuracies = np.empty((len(sets.halves), 2))
    score_halves = np.empty((len(sets.halves), 2, 2))
    slope_halves = np.empty((len(sets.halves), 2))
    for at, order in enumerate(sets.halves):
        for place, which in enumerate((0, 1 + at % (len(sets.concepts) - 1))):
            concept = sets.concepts[which][order]
            others = sets.halves_against[at] if which == 0 else sets.against[which][order]
            parts = [(concept[:middle], others[:middle]), (concept[middle:], others[middle:])]
            pair = [fitted(*part) for part in parts]
            agreements[at, place] = pair[0] @ pair[1]
            right = [
                told_right(points, one, *mine, *asked)
                for one, mine, asked in zip(pair, parts, parts[::-1], strict=True)
            ]
            accuracies[at, place] = np.mean(right)
            score_halves[at, place] = [tcav(slopes, one) for one in pair]
            if which == 0:
                slope_halves[at] = [slope(one) for one in pair]
    return Measured(
        vectors[0],
        float((points @ vectors[0]).std()),
        np.array([tcav(slopes, one) for one in vectors]),
        np.array([slope(one) for one in vectors]),
        score_halves[:, 0].ravel(),
        slope_halves.ravel(),
        agreements[:, 0],
        accuracies[:, 0],
        agreements[:, 1],
        accuracies[:, 1],
        score_halves[:, 1].mean(axis=1),
    )


def told_right(
    points: Float64, vector: Float64, concept: Int64, others: Int64, asked_concept: Int64, asked_others: Int64
) -> float:
    """Share of other points that a vector tells right, parted half way between the means that it was found with.

    >>> line = np.arange(8.0)[:, None]
    >>> told_right(line, np.ones(1), np.array([6, 7]), np.array([0, 1]), np.array([5, 3]), np.array([2]))
    0.75
    """
    middle = ((points[concept] @ vector).mean() + (points[others] @ vector).mean()) / 2
    right = (points[asked_concept] @ vector > middle).mean() + (points[asked_others] @ vector <= middle).mean()
    return float(right / 2)


def ranked(values: Float64) -> Ranked:
    """Two-sided p of the first column of ``[l, k + 1]`` among all, by its distance from their mean.

    The distance is counted in standard deviations of all columns of its row, so that rows can be compared; a row
    that does not vary has p 1. The smallest p is 1 / (k + 1).

    >>> ranked(np.array([[9.0, 1, 2, 3]])).alone.tolist(), ranked(np.array([[2.0, 1, 2, 3]])).alone.tolist()
    ([0.25], [1.0])
    """
    scale = values.std(axis=1, keepdims=True)
    away = np.abs(values - values.mean(axis=1, keepdims=True)) / np.where(scale > TIE, scale, np.inf)
    largest = away.max(axis=0)
    alone = (away >= away[:, :1] - TIE).mean(axis=1)
    corrected = np.array([(largest[1:] >= one - TIE).sum() + 1 for one in away[:, 0]]) / values.shape[1]
    return Ranked(alone, corrected)


def welch(measured: Measured) -> float:
    """p of the published test: mean scores of repetitions against those of random concepts, by Welch's t test."""
    from scipy.stats import t

    found, random = measured.score_halves.reshape(-1, 2).mean(axis=1), measured.random_score_halves
    shares = [float(one.var(ddof=1)) / len(one) for one in (found, random)]
    if sum(shares) < SAME**2:
        return float("nan")
    freedom = sum(shares) ** 2 / sum(one**2 / (len(of) - 1) for one, of in zip(shares, (found, random), strict=True))
    return float(2 * t.sf(abs(found.mean() - random.mean()) / np.sqrt(sum(shares)), freedom))


def interval(values: Float64, around: float | None = None) -> tuple[float, float]:
    """The middle 95 % of values; widened to hold ``around``."""
    low, high = (float(one) for one in np.percentile(values, [2.5, 97.5]))
    return (low, high) if around is None else (min(low, around), max(high, around))


def all_ranked(measured: Mapping[str, Measured]) -> tuple[Ranked, Ranked]:
    """p of the scores and of the slopes of layers, in their order."""
    scores = np.array([one.scores for one in measured.values()])
    slopes = np.array([one.slopes for one in measured.values()])
    return ranked(scores), ranked(np.nan_to_num(slopes))
