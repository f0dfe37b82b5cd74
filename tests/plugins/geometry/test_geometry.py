# SPDX-License-Identifier: Apache-2.0
"""The analysis of geometry: metrics that are known by hand, stochastic decoders, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from plugins.geometry.analysis import Geometry
from plugins.geometry.curvature import bend
from plugins.geometry.decoding import flat, in_double
from plugins.geometry.jacobian import metric, singular_values, strongest
from plugins.geometry.region import Region, through, volume
from plugins.geometry.shape import shape_of
from tests.plugins.geometry.decoders import Broken, Job, Linear, Noisy, Sphere, draws


def run(job: Job, **params: Any) -> wb.Result:
    return Geometry().run(job, Geometry.Params.read({"decode": "decode", **params}))  # type: ignore[arg-type]


def test_sphere_magnifies_by_the_sine_of_the_colatitude() -> None:
    codes = np.random.default_rng(0).uniform([0.3, 0.0], [1.5, 1.5], (60, 2))
    result = run(Job(Sphere(), codes))
    expected = np.sin(codes[:, 0].astype(np.float32))
    assert np.asarray(result.arrays["magnification"]) == pytest.approx(expected, rel=1e-5)
    assert result.numbers()["magnification_mean"] == pytest.approx(expected.mean(), rel=1e-5)
    low, high = codes.astype(np.float32).min(axis=0), codes.astype(np.float32).max(axis=0)
    area = (np.cos(low[0]) - np.cos(high[0])) * (high[1] - low[1])
    assert result.numbers()["volume"] == pytest.approx(area, rel=1e-5)
    assert result.numbers()["volume_error"] < 1e-4
    assert result.tables["points"]["condition"].to_numpy() == pytest.approx(1 / expected, rel=1e-4)


def test_linear_decoder_is_the_same_everywhere_and_bends_nowhere() -> None:
    matrix = np.diag([3.0, 2.0, 0.5]) @ np.linalg.qr(draws(3, 3))[0]
    result = run(Job(Linear(matrix), draws(60, 3)))
    numbers = result.numbers()
    assert numbers["magnification_mean"] == pytest.approx(3.0, rel=1e-5)
    assert np.ptp(np.asarray(result.arrays["magnification"])) < 1e-4
    assert numbers["condition_median"] == pytest.approx(6.0, rel=1e-4)
    assert numbers["local_rank_mean"] == pytest.approx((9 + 4 + 0.25) ** 2 / (81 + 16 + 0.0625), rel=1e-4)
    assert numbers["turning_median"] < 1e-3
    assert result.findings == []


def test_axes_that_the_decoder_ignores_are_left_out_of_the_product_and_found() -> None:
    matrix = np.zeros((4, 6))
    matrix[0, 0], matrix[1, 1] = 2.0, 3.0
    result = run(Job(Linear(matrix), draws(40, 4)))
    assert result.numbers()["magnification_mean"] == pytest.approx(6.0)
    assert np.isinf(result.tables["points"]["condition"]).all()
    assert [one.code for one in result.findings] == ["geometry.directions-without-effect"]
    assert result.findings[0].value == 0.5
    assert any("fewer non-zero singular values" in one for one in result.notes)


def test_expected_metric_of_a_normal_decoder() -> None:
    codes = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    result = run(Job(Noisy(), codes))
    expected = np.exp(codes[:, 1].astype(np.float32))
    assert np.asarray(result.arrays["magnification"]) == pytest.approx(expected, rel=1e-5)
    assert any("gives a distribution" in one for one in result.notes)


def test_many_axes_go_through_subspace_iteration() -> None:
    values = np.linspace(4, 1, 12)
    left, right = np.linalg.qr(draws(20, 12))[0], np.linalg.qr(draws(12, 12, 1))[0]
    model = Linear(right @ np.diag(values) @ left.T)
    result = run(Job(model, draws(20, 12)), exact_up_to=4, strongest=3)
    assert np.asarray(result.arrays["singular_values"]) == pytest.approx(np.tile(values[:3], (20, 1)), rel=1e-2)
    assert any("3 largest singular values" in one for one in result.notes)
    assert np.isinf(result.tables["points"]["condition"]).all()


def test_subspace_iteration_tends_to_the_singular_values() -> None:
    torch.manual_seed(0)
    weights = [torch.randn(30, 40, dtype=torch.float64) / 6, torch.randn(40, 50, dtype=torch.float64) / 6]

    def decode(codes: torch.Tensor) -> torch.Tensor:
        return torch.tanh(codes @ weights[0]) @ weights[1]

    codes = torch.randn(3, 30, dtype=torch.float64)
    exact = singular_values(decode, codes)[:, :3]
    errors = [
        float((strongest(decode, codes, 3, most=count, tolerance=0).values - exact).abs().max())
        for count in (1, 5, 20, 60)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 1e-3
    assert errors[3] < 1e-9
    found = strongest(decode, codes, 3, most=200, tolerance=1e-8)
    assert float(found.residual.max()) <= 1e-8
    assert found.iterations < 200


def test_equal_singular_values_do_not_keep_it_from_ending() -> None:
    matrix = torch.eye(10, dtype=torch.float64)
    found = strongest(lambda codes: codes @ matrix, torch.zeros(1, 10, dtype=torch.float64), 3)
    assert found.iterations <= 2
    assert found.values.numpy() == pytest.approx(1)


def test_turning_of_a_circle_is_one_over_its_radius() -> None:
    """g(t) = 5 (cos t, sin t) turns by one radian for each radian, at even speed."""
    codes = torch.linspace(0, 1, 5, dtype=torch.float64)[:, None]
    found = bend(lambda z: 5 * torch.cat([z.cos(), z.sin()], dim=1), codes, torch.ones(1, 5, 1).double(), 1e-3)
    assert found.turning.numpy() == pytest.approx(1, rel=1e-5)
    assert found.stretching.numpy() == pytest.approx(0, abs=1e-8)
    grown = bend(lambda z: (2 * z).exp(), codes, torch.ones(1, 5, 1).double(), 1e-3)
    assert grown.stretching.numpy() == pytest.approx(2, rel=1e-5)


def test_layer_without_forward_mode_falls_back_on_the_reverse() -> None:
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx: Any, *grads: torch.Tensor) -> torch.Tensor:
            return 2 * ctx.saved_tensors[0] * grads[0]

    found = metric(Square.apply, torch.tensor([[1.0, 3.0]]))
    assert found[0].numpy() == pytest.approx(np.diag([4.0, 36.0]))


def test_area_of_a_flat_piece() -> None:
    region = Region(np.zeros(2), np.eye(2), np.array([-1.0, 0.0]), np.array([1.0, 3.0]))
    found = volume(lambda z: 2 * z, region, 9, like=torch.zeros(1, dtype=torch.float64))
    assert found.value == pytest.approx(24)
    assert found.error < 1e-12


def test_shape_of_a_jacobian_of_zeros() -> None:
    one = shape_of(np.zeros((1, 2)), 2, 3)
    assert one.rank[0] == 0
    assert one.magnification[0] == 0


@pytest.mark.parametrize("name", ["detached", "rounded", "constant"])
def test_map_without_a_gradient_is_named(name: str) -> None:
    with pytest.raises(wb.DoesNotApply, match=f"map '{name}'"):
        run(Job(Broken(), draws(20, 3)), decode=name)


def test_rows_that_depend_on_each_other_are_refused() -> None:
    with pytest.raises(wb.DataError, match="evaluation mode"):
        run(Job(Broken(), draws(20, 3)), decode="centred")


def test_codes_that_are_no_numbers_are_named() -> None:
    codes = draws(20, 2)
    codes[3, 0] = np.nan
    with pytest.raises(wb.DataError, match=r"1 of 8 codes of 'z' hold NaN or infinity \(first: row 3\)"):
        run(Job(Sphere(), codes), codes=20)


def test_plane_needs_three_points_off_a_line() -> None:
    with pytest.raises(wb.DataError, match="lie on one line"):
        through(np.array([[0.0, 0, 0], [1, 1, 1], [2, 2, 2]]))
    with pytest.raises(wb.DataError, match="named twice"):
        run(Job(Linear(np.eye(3)), draws(20, 3)), first=1, second=1, third=2)
    with pytest.raises(wb.ParameterError, match="4 m"):
        Geometry.Params.read({"decode": "decode", "grid": 10})


def test_same_seed_same_result_and_progress_that_rises() -> None:
    first, second = (Job(Linear(np.eye(3)), draws(40, 3), seed=4) for _ in range(2))
    assert run(first).numbers() == run(second).numbers()
    assert first.fractions == sorted(first.fractions)


def test_model_is_as_it_was_after_float64() -> None:
    model = Linear(draws(3, 4))
    before = model.matrix
    with pytest.raises(ValueError, match="stop"), in_double(model):
        assert flat(model.maps["decode"])(torch.zeros(1, 3, dtype=torch.float64)).dtype == torch.float64
        raise ValueError("stop")
    assert model.matrix is before
