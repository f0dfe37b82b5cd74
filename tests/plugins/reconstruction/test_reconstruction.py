# SPDX-License-Identifier: Apache-2.0
"""Reconstruction: errors by their definitions, intervals that hold, the sweep, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import workbench as wb
from plugins.reconstruction.analysis import Reconstruction
from plugins.reconstruction.errors import bootstrap_means, estimate, l1, l2
from plugins.reconstruction.pictures import coloured, sheet
from plugins.reconstruction.sweep import condition_of, values_of

finite = st.floats(-100, 100, width=32)


class Job:
    """A job on one model whose source space holds the given points."""

    device = "cpu"
    data = None

    def __init__(self, model: wb.Model, values: Any, *, source: str = "data", seed: int = 0) -> None:
        self.model, self.values, self.source, self.seed = model, np.asarray(values, np.float32), source, seed
        self.rng = np.random.default_rng(seed)
        self.fractions: list[float] = []

    def points(self, space: str, *, limit: int | None = None, **_: Any) -> wb.Points:
        values = self.values[:limit]
        columns = pd.DataFrame({"kind": ["a"] * len(values)})
        return wb.Points(values, np.arange(len(values)) * 2, self.model.space(space), self.source, columns)

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


class Kept(wb.Model):
    """Keeps the first ``axes`` of 4 numbers, and puts ``fill`` in the place of the others."""

    x = wb.vectors(4)
    z = wb.vectors(4)
    other = wb.vectors(4)

    def __init__(self, fill: float = 0.0, scale: float = 1.0) -> None:
        self.fill, self.scale = fill, scale

    @wb.maps(x, to=z)
    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x * self.scale

    @wb.maps(z, to=x)
    def decode(self, z: torch.Tensor, *, axes: int = 4, gain: float = 1.0) -> torch.Tensor:
        out = torch.full_like(z, self.fill)
        out[:, :axes] = z[:, :axes]
        return out * gain

    @wb.maps(other, to=x)
    def elsewhere(self, z: torch.Tensor) -> torch.Tensor:
        return z


def run(job: Job, **params: Any) -> wb.Result:
    given = {"encode": "encode", "decode": "decode", **params}
    return Reconstruction().run(job, Reconstruction.Params.read(given))  # type: ignore[arg-type]


VALUES = np.random.default_rng(0).standard_normal((300, 4))


def test_identity_has_no_error_and_explains_everything() -> None:
    result = run(Job(Kept(), VALUES))
    numbers = result.numbers()
    assert (numbers["l1"], numbers["l2"], numbers["worse_than_mean"]) == (0, 0, 0)
    assert numbers["explained"] == 1
    assert result.findings == []


def test_error_of_a_known_shift() -> None:
    """With the gain 1 + a every entry is off by a |x|: L1 and L2 are a times those of x itself."""
    result = run(Job(Kept(scale=1.5), VALUES))
    table = result.tables["errors"]
    values = VALUES.astype(np.float32)
    assert table["l1"].to_numpy() == pytest.approx(0.5 * np.abs(values).mean(axis=1), rel=1e-5)
    assert table["l2"].to_numpy() == pytest.approx(0.5 * np.sqrt((values**2).mean(axis=1)), rel=1e-5)
    assert list(table["row"]) == list(range(0, 600, 2))
    assert set(table.columns) == {"row", "l1", "l2", "l2_of_mean", "kind"}


def test_sweep_of_kept_axes_is_the_energy_of_those_left_out() -> None:
    result = run(Job(Kept(), VALUES), values="0, 1, 2, 3, 4")
    table = result.tables["by_condition"]
    energy = (VALUES.astype(np.float32) ** 2).mean(axis=0)
    expected = [energy[axes:].sum() / 4 for axes in range(5)]
    assert list(table["axes"]) == [0, 1, 2, 3, 4]
    assert table["mean_squared_error"].to_numpy() == pytest.approx(expected, rel=1e-5, abs=1e-12)
    assert (table["l2_low"] <= table["l2"]).all()
    assert (table["l2"] <= table["l2_high"]).all()
    assert "by_condition" in result.charts


def test_decoder_that_returns_far_off_points_is_found() -> None:
    result = run(Job(Kept(fill=9.0), VALUES), values="1")
    assert result.findings == []  # the default keeps all axes

    class Far(Kept):
        @wb.maps(Kept.z, to=Kept.x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return z + 9

    (finding,) = run(Job(Far(), VALUES)).findings
    assert (finding.code, finding.threshold, finding.n) == ("reconstruction.worse-than-mean", 0.0, 300)
    assert finding.low is not None and finding.high is not None
    assert 0 < finding.low <= finding.value <= finding.high
    assert finding.value == pytest.approx(9 - np.sqrt((VALUES**2).mean(axis=1)).mean(), rel=0.05)


def test_group_that_does_not_come_back_is_found() -> None:
    class Outside(Kept):
        @wb.maps(Kept.z, to=Kept.x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return torch.where(z[:, :1] > 1, z + 4, z)

    (finding,) = run(Job(Outside(), VALUES)).findings
    share = (VALUES[:, 0] > 1).mean()
    assert finding.code == "reconstruction.some-worse-than-mean"
    assert finding.value == pytest.approx(share, abs=0.02)


def test_mean_decoder_is_the_baseline() -> None:
    mean = torch.tensor(VALUES.astype(np.float32).mean(axis=0, dtype=np.float64), dtype=torch.float32)

    class Mean(Kept):
        @wb.maps(Kept.z, to=Kept.x)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return mean.expand_as(z)

    numbers = run(Job(Mean(), VALUES)).numbers()
    assert numbers["l2"] == pytest.approx(numbers["l2_of_mean"], rel=1e-6)
    assert numbers["l1"] == pytest.approx(numbers["l1_of_mean"], rel=1e-6)
    assert numbers["explained"] == pytest.approx(0, abs=1e-6)


def test_same_seed_same_intervals_and_progress_that_rises() -> None:
    first, second = (Job(Kept(scale=1.2), VALUES, seed=3) for _ in range(2))
    assert run(first).metrics == run(second).metrics
    assert first.fractions == sorted(first.fractions)
    assert first.fractions[-1] == 1


def test_points_from_the_prior_are_said_to_be() -> None:
    assert "made by the model itself" in run(Job(Kept(), VALUES, source="prior")).notes[0]


def test_maps_that_do_not_lead_back_are_refused() -> None:
    with pytest.raises(wb.ParameterError, match="'encode' leads from x to z and 'elsewhere' from other to x"):
        run(Job(Kept(), VALUES), decode="elsewhere")


@pytest.mark.parametrize("name", ["gain", "nothing"])
def test_condition_that_cannot_be_swept(name: str) -> None:
    with pytest.raises(wb.ParameterError, match=f"'{name}' is no whole-number condition .* it has axes"):
        run(Job(Kept(), VALUES), condition=name)


def test_values_that_are_no_numbers() -> None:
    with pytest.raises(wb.ParameterError, match="whole numbers separated by commas"):
        Reconstruction.Params.read({"encode": "e", "decode": "d", "values": "1, two"})


def test_one_point_is_too_few() -> None:
    with pytest.raises(wb.DataError, match="at least 2 points"):
        run(Job(Kept(), VALUES[:1]))


def test_default_values_end_at_the_default() -> None:
    condition = condition_of(Kept().decode, None)
    assert condition is not None
    assert values_of(condition, ()) == (1, 2, 3, 4)
    assert condition_of(Kept().encode, None) is None


class Pictures(wb.Model):
    pixels = wb.images(1, 6, 5)
    z = wb.vectors(30)

    @wb.maps(pixels, to=z)
    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        return pixels.flatten(1)

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return z.view(-1, 1, 6, 5) / 2


def test_pictures_come_with_a_sheet_of_examples() -> None:
    pixels = np.random.default_rng(0).random((20, 1, 6, 5))
    result = run(Job(Pictures(), pixels), examples=4)
    picture = np.asarray(result.images["examples"])
    assert picture.ndim == 3
    assert picture.shape[1] > 4 * 5 * 16
    assert "by_condition" not in result.tables


def test_sheet_shows_the_pictures_and_the_scale_of_the_difference() -> None:
    originals = np.zeros((2, 1, 96, 96))
    originals[0] = 1.0
    others = originals.copy()
    others[1] = 0.25
    picture, top = sheet(originals, others, 0.0, 1.0, ["a", "b"])
    assert top == 0.25
    rows, columns = (48, 144, 240), (96 + 48, 96 + 144)
    shown = [[tuple(picture[row, column]) for column in columns] for row in rows]
    assert shown[0] == [(255, 255, 255), (0, 0, 0)]
    assert shown[1] == [(255, 255, 255), (64, 64, 64)]
    assert shown[2] == [tuple(coloured(np.array(0.0))), tuple(coloured(np.array(1.0)))]


def test_scale_of_colours_only_grows_lighter() -> None:
    lightness = coloured(np.linspace(0, 1, 101)) @ np.array([0.2126, 0.7152, 0.0722])
    assert (np.diff(lightness) > -0.5).all()
    assert lightness[-1] > 200 > 10 > lightness[0]


# -- arithmetic

points = arrays(np.float32, (5, 3), elements=finite)


@settings(deadline=None, max_examples=50)
@given(points, points)
def test_errors_are_distances(x: Any, y: Any) -> None:
    assert (l1(x, y) == l1(y, x)).all()
    assert (l1(x, x) == 0).all()
    assert (l1(x, y) <= l2(x, y) * (1 + 1e-9) + 1e-12).all()  # the mean is at most the root mean square
    assert (l2(x, y) <= np.abs(x.astype(float) - y).max(axis=1) * (1 + 1e-9) + 1e-12).all()


def test_bootstrap_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    """Of 200 samples of 60 normal numbers, the 95 % interval of the mean covers 0 in about 95 % (binomial slack)."""
    random = np.random.default_rng(0)
    held = 0
    for seed in range(200):
        sample = random.standard_normal((60, 1))
        one = estimate(float(sample.mean()), bootstrap_means(sample, seed)[:, 0])
        held += one.low <= 0 <= one.high
    assert 178 <= held <= 198


def test_bootstrap_draws_all_columns_together() -> None:
    column = np.random.default_rng(0).standard_normal(50)
    drawn = bootstrap_means(np.stack([column, 2 * column, np.ones(50)], axis=1), 7)
    assert drawn.shape == (1000, 3)
    assert drawn[:, 1] == pytest.approx(2 * drawn[:, 0])
    assert drawn[:, 2] == pytest.approx(1)
    assert drawn[:, 0].std() == pytest.approx(column.std() / np.sqrt(50), rel=0.1)
