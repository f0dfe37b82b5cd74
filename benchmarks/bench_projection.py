# SPDX-License-Identifier: Apache-2.0
"""Speed and exactness of the projection's arithmetic against scikit-learn, as ratios from one run.

Run `python -m benchmarks.bench_projection` (half a minute), with `--large` for the sizes of real use.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from plugins.projection.measures import quality
from plugins.projection.neighbours import nearest_neighbours
from plugins.projection.principal_components import principal_components


def seconds(call: Callable[[], Any], repeats: int = 3) -> tuple[float, Any]:
    """The least time of some calls, and what the last gave."""
    least, given = np.inf, None
    for _ in range(repeats):
        start = time.perf_counter()
        given = call()
        least = min(least, time.perf_counter() - start)
    return least, given


def bench_principal_components(n: int, d: int, components: int = 16) -> Iterator[str]:
    """PCA against IncrementalPCA (streamed, not exact) and the full decomposition (exact, all in memory)."""
    from sklearn.decomposition import PCA, IncrementalPCA

    random = np.random.default_rng(0)
    points = (random.standard_normal((n, d)) * np.linspace(2, 1, d) + 5).astype(np.float32)
    step = 4096

    def batches() -> Iterator[Any]:
        return (points[start : start + step] for start in range(0, n, step))

    exact = PCA(components, svd_solver="full").fit(points.astype(np.float64)).explained_variance_
    ours, found = seconds(lambda: principal_components(batches, components))
    by_qr, _ = seconds(lambda: principal_components(batches, components, solver="qr"))
    incremental, theirs = seconds(lambda: IncrementalPCA(components, batch_size=step).fit(points))
    full, _ = seconds(lambda: PCA(components, svd_solver="full").fit(points))
    eigen, _ = seconds(lambda: PCA(components, svd_solver="covariance_eigh").fit(points))

    def off(variances: Any) -> float:
        return float(np.abs(variances / exact - 1).max())

    yield f"PCA of {n} x {d} float32, {components} components (relative error of the variances in brackets)"
    yield f"  ours, streamed                    {ours:8.3f} s   1.00   ({off(found.explained_variance):.0e})"
    yield f"  ours, streamed, qr                {by_qr:8.3f} s {by_qr / ours:6.2f}"
    error = off(theirs.explained_variance_)
    yield f"  IncrementalPCA, streamed          {incremental:8.3f} s {incremental / ours:6.2f}   ({error:.0e})"
    yield f"  PCA full, in memory               {full:8.3f} s {full / ours:6.2f}"
    yield f"  PCA covariance_eigh, in memory    {eigen:8.3f} s {eigen / ours:6.2f}"


def bench_neighbours(n: int, d: int, k: int) -> Iterator[str]:
    """Exact neighbours against scikit-learn's exact ones."""
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(0)
    centres = 5 * random.standard_normal((10, d))
    points = (centres[random.integers(0, 10, n)] + random.standard_normal((n, d))).astype(np.float32)
    ours, found = seconds(lambda: nearest_neighbours(points, k), 2)
    theirs, indices = seconds(
        lambda: NearestNeighbors(n_neighbors=k, algorithm="brute").fit(points).kneighbors(return_distance=False), 2
    )
    same = float((found.indices == indices).mean())
    yield f"{k} nearest neighbours of {n} x {d} float32 ({same:.4%} the same)"
    yield f"  ours, ties by index               {ours:8.3f} s   1.00"
    yield f"  NearestNeighbors, brute force     {theirs:8.3f} s {theirs / ours:6.2f}"


def bench_measures(n: int, d: int) -> Iterator[str]:
    """All measures at three k against scikit-learn's trustworthiness at one."""
    from sklearn.manifold import trustworthiness

    random = np.random.default_rng(0)
    points = random.standard_normal((n, d)) * np.linspace(3, 0.1, d)
    flat = points[:, :2]
    ours, found = seconds(lambda: quality(points, flat, (5, 15, 50)), 1)
    theirs, value = seconds(lambda: trustworthiness(points, flat, n_neighbors=15), 1)
    difference = abs(found.get("trustworthiness", 15).value - value)
    yield f"Measures of a map of {n} x {d} (difference in trustworthiness {difference:.0e})"
    yield f"  ours: 15 numbers and the stress   {ours:8.3f} s   1.00"
    yield f"  sklearn trustworthiness, once     {theirs:8.3f} s {theirs / ours:6.2f}"


def main(arguments: list[str] | None = None) -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="200,000 points for PCA, 50,000 for neighbours")
    large = parser.parse_args(arguments).large
    parts = [
        bench_principal_components(200_000 if large else 50_000, 128),
        bench_neighbours(20_000 if large else 8000, 64, 15),
        bench_neighbours(50_000 if large else 8000, 64, 90),
        bench_measures(4000 if large else 1500, 64),
    ]
    for part in parts:
        for line in part:
            print(line)


if __name__ == "__main__":
    main()
