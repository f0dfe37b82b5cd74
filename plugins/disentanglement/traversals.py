# SPDX-License-Identifier: Apache-2.0
"""For each factor: one point moved along the axis that holds most of it, decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

import workbench as wb
from plugins.difference_direction.traversal import decoded, route_to_images
from plugins.disentanglement.information import Float64, Int64

if TYPE_CHECKING:
    from plugins.disentanglement.analysis import Sample
    from plugins.disentanglement.measuring import Scores
    from registry.arrays import Array

REACH = 0.02  # from this quantile of the axis to that from the other end


@dataclass(frozen=True)
class Traversals:
    """Pictures along axes.

    Attributes
    ----------
    pictures : uint8 ``[f, steps, height, width, 1 or 3]``, a row for each factor; ``None`` where there are none
    values : float64 ``[f, steps]``, where on the axis
    axes : int64 ``[f]``, the axis of each factor, numbered as in the space
    row : of the point that is moved
    why : why there are no pictures
    """

    pictures: Array | None
    values: Float64
    axes: Int64
    row: int
    why: str = ""


def traversals_of(job: wb.Job, space: str, sample: Sample, found: Scores, steps: int) -> Traversals:
    """Move the point nearest to the middle of the codes along the strongest axis of each factor.

    The strongest axis is the one with most mutual information; the moves go from the 2 % to the 98 % quantile of the
    codes on it, in even steps, all other axes held.
    """
    count = len(sample.factors.each)
    if not len(sample.active):
        none = np.zeros(count, dtype=np.int64)
        return Traversals(
            None, np.zeros((count, steps)), none, -1, "No axis is active, so that there is none to move along."
        )
    axes = sample.active[found.information.argmax(axis=0)]
    ends = np.quantile(sample.codes[:, axes], [REACH, 1 - REACH], axis=0)
    values = np.linspace(ends[0], ends[1], steps, axis=1)
    some = sample.codes[:, sample.active]
    middle = int((((some - np.median(some, axis=0)) / some.std(axis=0)) ** 2).sum(axis=1).argmin())
    row = int(sample.points.rows[sample.factors.kept[middle]])
    codes = np.repeat(sample.codes[middle][None, None], count, axis=0).repeat(steps, axis=1)
    for factor, axis in enumerate(axes):
        codes[factor, :, axis] = values[factor]
    pictures, why = _decode(job, space, codes.reshape(count * steps, -1))
    shaped = None if pictures is None else pictures.reshape(count, steps, *pictures.shape[1:])
    return Traversals(shaped, values, axes.astype(np.int64), row, why)


def _decode(job: wb.Job, space: str, codes: Float64) -> tuple[Array | None, str]:
    try:
        route = route_to_images(job.model, space)
    except wb.DoesNotApply:
        return None, "Without a model there is nothing to decode moved codes with."
    if not route:
        return None, f"No map of the model leads from {space} to pictures, so that moved codes cannot be shown."
    try:
        return decoded(job, codes, route), ""
    except wb.MapError as error:  # the scores stand without pictures
        return None, f"Moved codes could not be decoded: {error}"
