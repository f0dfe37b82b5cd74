# SPDX-License-Identifier: Apache-2.0
"""Shortest paths of the pull-back metric: discrete energy, minimised, with what proves that it is at its minimum."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

import workbench as wb
from plugins.geometry.decoding import Decode, evaluate, push
from plugins.geometry.jacobian import metric

HISTORY: Final = 30
EVENED: Final = 64  # axes
TANGENTS: Final = 16


@dataclass(frozen=True)
class Measured:
    """A path as decoded: ``length``, ``energy`` (K times the sum of squared segments), and its segments ``[K]``."""

    length: float
    energy: float
    segments: Tensor

    @property
    def speed_ratio(self) -> float:
        """Longest over shortest segment; 1 for a path at constant speed, infinite where one has no length."""
        shortest = float(self.segments.min())
        return float(self.segments.max()) / shortest if shortest > 0 else float("inf")


@dataclass(frozen=True)
class Geodesic:
    """A minimum of the energy and its certificate.

    Attributes
    ----------
    codes : ``[2 K + 1, d]``, of the finer of both discretisations
    coarse, fine : what the paths of K and 2 K segments measure
    length : of the limit of ever more segments, by Richardson's rule ``(4 L_2K - L_K) / 3``
    iterations : of L-BFGS, all together
    start : which start gave it
    """

    codes: Tensor
    coarse: Measured
    fine: Measured
    length: float
    iterations: int
    start: str

    @property
    def refinement_error(self) -> float:
        """``|L_2K - L_K| / 3`` over the length: how far the length of 2 K segments is from its limit."""
        return abs(self.fine.length - self.coarse.length) / 3 / self.length if self.length > 0 else 0.0

    @property
    def energy_excess(self) -> float:
        """``E / L^2 - 1`` of the finer path; 0 at constant speed, never negative."""
        return self.fine.energy / self.fine.length**2 - 1 if self.fine.length > 0 else 0.0


def measure(decode: Decode, codes: Tensor) -> Measured:
    """Length and energy of the polygon through the decoded codes ``[K + 1, d]``, summed in float64."""
    return measured(evaluate(decode, codes))


def measured(outputs: Tensor) -> Measured:
    """As :func:`measure`, of what is decoded already, ``[K + 1, D]``."""
    segments = outputs.to(torch.float64).diff(dim=0).norm(dim=1)
    return Measured(float(segments.sum()), len(segments) * float(segments.square().sum()), segments)


def with_ridge(decode: Decode, path: Tensor, unit: Tensor, share: float) -> Decode:
    """The decoder with the code itself, weighted, as further outputs: its metric is ``G + share m diag(1 / unit^2)``.

    ``m`` is the mean eigenvalue of G in units of each axis, at the ends and the middle of ``path [k, d]``, by random
    tangents (Hutchinson, *A stochastic estimator of the trace*, 1989). Along axes that a decoder hardly uses G is
    nearly singular, and a shortest path of G alone may run far off on them, to where outputs are saturated and lie
    close together; it has then no end that a search could find.
    """
    places = torch.stack([path[0], (path[0] + path[-1]) / 2, path[-1]])
    generator = torch.Generator().manual_seed(0)
    tangents = torch.randn(TANGENTS, *places.shape, generator=generator).to(places) * unit
    mean = float(push(decode, places, tangents).square().sum(dim=2).mean()) / places.shape[1]
    weight = (share * mean) ** 0.5 / unit

    def ridged(codes: Tensor) -> Tensor:
        return torch.cat([decode(codes), weight * codes], dim=1)

    return ridged


def richardson(coarse: float, fine: float) -> float:
    """The limit of a length whose error falls with the square of the number of segments."""
    return (4 * fine - coarse) / 3


def geodesic(
    decode: Decode,
    starts: dict[str, Tensor],
    *,
    segments: int = 16,
    iterations: int = 60,
    tolerance: float = 1e-5,
) -> Geodesic:
    """The path of least energy between the ends of ``starts`` (by name, each ``[k, d]``, all between the same codes).

    Minimises ``E = K sum |g(c_{k+1}) - g(c_k)|^2`` over the interior points by L-BFGS (Liu and Nocedal, 1989; energy
    and length: do Carmo, *Riemannian Geometry*, 1992, chapter 9; discrete form: Shao, Kumar and Fletcher, *The
    Riemannian Geometry of Deep Generative Models*, 2018, section 3.1). The interior points are written as a sine series
    about the straight line, each frequency divided by its number: where the metric is constant, all parts of a path
    then settle at the same pace, however many segments there are. Every start is brought to a minimum on half as many
    segments, the best goes on to K and 2 K.

    Raises
    ------
    DataError
        When both ends are the same code.
    """
    first = next(iter(starts.values()))
    if bool((first[0] == first[-1]).all()):
        raise wb.DataError("both ends of the path are the same code: there is no path to find")
    rough = max(4, segments // 2)
    best: tuple[float, str, Tensor, int] | None = None
    spent = 0
    evening = _evening(decode, first)
    for name, path in starts.items():
        series, took = _minimise(decode, path[0], path[-1], _series(path, rough), rough, iterations, tolerance, evening)
        spent += took
        energy = measure(decode, _curve(path[0], path[-1], series, rough)).energy
        if best is None or energy < best[0] * (1 - 1e-6):
            best = (energy, name, series, took)
    assert best is not None
    _, name, series, _ = best
    start, end = first[0], first[-1]
    paths = []
    for count in (segments, 2 * segments):
        series, took = _minimise(decode, start, end, _padded(series, count - 1), count, iterations, tolerance, evening)
        spent += took
        paths.append(_curve(start, end, series, count))
    coarse, fine = (measure(decode, one) for one in paths)
    return Geodesic(paths[1], coarse, fine, richardson(coarse.length, fine.length), spent, name)


def _evening(decode: Decode, path: Tensor) -> Tensor:
    """Axes in which the mean metric at the ends and the middle of a path is even, ``[d, d]``, times its length.

    ``V (L + l_max / 100)^(-1/2)`` of the eigenvectors V and eigenvalues L of the metric: along axes that hardly count
    the search need not be even, and would step too far. The identity in more than 64 axes, where the metric would cost
    more than it saves.
    """
    size = path.shape[1]
    if size > EVENED:
        same: Tensor = torch.eye(size).to(path) * (path[-1] - path[0]).norm()
        return same
    middle = (path[0] + path[-1]) / 2
    mean = metric(decode, torch.stack([path[0], middle, path[-1]])).mean(dim=0)
    values, vectors = torch.linalg.eigh(mean)
    if not float(values[-1]) > 0:
        return torch.eye(size).to(path)
    scaled: Tensor = vectors * (values.clamp(min=0) + values[-1] / 100).rsqrt()
    length = (measure(decode, torch.stack([path[0], path[-1]])).energy + 1e-300) ** 0.5
    scaled = scaled * length
    return scaled.to(path)


def _basis(modes: int, segments: int, like: Tensor) -> Tensor:
    """``sqrt(2) sin(pi m t) / (pi m)`` at ``t = k / segments``, ``[segments + 1, modes]``."""
    times = torch.arange(segments + 1, dtype=torch.float64) / segments
    numbers = torch.arange(1, modes + 1, dtype=torch.float64)
    table = 2**0.5 * torch.sin(torch.pi * times[:, None] * numbers) / (torch.pi * numbers)
    table[0] = table[-1] = 0.0  # the sine of pi is not 0 in floating point, and the ends stay where they are
    return table.to(like)


def _curve(start: Tensor, end: Tensor, series: Tensor, segments: int) -> Tensor:
    times = (torch.arange(segments + 1, dtype=torch.float64) / segments).to(start)[:, None]
    curve: Tensor = (1 - times) * start + times * end + _basis(len(series), segments, start) @ series
    return curve


def _series(path: Tensor, segments: int) -> Tensor:
    """The series of a path ``[k, d]``, taken at ``segments`` even times."""
    places = torch.linspace(0, len(path) - 1, segments + 1, dtype=torch.float64)
    below = places.floor().long().clamp(max=len(path) - 2)
    share = (places - below).to(path)[:, None]
    even = (1 - share) * path[below] + share * path[below + 1]
    off = (even - _curve(path[0], path[-1], torch.zeros(1, path.shape[1]).to(path), segments))[1:-1]
    table = _basis(segments - 1, segments, path)[1:-1].to(torch.float64)
    series: Tensor = torch.linalg.solve(table, off.to(torch.float64))
    return series.to(path)


def _padded(series: Tensor, modes: int) -> Tensor:
    return torch.cat([series, series.new_zeros(modes - len(series), series.shape[1])])


def _minimise(
    decode: Decode,
    start: Tensor,
    end: Tensor,
    series: Tensor,
    segments: int,
    iterations: int,
    tolerance: float,
    evening: Tensor,
) -> tuple[Tensor, int]:
    """The series of least energy from here, searched for in axes evened out, and how many iterations it took."""
    free = torch.linalg.solve(evening, series.mT).mT.contiguous().requires_grad_(True)
    scale = max(measure(decode, _curve(start, end, torch.zeros_like(series), segments)).energy, 1e-300)
    optimiser = torch.optim.LBFGS(
        [free],
        max_iter=iterations,
        max_eval=2 * iterations,
        history_size=HISTORY,
        tolerance_grad=tolerance,
        tolerance_change=1e-12,
        line_search_fn="strong_wolfe",
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        outputs = decode(_curve(start, end, free @ evening.mT, segments))
        loss: Tensor = segments * outputs.diff(dim=0).square().sum() / scale
        (free.grad,) = torch.autograd.grad(loss, free)  # the model's own weights collect nothing
        return loss

    with torch.enable_grad():
        optimiser.step(closure)  # type: ignore[no-untyped-call]
    found = free.detach() @ evening.mT
    if not torch.isfinite(found).all():
        raise wb.DataError("the search for the geodesic left the numbers that the decoder takes: choose nearer samples")
    return found, int(optimiser.state[free].get("n_iter", 0))
