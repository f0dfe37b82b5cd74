# SPDX-License-Identifier: Apache-2.0
"""The analysis: which rows, which features, what is found and said, what is refused."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import workbench as wb
from plugins.contrast.layers import plan_all
from plugins.contrast.panels import diverging
from plugins.contrast.spaces import pooled
from tests.plugins.contrast.jobs import Job, run

N, INSIDE = 400, np.arange(0, 120)


def values(shift: float = 1.5) -> Any:
    """Six normal numbers; the third is higher by ``shift`` in the first 120 rows."""
    found = np.random.default_rng(0).standard_normal((N, 6))
    found[INSIDE, 2] += shift
    return found


LABELS = pd.DataFrame({"group": ["a"] * 120 + ["b"] * 200 + ["c"] * 80})


class Pictures(wb.Model):
    """Encodes pictures of two channels, through a convolution, its flattening and a layer that gives NaN."""

    pixels = wb.images(2, 8, 6)
    z = wb.vectors(3)
    other = wb.vectors(2)

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.conv = torch.nn.Conv2d(2, 40, 3, padding=1)
        self.flat = torch.nn.Flatten()
        self.linear = torch.nn.Linear(96, 3)

    @wb.maps(pixels, to=z)
    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        self.conv(pixels)
        return self.linear(self.flat(pixels))

    @wb.maps(other, to=z)
    def never(self, other: torch.Tensor) -> torch.Tensor:
        raise AssertionError("there are no points of 'other'")


def test_what_differs_is_found_and_the_rest_is_not() -> None:
    result = run(Job(values(), {"some": INSIDE}, LABELS))
    table = result.tables["features"]
    assert table.iloc[0][["kind", "name", "level"]].tolist() == ["column", "group", "a"]
    assert table.iloc[0]["effect"] == 1
    dimensions = table[table["kind"] == "dimension"]
    assert dimensions.iloc[0]["name"] == "dimension 2"
    truth = 0.5 * (1 + math.erf(1.5 / 2))  # Phi(1.5 / sqrt(2))
    assert dimensions.iloc[0]["low"] < truth < dimensions.iloc[0]["high"]
    assert (dimensions["q"].iloc[1:] > 0.05).all()
    assert set(table["n_inside"]) == {120}
    assert set(table["n_outside"]) == {280}
    numbers = result.numbers()
    assert numbers["tested"] == len(table) == 9
    assert numbers["different"] == 4  # three levels and one dimension
    assert [one.code for one in result.findings] == ["contrast.one-label"]
    assert {"effects", "top_01", "top_02"} <= set(result.charts)
    assert np.array_equal(result.arrays["rows"], INSIDE)


def test_a_random_selection_is_distinguished_by_nothing() -> None:
    chosen = np.sort(np.random.default_rng(1).choice(N, 100, replace=False))
    result = run(Job(values(0.0), {"some": chosen}, LABELS))
    (finding,) = result.findings
    assert finding.code == "contrast.nothing-distinguishes"
    assert finding.low is not None and finding.high is not None
    assert finding.low <= finding.value <= finding.high
    assert result.numbers()["different"] == 0


def test_differences_that_are_many_but_small_are_said_to_be() -> None:
    random = np.random.default_rng(2)
    points = random.standard_normal((40_000, 3))
    points[:20_000] += 0.1
    result = run(Job(points, {"some": np.arange(20_000)}), limit=20_000)
    (finding,) = result.findings
    assert finding.code == "contrast.only-weak"
    assert finding.value == pytest.approx(0.528, abs=0.01)  # Phi(0.1 / sqrt(2))


def test_swapping_the_two_slices_mirrors_the_table() -> None:
    slices = {"some": INSIDE, "rest": np.arange(120, N)}
    there = run(Job(values(), slices, LABELS), selection="some", against="rest").tables["features"]
    back = run(Job(values(), slices, LABELS), selection="rest", against="some").tables["features"]
    keys = ["kind", "name", "level"]
    one, other = (frame.set_index(keys).sort_index() for frame in (there, back))
    assert one["effect"].to_numpy() == pytest.approx(1 - other["effect"].to_numpy())
    assert one["low"].to_numpy() == pytest.approx(1 - other["high"].to_numpy())
    assert one["q"].to_numpy() == pytest.approx(other["q"].to_numpy())


def test_points_of_both_slices_are_of_neither_side() -> None:
    slices = {"some": np.arange(0, 60), "other": np.arange(50, 90)}
    result = run(Job(values(), slices, LABELS), against="other")
    assert result.arrays["rows"].tolist() == list(range(50))
    assert result.arrays["rows_outside"].tolist() == list(range(60, 90))
    assert any(one.startswith("10 points in both slices") for one in result.notes)


def test_at_most_limit_points_a_side_at_random_under_the_seed() -> None:
    first, again, other = (run(Job(values(), {"some": INSIDE}, seed=seed), limit=50) for seed in (0, 0, 1))
    assert len(first.arrays["rows"]) == len(first.arrays["rows_outside"]) == 50
    assert set(first.arrays["rows"]) <= set(INSIDE)
    assert not set(first.arrays["rows_outside"]) & set(INSIDE)
    assert first.tables["features"].equals(again.tables["features"])
    assert not np.array_equal(first.arrays["rows"], other.arrays["rows"])
    assert "50 random ones of 280 points of the others" in first.notes[0]


def test_draws_are_compared_with_those_up_to_the_last_one_chosen() -> None:
    result = run(Job(values(), {"some": np.arange(0, 200, 2)}, source="prior"))
    assert result.arrays["rows_outside"].tolist() == list(range(1, 198, 2))


@pytest.mark.parametrize(
    ("slices", "params", "words"),
    [
        ({"some": [1, 2, 3, 4]}, {}, "the slice 'some' has 4 points, and a comparison needs at least 5 on each side"),
        ({"some": range(N - 2)}, {}, "the rest of the points outside of 'some' has 2 points"),
        ({"some": range(9), "b": range(4, 30)}, {"against": "b"}, "'some' has 4 points without those that are in both"),
    ],
)
def test_too_few_points_are_refused(slices: Any, params: Any, words: str) -> None:
    with pytest.raises(wb.DataError, match=words):
        run(Job(values(), slices), **params)


def test_a_slice_against_itself_is_refused() -> None:
    with pytest.raises(wb.ParameterError, match="'some' is compared with itself"):
        run(Job(values(), {"some": INSIDE}), against="some")


def test_nothing_that_varies_is_refused() -> None:
    with pytest.raises(wb.DataError, match="nothing can be compared between these points: constant"):
        run(Job(np.ones((50, 3)), {"some": range(20)}))


def test_constant_dimensions_are_left_out_and_said() -> None:
    points = values()
    points[:, 4] = 3.0
    result = run(Job(points, {"some": INSIDE}))
    assert "dimension 4" not in set(result.tables["features"]["name"])
    assert result.tables["not_tested"].to_dict("records") == [
        {"kind": "dimension", "space": "points", "name": "", "features": 1, "why": "constant"}
    ]
    assert any(one.startswith("Not tested: 1 (constant)") for one in result.notes)


def test_pictures_and_layers_of_a_model() -> None:
    pictures = np.random.default_rng(3).random((60, 2, 8, 6)) * 0.5
    pictures[:20, 1, 4, 3] += 0.5
    result = run(Job(pictures, {"some": range(20)}, model=Pictures()))
    table = result.tables["features"]
    assert table.iloc[0][["kind", "name"]].tolist() == ["pixel", "row 4, column 3, channel 1"]
    assert table.groupby(["kind", "space"]).size().to_dict() == {
        ("layer unit", "conv"): 40,  # 40 channels of 8 x 6: averaged over positions
        ("layer unit", "linear"): 3,
        ("pixel", "pixels"): 96,
    }
    left = result.tables["not_tested"].set_index("space")
    assert left.loc["flat", "why"] == "the same numbers as pixels"
    assert any("1 layers with many positions were averaged" in one for one in result.notes)
    assert any(one.startswith("The space z is left out") for one in result.notes)
    assert np.asarray(result.images["pixels_01"]).shape[2] == 3


def test_units_of_layers_are_those_of_the_layer() -> None:
    pictures = np.random.default_rng(4).random((40, 2, 8, 6)).astype(np.float32)
    model = Pictures()
    result = run(Job(pictures, {"some": range(15)}, model=model))
    with torch.no_grad():
        direct = model.conv(torch.from_numpy(pictures)).mean(dim=(2, 3)).numpy()
    table = result.tables["features"].query("space == 'conv'").set_index("name")
    for channel in (0, 17, 39):
        row = table.loc[f"channel {channel}"]
        assert row["inside"] == pytest.approx(direct[:15, channel].mean(), rel=1e-4)
        above = (direct[:15, None, channel] > direct[None, 15:, channel]).mean()
        assert row["effect"] == pytest.approx(above, abs=0.005)
    assert all(len(one._forward_hooks) == 0 for one in model.layers().values())


def test_one_space_alone_has_no_layers() -> None:
    pictures = np.random.default_rng(5).random((40, 2, 8, 6))
    table = run(Job(pictures, {"some": range(15)}, model=Pictures()), space="pixels").tables["features"]
    assert set(table["kind"]) == {"pixel"}
    with pytest.raises(wb.DoesNotApply, match="points of 'z' cannot be had"):
        run(Job(pictures, {"some": range(15)}, model=Pictures()), space="z")


def test_layers_that_give_nan_are_left_out() -> None:
    class Bad(Pictures):
        @wb.maps(Pictures.pixels, to=Pictures.z)
        def encode(self, pixels: torch.Tensor) -> torch.Tensor:
            return self.linear(self.flat(torch.log(pixels - 2)))

    result = run(Job(np.random.default_rng(6).random((40, 2, 8, 6)), {"some": range(15)}, model=Bad()))
    left = result.tables["not_tested"].set_index("space")
    assert left.loc["linear", ["features", "why"]].tolist() == [3, "NaN or infinite values"]


def test_layers_share_the_memory_that_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugins.contrast.layers.BUDGET", 1000)
    shapes = {"a": (8, 4, 4), "b": (50,), "c": (60,), "d": (10**5,)}
    plans, left_out = plan_all(shapes, rows=10)
    assert {name: one.units for name, one in plans.items()} == {"a": 8, "b": 50}
    assert [one[0] for one in left_out] == ["d", "c"]


def test_large_pictures_are_averaged_over_squares() -> None:
    picture = np.random.default_rng(7).random((3, 1, 130, 70)).astype(np.float32)
    found, shape = pooled(picture)
    assert shape == (1, 65, 35)
    squares = picture[:, 0].reshape(3, 65, 2, 35, 2).mean(axis=(2, 4))
    assert found.reshape(3, 65, 35) == pytest.approx(squares, rel=1e-5)
    odd, shape = pooled(picture[:, :, :129, :69])
    assert shape == (1, 65, 35)
    assert odd.reshape(3, 65, 35)[:, -1, 0] == pytest.approx(picture[:, 0, 128, :2].mean(axis=1))


def test_colours_of_effects() -> None:
    lower, none, higher, constant = diverging(np.array([0.0, 0.5, 1.0, np.nan])).tolist()
    assert none == [255, 255, 255]
    assert (lower[2] > lower[0], higher[0] > higher[2]) == (True, True)
    assert constant == [225, 225, 225]


def test_what_is_circular_is_said_of_spaces_alone() -> None:
    with_spaces = run(Job(values(), {"some": INSIDE}, LABELS), drawn_on="points")
    assert any("circular" in one and "as here on one of points" in one for one in with_spaces.notes)
    only_columns = run(Job(np.ones((N, 1)), {"some": INSIDE}, LABELS))
    assert not any("circular" in one for one in only_columns.notes)


def test_progress_rises_to_its_end() -> None:
    job = Job(np.random.default_rng(8).random((40, 2, 8, 6)), {"some": range(15)}, model=Pictures())
    run(job)
    assert job.fractions == sorted(job.fractions)


def test_names_with_markup_stay_text() -> None:
    odd = pd.DataFrame({"<b>*x*</b>": (["<script>"] * 120 + ["$a$"] * 280)})
    result = run(Job(values(0.0), {"some": INSIDE}, odd))
    assert result.tables["features"].iloc[0][["name", "level"]].tolist() == ["<b>*x*</b>", "<script>"]


def test_every_finding_has_an_entry() -> None:
    from plugins.contrast import workbench_entries

    text = "".join(one.read_text() for one in workbench_entries())
    source = Path(str(__import__("plugins.contrast.findings", fromlist=["x"]).__file__)).read_text()
    codes = {word for word in source.replace('"', " ").split() if word.startswith("contrast.")}
    assert codes == {"contrast.nothing-distinguishes", "contrast.only-weak", "contrast.one-label"}
    assert all(f"- {code}\n" in text for code in codes)


@pytest.mark.slow
def test_a_slice_of_one_digit_through_the_store(tmp_path: Path) -> None:
    """Digits of the sample data: the label comes first, and a run on the model tests its layers."""
    with wb.Store.open(tmp_path / "digits") as store:
        digits = wb.catalogue().dataset("mnist").open().columns["digit"].to_numpy()
        store.save_slice("threes", "mnist", np.flatnonzero(digits == 3))
        asked: dict[str, Any] = {"selection": "threes", "limit": 150, "store": store, "inline": True}
        result = wb.run("contrast", data="mnist", **asked)
        table = result.tables["features"]
        assert table.iloc[0][["kind", "name", "level"]].tolist() == ["column", "digit", "3"]
        assert set(table["kind"]) == {"column", "pixel"}
        rows = np.asarray(result.arrays["rows_outside"])
        assert len(rows) == 150
        assert (digits[rows] != 3).all()
        modelled = wb.run("contrast", model="mnist-vae", **asked).tables["features"]
        assert modelled.iloc[0][["kind", "name", "level"]].tolist() == ["column", "digit", "3"]
        assert {"column", "dimension", "pixel", "layer unit"} == set(modelled["kind"])


@pytest.mark.slow
def test_a_slice_of_draws_through_the_store(tmp_path: Path) -> None:
    from workbench.runs import draws_source

    with wb.Store.open(tmp_path / "draws") as store:
        store.save_slice("drawn", draws_source("mnist-vae", "z", 3), np.arange(0, 60, 3))
        result = wb.run("contrast", model="mnist-vae", selection="drawn", layers=False, store=store, inline=True)
        assert set(result.tables["features"]["kind"]) == {"dimension", "pixel"}
        assert result.arrays["rows_outside"].tolist() == [one for one in range(58) if one % 3]
