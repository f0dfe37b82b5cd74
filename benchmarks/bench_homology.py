# SPDX-License-Identifier: Apache-2.0
"""Barcodes: our door against the engines behind it called directly, ripser.py and GUDHI's plain ``RipsComplex``.

Run `python -m benchmarks.bench_homology` (1,000 points with loops, 500 with voids, a million points to a barcode), with
`--large` for 2,000 points and more shapes. Each call has a process of its own: processor time and how far the call
raised the peak of memory, engines imported before. Ratios above 1 say how much slower, or larger, the others are.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import apart

MODULE = "benchmarks.bench_homology"
PLAIN_MOST = 3e7  # simplices that the plain complex is given: 58 bytes and 1.2 microseconds each
MILLION = 1_000_000
LANDMARKS = 500


def torus(n: int, seed: int = 0) -> Any:
    """A flat torus in R^16 with noise 0.02: nearly all triangles lie below the enclosing radius."""
    random = np.random.default_rng(seed)
    turns = 2 * np.pi * random.random((2, n))
    return _placed(np.concatenate([np.cos(turns), np.sin(turns)]).T, random)


def sphere(n: int, seed: int = 0) -> Any:
    """A sphere in R^16 with noise 0.02: one large void."""
    random = np.random.default_rng(seed)
    points = random.standard_normal((n, 3))
    return _placed(points / np.linalg.norm(points, axis=1, keepdims=True), random)


def gaussian(n: int, seed: int = 0) -> Any:
    """Codes of a VAE that has learned its prior."""
    return np.random.default_rng(seed).standard_normal((n, 16))


def _placed(points: Any, random: Any) -> Any:
    turn = np.linalg.qr(random.standard_normal((16, points.shape[1])))[0]
    return points @ turn.T + 0.02 * random.standard_normal((len(points), 16))


SHAPES: dict[str, Callable[[int], Any]] = {"torus": torus, "sphere": sphere, "gaussian": gaussian}


def ours(table: Any, max_dim: int) -> list[int]:
    """The door, checks of the table included."""
    from plugins.homology.engines import rips

    return [len(bars) for bars in rips(table, max_dim).bars]


def gudhi_ripser(table: Any, max_dim: int) -> list[int]:
    """GUDHI's `RipsPersistence` called directly."""
    from gudhi.sklearn.rips_persistence import RipsPersistence

    made = RipsPersistence(list(range(max_dim + 1)), input_type="full distance matrix", homology_coeff_field=2)
    return [len(bars) for bars in made.fit_transform([table])[0]]


def redzed(table: Any, max_dim: int) -> list[int]:
    """redzed-tda called directly."""
    import redzed_tda

    return [len(bars) for bars in redzed_tda.rips(table, maxdim=max_dim)]


def ripser_py(table: Any, max_dim: int) -> list[int]:
    """ripser.py."""
    from ripser import ripser

    return [len(bars) for bars in ripser(table, maxdim=max_dim, distance_matrix=True)["dgms"]]


def gudhi_plain(table: Any, max_dim: int) -> list[int]:
    """GUDHI's `RipsComplex` up to the enclosing radius, as most tutorials show it."""
    import gudhi

    radius = float(table.max(axis=1).min())
    tree = gudhi.RipsComplex(distance_matrix=table, max_edge_length=radius).create_simplex_tree(max_dim + 1)
    tree.compute_persistence(homology_coeff_field=2)
    return [len(tree.persistence_intervals_in_dimension(k)) for k in range(max_dim + 1)]


ENGINES = {
    "ours": ours,
    "redzed-tda, directly": redzed,
    "GUDHI RipsPersistence, directly": gudhi_ripser,
    "ripser.py": ripser_py,
    "GUDHI RipsComplex": gudhi_plain,
}


def one(engine: str, shape: str, n: int, max_dim: int) -> None:
    """One call in this process; a small one before it, so that what is imported does not count."""
    from plugins.homology.distances import pairwise

    call = ENGINES[engine]
    call(pairwise(gaussian(20)), max_dim)
    table = pairwise(SHAPES[shape](n))
    _reported(lambda: {"bars": call(table, max_dim)})


