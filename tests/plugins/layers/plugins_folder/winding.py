# SPDX-License-Identifier: Apache-2.0
"""A model whose layers run in another order than they are declared in, some of them broken; and three blobs to send
through it."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

import workbench as wb

N = 240


class Zero(nn.Module):
    """Gives 0 whatever comes in."""

    def forward(self, x: Tensor) -> Tensor:
        return x * 0


class Holes(nn.Module):
    """Gives NaN where the first number is above 1."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.where(x[:, :1] > 1, torch.full_like(x, float("nan")), x)


class Line(nn.Module):
    """Puts every point on one line in 4 dimensions, by its third number."""

    def forward(self, x: Tensor) -> Tensor:
        return x[:, 2:3] * torch.tensor([1.0, 2.0, -1.0, 0.5])


class Summary(nn.Module):
    """Gives one number for the whole batch."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean()


class Pair(nn.Module):
    """Gives a tuple."""

    def forward(self, x: Tensor) -> tuple[Tensor, int]:
        return x + 1, 3


class Winding(wb.Model):
    """Six numbers to four; ``late`` is declared before ``early``, and runs after it."""

    x = wb.vectors(6)
    y = wb.vectors(4)
    z = wb.vectors(3, prior=wb.normal())
    word = wb.items([f"word {one}" for one in range(30)])

    def __init__(self, device: str = "cpu") -> None:
        generator = torch.Generator().manual_seed(1)
        self.late = nn.Linear(8, 4)
        self.early = nn.Sequential(nn.Linear(6, 8), nn.ReLU(inplace=True), nn.Dropout())
        self.zero, self.holes, self.line, self.summary, self.pair = Zero(), Holes(), Line(), Summary(), Pair()
        self.drawn = nn.Linear(3, 4)
        self.table = nn.Embedding(30, 4)
        self.wide = nn.Linear(6, 5000)
        self.count = 0
        for one in (self.late, self.early, self.drawn, self.table, self.wide):
            one.eval().to(device)
            for weight in one.parameters():
                weight.data = torch.randn(weight.shape, generator=generator).to(device)

    @wb.maps(x, to=y)
    def plain(self, x: Tensor) -> Tensor:
        hidden = self.early(x)
        self.summary(hidden)
        self.pair(hidden)
        self.count += 1
        out: Tensor = self.late(hidden)
        return out

    @wb.maps(x, to=y)
    def dead(self, x: Tensor) -> Tensor:
        out: Tensor = self.late(self.zero(self.early(x)))
        return out

    @wb.maps(x, to=y)
    def broken(self, x: Tensor) -> Tensor:
        self.holes(x)
        out: Tensor = self.late(self.early(x))
        return out

    @wb.maps(x, to=y)
    def flat(self, x: Tensor) -> Tensor:
        out: Tensor = self.line(x)
        return out

    @wb.maps(x, to=y)
    def broad(self, x: Tensor) -> Tensor:
        out: Tensor = self.wide(x)[:, :4]
        return out

    @wb.maps(z, to=y)
    def draw(self, z: Tensor) -> Tensor:
        out: Tensor = self.drawn(z)
        return out

    @wb.maps(word, to=y)
    def look_up(self, word: Tensor) -> Tensor:
        out: Tensor = self.table(word)
        return out


def blobs() -> Any:
    """Three classes far apart in the first two numbers; labels that say nothing, too many, too few, or are missing."""
    import pandas as pd

    random = np.random.default_rng(5)
    kind = np.arange(N) % 3
    values = random.standard_normal((N, 6))
    values[:, :2] += 5 * np.stack([np.cos(kind * 2.1), np.sin(kind * 2.1)], axis=1)
    columns = pd.DataFrame(
        {
            "number": np.arange(N),
            "kind": np.array(["a", "b", "c"])[kind],
            "nothing": random.integers(0, 2, N),
            "single": "one",
            "gaps": [None if row < 40 else ["x", "y", "rare"][2 if row in (50, 60) else row % 2] for row in range(N)],
        }
    )
    space = wb.vectors(6)
    return wb.ArrayDataset(values.astype(np.float32), space, columns)


def same() -> Any:
    """Twenty points that are all equal."""
    import pandas as pd

    return wb.ArrayDataset(np.ones((20, 6), np.float32), wb.vectors(6), pd.DataFrame({"kind": np.arange(20) % 2}))


def marked() -> Any:
    """The blobs, with labels that would be more than text if they were taken for it."""
    import pandas as pd

    names = np.array(["<b>bold</b>", "[x](javascript:alert(1))", "$y$ :red[z]"])[np.arange(N) % 3]
    return wb.ArrayDataset(blobs().values, wb.vectors(6), pd.DataFrame({"<i>kind</i> **b**": names}))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [wb.ModelCard("winding", Winding, title="Winding", licence="Apache-2.0")]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [
        wb.DatasetCard("blobs", blobs, title="Blobs", licence="Apache-2.0"),
        wb.DatasetCard("same", same, title="Equal points", licence="Apache-2.0"),
        wb.DatasetCard("marked", marked, title="Labels with markup", licence="Apache-2.0"),
    ]
