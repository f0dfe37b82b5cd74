# SPDX-License-Identifier: Apache-2.0
"""Learn to tell glasses from the faces labelled by eye, and measure it on others.

``python -m sample_models.faces_dcgan.train_glasses`` writes ``glasses.safetensors`` and ``glasses.json`` in seconds.
The weights of the generator must be in the cache.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import torch
from safetensors.numpy import save_file
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from registry.arrays import Array
from sample_models.faces_dcgan.eyes import edges
from sample_models.faces_dcgan.glasses import WEIGHTS, log_odds
from sample_models.faces_dcgan.labels import labelled
from sample_models.faces_dcgan.model import FacesDcgan
from workbench.points import sample_prior

LEARNT_FROM: Final = 300
"""Draws below it are learned from, the others measure."""

INVERSE_PENALTY: Final = 0.1
RESAMPLES: Final = 10_000


def drawn(count: int) -> Array:
    """The first draws of the prior as pictures ``[n, 3, 64, 64]`` in 0..1."""
    codes = sample_prior(FacesDcgan.z, np.arange(count), labelled()["seed"])
    with torch.inference_mode():
        faces = FacesDcgan().decode(torch.from_numpy(codes))
    return np.asarray(((faces + 1) / 2).clamp(0, 1).numpy())


def weights_of(features: Array, wears: Array) -> dict[str, Array]:
    """Weights ``[896]`` and intercept ``[1]`` of a ridge logistic regression on standardised features.

    Both classes weigh alike.
    """
    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64) + 1e-6
    fitted = LogisticRegression(C=INVERSE_PENALTY, class_weight="balanced", max_iter=2000)
    fitted.fit((features - mean) / spread, wears)
    weights = fitted.coef_[0] / spread
    intercept = fitted.intercept_ - weights @ mean
    return {"weights": weights.astype(np.float32), "intercept": intercept.astype(np.float32)}


def area(wears: Array, scores: Array) -> tuple[float, float, float]:
    """Area under the curve with a 95 % interval by resampling each class with replacement."""
    rng = np.random.default_rng(0)
    yes, no = scores[wears], scores[~wears]
    beaten = (yes[:, None] > no[None]) + 0.5 * (yes[:, None] == no[None])
    again = [
        beaten[np.ix_(rng.integers(len(yes), size=len(yes)), rng.integers(len(no), size=len(no)))].mean()
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile(again, [0.025, 0.975])
    return float(roc_auc_score(wears, scores)), float(low), float(high)


def cross_validated(features: Array, wears: Array) -> float:
    """Area under the curve over five folds of what is learned from, each scored by weights from the other four."""
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    scores = np.empty(len(wears))
    for rest, fold in folds.split(features, wears):
        learned = weights_of(features[rest], wears[rest])
        scores[fold] = features[fold] @ learned["weights"] + learned["intercept"][0]
    return float(roc_auc_score(wears, scores))


def main() -> None:
    """Learn, write and measure."""
    letters = np.array(list(labelled()["attributes"]["glasses"]["rows"]))
    faces = drawn(len(letters))
    sure, number = letters != "u", np.arange(len(letters))
    learn, held = sure & (number < LEARNT_FROM), sure & (number >= LEARNT_FROM)
    taught = edges(faces[learn]), letters[learn] == "y"
    learned = weights_of(*taught)
    save_file(learned, WEIGHTS)
    wears = letters[held] == "y"
    scores = log_odds(faces[held], learned)
    auc, low, high = area(wears, scores)
    told: dict[str, Any] = {
        "learned_from": {"yes": int((letters[learn] == "y").sum()), "no": int((letters[learn] == "n").sum())},
        "held_out": {"yes": int(wears.sum()), "no": int((~wears).sum())},
        "auc": round(auc, 3),
        "auc_low": round(low, 3),
        "auc_high": round(high, 3),
        "auc_of_folds": round(cross_validated(*taught), 3),
        "found": round(float((scores[wears] > 0).mean()), 3),
        "false_alarms": round(float((scores[~wears] > 0).mean()), 3),
    }
    WEIGHTS.with_suffix(".json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(told)


if __name__ == "__main__":
    main()
