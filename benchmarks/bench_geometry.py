# SPDX-License-Identifier: Apache-2.0
"""Singular values by products with the Jacobian against the whole one; geodesics against geomstats and stochman.

Run ``python -m benchmarks.bench_geometry``. The rivals are no dependency: with ``pip install geomstats stochman`` (the
second with ``--no-deps``) beside this project they take part, and without them a line says so.
"""

from __future__ import annotations

import importlib.util
import math
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import torch

from benchmarks.measuring import seconds
from plugins.geometry.geodesic import geodesic
from plugins.geometry.jacobian import singular_values, strongest

TRUTH = math.acos(0.5)  # of the great circle from (pi/4, 0) to (pi/4, pi/2)
ENDS = torch.tensor([[math.pi / 4, 0.0], [math.pi / 4, math.pi / 2]], dtype=torch.float64)
COUNT = 3


def sphere(codes: torch.Tensor) -> torch.Tensor:
    """Colatitude and longitude ``[n, 2]`` to the unit sphere ``[n, 3]``."""
    theta, phi = codes[:, 0], codes[:, 1]
    return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=1)


def decoder(size: int, outputs: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """A smooth network whose directions matter unequally, as those of trained decoders do."""
    generator = torch.Generator().manual_seed(0)
    fading = torch.logspace(0, -2, size, dtype=torch.float64)[:, None]
    first = fading * torch.randn(size, 512, generator=generator, dtype=torch.float64) / size**0.5
    second = torch.randn(512, outputs, generator=generator, dtype=torch.float64) / 512**0.5
    return lambda codes: torch.sigmoid(torch.tanh(4 * codes @ first) @ second)


def bench_jacobian(size: int, outputs: int, points: int) -> Iterator[str]:
    """Time and error of the largest singular values."""
    decode = decoder(size, outputs)
    codes = torch.randn(points, size, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    whole, exact = seconds(lambda: singular_values(decode, codes), 3)
    top = exact[:, :COUNT]

    def rival() -> Any:
        jacobians = torch.stack([torch.func.jacrev(lambda z: decode(z[None])[0])(one) for one in codes])
        return torch.linalg.svdvals(jacobians)

    yield f"{COUNT} largest singular values, {size} axes to {outputs:,} numbers, {points} codes, float64"
    yield f"  {'':<44} {'seconds':>9} {'ratio':>7}  {'largest relative error':>22}"
    yield f"  {'ours, whole Jacobian (forward mode)':<44} {whole:9.3f} {1:7.2f}  {0:22.1e}"
    took, found = seconds(rival, 3)
    error = float((found[:, :COUNT] / top - 1).abs().max())
    yield f"  {'torch.func.jacrev and svdvals':<44} {took:9.3f} {took / whole:7.2f}  {error:22.1e}"
    for most in (1, 5, 10, 20):
        took, one = seconds(lambda most=most: strongest(decode, codes, COUNT, most=most, tolerance=0), 1)
        error = float((one.values / top - 1).abs().max())
        label = f"ours, subspace iteration, {most} iterations"
        yield f"  {label:<44} {took:9.3f} {took / whole:7.2f}  {error:22.1e}"


def bench_geodesic() -> Iterator[str]:
    """Time and relative error of the length of a great circle."""
    yield f"geodesic of the unit sphere, length {TRUTH:.6f}"
    yield f"  {'':<44} {'seconds':>9}  {'relative error':>14}"
    for segments in (8, 16, 32, 64):
        took, found = seconds(lambda k=segments: geodesic(sphere, {"lerp": ENDS}, segments=k, tolerance=1e-8))
        label = f"ours, K = {segments} and {2 * segments}, Richardson"
        yield f"  {label:<44} {took:9.3f}  {found.length / TRUTH - 1:14.1e}"
        yield f"  {'  K alone':<44} {'':>9}  {found.coarse.length / TRUTH - 1:14.1e}"
    for name, rival in (("stochman", by_stochman), ("geomstats", by_geomstats)):
        if importlib.util.find_spec(name) is None:
            yield f"  {name} is not installed: left out (see the head of benchmarks/bench_geometry.py)"
            continue
        try:
            started = time.perf_counter()
            length = rival()
            took = time.perf_counter() - started
        except Exception as error:  # noqa: BLE001 - a rival that fails is a result of the bench
            yield f"  {name} failed: {type(error).__name__}: {str(error).splitlines()[0][:80] if str(error) else ''}"
            continue
        yield f"  {name:<44} {took:9.3f}  {length / TRUTH - 1:14.1e}"


def _length(codes: torch.Tensor) -> float:
    return float(sphere(codes.double()).diff(dim=0).norm(dim=1).sum())


def by_stochman() -> float:
    """Their ``connecting_geodesic`` on a cubic spline, measured on 129 of its points."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from stochman.manifold import EmbeddedManifold

        class Sphere(EmbeddedManifold):  # type: ignore[misc]
            def embed(self, codes: torch.Tensor, jacobian: bool = False) -> torch.Tensor:
                flat = codes.reshape(-1, 2)
                return sphere(flat).reshape(*codes.shape[:-1], 3)

        ends = ENDS.float()
        curve, _ = Sphere().connecting_geodesic(ends[:1], ends[1:])
        found = curve(torch.linspace(0, 1, 129)).detach().reshape(-1, 2)
    return _length(found)


def by_geomstats() -> float:
    """Their ``PullbackMetric`` of the same immersion (release 2.8.0 asks a NumPy that still has ``trapz``)."""
    import os

    os.environ.setdefault("GEOMSTATS_BACKEND", "pytorch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from geomstats.geometry.euclidean import Euclidean
        from geomstats.geometry.pullback_metric import PullbackMetric

        space = Euclidean(2, equip=False)
        space.immersion = lambda z: torch.stack(
            [
                torch.sin(z[..., 0]) * torch.cos(z[..., 1]),
                torch.sin(z[..., 0]) * torch.sin(z[..., 1]),
                torch.cos(z[..., 0]),
            ],
            dim=-1,
        )
        space.embedding_space = Euclidean(3)
        space.equip_with_metric(PullbackMetric)
        return float(space.metric.dist(ENDS[0], ENDS[1]))


def main() -> None:
    """Print times and errors."""
    torch.set_num_threads(1)
    singular_values(sphere, ENDS)  # torch loads its rules of forward mode once
    for size, outputs, points in ((64, 784, 16), (512, 4096, 2)):
        for line in bench_jacobian(size, outputs, points):
            print(line, flush=True)
    for line in bench_geodesic():
        print(line, flush=True)


if __name__ == "__main__":
    main()
