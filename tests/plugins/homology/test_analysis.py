# SPDX-License-Identifier: Apache-2.0
"""The analysis on clouds of known shape: what it finds, the samples it names, what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from plugins.homology.bars import overlap, p_values
from plugins.homology.engines import Barcode
from tests.plugins.homology.jobs import Job, angles, circle, figure_eight, run

COLUMNS = {"dimension", "birth", "death", "p_value", "recurrence"}


def codes(result: wb.Result) -> list[str]:
    return [one.code for one in result.findings]


def loops(result: wb.Result, group: str = "") -> pd.DataFrame:
    bars = result.tables["bars"]
    return bars[(bars["dimension"] == 1) & (bars["group"] == group)]


@pytest.fixture(scope="module")
def of_circle() -> wb.Result:
    return run(Job(circle()))


def test_a_circle_is_one_loop_with_its_samples_around(of_circle: wb.Result) -> None:
    bars = loops(of_circle)
    assert set(of_circle.tables["bars"].columns) >= COLUMNS
    assert bars["significant"].tolist() == [True] + [False] * (len(bars) - 1)
    first = bars.iloc[0]
    assert first["p_value"] < 1e-6
    assert first["recurrence"] == 1.0
    assert first["recurrence_low"] > 0.8
    assert 1.5 < first["death"] < 1.8
    assert (bars["p_value"].iloc[1:] > 0.05).all()
    cycle = of_circle.arrays[f"cycle_{first['bar']}"]
    around = np.sort(angles(300)[cycle])
    gaps = np.diff(np.r_[around, around[0] + 2 * np.pi])
    assert np.degrees(gaps.max()) <= 15
    steps = np.diff(np.unwrap(np.r_[angles(300)[cycle], angles(300)[cycle[0]]]))
    assert abs(steps.sum()) == pytest.approx(2 * np.pi, abs=1e-6)  # once around, and back
    assert len(cycle) == first["cycle_samples"]


def test_the_circular_coordinate_is_the_angle(of_circle: wb.Result) -> None:
    theta = of_circle.arrays[f"circular_{loops(of_circle)['bar'].iloc[0]}"]
    assert theta.shape == (300,)
    assert np.isfinite(theta).all()
    turns = [abs(np.exp(1j * (2 * np.pi * theta + sign * angles(300))).mean()) for sign in (1, -1)]
    assert max(turns) >= 0.95


def test_the_middle_of_the_hole_is_the_middle_of_the_circle(of_circle: wb.Result) -> None:
    bar = loops(of_circle).iloc[0]
    gap = of_circle.arrays[f"gap_{bar['bar']}"]
    assert np.linalg.norm(gap) < 0.3
    assert 0.7 < bar["gap_distance"] < 1.1
    assert len(of_circle.arrays[f"birth_{bar['bar']}"]) == 2
    assert len(of_circle.arrays[f"death_{bar['bar']}"]) == 3


def test_what_the_run_states_has_number_interval_and_threshold(of_circle: wb.Result) -> None:
    (finding,) = [one for one in of_circle.findings if one.code == "homology.loop"]
    assert finding.value == 1.0
    assert finding.threshold == 0.5
    assert finding.low is not None
    assert 0.8 < finding.low < 1.0
    assert finding.n == 300
    loop = of_circle.metrics["loops"]
    assert isinstance(loop, wb.Metric)
    assert (loop.value, loop.low, loop.high) == (1.0, 1.0, 1.0)


def test_a_figure_of_eight_is_two_loops_each_on_its_own_side() -> None:
    result = run(Job(figure_eight()))
    bars = loops(result)
    assert int(bars["significant"].sum()) == 2
    assert codes(result).count("homology.loop") == 2
    sides = [float((result.arrays[f"cycle_{one}"] % 2).mean()) for one in bars["bar"].iloc[:2]]
    assert min(sides) <= 0.1
    assert max(sides) >= 0.9


@pytest.mark.parametrize("seed", range(3))
def test_normal_points_are_nothing_but_noise(seed: int) -> None:
    values = np.random.default_rng(seed).standard_normal((700, 16))
    result = run(Job(values, seed=seed), landmarks=250)
    assert not loops(result)["significant"].any()
    assert (loops(result)["p_value"] > 0.05).all()
    assert codes(result) == ["homology.noise"]
    assert result.findings[0].severity == "info"


def test_a_loop_where_the_prior_has_none_is_a_warning() -> None:
    space = wb.vectors(16, prior=wb.normal())
    (finding,) = [one for one in run(Job(circle(), space=space)).findings if one.code == "homology.loop"]
    assert finding.severity == "warning"
    assert "prior" in finding.statement


def test_a_sphere_is_a_void() -> None:
    points = np.random.default_rng(1).standard_normal((1500, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    result = run(Job(points), max_dim=2, landmarks=150, draws=12)
    assert "homology.void" in codes(result)
    assert "homology.loop" not in codes(result)
    voids = result.tables["bars"].query("dimension == 2")
    assert int(voids["significant"].sum()) == 1
    number = voids["bar"].iloc[0]
    assert len(result.arrays[f"death_{number}"]) == 4
    assert np.linalg.norm(result.arrays[f"gap_{number}"]) < 0.5


def test_pieces_that_do_not_join_are_stated_and_every_point_has_its_own() -> None:
    random = np.random.default_rng(0)
    values = np.r_[random.standard_normal((300, 5)), random.standard_normal((200, 5)) + 15]
    result = run(Job(values), landmarks=100)
    (finding,) = [one for one in result.findings if one.code == "homology.pieces"]
    assert finding.value == 1.0
    assert finding.severity == "warning"
    assert result.metrics["pieces"].value == 2  # type: ignore[union-attr]
    assert np.array_equal(result.arrays["pieces"], np.repeat([0, 1], [300, 200]))


def test_outliers_are_trimmed_said_and_do_not_hide_the_loop() -> None:
    values = np.r_[circle(1980), 3 * np.random.default_rng(2).standard_normal((20, 16))]
    result = run(Job(values), landmarks=200)
    assert int(loops(result)["significant"].sum()) == 1
    (finding,) = [one for one in result.findings if one.code == "homology.outliers"]
    assert finding.value == pytest.approx(0.01)
    assert set(result.arrays["outliers"].tolist()) == set(range(1980, 2000))
    assert set(result.arrays["outliers"].tolist()) <= set(result.arrays["trimmed"].tolist())
    assert not set(result.arrays["trimmed"].tolist()) & set(result.arrays["landmarks"].tolist())


def test_class_by_class_each_has_its_own_barcode() -> None:
    filled = np.random.default_rng(3).standard_normal((300, 16)).astype(np.float32) * 0.3
    columns = pd.DataFrame({"kind": ["ring"] * 300 + ["blob"] * 300 + ["few"] * 5})
    values = np.r_[circle(), filled, filled[:5]]
    result = run(Job(values, columns), by="kind", draws=10)
    assert result.tables["groups"]["group"].tolist() == ["", "kind blob", "kind ring"]
    assert int(loops(result, "kind ring")["significant"].sum()) == 1
    assert int(loops(result, "kind blob")["significant"].sum()) == 0
    assert "betti_by_class" in result.charts
    assert any("few" in one for one in result.notes)
    number = loops(result, "kind ring")["bar"].iloc[0]
    assert (result.arrays[f"cycle_{number}"] < 300).all()
    assert np.isfinite(result.arrays[f"circular_{number}"][:300]).all()
    assert np.isnan(result.arrays[f"circular_{number}"][300:]).all()


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(wb.ParameterError, match="'by' = 'kind'"):
        run(Job(circle(50)), by="kind")


def test_the_regular_polygon_has_the_bar_of_the_closed_form() -> None:
    turn = np.arange(12) * np.pi / 6
    result = run(Job(np.c_[np.cos(turn), np.sin(turn)]), max_dim=2)
    (one,) = loops(result).to_dict("records")
    assert one["birth"] == pytest.approx(2 * np.sin(np.pi / 12), abs=1e-6)
    assert one["death"] == pytest.approx(2 * np.sin(np.pi / 3), abs=1e-6)
    assert len(result.tables["bars"].query("dimension == 2")) == 3
    assert np.isnan(one["p_value"])
    assert "homology.noise" not in codes(result)  # nothing was tested, so nothing is called noise


def test_too_many_landmarks_are_refused_with_the_number() -> None:
    values = np.random.default_rng(0).standard_normal((20_000, 3))
    with pytest.raises(wb.DataError, match=r"20,000 points .* fewer landmarks"):
        run(Job(values), landmarks=20_000)


def test_points_that_cannot_be_measured_are_left_out_and_counted() -> None:
    values = np.r_[circle(), np.full((3, 16), np.nan), np.full((2, 16), np.inf)]
    result = run(Job(values), draws=5)
    assert any(one.startswith("5 of 305 points hold NaN or infinity") for one in result.notes)
    assert int(loops(result)["significant"].sum()) == 1
    assert len(result.arrays["rows"]) == 300


def test_duplicates_change_no_bar_of_the_whole() -> None:
    once, twice = run(Job(circle(120)), draws=0), run(Job(np.repeat(circle(120), 2, axis=0)), draws=0)
    assert np.allclose(loops(once)[["birth", "death"]], loops(twice)[["birth", "death"]], atol=1e-6)
    assert any("120 of 240 points are different" in one for one in twice.notes)


@pytest.mark.parametrize("values", [np.zeros((1, 4)), np.zeros((50, 4)), np.full((9, 4), np.nan)])
def test_fewer_than_three_different_points_have_no_shape(values: Any) -> None:
    with pytest.raises(wb.DataError, match="at least 3 different finite points"):
        run(Job(values))


def test_three_points_are_enough() -> None:
    assert len(run(Job(np.eye(3))).tables["bars"]) == 3


@pytest.mark.parametrize("metric", ["cosine", "geodesic"])
def test_the_loop_is_there_in_other_metrics(metric: str) -> None:
    result = run(Job(circle(400)), metric=metric, landmarks=150, draws=8)
    assert loops(result)["significant"].iloc[0]
    assert f"circular_{loops(result)['bar'].iloc[0]}" in result.arrays


def test_pull_back_without_a_model_says_so() -> None:
    with pytest.raises(wb.DoesNotApply):
        run(Job(circle(50)), metric="pull-back")


@pytest.mark.parametrize("field", [1, 4, 98])
def test_fields_are_primes(field: int) -> None:
    with pytest.raises(wb.ParameterError, match="field"):
        run(Job(circle(50)), field=field)


def test_strict_and_gaussian_are_options_that_say_what_they_are() -> None:
    result = run(Job(circle()), strict=True, gaussian=True, draws=5)
    gaussian = result.metrics["gaussian_p"]
    assert isinstance(gaussian, wb.Metric)
    assert gaussian.label.startswith("Differs from a Gaussian blob")
    assert gaussian.value < 0.1
    assert result.metrics["confidence_band"].value > 0  # type: ignore[union-attr]


def test_the_same_seed_gives_the_same_result() -> None:
    one, two = (run(Job(circle(600), seed=4), landmarks=100, draws=4) for _ in range(2))
    pd.testing.assert_frame_equal(one.tables["bars"], two.tables["bars"])


def test_a_bar_takes_the_p_value_of_the_bar_at_its_own_scales() -> None:
    noise = [[1.0 + one / 50, 1.1 + one / 50] for one in range(8)]
    tested = Barcode((np.empty((0, 2)), np.array([*noise, [0.2, 1.9]])), 2, 2.0)
    p = p_values(np.array([[0.3, 1.8], [1.0, 1.05]]), tested, 1, 2.0)
    assert p[0] < 0.05
    assert p[1] == 1.0
    assert overlap(np.array([[0.0, np.inf]]), [1.0, np.inf], 2.0).tolist() == [0.5]
