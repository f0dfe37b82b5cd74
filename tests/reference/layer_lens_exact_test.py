# SPDX-License-Identifier: Apache-2.0
"""A layer as a transformation: what is known in closed form of its matrix, Jacobian and path; ranks and rates."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from plugins.layer_lens.measuring import never_bound
from plugins.layer_lens.motion import FRAMES, Motion, motion_of, path_to
from plugins.layer_lens.nonlinearities import keeps_apart, slope_left, with_slope
from plugins.layer_lens.planes import effective_rank, plane_of

CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 721)), np.sin(np.linspace(0, 2 * np.pi, 721))], axis=1)


def moved(weight: np.ndarray, bias: np.ndarray, activation: nn.Module | None, points: np.ndarray) -> Motion:
    return motion_of(weight, bias, activation, points)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=30, deadline=None)
def test_j1_the_unit_circle_becomes_an_ellipse_with_the_singular_values_as_half_axes(seed: int) -> None:
    weight = np.random.default_rng(seed).standard_normal((2, 2))
    found = moved(weight, np.zeros(2), None, CIRCLE)
    radii = np.linalg.norm(found.frames[FRAMES - 1, : len(CIRCLE)], axis=1)
    assert radii.max() == pytest.approx(found.singular[0], rel=1e-4)
    assert radii.min() == pytest.approx(found.singular[1], abs=1e-2 * found.singular[0])


@given(seed=st.integers(0, 10**6), size=st.integers(1, 6))
@settings(max_examples=30, deadline=None)
def test_j2_the_jacobian_of_a_tanh_layer_is_det_w_times_the_slopes(seed: int, size: int) -> None:
    random = np.random.default_rng(seed)
    weight, bias, points = (random.standard_normal(one) for one in ((size, size), size, (5, size)))
    found = moved(weight, bias, nn.Tanh(), points)
    assert found.determinant == pytest.approx(np.linalg.det(weight), rel=1e-9)
    for point, slope in zip(points, found.slopes, strict=True):
        jacobian = torch.autograd.functional.jacobian(
            lambda x: torch.tanh(torch.from_numpy(weight) @ x + torch.from_numpy(bias)), torch.from_numpy(point)
        )
        direct = abs(float(torch.linalg.det(jacobian)))
        closed = abs(np.linalg.det(weight)) * np.prod(1 - np.tanh(weight @ point + bias) ** 2)
        assert 10**slope == pytest.approx(closed, rel=1e-8)
        assert 10**slope == pytest.approx(direct, rel=1e-6, abs=1e-14)
    assert found.homeomorphism


def test_j4_a_singular_matrix_gives_a_line_and_determinant_zero() -> None:
    weight = np.outer([1.0, -2.0], [3.0, 0.5])
    found = moved(weight, np.array([0.3, 0.1]), nn.Tanh(), CIRCLE)
    assert found.determinant == pytest.approx(0, abs=1e-12)
    assert not found.full_rank
    assert not found.homeomorphism
    after = found.frames[FRAMES - 1, : len(CIRCLE)].astype(np.float64)
    assert np.linalg.matrix_rank(after, tol=1e-5) == 1


def test_relu_glues_and_tanh_sigmoid_softplus_do_not() -> None:
    weight, points = np.eye(2), np.array([[-1.0, -2.0], [-3.0, -0.5], [1.0, 2.0]])
    for activation, apart in ((nn.Tanh(), True), (nn.Sigmoid(), True), (nn.Softplus(), True), (nn.ReLU(), False)):
        found = moved(weight, np.zeros(2), activation, points)
        assert found.homeomorphism == apart == keeps_apart(activation)
        gap = np.abs(found.frames[-1, 0] - found.frames[-1, 1]).max()
        assert (gap > 1e-3) == apart
        assert np.isneginf(found.slopes[:2]).all() == (not apart)
    assert not moved(np.ones((2, 3)), np.zeros(2), nn.Tanh(), np.ones((4, 3))).homeomorphism


@given(seed=st.integers(0, 10**6), size=st.integers(1, 6))
@settings(max_examples=40, deadline=None)
def test_the_path_begins_at_the_identity_ends_at_w_and_tears_nothing(seed: int, size: int) -> None:
    weight = np.random.default_rng(seed).standard_normal((size, size))
    path = path_to(weight, 201)
    assert path[0] == pytest.approx(np.eye(size))
    assert path[-1] == pytest.approx(weight)
    scale = max(np.linalg.norm(weight, 2), 1.0)
    assert np.abs(np.diff(path, axis=0)).max() < 0.1 * scale  # no jump, not to the ends either
    signs = np.sign(np.linalg.det(path))
    if np.linalg.det(weight) > 0:
        assert (signs > 0).all()  # nothing is folded that W does not fold
        least = np.linalg.svd(path, compute_uv=False)[:, -1].min()
        assert least > 0.99 * min(np.linalg.svd(weight, compute_uv=False)[-1], 1.0)
    else:
        assert (np.diff(signs) != 0).sum() in (1, 2)  # once through a line (twice counted when a frame lies on it)


def test_a_rotation_is_turned_the_shortest_way_at_an_even_pace() -> None:
    angle = 2.5
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    for at, one in enumerate(path_to(turn, 6)):
        assert math.atan2(one[1, 0], one[0, 0]) == pytest.approx(angle * at / 5)
        assert np.linalg.det(one) == pytest.approx(1)
    half = path_to(-np.eye(2), 3)[1]
    assert half @ half == pytest.approx(-np.eye(2))


def test_steps_end_where_the_layer_ends() -> None:
    layer, points = nn.Linear(2, 2).double(), np.random.default_rng(0).standard_normal((50, 2))
    found = moved(layer.weight.detach().numpy(), layer.bias.detach().numpy(), nn.Sigmoid(), points)
    with torch.no_grad():
        given_to = layer(torch.from_numpy(points))
    assert found.frames[0, :50] == pytest.approx(points, abs=1e-6)
    assert found.frames[-2, :50] == pytest.approx(given_to.numpy(), abs=1e-6)
    assert found.frames[-1, :50] == pytest.approx(given_to.sigmoid().numpy(), abs=1e-6)


@pytest.mark.parametrize("activation", [nn.Tanh(), nn.Sigmoid(), nn.Softsign()], ids=lambda one: type(one).__name__)
def test_slopes_left_are_the_derivative_as_a_share_of_the_steepest(activation: nn.Module) -> None:
    x = torch.linspace(-6, 6, 101, dtype=torch.float64)
    values, slope = with_slope(activation, x)
    share = slope_left(activation)
    assert share is not None
    torch.testing.assert_close(share(values), slope / slope.max())


def test_effective_rank_of_equal_and_of_lost_directions() -> None:
    assert effective_rank(np.eye(7) * 3) == pytest.approx(7)
    assert effective_rank(np.diag([1.0, 0.0, 0.0])) == pytest.approx(1)
    share = np.array([2.0, 1.0, 1.0]) / 4
    assert effective_rank(np.diag([4.0, 1.0, 1.0])) == pytest.approx(np.exp(-(share * np.log(share)).sum()))
    assert math.isnan(effective_rank(np.zeros((3, 3))))
    random = np.random.default_rng(0)
    values = random.standard_normal((60, 4)) @ random.standard_normal((4, 40))
    assert plane_of(values.astype(np.float32)).rank <= 4.0


@pytest.mark.parametrize("n", [1, 30, 500])
def test_what_never_happened_is_rarer_than_the_bound_with_95_percent(n: int) -> None:
    bound = never_bound(n)
    assert (1 - bound) ** n == pytest.approx(0.05)
    assert bound < 3 / n
