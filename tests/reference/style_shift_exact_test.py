# SPDX-License-Identifier: Apache-2.0
"""Exact truths of style shifts: where means land, when a probe flips, when another text is nearer, what averages do."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins.style_shift.averaging import averages, curve
from plugins.style_shift.measuring import resampled
from plugins.style_shift.plane import plane_of
from plugins.style_shift.probing import Probe, mean_of_shares
from plugins.style_shift.shifting import Corpus, cosines, flips, kept_cosines, shifted, style_vector

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(2, 40), st.integers(1, 50))
@settings(max_examples=30, deadline=None)
def test_the_mean_lands_on_the_mean_of_the_target(seed: int, n: int, width: int) -> None:
    """Neural Storyteller (Kiros): x - mean(A) + mean(B), not brought back to unit length."""
    rng = np.random.default_rng(seed)
    source, target = rng.standard_normal((n, width)), 3 + rng.standard_normal((n + 3, width))
    landed = shifted(source, style_vector(source, target)).mean(axis=0)
    assert np.abs(landed - target.mean(axis=0)).max() < 4e-15 * 10
    differences = shifted(source, style_vector(source, target)) - source
    assert np.allclose(differences, differences[0])  # every point moves alike: what tells texts apart stays


@given(seeds)
@settings(max_examples=30, deadline=None)
def test_a_probe_flips_exactly_where_it_says(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points, vector = rng.standard_normal((20, 6)), rng.standard_normal(6)
    probe = Probe(rng.standard_normal(6), float(rng.standard_normal()))
    at = flips(probe.log_odds(points), probe.slope(vector))
    for point, strength in zip(points, at, strict=True):
        if 0 < strength < 1e6:
            assert probe.log_odds(shifted(point[None], vector, strength))[0] == pytest.approx(0, abs=1e-6)
            assert probe.log_odds(shifted(point[None], vector, strength * 1.01))[0] > 0
        elif strength == 0:
            assert probe.log_odds(point[None])[0] >= 0


@given(seeds, st.sampled_from(["cosine", "euclidean"]))
@settings(max_examples=30, deadline=None)
def test_content_is_lost_exactly_where_a_search_finds_it_lost(seed: int, metric: str) -> None:
    rng = np.random.default_rng(seed)
    points, vector = rng.standard_normal((25, 4)), rng.standard_normal(4)
    own = np.arange(10)
    corpus = Corpus(points, own, metric)  # type: ignore[arg-type]
    at = corpus.losses(vector)
    for strength in (0.0, 0.2, 0.7, 1.5):
        moved = shifted(points[own], vector, strength)
        if metric == "cosine":
            nearest = (moved @ (points / np.linalg.norm(points, axis=1, keepdims=True)).T).argmax(axis=1)
        else:
            nearest = np.square(moved[:, None] - points[None]).sum(axis=2).argmin(axis=1)
        clear = np.abs(at - strength) > 1e-9
        assert ((nearest == own) == (at > strength))[clear].all()
        assert (corpus.recovered(moved) == (nearest == own))[clear].all()


def test_doubles_are_no_other_text_and_texts_without_length_never_answer() -> None:
    points = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.0]])
    corpus = Corpus(points, [0])
    assert corpus.losses([0.0, 1.0]).tolist() == [1.0]
    assert corpus.recovered([[0.9, 0.1]]).all() and not corpus.recovered([[0.0, 0.0]]).any()
    assert np.isnan(cosines([[0.0, 0.0]], [[1.0, 0.0]])).all()


def test_a_shift_at_right_angles_keeps_the_cosine_of_its_length() -> None:
    for strength in (0.0, 0.5, 1.0, 2.0):
        kept = kept_cosines([[1.0, 0.0]], [0.0, 1.0], [strength])[0, 0]
        assert kept == pytest.approx(1 / np.sqrt(1 + strength**2), abs=1e-12)


def test_an_average_of_independent_errors_leaves_one_in_k_of_their_square() -> None:
    rng = np.random.default_rng(0)
    truth = np.zeros((400, 64))
    noisy = truth[:, None] + rng.standard_normal((400, 16, 64))
    means = averages(noisy.reshape(-1, 64), np.arange(400 * 16).reshape(400, 16))
    left = np.square(means).sum(axis=2).mean(axis=0) / 64
    assert left == pytest.approx(1 / np.arange(1, 17), rel=0.02)


def test_the_curve_rises_where_neighbours_share_the_truth_and_falls_beyond_them() -> None:
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((12, 32))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    corpus = np.repeat(centres, 8, axis=0) + 0.12 * rng.standard_normal((96, 32))
    table = curve(centres + 0.1 * rng.standard_normal((12, 32)), corpus, centres, 0).set_index("k")
    assert table.loc[8, "similarity"] > table.loc[1, "low"] and table.loc[8, "low"] > table.loc[1, "high"]
    assert table.loc[50, "high"] < table.loc[8, "low"]
    assert table.loc[1, "spread"] == 0 and (table["n"] == 12).all()


def test_the_plane_is_that_of_the_two_largest_variances_and_says_what_it_leaves_out() -> None:
    rng = np.random.default_rng(0)
    points = rng.standard_normal((4000, 4)) * np.array([1.0, 5.0, 3.0, 0.5])
    plane = plane_of({"a": points[:3000], "b": points[3000:]})
    assert np.abs(plane.axes @ np.eye(4)[[1, 2]].T) == pytest.approx(np.eye(2), abs=0.05)
    assert plane.share == pytest.approx(34 / 35.25, abs=0.01)
    stops = [[0.0, 0.0, 0.0, 0.0], [0.0, 3.0, 0.0, 0.0]]
    assert plane.kept(stops) == pytest.approx(1, abs=0.01) and plane.kept([[0, 0, 0, 0], [9, 0, 0, 0]]) < 0.01


def test_documents_are_resampled_whole() -> None:
    drawn = resampled([str(row // 3) for row in range(30)], np.random.default_rng(0))
    assert drawn.sum(axis=1) == pytest.approx(np.ones(1000))
    assert (drawn.reshape(1000, 10, 3) == drawn.reshape(1000, 10, 3)[:, :, :1]).all()
    single = resampled(["one"] * 30, np.random.default_rng(0))
    assert len(np.unique(single[0])) > 2  # too few documents: texts are drawn one by one


def test_the_interval_of_a_mean_of_shares_holds_the_ends() -> None:
    assert mean_of_shares([20, 20], [20, 20])[2] == 1.0 and mean_of_shares([0, 0], [20, 20])[1] == 0.0
