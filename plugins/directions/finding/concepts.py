# SPDX-License-Identifier: Apache-2.0
"""Concept activation vectors: is a decision sensitive to a concept at a layer, and more than to random ones (TCAV)?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb
from plugins.directions.finding.labelled import boundary, mean_difference

Float64 = NDArray[np.float64]

FEWEST: Final = 10  # repetitions: of fewer a test says little
SAME: Final = 1e-9  # scores that differ by less are the same


@dataclass(frozen=True)
class Sensitivity:
    """A concept against random ones.

    Attributes
    ----------
    scores, control : float64 ``[r]``, the TCAV score with each random set of counterexamples; of random sets against
        random sets
    p : two-sided, of Welch's t test of both; NaN where it means nothing
    vectors : float64 ``[r, d]``, the concept's vector of each repetition
    agreement : mean cosine of pairs of them: a concept whose vectors do not agree was not learned
    note : what keeps the test from meaning anything, or nothing
    """

    scores: Float64
    control: Float64
    p: float
    vectors: Float64
    agreement: float
    note: str

    @property
    def score(self) -> float:
        """The mean score: the share of points whose decision rises along the concept."""
        return float(self.scores.mean())


def concept_vector(
    concept: ArrayLike, others: ArrayLike, kind: Literal["logistic", "svm", "mean-difference"] = "logistic"
) -> Float64:
    """The direction ``[d]`` from the activations of other samples to those of a concept, both ``[n, d]``."""
    both = np.concatenate([np.asarray(concept, dtype=np.float64), np.asarray(others, dtype=np.float64)])
    labels = np.arange(len(both)) < len(np.asarray(concept))
    if kind == "mean-difference":
        return np.asarray(mean_difference(both, labels, attribute="concept", held_out=False).vectors[0])
    return np.asarray(boundary(both, labels, attribute="concept", kind=kind, held_out=False).vectors[0])


def tcav(gradients: ArrayLike, vector: ArrayLike) -> float:
    """The share of points ``[n, d]`` whose decision rises along a concept vector: its derivative is above 0.

    Derivatives that are exactly 0 count as half: along a random vector they say neither.

    Source: Kim, Wattenberg, Gilmer, Cai, Wexler, Viegas and Sayres, "Interpretability beyond feature attribution:
    quantitative testing with concept activation vectors (TCAV)", ICML 2018, equation 3.

    >>> tcav([[1.0, 0.0], [-1.0, 0.0], [2.0, 5.0], [0.0, 1.0]], [1.0, 0.0])
    0.625
    """
    along = np.asarray(gradients, dtype=np.float64) @ np.asarray(vector, dtype=np.float64)
    return float((along > 0).mean() + (along == 0).mean() / 2)


def sensitivity(
    gradients: ArrayLike,
    concept: ArrayLike,
    others: ArrayLike,
    *,
    repetitions: int = 30,
    size: int | None = None,
    kind: Literal["logistic", "svm", "mean-difference"] = "logistic",
    seed: int = 0,
) -> Sensitivity:
    """TCAV with its test: scores over random halves of both sets, against scores of random sets alone.

    Parameters
    ----------
    gradients : ``[n, d]``, of the decision by the layer, at the points that are asked
    concept, others : ``[m, d]`` and ``[k, d]``, activations of exemplars and of other samples
    size : samples of each side of one repetition; half of the smaller set where left out

    The test is the published one and says "sensitive" too often: repetitions that share exemplars are no independent
    draws (30 to 38 % of random sets at a level of 5 %). `concept-sensitivity` ranks among random concepts instead.

    Each repetition draws its exemplars and its counterexamples anew; the control draws two disjoint sets of other
    samples. Scores that are all 0 or 1 (a decision that is linear in the layer has one derivative for all points)
    cannot be tested: p is then NaN and the note says so.

    Raises
    ------
    DataError
        With fewer than 4 samples of a side or 10 repetitions.

    Source: Kim and others 2018, section 3.3 (statistical significance testing).
    """
    toward, away = (np.asarray(one, dtype=np.float64) for one in (concept, others))
    slopes = np.asarray(gradients, dtype=np.float64)
    most = min(len(toward), len(away) // 2)
    count = max(2, min(most, len(toward) // 2 + 1)) if size is None else size
    if len(toward) < 4 or len(away) < 4 or count > most:
        raise wb.DataError(
            f"{len(toward)} exemplars and {len(away)} others are too few: at least 4 of each, and twice {count} others"
        )
    if repetitions < FEWEST:
        raise wb.DataError(f"a test of {repetitions} repetitions says nothing: at least {FEWEST}")
    rng = np.random.default_rng(seed)
    vectors, scores, control = [], [], []
    for _ in range(repetitions):
        mixed = rng.permutation(len(away))
        some = toward[rng.choice(len(toward), count, replace=False)]
        vectors.append(concept_vector(some, away[mixed[:count]], kind))
        scores.append(tcav(slopes, vectors[-1]))
        control.append(tcav(slopes, concept_vector(away[mixed[:count]], away[mixed[count : 2 * count]], kind)))
    found, random = np.array(scores), np.array(control)
    note = ""
    if np.isin(random, (0.0, 1.0)).all():
        note = (
            "The scores of random concepts are all 0 or 1: the decision has (nearly) one derivative for all points, as "
            "one that is linear in the layer has, and the test means nothing."
        )
    p = float("nan") if note else _p(found, random)
    return Sensitivity(found, random, p, np.array(vectors), _agreement(vectors), note)


def _p(found: Float64, random: Float64) -> float:
    """Two-sided p of equal means by Welch's t test; of one sample against a number where the other does not vary."""
    from scipy.stats import ttest_1samp, ttest_ind

    constant, random_constant = np.ptp(found) < SAME, np.ptp(random) < SAME
    if constant and random_constant:
        return float("nan")
    if constant:
        return float(ttest_1samp(random, found[0]).pvalue)
    if random_constant:
        return float(ttest_1samp(found, random[0]).pvalue)
    return float(ttest_ind(found, random, equal_var=False).pvalue)


def _agreement(vectors: Sequence[Float64]) -> float:
    rows = np.array(vectors)
    n = len(rows)
    return float((np.square(np.linalg.norm(rows.sum(axis=0))) - n) / (n * (n - 1)))
