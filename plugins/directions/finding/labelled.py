# SPDX-License-Identifier: Apache-2.0
"""Directions from labels or exemplars: difference of means, boundary, regression. All told on points held out."""

from __future__ import annotations

from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb
from plugins.directions.finding.found import Found, unit

Float64 = NDArray[np.float64]
Boolean = NDArray[np.bool_]

FOLDS: Final = 5
WEIGHT: Final = 1.0  # inverse L2 penalty of boundaries, for standardised codes


def mean_difference(codes: ArrayLike, labels: ArrayLike, *, attribute: str, held_out: bool = True) -> Found:
    """From the mean of the points without the attribute to the mean of those with it.

    Parameters
    ----------
    codes : ``[n, d]``
    labels : bool ``[n]``; at least 2 of each
    held_out : whether to measure the strength; else it is NaN

    Returns
    -------
    Found
        One direction. ``strength``: held-out area under the curve along it (5 folds). ``extra``: ``length``, the
        distance of the means; ``middle`` ``[d]``, half way between; ``reliability``, the cosine that the direction of
        so many exemplars is expected to have with that of all: 1 / sqrt(1 + noise / length^2).

    With k exemplars a side of points whose axes have variance 1, expected cosine ``length / sqrt(length^2 + 2 d / k)``:
    three exemplars, as in Radford, Metz and Chintala (ICLR 2016, section 6.3.2), are enough only where the attribute
    moves the code far.
    """
    z, told = _checked(codes, labels)
    toward, away = z[told], z[~told]
    vector = toward.mean(axis=0) - away.mean(axis=0)
    length = float(np.linalg.norm(vector))
    if not length > 0:
        raise wb.DataError(f"the points with and without '{attribute}' have the same mean: no direction leads between")
    noise = float(toward.var(axis=0, ddof=1).sum() / len(toward) + away.var(axis=0, ddof=1).sum() / len(away))
    true = max(length**2 - noise, 0.0)  # the noise of both means lengthens their difference
    return Found(
        "mean-difference",
        unit(vector),
        np.array([_held_out(z, told, _difference) if held_out else np.nan]),
        "held-out area under the curve",
        attribute=attribute,
        notes=(f"{len(toward):,} points with '{attribute}', {len(away):,} without.",),
        extra={
            "length": length,
            "middle": (toward.mean(axis=0) + away.mean(axis=0)) / 2,
            "reliability": float(np.sqrt(true / (true + noise))) if true + noise > 0 else 0.0,
        },
    )


def expected_cosine(length: float, width: int, exemplars: float) -> float:
    """Cosine of a difference of means of k exemplars a side with the true one, for axes of variance 1.

    >>> [round(expected_cosine(3.0, 100, k), 3) for k in (1, 3, 10, 50)]
    [0.208, 0.345, 0.557, 0.832]
    """
    return float(length / np.sqrt(length**2 + 2 * width / exemplars))


def boundary(
    codes: ArrayLike,
    labels: ArrayLike,
    *,
    attribute: str,
    kind: Literal["logistic", "svm"] = "logistic",
    held_out: bool = True,
) -> Found:
    """The normal of the hyperplane that parts the points with an attribute from those without.

    Fitted on standardised codes, and crossed at a right angle there: each axis of the direction is its weight times its
    standard deviation. Where all axes vary alike (draws of a normal prior) this is the normal of the plane itself;
    where some hardly vary (collapsed axes of a VAE) the normal would lead along those, on which no code ever moves. The
    intercept is kept: the plane need not pass through the origin (the public code of InterFaceGAN leaves it out when it
    moves points onto the plane).

    Returns
    -------
    Found
        ``strength``: held-out area under the curve (5 folds). ``extra``: ``normal`` (float64 ``[d]``, length 1) and
        ``intercept``, such that the plane is ``normal . z + intercept = 0``; ``accuracy`` of held-out points;
        ``majority``.

    Source: Shen, Gu, Tang and Zhou, "Interpreting the latent space of GANs for semantic face editing", CVPR 2020,
    section 3.1.
    """
    z, told = _checked(codes, labels)
    normal, offset = _boundary(z, told, kind)
    length = float(np.linalg.norm(normal))
    if not length > 0:
        raise wb.DataError(f"no plane parts the points with '{attribute}' from those without")
    right = _accuracy(z, told, kind) if held_out else float("nan")
    return Found(
        "boundary" if kind == "logistic" else "svm",
        unit(normal * np.square(_spread(z))),
        np.array([_held_out(z, told, lambda a, b: _boundary(a, b, kind)[0]) if held_out else np.nan]),
        "held-out area under the curve",
        attribute=attribute,
        notes=(f"{int(told.sum()):,} points with '{attribute}', {int((~told).sum()):,} without.",),
        extra={
            "normal": unit(normal)[0],
            "intercept": offset / length,
            "accuracy": right,
            "majority": float(max(told.mean(), 1 - told.mean())),
        },
    )


