# SPDX-License-Identifier: Apache-2.0
"""A linear probe of two styles: what says whether a text, or a point that is no text, is in one of them."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from plugins.homology.trust import wilson

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Float64 = NDArray[np.float64]

PENALTIES: Final = (0.003, 0.03, 0.3)  # inverse penalties tried, on points of mean variance 1
FOLDS: Final = 3
STEPS: Final = 500


@dataclass(frozen=True)
class Probe:
    """Log odds that a point is in a style: ``points @ weights + bias``.

    Attributes
    ----------
    weights, bias : float64 ``[d]``, in the units of the points
    accuracy, low, high : share told right of held-out texts, each style counting half; a 95 % interval
    n : held-out texts of both styles
    penalty : the inverse penalty that it was learned with
    """

    weights: Float64
    bias: float
    accuracy: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    n: int = 0
    penalty: float = 1.0

    def log_odds(self, points: ArrayLike) -> Float64:
        """Log odds of points ``[n, d]``, float64 ``[n]``."""
        return np.asarray(np.asarray(points, dtype=np.float64) @ self.weights + self.bias, dtype=np.float64)

    def slope(self, vector: ArrayLike) -> float:
        """How much the log odds of any point change by moving it by ``vector [d]``."""
        return float(np.asarray(vector, dtype=np.float64) @ self.weights)


def probability(log_odds: ArrayLike) -> Float64:
    """Probability of log odds, of any shape.

    >>> probability([0.0, -800.0]).tolist()
    [0.5, 0.0]
    """
    from scipy.special import expit

    return np.asarray(expit(np.asarray(log_odds, dtype=np.float64)), dtype=np.float64)


def fit_probe(
    toward: ArrayLike,
    away: ArrayLike,
    held_toward: ArrayLike,
    held_away: ArrayLike,
    seed: int,
    penalty: float | None = None,
) -> Probe:
    """Logistic regression of ``toward [n, d]`` against ``away [m, d]``, both styles counting alike.

    The inverse penalty is chosen on thirds of these points unless one is given; the accuracy is measured on the
    held-out ones, which nothing was learned of. Its interval is that of the mean of two shares, by Wilson's intervals
    of each (Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine
    17, 1998, method 10, with the sum in place of the difference).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import StratifiedKFold, cross_val_score

    sides = [np.asarray(one, dtype=np.float64) for one in (toward, away)]
    points = np.concatenate(sides)
    labels = np.repeat([1, 0], [len(one) for one in sides])
    middle = points.mean(axis=0)
    size = float(np.sqrt(points.var(axis=0).mean())) or 1.0
    scaled = (points - middle) / size
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a line that has nearly settled separates as well
        if penalty is None:
            folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed % 2**32)
            lines = [_line(one) for one in PENALTIES]
            losses = [-cross_val_score(one, scaled, labels, cv=folds, scoring="neg_log_loss").mean() for one in lines]
            penalty = PENALTIES[int(np.argmin(losses))]
        best = _line(penalty).fit(scaled, labels)
    weights = np.asarray(best.coef_[0] / size, dtype=np.float64)
    probe = Probe(weights, float(best.intercept_[0] - middle @ weights))
    right = [int((probe.log_odds(held_toward) > 0).sum()), int((probe.log_odds(held_away) <= 0).sum())]
    counts = [len(np.asarray(held_toward)), len(np.asarray(held_away))]
    value, low, high = mean_of_shares(right, counts)
    return Probe(probe.weights, probe.bias, value, low, high, sum(counts), penalty)


def _line(penalty: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=penalty, class_weight="balanced", max_iter=STEPS)


def mean_of_shares(hits: list[int], counts: list[int]) -> tuple[float, float, float]:
    """The mean of two shares with its 95 % interval from the limits of each by Wilson (Zou and Donner, "Construction of
    confidence limits about effect measures", Statistics in Medicine 27, 2008, section 2).

    >>> value, low, high = mean_of_shares([45, 90], [50, 100])
    >>> round(value, 3), round(low, 3), round(high, 3)
    (0.9, 0.832, 0.936)
    """
    shares = [hit / count for hit, count in zip(hits, counts, strict=True)]
    ends = [wilson(hit, count) for hit, count in zip(hits, counts, strict=True)]
    below = np.sqrt(sum((share - float(low)) ** 2 for share, (low, _) in zip(shares, ends, strict=True))) / 2
    above = np.sqrt(sum((float(high) - share) ** 2 for share, (_, high) in zip(shares, ends, strict=True))) / 2
    value = sum(shares) / 2
    return value, float(max(0.0, value - below)), float(min(1.0, value + above))
