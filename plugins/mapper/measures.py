# SPDX-License-Identifier: Apache-2.0
"""The graph, and the same with other intervals and overlaps, on halves of the samples, and on normal points."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.mapper.clustering import pieces
from plugins.mapper.graph import Graph, mapper, typical_radius

if TYPE_CHECKING:
    from plugins.mapper.analysis import Mapper
    from plugins.modes.sample import Sample

Float64 = NDArray[np.float64]

FACTORS = (0.75, 1.0, 1.5)  # of the number of intervals
STEPS = (-0.1, 0.0, 0.1)  # of the overlap
LEAST_OVERLAP, MOST_OVERLAP = 0.05, 0.49
QUICK = 2  # subsets from which the radius of a graph beside the first is estimated
MOST_NODES = 1500  # that can be laid out and drawn
ENOUGH = 0.8  # share of the settings in which something has to be
OFTEN = 0.5  # share of halves in which it has to be, below the whole interval


@dataclass(frozen=True)
class Trial:
    """One graph beside the first.

    Attributes
    ----------
    kind : "settings", "halves" or "Gaussian"
    intervals, overlap, samples : that it was made with
    nodes, pieces, cycles : what it has
    """

    kind: str
    intervals: int
    overlap: float
    samples: int
    nodes: int
    pieces: int
    cycles: int


@dataclass(frozen=True)
class Measured:
    """The graph and those beside it.

    Attributes
    ----------
    graph, trials : the graph, and the others
    joined : components of all samples joined up to the radius, whatever the lens, that are large enough for a node
    """

    graph: Graph
    trials: list[Trial]
    joined: int

    def of(self, kind: str) -> list[Trial]:
        """Those of one kind."""
        return [one for one in self.trials if one.kind == kind]


@dataclass(frozen=True)
class Persisting:
    """How many components or cycles stay.

    Attributes
    ----------
    count : the largest number that at least 80 % of the settings have, and so many of the halves that the interval of
        their share lies above 50 %
    settings, halves, control : share of the graphs of each kind that have as many
    low, high : 95 % interval of the share of the halves
    """

    count: int
    settings: float
    halves: float
    low: float
    high: float
    control: float


def measure(
    sample: Sample,
    lens: Float64,
    params: Mapper.Params,
    rng: np.random.Generator,
    progress: Callable[[float, str], None],
) -> Measured:
    """The graph of a sample seen through a lens ``[n]``, and those that it is held against.

    Raises
    ------
    DataError
        When no piece is large enough to be a node, or there are too many nodes to be drawn.
    """
    values = sample.values
    progress(0.0, "graph")
    radius = typical_radius(values, seed=_seed(rng)) if params.radius is None else params.radius
    graph = _graph(values, lens, params, radius, params.intervals, params.overlap, params.smallest)
    if not graph.nodes:
        raise wb.DataError(
            f"no piece has {params.smallest} samples or more among {len(values):,}: lower 'smallest', take fewer "
            "intervals, or a larger radius"
        )
    if len(graph.nodes) > MOST_NODES:
        raise wb.DataError(
            f"the graph has {len(graph.nodes):,} nodes, more than the {MOST_NODES:,} that can be drawn: take fewer "
            "intervals, a larger radius, or a larger 'smallest'"
        )
    trials = [_trial("settings", params.intervals, params.overlap, len(values), graph)]
    for intervals, overlap in settings(params.intervals, params.overlap):
        other = _graph(values, lens, params, radius, intervals, overlap, params.smallest)
        trials.append(_trial("settings", intervals, overlap, len(values), other))
    for at in range(params.draws):
        progress(0.1 + 0.4 * at / params.draws, "halves of the samples")
        trials.append(_half(values, lens, params, rng))
    root = _root(np.column_stack([values, lens]))
    for at in range(params.draws):
        progress(0.5 + 0.5 * at / params.draws, "normal points beside them")
        trials.append(_gaussian(sample, root, params, rng))
    joined = pieces(values - values.mean(axis=0), np.arange(len(values)), radius, "linkage")
    return Measured(graph, trials, sum(len(one) >= params.smallest for one in joined))


def settings(intervals: int, overlap: float) -> list[tuple[int, float]]:
    """Other numbers of intervals and overlaps around the chosen ones, which are left out.

    >>> settings(10, 0.3)
    [(8, 0.2), (8, 0.3), (8, 0.4), (10, 0.2), (10, 0.4), (15, 0.2), (15, 0.3), (15, 0.4)]
    """
    counts = sorted({max(1, round(intervals * one)) for one in FACTORS})
    overlaps = sorted({round(min(max(overlap + one, LEAST_OVERLAP), MOST_OVERLAP), 4) for one in STEPS})
    return [(one, other) for one in counts for other in overlaps if (one, other) != (intervals, round(overlap, 4))]


def persisting(measured: Measured, what: str, least: int = 1) -> Persisting | None:
    """How many ``pieces`` or ``cycles`` stay; ``None`` for fewer than ``least``."""
    from plugins.homology.trust import wilson

    found = None
    count = least
    while True:
        hits = {
            kind: [getattr(one, what) >= count for one in measured.of(kind)]
            for kind in ("settings", "halves", "Gaussian")
        }
        low, high = (float(one) for one in wilson(sum(hits["halves"]), len(hits["halves"])))
        shares = {kind: float(np.mean(one)) for kind, one in hits.items()}
        if shares["settings"] < ENOUGH or low <= OFTEN:
            return found
        found = Persisting(count, shares["settings"], shares["halves"], low, high, shares["Gaussian"])
        count += 1


def _half(values: Float64, lens: Float64, params: Mapper.Params, rng: np.random.Generator) -> Trial:
    """The graph of a random half: fewer samples bear fewer intervals, and smaller nodes."""
    chosen = np.sort(rng.permutation(len(values))[: max(1, len(values) // 2)])
    radius = typical_radius(values[chosen], seed=_seed(rng), draws=QUICK) if params.radius is None else params.radius
    smallest = math.ceil(params.smallest / 2)
    intervals = max(1, round(params.intervals * FACTORS[0]))
    graph = _graph(values[chosen], lens[chosen], params, radius, intervals, params.overlap, smallest)
    return _trial("halves", intervals, params.overlap, len(chosen), graph)


def _root(table: Float64) -> Float64:
    """A matrix ``[r, d]`` whose product with itself is the covariance of ``table [n, d]``."""
    centred = table - table.mean(axis=0)
    triangle: Float64 = np.asarray(np.linalg.qr(centred, mode="r"), dtype=np.float64)
    return triangle / math.sqrt(len(table) - 1)


def _gaussian(sample: Sample, root: Float64, params: Mapper.Params, rng: np.random.Generator) -> Trial:
    """The graph of as many normal points, with the joint covariance of points and lens, whose root is given.

    A lens that follows from the points is made of the normal points anew; another is drawn together with them.
    """
    from plugins.mapper.lenses import of_points

    drawn = rng.standard_normal((len(sample), len(root)), dtype=np.float32) @ root.astype(np.float32)
    values, beside = drawn[:, :-1].astype(np.float64), drawn[:, -1].astype(np.float64)
    if sample.by_angle:
        values += sample.values.mean(axis=0)
        values /= np.linalg.norm(values, axis=1, keepdims=True)
    through = of_points(values, params.lens)
    radius = typical_radius(values, seed=_seed(rng), draws=QUICK) if params.radius is None else params.radius
    through = beside if through is None else through
    graph = _graph(values, through, params, radius, params.intervals, params.overlap, params.smallest)
    return _trial("Gaussian", params.intervals, params.overlap, len(values), graph)


def _graph(
    values: Float64,
    lens: Float64,
    params: Mapper.Params,
    radius: float,
    intervals: int,
    overlap: float,
    smallest: int,
) -> Graph:
    return mapper(
        values,
        lens,
        count=intervals,
        overlap=overlap,
        cover=params.cover,
        radius=radius,
        smallest=smallest,
        clustering=params.clustering,
    )


def _trial(kind: str, intervals: int, overlap: float, samples: int, graph: Graph) -> Trial:
    return Trial(kind, intervals, overlap, samples, len(graph.nodes), graph.pieces, graph.loops)


def _seed(rng: np.random.Generator) -> int:
    return int(rng.integers(2**31))
