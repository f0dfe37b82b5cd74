# SPDX-License-Identifier: Apache-2.0
"""What a way of finding directions gives: unit vectors, its own number for each, and which way they point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

import workbench as wb

Float64 = NDArray[np.float64]

NONE: Final = 1e-12  # length below which a vector leads nowhere


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


def unit(vectors: ArrayLike) -> Float64:
    """Rows of length 1 ``[k, d]``; raises :class:`DataError` for a row that is zero or not finite.

    >>> unit([[3.0, 4.0]]).tolist()
    [[0.6, 0.8]]
    """
    rows = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
    if not np.isfinite(rows).all():
        raise wb.DataError("a direction holds NaN or infinity")
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if rows.size and (largest <= NONE * max(float(largest.max()), np.finfo(float).tiny)).any() or not rows.any(1).all():
        raise wb.DataError("a direction is zero: it leads nowhere")
    rows = rows / largest  # squares of tiny numbers would vanish
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))


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


def without(vector: ArrayLike, others: Sequence[ArrayLike] | Float64) -> Float64:
    """What is left of a direction once all that lies along others is taken out, of length 1 ``[d]``.

    The conditional direction of InterFaceGAN for any number of conditions: an orthonormal basis of their span first
    (they need not be orthogonal). Source: Shen, Gu, Tang and Zhou, "Interpreting the latent space of GANs for semantic
    face editing", CVPR 2020, section 3.3.

    >>> without([1.0, 1.0, 0.0], [[0.0, 2.0, 0.0]]).tolist()
    [1.0, 0.0, 0.0]

    Raises
    ------
    DataError
        When (almost) nothing is left: the direction is a mixture of the others.
    """
    start = unit(vector)[0]
    rows = unit(np.asarray(others, dtype=np.float64))
    left, sizes, _ = np.linalg.svd(rows.T, full_matrices=False)
    span = left[:, sizes > 1e-10 * sizes[0]]
    rest: Float64 = start - span @ (span.T @ start)
    rest = rest - span @ (span.T @ rest)  # twice is enough (Parlett): of a small rest the first leaves some
    if np.linalg.norm(rest) < 1e-6:
        raise wb.DataError("nothing is left of the direction: it lies along those that are taken out of it")
    return np.asarray(unit(rest)[0])
