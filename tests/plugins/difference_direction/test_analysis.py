# SPDX-License-Identifier: Apache-2.0
"""The analysis on groups whose difference is known, its traversal on a model that paints its codes, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

import workbench as wb
from plugins.difference_direction.traversal import route_to_images, steps_to, to_pixels
from tests.plugins.difference_direction.jobs import Painter, run, two_clouds


def test_two_normal_clouds_give_their_known_difference() -> None:
    """N(shift, 1) and N(0, 1): direction shift / D, AUC Phi(D / sqrt 2), Cohen's d = D, all within their intervals."""
    shift = np.zeros(12)
    shift[2], shift[5] = 1.2, -1.6  # D = 2
    result = run(two_clouds(700, 500, shift))
    direction = np.asarray(result.arrays["direction"])
    assert direction.dtype == np.float32
    assert np.linalg.norm(direction) == pytest.approx(1, abs=1e-6)
    assert direction @ shift / 2 > 0.99
    metrics: Any = result.metrics
    for name, truth in (("auc", norm.cdf(2 / np.sqrt(2))), ("cohens_d", 2.0), ("true_distance", 2.0)):
        assert metrics[name].low < truth < metrics[name].high, name
    assert metrics["distance"].value == pytest.approx(np.linalg.norm(result.arrays["difference"]), rel=1e-6)
    assert metrics["p_permutation"].value == pytest.approx(1 / 201)
    assert metrics["p_random"].value == pytest.approx(1 / 201)
    assert metrics["stability"].value > 0.97
    assert metrics["spread_ratio"].low < 1 < metrics["spread_ratio"].high
    assert metrics["examples_for_90"].value == pytest.approx(24 * 0.81 / 4 / 0.19, rel=0.15)
    assert (metrics["distance"].n, metrics["auc"].n) == (1200, 600)
    assert result.findings == []
    assert list(result.tables["examples"]["examples"]) == [1, 3, 10, 30, 100, 250]


def test_no_difference_is_said() -> None:
    result = run(two_clouds(60, 60, np.zeros(30)))
    found = {one.code: one for one in result.findings}
    assert result.numbers()["p_permutation"] > 0.05
    assert set(found) == {"directions.no-difference", "directions.unstable", "directions.no-better-than-random"}
    assert found["directions.no-difference"].value == result.numbers()["p_permutation"]
    assert found["directions.no-difference"].n == 120


def test_difference_in_spread_alone_is_not_taken_for_a_direction() -> None:
    job = two_clouds(300, 300, np.zeros(10))
    job.values[:300] *= 3
    result = run(job)
    ratio: Any = result.metrics["spread_ratio"]
    assert ratio.low < 3 < ratio.high
    said = next(one for one in result.findings if one.code == "directions.no-difference")
    assert "they do differ in spread" in said.statement


def test_exchanged_groups_give_the_opposite_direction() -> None:
    job = two_clouds(30, 40, np.array([1.0, 0, 0]))
    there, back = run(job), run(two_clouds(30, 40, np.array([1.0, 0, 0])), toward="b", away="a")
    assert (np.asarray(there.arrays["difference"]) == -np.asarray(back.arrays["difference"])).all()
    assert there.numbers()["distance"] == back.numbers()["distance"]


def test_same_seed_same_numbers_and_progress_that_rises() -> None:
    jobs = [two_clouds(30, 40, np.ones(3)) for _ in range(2)]
    first, second = (run(one) for one in jobs)
    assert first.metrics == second.metrics
    assert jobs[0].fractions == sorted(jobs[0].fractions)
    assert jobs[0].fractions[-1] == 1


def test_space_of_one_axis() -> None:
    result = run(two_clouds(200, 200, np.array([2.0])))
    assert np.asarray(result.arrays["direction"]).tolist() == [1.0]
    assert "p_random" not in result.metrics
    assert "random_directions" not in result.charts
    assert any("one axis" in one for one in result.notes)
    assert result.numbers()["stability"] == 1


