# SPDX-License-Identifier: Apache-2.0
"""Other complexes, tables of distances, late voids and ties, through the analysis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import workbench as wb
from plugins.homology.distances import pairwise
from plugins.homology.flat_map import classical_scaling
from plugins.homology.trust import late, universal_p
from tests.plugins.homology.jobs import Job, circle, run


def of_dimension(result: wb.Result, dimension: int) -> Any:
    return result.tables["bars"].query(f"dimension == {dimension}")


def ball(n: int, width: int, seed: int = 0) -> Any:
    points = np.random.default_rng(seed).standard_normal((n, width))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_scales_of_all_complexes_are_distances() -> None:
    """Of a circle of radius 1 the balls fill it at diameter 2, Rips at the side of the triangle, root 3."""
    points = circle(200, axes=2, noise=0.0)
    ends = {
        one: float(of_dimension(run(Job(points), complex=one, draws=4, mass=0.01), 1)["death"].iloc[0])
        for one in ("rips", "alpha", "dtm")
    }
    assert ends["alpha"] == pytest.approx(2, abs=0.02)
    assert ends["rips"] == pytest.approx(3**0.5, abs=0.03)
    assert ends["dtm"] == pytest.approx(3**0.5, abs=0.1)


def test_alpha_says_its_licence_and_names_samples_of_the_loop() -> None:
    result = run(Job(circle(300, axes=2)), complex="alpha", draws=8)
    assert any("GPL v3" in one for one in result.notes)
    first = of_dimension(result, 1).iloc[0]
    assert first["significant"]
    assert len(result.arrays[f"cycle_{first['bar']}"]) >= 10
    assert "gudhi" not in str(result.notes)


def test_alpha_finds_the_void_of_a_sphere_in_dimensions_that_are_there() -> None:
    result = run(Job(ball(800, 3)), complex="alpha", max_dim=3, draws=8)
    assert set(result.tables["bars"]["dimension"]) == {0, 1, 2}
    (void,) = of_dimension(result, 2).query("significant").to_dict("records")
    assert void["death"] == pytest.approx(2, abs=0.02)
    assert any("nothing in dimension 3" in one for one in result.notes)


@pytest.mark.parametrize("options", [{"metric": "euclidean"}, {"metric": "geodesic"}])
def test_alpha_refuses_what_it_cannot(options: Any) -> None:
    with pytest.raises(wb.ParameterError, match=r"complex = 'alpha'.*complex to 'rips'"):
        run(Job(circle(50, axes=4)), complex="alpha", **options)


def test_the_weighted_complex_sees_through_noise_that_hides_the_loop() -> None:
    random = np.random.default_rng(2)
    points = np.r_[circle(500, axes=2), random.uniform(-1.5, 1.5, (60, 2))]
    plain, weighted = (run(Job(points), complex=one, draws=8, how="farthest") for one in ("rips", "dtm"))
    assert of_dimension(plain, 1)["death"].iloc[0] < 1.2  # a point of noise inside the circle ends it early
    bars = of_dimension(weighted, 1)
    assert bars["length"].iloc[0] > 1.2
    assert bars["length"].iloc[0] > 5 * bars["length"].iloc[1]
    assert bars["significant"].tolist() == [True] + [False] * (len(bars) - 1)
    assert bars["p_value"].isna().all()
    assert set(bars["p_reason"]) == {"no law of noise is known for the weighted complex"}


def test_pieces_of_the_weighted_complex_are_those_of_the_points() -> None:
    random = np.random.default_rng(0)
    values = np.r_[random.standard_normal((300, 5)), random.standard_normal((200, 5)) + 15]
    result = run(Job(values), landmarks=100, complex="dtm", draws=8)
    assert result.metrics["pieces"].value == 2  # type: ignore[union-attr]
    assert np.array_equal(result.arrays["pieces"], np.repeat([0, 1], [300, 200]))


def test_a_table_of_distances_gives_the_bars_of_its_points() -> None:
    points = circle(200)
    given, own = run(Job(pairwise(points)), metric="precomputed", draws=6), run(Job(points), draws=6)
    np.testing.assert_allclose(
        of_dimension(given, 1)[["birth", "death"]], of_dimension(own, 1)[["birth", "death"]], atol=1e-5
    )
    first = of_dimension(given, 1).iloc[0]
    assert first["significant"]
    assert f"cycle_{first['bar']}" in given.arrays
    assert f"gap_{first['bar']}" not in given.arrays
    assert np.isnan(first["gap_distance"])
    assert any("classical scaling" in one for one in given.notes)
    assert given.arrays["coordinates"].shape == (200, 2)


def test_landmarks_of_a_table_leave_outliers_out() -> None:
    values = np.r_[circle(600), 3 * np.random.default_rng(2).standard_normal((6, 16))]
    result = run(Job(pairwise(values)), metric="precomputed", landmarks=150, draws=6)
    assert int(of_dimension(result, 1)["significant"].sum()) == 1
    assert set(range(600, 606)) <= set(result.arrays["trimmed"].tolist())
    assert result.metrics["covering_radius"].value > 0  # type: ignore[union-attr]


def test_some_rows_of_a_table_take_their_own_columns() -> None:
    class Some(Job):
        def points(self, space: str, *, limit: int) -> wb.Points:
            rows = np.arange(1, len(self.values), 2)[:limit]
            return wb.Points(self.values[rows], rows, self.space, "points", self.columns.iloc[rows])

    result = run(Some(pairwise(circle(240))), metric="precomputed", limit=120, draws=0)
    expected = run(Job(circle(240)[1::2]), draws=0)
    np.testing.assert_allclose(
        of_dimension(result, 1)[["birth", "death"]], of_dimension(expected, 1)[["birth", "death"]], atol=1e-5
    )


def spoilt(kind: str) -> Any:
    table = pairwise(circle(30)).astype(np.float32)
    if kind == "asymmetric":
        table[3, 7] += 0.5
    elif kind == "diagonal":
        table[4, 4] = 1
    elif kind == "negative":
        table[2, 5] = table[5, 2] = -1
    elif kind == "NaN":
        table[6, 1] = np.nan
    elif kind == "infinite":
        table[1, 8] = table[8, 1] = np.inf
    else:
        table = table[:, :20]
    return table


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("asymmetric", "not symmetric: from 3 to 7"),
        ("diagonal", "from 4 to 4"),
        ("negative", "negative, the first from 2 to 5"),
        ("NaN", "NaN, the first from 6 to 1"),
        ("infinite", "from 1 to 8 it is infinite"),
        ("oblong", "30 rows of 20 numbers"),
    ],
)
def test_a_table_that_is_none_is_refused_with_its_first_pair(kind: str, says: str) -> None:
    with pytest.raises(wb.DataError, match=says):
        run(Job(spoilt(kind)), metric="precomputed")


def test_classical_scaling_gives_points_back() -> None:
    points = np.random.default_rng(0).standard_normal((60, 4))
    table = pairwise(points)
    np.testing.assert_allclose(pairwise(classical_scaling(table.astype(np.float32))), table, atol=1e-3)
    assert classical_scaling(np.zeros((3, 3), dtype=np.float32)).shape == (3, 1)


@pytest.mark.parametrize("n", [12, 24, 60])
def test_late_bars_of_a_regular_polygon_are_no_voids(n: int) -> None:
    turn = 2 * np.pi * np.arange(n) / n
    result = run(Job(np.c_[np.cos(turn), np.sin(turn)]), max_dim=2)
    voids = of_dimension(result, 2)
    assert len(voids) >= 3
    assert voids["late"].all()
    assert not voids["significant"].any()
    assert any("not called voids" in one for one in result.notes)


@pytest.mark.parametrize(("field", "voids"), [(2, 1), (3, 0)])
def test_the_klein_bottle_has_its_own_void_alone(field: int, voids: int) -> None:
    points = wb.catalogue().dataset("klein-bottle").open()
    values = np.asarray(points.batch(np.arange(len(points)))).reshape(len(points), -1)
    bars = of_dimension(run(Job(values), max_dim=2, field=field, landmarks=300), 2)
    assert int(bars["significant"].sum()) == voids
    assert int(bars["late"].sum()) >= 4


def test_the_void_of_a_torus_is_not_late() -> None:
    turns = 2 * np.pi * np.random.default_rng(0).random((2, 2000))
    result = run(Job(np.concatenate([np.cos(turns), np.sin(turns)]).T), max_dim=2, draws=10)
    voids = of_dimension(result, 2)
    assert int(voids["significant"].sum()) == 1
    assert not voids["late"].iloc[0]
    assert voids["late"].iloc[1:].any()


def test_late_by_hand() -> None:
    loops = [[0.1, 2.0], [1.0, 1.1]]
    assert late([[2.0, 2.5], [1.9, 2.0], [1.5, 2.5], [2.0, 4.0], [2.0, np.inf]], [loops]).tolist() == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert late([[2.0, 2.5]], []).tolist() == [False]


def test_bars_that_are_equal_count_once() -> None:
    bars = np.array([[1.0 + one / 50, 1.1 + one / 40] for one in range(8)] + [[0.2, 1.9]])
    once, often = universal_p(bars, 1), universal_p(np.r_[bars, np.repeat(bars[:1], 50, axis=0)], 1)
    np.testing.assert_allclose(often[:9], once)
    assert (often[9:] == once[0]).all()
    assert np.isnan(universal_p(np.repeat(bars[:5], 4, axis=0), 1)).all()


def test_the_factor_of_alpha_complexes() -> None:
    """Noise under the alpha complex has twice the spread of Rips in log log of the ratio: no false loops with 1/2."""
    from plugins.homology.complexes import alpha

    spread, false = [], 0
    for seed in range(6):
        bars = alpha(np.random.default_rng(seed).random((400, 2))).dimension(1)
        false += bool((universal_p(bars, 1, 0.5) <= 0.05).any())
        spread.append(np.var(0.5 * np.log(np.log(bars[:, 1] / bars[:, 0]))))
    assert false == 0
    assert np.mean(spread) == pytest.approx(np.pi**2 / 6, rel=0.35)


def test_why_a_bar_has_no_p_value() -> None:
    turn = 2 * np.pi * np.arange(40) / 40
    result = run(Job(np.c_[np.cos(turn), np.sin(turn)]), draws=10)
    loop = of_dimension(result, 1).iloc[0]
    assert np.isnan(loop["p_value"])
    assert loop["p_reason"].startswith("fewer than 6 different bars")
    assert loop["significant"]
    (finding,) = [one for one in result.findings if one.code == "homology.loop"]
    assert "no p value (fewer than 6" in finding.statement
    assert (of_dimension(result, 0)["p_reason"] != "").all()
    table = result.tables["bars"]
    assert ((table["p_reason"] == "") == table["p_value"].notna()).all()


def test_three_dimensional_voids_of_a_cube() -> None:
    """A cube's complex is a sphere of dimension 3 between the roots of 2 and 3."""
    corners = np.array([[one >> k & 1 for k in range(3)] for one in range(8)], dtype=float)
    (bar,) = of_dimension(run(Job(corners), max_dim=3), 3).to_dict("records")
    assert (bar["birth"], bar["death"]) == (pytest.approx(2**0.5, abs=1e-6), pytest.approx(3**0.5, abs=1e-6))


