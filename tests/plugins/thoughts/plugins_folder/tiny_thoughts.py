# SPDX-License-Identifier: Apache-2.0
"""A space of thoughts that is known by hand: a sentence is the sum of its words, each an axis of its own."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import workbench as wb

if TYPE_CHECKING:
    from torch import Tensor

FACTORS = (("red", "blue", "green"), ("dog", "cat", "bird", "horse"), ("runs", "sleeps", "eats"), ("here", "there"))
WORDS = tuple(itertools.chain(*FACTORS))
TEXTS = tuple(" ".join(one) for one in itertools.product(*FACTORS))
TEST = TEXTS[::6]
TRAIN = tuple(one for one in TEXTS if one not in TEST)


def encoded(texts: list[str]) -> Tensor:
    """Unit vectors ``[n, 13]``: a word is an axis; texts with no known word lie on the last."""
    import torch

    held = torch.tensor([[float(one.lower().split().count(word)) for word in WORDS] for one in texts])
    held = torch.cat([held, (held.sum(dim=1, keepdim=True) == 0).float()], dim=1)
    return torch.nn.functional.normalize(held, dim=1)


def written(vectors: Tensor) -> list[str]:
    """The word of each factor with the largest number: exact for sentences of four words."""
    found = []
    for row in vectors:
        start, words = 0, []
        for one in FACTORS:
            words.append(one[int(row[start : start + len(one)].argmax())])
            start += len(one)
        found.append(" ".join(words))
    return found


class Exact(wb.Model):
    """Tells sentences exactly, recalls the nearest train sentence."""

    sentences = wb.texts()
    thoughts = wb.vectors(len(WORDS) + 1, metric="cosine")

    def __init__(self, device: str) -> None:
        self.known = encoded(list(TRAIN)).to(device)

    @wb.maps(sentences, to=thoughts)
    def read(self, texts: list[str]) -> Tensor:
        return encoded(list(texts))

    @wb.maps(thoughts, to=sentences)
    def tell(self, thoughts: Tensor) -> list[str]:
        return written(thoughts)

    @wb.maps(thoughts, to=sentences)
    def recall(self, thoughts: Tensor) -> list[str]:
        return [TRAIN[place] for place in (thoughts @ self.known.T).argmax(dim=1).tolist()]


class OneWay(wb.Model):
    """No map back."""

    sentences = wb.texts()
    thoughts = wb.vectors(len(WORDS) + 1, metric="cosine")

    def __init__(self, device: str) -> None:
        pass

    @wb.maps(sentences, to=thoughts)
    def read(self, texts: list[str]) -> Tensor:
        return encoded(list(texts))


def open_tiny() -> wb.TextDataset:
    import pandas as pd

    return wb.TextDataset(TEXTS, pd.DataFrame({"split": ["test" if one in TEST else "train" for one in TEXTS]}))


def open_alike() -> wb.TextDataset:
    return wb.TextDataset([*TEXTS[:1] * 30, *TEXTS[1:3]])


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("tiny-exact", Exact, data="tiny-texts"),
        wb.ModelCard("tiny-one-way", OneWay, data="tiny-texts"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [wb.DatasetCard("tiny-texts", open_tiny), wb.DatasetCard("tiny-alike", open_alike)]