def regression(codes: ArrayLike, values: ArrayLike, *, attribute: str, held_out: bool = True) -> Found:
    """The direction along which a number rises fastest: a linear regression on the standardised code.

    Each axis of the direction is its weight times its standard deviation, as in :func:`boundary`. Ridge with its
    penalty chosen by generalised cross-validation. ``strength``: share of the variance explained of points held out (5
    folds; below 0 where a line is worse than the mean). ``extra``: ``weights`` (float64
    ``[d]``, of the code as it is); ``slope``, the rise per unit step along the direction;
    ``penalty``. Points without the number (NaN) are left out.

    Raises
    ------
    DataError
        When fewer than 10 points have it, or it is the same for all.

    Source: Golub, Heath and Wahba, "Generalized cross-validation as a method for choosing a good ridge parameter",
    Technometrics 21, 1979.
    """
    z, number = np.asarray(codes, dtype=np.float64), np.asarray(values, dtype=np.float64)
    known = np.isfinite(number)
    z, number = z[known], number[known]
    if len(number) < 2 * FOLDS:
        raise wb.DataError(f"only {len(number)} points have '{attribute}': a regression needs at least {2 * FOLDS}")
    if not np.ptp(number) > 0:
        raise wb.DataError(f"'{attribute}' is {number[0]:g} for all points: no direction changes it")
    weights, penalty = _ridge(z, number)
    if not weights.any():
        raise wb.DataError(f"'{attribute}' does not change with the code")
    vector = unit(weights * np.square(_spread(z)))
    return Found(
        "regression",
        vector,
        np.array([_explained(z, number) if held_out else np.nan]),
        "held-out share of variance explained",
        attribute=attribute,
        notes=(f"{len(number):,} points with a value of '{attribute}'.",),
        extra={"weights": weights, "slope": float(vector[0] @ weights), "penalty": penalty},
    )


