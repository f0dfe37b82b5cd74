# SPDX-License-Identifier: Apache-2.0
"""Planted evidence: pictures whose class is a small pattern at a known place, beside a brighter thing of no class."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn

SIDE, PATTERN, BAR = 14, 3, 4


@dataclass(frozen=True)
class Planted:
    """A trained network ``net`` (logits of two classes), test pictures, their labels, and where the evidence lies."""

    net: nn.Module
    pictures: torch.Tensor
    labels: np.ndarray
    evidence: np.ndarray
    distractor: np.ndarray


def pictures_of(count: int, seed: int) -> tuple[Any, Any, Any, Any]:
    """Noise, a cross (class 1) or a ring (class 0) of 3 x 3 pixels, and a brighter bar; float32 ``[n, 1, 14, 14]``."""
    rng = np.random.default_rng(seed)
    shapes = [np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1.0]]), np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0.0]])]
    pictures = rng.normal(0, 0.1, (count, 1, SIDE, SIDE))
    labels = rng.integers(0, 2, count)
    evidence, distractor = (np.zeros((count, SIDE, SIDE), dtype=bool) for _ in range(2))
    for at in range(count):
        places = rng.permutation(4)[:2]  # in two of the four quarters
        (top, left), (down, across) = (
            (one // 2 * 7 + rng.integers(0, 5), one % 2 * 7 + rng.integers(0, 4)) for one in places
        )
        pictures[at, 0, top : top + PATTERN, left : left + PATTERN] += shapes[labels[at]]
        evidence[at, top : top + PATTERN, left : left + PATTERN] = True
        pictures[at, 0, down, across : across + BAR] += 1.8
        distractor[at, down, across : across + BAR] = True
    return pictures.astype(np.float32), labels, evidence, distractor


@cache
def planted(test: int = 24) -> Planted:
    """Train a small network to (nearly) no error: about a second on one thread."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 12, 3, padding=1), nn.ReLU(),
            nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(12, 2),
        )  # fmt: skip
        pictures, labels, *_ = pictures_of(768, 1)
        inputs, wanted = torch.from_numpy(pictures), torch.from_numpy(labels)
        optimiser = torch.optim.Adam(net.parameters(), lr=0.01)
        for epoch in range(8):
            for part in torch.randperm(len(inputs), generator=torch.Generator().manual_seed(epoch)).split(64):
                loss = nn.functional.cross_entropy(net(inputs[part]), wanted[part])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
    net.eval()
    shown, kinds, evidence, distractor = pictures_of(test, 2)
    return Planted(net, torch.from_numpy(shown), kinds, evidence, distractor)


class Margin(nn.Module):
    """The logit of class 1 less that of class 0: one number."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """``[n, 1, 14, 14] -> [n]``."""
        logits: torch.Tensor = self.net(pictures)
        return logits[:, 1] - logits[:, 0]


def gradient(function: Any, inputs: torch.Tensor) -> torch.Tensor:
    """Derivatives of the numbers by the inputs."""
    here = inputs.detach().clone().requires_grad_()
    with torch.enable_grad():
        (found,) = torch.autograd.grad(function(here).sum(), here)
    return found


def integrated(function: Any, inputs: torch.Tensor, baseline: torch.Tensor, steps: int = 32) -> np.ndarray:
    """Integrated gradients by hand, midpoints; float64."""
    total = sum(gradient(function, baseline + (at + 0.5) / steps * (inputs - baseline)) for at in range(steps))
    return np.asarray((total / steps * (inputs - baseline)).double().numpy())
