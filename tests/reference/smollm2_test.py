# SPDX-License-Identifier: Apache-2.0
"""SmolLM2 as published: its perplexity, capitals and indirect objects, as two other readers of the file have them.

Skipped where the weights are not fetched.
"""

from __future__ import annotations

import math

import pytest
import torch

import workbench as wb

pytest.importorskip("tokenizers")
CARD = wb.catalogue().model("smollm2")
pytestmark = pytest.mark.skipif(CARD.missing() is not None, reason=str(CARD.missing()))

AUSTEN = (
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a "
    "wife."
)


@pytest.fixture(scope="module")
def model() -> wb.Model:
    return CARD.load()


@torch.no_grad()
def following(model: wb.Model, text: str) -> tuple[str, float]:
    """The most likely next token and its probability."""
    shares = model.maps["predict"](model.maps["read"]([text])).softmax(dim=1)[0]
    return model.spaces["next"].names[int(shares.argmax())], float(shares.max())


@torch.no_grad()
def perplexity(model: wb.Model, text: str) -> float:
    return math.exp(-float(model.maps["score"]([text])[0, 0]))


def test_perplexity_is_that_of_other_implementations(model: wb.Model) -> None:
    """15.88599 by a plain port and by the loader of the library transformers; sorted words are hardly expected."""
    assert perplexity(model, AUSTEN) == pytest.approx(15.88599, rel=1e-4)
    assert perplexity(model, " ".join(sorted(AUSTEN.split()))) > 1000


def test_it_knows_a_capital_and_an_indirect_object(model: wb.Model) -> None:
    assert following(model, "The capital of France is")[0] == " Paris"
    token, share = following(model, "When Mary and John went to the store, John gave a drink to")
    assert token == " Mary"
    assert share == pytest.approx(0.92, abs=0.01)


def test_it_is_the_published_size(model: wb.Model) -> None:
    assert sum(one.numel() for one in model.net.parameters()) == 134_515_008
    assert len(model.spaces["next"].names) == len(set(model.spaces["next"].names)) == 49_152


def test_the_committed_prompts_begin_with_one_token(model: wb.Model) -> None:
    columns = wb.catalogue().dataset("prompts-with-answers").open().columns
    assert {len(model.tokens(one)) for one in columns["answer"]} == {1}
