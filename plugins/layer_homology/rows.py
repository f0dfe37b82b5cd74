# SPDX-License-Identifier: Apache-2.0
"""Which rows are looked at: chosen once, so that every step is measured on the same ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.clouds import ALL, FEWEST_OF_CLASS, Group
from plugins.homology.measures import CLASS_DRAWS, FEWEST_DRAWN

if TYPE_CHECKING:
    from plugins.layer_homology.analysis import LayerHomology
    from plugins.layers.classes import Labels

Int64 = NDArray[np.int64]
TESTED = 400  # random points that the universal null looks at
FEW_CLASSES = 4  # up to which each has as many draws as all points: there are six pairs of them
OF_TRIAL = 100  # points of each subset on which neighbouring steps are compared


@dataclass(frozen=True)
class Draws:
    """Random subsets of one group, the same at every step.

    Attributes
    ----------
    group : its name and its positions in the sample
    draws : int64 ``[size]`` each, positions in the group, rising; none where the group is too small
    others : int64 ``[size]`` each, as many rows of the sample whatever their class: the control of pieces
    tested : int64, positions in the group for the universal null
    """

    group: Group
    draws: tuple[Int64, ...]
    others: tuple[Int64, ...]
    tested: Int64

    @property
    def size(self) -> int:
        """Points of each draw; 0 without draws."""
        return len(self.draws[0]) if self.draws else 0


@dataclass(frozen=True)
class Rows:
    """The plan of a run.

    Attributes
    ----------
    sample : finite points at the start
    groups : all points first, then each class with its random subsets
    labels : the classes, where a column is named
    trials : int64 ``[100]`` each, positions in the sample, on which neighbouring steps are compared
    mixed : int64 ``[100]`` each, places in the trial in random order: the control
    most : landmarks of a group at most
    """

    sample: wb.Points
    groups: tuple[Draws, ...]
    labels: Labels | None
    trials: tuple[Int64, ...]
    mixed: tuple[Int64, ...]
    most: int
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sample)


def finite_points(sample: wb.Points) -> tuple[wb.Points, list[str]]:
    """The points without those that hold NaN or infinity, and a note on how many those are."""
    if isinstance(sample.space, wb.Items):
        return sample, []
    good = np.isfinite(np.asarray(sample.flat())).all(axis=1)
    if good.all():
        return sample, []
    left = wb.Points(
        np.asarray(sample.values)[good],
        np.asarray(sample.rows)[good],
        sample.space,
        sample.source,
        sample.columns[good],
    )
    return left, [f"{int((~good).sum()):,} of {len(good):,} points hold NaN or infinity at the start and are left out."]


def rows_of(sample: wb.Points, params: LayerHomology.Params, rng: np.random.Generator) -> Rows:
    """Groups, their random subsets, and the subsets of the comparisons.

    Raises
    ------
    DataError
        When too few finite points are left.
    ParameterError
        When the column of classes is not there or has too many values.
    """
    from plugins.layer_homology.analysis import FEWEST, LANDMARKS

    points, notes = finite_points(sample)
    if len(points) < FEWEST:
        raise wb.DataError(f"at least {FEWEST} finite points are needed, got {len(points)}: take another data set")
    most = params.landmarks or LANDMARKS[params.max_dim]
    n = len(points)
    labels: Labels | None = None
    groups = [_draws(Group(ALL, np.arange(n, dtype=np.int64)), n, most, params.draws, rng)]
    if params.label is not None:
        from plugins.layers.classes import labels_of

        labels, told = labels_of(points.columns, params.label, FEWEST_OF_CLASS)
        if labels is not None:
            notes += told if labels.measurable else told[:-1]  # the last is on what the probe of layers needs
            members = [np.flatnonzero(labels.codes == code).astype(np.int64) for code in range(len(labels.names))]
            large = [
                Group(f"{labels.column} {name}", mine)
                for name, mine in zip(labels.names, members, strict=True)
                if len(mine) >= FEWEST_OF_CLASS
            ]
            count = params.draws if len(large) <= FEW_CLASSES else min(params.draws, CLASS_DRAWS)
            groups += [_draws(one, n, most, count, rng) for one in large]
    size = min(OF_TRIAL, n)
    trials = tuple(rng.permutation(n)[:size].astype(np.int64) for _ in range(params.trials))
    mixed = tuple(rng.permutation(size).astype(np.int64) for _ in trials)
    return Rows(points, tuple(groups), labels, trials, mixed, most, notes)


def _draws(group: Group, n: int, most: int, count: int, rng: np.random.Generator) -> Draws:
    held = len(group.positions)
    size = min(most, held // 2)
    if size < FEWEST_DRAWN:
        count = 0
    draws = tuple(np.sort(rng.choice(held, size, replace=False)).astype(np.int64) for _ in range(count))
    others: tuple[Int64, ...] = ()
    if group.name:
        others = tuple(np.sort(rng.choice(n, size, replace=False)).astype(np.int64) for _ in range(count))
    tested = np.sort(rng.choice(held, min(held, TESTED), replace=False)).astype(np.int64)
    return Draws(group, draws, others, tested)


@dataclass(frozen=True)
class Chosen:
    """Landmarks of one group, chosen at the first step: int64, positions in the group; and those in sparse places."""

    positions: Int64
    trimmed: Int64


def choose(values: NDArray[np.float32], rows: Rows, params: LayerHomology.Params, seed: int) -> tuple[Chosen, ...]:
    """The landmarks of each group among its points ``values [n, d]`` of the first step that is measured."""
    from plugins.homology.landmarks import landmarks

    found = []
    for at, one in enumerate(rows.groups):
        held = len(one.group.positions)
        if held <= rows.most:
            found.append(Chosen(np.arange(held, dtype=np.int64), np.empty(0, dtype=np.int64)))
            continue
        points = values[one.group.positions]
        given = landmarks(points, rows.most, how=params.how, k=min(10, held - 1), seed=seed + at)
        found.append(Chosen(given.positions, given.trimmed))
    return tuple(found)
