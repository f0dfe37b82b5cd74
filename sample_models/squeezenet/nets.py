# SPDX-License-Identifier: Apache-2.0
"""SqueezeNet 1.1: its architecture, every step a layer of its own, none used twice; its ReLUs write in place."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import torch
from torch import Tensor, nn

from sample_models.imagenet import CaffeInput

CLASSES: Final = 1000
FIRES: Final = {  # maps that enter, that are squeezed to, and that each of the two expansions gives
    "fire2": (64, 16, 64),
    "fire3": (128, 16, 64),
    "fire4": (128, 32, 128),
    "fire5": (256, 32, 128),
    "fire6": (256, 48, 192),
    "fire7": (384, 48, 192),
    "fire8": (384, 64, 256),
    "fire9": (512, 64, 256),
}


class Fire(nn.Module):
    """Squeeze by 1 x 1, then expand by 1 x 1 and by 3 x 3 side by side (section 3.2 of the paper)."""

    def __init__(self, entering: int, squeezed: int, expanded: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(entering, squeezed, 1)
        self.squeeze_relu = nn.ReLU(inplace=True)
        self.expand1x1 = nn.Conv2d(squeezed, expanded, 1)
        self.expand1x1_relu = nn.ReLU(inplace=True)
        self.expand3x3 = nn.Conv2d(squeezed, expanded, 3, padding=1)
        self.expand3x3_relu = nn.ReLU(inplace=True)

    def forward(self, maps: Tensor) -> Tensor:
        narrow = self.squeeze_relu(self.squeeze(maps))
        wide = [self.expand1x1_relu(self.expand1x1(narrow)), self.expand3x3_relu(self.expand3x3(narrow))]
        return torch.cat(wide, dim=1)


class SqueezeNet(nn.Module):
    """Pixels ``[n, 3, h, w]`` in 0..1 (``h``, ``w`` at least 32) to logits ``[n, 1000]``; 1,235,496 weights.

    F. Iandola and others, *SqueezeNet: AlexNet-level accuracy with 50x fewer parameters*, 2016; version 1.1 of its
    authors (3 x 3 first convolution, early pooling). As in most published networks each ReLU writes over what it is
    given: a hook that keeps the output of a convolution by reference finds it rectified once the pass is over.
    """

    def __init__(self) -> None:
        super().__init__()
        steps: OrderedDict[str, nn.Module] = OrderedDict(
            input=CaffeInput(),
            conv1=nn.Conv2d(3, 64, 3, stride=2),
            relu1=nn.ReLU(inplace=True),
            pool1=nn.MaxPool2d(3, 2),
        )
        for name, sizes in FIRES.items():
            steps[name] = Fire(*sizes)
            if name in ("fire3", "fire5"):
                steps[f"pool{name[-1]}"] = nn.MaxPool2d(3, 2)
        self.features = nn.Sequential(steps)
        self.classifier = nn.Sequential(
            OrderedDict(
                conv10=nn.Conv2d(512, CLASSES, 1),
                relu10=nn.ReLU(inplace=True),
                pool10=nn.AdaptiveAvgPool2d(1),
                flat=nn.Flatten(),
            )
        )

    def forward(self, pixels: Tensor) -> Tensor:
        logits: Tensor = self.classifier(self.features(pixels))
        return logits
