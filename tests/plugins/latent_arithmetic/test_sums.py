# SPDX-License-Identifier: Apache-2.0
"""Sums that are known by hand: affine decoders, style shift, word analogies, closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.difference_direction.resampling import expected_cosine
from plugins.latent_arithmetic.analysis import LatentArithmetic
from plugins.latent_arithmetic.groups import Group
from plugins.latent_arithmetic.nearest import nearest
from plugins.latent_arithmetic.settling import change_of, settling
from plugins.latent_arithmetic.sums import cloud, on_the_shell, signed_sum, split
from plugins.latent_arithmetic.terms import read_term, rows_written
from tests.plugins.latent_arithmetic.jobs import Affine, PlantedJob, run, three_groups


def test_picture_of_the_sum_is_the_sum_of_pictures_of_an_affine_decoder() -> None:
    values, slices = three_groups()
    result: Any = run(PlantedJob(values, slices, model=Affine()), "+a", "-b", "+c", k=None)
    assert result.metrics["pixel_gap"].value < 1e-6
    whole = run(PlantedJob(values, slices, model=Affine()), "+a", "+b", "+c", k=None)
    assert whole.numbers()["pixel_gap"] > 1e-3  # three pictures added are no picture of the added codes: 2 b is missing


def test_sum_is_that_of_the_means() -> None:
    values, slices = three_groups()
    result: Any = run(PlantedJob(values, slices), "+a", "-b", "+c", k=None)
    means = [values.astype(np.float32)[slices[one]].astype(np.float64).mean(axis=0) for one in "abc"]
    assert np.asarray(result.arrays["sum"]) == pytest.approx(means[0] - means[1] + means[2], abs=1e-6)
    assert np.asarray(result.arrays["change"]) == pytest.approx(means[0] - means[1], abs=1e-6)
    assert any("nothing to decode" in one for one in result.notes)
    assert "scores" not in result.tables


def test_chosen_exemplars_are_k_of_each_and_all_listed_ones() -> None:
    values, slices = three_groups()
    result: Any = run(PlantedJob(values, slices), "+a", "-b", "+rows:120.121.122.123", k=3)
    assert result.tables["terms"]["used"].tolist() == [3, 3, 4]
    assert result.tables["terms"]["role"].tolist() == ["change", "change", "changed"]


def test_style_shift_lands_on_the_mean_of_the_other_style() -> None:
    """Case of Neural Storyteller, x - mean(A) + mean(B): the shifted points of A have the mean of B exactly."""
    random = np.random.default_rng(3)
    a, b = random.standard_normal((200, 32)), random.standard_normal((150, 32)) + 1.5
    shifted = np.stack([signed_sum([x, a.mean(axis=0), b.mean(axis=0)], [1, -1, 1]) for x in a])
    assert np.abs(shifted.mean(axis=0) - b.mean(axis=0)).max() < 1e-14


@given(st.lists(st.sampled_from([1, -1]), min_size=1, max_size=8))
def test_a_term_is_changed_only_where_the_others_cancel(signs: list[int]) -> None:
    parts = split(signs)
    assert sorted([*parts.edit, *([] if parts.base is None else [parts.base])]) == list(range(len(signs)))
    if parts.base is not None:
        assert signs[parts.base] == 1
        assert sum(signs[place] for place in parts.edit) == 0


def test_closed_form_of_few_exemplars() -> None:
    """Reference case: change of length 3 in 100 axes of variance 1, 1, 3, 10 and 50 exemplars a side."""
    random = np.random.default_rng(0)
    a, b = random.standard_normal((2, 4000, 100))
    a[:, 0] += 3
    rows = np.arange(4000)
    groups = [Group(read_term(sign + name), rows, one, rows[:3]) for sign, name, one in (("+", "a", a), ("-", "b", b))]
    rng = np.random.default_rng(1)
    change = change_of(groups, split([1, -1]), np.zeros(100), rng)
    assert change is not None
    assert change.distance == pytest.approx(3, rel=0.05)
    assert change.noise == pytest.approx(200, rel=0.02)
    counts = np.array([1.0, 3.0, 10.0, 50.0])
    assert [change.cosine(int(one)) for one in counts] == pytest.approx([0.208, 0.345, 0.557, 0.832], abs=0.02)
    assert change.settled[0] == pytest.approx(float(expected_cosine(counts, change.distance, change.noise)[1]))
    assert change.settled[1] < change.settled[0] < change.settled[2]
    curve = settling(groups, split([1, -1]), change, np.zeros(100), rng).set_index("exemplars")
    assert curve.loc[[1, 3, 10, 50], "cosine"].tolist() == pytest.approx([0.200, 0.344, 0.560, 0.834], abs=0.04)
    assert ((curve["low"] <= curve["cosine"]) & (curve["cosine"] <= curve["high"])).all()


def test_rescaled_sum_keeps_its_direction_and_has_the_radius_of_the_shell() -> None:
    mean, std = np.array([1.0, 0, 0, 0]), np.array([1.0, 2, 3, 4])
    code = np.array([2.0, 2, 3, 4])
    moved = on_the_shell(code, mean, std)
    assert np.linalg.norm((moved - mean) / std) == pytest.approx(2)
    assert (moved - mean) / (code - mean) == pytest.approx(np.ones(4))
    assert on_the_shell(mean, mean, std) == pytest.approx(mean)


def test_cloud_has_the_sum_in_the_middle_and_even_noise_around() -> None:
    unit = np.array([1.0, 10.0])
    many = np.stack([cloud(np.array([5.0, 7.0]), unit, 0.25, np.random.default_rng(one)) for one in range(200)])
    assert (many[:, 4] == [5.0, 7.0]).all()
    noise = (np.delete(many, 4, axis=1) - [5.0, 7.0]) / unit
    assert np.abs(noise).max() <= 0.25
    assert noise.std(axis=(0, 1)) == pytest.approx(np.full(2, 0.25 / np.sqrt(3)), rel=0.05)


@pytest.mark.parametrize("noise, offset, suppressed, unsuppressed", [(0.5, 3.0, 1.0, 0.032), (0.0, 7.0, 1.0, 1.0)])
def test_analogies_with_and_without_the_words_of_the_question(
    noise: float, offset: float, suppressed: float, unsuppressed: float
) -> None:
    """Reference case 40: leaving the inputs out makes an analogy look solved that mostly returns an input."""
    right, open_right, own = analogies(noise, offset)
    assert right == pytest.approx(suppressed, abs=0.002)
    assert open_right == pytest.approx(unsuppressed, abs=0.01)
    assert own == pytest.approx(1 - unsuppressed, abs=0.01)


def analogies(noise: float, offset: float, *, pairs: int = 60, size: int = 82) -> tuple[float, float, float]:
    """Shares of analogies b - a + c answered rightly without inputs, with them, and answered by an input."""
    random = np.random.default_rng(0)
    first = 3 * random.standard_normal((pairs, size))
    shift = np.zeros(size)
    shift[0] = offset
    second = first + shift + noise * random.standard_normal((pairs, size))
    words = np.concatenate([first, second])
    found = []
    for one in range(pairs):
        for other in range(pairs):
            if one == other:
                continue
            inputs = [pairs + one, one, other]
            seen = nearest(words[inputs[0]] - words[inputs[1]] + words[inputs[2]], words, inputs)
            first_free, top = seen.without_inputs()[0], seen.positions[0]
            found.append((first_free == pairs + other, top == pairs + other, top in inputs))
    return tuple(np.mean(found, axis=0))  # type: ignore[return-value]


def test_terms_are_read_and_written_back() -> None:
    term = read_term(" - class:digit=7 & high:slant ")
    assert str(term) == "-class:digit=7&high:slant"
    assert (term.sign, term.listed, term.label) == (-1, False, "digit 7, high slant")
    assert read_term("+rows:3").listed
    assert rows_written("5 3.3;7-9") == [3, 5, 7, 8, 9]


def test_terms_may_be_one_text_with_commas() -> None:
    params = LatentArithmetic.Params.read({"space": "z", "terms": "+a, -class:digit=7&b"})
    assert params.terms == ("+a", "-class:digit=7&b")
    assert LatentArithmetic.Params.slices_named({"terms": "+a, -class:digit=7&b"}) == {
        "terms.0.0": "a",
        "terms.1.1": "b",
    }
    assert LatentArithmetic.Params.slices_named({"terms": 3}) == {}
