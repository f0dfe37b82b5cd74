# SPDX-License-Identifier: Apache-2.0
"""A small network whose units are known by hand, pictures, and a job on both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

import workbench as wb


class Bars(wb.Model):
    """Channel 0 sees upright edges, 1 level ones, 2 is shut for good; ``score`` is linear in their means.

    ``look`` takes any size; ``decode`` draws a picture of 8 x 8 whose left half has the value of the first axis.
    """

    pixels = wb.images(1, 12, 12, low=-1.0, high=1.0)
    score = wb.logits(["upright", "level", "never"])
    z = wb.vectors(2, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        edges = nn.Conv2d(1, 3, 3)
        with torch.no_grad():
            upright = torch.tensor([[-1.0, 0.0, 1.0]] * 3)
            edges.weight.copy_(torch.stack([upright, upright.T, torch.zeros(3, 3)])[:, None])
            edges.bias.copy_(torch.tensor([0.0, 0.0, -1.0]))
        self.edges, self.open = edges, nn.ReLU(inplace=True)
        self.wide = nn.Conv2d(3, 4, 3, padding=1)
        self.train = nn.Dropout(0.5).train()
        self.head = nn.Linear(4, 3)

    @wb.maps(pixels, to=score)
    def look(self, pixels: Tensor) -> Tensor:
        return self.train(self.wide(self.open(self.edges(pixels)))[:, :3]).mean(dim=(2, 3))

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        columns = (torch.arange(12) < 6).float()
        return torch.tanh(z[:, 0])[:, None, None, None] * columns.expand(1, 12, 12)

    @wb.maps(pixels, to=score)
    def detached(self, pixels: Tensor) -> Tensor:
        return self.wide(self.open(self.edges(pixels.detach())))[:, :3].mean(dim=(2, 3))

    @wb.maps(pixels, to=score)
    def overflowing(self, pixels: Tensor) -> Tensor:
        return (self.edges(pixels).square() * 1e30).square().mean(dim=(2, 3))

    @wb.maps(pixels, to=score)
    def headed(self, pixels: Tensor) -> Tensor:
        return self.head(self.wide(self.edges(pixels)).mean(dim=(2, 3)))

    @wb.maps(pixels, to=score)
    def broken(self, pixels: Tensor) -> Tensor:
        raise KeyError("lost")

    @wb.maps(pixels, to=score)
    def hungry(self, pixels: Tensor) -> Tensor:
        raise RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 9 bytes.")

    @wb.maps(pixels, to=score)
    def fixed(self, pixels: Tensor) -> Tensor:
        return pixels.reshape(len(pixels), 144)[:, :3]


class Job:
    """A job on the model, with pictures as its data."""

    device = "cpu"
    data = None

    def __init__(self, model: wb.Model, pictures: Any, *, seed: int = 0, space: str = "pixels") -> None:
        self.model, self.values, self.seed, self.space = model, np.asarray(pictures, np.float32), seed, space
        self.values.setflags(write=False)
        self.rng = np.random.default_rng(seed)
        self.generator = torch.Generator().manual_seed(seed)
        self.stages: list[str] = []
        self.logged: list[str] = []
        self.shown: list[tuple[Any, str]] = []

    def rows(self, space: str) -> Any:
        self._check(space)
        return np.arange(len(self.values))

    def points(self, space: str, *, limit: int | None = None, rows: Any = None, **_: Any) -> wb.Points:
        self._check(space)
        chosen = np.arange(len(self.values))[:limit] if rows is None else np.asarray(rows)
        columns = pd.DataFrame(index=range(len(chosen)))
        return wb.Points(self.values[chosen], chosen, self.model.space(space), "bars", columns)

    def _check(self, space: str) -> None:
        if space != self.space:
            raise wb.SpaceError(f"points of '{space}' can neither be drawn nor be had from the data")

    def direction(self, name: str) -> Any:
        from registry.directions import Direction

        return Direction(name, np.array([0.0, 2.0, 0.0], np.float32), "score")

    def progress(self, fraction: float, stage: str = "") -> None:
        assert 0 <= fraction <= 1
        self.stages.append(stage)

    def picture(self, image: Callable[[], Any], told: str = "") -> None:
        self.shown.append((image(), told))

    def log(self, text: str) -> None:
        self.logged.append(text)


def bars(count: int = 10, side: int = 12) -> Any:
    """Pictures of one bar each, upright or level by turns, float32 ``[n, 1, side, side]`` in -1..1."""
    pictures = np.full((count, 1, side, side), -0.5, np.float32)
    for at in range(count):
        place = np.s_[:, 2 + at % (side - 4)] if at % 2 == 0 else np.s_[2 + at % (side - 4), :]
        pictures[at, 0][place] = 0.5 + 0.04 * (at % 10)
    return pictures


def state(model: Bars) -> dict[str, Any]:
    """Everything of the model that an analysis might have changed."""
    found: dict[str, Any] = {}
    for name, net in model.modules().items():
        found |= {f"{name}.{key}": value.clone() for key, value in net.state_dict().items()}
        found |= {f"{name} modes": [one.training for one in net.modules()]}
        found |= {f"{name} asks": [one.requires_grad for one in net.parameters()]}
        found |= {f"{name} hooks": [len(one._forward_hooks) + len(one._forward_pre_hooks) for one in net.modules()]}
    return found


def unchanged(before: dict[str, Any], model: Bars) -> bool:
    """Whether the model is what it was."""
    after = state(model)
    same = [
        torch.equal(one, after[key]) if isinstance(one, Tensor) else one == after[key] for key, one in before.items()
    ]
    return before.keys() == after.keys() and all(same)
