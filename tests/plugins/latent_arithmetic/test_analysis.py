# SPDX-License-Identifier: Apache-2.0
"""The analysis on planted points: findings, controls, items, and bad input."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
import torch

import workbench as wb
from registry.scorers import Scorer
from tests.plugins.latent_arithmetic.jobs import Affine, PlantedJob, run, three_groups

WORDS = ("king", "queen", "man", "woman", "apple", "pear")


def codes(result: wb.Result) -> set[str]:
    return {one.code.partition(".")[2] for one in result.findings}


# -- findings


def test_few_exemplars_of_a_small_change_are_found_too_few() -> None:
    random = np.random.default_rng(0)
    values = random.standard_normal((400, 100))
    values[:200, 0] += 3
    job = PlantedJob(values, {"a": np.arange(200), "b": np.arange(200, 400)})
    result: Any = run(job, "+a", "-b", k=3)
    (found,) = [one for one in result.findings if one.code.endswith("k-too-small")]
    assert found.value == pytest.approx(0.345, abs=0.03)
    assert found.low < found.value < found.high
    assert (found.threshold, found.n) == (0.9, 200)
    assert found.figure in result.charts
    assert result.numbers()["exemplars_for_90"] == pytest.approx(94.7, rel=0.2)
    many = run(PlantedJob(values, job.slices), "+a", "-b", k=None)
    assert "k-too-small" not in codes(many)


class Wide(wb.Model):
    """A hundred normal numbers, the first of which is the brightness of the picture."""

    z = wb.vectors(100, prior=wb.normal())
    pixels = wb.images(1, 4, 4)

    @wb.maps(z, to=pixels)
    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(z[:, :1]).repeat(1, 16).reshape(-1, 1, 4, 4)


def draws(seed: int = 0) -> PlantedJob:
    values = np.random.default_rng(seed).standard_normal((600, 100))
    order = np.argsort(values[:, 0])
    slices = {"bright": order[-60:], "dark": order[:60], "some": np.arange(0, 600, 3), "others": np.arange(1, 600, 3)}
    return PlantedJob(values, slices, model=Wide(), source="prior", seed=seed)


def test_a_mean_of_many_draws_lies_inside_the_shell_until_it_is_brought_there() -> None:
    result: Any = run(draws(), "+some", k=50)
    (found,) = [one for one in result.findings if one.code.endswith("off-the-shell")]
    assert found.value == pytest.approx(np.sqrt(100 / 50), rel=0.25)
    assert found.value < found.threshold < 10
    assert found.low < found.high
    back: Any = run(draws(), "+some", k=50, rescale=True)
    assert "off-the-shell" not in codes(back)
    assert np.linalg.norm(back.arrays["sum"]) == pytest.approx(10, rel=1e-5)
    assert np.linalg.norm(back.arrays["sum_as_it_is"]) < 3


def test_a_sum_of_three_means_of_three_draws_lies_on_the_shell() -> None:
    result = run(draws(), "+bright", "-dark", "+some", k=3)
    assert "off-the-shell" not in codes(result)


def test_a_change_of_brightness_is_beyond_random_and_one_of_nothing_is_not() -> None:
    result: Any = run(draws(), "+bright", "-dark", "+some", k=5)
    row = result.tables["scores"].set_index("scorer").loc["brightness"]
    assert row["p"] == pytest.approx(0.01)
    assert row["change"] > row["random_high"] > 0 > row["random_low"]
    assert "no-better-than-random" not in codes(result)
    nothing: Any = run(draws(), "+others", "-some", "+dark", k=5, attribute="brightness")
    (found,) = [one for one in nothing.findings if one.code.endswith("no-better-than-random")]
    assert found.low <= found.value <= found.high
    assert found.n == 99
    assert nothing.numbers()["p_random"] > 0.05


# -- parts of the result


def test_pictures_of_a_result() -> None:
    values, slices = three_groups()
    result: Any = run(PlantedJob(values, slices, model=Affine()), "+a", "-b", "+c", k=10)
    assert np.asarray(result.arrays["mean_pictures"]).shape == (3, 6, 6, 1)
    assert np.asarray(result.arrays["cloud_pictures"]).shape == (9, 6, 6, 1)
    assert np.asarray(result.arrays["exemplar_of"]).shape == (24, 2)
    assert np.asarray(result.arrays["numbers"]).tolist() == [1, 2, 3, 5, 10, 20]
    assert np.asarray(result.arrays["pictures_by_number"]).shape == (6, 4, 6, 6, 1)
    assert result.images["sum"].dtype == np.uint8
    assert (np.asarray(result.arrays["cloud_pictures"])[4] == np.asarray(result.arrays["sum_picture"])).all()


def test_groups_by_a_class_and_by_a_score() -> None:
    values, _ = three_groups()
    labels = np.repeat(["a", "b", "c"], 60)
    job = PlantedJob(values, model=Affine(), labels=labels)
    result: Any = run(job, "+class:label=a&high:brightness", "-class:label=a&low:brightness", "+class:label=b", k=None)
    terms = result.tables["terms"]
    assert terms["group"].tolist() == [12, 12, 60]
    row = result.tables["scores"].set_index("scorer").loc["brightness"]
    assert row["wanted"] > 0
    assert row["change"] == pytest.approx(row["wanted"], rel=1e-3)  # an affine decoder: both are the same difference


def test_the_same_seed_gives_the_same_sum_and_another_seed_another() -> None:
    values, slices = three_groups()
    sums = [np.asarray(run(PlantedJob(values, slices, seed=seed), "+a", "-b").arrays["sum"]) for seed in (0, 0, 1)]
    assert (sums[0] == sums[1]).all()
    assert (sums[0] != sums[2]).any()


# -- items


class Words(wb.Model):
    """Six words in three axes: royal, female, fruit."""

    word = wb.items(WORDS)
    vector = wb.vectors(3, metric="cosine")

    def __init__(self, device: str = "cpu") -> None:
        self.table = torch.tensor([[5.0, 0, 1], [5, 2, 1], [0.2, 0.5, 1], [0.2, 2.5, 1], [0, 0.2, 9], [0.2, 0, 7]])

    @wb.maps(word, to=vector)
    def embed(self, positions: torch.Tensor) -> torch.Tensor:
        return self.table[positions.long()]


def test_the_nearest_word_with_and_without_those_of_the_question() -> None:
    model = Words()
    job = PlantedJob(model.table.numpy(), model=model, source="items")
    result: Any = run(job, "+items:king", "-items:man", "+items:woman", space="vector")
    near = result.tables["nearest"]
    assert near[near["rank_without_inputs"] == 1]["point"].item() == "queen"
    assert set(near[near["is_input"]]["point"]) == {"king", "man", "woman"}
    assert any("compares by angle" in one for one in result.notes)
    assert not result.arrays.keys() & {"cloud_pictures", "sum_picture"}


def test_an_item_that_is_not_there() -> None:
    model = Words()
    job = PlantedJob(model.table.numpy(), model=model, source="items")
    with pytest.raises(wb.DataError, match="no item 'prince' among the 6 items"):
        run(job, "+items:prince", "-items:man", space="vector")
    with pytest.raises(wb.DataError, match="names items, and the points of this space are rows"):
        run(PlantedJob(*three_groups()), "+items:king")


# -- bad input


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        ((), "at least one term"),
        (("smiling",), "a sign and a group"),
        (("+",), "a sign and a group"),
        (("+a", "-a"), "stands in the sum twice"),
        (("+colour:red",), "no kind of group"),
        (("+class:digit",), "a column and a value"),
        (("+rows:x",), "must be row numbers"),
        (("+rows:9-3",), "no range of rows"),
        (("+a&",), "is empty"),
    ],
)
def test_wrong_terms(terms: tuple[str, ...], told: str) -> None:
    with pytest.raises(wb.ParameterError, match=told):
        run(PlantedJob(*three_groups()), *terms)


def test_groups_that_cannot_be_added() -> None:
    values, slices = three_groups()
    slices |= {"twin": slices["a"], "few": [1, 2]}
    with pytest.raises(wb.DataError, match="are the same rows"):
        run(PlantedJob(values, slices), "+a", "-twin")
    with pytest.raises(wb.DataError, match="'few' has 2 exemplars and 3 were asked for"):
        run(PlantedJob(values, slices), "+a", "-few")
    with pytest.raises(wb.DataError, match="no row 180 among the 180 rows"):
        run(PlantedJob(values, slices), "+rows:179.180")
    with pytest.raises(wb.DataError, match="is empty: no row is in it"):
        run(PlantedJob(values, slices), "+a&b", "-c")
    with pytest.raises(wb.DataError, match="is empty"):
        run(PlantedJob(values, labels=np.repeat("x", 180)), "+class:label=y")
    with pytest.raises(wb.DataError, match="no column 'colour'"):
        run(PlantedJob(values, labels=np.repeat("x", 180)), "+class:colour=red")
    with pytest.raises(wb.DataError, match="all 120 exemplars of the groups are one and the same point"):
        run(PlantedJob(np.ones_like(values) + 1e-7, slices), "+a", "-b")
    with pytest.raises(wb.StoreError, match="no slice 'gone'"):
        run(PlantedJob(values, slices), "+gone")


def test_points_that_are_not_finite_are_refused_by_name() -> None:
    values, slices = three_groups()
    values[7, 2] = np.nan
    with pytest.raises(wb.DataError, match=r"1 of 60 points of 'a' hold NaN or infinity \(first: row 7\)"):
        run(PlantedJob(values, slices), "+a", "-b")
    with pytest.raises(wb.DataError, match="1 of 180 points hold NaN"):
        run(PlantedJob(values, slices), "+c", "-b")


def test_a_space_without_a_decoder_has_neighbours_and_no_pictures() -> None:
    values, slices = three_groups()
    result: Any = run(PlantedJob(values, slices, model=Affine()), "+a", "-b", "+c", space="bare")
    assert not result.images
    assert len(result.tables["nearest"])
    assert any("No map of the model leads from bare" in one for one in result.notes)
    with pytest.raises(wb.DoesNotApply, match="no map of the model leads from 'bare'"):
        run(PlantedJob(values, slices, model=Affine()), "+high:brightness", space="bare")


def test_a_score_that_does_not_apply() -> None:
    values, slices = three_groups()
    with pytest.raises(wb.ParameterError, match="no scorer 'warmth' for these pictures"):
        run(PlantedJob(values, slices, model=Affine()), "+a", "-b", attribute="warmth")


def test_one_exemplar_has_no_spread() -> None:
    values, slices = three_groups()
    slices["one"] = np.array([3])
    result = run(PlantedJob(values, slices, model=Affine()), "+one", "-b", "+c", k=1)
    assert "settled" not in result.metrics
    assert any("no spread" in one for one in result.notes)


def test_a_decoder_that_refuses_the_sum_leaves_what_was_measured() -> None:
    class Strict(wb.Model):
        """Takes codes inside a ball of radius 3 alone."""

        z = wb.vectors(5, prior=wb.normal())
        pixels = wb.images(1, 1, 5, low=-3, high=3)

        @wb.maps(z, to=pixels)
        def decode(self, z: torch.Tensor) -> torch.Tensor:
            return z.reshape(-1, 1, 1, 5)

    values, slices = three_groups()
    result = run(PlantedJob(values, slices, model=Strict()), "+a", "+c", "+b", "+rows:3.4.5", k=5)
    assert "settled" in result.metrics
    assert any("could not be decoded" in one for one in result.notes)


def test_scores_stand_aside_where_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    only = Scorer("nothing", lambda pixels: np.full(len(pixels), np.nan), title="Nothing")
    alone = dataclasses.replace(wb.catalogue(), scorers={"nothing": only})
    monkeypatch.setattr(wb, "catalogue", lambda: alone)
    values, slices = three_groups()
    result = run(PlantedJob(values, slices, model=Affine()), "+a", "-b", "+c")
    assert "no-better-than-random" not in codes(result)
    with pytest.raises(wb.DataError, match="the same or undefined"):
        run(PlantedJob(values, slices, model=Affine()), "+high:nothing")
