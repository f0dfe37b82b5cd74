# SPDX-License-Identifier: Apache-2.0
"""Linear separability: how well a linear probe that has not seen a point tells its class.

Idea: fit the plainest classifier to a layer and ask it about points that had no part in fitting. What it gets right
beyond the majority class is there in linear form; what it gets right with shuffled labels is the level of chance.

Sources: Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016; Hewitt and Liang,
"Designing and Interpreting Probes with Control Tasks", EMNLP 2019 (selectivity: accuracy less that of the control;
theirs gives each kind of word a random label; points have no kinds, and labels are shuffled over points here);
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
    components : how many principal components the probes saw at most
    standardised : share of the folds in which standardised units told more
    converged : whether every fit came to its end
    """

    correct: NDArray[np.bool_]
    control: NDArray[np.bool_]
    components: int
    standardised: float
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
    points: NDArray[Any],
    products: Float64,
    codes: Classes,
    parts: Sequence[NDArray[np.int64]],
    seed: int,
    components: int = COMPONENTS,
) -> Separability:
    """Cross-validated multinomial logistic regression on a layer.

    In each training part the first principal components are taken, once of the units as they are and once of
    standardised units (neither is better everywhere: as they are, a unit on a large scale drowns the others;
    standardised, the noise of units that hardly vary counts as much as the rest). Both are divided by one number so
    that their mean variance is 1. A quarter of the training part says which of the two tells more, and the probe is
    fitted anew to all of it. The penalty is fixed: ``C = 0.1``. Nothing is learned from points that are held out.

    Parameters
    ----------
    points : ``[n, d]``
    products : inner products of the centred points ``[n, n]``
    codes : class of each point ``[n]``
    parts : positions that are held out together, see :func:`held_out`
    seed : of the shuffled labels and of the quarters
    components : most principal components
    """
    shuffled = np.random.default_rng(seed).permutation(codes)
    told, told_shuffled = np.empty_like(codes), np.empty_like(codes)
    converged, seen, standardised = True, 0, 0
    for number, part in enumerate(parts):
        train = np.setdiff1d(np.arange(len(codes)), part)
        ways = [_as_they_are(products, train, part, components), _standardised(points[train], points[part], components)]
        for labels, answers in ((codes, told), (shuffled, told_shuffled)):
            chosen, ended = _better(ways, labels[train], seed + number)
            inner, outer = ways[chosen]
            answers[part], ended_too = _classified(inner, labels[train], outer)
            converged = converged and ended and ended_too
            if labels is codes:
                standardised, seen = standardised + chosen, max(seen, inner.shape[1])
    return Separability(told == codes, told_shuffled == shuffled, seen, standardised / len(parts), converged)


def _as_they_are(products: Float64, train: Classes, rest: Classes, components: int) -> tuple[Float64, Float64]:
    """Scores of both parts on the principal components of the training part, from inner products alone.

    Schoelkopf, Smola and Mueller, "Nonlinear component analysis as a kernel eigenvalue problem", Neural Computation 10,
    1998, appendix B, with the plain inner product.
    """
    known, new = products[np.ix_(train, train)], products[np.ix_(rest, train)]
    middle = known.mean(axis=0)
    centred = known - middle - middle[:, None] + middle.mean()
    values, vectors = _largest(centred, components)
    outer = (new - middle - new.mean(axis=1, keepdims=True) + middle.mean()) @ (vectors / np.sqrt(values))
    return _even(vectors * np.sqrt(values), outer)


def _standardised(train: NDArray[Any], rest: NDArray[Any], components: int) -> tuple[Float64, Float64]:
    """Scores of both parts on the principal components of the training part, its units at mean 0 and variance 1.

    Units that never vary stay 0. Exact, from the smaller of the two matrices of products: of the units or the points.
    """
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(train)
    inner, outer = scaler.transform(train), scaler.transform(rest)
    n, width = inner.shape
    wide = width > n
    values, vectors = _largest(np.asarray(inner @ inner.T if wide else inner.T @ inner, dtype=np.float64), components)
    if wide:
        vectors = inner.T @ (vectors / np.sqrt(values)).astype(inner.dtype)
    return _even(inner @ vectors, outer @ vectors)


def _largest(products: Float64, components: int) -> tuple[Float64, Float64]:
    """The largest eigenvalues and their vectors; those that are rounding are left out, the largest never."""
    from scipy.linalg import eigh

    size = len(products)
    values, vectors = eigh(products, subset_by_index=(max(size - components, 0), size - 1))
    kept = values > values[-1] * ROUNDING
    kept[-1] = True
    return np.maximum(values[kept], np.finfo(np.float64).tiny), vectors[:, kept]


def _even(inner: NDArray[Any], outer: NDArray[Any]) -> tuple[Float64, Float64]:
    """Both over one number, so that the components of the first have mean variance 1."""
    size = float(np.sqrt(inner.var(axis=0, dtype=np.float64).mean()))
    factor = 1 / size if size > 0 else 1.0
    return inner.astype(np.float64) * factor, outer.astype(np.float64) * factor


def _better(ways: Sequence[tuple[Float64, Float64]], labels: Classes, seed: int) -> tuple[int, bool]:
    """Which way tells more of a quarter of the training part when it is fitted to the rest; the first of equals."""
    quarter = _quarter(labels, seed)
    if not quarter.any():
        return 0, True
    right, converged = [], True
    for inner, _ in ways:
        answers, ended = _classified(inner[~quarter], labels[~quarter], inner[quarter])
        right.append(int((answers == labels[quarter]).sum()))
        converged = converged and ended
    return int(np.argmax(right)), converged


def _quarter(labels: Classes, seed: int) -> NDArray[np.bool_]:
    """Every fourth point of each class, in random order; none of classes with fewer than four."""
    chosen = np.zeros(len(labels), dtype=np.bool_)
    random = np.random.default_rng(seed)
    for one in np.unique(labels):
        chosen[random.permutation(np.flatnonzero(labels == one))[3::4]] = True
    return chosen


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
