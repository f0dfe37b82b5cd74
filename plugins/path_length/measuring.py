# SPDX-License-Identifier: Apache-2.0
"""The work: random pairs, places on their paths, changes along both kinds of path, and the error of the step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

import workbench as wb
from plugins.geometry.frame import Frame
from plugins.path_length.lengths import PATHS, Float64, limits, squared_changes, steps

if TYPE_CHECKING:
    from torch import Tensor

    from plugins.geometry.decoding import Decode
    from plugins.path_length.analysis import PerceptualPathLength

CHECKED: Final = 32  # pairs at which the step is compared with the exact derivative


@dataclass(frozen=True)
class Measured:
    """Changes by kind of path, each ``[n]``, and what they are of.

    Attributes
    ----------
    t : places of the steps, ``[n]``
    first, second : rows of both codes, ``[n]``
    changes : by kind of path
    step_error : by kind, the relative difference of the mean over some pairs from that of the exact derivative
    """

    t: Float64
    first: np.ndarray
    second: np.ndarray
    changes: dict[str, Float64]
    step_error: dict[str, float]


def measure(
    job: wb.Job,
    decode: Decode,
    points: wb.Points,
    frame: Frame,
    params: PerceptualPathLength.Params,
    like: Tensor,
) -> Measured:
    """Each code stands in one pair alone, so that pairs are independent.

    Raises
    ------
    DataError
        When the codes of all pairs are equal.
    """
    codes = points.flat().astype(np.float64)
    order = job.rng.permutation(len(codes))
    half = len(codes) // 2
    first, second = order[:half], order[half : 2 * half]
    differ = (codes[first] != codes[second]).any(axis=1)
    if not differ.any():
        raise wb.DataError("both codes of every pair are equal: there are no paths to measure")
    first, second = first[differ], second[differ]
    t = np.zeros(len(first)) if params.where == "end" else job.rng.uniform(0, 1 - params.epsilon, len(first))
    changes, error = {}, {}
    for number, kind in enumerate(PATHS):
        here, there = steps(kind, codes[first], codes[second], t, params.epsilon, frame)
        found = []
        for start in range(0, len(here), 64):
            part = slice(start, start + 64)
            found.append(squared_changes(decode, here[part], there[part], params.epsilon, like))
            job.progress(0.05 + 0.9 * (number + start / len(here)) / len(PATHS), f"steps along {kind}")
        changes[kind] = np.concatenate(found)
        exact = limits(decode, here[:CHECKED], there[:CHECKED], params.epsilon, like)
        error[kind] = float(abs(changes[kind][:CHECKED].mean() - exact.mean()) / max(exact.mean(), 1e-300))
    return Measured(t, points.rows[first], points.rows[second], changes, error)
