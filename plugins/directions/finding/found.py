# SPDX-License-Identifier: Apache-2.0
"""What a way of finding directions gives: unit vectors, its own number for each, and which way they point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb
from workbench.directions import unit as unit
from workbench.directions import without as without

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Found:
    """Directions that one method found.

    Attributes
    ----------
    method : ``"ganspace"``, ``"sefa"``, ``"jacobian"``, ``"random"``, ``"axes"``, ``"mean-difference"``, ...
    vectors : float64 ``[k, d]``, rows of length 1
    strength : float64 ``[k]``, the method's own number for each, largest first
    strength_is : what that number is, in words
    attribute : what the method was told to look for; ``None`` where it was told nothing
    notes : what should be known of this search
    extra : further numbers by name
    """

    method: str
    vectors: Float64
    strength: Float64
    strength_is: str
    attribute: str | None = None
    notes: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.vectors)

    def pointed(self, signs: ArrayLike) -> Found:
        """The same with the vectors whose sign is below 0 turned round."""
        turn = np.where(np.asarray(signs, dtype=np.float64) < 0, -1.0, 1.0)
        return replace(self, vectors=self.vectors * turn[:, None])


def signs_by_component(vectors: Float64) -> Float64:
    """The sign of the largest component of each row ``[k]``: a rule where nothing better is known."""
    return np.asarray(np.sign(vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)]))


def signs_by_effect(
    vectors: Float64, decode: Callable[[Any], Any], codes: ArrayLike, step: float, *, batch: int = 256
) -> Float64:
    """The sign of the change of the mean output along each row ``[k]``, over all codes ``[n, d]``, one step each way.

    So that a direction found without labels makes pictures lighter, whatever library found it. Where the change is less
    than 1e-6 of its own standard error nothing is told by it and the largest component decides.
    """
    import torch

    start = np.asarray(codes, dtype=np.float64)
    signs = signs_by_component(vectors)
    for at, vector in enumerate(vectors):
        changes = []
        with torch.inference_mode():
            for first in range(0, len(start), batch):
                part = start[first : first + batch]
                means = [
                    decode(torch.as_tensor(part + way * step * vector, dtype=torch.float32)).flatten(1).mean(1)
                    for way in (1, -1)
                ]
                changes.append((means[0] - means[1]).double().cpu().numpy())
        change = np.concatenate(changes)
        spread = float(change.std())
        if np.isfinite(change).all() and abs(float(change.mean())) > 1e-6 * max(spread, 1e-12):
            signs[at] = np.sign(change.mean())
    return signs


def random_directions(count: int, width: int, rng: np.random.Generator) -> Found:
    """Directions drawn evenly from the unit sphere: what every other method is set against."""
    vectors = unit(rng.standard_normal((count, width)))
    return Found("random", vectors, np.ones(count), "none: drawn at random")


def axes(width: int, spread: ArrayLike) -> Found:
    """The axes of the space themselves, those first along which codes are spread most (``spread [d]``)."""
    size = np.asarray(spread, dtype=np.float64)
    order = np.argsort(-size, kind="stable")
    return Found("axes", np.eye(width)[order], size[order], "standard deviation of the codes", extra={"axis": order})


def matched(first: Float64, second: Float64) -> tuple[NDArray[np.int64], Float64]:
    """For each row of ``first [k, d]`` its partner among those of ``second [m, d]`` and their ``|cosine|``.

    Partners are distinct and chosen so that the sum is largest (Hungarian method; Kuhn 1955). Raises
    :class:`DataError` when there are fewer rows in the second.

    >>> partner, cosine = matched(np.eye(2), np.array([[0.0, -1.0], [1.0, 0.0]]))
    >>> partner.tolist(), cosine.tolist()
    ([1, 0], [1.0, 1.0])
    """
    from scipy.optimize import linear_sum_assignment

    if len(second) < len(first):
        raise wb.DataError(f"{len(first)} directions cannot be matched with {len(second)}")
    cosines = np.abs(unit(first) @ unit(second).T)
    rows, columns = linear_sum_assignment(-cosines)
    return np.asarray(columns, dtype=np.int64), np.asarray(cosines[rows, columns])
