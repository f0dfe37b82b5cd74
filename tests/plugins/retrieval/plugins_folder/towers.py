# SPDX-License-Identifier: Apache-2.0
"""Two small towers, of drawn shapes and of their captions, trained in a second; and pairs they have not seen."""

from __future__ import annotations

import itertools
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import workbench as wb
from plugins.adapters.two_towers import two_towers

SIDE, SIZE, EACH, STEPS = 16, 32, 24, 150
FACTORS = (("bright", "dark"), ("small", "large"), ("circle", "square", "cross"),
           ("top", "middle", "bottom"), ("left", "centre", "right"))  # fmt: skip
WORDS = tuple(itertools.chain(*FACTORS))
CAPTIONS = tuple("a {} {} {} at the {} {}".format(*one) for one in itertools.product(*FACTORS))


def drawn(which: Any, random: np.random.Generator) -> Any:
    """A picture of each caption, float32 ``[n, 1, 16, 16]`` in 0..1: the shape stands up to a pixel off its place."""
    light, size, shape, along, across = np.unravel_index(which, [len(one) for one in FACTORS])
    up, right = np.meshgrid(np.arange(SIDE), np.arange(SIDE), indexing="ij")
    y = up - (3.5 + 4.0 * along + random.uniform(-1, 1, len(which)))[:, None, None]
    x = right - (3.5 + 4.0 * across + random.uniform(-1, 1, len(which)))[:, None, None]
    reach = np.where(size == 0, 1.6, 3.2)[:, None, None]
    away = [np.hypot(x, y), np.maximum(abs(x), abs(y)) * 1.1,
            np.maximum(np.minimum(abs(x), abs(y)) * 4, np.maximum(abs(x), abs(y)))]  # fmt: skip
    inside = np.choose(shape[:, None, None], away) <= reach
    return (inside * np.where(light == 0, 1.0, 0.5)[:, None, None])[:, None].astype(np.float32)


def bag(texts: list[str]) -> Tensor:
    """Which of the known words are in each text, ``[n, 13]``."""
    return torch.tensor([[float(word in one.lower().split()) for word in WORDS] for one in texts])


class Reader(nn.Module):
    """A caption as the words that it holds, to a vector ``[n, 32]``."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(len(WORDS), 96), nn.ReLU(), nn.Linear(96, SIZE))

    def forward(self, texts: list[str]) -> Tensor:
        found: Tensor = self.net(bag(texts))
        return found


@cache
def towers() -> tuple[nn.Module, Reader]:
    """Both towers, trained with the symmetric contrastive loss of CLIP (Radford and others, 2021, figure 3).

    Each starts in a cone of its own, as deep networks do (Liang and others, "Mind the gap", 2022, section 3); here a
    bias that stays does what depth does there.
    """
    threads = torch.get_num_threads()
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.set_num_threads(1)  # the products are so small that more threads only wait for each other
        look = nn.Sequential(nn.Flatten(), nn.Linear(SIDE**2, 96), nn.ReLU(), nn.Linear(96, SIZE))
        read = Reader()
        for last, sign in ((look[3], 1.0), (read.net[2], -1.0)):
            assert isinstance(last, nn.Linear)
            nn.init.constant_(last.bias, sign * 0.8).requires_grad_(False)
        which = np.repeat(np.arange(len(CAPTIONS)), EACH)
        pictures = torch.from_numpy(drawn(which, np.random.default_rng(0)))
        words = bag(list(CAPTIONS))
        optimiser = torch.optim.Adam([*look.parameters(), *read.parameters()], lr=3e-3)
        random = np.random.default_rng(1)
        for _ in range(STEPS):
            each = random.permutation(len(CAPTIONS))  # a caption once in a batch, so that every other one is wrong
            one = functional.normalize(look(pictures[each * EACH + random.integers(EACH, size=len(each))]))
            other = functional.normalize(read.net(words[each]))
            scores = one @ other.T / 0.02
            right = torch.arange(len(scores))
            loss = functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
    torch.set_num_threads(threads)
    return look.eval(), read.eval()


def load(device: str) -> wb.Model:
    """The towers as a model of two maps into one space."""
    look, read = towers()
    return two_towers(look, read, pictures=wb.images(1, SIDE, SIDE), size=SIZE)


def unseen() -> wb.ArrayDataset:
    """A new picture of each of the 108 captions; other columns hold captions with faults, or in false order."""
    import pandas as pd

    random = np.random.default_rng(5)
    n = len(CAPTIONS)
    frame = pd.DataFrame(
        {
            "caption": CAPTIONS,
            "mixed": [CAPTIONS[at] for at in random.permutation(n)],
            "faulty": ["", None, "   ", *CAPTIONS[3:]],
            "shape": [one.split()[3] for one in CAPTIONS],
            "few": [one if at < 8 else "" for at, one in enumerate(CAPTIONS)],
            "number": np.arange(n),
            "split": np.where(random.random(n) < 0.5, "train", "test"),
        }
    )
    return wb.ArrayDataset(drawn(np.arange(n), random), wb.images(1, SIDE, SIDE), frame)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The towers, trained when they are first loaded."""
    return [wb.ModelCard("towers", load, licence="Apache-2.0", data="captioned-shapes")]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """Pairs that they have not seen."""
    return [wb.DatasetCard("captioned-shapes", unseen, licence="Apache-2.0")]