def test_three_dimensional_voids_of_many_points_are_refused() -> None:
    with pytest.raises(wb.DataError, match="fewer landmarks"):
        run(Job(np.random.default_rng(0).standard_normal((600, 5))), max_dim=3, landmarks=600)


def test_options_reach_the_result_and_say_what_they_are() -> None:
    result = run(Job(circle(2000, axes=2, noise=0.005)), strict=True, gaussian=True, draws=4, landmarks=150)
    loop = of_dimension(result, 1).iloc[0]
    assert loop["beyond_band"]
    assert loop["gaussian_p"] < 0.06
    assert not of_dimension(result, 1)["beyond_band"].iloc[1:].any()
    assert any("Strict band" in one for one in result.notes)
    assert any("differ from a Gaussian blob" in one for one in result.notes)
    assert "confidence band" in str(result.charts["diagram"])
    none = run(Job(circle(100)), strict=True, gaussian=True, complex="dtm", draws=4)
    assert any("no strict band and no Gaussian null" in one for one in none.notes)


def test_summaries_have_units_and_a_band_over_draws() -> None:
    result = run(Job(circle(300)), draws=12)
    table = result.tables["summaries"].query("dimension == 1").set_index("summary")
    assert table.loc["betti", "value"] == table.loc["betti", "low"] == table.loc["betti", "high"] == 1
    assert 0 < table.loc["entropy", "value"] < 1
    assert table.loc["total_persistence", "unit"] == "u"
    assert table.loc["longest", "value"] == pytest.approx(of_dimension(result, 1)["length"].iloc[0])
    assert (table["low"] <= table["median"]).all()
    assert (table["median"] <= table["high"]).all()
    assert (table["draws"] == 12).all()
    heights, scales = result.arrays["landscape_h1"], result.arrays["landscape_h1_scales"]
    first = of_dimension(result, 1).iloc[0]
    assert heights[0].max() == pytest.approx(first["length"] / 2, rel=0.02)
    assert scales[heights[0].argmax()] == pytest.approx((first["birth"] + first["death"]) / 2, abs=0.02)
    image = result.arrays["image_h1"]
    assert image.shape == (24, 24)
    assert image[-6:].sum() > 0.9
    assert {"landscape", "image"} <= set(result.charts)
