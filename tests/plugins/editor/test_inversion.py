# SPDX-License-Identifier: Apache-2.0
"""Inversion: linear decoders exactly, the model's own pictures, what the result holds, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import workbench as wb
from plugins.editor.inversion import Inversion, rows_of
from plugins.editor.inversion_results import RECOVERED
from plugins.editor.inverting import Problem, Setting, invert

D, SIDE = 5, 4
MATRIX = torch.randn(D, SIDE * SIDE, generator=torch.Generator().manual_seed(3))
STD = (1.0, 2.0, 0.5, 1.0, 3.0)


class Linear(wb.Model):
    """Pictures ``z A`` in a wide range: the code of a picture is the least-squares solution."""

    z = wb.vectors(D, prior=wb.normal(std=STD))
    pixels = wb.images(1, SIDE, SIDE, low=-100, high=100)

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return (z @ MATRIX).reshape(-1, 1, SIDE, SIDE)

    @wb.maps(pixels, to=z)
    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1) @ torch.linalg.pinv(MATRIX)


class Job:
    """A job without data (draws of the prior), or on given pictures."""

    device = "cpu"

    def __init__(self, model: wb.Model, pictures: Any = None, seed: int = 0) -> None:
        self.model, self.pictures, self.seed = model, pictures, seed
        self.rng, self.generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        self.fractions: list[float] = []

    def points(self, space: str, *, limit: int | None = None, rows: Any = None, **_: Any) -> wb.Points:
        chosen = np.arange(limit or 0) if rows is None else np.asarray(rows)
        columns = pd.DataFrame(index=range(len(chosen)))
        if self.pictures is not None and space == "pixels":
            return wb.Points(self.pictures[chosen], chosen, self.model.space(space), "data", columns)
        every = self.model.space("z").example(20, torch.Generator().manual_seed(99))
        codes = every[torch.as_tensor(chosen)]
        made = codes if space == "z" else self.model.maps["decode"].point(codes)
        return wb.Points(made.numpy(), chosen, self.model.space(space), "prior", columns)

    def progress(self, fraction: float, stage: str = "") -> None:
        self.fractions.append(fraction)

    def log(self, text: str) -> None: ...


def run(job: Job, **params: Any) -> wb.Result:
    return Inversion().run(job, Inversion.Params.read({"decode": "decode", **params}))  # type: ignore[arg-type]


@pytest.mark.parametrize("optimiser", ["lbfgs", "adam+lbfgs"])
def test_own_pictures_of_a_linear_decoder_come_back_with_their_codes(optimiser: str) -> None:
    job = Job(Linear())
    result = run(job, limit=3, restarts=2, optimiser=optimiser, steps=100)
    numbers = result.numbers()
    assert numbers["error"] < 1e-6 and numbers["recovered"] == 1.0 and numbers["distance_from_truth"] < 1e-3
    recovered = result.metrics["recovered"]
    assert recovered.low is not None and 0 < recovered.low < 1  # all of a few leave room for doubt
    table = result.tables["inversions"]
    assert len(table) == 6 and table.groupby("picture")["best"].sum().tolist() == [1, 1, 1]
    truth = job.points("z", rows=np.arange(3)).values
    np.testing.assert_allclose(result.arrays["codes"], truth, atol=2e-3)
    distance = np.linalg.norm(truth / np.array(STD), axis=1)
    np.testing.assert_allclose(result.tables["pictures"]["distance"], distance, rtol=1e-2)
    assert job.fractions == sorted(job.fractions) and job.fractions[-1] == 1.0


def test_any_picture_of_a_linear_decoder_gives_the_least_squares_code() -> None:
    pictures = np.random.default_rng(1).standard_normal((2, 1, SIDE, SIDE)).astype(np.float32)
    result = run(Job(Linear(), pictures), rows="0, 1", controls=2, restarts=2)
    exact, *_ = np.linalg.lstsq(MATRIX.numpy().T, pictures.reshape(2, -1).T, rcond=None)
    np.testing.assert_allclose(result.arrays["codes"], exact.T, atol=1e-3)
    left = np.sqrt(np.square(pictures.reshape(2, -1) - exact.T @ MATRIX.numpy()).mean(axis=1)) / 200
    np.testing.assert_allclose(result.tables["pictures"]["error"][:2], left, rtol=1e-3)
    assert result.numbers()["error_of_own"] < 1e-6
    assert result.tables["inversions"]["kind"].tolist() == ["picture"] * 4 + ["control"] * 4
    assert len(result.arrays["codes"]) == 2, "controls are no pictures of the sample"


def test_a_picture_that_cannot_be_drawn_is_said_to_be_so() -> None:
    pictures = 40 * np.random.default_rng(1).standard_normal((2, 1, SIDE, SIDE)).astype(np.float32)
    pictures = pictures.clip(-100, 100)
    result = run(Job(Linear(), pictures), rows="0 1", controls=2, restarts=2)
    codes = {one.code for one in result.findings}
    assert codes == {"inversion.not-drawn-by-the-model", "inversion.outside-the-shell"}
    assert run(Job(Linear()), limit=2).findings == []


def test_the_prior_draws_the_code_to_the_centre_as_ridge_regression_does() -> None:
    job, weight = Job(Linear()), 0.01
    given = job.points("pixels", rows=np.arange(1)).values.reshape(1, -1).astype(np.float64)
    a, std = MATRIX.numpy().astype(np.float64), np.array(STD)
    scale = 1 / (200**2 * SIDE * SIDE)
    exact = np.linalg.solve(scale * a @ a.T + weight / D * np.diag(1 / std**2), scale * a @ given[0])
    result = run(job, rows="0", restarts=1, prior_weight=weight)
    np.testing.assert_allclose(result.arrays["codes"][0], exact, atol=1e-4)


def test_the_same_seed_gives_the_same_codes_and_another_other_starts() -> None:
    one, same, other = (run(Job(Linear(), seed=seed), limit=1, steps=3, optimiser="adam") for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.arrays["every_code"], same.arrays["every_code"])
    assert abs(one.arrays["every_code"] - other.arrays["every_code"]).max() > 0.01


def test_a_row_is_inverted_by_adam_as_it_would_be_alone() -> None:
    job = Job(Linear())
    targets = torch.from_numpy(job.points("pixels", rows=np.arange(3)).values)
    starts = torch.randn(3, 2, D, generator=torch.Generator().manual_seed(0))

    def of(rows: slice) -> np.ndarray:
        ends = torch.zeros(D), torch.tensor(STD)
        problem = Problem(lambda z: (z @ MATRIX).reshape(-1, 1, SIDE, SIDE), targets[rows], *ends, 200.0)
        return invert(problem, starts[rows], Setting("adam", 20)).codes

    np.testing.assert_allclose(of(slice(1, 2))[0], of(slice(0, 3))[1], atol=1e-5)


def test_features_are_compared_where_the_model_reads_them() -> None:
    result = run(Job(Linear()), limit=1, features="z", feature_weight=1.0)
    assert result.numbers()["distance_from_truth"] < 1e-3
    with pytest.raises(wb.ParameterError, match="cannot be read off pixels: maps from there lead to z"):
        run(Job(Linear()), limit=1, features="pixels")


@pytest.mark.parametrize("rows", ["1.5", "-1", "a", "1;x"])
def test_rows_that_are_no_whole_numbers_are_refused(rows: str) -> None:
    with pytest.raises(wb.ParameterError, match="whole numbers"):
        Inversion.Params.read({"decode": "decode", "rows": rows})


def test_rows_are_read_in_order_once_each() -> None:
    assert rows_of(" 7, 3 3;1 ") == [1, 3, 7] and rows_of("") == []


def test_a_decoder_that_gives_nan_is_named() -> None:
    problem = Problem(
        lambda z: z.reshape(-1, 1, 1, D) * float("nan"), torch.zeros(1, 1, 1, D), torch.zeros(D), torch.ones(D)
    )
    with pytest.raises(wb.DataError, match="not a number"):
        invert(problem, torch.zeros(1, 1, D), Setting("adam", 3))


def test_eigenfaces_are_inverted_exactly() -> None:
    model = wb.catalogue().model("eigenfaces").load("cpu")
    z = model.space("z")
    codes = 0.3 * z.example(1, torch.Generator().manual_seed(0))  # small ones: nothing is clipped to black or white
    made = model.maps["decode"].point(codes).numpy()
    assert made.min() > 0 and made.max() < 1
    result = run(Job(model, made), rows="0", restarts=1, controls=0, steps=60)
    assert result.numbers()["error"] < 1e-5 < RECOVERED
    std = np.asarray(z.prior.std)
    assert np.linalg.norm((result.arrays["codes"] - codes.numpy()) / std) < 0.05
    assert any("not known" in one for one in result.notes)
