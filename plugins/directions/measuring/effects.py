# SPDX-License-Identifier: Apache-2.0
"""Effects of directions on attributes: the rescoring matrix, what it is worth against chance, and how it runs.

Steps are in standard deviations of the codes along the direction, attributes in standard deviations over unmoved
pictures: an effect of 0.5 changes the attribute by half of its spread at a step of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float64 = NDArray[np.float64]
Boolean = NDArray[np.bool_]

RESAMPLES: Final = 400
LEAST: Final = 1e-9  # spread of an attribute below which it is the same for all pictures


@dataclass(frozen=True)
class Effects:
    """The mean effect of a direction on each attribute, with its 95 % interval; float64 ``[j]`` each.

    ``slopes [n, j]`` are those of the single codes, NaN where a picture has no such attribute.
    """

    mean: Float64
    low: Float64
    high: Float64
    slopes: Float64


def near_steps(steps: Float64) -> Boolean:
    """Which steps an effect is the slope over: those up to 1, or the nearest two where all are longer, bool ``[a]``.

    >>> near_steps(np.array([-2.0, -1.0, 0.0, 1.0, 2.0])).tolist()
    [False, True, True, True, False]
    """
    return np.asarray(np.abs(steps) <= max(1.0, float(np.abs(steps[steps != 0]).min())) * (1 + 1e-9))


def slopes_of(scores: Float64, steps: Float64, spread: Float64) -> Float64:
    """Effect per step of each code, float64 ``[n, j]``: least squares over the steps up to 1 (or the nearest two).

    Parameters
    ----------
    scores : ``[n, a, j]``
    steps : ``[a]``, evenly spaced about 0
    spread : ``[j]``, the standard deviation of each attribute
    """
    near = near_steps(steps)
    along = steps[near] - steps[near].mean()
    weights = along / np.square(along).sum()
    return np.asarray(np.einsum("naj,a->nj", scores[:, near], weights) / spread)


def effects_of(slopes: Float64) -> Effects:
    """Mean over codes with the 95 % interval of Student's t; codes without the attribute are left out."""
    from scipy.stats import t

    known = np.isfinite(slopes)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 0, np.where(known, slopes, 0.0).sum(axis=0) / n, np.nan)
        squares = np.where(known, np.square(slopes - mean), 0.0).sum(axis=0)
        half = t.ppf(0.975, np.maximum(n - 1, 1)) * np.sqrt(squares / np.maximum(n - 1, 1) / n)
    half = np.where(n > 1, half, np.nan)
    return Effects(mean, mean - half, mean + half, slopes)


def strongest(slopes: Float64) -> tuple[int, float, Float64]:
    """The attribute that a direction changes most, and its sign, chosen on every other code; and the other codes.

    So that its effect on those is neither as large as it is because it was chosen, nor positive because it was turned.
    """
    chosen = effects_of(slopes[::2]).mean
    own = int(np.argmax(np.where(np.isfinite(chosen), np.abs(chosen), -1.0)))
    return own, -1.0 if chosen[own] < 0 else 1.0, slopes[1::2]


def selectivity(effects: ArrayLike, own: int) -> float:
    """Share of its own attribute in all that a direction changes: ``|R_i| / sum |R_j|``; chance is about one in j.

    >>> selectivity([2.0, -1.0, 1.0], 0)
    0.5
    """
    sizes = np.abs(np.asarray(effects, dtype=np.float64))
    total = float(np.nansum(sizes))
    return float(sizes[own] / total) if total > 0 else float("nan")


def selectivity_interval(slopes: Float64, own: int, rng: np.random.Generator) -> tuple[float, float, float]:
    """:func:`selectivity` with its 95 % interval over resampled codes."""
    filled = np.where(np.isfinite(slopes), slopes, np.nanmean(slopes, axis=0))
    draws = rng.integers(len(filled), size=(RESAMPLES, len(filled)))
    values = [selectivity(filled[one].mean(axis=0), own) for one in draws]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return selectivity(effects_of(slopes).mean, own), float(low), float(high)


@dataclass(frozen=True)
class Chance:
    """Effects of random directions.

    Attributes
    ----------
    effects : float64 ``[K, j]``
    """

    effects: Float64

    @property
    def typical(self) -> Float64:
        """Root mean square effect of a random direction on each attribute, float64 ``[j]``."""
        return np.asarray(np.sqrt(np.nanmean(np.square(self.effects), axis=0)))

    def p(self, effect: float, attribute: int) -> float:
        """Two-sided p value of an effect: that a random direction has one as large.

        To first order the effect of a random unit direction is that of the gradient times a coordinate of the
        direction, which is nearly normal about 0 from some ten axes on; with the scale measured on K of them, the ratio
        has Student's t distribution of K degrees of freedom. In few axes true tails are shorter: p is then too large.
        """
        from scipy.stats import t

        scale = float(self.typical[attribute])
        if not scale > 0 or not np.isfinite(effect):
            return float("nan")
        return float(2 * t.sf(abs(effect) / scale, len(self.effects)))


