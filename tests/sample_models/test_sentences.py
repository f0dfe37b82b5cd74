# SPDX-License-Identifier: Apache-2.0
"""Corpora, the encoder against onnxruntime and published similarities, and the ways back to text."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import workbench as wb
from sample_models.sentences import corpora
from sample_models.sentences.files import missing
from sample_models.sentences.onnx_weights import read_graph

needs_encoder = pytest.mark.skipif(missing() is not None, reason="the extra 'semantic' is not installed")
PAIR = ["A man is riding a horse.", "Someone on horseback.", "The stock market fell sharply today."]
ODD = ["", "   ", "\x00\x01", "a" * 10_000, "word " * 4000, "日本語 и русский عربى 😀", "\ud800 broken", "\n\t"]


def test_no_sentence_stands_in_two_documents_or_in_both_splits() -> None:
    held = [corpora.table(one) for one in ("brown", "austen", "captions")]
    texts = [text for one in held for text in one["text"]]
    assert len(texts) == len(set(texts)) == 82_533
    for one in held:
        assert (one.groupby("document")["split"].nunique() == 1).all()
        assert 0.05 < (one["split"] == "test").mean() < 0.25


def test_styles_have_six_kinds_in_both_splits() -> None:
    data = corpora.open_styles()
    counts = data.columns.groupby(["style", "split"]).size()
    assert set(counts.index.get_level_values(0)) == set(corpora.STYLES)
    assert len(counts) == 12 and counts.min() >= 90
    assert data.batch(np.array([0]))[0].startswith("A thick-bodied freshwater fish")


def test_what_is_no_onnx_file_is_refused() -> None:
    with pytest.raises(ValueError, match="no graph|ends inside|wire type"):
        read_graph(b"not a model")


@pytest.fixture(scope="module")
def model() -> wb.Model:
    return wb.catalogue().model("sentence-thoughts").load()


def read(model: wb.Model, texts: list[str]) -> torch.Tensor:
    with torch.no_grad():
        found: torch.Tensor = model.maps["read"].point(texts)
    return found


@needs_encoder
def test_the_encoder_is_that_of_onnxruntime_and_of_the_published_similarities(model: wb.Model) -> None:
    from workbench.compendium.search.meaning import encoder

    found = read(model, [*PAIR, "She smiled; he didn't."])
    similar = (found @ found.T).numpy()
    assert similar[0, 1] == pytest.approx(0.61, abs=0.01)
    assert similar[0, 2] == pytest.approx(0.04, abs=0.01)
    theirs = encoder().vectors([*PAIR, "She smiled; he didn't."])
    assert (found.numpy() * theirs).sum(axis=1).min() > 0.99999


@needs_encoder
def test_any_text_has_a_thought_whatever_stands_beside_it(model: wb.Model) -> None:
    found = read(model, ODD[:1] + ODD[2:3] + ODD[5:])
    assert torch.isfinite(found).all()
    alone = read(model, ODD[5:6])
    assert float(alone[0] @ found[2]) > 0.99999
    long = model.encoder.tokenize(ODD[3:5])[0]  # type: ignore[attr-defined]
    assert long.shape[1] <= 256


@needs_encoder
def test_layers_have_one_shape_and_a_gradient_reaches_each_word(model: wb.Model) -> None:
    assert list(model.layers()) == [f"encoder.means.{block}" for block in range(7)]
    encoder = model.encoder  # type: ignore[attr-defined]
    ids, mask = encoder.tokenize(PAIR[:1])
    words = encoder.words(ids).detach().requires_grad_()
    encoder.encode(words, mask)[0, 0].backward()
    assert (words.grad[0].norm(dim=1) > 0).all()


@needs_encoder
def test_recall_gives_a_train_sentence_its_own_words_and_tell_writes_what_was_meant(model: wb.Model) -> None:
    texts = model.decoder.memory.texts  # type: ignore[attr-defined]
    chosen = [texts[place] for place in (100, 20_000, 34_000)]
    thoughts = read(model, chosen)
    assert model.maps["recall"].point(thoughts) == chosen
    once = model.maps["tell"].point(thoughts[:2], candidates=3, rounds=1)
    assert model.maps["tell"].point(thoughts[1:2], candidates=3, rounds=1) == once[1:]
    near = (read(model, once) * thoughts[:2]).sum(dim=1)
    assert float(near.min()) > 0.5
    assert model.maps["tell"].point(torch.zeros(1, 384), candidates=1, rounds=0)[0]
