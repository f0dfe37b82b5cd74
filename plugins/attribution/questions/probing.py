# SPDX-License-Identifier: Apache-2.0
"""A probe: a line drawn by logistic regression through the activations of a layer, with how well it does."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

import workbench as wb
from plugins.attribution.questions.kinds import Projection
from plugins.homology.trust import wilson

SHUFFLES: Final = 10  # control probes
HELD_OUT: Final = 0.4
FEWEST: Final = 10  # points of each class


@dataclass(frozen=True)
class Probe:
    """How well a probe tells a class from as many other points.

    Attributes
    ----------
    accuracy, low, high : on held-out points, with its 95 % interval (Wilson)
    control, control_low, control_high : mean and range of probes learned from shuffled labels, on the same points
    learned, held_out : how many points it was learned from and tested on; half of each are of the class
    """

    accuracy: float
    low: float
    high: float
    control: float
    control_low: float
    control_high: float
    learned: int
    held_out: int


def learn(activations: NDArray[np.float32], is_class: NDArray[np.bool_], seed: int) -> tuple[Projection, Probe]:
    """Logistic regression on standardised activations ``[n, d]``; the number is its log odds.

    As many points outside the class as inside are drawn, so that chance is one half.

    Raises
    ------
    DataError
        With fewer than 10 points of either.
    """
    rng = np.random.default_rng(seed)
    inside, outside = (rng.permutation(np.flatnonzero(one)) for one in (is_class, ~is_class))
    count = min(len(inside), len(outside))
    if count < FEWEST:
        raise wb.DataError(
            f"a probe needs {FEWEST} points of the class and {FEWEST} others, and there are {len(inside)} and "
            f"{len(outside)}"
        )
    held = max(3, round(HELD_OUT * count))
    test = np.concatenate([inside[:held], outside[:held]])
    train = np.concatenate([inside[held:count], outside[held:count]])
    points = activations.astype(np.float64)
    weights, offset = _fitted(points[train], is_class[train])
    right = (points[test] @ weights + offset > 0) == is_class[test]
    controls = []
    for _ in range(SHUFFLES):
        wrong, constant = _fitted(points[train], rng.permutation(is_class[train]))
        controls.append(float(((points[test] @ wrong + constant > 0) == is_class[test]).mean()))
    low, high = (float(one) for one in wilson(int(right.sum()), len(test)))
    found = Probe(
        float(right.mean()), low, high, float(np.mean(controls)), min(controls), max(controls), len(train), len(test)
    )
    return Projection(torch.from_numpy(weights), offset), found


def shuffled(activations: NDArray[np.float32], is_class: NDArray[np.bool_], seed: int) -> Projection:
    """A probe learned from all of the labels in random order."""
    rng = np.random.default_rng(seed)
    inside, outside = (rng.permutation(np.flatnonzero(one)) for one in (is_class, ~is_class))
    count = min(len(inside), len(outside))
    used = np.concatenate([inside[:count], outside[:count]])
    weights, offset = _fitted(activations[used].astype(np.float64), rng.permutation(is_class[used]))
    return Projection(torch.from_numpy(weights), offset)


def _fitted(points: NDArray[np.float64], is_class: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    """Weights and constant of the log odds, for activations as they are."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    mean, scale = points.mean(axis=0), points.std(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # separable classes; the held-out accuracy judges
        line = LogisticRegression(C=0.1, max_iter=300).fit((points - mean) / scale, is_class)
    weights = line.coef_[0] / scale
    return weights, float(line.intercept_[0] - mean @ weights)
