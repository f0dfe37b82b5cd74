# SPDX-License-Identifier: Apache-2.0
"""DCI: how much each axis matters for predicting each factor, and what the pattern of importances is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from plugins.disentanglement.information import Float64, Int64

Learner = Literal["boosted", "forest"]
TINY = 1e-11  # of the original code: keeps the logarithm of a row of zeros defined, and makes it uniform


@dataclass(frozen=True)
class Importance:
    """How factors are predicted from axes.

    Attributes
    ----------
    matrix : float64 ``[d, f]``, importance of each axis for each factor; a column sums to 1, or is 0 when nothing helps
    accuracy : float64 ``[f]``, share of the test rows whose level is predicted
    chance : float64 ``[f]``, the same for always guessing the level that is most common in training
    tested : rows that the accuracy is of
    """

    matrix: Float64
    accuracy: Float64
    chance: Float64
    tested: int


def importance(
    codes: Float64, levels: Int64, *, learner: Learner = "boosted", trees: int = 100, seed: int = 0
) -> Importance:
    """Learn each factor from the codes on one half of the rows, test on the other.

    Gradient boosted trees as in the original code (scikit-learn's defaults: depth 3, learning rate 0.1), here with a
    seed; or a random forest, which is quicker. Source: Eastwood and Williams, *A Framework for the Quantitative
    Evaluation of Disentangled Representations*, ICLR 2018, section 2.

    Parameters
    ----------
    codes, levels
        Float64 ``[n, d]`` and int64 ``[n, f]``. Rows are taken in random order.
    """
    order = np.random.default_rng(seed).permutation(len(codes))
    train, test = order[: len(order) // 2], order[len(order) // 2 :]
    width, count = codes.shape[1], levels.shape[1]
    matrix, accuracy, chance = np.zeros((width, count)), np.zeros(count), np.zeros(count)
    for at in range(count):
        known, asked = levels[train, at], levels[test, at]
        chance[at] = (asked == np.bincount(known).argmax()).mean()
        if width == 0 or len(np.unique(known)) < 2:
            accuracy[at] = chance[at]
            continue
        model = _learner(learner, trees, seed).fit(codes[train], known)
        matrix[:, at] = model.feature_importances_
        accuracy[at] = (model.predict(codes[test]) == asked).mean()
    return Importance(matrix, accuracy, chance, len(test))


def _learner(learner: Learner, trees: int, seed: int) -> Any:
    from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

    if learner == "boosted":
        return GradientBoostingClassifier(n_estimators=trees, random_state=seed)
    # every split sees all axes: among a few drawn ones the best may be one that knows nothing of the factor
    return RandomForestClassifier(n_estimators=trees, max_features=None, min_samples_leaf=2, random_state=seed)


def _pointed(shares: Float64) -> Float64:
    """1 minus the entropy of each row over its largest possible, float64 ``[rows]``; a row of zeros gives 0."""
    if shares.shape[1] < 2:  # all of it is in the one place that there is
        return np.asarray(shares.sum(axis=1) > 0, dtype=np.float64)
    share = (shares + TINY) / (shares + TINY).sum(axis=1, keepdims=True)
    return np.asarray(1 + (share * np.log(share)).sum(axis=1) / np.log(shares.shape[1]))


def disentanglement_by_axis(matrix: Float64) -> Float64:
    """For each axis of importances ``[d, f]``: 1 when it matters for one factor only, 0 for all alike; ``[d]``.

    Eastwood and Williams 2018, equation 2 (D_i).
    """
    return _pointed(matrix)


def completeness_by_factor(matrix: Float64) -> Float64:
    """For each factor of importances ``[d, f]``: 1 when one axis holds it, 0 when all do alike; float64 ``[f]``.

    Eastwood and Williams 2018, section 2 (C_j). The base of the entropy is the number of axes: a factor on
    two of ten axes and one on two of twenty have different values.
    """
    return _pointed(matrix.T)


def disentanglement(matrix: Float64) -> float:
    """Mean of the axes' values, weighed with their shares of all importance.

    >>> disentanglement(np.eye(3)) > 0.999, disentanglement(np.zeros((3, 2)))
    (True, 0.0)
    """
    return _weighed(disentanglement_by_axis(matrix), matrix.sum(axis=1))


def completeness(matrix: Float64) -> float:
    """Mean of the factors' values, weighed with their shares of all importance."""
    return _weighed(completeness_by_factor(matrix), matrix.sum(axis=0))


def _weighed(values: Float64, weights: Float64) -> float:
    if len(values) == 0:
        return 0.0
    total = float(weights.sum())
    return float(np.average(values, weights=weights) if total > 0 else values.mean())
