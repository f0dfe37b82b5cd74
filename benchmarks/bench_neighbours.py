# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours: our exact search and the approximate one with its recall, against faiss, umap-learn's own graph
(pynndescent) and scikit-learn.

Run `python -m benchmarks.bench_neighbours` (20,000 x 64), with `--large` for 100,000 x 64.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from benchmarks.measuring import seconds
from plugins.projection import search
from plugins.projection.neighbours import nearest_neighbours
from plugins.projection.search import Search

K = 15
JUDGED = 500  # rows at which recall is measured


def clusters(n: int, d: int) -> Any:
    """Ten round clusters: the inside of each is noise in d dimensions, which is hard to search."""
    random = np.random.default_rng(0)
    centres = 5 * random.standard_normal((10, d))
    return (centres[random.integers(0, 10, n)] + random.standard_normal((n, d))).astype(np.float32)


def curved(n: int, d: int) -> Any:
    """A curved sheet of 8 dimensions with a little noise, as features of real data are."""
    random = np.random.default_rng(0)
    sheet = np.tanh(random.standard_normal((n, 8)) @ random.standard_normal((8, d)) / 3)
    turned = sheet @ random.standard_normal((d, d)) / np.sqrt(d)
    return (turned + 0.02 * random.standard_normal((n, d))).astype(np.float32)


def contestants(points: Any) -> dict[str, Callable[[], Any]]:
    """Each gives indices [n, >= K], possibly with the row itself."""
    import faiss
    from sklearn.neighbors import NearestNeighbors

    n, d = points.shape

    def approximate() -> Any:
        found = Search(points)
        before, search.EXACT_PAIRS = search.EXACT_PAIRS, 0
        try:
            return found.among(K).indices
        finally:
            search.EXACT_PAIRS = before

    def by_faiss(index: Any) -> Any:
        index.add(points)
        return index.search(points, K + 1)[1]

    def graph() -> Any:
        index = faiss.IndexHNSWFlat(d, 24)
        index.hnsw.efConstruction = index.hnsw.efSearch = 100
        return by_faiss(index)

    def umap_learn() -> Any:
        from umap.umap_ import nearest_neighbors

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return nearest_neighbors(points, K + 1, "euclidean", {}, False, np.random.RandomState(0))[0]

    return {
        "ours, exact, ties by index": lambda: nearest_neighbours(points, K).indices,
        "ours, approximate (faiss cells)": approximate,
        "faiss, exact": lambda: by_faiss(faiss.IndexFlatL2(d)),
        "faiss, graph (HNSW 24, 100, 100)": graph,
        "umap-learn (pynndescent)": umap_learn,
        "scikit-learn, brute force": lambda: (
            NearestNeighbors(n_neighbors=K + 1, algorithm="brute").fit(points).kneighbors(return_distance=False)
        ),
    }


def recall(points: Any, indices: Any) -> float:
    """Share of the true neighbours, or others as near, at random rows."""
    rows = np.sort(np.random.default_rng(1).choice(len(points), min(JUDGED, len(points)), replace=False))
    farthest = nearest_neighbours(points, K, rows=rows).distances[:, -1] * (1 + 1e-6)
    found = []
    for row, near, limit in zip(rows, indices[rows], farthest, strict=True):
        others = near[(near != row) & (near >= 0)][:K]
        away = np.linalg.norm(points[others].astype(np.float64) - points[row], axis=1)
        found.append((away <= limit).sum() / K)
    return float(np.mean(found))


def bench(name: str, points: Any) -> Iterator[str]:
    """Times, ratios (of the processors' time: another process beside this one changes it little) and recall."""
    first = 0.0
    yield f"{K} nearest neighbours of {len(points):,} x {points.shape[1]} float32, {name}"
    yield f"  {'':<34} {'seconds':>9} {'CPU seconds':>12} {'ratio':>6}  recall"
    for label, call in contestants(points).items():
        before = time.process_time()
        took, indices = seconds(call, 1)
        busy = time.process_time() - before
        first = first or busy
        yield f"  {label:<34} {took:9.2f} {busy:12.2f} {busy / first:6.2f}  {recall(points, indices):.4f}"


def main(arguments: list[str] | None = None) -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="100,000 x 64")
    n = 100_000 if parser.parse_args(arguments).large else 20_000
    took, _ = seconds(lambda: contestants(curved(5000, 8))["umap-learn (pynndescent)"](), 1)
    print(f"(compiling pynndescent, once in each process and not counted below: {took:.1f} s)")
    for name, make in (("ten clusters", clusters), ("curved sheet of 8 dimensions", curved)):
        for line in bench(name, make(n, 64)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
