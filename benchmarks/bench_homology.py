# SPDX-License-Identifier: Apache-2.0
"""Barcodes: our door against the engines behind it called directly, ripser.py and GUDHI's plain ``RipsComplex``.

Run `python -m benchmarks.bench_homology`: loops of 500, 1,000 and 2,000 points, voids of 500, and a million points to a
barcode, through the parts and through the analysis. `--quick` leaves out 2,000 points and what takes minutes; `--door`
is the choice of engine alone: loops and voids of 200 to 2,000 points of every shape against each engine called
directly. Each call has a process of its own: processor time (of calls below a second the least of five, of others the
least of two) and how far it raised the peak of memory, engines imported before. Ratios above 1 say how much slower, or
larger, the others are than our door; the last line of each cloud says how our door stands to the best of the engines,
which it may exceed by 10 %.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
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


def gudhi_uncollapsed(table: Any, max_dim: int) -> list[int]:
    """GUDHI's `RipsPersistence` called directly, without the collapse that it makes for voids."""
    from gudhi.sklearn.rips_persistence import RipsPersistence

    made = RipsPersistence(
        list(range(max_dim + 1)), input_type="full distance matrix", homology_coeff_field=2, num_collapses=0
    )
    return [len(bars) for bars in made.fit_transform([table])[0]]


ENGINES = {
    "ours": ours,
    "redzed-tda, directly": redzed,
    "GUDHI RipsPersistence, directly": gudhi_ripser,
    "the same without a collapse": gudhi_uncollapsed,
    "ripser.py": ripser_py,
    "GUDHI RipsComplex": gudhi_plain,
}
DIRECT = ("redzed-tda, directly", "GUDHI RipsPersistence, directly", "the same without a collapse")


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


def analysed(path: str) -> None:
    """The same through the analysis, inline in this process: its landmarks, draws, tests, cycles, tables and charts."""
    import workbench as wb

    def call() -> dict[str, Any]:
        with tempfile.TemporaryDirectory() as folder:
            result = wb.run("homology", points=path, store=folder, inline=True, limit=MILLION, landmarks=LANDMARKS)
        bars = result.tables["bars"].query("dimension == 1")
        told = bars[["birth", "death"]].head(3).round(2).to_numpy().tolist()
        outliers = result.metrics["outliers"]
        share = outliers.value if isinstance(outliers, wb.Metric) else outliers
        return {"longest": told, "significant": int(bars["significant"].sum()), "outliers": share}

    _reported(call)


def _reported(call: Callable[[], dict[str, Any]]) -> None:
    """Processor seconds (of all threads), memory above what there was, and the peak of the process, in MiB.

    Of calls below a second there are up to five, of calls below a minute two, and the least time counts.
    """
    import resource

    import psutil

    before = psutil.Process().memory_info().rss
    busy = took = np.inf
    for again in range(5):
        wall, processor = time.perf_counter(), time.process_time()
        given = call()
        busy, took = min(busy, time.process_time() - processor), min(took, time.perf_counter() - wall)
        if busy > 60 or (again and busy > 1):
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    memory = {"memory": max(0.0, peak - before) / 2**20, "peak": peak / 2**20}
    print(json.dumps({**given, "seconds": busy, "wall": took, **memory}))


def compare(shape: str, n: int, max_dim: int, engines: Iterable[str] = tuple(ENGINES)) -> None:
    """Engines on one cloud."""
    from math import comb

    from plugins.homology.engines import has_redzed

    print(f"\n{shape}, {n:,} points in R^16, dimensions 0 to {max_dim}, Z/2")
    print(f"  {'':<32} {'CPU seconds':>12} {'ratio':>7} {'MiB':>8} {'ratio':>7}  bars", flush=True)
    first: dict[str, Any] = {}
    direct: dict[str, float] = {}
    for engine in engines:
        if engine.startswith("redzed") and not has_redzed():
            continue
        if engine == "the same without a collapse" and max_dim < 2:
            continue  # there is none for loops
        most = comb(n, max_dim + 2)
        if engine == "GUDHI RipsComplex" and most > PLAIN_MOST:
            print(f"  {engine:<32} not run: up to {most:,} simplices of 58 bytes, {most * 58 / 1e9:.1f} GB")
            continue
        found = apart(MODULE, "--one", engine, shape, str(n), str(max_dim))
        first = first or found
        if engine in DIRECT:
            direct[engine] = found["seconds"]
        seconds, memory = found["seconds"] / first["seconds"], found["memory"] / max(first["memory"], 1.0)
        print(
            f"  {engine:<32} {found['seconds']:12.3f} {seconds:7.2f} {found['memory']:8.0f} {memory:7.2f}  "
            f"{found['bars']}",
            flush=True,
        )

    best = min(direct, key=lambda one: direct[one], default=None)
    if best is not None:
        ratio = first["seconds"] / max(direct[best], 1e-9)
        print(f"  our door takes {ratio:.2f} of the time of the best engine called directly, {best.split(',')[0]}")


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
        whole = apart(MODULE, "--analysed", str(path))
    print(f"\ntorus of {MILLION:,} points in R^16, 1 % outliers -> {LANDMARKS} landmarks -> loops")
    print(
        f"  CPU seconds {found['seconds']:.1f} (wall {found['wall']:.1f}), peak of the process {found['peak']:.0f} MiB"
    )
    print(f"  three longest bars {found['longest']}; {found['trimmed']:,} trimmed, radius {found['radius']:.2f}")
    print("  through the analysis (20 draws, p values, cycles, charts; stored):")
    print(
        f"  CPU seconds {whole['seconds']:.1f} (wall {whole['wall']:.1f}), peak of the process {whole['peak']:.0f} MiB,"
        f" of which {whole['memory']:.0f} by the run"
    )
    print(
        f"  three longest bars {whole['longest']}; {whole['significant']} significant; {whole['outliers']:.2%} outliers"
    )


def main(arguments: list[str] | None = None) -> None:
    """Print times and memory with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without 2,000 points and what takes minutes")
    parser.add_argument("--door", action="store_true", help="the choice of engine alone, on more clouds")
    parser.add_argument("--million-only", action="store_true", help="a million points alone")
    parser.add_argument("--one", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--million", help=argparse.SUPPRESS)
    parser.add_argument("--analysed", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.one:
        one(given.one[0], given.one[1], int(given.one[2]), int(given.one[3]))
    elif given.million:
        large(given.million)
    elif given.analysed:
        analysed(given.analysed)
    elif given.million_only:
        million()
    elif given.door:
        for shape in SHAPES:
            for n, max_dim in ((200, 2), (300, 2), (500, 2), (1000, 1), (2000, 1)):
                compare(shape, n, max_dim, ("ours", *DIRECT))
    else:
        compare("torus", 500, 1)
        for n in (1000,) if given.quick else (1000, 2000):
            for shape in ("torus", "sphere"):
                compare(shape, n, 1)
        for shape in ("torus",) if given.quick else SHAPES:
            compare(shape, 500, 2)
        million()


if __name__ == "__main__":
    main()
