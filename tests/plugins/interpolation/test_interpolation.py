# SPDX-License-Identifier: Apache-2.0
"""Paths between samples: their arithmetic, the certificate, what is found and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import workbench as wb
from plugins.geometry.paths import circle, lerp, random_walk, slerp
from plugins.interpolation.analysis import Interpolation
from plugins.interpolation.pictures import strips
from tests.plugins.geometry.decoders import Broken, Job, Linear, Noisy, Sphere, draws

T = np.linspace(0, 1, 11)


def run(job: Job, **params: Any) -> wb.Result:
    return Interpolation().run(job, Interpolation.Params.read({"decode": "decode", **params}))  # type: ignore[arg-type]


def test_straight_decoder_has_a_ratio_of_one() -> None:
    result = run(Job(Linear(draws(20, 30)), draws(400, 20, 1)), pairs=5)
    numbers = result.numbers()
    assert numbers["length_ratio"] == pytest.approx(1, abs=1e-4)
    assert numbers["length_geodesic"] == pytest.approx(numbers["length_blend"], rel=1e-4)
    assert numbers["ratio_of_a_linear_decoder"] == pytest.approx(1, abs=1e-3)
    assert numbers["speed_ratio"] < 1.01
    codes = [one.code for one in result.findings]
    assert "interpolation.geodesic-far-from-straight" not in codes
    assert "interpolation.not-converged" not in codes
    assert "interpolation.lerp-leaves-shell" in codes  # half way between draws of 20 axes
    assert result.metrics["length_ratio"].n == 5
    assert set(result.tables["paths"]["path"]) == {"blend", "lerp", "slerp", "geodesic", "circle", "walk"}


def test_chosen_pair_on_the_sphere() -> None:
    codes = np.array([[np.pi / 4, 0], [1, 1], [np.pi / 4, np.pi / 2]])
    result = run(Job(Sphere(), codes), first=0, second=2, segments=16, iterations=100)
    numbers = result.numbers()
    assert numbers["length_geodesic"] == pytest.approx(np.arccos(0.5), rel=1e-4)
    assert numbers["length_linear"] == pytest.approx(1.110721, rel=1e-4)
    assert numbers["length_blend"] == pytest.approx(1.0, rel=1e-4)
    assert result.metrics["length_ratio"].low is None
    assert np.asarray(result.arrays["rows"]).tolist() == [[0, 2]]
    paths = result.tables["paths"].set_index("path")
    assert paths.loc["blend", "length"] <= paths.loc["geodesic", "length"] <= paths.loc["lerp", "length"]


def test_search_that_was_cut_short_is_said_to_be() -> None:
    class Stretched(wb.Model):
        z = wb.vectors(2, prior=wb.normal())
        x = wb.vectors(2)

        @wb.maps(z, to=x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return z * (1 + 20 * torch.exp(-4 * z.square().sum(dim=1, keepdim=True)))

    result = run(Job(Stretched(), [[-2.0, 0.1], [2.0, -0.1]]), first=0, second=1, iterations=1)
    assert "interpolation.not-converged" in [one.code for one in result.findings]


def test_normal_decoder_is_measured_with_its_spread() -> None:
    result = run(Job(Noisy(), draws(50, 2)), pairs=2)
    assert any("expected metric" in one for one in result.notes)


class Pictures(wb.Model):
    z = wb.vectors(4, prior=wb.normal())
    pixels = wb.images(1, 2, 2)

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(z).view(-1, 1, 2, 2)


def test_pictures_of_every_path_start_and_end_where_they_must() -> None:
    result = run(Job(Pictures(), draws(50, 4)), pairs=2)
    assert np.asarray(result.images["strips"]).ndim == 3
    straight, best, blend = (np.asarray(result.arrays[f"pictures_{name}"]) for name in ("lerp", "geodesic", "blend"))
    assert straight.shape == (2, 9, 2, 2, 1)
    for one in (best, blend):
        assert np.abs(one[:, [0, -1]].astype(int) - straight[:, [0, -1]].astype(int)).max() <= 1


def test_strips_have_a_row_for_each_path() -> None:
    black = np.zeros((3, 8, 8, 1), np.uint8)
    assert strips({"a": black, "b": black}).shape[0] == 2 * (72 + 4)


def test_opposite_codes_have_no_sphere_between_them_but_the_rest_stands() -> None:
    start = draws(1, 5)[0]
    result = run(Job(Linear(draws(5, 6)), [start, -start]), first=0, second=1)
    assert set(result.tables["paths"]["path"]) == {"blend", "lerp", "geodesic", "walk"}
    assert any("opposite to each other" in one for one in result.notes)


def test_what_is_refused() -> None:
    job = Job(Linear(np.eye(3)), np.concatenate([draws(4, 3), np.ones((2, 3))]))
    with pytest.raises(wb.DataError, match="same row 1"):
        run(job, first=1, second=1)
    with pytest.raises(wb.DataError, match="rows 4 and 5 have the same code"):
        run(job, first=4, second=5)
    with pytest.raises(wb.ParameterError, match="both rows"):
        run(job, first=4)
    with pytest.raises(wb.DataError, match="all equal"):
        run(Job(Linear(np.eye(3)), np.ones((6, 3))))
    with pytest.raises(wb.DataError, match="NaN or infinity"):
        run(Job(Linear(np.eye(3)), np.full((6, 3), np.nan)))
    with pytest.raises(wb.DoesNotApply, match="no gradient to use"):
        run(Job(Broken(), draws(20, 3)), decode="rounded")


# -- arithmetic of paths

codes_of_three = st.lists(st.floats(-10, 10).filter(lambda x: abs(x) > 1e-3), min_size=3, max_size=3).map(np.array)


@settings(deadline=None, max_examples=50)
@given(codes_of_three, codes_of_three)
def test_slerp_starts_ends_and_keeps_between_both_lengths(a: Any, b: Any) -> None:
    try:
        path = slerp(a, b, T)
    except wb.DataError:
        assert a @ b < 0
        return
    assert path[0] == pytest.approx(a)
    assert path[-1] == pytest.approx(b, rel=1e-5, abs=1e-5)
    lengths = np.linalg.norm(path, axis=1)
    expected = np.linalg.norm(a) + T * (np.linalg.norm(b) - np.linalg.norm(a))
    assert lengths == pytest.approx(expected, rel=1e-5)


def test_middle_of_a_straight_line_between_normal_draws_lies_at_seven_tenths_of_their_length() -> None:
    first, second = draws(2000, 512).reshape(2, 1000, 512)
    middle = np.linalg.norm((first + second) / 2, axis=1).mean()
    assert middle / np.sqrt(512) == pytest.approx(np.sqrt(0.5), abs=0.002)
    assert np.linalg.norm(slerp(first[0], second[0], T), axis=1).min() > 20


def test_slerp_of_codes_of_one_direction_is_straight_and_of_opposite_ones_refused() -> None:
    a = np.array([1.0, 2.0, 3.0])
    assert slerp(a, 2 * a, T) == pytest.approx(lerp(a, 2 * a, T))
    with pytest.raises(wb.DataError, match="opposite"):
        slerp(a, -a, T)
    with pytest.raises(wb.DataError, match="centre"):
        slerp(a, 0 * a, T)


def test_circle_comes_back_and_passes_the_other_code() -> None:
    a, b = np.array([2.0, 0.0, 0.0]), np.array([0.0, 3.0, 0.0])
    path = circle(a, b, np.array([0.0, 0.25, 0.5, 1.0]))
    assert path[[0, 1, 3]] == pytest.approx(np.stack([a, b, a]), abs=1e-12)
    assert path[2, 0] < 0
    with pytest.raises(wb.DataError, match="one line"):
        circle(a, -a, T)


def test_random_walk_keeps_the_normal_law() -> None:
    rng = np.random.default_rng(0)
    path = random_walk(rng.standard_normal(2000), 30, 0.8, rng)
    assert path.std(axis=1) == pytest.approx(np.ones(31), abs=0.06)
    assert np.corrcoef(path[3], path[4])[0, 1] == pytest.approx(0.8, abs=0.03)


class Polar(wb.Model):
    """The plane in polar coordinates, angle and -20 times the logarithm of the radius: geodesics are chords."""

    z = wb.vectors(2, prior=wb.normal())
    x = wb.vectors(2)

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        radius = torch.exp(-z[:, 1] / 20)
        return torch.stack([radius * z[:, 0].cos(), radius * z[:, 0].sin()], dim=1)


def test_a_ridge_keeps_the_geodesic_from_running_off() -> None:
    """Between angles -1.4 and 1.4 the chord of length 2 sin 1.4 has a least radius of cos 1.4: a code of 35."""
    codes = [[-1.4, 0.0], [1.4, 0.0]]
    alone = run(Job(Polar(), codes), first=0, second=1, ridge=0, iterations=300)
    kept = run(Job(Polar(), codes), first=0, second=1)
    assert alone.numbers()["length_geodesic"] == pytest.approx(2 * np.sin(1.4), rel=0.01)
    furthest = [np.abs(np.asarray(one.arrays["codes_geodesic"])).max() for one in (alone, kept)]
    assert furthest[0] == pytest.approx(-20 * np.log(np.cos(1.4)), rel=0.1)
    assert furthest[1] < 0.6 * furthest[0]
    assert 2 * np.sin(1.4) < kept.numbers()["length_geodesic"] < 2.8
    assert "interpolation.not-converged" not in [one.code for one in kept.findings]
    assert any("'ridge'" in one for one in kept.notes) and any("ridge 0" in one for one in alone.notes)


def test_too_few_segments_are_refused() -> None:
    with pytest.raises(wb.ParameterError, match="at least 4"):
        run(Job(Sphere(), draws(20, 2)), segments=3)
