# SPDX-License-Identifier: Apache-2.0
"""Faces labelled by eye: their slices, and the scorer of glasses that learned from them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import workbench as wb
from sample_models import assets
from sample_models.faces_dcgan import ASSET, workbench_scorers
from sample_models.faces_dcgan.eyes import FEATURES, edges
from sample_models.faces_dcgan.glasses import WEIGHTS, glasses
from sample_models.faces_dcgan.labels import SLICES, agreement, labelled, main, rows_of
from workbench.store import Store

here = pytest.mark.skipif(assets.missing(ASSET) is not None, reason=str(assets.missing(ASSET)))


def test_labels_are_one_letter_for_each_draw_and_disjoint() -> None:
    held = labelled()
    for name, about in held["attributes"].items():
        assert set(about["rows"]) == set(held["labels"]), name
        parts = [rows_of(name, letter) for letter in held["labels"]]
        assert sorted(np.concatenate(parts).tolist()) == list(range(len(about["rows"])))
    assert len(set(held["second_look"]["order"])) == 60


def test_the_second_look_never_turns_yes_into_no() -> None:
    for name in ("glasses", "open-mouth"):
        same, turned, of = agreement(name)
        assert (turned, of) == (0, 60)
        assert same / of > 0.85


def test_the_command_saves_slices_of_the_prior(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--store", str(tmp_path)]) == 0
    assert main(["--store", str(tmp_path)]) == 0  # again: in the place of those that are there
    saved = {one.name: one for one in Store.open(tmp_path).slices()}
    assert set(saved) == set(SLICES)
    assert "faces-with-glasses: 59 of prior:faces-dcgan/z@0" in capsys.readouterr().out
    for name, (attribute, label) in SLICES.items():
        assert saved[name].rows().tolist() == rows_of(attribute, label).tolist()
        assert "by eye" in saved[name].note


def test_edges_of_a_step_have_its_angle_and_no_others() -> None:
    pictures = np.zeros((2, 3, 64, 64), dtype=np.float32)
    pictures[0, :, :, 30:] = 1  # upright: gradient across, angle 0
    pictures[1, :, 27:] = 1  # level: gradient down, a right angle
    across, down = edges(pictures).reshape(2, 8, 7, 16)
    assert across.max() > 0.3 < down.max()
    assert across[0].sum() == across.sum()
    assert down[4].sum() == down.sum()
    assert set(np.flatnonzero(across[0].sum(axis=0)).tolist()) == {7}  # columns 28 to 31


def test_edges_do_not_see_brightness_and_hardly_contrast() -> None:
    faces = np.random.default_rng(0).uniform(0, 0.5, (4, 3, 64, 64)).astype(np.float32)
    np.testing.assert_allclose(edges(faces + 0.4), edges(faces), atol=1e-5)
    assert np.corrcoef(edges(faces * 1.8).ravel(), edges(faces).ravel())[0, 1] > 0.98
    assert edges(faces).shape == (4, FEATURES)


def test_the_scorer_says_what_it_takes_and_what_it_is_worth() -> None:
    (scorer,) = workbench_scorers()
    told = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert scorer.lacks(wb.images(3, 64, 64)) is None
    assert scorer.lacks(wb.images(3, 112, 92)) == "it takes faces of 64 x 64 pixels, and these images are 112 x 92"
    assert "3 channels" in (scorer.lacks(wb.images(1, 64, 64)) or "")
    for part in (f"{told['auc']:.2f}", "labelled by eye", "of faces-dcgan only", "124 others (15 with glasses)"):
        assert part in scorer.description
    with pytest.raises(wb.DataError, match="64 x 64 pixels, got 32 x 32"):
        glasses(np.zeros((1, 3, 32, 32), dtype=np.float32))


@here
def test_on_faces_that_it_did_not_learn_from_it_finds_glasses() -> None:
    from sample_models.faces_dcgan.train_glasses import LEARNT_FROM, area, drawn

    letters = np.array(list(labelled()["attributes"]["glasses"]["rows"]))
    faces = drawn(len(letters))
    held = (letters != "u") & (np.arange(len(letters)) >= LEARNT_FROM)
    (scorer,) = workbench_scorers()
    auc, low, high = area(letters[held] == "y", scorer(faces[held]))
    told = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert auc == pytest.approx(told["auc"], abs=0.005)
    assert low == pytest.approx(told["auc_low"], abs=0.01)
    assert 0.85 < low < auc < high
    turned = scorer(faces[held][:, :, ::-1])  # upside down, the mouth is where it looks
    assert area(letters[held] == "y", turned)[0] < auc - 0.2


def test_the_plugins_are_found() -> None:
    assert {"glasses", "smile", "surprise"} <= set(wb.catalogue().scorers)
