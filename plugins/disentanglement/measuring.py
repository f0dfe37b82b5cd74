# SPDX-License-Identifier: Apache-2.0
"""All scores of a set of codes, their intervals over halves of the points, and the controls beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from plugins.disentanglement import importance as dci
from plugins.disentanglement import scores
from plugins.disentanglement.factors import Factors
from plugins.disentanglement.information import (
    Bins,
    Float64,
    Int64,
    binned,
    gaps,
    information_matrix,
    modularity,
)

QUICK: Final = ("mig", "modularity", "sap", "irs", "factor_vae")
SLOW: Final = ("dci_disentanglement", "dci_completeness", "dci_informativeness", "explicitness", "beta_vae")
NAMES: Final = (*SLOW[:3], *QUICK, *SLOW[3:])
LEVEL: Final = 0.95


@dataclass(frozen=True)
class Settings:
    """How everything is measured; ``learned`` is the number of points that importances are learned and tested on."""

    bins: int = 20
    by: Bins = "range"
    learner: dci.Learner = "boosted"
    trees: int = 20
    learned: int = 2000
    votes: int = 1000
    seed: int = 0


@dataclass(frozen=True)
class Scores:
    """What one set of codes gives.

    Attributes
    ----------
    values : name -> number
    information, importance, separation : float64 ``[d, f]``
    importances : accuracy and chance of each factor with it; ``None`` when only the quick scores were asked for
    explicit : float64 ``[f]``, areas under the curve; ``None`` likewise
    """

    values: dict[str, float]
    information: Float64
    separation: Float64
    importances: dci.Importance | None = None
    explicit: Float64 | None = None


def quick(codes: Float64, factors: Factors, settings: Settings) -> Scores:
    """MIG, modularity, SAP, IRS and the FactorVAE score of ``codes [n, d]``, all axes active."""
    levels = factors.levels
    information = information_matrix(binned(codes, settings.bins, settings.by), levels)
    separation = _separation(codes, factors, settings)
    values = {
        "mig": float(gaps(information, factors.entropies()).mean()),
        "modularity": float(modularity(information).mean()) if len(information) else 0.0,
        "sap": float(scores.separations(separation).mean()),
        "irs": scores.interventional_robustness(codes, levels)[0],
        "factor_vae": scores.factor_vae(codes, levels, np.random.default_rng(settings.seed), votes=settings.votes),
    }
    return Scores(values, information, separation)


def whole(codes: Float64, factors: Factors, settings: Settings) -> Scores:
    """The quick scores, and DCI, explicitness and the beta-VAE score, which learn and take longer."""
    some = quick(codes, factors, settings)
    rng = np.random.default_rng(settings.seed)
    rows = rng.permutation(len(codes))[: settings.learned]
    levels = factors.levels
    found = dci.importance(
        codes[rows], levels[rows], learner=settings.learner, trees=settings.trees, seed=settings.seed
    )
    explicit = scores.explicitness(codes[rows], levels[rows], settings.seed)
    values = {
        **some.values,
        "dci_disentanglement": dci.disentanglement(found.matrix),
        "dci_completeness": dci.completeness(found.matrix),
        "dci_informativeness": float(found.accuracy.mean()),
        "explicitness": float(explicit.mean()),
        "beta_vae": scores.beta_vae(codes, levels, rng, votes=settings.votes),
    }
    return replace(some, values=values, importances=found, explicit=explicit)


def _separation(codes: Float64, factors: Factors, settings: Settings) -> Float64:
    """What SAP is made of: squared correlation with numbers, accuracy of a linear classifier for categories."""
    found = np.zeros((codes.shape[1], len(factors.each)))
    numbers = [at for at, one in enumerate(factors.each) if one.kind == "number"]
    categories = [at for at, one in enumerate(factors.each) if one.kind == "category"]
    if numbers:
        values = np.stack([factors.each[at].values for at in numbers], axis=1)
        found[:, numbers] = scores.squared_correlations(codes, values)
    if categories:
        few = slice(0, settings.learned)  # the rows are a random sample, in the order of the data
        rows = np.random.default_rng(settings.seed).permutation(len(codes))[few]
        found[:, categories] = scores.level_accuracies(codes[rows], factors.levels[rows][:, categories], settings.seed)
    return found


@dataclass(frozen=True)
class Trials:
    """Scores of the same codes under many conditions: name -> float64 ``[trials]``.

    Attributes
    ----------
    halves : of random halves of the points; ``by_factor`` (gap, completeness) float64 ``[halves, 2, f]``
    rotated : of all points under random rotations of the active axes; empty where there is one axis only
    permuted : of all points with the factors of others
    """

    halves: dict[str, Float64]
    halves_by_factor: Float64
    rotated: dict[str, Float64]
    permuted: dict[str, Float64]


@dataclass(frozen=True)
class Counts:
    """How many trials: of halves, of both controls for the quick scores, and of each for those that learn."""

    halves: int = 6
    quick: int = 39
    slow: int = 3
    permuted: int = 1


def trials(
    codes: Float64,
    factors: Factors,
    settings: Settings,
    counts: Counts,
    rng: np.random.Generator,
    progress: Callable[[float, str], None],
) -> Trials:
    """Halves, rotations and permutations of ``codes [n, d]`` (active axes only)."""
    total, done = counts.halves + counts.slow + counts.permuted + counts.quick / 5, 0.0
    halves: list[dict[str, float]] = []
    by_factor = []
    for _ in range(counts.halves):
        rows, some = _half(factors, rng)
        found = whole(codes[rows], some, replace(settings, seed=_seed(rng), learned=settings.learned // 2))
        assert found.importances is not None
        halves.append(found.values)
        by_factor.append(
            [gaps(found.information, some.entropies()), dci.completeness_by_factor(found.importances.matrix)]
        )
        progress((done := done + 1) / total, "halves of the points")
    controls: dict[str, dict[str, list[float]]] = {"rotated": {}, "permuted": {}}
    for name, kept in controls.items():
        if name == "rotated" and codes.shape[1] < 2:
            continue  # a single axis only changes its sign
        for at in range(counts.quick):
            if name == "rotated":
                other, labels = codes @ rotation(codes.shape[1], rng), factors
            else:
                other, labels = codes, subset(factors, rng.permutation(len(codes)))
            slow = at < (counts.slow if name == "rotated" else min(counts.permuted, counts.slow))
            measure = whole if slow else quick
            for one, value in measure(other, labels, replace(settings, seed=_seed(rng))).values.items():
                kept.setdefault(one, []).append(value)
            progress((done := done + (1.1 if slow else 0.1)) / total, f"{name} control")
    as_arrays = [{one: np.array(values) for one, values in kept.items()} for kept in controls.values()]
    names = halves[0] if halves else {}
    spread = {one: np.array([half[one] for half in halves]) for one in names}
    return Trials(spread, np.array(by_factor), as_arrays[0], as_arrays[1])


def _half(factors: Factors, rng: np.random.Generator) -> tuple[Int64, Factors]:
    """A random half of the points in which every factor still varies; drawn again when a rare level got lost."""
    n = len(factors.kept)
    while True:
        rows = np.sort(rng.permutation(n)[: n // 2]).astype(np.int64)
        some = subset(factors, rows)
        if (some.entropies() > 0).all():
            return rows, some


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))


def subset(factors: Factors, rows: Int64) -> Factors:
    """The factors of the points at ``rows``, in that order; levels that none of them has stay known."""
    each = [replace(one, levels=one.levels[rows], values=one.values[rows]) for one in factors.each]
    return replace(factors, each=tuple(each), kept=factors.kept[rows])


def rotation(width: int, rng: np.random.Generator) -> Float64:
    """A rotation or reflection ``[d, d]`` drawn evenly from all (Mezzadri 2007: QR with the signs of R set right)."""
    basis, upper = np.linalg.qr(rng.standard_normal((width, width)))
    return np.asarray(basis * np.sign(np.diag(upper)))


def reach(halves: Float64) -> float:
    """Half the width of a 95 % interval from scores of random halves of the points, ``[trials]``.

    A half leaves out as many points as it holds, so that the spread of the scores of halves is the standard error of
    that of all points: the delete-d jackknife of Shao and Wu, *A general theory for jackknife variance estimation*,
    Annals of Statistics 1989, with d = n / 2. Student's law with one degree less than trials.
    """
    from scipy.stats import t

    if len(halves) < 2:
        return float("nan")
    return float(halves.std(ddof=1) * t.ppf((1 + LEVEL) / 2, len(halves) - 1))