def test_rest_is_everything_else() -> None:
    job = two_clouds(50, 80, np.array([3.0, 0.0]))
    assert (
        np.asarray(run(job, away=None).arrays["difference"]) == np.asarray(run(job, away="b").arrays["difference"])
    ).all()


def test_rest_of_draws_from_a_prior_goes_on_as_long_as_it_is_wanted() -> None:
    job = two_clouds(50, 80, np.array([3.0, 0.0]))
    job.source = "prior"
    asked: list[int] = []
    points = job.points
    job.values = np.tile(job.values, (3, 1))
    job.rows = lambda space, *, slice=None: np.arange(50) if slice else np.arange(60)  # type: ignore[method-assign]
    job.points = lambda space, **options: asked.append(len(options["rows"])) or points(space, **options)  # type: ignore
    run(job, away=None, limit=100)
    assert asked[1:] == [50, 100]


def test_limit_is_for_each_side() -> None:
    result = run(two_clouds(500, 30, np.ones(2)), limit=40)
    metric: Any = result.metrics["distance"]
    assert metric.n == 70
    assert result.notes[0].startswith("40 points of a and 30 of b")


# -- what is refused


def test_slice_against_itself_is_refused() -> None:
    job = two_clouds(30, 40, np.ones(3))
    with pytest.raises(wb.ParameterError, match="the same slice 'a'"):
        run(job, away="a")
    job.slices["c"] = job.slices["a"][::-1]
    with pytest.raises(wb.DataError, match="'a' and 'c' hold the same rows"):
        run(job, away="c")


def test_rows_in_both_slices_are_left_out_and_said() -> None:
    job = two_clouds(30, 40, np.ones(3))
    job.slices["c"] = np.arange(20, 70)
    result = run(job, away="c")
    assert any("10 rows are in both" in one for one in result.notes)
    expected = job.values[:20].mean(axis=0, dtype=float) - job.values[30:70].mean(axis=0, dtype=float)
    assert np.asarray(result.arrays["difference"]) == pytest.approx(expected, rel=1e-6)


def test_too_few_points_are_refused() -> None:
    job = two_clouds(4, 40, np.ones(3))
    with pytest.raises(wb.DataError, match="'a' has 4 points: .* at least 5 on each side"):
        run(job)
    job.slices |= {"a": np.arange(8), "b": np.arange(4, 30)}
    with pytest.raises(wb.DataError, match="'a' has 4 points, once the 4 that are in both are left out"):
        run(job)


def test_points_that_are_no_numbers_are_refused() -> None:
    job = two_clouds(30, 40, np.ones(3))
    job.values[[3, 33, 40]] = np.nan
    with pytest.raises(wb.DataError, match=r"1 of 30 points of 'a' hold NaN or infinity \(first: row 3\)"):
        run(job)


def test_examples_that_are_all_the_same_are_refused_or_said() -> None:
    job = two_clouds(30, 40, np.ones(3))
    job.values[:] = 7
    with pytest.raises(wb.DataError, match="the same mean"):
        run(job)
    job.values[:30] = 8
    result = run(job)
    numbers = result.numbers()
    assert numbers["auc"] == 1
    assert numbers["stability"] == pytest.approx(1)
    assert np.isnan(numbers["cohens_d"])
    assert np.isnan(numbers["spread_ratio"])


@pytest.mark.parametrize("steps", [4, 1, 17])
def test_numbers_of_steps_that_have_no_middle(steps: int) -> None:
    with pytest.raises(wb.ParameterError, match="'steps'"):
        run(two_clouds(30, 40, np.ones(3)), steps=steps)


# -- the traversal


def painted(**options: Any) -> wb.Result:
    shift = np.array([4.0, 0, 0, -2.0])
    return run(two_clouds(60, 60, shift, model=Painter()), **options)