def large(path: str) -> None:
    """From a memory map of points to a barcode."""
    from plugins.homology.distances import pairwise
    from plugins.homology.engines import rips
    from plugins.homology.landmarks import landmarks

    def call() -> dict[str, Any]:
        points = np.load(path, mmap_mode="r")
        found = landmarks(points, LANDMARKS)
        bars = rips(pairwise(points[found.positions])).dimension(1)
        longest = bars[np.argsort(bars[:, 0] - bars[:, 1])][:3]
        return {"longest": longest.round(2).tolist(), "trimmed": len(found.trimmed), "radius": found.covering_radius}

    _reported(call)


def _reported(call: Callable[[], dict[str, Any]]) -> None:
    """Processor seconds (of all threads), memory above what there was, and the peak of the process, in MiB.

    Of short calls there are up to five, and the least time counts.
    """
    import resource

    import psutil

    before = psutil.Process().memory_info().rss
    busy = took = np.inf
    for _ in range(5):
        wall, processor = time.perf_counter(), time.process_time()
        given = call()
        busy, took = min(busy, time.process_time() - processor), min(took, time.perf_counter() - wall)
        if busy > 1:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    memory = {"memory": max(0.0, peak - before) / 2**20, "peak": peak / 2**20}
    print(json.dumps({**given, "seconds": busy, "wall": took, **memory}))


def compare(shape: str, n: int, max_dim: int) -> None:
    """All engines on one cloud."""
    from math import comb

    from plugins.homology.engines import has_redzed

    print(f"\n{shape}, {n:,} points in R^16, dimensions 0 to {max_dim}, Z/2")
    print(f"  {'':<32} {'CPU seconds':>12} {'ratio':>7} {'MiB':>8} {'ratio':>7}  bars", flush=True)
    first: dict[str, Any] = {}
    for engine in ENGINES:
        if engine.startswith("redzed") and not has_redzed():
            continue
        if engine == "GUDHI RipsComplex" and comb(n, max_dim + 2) > PLAIN_MOST:
            print(f"  {engine:<32} not run: up to {comb(n, max_dim + 2):,} simplices of some 58 bytes")
            continue
        found = apart(MODULE, "--one", engine, shape, str(n), str(max_dim))
        first = first or found
        seconds, memory = found["seconds"] / first["seconds"], found["memory"] / max(first["memory"], 1.0)
        print(
            f"  {engine:<32} {found['seconds']:12.3f} {seconds:7.2f} {found['memory']:8.0f} {memory:7.2f}  "
            f"{found['bars']}",
            flush=True,
        )


def million() -> None:
    """A torus of a million points with one outlier in a hundred."""
    random = np.random.default_rng(0)
    points = torus(MILLION).astype(np.float32)
    far = random.choice(MILLION, MILLION // 100, replace=False)
    points[far] = 1.5 * random.standard_normal((len(far), 16)).astype(np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.npy"
        np.save(path, points)
        del points
        found = apart(MODULE, "--million", str(path))
    print(f"\ntorus of {MILLION:,} points in R^16, 1 % outliers -> {LANDMARKS} landmarks -> loops")
    print(
        f"  CPU seconds {found['seconds']:.1f} (wall {found['wall']:.1f}), peak of the process {found['peak']:.0f} MiB"
    )
    print(f"  three longest bars {found['longest']}; {found['trimmed']:,} trimmed, radius {found['radius']:.2f}")


def main(arguments: list[str] | None = None) -> None:
    """Print times and memory with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="2,000 points with loops, and voids of more shapes")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--million", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        one(given.one[0], given.one[1], int(given.one[2]), int(given.one[3]))
    elif given.million:
        large(given.million)
    else:
        compare("torus", 500, 1)
        for n in (1000, 2000) if given.large else (1000,):
            for shape in ("torus", "sphere"):
                compare(shape, n, 1)
        for shape in SHAPES if given.large else ("torus",):
            compare(shape, 500, 2)
        million()


if __name__ == "__main__":
    main()