def monotonicity(scores: Float64, steps: Float64, sign: float) -> tuple[float, float, float]:
    """Mean rank correlation of step and attribute over codes, with its 95 % interval; 1 where it only ever rises.

    Parameters
    ----------
    scores : ``[n, a]`` of the direction's own attribute
    sign : of the effect; -1 counts a fall as a rise
    """
    from scipy.stats import rankdata, t

    known = np.isfinite(scores).all(axis=1) & (np.ptp(np.nan_to_num(scores), axis=1) > LEAST)
    if known.sum() < 2:
        return (float("nan"),) * 3
    ranks = rankdata(sign * scores[known], axis=1)
    ranks = ranks - ranks.mean(axis=1, keepdims=True)
    along = rankdata(steps) - (len(steps) + 1) / 2
    values = ranks @ along / np.sqrt(np.square(ranks).sum(axis=1) * np.square(along).sum())
    half = float(t.ppf(0.975, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))
    mean = float(values.mean())
    return mean, max(mean - half, -1.0), min(mean + half, 1.0)


def linearity(scores: Float64, steps: Float64) -> float:
    """Share of the variance of the attribute over steps that a line explains, mean over codes; NaN without change."""
    known = np.isfinite(scores).all(axis=1) & (np.ptp(np.nan_to_num(scores), axis=1) > LEAST)
    if not known.any():
        return float("nan")
    values = scores[known] - scores[known].mean(axis=1, keepdims=True)
    along = steps - steps.mean()
    explained = np.square(values @ along) / np.square(along).sum()
    return float((explained / np.square(values).sum(axis=1)).mean())


def matched_step(mean: Float64, steps: Float64, wanted: float) -> tuple[float, bool]:
    """The step at which the mean attribute ``[a]`` has risen by ``wanted``, and whether it has at all.

    In standard deviations of the attribute. The smallest such step of either side, by lines between the steps; where
    neither side gets there, the last step of the side that gets farther.

    >>> matched_step(np.array([-1.0, 0.0, 0.5, 1.5]), np.array([-1.0, 0.0, 1.0, 2.0]), 1.0)
    (1.5, True)
    """
    zero = int(np.abs(steps).argmin())
    rise = mean - mean[zero]
    best: tuple[float, bool] | None = None
    for way in (range(zero + 1, len(steps)), range(zero - 1, -1, -1)):
        before = zero
        for at in way:
            if rise[at] >= wanted:
                share = (wanted - rise[before]) / (rise[at] - rise[before])
                step = float(steps[before] + share * (steps[at] - steps[before]))
                if best is None or abs(step) < abs(best[0]):
                    best = (step, True)
                break
            before = at
    if best is None:
        best = (float(steps[-1] if rise[-1] >= rise[0] else steps[0]), False)
    return best


def recognised(features: Any, labels: Any, codes: Any, seed: int) -> tuple[float, float, float, Float64]:
    """Can a classifier tell which direction was applied? Held-out accuracy with its interval, and that of each.

    Parameters
    ----------
    features : float ``[m, f]``, of a picture one step on less those of the picture itself
    labels : int ``[m]``, the direction; ``codes``: int ``[m]``, the code, so that no code is in both halves

    Logistic regression on 40 principal components, learned on half of the codes. Chance is one in the number of
    directions. Source of the measure: Voynov and Babenko, "Unsupervised discovery of interpretable directions in the
    GAN latent space", ICML 2020 (reconstructor classification accuracy); theirs is that of the reconstructor itself, on
    what it was trained with.
    """
    from sklearn.decomposition import PCA
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from plugins.homology.trust import wilson

    fitted = np.asarray(codes) % 2 == 0
    if not np.ptp(features[fitted], axis=0).any():  # no direction changes anything: there is nothing to tell
        return (float("nan"),) * 3 + (np.full(int(labels.max()) + 1, np.nan),)
    size = min(40, int(fitted.sum()) - 1, features.shape[1])
    model = make_pipeline(PCA(size, random_state=seed), StandardScaler(), LogisticRegression(max_iter=500))
    right = model.fit(features[fitted], labels[fitted]).predict(features[~fitted]) == labels[~fitted]
    low, high = wilson([int(right.sum())], len(right))
    each = np.array([right[labels[~fitted] == one].mean() for one in range(int(labels.max()) + 1)])
    return float(right.mean()), float(low[0]), float(high[0]), each