def two_sides(values: ArrayLike, share: float) -> tuple[NDArray[np.int64], Boolean]:
    """The points with the highest and the lowest values, and which of them are high.

    InterFaceGAN labels samples by a scorer and keeps those it is sure of: ``share`` (up to one half) of each end.
    Equal values at an end are taken in order. NaN is never taken.

    >>> rows, high = two_sides([0.1, 0.9, 0.5, 0.2], 0.25)
    >>> rows.tolist(), high.tolist()
    ([0, 1], [False, True])
    """
    number = np.asarray(values, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(number))
    count = max(1, int(round(share * len(known))))
    order = known[np.argsort(number[known], kind="stable")]
    if len(order) < 2 or not number[order[-1]] > number[order[0]]:
        raise wb.DataError("the attribute is the same for all points: there are no two sides")
    count = min(count, len(order) // 2)
    rows = np.concatenate([order[:count], order[-count:]])
    high = np.repeat([False, True], count)
    back = np.argsort(rows, kind="stable")
    return rows[back].astype(np.int64), high[back]


def _checked(codes: ArrayLike, labels: ArrayLike) -> tuple[Float64, Boolean]:
    z, told = np.asarray(codes, dtype=np.float64), np.asarray(labels, dtype=np.bool_)
    if z.ndim != 2 or len(z) != len(told):
        raise wb.DataError(f"codes {z.shape} and labels {told.shape} do not belong together")
    if not np.isfinite(z).all():
        raise wb.DataError("codes hold NaN or infinity: leave these rows out")
    for name, count in (("with", int(told.sum())), ("without", int((~told).sum()))):
        if count < 2:
            raise wb.DataError(f"{count} points {name} the attribute: at least 2 of each are needed")
    if not (z != z[0]).any():
        raise wb.DataError("all exemplars are the same point: no direction leads anywhere")
    return z, told


def _difference(z: Float64, told: Boolean) -> Float64:
    return np.asarray(z[told].mean(axis=0) - z[~told].mean(axis=0))


def _spread(z: Float64) -> Float64:
    """Standard deviation of each axis ``[d]``; 1 of one that does not vary, on which every weight is 0."""
    scale = z.std(axis=0)
    return np.asarray(np.where(scale > 0, scale, 1.0))


def _boundary(z: Float64, told: Boolean, kind: str) -> tuple[Float64, float]:
    """Normal and intercept in the units of the codes."""
    middle, scale = z.mean(axis=0), _spread(z)
    fitted = _classifier(kind).fit((z - middle) / scale, told)
    normal = fitted.coef_[0] / scale
    return normal, float(fitted.intercept_[0] - normal @ middle)


def _classifier(kind: str) -> Any:
    if kind == "svm":
        from sklearn.svm import LinearSVC

        return LinearSVC(C=WEIGHT, dual=False, max_iter=2000)
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=WEIGHT, max_iter=2000)


def _ridge(z: Float64, number: Float64) -> tuple[Float64, float]:
    from sklearn.linear_model import RidgeCV

    scale = _spread(z)
    fitted = RidgeCV(alphas=np.logspace(-3, 5, 9)).fit((z - z.mean(axis=0)) / scale, number - number.mean())
    return np.asarray(fitted.coef_ / scale), float(fitted.alpha_)


def _explained(z: Float64, number: Float64) -> float:
    predicted = np.empty(len(number))
    for fitted, asked in _folds(len(number)):
        part, _ = _ridge(z[fitted], number[fitted])
        predicted[asked] = number[fitted].mean() + (z[asked] - z[fitted].mean(axis=0)) @ part
    return float(1 - np.square(number - predicted).sum() / np.square(number - number.mean()).sum())


def _folds(n: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Interleaved folds: (fitted, asked); the order of the points is that of the sample and means nothing."""
    every = np.arange(n)
    return [(every[every % FOLDS != fold], every[every % FOLDS == fold]) for fold in range(FOLDS)]


def _stratified(told: Boolean) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Folds with both labels in every part; fewer of them where one label is rare."""
    folds = min(FOLDS, int(told.sum()), int((~told).sum()))
    place = np.empty(len(told), dtype=np.int64)
    for side in (told, ~told):
        place[side] = np.arange(int(side.sum()))
    every = np.arange(len(told))
    return [(every[place % folds != fold], every[place % folds == fold]) for fold in range(folds)]


def _held_out(z: Float64, told: Boolean, direction: Any) -> float:
    """Mean over folds of the area under the curve along the direction that the other folds gave."""
    from sklearn.metrics import roc_auc_score

    areas = []
    for fitted, asked in _stratified(told):
        if min(told[fitted].sum(), (~told[fitted]).sum()) >= 1:
            areas.append(roc_auc_score(told[asked], z[asked] @ direction(z[fitted], told[fitted])))
    return float(np.mean(areas)) if areas else float("nan")


def _accuracy(z: Float64, told: Boolean, kind: str) -> float:
    right = 0
    for fitted, asked in _stratified(told):
        normal, offset = _boundary(z[fitted], told[fitted], kind)
        right += int(((z[asked] @ normal + offset > 0) == told[asked]).sum())
    return right / len(told)
