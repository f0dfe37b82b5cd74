# SPDX-License-Identifier: Apache-2.0
"""Neighbours of words: our exact table against faiss's flat index, gensim's way with numpy, and scikit-learn.

Run `python -m benchmarks.bench_words`: 20,000 x 50 (`glove-words`) and 400,000 x 50 (`glove-words-full` where it is
fetched, else normal vectors of that size). One query and 256 at once, ten neighbours by cosine; milliseconds of wall
time, the least of five, with the ratio to the quickest rival. gensim's `most_similar` is a product of rows at length 1
kept in memory with the query, then argpartition; it is written so here, and faiss is told one thread as all others.
The rivals answer in float32; ours gives what a loop in float64 gives, ties by position.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

for one in ("OMP", "OPENBLAS", "MKL"):  # all on one thread: before numpy is imported
    os.environ.setdefault(f"{one}_NUM_THREADS", "1")

import numpy as np  # noqa: E402

import workbench as wb  # noqa: E402
from benchmarks.measuring import seconds  # noqa: E402
from plugins.words.neighbours import Table  # noqa: E402

COUNT = 10
REPEATS = 5


def main() -> None:
    """Print a table for each vocabulary."""
    for model, size in (("glove-words", 20_000), ("glove-words-full", 400_000)):
        values, source = vectors_of(model, size)
        print(f"{len(values):,} x {values.shape[1]} of {source}")
        for asked in (1, 256):
            queries = values[np.random.default_rng(0).choice(len(values), asked, replace=False)]
            compare(values, queries)


def vectors_of(model: str, size: int) -> tuple[Any, str]:
    """Vectors float32 of a model, or normal ones where it is not fetched."""
    card = wb.catalogue().model(model)
    if card.missing():
        return np.random.default_rng(0).standard_normal((size, 50), dtype=np.float32), "normal numbers"
    loaded = card.load()
    table = loaded.__dict__["table"]
    return np.array(table.cpu() if hasattr(table, "cpu") else table, dtype=np.float32), model


def compare(values: Any, queries: Any) -> None:
    """Print one line for each contestant, with how many of its answers are those of the exact search."""
    times: dict[str, float] = {}
    answers: dict[str, Any] = {}
    for name, call in contestants(values, queries).items():
        took, answers[name] = seconds(call, REPEATS)
        times[name] = 1000 * took
    truth = answers["ours"]
    quickest = min(time for name, time in times.items() if name != "ours")
    for name, time in times.items():
        same = np.mean([len(set(a) & set(b)) for a, b in zip(truth, answers[name], strict=True)]) / COUNT
        print(
            f"  {len(queries):4d} queries  {name:28s} {time:9.2f} ms  x {time / quickest:5.2f}  same answers {same:.4f}"
        )


def contestants(values: Any, queries: Any) -> dict[str, Callable[[], Any]]:
    """Each gives positions [q, 10]."""
    import faiss
    from sklearn.neighbors import NearestNeighbors

    faiss.omp_set_num_threads(1)
    table = Table(values)
    unit = values / np.linalg.norm(values, axis=1, keepdims=True)
    asked = queries / np.linalg.norm(queries, axis=1, keepdims=True)
    flat = faiss.IndexFlatIP(values.shape[1])
    flat.add(unit)
    brute = NearestNeighbors(n_neighbors=COUNT, metric="cosine", algorithm="brute").fit(values)

    def by_numpy() -> Any:
        scores = asked @ unit.T
        best = np.argpartition(-scores, COUNT, axis=1)[:, :COUNT]
        return np.take_along_axis(best, np.take_along_axis(-scores, best, axis=1).argsort(axis=1), axis=1)

    return {
        "ours": lambda: table.nearest(queries, COUNT)[0],
        "faiss IndexFlatIP": lambda: flat.search(asked, COUNT)[1],
        "numpy, as gensim does": by_numpy,
        "scikit-learn brute force": lambda: brute.kneighbors(queries, return_distance=False),
    }


if __name__ == "__main__":
    main()
