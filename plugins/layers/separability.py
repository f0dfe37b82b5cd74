# SPDX-License-Identifier: Apache-2.0
"""Linear separability: how well a linear probe that has not seen a point tells its class.

Idea: fit the plainest classifier to a layer and ask it about points that had no part in fitting. What it gets right
beyond the majority class is there in linear form; what it gets right with shuffled labels is the level of chance.

Sources: Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016; Hewitt and Liang,
"Designing and Interpreting Probes with Control Tasks", EMNLP 2019 (selectivity: accuracy less that of the control);
Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American Statistical
Association 22, 1927.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plugins.layers.distances import Float64

COMPONENTS = 100  # principal components that a probe sees at most
WEIGHT = 0.1  # scikit-learn's C, on components of mean variance 1
ROUNDING = 1e-6  # share of the largest variance below which one is rounding of single precision
STEPS = 1000
NORMAL = 1.959963984540054  # 97.5 % quantile of the standard normal law

Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Separability:
    """What the probes of one layer got right.

    Attributes
    ----------
    correct : bool ``[n]``, whether the class of each point was told while it was held out
    control : the same with shuffled labels
    components : how many principal components the probes saw; the width where it is no larger
    converged : whether every fit came to its end
    """

    correct: NDArray[np.bool_]
    control: NDArray[np.bool_]
    components: int
    converged: bool


def wilson(right: float, n: int, quantile: float = NORMAL) -> tuple[float, float]:
    """Interval of a share by Wilson's score (95 % by default), for ``right`` of ``n``.

    >>> [round(one, 4) for one in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    share, z2 = right / n, quantile**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = quantile / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)


def held_out(codes: Classes, folds: int, seed: int) -> list[NDArray[np.int64]]:
    """Positions of the points that are held out together: ``folds`` parts with the classes in proportion."""
    from sklearn.model_selection import StratifiedKFold

    parts = StratifiedKFold(folds, shuffle=True, random_state=_word(seed))
    return [np.asarray(part, dtype=np.int64) for _, part in parts.split(codes[:, None], codes)]


def separability(
    points: NDArray[Any], codes: Classes, parts: Sequence[NDArray[np.int64]], seed: int, components: int = COMPONENTS
) -> Separability:
    """Cross-validated multinomial logistic regression on a layer ``[n, d]``.

    In each training part the units are standardised (those that never vary stay 0), turned to the first principal
    components where there are more units, and divided by one number so that these have mean variance 1; all of it is
    learned from the training part alone. The penalty is fixed: ``C = 0.1``.
    """
    shuffled = np.random.default_rng(seed).permutation(codes)
    told, told_shuffled = np.empty_like(codes), np.empty_like(codes)
    converged, seen = True, 0
    for part in parts:
        train = np.setdiff1d(np.arange(len(codes)), part)
        inner, outer = _prepared(points[train], points[part], components)
        seen = max(seen, inner.shape[1])
        for labels, answers in ((codes, told), (shuffled, told_shuffled)):
            answers[part], ended = _classified(inner, labels[train], outer)
            converged = converged and ended
    return Separability(told == codes, told_shuffled == shuffled, seen, converged)


def _prepared(train: NDArray[Any], rest: NDArray[Any], components: int) -> tuple[Float64, Float64]:
    """Both parts in the coordinates that the training part gives."""
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    inner, outer = scaler.transform(train), scaler.transform(rest)
    if inner.shape[1] > components:
        inner, outer = _first_components(inner, outer, components)
    size = float(np.sqrt(inner.var(axis=0, dtype=np.float64).mean()))
    factor = 1 / size if size > 0 else 1.0
    return inner.astype(np.float64) * factor, outer.astype(np.float64) * factor


def _first_components(train: NDArray[Any], rest: NDArray[Any], components: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Scores of both on the principal components of ``train [n, d]``, which is centred; exact.

    From the smaller of the two matrices of products: ``d x d`` of the units, or ``n x n`` of the points. Components
    without variance are left out.
    """
    from scipy.linalg import eigh

    n, width = train.shape
    wide = width > n
    products = np.asarray(train @ train.T if wide else train.T @ train, dtype=np.float64)
    size = len(products)
    values, vectors = eigh(products, subset_by_index=(max(size - components, 0), size - 1))
    kept = values > values[-1] * ROUNDING
    directions = vectors[:, kept]
    if wide:
        directions = train.T @ (directions / np.sqrt(values[kept])).astype(train.dtype)
    return train @ directions, rest @ directions


def _classified(train: Float64, labels: Classes, rest: Float64) -> tuple[Classes, bool]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if len(np.unique(labels)) < 2:
        return np.full(len(rest), labels[0]), True
    probe = LogisticRegression(C=WEIGHT, max_iter=STEPS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # told by what is returned
        probe.fit(train, labels)
    return np.asarray(probe.predict(rest), dtype=np.int64), bool(np.max(probe.n_iter_) < STEPS)


def _word(seed: int) -> int:
    """A seed as scikit-learn takes it: 32 bits."""
    return seed % 2**32
