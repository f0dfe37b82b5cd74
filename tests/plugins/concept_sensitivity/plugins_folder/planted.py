# SPDX-License-Identifier: Apache-2.0
"""A net whose decision depends on a planted concept: how, is known in closed form; and nets that cannot be asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

import workbench as wb

WIDTH, N = 12, 900
PLANTED, UNUSED = 0, 1  # axes of x


class Bump(nn.Module):
    """Four numbers of ``h [n, 12]``, each with derivatives that are known.

    0: rises along axis 0 at every point, and along the others here and there. 1: along axis 0 as much as the others.
    2: a line. 3: does not hang on ``h``.
    """

    def forward(self, h: Tensor) -> Tensor:
        wavy = (2.0 * h[:, 1:]).sin().sum(dim=1)
        return torch.stack([2.0 * h[:, 0] + wavy, (2.0 * h).sin().sum(dim=1), h.sum(dim=1), h.sum(dim=1) * 0], dim=1)


class Planted(wb.Model):
    """``x`` through a fixed rotation (so that no axis of the layer is the concept), undone again by the head."""

    x = wb.vectors(WIDTH)
    y = wb.vectors(4)
    z = wb.vectors(WIDTH, prior=wb.normal())

    def __init__(self, device: str = "cpu") -> None:
        rotation, _ = np.linalg.qr(np.random.default_rng(3).standard_normal((WIDTH, WIDTH)))
        self.turn = nn.Linear(WIDTH, WIDTH, bias=False)
        self.back = nn.Linear(WIDTH, WIDTH, bias=False)
        self.turn.weight.data = torch.from_numpy(rotation).float()
        self.back.weight.data = torch.from_numpy(rotation.T.copy()).float()
        self.bump = Bump()
        self.plain = nn.Linear(WIDTH, 4)
        self.inplace = nn.ReLU(inplace=True)
        self.pair = nn.LSTM(WIDTH, 4, batch_first=True)
        self.aside = nn.Linear(WIDTH, 3)
        for one in (self.turn, self.back, self.bump, self.plain, self.inplace, self.pair, self.aside):
            one.eval().to(device)

    @wb.maps(x, to=y)
    def decide(self, x: Tensor) -> Tensor:
        self.aside(x)
        out: Tensor = self.bump(self.back(self.turn(x)))
        return out

    @wb.maps(z, to=y)
    def draw(self, z: Tensor) -> Tensor:
        out: Tensor = self.bump(self.back(self.turn(z)))
        return out

    @wb.maps(x, to=y)
    def overwritten(self, x: Tensor) -> Tensor:
        """The activation of ``turn`` is written over by the layer after it."""
        out: Tensor = self.plain(self.inplace(self.turn(x)))
        return out

    @wb.maps(x, to=y)
    def twice(self, x: Tensor) -> Tensor:
        out: Tensor = self.plain(self.turn(self.turn(x)))
        return out

    @wb.maps(x, to=y)
    def detached(self, x: Tensor) -> Tensor:
        return self.plain(self.turn(x)).detach()

    @wb.maps(x, to=y)
    @torch.inference_mode()
    def sealed(self, x: Tensor) -> Tensor:
        out: Tensor = self.plain(self.turn(x))
        return out

    @wb.maps(x, to=y)
    def recurrent(self, x: Tensor) -> Tensor:
        out: Tensor = self.pair(x[:, None])[0][:, 0]
        return out

    @wb.maps(x, to=y)
    def roots(self, x: Tensor) -> Tensor:
        out: Tensor = self.plain((self.turn(x) * 0).sqrt())
        return out


def marked() -> wb.ArrayDataset:
    """Normal points; in a tenth of them axis 0 is 2 higher (concept "planted"), in a tenth axis 1 ("unused").

    ``chance`` says of a tenth of the points "yes", whatever they are.
    """
    random = np.random.default_rng(0)
    x = random.standard_normal((N, WIDTH)).astype(np.float32)
    kind = np.full(N, "plain", dtype=object)
    kind[:90], kind[90:180] = "planted", "unused"
    x[:90, PLANTED] += 2
    x[90:180, UNUSED] += 2
    chance = np.where(random.permutation(N) < 90, "yes", "no")
    return wb.ArrayDataset(x, wb.vectors(WIDTH), pd.DataFrame({"kind": kind.astype(str), "chance": chance}))


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    return [wb.ModelCard("planted", Planted)]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    return [wb.DatasetCard("marked", marked)]


def slices(store: wb.Store) -> dict[str, Any]:
    """Slices of the data, by name."""
    rows = {"three": np.arange(3), "first": np.arange(90), "again": np.arange(90), "second": np.arange(300, 500)}
    return {name: store.save_slice(name, "marked", one) for name, one in rows.items()}
