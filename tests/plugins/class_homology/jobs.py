# SPDX-License-Identifier: Apache-2.0
"""Classes of known shape in sixteen dimensions, and a job on them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import workbench as wb
from plugins.class_homology.analysis import ClassHomology
from tests.plugins.homology.jobs import Job, into

SMALL: dict[str, Any] = {"space": "points", "by": "kind", "per_class": 40, "draws": 8}


def half_circles(n: int, seed: int = 0, noise: float = 0.05) -> tuple[Any, list[str]]:
    """Two half circles of radius 1 as two classes, and a heap far from both as a third, ``n`` points each.

    Normal noise along each of the 16 axes, in radii.
    """
    random = np.random.default_rng(seed)
    turn = random.uniform(0, np.pi, n)
    flat = np.r_[
        np.c_[np.cos(turn), np.sin(turn)],
        -np.c_[np.cos(turn), np.sin(turn)],
        [4, 0] + 0.3 * random.standard_normal((n, 2)),
    ]
    return into(flat, 16, noise, seed), ["upper"] * n + ["lower"] * n + ["heap"] * n


def heaps(n: int, classes: int, seed: int = 0, axes: int = 16) -> tuple[Any, list[str]]:
    """Normal points around different middles, each class with a covariance of its own."""
    random = np.random.default_rng(seed)
    parts = []
    for _ in range(classes):
        shape = random.standard_normal((axes, axes)) / np.sqrt(axes)
        parts.append(random.standard_normal((n, axes)) @ shape + random.standard_normal(axes))
    return np.concatenate(parts).astype(np.float32), [str(one) for one in range(classes) for _ in range(n)]


def run(values: Any, kinds: list[str], *, seed: int = 0, **params: Any) -> wb.Result:
    """The analysis on labelled points."""
    job = Job(values, pd.DataFrame({"kind": kinds}), seed=seed)
    return ClassHomology().run(job, ClassHomology.Params.read({**SMALL, **params}))  # type: ignore[arg-type]


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]
