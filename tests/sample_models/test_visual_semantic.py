# SPDX-License-Identifier: Apache-2.0
"""Pictures and sentences in one space: the arithmetic by hand, and with the weights fetched the published numbers."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import workbench as wb
from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.efficientnet.nets import load_net
from sample_models.photographs.datasets import open_photographs, row_of
from sample_models.scripts.make_visual_semantic import ranks
from sample_models.visual_semantic import missing, stamps
from sample_models.visual_semantic.classes import DESCRIBED, classes
from sample_models.visual_semantic.placement import RIDGE, ExpectedRow, Placement, fit, read_ridge
from sample_models.visual_semantic.rows import classifier_rows, open_held_out


def test_each_fifth_class_is_held_out_and_every_class_has_words() -> None:
    held = classes()
    assert len(held) == 1000 and [one.number for one in held] == list(range(1000))
    assert {one.number % 5 for one in held if one.held_out} == {0} and sum(one.held_out for one in held) == 200
    assert sum(one.described for one in held) == 975 and all(one.description.strip() for one in held)
    assert all(one.name.split(" (")[0] in one.synonyms for one in held)


def test_a_picture_of_one_class_has_its_row_and_others_the_slope_of_the_log_partition_function() -> None:
    rows = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))
    expected = ExpectedRow(rows)
    assert torch.allclose(expected(100 * torch.eye(5)), rows)
    features = torch.randn(3, 7, generator=torch.Generator().manual_seed(1), requires_grad=True)
    (slope,) = torch.autograd.grad((features @ rows.T).logsumexp(dim=1).sum(), features)
    assert torch.allclose(expected(features @ rows.T), slope, atol=1e-6)


def test_a_ridge_without_strength_finds_what_it_was_fitted_on_and_units_do_not_count() -> None:
    points = torch.randn(20, 40, generator=torch.Generator().manual_seed(0))
    sentences = torch.nn.functional.normalize(torch.randn(20, 6, generator=torch.Generator().manual_seed(1)))
    with torch.no_grad():
        placed = Placement(fit(points, sentences, 1e-8))(points)
        assert (ranks(placed, sentences) == 1).all()
        assert torch.allclose(placed.norm(dim=1), torch.ones(20))
        one = Placement(fit(points, sentences, 0.5))(points)
        other = Placement(fit(points * 30 + 2, sentences, 0.5))(points * 30 + 2)
        assert torch.allclose(one, other, atol=1e-4)


def test_the_length_that_a_ridge_loses_is_given_back() -> None:
    points = torch.randn(50, 8, generator=torch.Generator().manual_seed(2))
    sentences = torch.nn.functional.normalize(torch.randn(50, 6, generator=torch.Generator().manual_seed(3)) + 1)
    ridge = fit(points, sentences, 1e6)  # so strong that everything is foretold to be the mean
    with torch.no_grad():
        assert Placement(ridge).ridge(points).norm(dim=1).max() < 1e-4
        apart = Placement(ridge)(points) - ridge.mean
    assert 0.5 < float(apart.norm(dim=1).mean()) / ridge.length < 1.5


def test_what_is_kept_is_small_and_of_the_right_shape() -> None:
    ridge = read_ridge()
    assert RIDGE.stat().st_size < 1_000_000 and DESCRIBED.stat().st_size < 1_000_000
    assert ridge.weight.shape == (384, 1280) and ridge.bias.shape == ridge.mean.shape == (384,)
    assert 0.5 < ridge.length < 1.0
    described = load_file(DESCRIBED)["vectors"].float()
    assert described.shape == (1000, 384) and torch.allclose(described.norm(dim=1), torch.ones(1000), atol=1e-3)


def test_the_cards_are_listed_with_licence_credit_and_what_is_missing() -> None:
    card = wb.catalogue().model("visual-semantic")
    assert card.data == "imagenet-classes-held-out" and "Apache-2.0" in card.licence and card.fetch is not None
    assert "machine-written" in card.provenance
    for name in ("imagenet-classes", "imagenet-classes-held-out", "stamps"):
        told = wb.catalogue().dataset(name)
        assert told.missing() is None or "workbench assets fetch" in str(told.missing())
    assert wb.catalogue().dataset("stamps").licence == "GPL-2"


# -- stamps, by a stand-in


def _png(width: int, height: int, colour: tuple[int, int, int, int]) -> bytes:
    from PIL import Image

    held = io.BytesIO()
    Image.new("RGBA", (width, height), colour).save(held, "PNG")
    return held.getvalue()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "stamps.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, caption in {
            "animals/b": "A snail.\nde.utf8=Eine Schnecke.",
            "animals/a": "A snail.",
            "town/c": "\n",
        }.items():
            file.writestr(f"{stamps.FOLDER}{name}.png", _png(20, 10, (255, 0, 0, 255)))
            file.writestr(f"{stamps.FOLDER}{name}.txt", caption)
        file.writestr(f"{stamps.FOLDER}space/d.png", _png(10, 10, (0, 0, 0, 0)))
        file.writestr(f"{stamps.FOLDER}space/d.txt", "Nothing at all.")
        file.writestr(f"{stamps.FOLDER}space/e.svg", "<svg/>")
        file.writestr(f"{stamps.FOLDER}space/e.txt", "A drawing of lines.")
        file.writestr(f"{stamps.FOLDER}space/f.png", _png(10, 10, (0, 0, 0, 0)))
    monkeypatch.setattr(stamps.assets, "fetch", lambda key: path)
    return path


def test_stamps_are_pictures_on_white_with_their_first_caption_and_twins(archive: Path) -> None:
    opened = stamps.Stamps()
    assert opened.columns.to_dict("list") == {
        "caption": ["A snail.", "A snail.", "Nothing at all."],
        "name": ["a", "b", "d"],
        "kind": ["animals", "animals", "space"],
        "twins": [1, 1, 0],
    }
    pictures = opened.batch(np.array([2, 0, 0]))
    opened.space.validate(pictures)
    assert (pictures[0] == 1).all()  # what is transparent is white
    assert pictures[1, :, 112, 112].tolist() == [1, 0, 0] and (pictures[1, :, :50] == 1).all()  # twice as wide as high
    assert (pictures[1] == pictures[2]).all()
    assert opened.batch(np.array([], dtype=np.int64)).shape == (0, 3, 224, 224)
    assert opened.fingerprint() == stamps.Stamps().fingerprint()


def test_a_stamp_of_too_many_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "MOST_PIXELS", 1000)
    with pytest.raises(wb.DataError, match="40 x 50 pixels, more than 1,000"):
        stamps.on_white(_png(40, 50, (0, 0, 0, 255)))


def test_a_file_without_the_rows_of_the_classifier_is_refused(tmp_path: Path) -> None:
    count, rows = (1_280_000).to_bytes(8, "little"), bytes(5_120_000)
    for name, held in {"none": b"PK", "short": count + rows[1:], "two": count + rows + count + rows}.items():
        (tmp_path / name).write_bytes(held)
        with pytest.raises(wb.DataError, match=f"'{name}' holds no last layer"):
            classifier_rows(tmp_path / name)


# -- with the weights

fetched = pytest.mark.skipif(assets.missing(ASSET) is not None, reason="the weights of EfficientNet-Lite0 are not here")


@fetched
def test_classes_that_were_never_seen_are_found_by_their_descriptions() -> None:
    opened = open_held_out()
    assert len(opened) == 200 and bool(opened.columns["held_out"].all())
    described = load_file(DESCRIBED)["vectors"].float()[opened.columns["class_number"].tolist()]
    with torch.no_grad():
        found = ranks(Placement(read_ridge())(torch.from_numpy(opened.batch(np.arange(200)))), described)
    hits = [float(np.mean(found <= k)) for k in (1, 5, 10)]
    assert hits[0] >= 0.47 and hits[1] >= 0.835 and hits[2] >= 0.915  # chance at 10: .05
    shuffled = np.random.default_rng(0).permutation(200)
    with torch.no_grad():
        placed = Placement(read_ridge())(torch.from_numpy(opened.batch(shuffled)))
    assert float(np.mean(ranks(placed, described) <= 10)) < 0.15


@fetched
def test_classes_are_read_without_torch_and_are_the_last_layer_of_the_network() -> None:
    code = (
        "import sys, workbench as wb; opened = wb.catalogue().dataset('imagenet-classes').open();"
        "assert len(opened) == 1000; assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    path = assets.fetch(ASSET)
    assert np.array_equal(classifier_rows(path), load_net(path).classifier.weight.detach().numpy())


@pytest.mark.skipif(missing() is not None, reason="the weights or the extra 'semantic' are not here")
def test_photographs_land_near_what_they_show_and_sentences_are_read_into_the_same_space() -> None:
    model: Any = wb.catalogue().model("visual-semantic").load("cpu")
    data = open_photographs()
    names = ("chelsea", "coffee", "china")
    with torch.no_grad():
        pixels = torch.from_numpy(data.batch(np.array([row_of(one) for one in names])))
        landed = model.maps["place"].point(model.maps["look"].point(pixels))
        read = model.maps["read"].point(["a cat", "a cup of coffee", "an old temple"])
        cosines = landed @ read.T
        assert cosines.argmax(dim=1).tolist() == cosines.argmax(dim=0).tolist() == [0, 1, 2]
        again = model.maps["read"].point([classes()[285].description])
        assert float(again @ model.described[285:286].T) > 0.9999
        recalled = model.maps["recall"].point(landed)
    assert "cat" in recalled[0].lower() and "coffee" in recalled[1].lower()
    layers = model.layers()
    assert {"net.flat", "placement.ridge", "encoder.means.6"} <= set(layers)
    assert not any(name.startswith(("teller", "encoder.blocks")) for name in layers)
