# SPDX-License-Identifier: Apache-2.0
"""Exact principal components of points on disk, streamed, against scikit-learn's IncrementalPCA on the same batches.

Run `python -m benchmarks.bench_pca` (200,000 x 128), with `--large` for 1,000,000 x 512 (2 GB in the folder for
temporary files). Each contestant is a process of its own; memory is its peak above what its imports take.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measuring import apart, report

COMPONENTS = 16
BATCH = 4096
CONTESTANTS = {
    "ours": "ours, streamed, exact",
    "qr": "ours, streamed, by QR",
    "incremental": "IncrementalPCA, streamed",
    "whole": "PCA covariance_eigh, in memory",
}


def batches(path: Path, d: int) -> Iterator[Any]:
    """Batches read from a file of float32; nothing of it stays mapped."""
    with path.open("rb") as file:
        while len(block := np.fromfile(file, dtype=np.float32, count=BATCH * d)):
            yield block.reshape(-1, d)


def make(path: Path, n: int, d: int) -> None:
    """Normal points whose spread falls from 2 to 1 along the coordinates, far from the origin."""
    random = np.random.default_rng(0)
    with path.open("wb") as file:
        for start in range(0, n, BATCH):
            block = random.standard_normal((min(BATCH, n - start), d), dtype=np.float32)
            (block * np.linspace(2, 1, d, dtype=np.float32) + 5).astype(np.float32).tofile(file)


def contest(name: str, path: Path, d: int) -> dict[str, Any]:
    """The variances along the first components, by one of the contestants."""
    if name in ("ours", "qr"):
        from plugins.projection.principal_components import principal_components

        found: Any = principal_components(
            lambda: batches(path, d), COMPONENTS, solver="qr" if name == "qr" else "auto"
        ).explained_variance
    elif name == "incremental":
        from sklearn.decomposition import IncrementalPCA

        model = IncrementalPCA(COMPONENTS)
        for block in batches(path, d):
            if len(block) >= COMPONENTS:
                model.partial_fit(block)
        found = model.explained_variance_
    elif name == "whole":
        from sklearn.decomposition import PCA

        points = np.fromfile(path, dtype=np.float32).reshape(-1, d)
        found = PCA(COMPONENTS, svd_solver="covariance_eigh").fit(points).explained_variance_
    else:
        found = by_definition(path, d)
    return {"variances": np.asarray(found).tolist()}


def by_definition(path: Path, d: int) -> Any:
    """Eigenvalues of the covariance in float64, summed about the mean in a second pass."""
    mean, n = np.zeros(d), 0
    for block in batches(path, d):
        mean, n = mean + block.sum(axis=0, dtype=np.float64), n + len(block)
    mean /= n
    products = np.zeros((d, d))
    for block in batches(path, d):
        products += (block - mean).T @ (block - mean)
    return np.linalg.eigvalsh(products / (n - 1))[::-1][:COMPONENTS]


def main(arguments: list[str] | None = None) -> None:
    """Print times, memory and errors with their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="1,000,000 x 512")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "FILE", "WIDTH"), help="one contestant, as JSON")
    asked = parser.parse_args(arguments)
    if asked.one:
        import sklearn.decomposition

        import plugins.projection.principal_components

        assert sklearn.decomposition and plugins.projection.principal_components  # imports are not on the clock
        name, path, width = asked.one
        report(lambda: contest(name, Path(path), int(width)))
        return
    n, d = (1_000_000, 512) if asked.large else (200_000, 128)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "points.f32"
        make(path, n, d)
        exact = np.array(apart("benchmarks.bench_pca", "--one", "definition", str(path), str(d))["variances"])
        print(f"PCA of {n:,} x {d} float32 ({path.stat().st_size / 2**20:,.0f} MiB), {COMPONENTS} components")
        print(f"  {'':<32} {'seconds':>9} {'ratio':>6} {'peak MiB':>9} {'ratio':>6}  error of the variances")
        ours: dict[str, Any] = {}
        for name, label in CONTESTANTS.items():
            if asked.large and name == "qr":
                continue  # for variances far below the largest; slower by a constant
            found = apart("benchmarks.bench_pca", "--one", name, str(path), str(d))
            ours = ours or found
            error = float(np.abs(np.array(found["variances"]) / exact - 1).max())
            print(
                f"  {label:<32} {found['seconds']:9.2f} {found['seconds'] / ours['seconds']:6.2f} "
                f"{found['memory']:9.0f} {found['memory'] / ours['memory']:6.2f}  {error:.0e}",
                flush=True,
            )


if __name__ == "__main__":
    main()
