# SPDX-License-Identifier: Apache-2.0
"""A language of ten words in which each word calls for the next, and a model that learns of it at a known block.

Its stream has an axis for each word, and begins with ``OWN`` on that of the word. Block 1 does nothing, block 2 adds
``CALL`` on the axis of the word that follows, block 3 as much again; logits are the stream itself. So at ``stream.0``
and ``stream.1`` the word itself is the most likely and every other word ties at 0; from ``stream.2`` on the word that
follows is the most likely.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch

import workbench as wb

WORDS = ("ant", "bee", "cat", "dog", "elk", "fox", "gnu", "hen", "ibis", "jay")
OWN, CALL = 3.0, 4.0


class TinyLanguage(wb.Model):
    """Words in a ring: after each comes the next."""

    prompts = wb.texts()
    residual = wb.vectors(len(WORDS))
    following = wb.logits([f" {one}" for one in WORDS])
    fit = wb.scalars(("log_probability", "tokens"))

    def __init__(self, device: str = "cpu") -> None:
        self.stream = torch.nn.ModuleList(torch.nn.Identity() for _ in range(4))
        self.weight = torch.roll(torch.eye(len(WORDS)), 1, dims=1) * CALL

    def numbers(self, text: str) -> list[int]:
        return [WORDS.index(one) for one in text.split() if one in WORDS] or [0]

    def flow(self, numbers: Any) -> torch.Tensor:
        own = torch.eye(len(WORDS))[torch.as_tensor(numbers)]
        stream = self.stream[1](self.stream[0](OWN * own))
        stream = self.stream[2](stream + own @ self.weight)
        return self.stream[3](stream + own @ self.weight)

    @wb.maps(prompts, to=residual)
    def read(self, texts: list[str], *, position: int = -1) -> torch.Tensor:
        """The stream at one word of each text; a word does not look at others."""
        return self.flow([self.numbers(one)[position] for one in texts])

    @wb.maps(residual, to=following)
    def predict(self, residual: torch.Tensor) -> torch.Tensor:
        """Logits are the stream."""
        return residual

    def tokens(self, text: str) -> list[str]:
        return [f" {WORDS[one]}" for one in self.numbers(text)]


class TinyWriter(TinyLanguage):
    """The same with texts scored and written on, layers hooked at every word."""

    @wb.maps(TinyLanguage.prompts, to=TinyLanguage.fit)
    def score(self, texts: list[str]) -> torch.Tensor:
        """Mean log-probability of each word but the first."""
        found = []
        for text in texts:
            numbers = self.numbers(text)
            logs = self.flow(numbers[:-1]).log_softmax(dim=1)
            found.append([float(logs.gather(1, torch.tensor(numbers[1:])[:, None]).mean()), len(numbers) - 1])
        return torch.tensor(found)

    @wb.maps(TinyLanguage.prompts, to=TinyLanguage.prompts)
    def onward(self, texts: list[str], *, tokens: int = 5) -> list[str]:
        """The most likely words, one after the other."""
        found = []
        for text in texts:
            numbers = self.numbers(text)
            for _ in range(tokens):
                numbers.append(int(self.flow(numbers[-1:]).argmax()))
            found.append(" ".join(WORDS[one] for one in numbers[-tokens:]))
        return found


def open_texts() -> wb.Dataset:
    """Runs through the ring ("up") and stammers ("stay"), with the word that follows the end."""
    texts, kinds, answers = [], [], []
    for start in range(len(WORDS)):
        for length in range(3, 9):
            ring = [WORDS[(start + one) % len(WORDS)] for one in range(length)]
            texts.append(" ".join(ring))
            kinds.append("up")
            answers.append(f" {WORDS[(start + length) % len(WORDS)]}")
            texts.append(" ".join([WORDS[start]] * length))
            kinds.append("stay")
            answers.append(f" {WORDS[(start + 1) % len(WORDS)]}")
    noise = [f" {WORDS[int(one)]}" for one in np.random.default_rng(5).integers(0, len(WORDS), len(texts))]
    return wb.TextDataset(texts, pd.DataFrame({"kind": kinds, "answer": answers, "noise": noise}))


def open_stammers() -> wb.Dataset:
    """Texts of one word said again and again, twenty of each of three words."""
    words = ("ant", "fox", "jay")
    texts = [" ".join([word] * (3 + count)) for word in words for count in range(20)]
    return wb.TextDataset(texts, pd.DataFrame({"kind": [word for word in words for _ in range(20)]}))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [
        wb.ModelCard("tiny-language", TinyLanguage, data="tiny-texts"),
        wb.ModelCard("tiny-writer", TinyWriter, data="tiny-stammers"),
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [wb.DatasetCard("tiny-texts", open_texts), wb.DatasetCard("tiny-stammers", open_stammers)]
