# SPDX-License-Identifier: Apache-2.0
"""The classes that are looked at, each measured by itself as the analysis `homology` measures a group."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.analysis import Homology
from plugins.homology.bars import Bar, bars_of
from plugins.homology.clouds import Cloud, Group, cloud_of
from plugins.homology.measures import Measured, measure
from plugins.homology.pieces import pieces_at

if TYPE_CHECKING:
    from plugins.class_homology.analysis import ClassHomology

VOID_LANDMARKS = 150  # of a class where voids are looked for
FITTED = 2000  # points that principal components are made from at most


@dataclass(frozen=True)
class Single:
    """One class by itself.

    Attributes
    ----------
    measured : landmarks, barcode and draws
    bars : with the three numbers of each
    sizes : points in each piece that is more than a few outliers, largest first
    torn : the bar that parts the pieces, where they come back in random draws; ``None`` where the class is one piece
    """

    measured: Measured
    bars: list[Bar]
    sizes: list[int]
    torn: Bar | None

    def longest(self, dimension: int) -> Bar | None:
        """The longest bar of a dimension; of pieces, the widest gap."""
        return next((bar for bar in self.bars if bar.dimension == dimension and bar.rank == 1), None)

    def significant(self, dimension: int) -> int:
        """How many bars of a dimension are more than noise."""
        return sum(bar.significant for bar in self.bars if bar.dimension == dimension)


def wide(params: ClassHomology.Params) -> int:
    """Points of a class in samples larger than those of the draws: twice as many."""
    return 2 * params.per_class


def cloud_for(job: wb.Job, params: ClassHomology.Params) -> tuple[Cloud, Homology.Params]:
    """The points of a run, in as many principal components as asked for, and how each class is measured."""
    settings = Homology.Params.read(
        {
            "space": params.space,
            "by": params.by,
            "metric": params.metric,
            "through": params.through,
            "neighbours": params.neighbours,
            "max_dim": params.max_dim,
            "limit": params.limit,
            "draws": params.draws,
            "landmarks": min(wide(params), VOID_LANDMARKS) if params.max_dim > 1 else wide(params),
        }
    )
    cloud = cloud_of(job, settings)
    if params.components is not None and params.components < cloud.values.shape[1]:
        if cloud.metric == "pull-back":
            raise wb.ParameterError(
                "'components' goes with distances in the space itself; the decoder of the pull-back distance needs all "
                "axes: leave 'components' empty"
            )
        placed, kept = leading(cloud.values, params.components, job.seed)
        told = (
            f"Only {params.components} principal components of all points are looked at, which keep {kept:.0%} of "
            "their variance: what is found is of this projection, not of the space."
        )
        cloud = replace(cloud, values=placed, notes=[*cloud.notes, told])
    return cloud, settings


def leading(values: NDArray[np.float32], count: int, seed: int) -> tuple[NDArray[np.float32], float]:
    """The first principal components float32 ``[n, count]`` of ``[n, d]`` and the share of variance they keep.

    Fitted to at most 2,000 random points.
    """
    n = len(values)
    some = np.arange(n) if n <= FITTED else np.sort(np.random.default_rng(seed).choice(n, FITTED, replace=False))
    points = values[some].astype(np.float64)
    middle = points.mean(axis=0)
    _, lengths, axes = np.linalg.svd(points - middle, full_matrices=False)
    total = float((lengths**2).sum())
    parts = [(values[at : at + 8192] - middle) @ axes[:count].T for at in range(0, n, 8192)]
    return np.concatenate(parts).astype(np.float32), float((lengths[:count] ** 2).sum()) / total if total else 0.0


def chosen(cloud: Cloud, params: ClassHomology.Params) -> tuple[list[Group], list[str]]:
    """The classes asked for, in the order of the column, and what was left out.

    Raises
    ------
    ParameterError
        When a class is named that is not there.
    DataError
        When fewer than two classes are left.
    """
    from plugins.class_homology.analysis import FEWEST, MOST

    prefix = f"{params.by} "
    groups = {one.name.removeprefix(prefix): one for one in cloud.groups if one.name}
    wanted = [one.strip() for one in params.classes.split(",") if one.strip()]
    missing = [one for one in wanted if one not in groups]
    if missing:
        raise wb.ParameterError(
            f"'classes': {params.by} has no class '{missing[0]}' with at least {FEWEST} points in this sample; there "
            f"are: {', '.join(groups) or 'none'}"
        )
    if len(wanted) > MOST:
        raise wb.ParameterError(f"'classes': name at most {MOST}, not {len(wanted)}")
    names = [one for one in groups if not wanted or one in wanted]
    notes = []
    if len(names) > MOST:
        largest = sorted(names, key=lambda one: -len(groups[one].positions))[:MOST]
        notes.append(
            f"The {MOST} largest of {len(names)} classes of {params.by} are looked at; name others in 'classes'."
        )
        names = [one for one in names if one in largest]
    kept = [replace(groups[one], name=one) for one in names]
    if len(kept) < 2:
        raise wb.DataError(
            f"two classes with at least {FEWEST} points each are needed, but '{params.by}' has {len(kept)} in this "
            "sample: choose another column, slice or data set"
        )
    return kept, notes


def alone(
    cloud: Cloud,
    groups: Sequence[Group],
    settings: Homology.Params,
    rng: np.random.Generator,
    progress: Callable[[float], None],
) -> list[Single]:
    """Each class by itself."""
    found = []
    for at, group in enumerate(groups):

        def part(fraction: float, at: int = at) -> None:
            progress((at + fraction) / len(groups))

        found.append(_single(measure(cloud, group, settings, rng, part)))
    return found


def _single(measured: Measured) -> Single:
    bars = bars_of([measured])
    sizes = pieces_at(measured.distances, measured.barcode, measured.nearest)[1]
    torn: Any = None
    if len(sizes) > 1:
        last = next(bar for bar in bars if bar.dimension == 0 and bar.rank == len(sizes) - 1)
        torn = last if last.passed[1] else None
    return Single(measured, bars, sizes, torn)
