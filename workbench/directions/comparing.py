# SPDX-License-Identifier: Apache-2.0
"""Kept directions beside each other: cosines, the angles between two sets, and what chance gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from registry.errors import ParameterError
from workbench.directions.arithmetic import Float64, cosines, principal_angles, span_of
from workbench.directions.chance import random_angles, random_cosine

if TYPE_CHECKING:
    from workbench.store import DirectionRecord, Store


@dataclass(frozen=True)
class Comparison:
    """Directions of one space beside each other.

    Attributes
    ----------
    names, others : the rows and columns of the cosines; the same where one set is compared with itself
    model, space, width : what they are directions of, and how many numbers each has
    cosines : float64 ``[names, others]``
    random_cosine : ``|cosine|`` that two random directions stay below in 95 of 100 cases, exactly
    random_largest : the same for the largest of all pairs that are compared (Bonferroni)
    pairs : how many pairs are compared
    angles : principal angles in degrees between the spans of two sets, the smallest first; none of one set alone
    random_angles : float64 ``[angles, 3]``: low, median and high of random spans of the same dimensions
    """

    names: tuple[str, ...]
    others: tuple[str, ...]
    model: str | None
    space: str
    width: int
    cosines: Float64
    random_cosine: float
    random_largest: float
    pairs: int
    angles: Float64 | None = None
    random_angles: Float64 | None = None


def compare(store: Store, names: Sequence[str], others: Sequence[str] | None = None) -> Comparison:
    """Kept directions beside each other; with ``others``, the first set beside these, and the angles between both.

    Raises
    ------
    StoreError
        When there is none of a name, or its file is damaged.
    ParameterError
        When they are not of the same model, weights, space and width; when there are fewer than two.
    """
    first = [store.direction(one) for one in dict.fromkeys(names)]
    second = first if others is None else [store.direction(one) for one in dict.fromkeys(others)]
    if not first or not second or (others is None and len(first) < 2):
        raise ParameterError("name at least two directions to compare")
    check_same([*first, *second])
    return compared(first, None if others is None else second)


def compared(first: Sequence[DirectionRecord], second: Sequence[DirectionRecord] | None = None) -> Comparison:
    """:func:`compare` for directions that are known to be of one space."""
    rows = np.stack([one.vector() for one in first])
    columns = rows if second is None else np.stack([one.vector() for one in second])
    width, count = rows.shape[1], len(first)
    pairs = max(count * (count - 1) // 2, 1) if second is None else count * len(second)
    angles = chance = None
    if second is not None:
        angles = principal_angles(rows, columns)
        chance = random_angles(width, span_of(rows).shape[1], span_of(columns).shape[1])
    return Comparison(
        names=tuple(one.name for one in first),
        others=tuple(one.name for one in second or first),
        model=first[0].model,
        space=first[0].space,
        width=width,
        cosines=cosines(rows, None if second is None else columns),
        random_cosine=random_cosine(width),
        random_largest=random_cosine(width, 1 - 0.05 / pairs),
        pairs=pairs,
        angles=angles,
        random_angles=chance,
    )


def check_same(records: Iterable[DirectionRecord]) -> None:
    """Raise :class:`ParameterError` unless all are directions of one space of one model with the same weights."""
    first, *rest = records
    for one in rest:
        if one.model != first.model:
            raise ParameterError(
                f"'{first.name}' is {_of(first)}, and '{one.name}' {_of(one)}: take those of one model"
            )
        if one.space != first.space:
            raise ParameterError(
                f"'{first.name}' is of the space '{first.space}', and '{one.name}' of '{one.space}': take those of one "
                "space"
            )
        if one.fingerprint != first.fingerprint:
            raise ParameterError(
                f"'{first.name}' and '{one.name}' were kept for different weights of '{first.model}' (fingerprints "
                f"{first.fingerprint[:12] or 'unknown'} and {one.fingerprint[:12] or 'unknown'}): find one of them anew"
            )
        if one.size != first.size:
            raise ParameterError(
                f"'{first.name}' has {first.size:,} numbers, and '{one.name}' has {one.size:,}: they are of different "
                "spaces"
            )


def _of(one: DirectionRecord) -> str:
    return "of bare data" if one.model is None else f"of '{one.model}'"
