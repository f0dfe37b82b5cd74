# SPDX-License-Identifier: Apache-2.0
"""The measures of a map against scikit-learn, and the way back from a map, as ratios from one run.

Run `python -m benchmarks.bench_projection`, with `--large` for the sizes of real use.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import numpy as np

from benchmarks.measuring import seconds
from plugins.projection.inverse import Inverse
from plugins.projection.measures import quality


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


def bench_inverse(n: int, d: int) -> Iterator[str]:
    """A click on a map: the point there and the nearest real one, against scikit-learn's search among the points."""
    from sklearn.neighbors import NearestNeighbors

    random = np.random.default_rng(0)
    points = random.standard_normal((n, d), dtype=np.float32)
    flat = points[:, :2].copy()
    back = Inverse(flat, points, typical=1.0)
    first, _ = seconds(lambda: back.at([0.0, 0.0]), 1)
    landing, found = seconds(lambda: back.at([0.1, 0.1]))
    ours, nearest = seconds(lambda: back.nearest_real(found.point))
    brute = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(points)
    theirs, other = seconds(lambda: brute.kneighbors(found.point[None], return_distance=False))
    same = "the same" if int(other[0, 0]) == nearest.position else "another"
    yield f"A click on a map of {n:,} x {d} (the first of all: {first * 1e3:.0f} ms more)"
    yield f"  the point there                   {landing * 1e3:8.1f} ms"
    yield f"  ours, the nearest real point      {ours * 1e3:8.1f} ms  1.00"
    yield f"  NearestNeighbors, brute force     {theirs * 1e3:8.1f} ms {theirs / ours:6.2f}   ({same})"


def main(arguments: list[str] | None = None) -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="1,000,000 x 16 and 50,000 x 784 for a click")
    large = parser.parse_args(arguments).large
    sizes = [(1_000_000, 16), (50_000, 784)] if large else [(100_000, 16), (10_000, 784)]
    for part in (bench_measures(4000 if large else 1500, 64), *(bench_inverse(*one) for one in sizes)):
        for line in part:
            print(line, flush=True)


if __name__ == "__main__":
    main()