def test_traversal_is_the_decoded_point_moved_in_steps_of_the_difference() -> None:
    result = painted(steps=5, reach=1.0, examples=4)
    pictures = np.asarray(result.arrays["traversal"])
    table = result.tables["starts"]
    vector = np.asarray(result.arrays["difference"], np.float64)
    assert pictures.shape == (5, 5, 2, 2, 1)
    assert pictures.dtype == np.uint8
    assert list(table["group"]) == ["middle", "away", "toward", "away", "toward"]
    starts = np.concatenate(
        [[result.arrays["middle"]], two_clouds(60, 60, [4.0, 0, 0, -2]).values[table["row"][1:].to_numpy()]]
    )
    codes = starts[:, None] + np.array([-1, -0.5, 0, 0.5, 1])[None, :, None] * vector
    expected = (np.clip((codes + 40) / 80, 0, 1) * 255).round()
    assert np.abs(pictures.reshape(5, 5, 4) - expected).max() <= 1  # rounding of float32
    assert list(table["away_at"][:1]) == pytest.approx([-0.5])
    at_mean = starts[1] + table["toward_at"][1] * vector
    assert (at_mean - result.arrays["middle"]) @ vector == pytest.approx(vector @ vector / 2, rel=1e-5)
    assert result.images["traversal"].shape[2] == 3


def test_codes_outside_the_shell_are_counted_and_marked() -> None:
    result = painted(reach=3.0)
    (finding,) = [one for one in result.findings if one.code == "directions.leaves-the-shell"]
    assert finding.value > 0.9
    outside = np.asarray(result.arrays["outside"])
    assert outside[:, [0, -1]].all()
    steps = result.tables["steps"]
    assert list(steps["step"]) == pytest.approx([-3, -2, -1, 0, 1, 2, 3])
    length = result.numbers()["distance"]
    assert steps["moved"].to_numpy() == pytest.approx(steps["step"].to_numpy() * length)
    middle = np.asarray(result.arrays["middle"], np.float64) + 3 * np.asarray(result.arrays["difference"], np.float64)
    assert steps["distance_of_middle"].iloc[-1] == pytest.approx(np.linalg.norm(middle), rel=1e-5)
    assert finding.value == pytest.approx(max(steps["outside"].iloc[[0, -1]]))
    near = painted(reach=0.1)
    assert not any(one.code == "directions.leaves-the-shell" for one in near.findings)


def test_space_without_a_way_to_pictures_has_no_traversal_and_all_else() -> None:
    result = run(two_clouds(60, 60, np.ones(4), model=Painter()), space="x")
    assert "traversal" not in result.arrays
    assert "No map of the model leads from x to pictures" in result.notes[-1]
    assert "auc" in result.metrics
    assert "Without a model" in run(two_clouds(60, 60, np.ones(4))).notes[-1]


def test_codes_that_the_model_does_not_take_leave_the_measures() -> None:
    result = painted(reach=50.0)  # the picture would go beyond the range of its space
    assert "traversal" not in result.arrays
    assert "could not be decoded" in result.notes[-1]
    assert "auc" in result.metrics


def test_shortest_way_to_pictures() -> None:
    model = Painter()
    assert [one.name for one in route_to_images(model, "z")] == ["halve", "paint"]
    assert [one.name for one in route_to_images(model, "halves")] == ["paint"]
    assert route_to_images(model, "x") == []


def test_steps_stand_symmetrically_round_zero() -> None:
    assert steps_to(2.0, 5).tolist() == [-2, -1, 0, 1, 2]
    assert steps_to(0.3, 15)[7] == 0


def test_large_pictures_are_averaged_down() -> None:
    large = np.zeros((1, 2, 600, 512), dtype=np.float32)
    large[:, :, ::3] = 1.0
    small = to_pixels(large, 0.0, 1.0)
    assert small.shape == (1, 200, 170, 1)
    assert (small == 85).all()
