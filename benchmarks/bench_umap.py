# SPDX-License-Identifier: Apache-2.0
"""A whole UMAP map, neighbours included, against umap-learn's own fit.

Run `python -m benchmarks.bench_umap` (10,000 x 64), with `--large` for 100,000 x 64. Maps are judged by trustworthiness
and continuity at random points, since a faster map that is worse would be no gain.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable
from typing import Any

from benchmarks.bench_neighbours import clusters, curved
from benchmarks.measuring import seconds
from plugins.projection.measures import quality
from plugins.projection.methods import Settings, project

K = 15


def contestants(points: Any) -> dict[str, Callable[[], Any]]:
    """Each gives coordinates [n, 2]."""
    import umap

    def theirs(**options: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return umap.UMAP(n_neighbors=K, **options).fit_transform(points)

    return {
        "ours (seeded, one thread)": lambda: project(points, Settings("umap", neighbours=K)).coordinates,
        "umap-learn, seeded, one thread": lambda: theirs(random_state=0, n_jobs=1),
        "umap-learn, not repeatable": lambda: theirs(),
    }


def main(arguments: list[str] | None = None) -> None:
    """Print the times and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="100,000 x 64")
    n = 100_000 if parser.parse_args(arguments).large else 10_000
    for call in contestants(curved(5000, 8)).values():  # all is compiled before the clock starts
        call()
    for name, make in (("ten clusters", clusters), ("curved sheet of 8 dimensions", curved)):
        points, first = make(n, 64), 0.0
        print(f"UMAP of {n:,} x 64 float32, {K} neighbours, {name}")
        print(f"  {'':<34} {'seconds':>9} {'ratio':>6}  trustworthiness  continuity")
        for label, call in contestants(points).items():
            took, coordinates = seconds(call, 1)
            first = first or took
            found = quality(points, coordinates, [K], anchors=300)
            judged = [found.get(one, K).value for one in ("trustworthiness", "continuity")]
            print(f"  {label:<34} {took:9.1f} {took / first:6.2f}  {judged[0]:15.3f}  {judged[1]:10.3f}", flush=True)


if __name__ == "__main__":
    main()
