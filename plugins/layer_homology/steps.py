# SPDX-License-Identifier: Apache-2.0
"""Everything that is measured of one step of the way, on the rows that were chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.bars import Bar, bars_of
from plugins.homology.distances import enclosing_radius, median_distance
from plugins.homology.engines import Barcode, rips
from plugins.homology.measures import Measured
from plugins.homology.pieces import pieces_at
from plugins.layer_homology.classes import joins_of
from plugins.layer_homology.loops import Loop, angles_of_longest, loops_of, standing
from plugins.layer_homology.rows import Chosen, Draws, Rows, choose
from plugins.layer_homology.tables import plane_of, straight, table_of

if TYPE_CHECKING:
    from plugins.layer_homology.analysis import LayerHomology
    from plugins.layers.walk import Step

Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]
State = Literal["measured", "constant", "not finite", "no direction"]
COVERED = 0.95  # share of the points that the covering radius reaches: later layers have outliers of their own
EQUAL = 1e-6  # distances below this share of the numbers themselves are rounding of single precision
MOST_SECONDS = 1800.0


@dataclass(frozen=True)
class GroupShape:
    """One group at one step.

    Attributes
    ----------
    measured : barcode of the landmarks, and of the draws, in median distances of the step
    bars : its bars with what each is worth
    loops : those that are followed
    drawn_loops : of each draw, the angles ``[size]`` of the loops that stand out in it
    standing : int64 ``[draws, max_dim + 1]``, bars that stand out in each draw; in H0, pieces
    others : int64 ``[draws]``, pieces of as many rows of any class
    """

    measured: Measured
    bars: list[Bar]
    loops: list[Loop]
    drawn_loops: list[list[Float64]]
    standing: Int64
    others: Int64


@dataclass
class Shaped:
    """One step with its numbers.

    Attributes
    ----------
    step, units, state : the layer, how many of its units were looked at, and whether it could be measured
    bad : points that hold NaN or infinity
    unit : median distance, by which all scales are divided
    coordinates : ``[m, 2]`` of the landmarks on two principal components, and the share of variance they keep
    chosen : the landmarks of each group
    groups : all points first, then each class
    joins, shuffled : float64 ``[draws]`` of each pair of classes, where they join over where each is one piece; and
        with shuffled labels
    apart : straight distances ``[100, 100]`` of each trial, kept for the step after
    """

    step: Step
    units: int
    state: State
    bad: int = 0
    unit: float = float("nan")
    coordinates: Float64 | None = None
    explained: float = float("nan")
    chosen: tuple[Chosen, ...] = ()
    groups: list[GroupShape] = field(default_factory=list)
    joins: dict[tuple[int, int], Float64] = field(default_factory=dict)
    shuffled: dict[tuple[int, int], Float64] = field(default_factory=dict)
    apart: list[Float64] = field(default_factory=list)


def check_cost(values: NDArray[np.float32], rows: Rows, params: LayerHomology.Params, steps: int) -> None:
    """Refuse a run that would take too much memory, or more than half an hour, before it begins.

    Raises
    ------
    DataError
        With what it would take and what takes less.
    """
    from plugins.homology.estimate import estimate, refuse

    few = values[np.linspace(0, len(values) - 1, min(rows.most, len(values))).astype(np.int64)]
    if not np.isfinite(few).all():
        return
    cost = estimate(straight(few, "euclidean"), params.max_dim)
    times = steps * (2 + sum(len(one.draws) * (one.size / rows.most) ** 3 for one in rows.groups))
    try:
        refuse(replace(cost, seconds=cost.seconds * times), seconds=MOST_SECONDS)
    except wb.DataError as error:
        raise wb.DataError(f"{steps} steps of some {times / steps:.0f} barcodes each are too much. {error}") from None


def shape_of(
    step: Step,
    values: NDArray[np.float32],
    rows: Rows,
    params: LayerHomology.Params,
    before: Sequence[Shaped],
    seed: int,
) -> Shaped:
    """Measure one step; ``before`` are those that came first, whose landmarks are kept."""
    found = Shaped(step, values.shape[1], "measured")
    found.bad = int((~np.isfinite(values).all(axis=1)).sum())
    if found.bad:
        found.state = "not finite"
        return found
    if params.metric == "cosine" and not (values != 0).any(axis=1).all():
        found.state = "no direction"
        return found
    flat = straight(values, params.metric)
    table = table_of(values, params.metric, params.neighbours, flat)
    found.unit = median_distance(table)
    if not median_distance(flat) > EQUAL * float(np.abs(values).max()) or not found.unit > 0:
        found.state = "constant"
        return found
    last = next((one for one in reversed(before) if one.state == "measured"), None)
    found.chosen = choose(values, rows, params, seed) if last is None else last.chosen
    whole = found.chosen[0].positions
    found.coordinates, found.explained = plane_of(straight(values[whole], "euclidean"))
    if last is not None and last.coordinates is not None:
        from plugins.layers.flat_maps import turned

        found.coordinates = turned(found.coordinates, last.coordinates)
    table = table / found.unit
    for one, chosen in zip(rows.groups, found.chosen, strict=True):
        mine = one.group.positions
        if not one.group.name:
            own = table
        elif params.metric in ("geodesic", "hops"):  # the graph of the class alone, as in the paper
            own = table_of(values[mine], params.metric, params.neighbours) / found.unit
        else:
            own = table[np.ix_(mine, mine)]
        found.groups.append(_group(one, chosen, own, table, params))
    found.joins, found.shuffled = joins_of(table, rows.groups, seed)
    found.apart = [flat[np.ix_(one, one)] for one in rows.trials]
    return found


def _group(one: Draws, chosen: Chosen, own: Float64, table: Float64, params: LayerHomology.Params) -> GroupShape:
    """Barcodes of the landmarks, of the random subset of the universal null, and of the draws."""
    places = chosen.positions
    distances = own[np.ix_(places, places)]
    to_landmarks = own[:, places]
    nearest = to_landmarks.argmin(axis=1).astype(np.int64)
    away = to_landmarks[np.arange(len(own)), nearest]
    finite = away[np.isfinite(away)]
    covering = float(np.quantile(finite, COVERED, method="inverted_cdf")) if len(places) < len(own) else 0.0
    draws, pieces, drawn_loops = [], [], []
    for drawn in one.draws:
        part = own[np.ix_(drawn, drawn)]
        barcode = rips(part, params.max_dim)
        draws.append(barcode)
        pieces.append(_pieces(part, barcode))
        count = standing(barcode, 1) if params.max_dim > 0 else 0
        drawn_loops.append(angles_of_longest(part, barcode, count))
    tested = None
    if params.max_dim > 0 and params.metric != "hops":  # whole numbers of edges are no random scales
        tested = rips(own[np.ix_(one.tested, one.tested)], 1)
    measured = Measured(
        group=one.group,
        chosen=one.group.positions[places],
        trimmed=one.group.positions[chosen.trimmed],
        nearest=nearest,
        away=away,
        covering_radius=covering,
        median_distance=1.0,
        enclosing_radius=enclosing_radius(distances),
        distances=distances,
        barcode=rips(distances, params.max_dim),
        tested=tested,
        tested_size=len(one.tested) if tested is not None else 0,
        draws=draws,
        drawn_pieces=pieces,
        drawn_size=one.size,
    )
    bars = bars_of([measured])
    return GroupShape(
        measured=measured,
        bars=bars,
        loops=loops_of(measured, bars) if params.max_dim > 0 else [],
        drawn_loops=drawn_loops,
        standing=_standing(draws, pieces, params.max_dim),
        others=np.array([_any_pieces(table, each) for each in one.others], dtype=np.int64),
    )


def _pieces(distances: Float64, barcode: Barcode) -> int:
    return max(len(pieces_at(distances, barcode)[1]), 1)


def _any_pieces(table: Float64, drawn: Int64) -> int:
    part = table[np.ix_(drawn, drawn)]
    return _pieces(part, rips(part, 0))


def _standing(draws: Sequence[Barcode], pieces: Sequence[int], max_dim: int) -> Int64:
    columns = [np.array(pieces, dtype=np.int64)]
    columns += [np.array([standing(one, k) for one in draws], dtype=np.int64) for k in range(1, max_dim + 1)]
    return np.stack(columns, axis=1) if draws else np.zeros((0, max_dim + 1), dtype=np.int64)
