# SPDX-License-Identifier: Apache-2.0
"""SAP, IRS, the FactorVAE and beta-VAE scores, and explicitness: codes ``[n, d]`` against factors."""

from __future__ import annotations

import numpy as np

from plugins.disentanglement.information import Float64, Int64


def varying(codes: Float64) -> np.ndarray:
    """Which columns hold different numbers, bool ``[d]``."""
    return np.asarray(codes.max(axis=0) > codes.min(axis=0))


def squared_correlations(codes: Float64, values: Float64) -> Float64:
    """Squared correlation of each axis with each numeric factor, float64 ``[d, f]``; 0 where either is constant."""
    left, right = codes - codes.mean(axis=0), values - values.mean(axis=0)
    covariance = left.T @ right / len(codes)
    product = np.square(left).mean(axis=0)[:, None] * np.square(right).mean(axis=0)[None]
    defined = varying(codes)[:, None] & varying(values)[None] & (product > 0)
    return np.asarray(np.where(defined, np.square(covariance) / np.where(defined, product, 1.0), 0.0))


def level_accuracies(codes: Float64, levels: Int64, seed: int = 0) -> Float64:
    """Share of held-out rows whose level a linear classifier gets right from one axis alone, float64 ``[d, f]``.

    A linear support vector machine with balanced classes and C = 0.01, as the original code has it, on two thirds of
    the rows. An axis that is constant scores 0.
    """
    from sklearn.svm import LinearSVC

    order = np.random.default_rng(seed).permutation(len(codes))
    train, test = order[: 2 * len(order) // 3], order[2 * len(order) // 3 :]
    found = np.zeros((codes.shape[1], levels.shape[1]))
    for axis, values in enumerate(codes.T[:, :, None]):
        if np.ptp(values[train]) == 0:
            continue
        for factor, known in enumerate(levels.T):
            if len(np.unique(known[train])) < 2:
                continue
            model = LinearSVC(C=0.01, class_weight="balanced", dual=False, max_iter=10_000)
            model.fit(values[train], known[train])
            found[axis, factor] = (model.predict(values[test]) == known[test]).mean()
    return found


def separations(scores: Float64) -> Float64:
    """For each factor of scores ``[d, f]``: the best axis' score minus the second best's, float64 ``[f]``.

    The mean is SAP, separated attribute predictability (Kumar, Sattigeri and Balakrishnan, *Variational Inference of
    Disentangled Latent Concepts from Unlabeled Observations*, ICLR 2018, section 3.1).
    """
    top = np.sort(np.concatenate([np.zeros((2, scores.shape[1])), scores]), axis=0)[-2:]
    return np.asarray(top[1] - top[0])


def interventional_robustness(codes: Float64, levels: Int64, quantile: float = 0.99) -> tuple[float, Float64]:
    """IRS, and the matrix ``[d, f]`` that it is made of.

    For each axis and factor: 1 minus how far the axis strays (99 % quantile) from its mean at fixed level, over the
    farthest that it strays at all. The score is the mean over axes of the best factor, weighed with the farthest stray.
    Source: Suter and others, *Robustly Disentangled Causal Mechanisms*, ICML 2019, section 4, as the original code
    (disentanglement_lib) estimates it. Constant axes are left out, by their own spread and not by a sum of
    values; without any other the score is 0.
    """
    farthest = np.abs(codes - codes.mean(axis=0)).max(axis=0) if codes.shape[1] else np.zeros(0)
    moving = np.flatnonzero(varying(codes))
    matrix = np.zeros((codes.shape[1], levels.shape[1]))
    if len(moving) == 0:
        return 0.0, matrix
    some = codes[:, moving]
    for factor, known in enumerate(levels.T):
        present = np.unique(known)
        strays = np.zeros(len(moving))
        for level in present:
            group = some[known == level]
            strays += np.quantile(np.abs(group - group.mean(axis=0)), quantile, axis=0)
        matrix[moving, factor] = 1 - strays / len(present) / farthest[moving]
    return float(np.average(matrix[moving].max(axis=1), weights=farthest[moving])), matrix


def factor_vae(codes: Float64, levels: Int64, rng: np.random.Generator, *, votes: int = 2000, batch: int = 64) -> float:
    """The FactorVAE score: how often the axis that varies least tells which factor was held fixed.

    A vote: a factor and one of its values at random, ``batch`` rows that have it, and the axis with the least variance
    over its variance in all rows. Half the votes decide which factor each axis stands for, the others are counted. Axes
    that are constant take no part; without any other, every vote is the same. Source: Kim and Mnih, *Disentangling by
    Factorising*, ICML 2018, section 4.
    """
    asked = rng.integers(levels.shape[1], size=2 * votes)
    moving = np.flatnonzero(varying(codes))  # the variance of equal numbers is not 0, but what rounding leaves
    variance = codes.var(axis=0)
    answers = np.zeros(2 * votes, dtype=np.int64)
    if len(moving):
        groups = _Groups(levels, rng)
        for factor in range(levels.shape[1]):
            at = np.flatnonzero(asked == factor)
            rows = groups.like(factor, np.repeat(rng.integers(len(codes), size=len(at))[:, None], batch, axis=1))
            answers[at] = (codes[rows][:, :, moving].var(axis=1, ddof=1) / variance[moving]).argmin(axis=1)
    table = np.zeros((max(1, len(moving)), levels.shape[1]), dtype=np.int64)
    np.add.at(table, (answers[:votes], asked[:votes]), 1)
    return float((table.argmax(axis=1)[answers[votes:]] == asked[votes:]).mean())


def beta_vae(codes: Float64, levels: Int64, rng: np.random.Generator, *, votes: int = 2000, batch: int = 64) -> float:
    """The beta-VAE score: accuracy of a linear classifier that is to tell which factor pairs of rows have in common.

    A vote: the mean over ``batch`` pairs of rows that share one factor of the absolute difference of their codes.
    Source: Higgins and others, *beta-VAE*, ICLR 2017, section 3 and appendix A.4.
    """
    from sklearn.linear_model import LogisticRegression

    asked = rng.integers(levels.shape[1], size=2 * votes)
    groups = _Groups(levels, rng)
    apart = np.zeros((2 * votes, codes.shape[1]))
    for factor in range(levels.shape[1]):
        at = np.flatnonzero(asked == factor)
        first = rng.integers(len(codes), size=(len(at), batch))
        apart[at] = np.abs(codes[first] - codes[groups.like(factor, first)]).mean(axis=1)
    moving = varying(apart[:votes])
    if not moving.any():
        return float((asked[votes:] == np.bincount(asked[:votes]).argmax()).mean())
    scaled = ((apart - apart[:votes].mean(axis=0)) / np.where(moving, apart[:votes].std(axis=0), 1.0))[:, moving]
    model = LogisticRegression(solver="newton-cg", max_iter=2000).fit(scaled[:votes], asked[:votes])
    return float((model.predict(scaled[votes:]) == asked[votes:]).mean())


class _Groups:
    """Draws rows that have the level of others."""

    def __init__(self, levels: Int64, rng: np.random.Generator) -> None:
        self.levels, self.rng = levels, rng
        self.order = np.argsort(levels, axis=0, kind="stable")
        self.counts = [np.bincount(one) for one in levels.T]

    def like(self, factor: int, rows: Int64) -> Int64:
        """Rows drawn among those that have the level of ``rows`` in this factor, of the same shape."""
        level, counts = self.levels[rows, factor], self.counts[factor]
        first = np.concatenate([[0], np.cumsum(counts)[:-1]])
        place = first[level] + np.floor(self.rng.random(rows.shape) * counts[level]).astype(np.int64)
        return np.asarray(self.order[place, factor])


def explicitness(codes: Float64, levels: Int64, seed: int = 0) -> Float64:
    """For each factor the mean over its levels of the area under the curve, float64 ``[f]``; 0.5 is chance.

    A logistic regression of the levels on the standardised codes, on two thirds of the rows; the areas are of the
    others. Source: Ridgeway and Mozer 2018, section 3. Without an axis that varies, 0.5.
    """
    from sklearn.linear_model import LogisticRegression

    order = np.random.default_rng(seed).permutation(len(codes))
    train, test = order[: 2 * len(order) // 3], order[2 * len(order) // 3 :]
    moving = varying(codes[train])
    scaled = ((codes - codes[train].mean(axis=0)) / np.where(moving, codes[train].std(axis=0), 1.0))[:, moving]
    found = np.full(levels.shape[1], 0.5)
    for factor, known in enumerate(levels.T):
        if scaled.shape[1] == 0 or len(np.unique(known[train])) < 2:
            continue
        model = LogisticRegression(solver="newton-cg", max_iter=2000).fit(scaled[train], known[train])
        chances = model.predict_proba(scaled[test])
        areas = [area(chances[:, at], known[test] == level) for at, level in enumerate(model.classes_)]
        found[factor] = float(np.nanmean(areas)) if np.isfinite(areas).any() else 0.5
    return found


def area(scores: Float64, positive: np.ndarray) -> float:
    """Area under the receiver's curve by ranks, ties counted half; NaN without both kinds.

    >>> area(np.array([0.1, 0.2, 0.3]), np.array([False, True, True]))
    1.0
    """
    from scipy.stats import rankdata

    many, few = int((~positive).sum()), int(positive.sum())
    if many == 0 or few == 0:
        return float("nan")
    return float((rankdata(scores)[positive].sum() - few * (few + 1) / 2) / (many * few))
