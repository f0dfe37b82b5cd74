# SPDX-License-Identifier: Apache-2.0
"""Neighbours among many points: exact as long as that is quick, else approximate with a measured recall.

Exact is our own search (`neighbours`), on the processor up to `EXACT_PAIRS` comparisons and on a CUDA device always.
Beyond, faiss (Douze et al. 2024, "The Faiss library") looks into the nearest of about 4 sqrt(n) cells ("inverted
file"). How many cells is tuned on random rows until `TARGET` of their true neighbours are found, and the recall is then
measured on other random rows, against the exact answer. Distances of what is found are taken again in float64.

Why these two: 15 neighbours, float32, on 2 processors (AMD EPYC, AVX-512) that others used too, recall in brackets;
`benchmarks/bench_neighbours.py` measures it again:

                              100,000 x 64, 10 clusters    100,000 x 64, curved 8-D    1,000,000 x 16, curved 8-D
                              processor seconds            seconds                     seconds
    ours, exact               61                           42
    faiss, exact              51 (1.000)                   45 (1.000)
    faiss, cells              28 (1.000)                   4.0 (0.997)                 204 (0.988)
    faiss, graph (HNSW)       36 (0.983)                   20 (1.000)
    pynndescent               10 (0.885)                   8.0 (0.997)

faiss's exact search is about as fast as ours, but in float32: far from the origin or in tight clusters far apart 40 to
60 % of its answers are wrong. pynndescent compiles for half a minute in each new process, and its recall hangs on the
data. The graph (HNSW) is built in another order by each run of several threads; cells are the same every time.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from plugins.projection.checks import FloatArray, check_neighbour_count
from plugins.projection.neighbours import Neighbours, nearest_neighbours

if TYPE_CHECKING:
    import torch

EXACT_PAIRS = 50_000**2  # comparisons of points up to which neighbours are exact on the processor: 10 to 20 s
TARGET = 0.99  # share of the true neighbours that is to be found
MOST_CELLS = 4  # at most one in so many cells is looked into, whatever the recall
TUNED, JUDGED = 200, 500  # random rows on which the search is tuned, and others on which it is judged
TRAINED = 40  # points to a cell from which the cells are made
BLOCK = 2**22  # numbers taken to float64 at a time


@dataclass(frozen=True)
class Recall:
    """Share of the true k nearest neighbours that were found.

    Attributes
    ----------
    value, low, high : mean over the rows with its 95 % interval (percentile bootstrap over rows).
    rows : random rows it was measured at.
    k : neighbours.
    cells, probed : cells the points lie in, and how many were looked into for each row.
    """

    value: float
    low: float
    high: float
    rows: int
    k: int
    cells: int
    probed: int

    def sentence(self, what: str) -> str:
        """What the reader should know."""
        short = "" if self.value >= TARGET else f" {TARGET:.0%} was aimed at: read single neighbours with care."
        return (
            f"{what} were searched approximately ({self.probed} of {self.cells} cells): {self.value:.1%} of the true "
            f"{self.k} nearest are among those found (95 % interval {self.low:.1%} to {self.high:.1%}, at {self.rows} "
            f"random points).{short}"
        )


class Search:
    """Euclidean neighbours among fixed points.

    Parameters
    ----------
    points : [n, d].
    device : where exact search runs; on a CUDA device it is always exact.
    seed : of the cells and of the rows they are tuned and judged on.
    asked : how many other points will look for neighbours (`of`), where that is known.
    """

    def __init__(self, points: FloatArray, *, device: str = "cpu", seed: int = 0, asked: int = 0) -> None:
        self.points, self.seed = points, seed
        self.device = device if device.startswith("cuda") else "cpu"  # float64 is not on every accelerator
        self.on_device = self.device != "cpu"
        self.asked = asked
        self.recall: Recall | None = None
        self.recall_of_others: Recall | None = None
        self._table: torch.Tensor | None = None
        self._cells: _Cells | None = None
        self._probed: dict[tuple[int, bool], int] = {}

    def among(self, k: int) -> Neighbours:
        """The k nearest other points of every point; where they are approximate, `recall` is then set.

        Raises
        ------
        ValueError
            k out of range.
        """
        n = len(self.points)
        if self.on_device or n * n <= EXACT_PAIRS:
            return nearest_neighbours(self._exact_table(), k)
        check_neighbour_count(k, n)
        return self._approximate(None, k)

    def of(self, queries: Any, k: int) -> Neighbours:
        """The k nearest points of each of other points [m, d]; as `among`, with `recall_of_others`.

        Raises
        ------
        ValueError
            k out of range, or queries of another width.
        """
        asked: FloatArray = np.asarray(queries)
        if self.on_device or len(self.points) * max(self.asked, len(asked)) <= EXACT_PAIRS:
            return nearest_neighbours(self._exact_table(), k, queries=asked)
        check_neighbour_count(k, len(self.points) + 1)
        return self._approximate(asked, k)

    def _exact_table(self) -> Any:
        if not self.on_device:
            return self.points
        import torch

        if self._table is None:
            self._table = torch.from_numpy(np.array(self.points)).to(self.device)
        return self._table

    def _approximate(self, queries: FloatArray | None, k: int) -> Neighbours:
        """Found in the cells; tuned once for each k, and judged the first time."""
        if self._cells is None:
            self._cells = _Cells(self.points, self.seed)
        asking = self.points if queries is None else queries
        key = (k, queries is None)
        if key not in self._probed:
            self._probed[key] = self._tune(asking, queries is None, k)
        probed = self._probed[key]
        indices = np.empty((len(asking), k), dtype=np.int64)
        distances = np.empty((len(asking), k), dtype=np.float64)
        step = max(1, BLOCK // (self.points.shape[1] * (k + 8)))
        for start in range(0, len(asking), step):
            part = np.arange(start, min(start + step, len(asking)))
            own = part if queries is None else None
            indices[part], distances[part] = self._cells.find(asking[part], own, k, probed)
        return Neighbours(indices, distances, exact=False)

    def _tune(self, asking: FloatArray, among: bool, k: int) -> int:
        """How many cells to look into, from the recall at random rows; states the recall from others."""
        from plugins.projection.findings import mean_interval

        assert self._cells is not None
        random = np.random.default_rng(self.seed)
        rows = random.permutation(len(asking))[: TUNED + JUDGED]
        truth = (
            nearest_neighbours(self.points, k, rows=rows)
            if among
            else nearest_neighbours(self.points, k, queries=asking[rows])
        )
        farthest = truth.distances[:, -1] * (1 + 1e-9)

        def found(part: slice, probed: int) -> NDArray[np.float64]:
            assert self._cells is not None
            chosen = rows[part]
            distances = self._cells.find(asking[chosen], chosen if among else None, k, probed)[1]
            # as near as the true ones: which of equally near points is found does not matter
            share: NDArray[np.float64] = (distances <= farthest[part, None]).mean(axis=1)
            return share

        tuned = slice(0, max(1, len(rows) * TUNED // (TUNED + JUDGED)))
        most: int = max(1, self._cells.count // MOST_CELLS)
        probed = min(4, most)
        while probed < most and found(tuned, probed).mean() < TARGET:
            probed = min(2 * probed, most)
        judged = found(slice(tuned.stop, None), probed)
        value, low, high = mean_interval(judged, self.seed)
        recall = Recall(value, low, high, len(judged), k, self._cells.count, probed)
        if among:
            self.recall = recall
        else:
            self.recall_of_others = recall
        return probed


class _Cells:
    """faiss's inverted file over the points, centred so that float32 suffices."""

    def __init__(self, points: FloatArray, seed: int) -> None:
        faiss = _faiss()
        n, d = points.shape
        self.points = points
        self.centre = points.mean(axis=0, dtype=np.float64)
        self.count: int = max(1, min(int(4 * np.sqrt(n)), n // TRAINED))
        self.index = faiss.IndexIVFFlat(faiss.IndexFlatL2(d), d, self.count)
        self.index.cp.niter, self.index.cp.seed = 10, seed % 2**31
        few = np.random.default_rng(seed).choice(n, min(n, TRAINED * self.count), replace=False)
        with _threads(faiss):
            self.index.train(self._narrow(points[np.sort(few)]))
            step = max(1, BLOCK // d)
            for start in range(0, n, step):
                self.index.add(self._narrow(points[start : start + step]))

    def _narrow(self, points: FloatArray) -> NDArray[np.float32]:
        return np.ascontiguousarray(points - self.centre, dtype=np.float32)

    def find(
        self, asking: FloatArray, own: NDArray[np.int64] | None, k: int, probed: int
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Indices and distances [b, k], nearest first, of points [b, d] that are the rows `own` or others."""
        faiss = _faiss()
        more = min(len(self.points), k + (own is not None) + max(2, k // 8))  # float32 may swap the last ones
        with _threads(faiss):
            proposed = self.index.search(self._narrow(asking), more, params=faiss.SearchParametersIVF(nprobe=probed))[1]
        proposed = np.sort(proposed, axis=1)  # by index, so that a stable sort by distance decides ties by index
        away = self.points[np.maximum(proposed, 0)].astype(np.float64) - asking[:, None, :]
        squared = np.einsum("bkd,bkd->bk", away, away)
        squared[proposed < 0] = np.inf  # the cells held fewer
        if own is not None:
            squared[proposed == own[:, None]] = np.inf
        order = np.argsort(squared, axis=1, kind="stable")[:, :k]
        indices = np.take_along_axis(proposed, order, axis=1)
        distances = np.sqrt(np.take_along_axis(squared, order, axis=1))
        short = np.flatnonzero(~np.isfinite(distances[:, -1]))
        if len(short):
            exact = (
                nearest_neighbours(self.points, k, queries=asking[short])
                if own is None
                else nearest_neighbours(self.points, k, rows=own[short])
            )
            indices[short], distances[short] = exact.indices, exact.distances
        return indices, distances


@contextmanager
def _threads(faiss: Any) -> Iterator[None]:
    """As many threads as torch was given, and as many as before afterwards."""
    import torch

    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(torch.get_num_threads())
    try:
        yield
    finally:
        faiss.omp_set_num_threads(before)


def _faiss() -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of its generated wrappers, from Python 3.12
        import faiss
    return faiss
