# SPDX-License-Identifier: Apache-2.0
"""The networks of the spirals as models of the workbench."""

from __future__ import annotations

from collections import OrderedDict

from safetensors.torch import load_file
from torch import Tensor, nn

import workbench as wb
from sample_models.spirals import DEPTHS, weights
from sample_models.spirals.datasets import SPIRALS


def make_net(depth: int) -> nn.Sequential:
    """``depth`` times a dense layer of two units and a tanh, then a readout: ``[n, 2] -> [n, 2]`` logits."""
    steps: OrderedDict[str, nn.Module] = OrderedDict()
    for number in range(1, depth + 1):
        steps[f"dense{number}"] = nn.Linear(2, 2)
        steps[f"tanh{number}"] = nn.Tanh()
    steps["readout"] = nn.Linear(2, 2)
    return nn.Sequential(steps)


class Deep(wb.Model):
    """Two spirals told apart by five tanh layers of two units (after Olah, 2014)."""

    points = wb.vectors(2, axes=("x", "y"))
    logits = wb.logits(SPIRALS)
    name = "spirals"

    def __init__(self, device: str = "cpu") -> None:
        self.net = make_net(DEPTHS[self.name])
        self.net.load_state_dict(load_file(weights(self.name)), strict=True)
        self.net.to(device).eval()

    @wb.maps(points, to=logits)
    def classify(self, points: Tensor) -> Tensor:
        """Logits ``[n, 2]`` of the first and the second spiral for points ``[n, 2]``."""
        logits: Tensor = self.net(points)
        return logits


class Shallow(Deep):
    """The same with one layer, which is too few."""

    name = "spirals-shallow"
