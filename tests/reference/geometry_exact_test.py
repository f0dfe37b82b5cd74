# SPDX-License-Identifier: Apache-2.0
"""Decoders whose metric, geodesics and path lengths are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from plugins.geometry.frame import Frame
from plugins.geometry.geodesic import geodesic, measure, richardson
from plugins.geometry.jacobian import metric, strongest
from plugins.geometry.paths import lerp
from plugins.path_length.lengths import limits, squared_changes, steps

ANGLES = torch.tensor([[math.pi / 4, 0.0], [math.pi / 4, math.pi / 2]], dtype=torch.float64)


def sphere(codes: torch.Tensor) -> torch.Tensor:
    """Colatitude and longitude to the unit sphere."""
    theta, phi = codes[:, 0], codes[:, 1]
    return torch.stack([theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()], dim=1)


def test_metric_of_the_sphere() -> None:
    """diag(1, sin^2 theta), with a magnification of sin theta."""
    theta = torch.linspace(0.1, 3, 20, dtype=torch.float64)
    found = metric(sphere, torch.stack([theta, 2 * theta], dim=1))
    expected = torch.diag_embed(torch.stack([torch.ones(20), theta.sin() ** 2], dim=1))
    torch.testing.assert_close(found, expected.double(), atol=5e-16, rtol=0)
    torch.testing.assert_close(torch.linalg.det(found).sqrt(), theta.sin(), atol=5e-16, rtol=0)


@pytest.mark.parametrize(("segments", "error"), [(8, 7.1e-4), (16, 1.8e-4), (32, 4.5e-5), (64, 1.1e-5)])
def test_geodesic_of_the_sphere(segments: int, error: float) -> None:
    """From (pi/4, 0) to (pi/4, pi/2) the great circle has length arccos(1/2); K chords are short by O(1/K^2)."""
    found = geodesic(sphere, {"lerp": ANGLES}, segments=segments, tolerance=1e-8)
    truth = math.acos(0.5)
    assert 1 - found.coarse.length / truth == pytest.approx(error, rel=0.03)
    assert found.length == pytest.approx(truth, rel=1e-6)
    assert found.fine.speed_ratio < 1.01
    assert found.energy_excess < 1e-8
    assert found.refinement_error == pytest.approx(error / 4, rel=0.05)
    assert float(found.codes[segments][0]) == pytest.approx(0.615480, abs=1e-4)


def test_straight_latent_line_on_the_sphere() -> None:
    """Along the parallel of latitude: sin(pi/4) pi/2 = 1.110721."""
    t = np.linspace(0, 1, 65)
    codes = torch.from_numpy(lerp(ANGLES[0].numpy(), ANGLES[1].numpy(), t))
    found = richardson(measure(sphere, codes[::2]).length, measure(sphere, codes).length)
    assert found == pytest.approx(1.110721, abs=1e-6)
    assert measure(sphere, ANGLES).length == pytest.approx(1.0)


def test_geodesic_of_a_linear_decoder_is_straight() -> None:
    """Starting well off the line, the search ends on it: length |A dz|, and a constant metric A^T A."""
    torch.manual_seed(0)
    matrix = torch.randn(6, 9, dtype=torch.float64)
    ends = torch.randn(2, 6, dtype=torch.float64)
    t = torch.linspace(0, 1, 17, dtype=torch.float64)[:, None]
    bowed = lerp(ends[0].numpy(), ends[1].numpy(), t[:, 0].numpy()) + np.sin(np.pi * t.numpy()) * 2
    path = torch.from_numpy(bowed)
    path[0], path[-1] = ends[0], ends[1]
    found = geodesic(lambda z: z @ matrix, {"bowed": path}, segments=8, iterations=300, tolerance=1e-12)
    assert found.length == pytest.approx(float(((ends[1] - ends[0]) @ matrix).norm()), rel=1e-9)
    straight = torch.from_numpy(lerp(ends[0].numpy(), ends[1].numpy(), np.linspace(0, 1, 17)))
    assert float((found.codes - straight).abs().max()) < 1e-4
    torch.testing.assert_close(metric(lambda z: z @ matrix, ends), (matrix @ matrix.T).expand(2, 6, 6))


@pytest.mark.parametrize("size", [2, 8, 64])
def test_path_length_of_a_linear_decoder(size: int) -> None:
    """E |A (z1 - z0)|^2 = 2 |A|_F^2 for standard normal ends, whatever the step."""
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((size, 12))
    transposed = torch.from_numpy(matrix)
    first, second = rng.standard_normal((2, 20_000, size))
    frame = Frame(np.zeros(size), np.ones(size), None, np.zeros(0))
    t = rng.uniform(0, 0.9, len(first))
    like = torch.zeros(1, dtype=torch.float64)
    found = {}
    for epsilon in (1e-1, 1e-4, 1e-6):
        here, there = steps("lerp", first[:200], second[:200], t[:200], epsilon, frame)
        found[epsilon] = squared_changes(lambda z: z @ transposed, here, there, epsilon, like)
    assert found[1e-1] == pytest.approx(found[1e-4], rel=1e-9)
    assert found[1e-6] == pytest.approx(found[1e-4], rel=1e-7)
    here, there = steps("lerp", first, second, t, 1e-4, frame)
    every = squared_changes(lambda z: z @ transposed, here, there, 1e-4, like)
    error = every.std(ddof=1) / len(every) ** 0.5
    assert abs(every.mean() - 2 * np.square(matrix).sum()) < 4 * error
    exact = limits(lambda z: z @ transposed, here[:50], there[:50], 1e-4, like)
    assert exact == pytest.approx(every[:50], rel=1e-9)


def test_single_precision_spoils_a_short_step() -> None:
    """In float32 a step of 1e-6 is rounding: the error that the analysis reports is real."""
    rng = np.random.default_rng(0)
    matrix = torch.from_numpy(rng.standard_normal((8, 12))).float()
    frame = Frame(np.zeros(8), np.ones(8), None, np.zeros(0))
    first, second = rng.standard_normal((2, 100, 8))
    here, there = steps("lerp", first, second, np.full(100, 0.5), 1e-6, frame)
    exact = limits(lambda z: z @ matrix, here, there, 1e-6, matrix[:1])
    rounded = squared_changes(lambda z: z @ matrix, here, there, 1e-6, matrix[:1])
    assert abs(rounded / exact - 1).mean() > 0.01


def test_null_space_of_a_strong_part() -> None:
    """Directions of the strongest singular values taken out leave nothing of a Jacobian of that rank."""
    torch.manual_seed(0)
    matrix = torch.randn(20, 4, dtype=torch.float64) @ torch.randn(4, 30, dtype=torch.float64)
    found = strongest(lambda z: z @ matrix, torch.zeros(1, 20, dtype=torch.float64), 4, most=200, tolerance=1e-14)
    basis = found.directions[0]
    vector = torch.randn(20, dtype=torch.float64)
    left = vector - basis @ (basis.T @ vector)
    assert float((left @ matrix).norm()) < 1e-10 * float((vector @ matrix).norm())
