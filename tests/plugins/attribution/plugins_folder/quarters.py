# SPDX-License-Identifier: Apache-2.0
"""Pictures of four quarters, a net that looks at one of them for each number, and maps that break conditions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

import workbench as wb

SIDE = 12
NAMES = ("top-left", "top-right", "bottom-left", "bottom-right")


class Quarters(wb.Model):
    """Logit k rises with the brightness of quarter k over 0.3; code k is that brightness, drawn back as the quarter."""

    pixels = wb.images(1, SIDE, SIDE)
    z = wb.vectors(4, prior=wb.normal(0.5, 0.2))
    logits = wb.logits(NAMES)
    score = wb.scalars()
    words = wb.items(["a", "b"])
    captions = wb.texts()
    turned = wb.vectors(4)

    def __init__(self, device: str = "cpu") -> None:
        pool = nn.Conv2d(1, 1, SIDE // 2, stride=SIDE // 2, bias=False)
        pool.weight.data[:] = 1 / (SIDE // 2) ** 2
        head = nn.Linear(4, 4)
        head.weight.data = 3 * torch.eye(4)
        head.bias.data[:] = -0.9
        self.net = nn.Sequential(pool, nn.Flatten(), head, nn.ReLU()).to(device).eval()
        self.draw = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Unflatten(1, (1, 2, 2)), nn.Upsample(scale_factor=6))
        self.draw[0].weight.data = torch.eye(4)
        self.draw.to(device).eval()

    @wb.maps(pixels, to=logits)
    def classify(self, x: Tensor) -> Tensor:
        given: Tensor = self.net(x)
        return given

    @wb.maps(pixels, to=z)
    def encode(self, x: Tensor) -> Tensor:
        given: Tensor = self.net[:2](x)
        return given

    @wb.maps(z, to=pixels)
    def decode(self, z: Tensor) -> Tensor:
        given: Tensor = self.draw(z).clamp(0, 1)
        return given

    @wb.maps(pixels, to=score)
    def constant(self, x: Tensor) -> Tensor:
        return torch.relu(self.net[0](x).flatten(1)[:, :1] - 100)

    @wb.maps(pixels, to=score)
    def without_gradient(self, x: Tensor) -> Tensor:
        return self.net(x.detach())[:, :1].detach()

    @wb.maps(pixels, to=score)
    def broken_gradient(self, x: Tensor) -> Tensor:
        return (x - x).sqrt().sum(dim=(1, 2, 3))[:, None] + x.sum(dim=(1, 2, 3))[:, None]

    @wb.maps(pixels, to=words)
    def name(self, x: Tensor) -> Tensor:
        return (self.net(x).sum(dim=1) > 1).long()

    @wb.maps(captions, to=z)
    def read(self, captions: list[str]) -> Tensor:
        """A quarter where its name stands in the text; 0 where none does."""
        return torch.tensor([[float(name in one) for name in NAMES] for one in captions])

    @wb.maps(pixels, to=turned)
    def turn(self, x: Tensor) -> Tensor:
        return self.net[:2](x).flip(1)

    @wb.maps(turned, to=z)
    def turn_back(self, turned: Tensor) -> Tensor:
        return turned.flip(1)


def pictures(count: int = 80) -> wb.Dataset:
    """Pictures of four even quarters; one of them, the class of the row, is bright."""
    rng = np.random.default_rng(0)
    bright = rng.integers(4, size=count)
    levels = rng.uniform(0.1, 0.4, (count, 4)).astype(np.float32)
    levels[np.arange(count), bright] += 0.5
    values = np.repeat(np.repeat(levels.reshape(count, 1, 2, 2), SIDE // 2, axis=2), SIDE // 2, axis=3)
    columns = pd.DataFrame({"quarter": [NAMES[one] for one in bright]})
    return wb.ArrayDataset(values, wb.images(1, SIDE, SIDE), columns)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [wb.ModelCard("quarters", Quarters)]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [wb.DatasetCard("pictures", pictures)]
