# SPDX-License-Identifier: Apache-2.0
"""How much each step changes which points are connected first: RTD of neighbouring steps, with its control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.space_comparison.divergence import divergence
from plugins.space_comparison.trials import Mean, mean_of

if TYPE_CHECKING:
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import Shaped


@dataclass(frozen=True)
class Order:
    """Representation topology divergence of two steps: of the points as they are, and in random order."""

    paired: Mean
    mixed: Mean


def order_of(before: Shaped, here: Shaped, rows: Rows) -> Order | None:
    """RTD between two measured steps over the trials; nothing where nine in ten distances of a subset are zero."""
    if not rows.trials:
        return None
    paired, mixed = [], []
    for one, other, shuffle in zip(before.apart, here.apart, rows.mixed, strict=True):
        try:
            paired.append(divergence(one, other))
            mixed.append(divergence(one, other[np.ix_(shuffle, shuffle)]))
        except wb.DataError:  # most points of a subset are equal
            return None
    used = len(rows.trials[0])
    return Order(mean_of(np.array(paired), used, len(rows)), mean_of(np.array(mixed), used, len(rows)))


def orders_of(shaped: Sequence[Shaped], rows: Rows) -> dict[int, Order]:
    """RTD of each measured step from the measured one before it, by place."""
    from plugins.layer_homology.changes import neighbours

    found = {}
    for before, at in neighbours(shaped):
        order = order_of(shaped[before], shaped[at], rows)
        if order is not None:
            found[at] = order
    return found
