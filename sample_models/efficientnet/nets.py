# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0: its architecture, every step a layer of its own, and the reading of its published weights."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

import workbench as wb
from sample_models.imagenet import Standardised

CLASSES: Final = 1000
MEAN, SPREAD = 127 / 255, 128 / 255
EPSILON: Final = 1e-3
STAGES: Final = (  # blocks, kernel, stride of the first, expansion, maps that leave
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SamePadded(nn.Conv2d):
    """A convolution that pads as TensorFlow's "same": the output has ``ceil(size / stride)`` pixels."""

    def forward(self, maps: Tensor) -> Tensor:
        kernel, stride = self.kernel_size[0], self.stride[0]
        across, down = (
            max((-(-side // stride) - 1) * stride + kernel - side, 0) for side in (maps.shape[3], maps.shape[2])
        )
        padded = functional.pad(maps, (across // 2, across - across // 2, down // 2, down - down // 2))
        return super().forward(padded)


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=EPSILON)


class Block(nn.Module):
    """Widen by 1 x 1, filter each map by itself, narrow by 1 x 1; added to what entered where the shape is kept.

    M. Sandler and others, *MobileNetV2: Inverted Residuals and Linear Bottlenecks*, 2018, section 3.3.
    """

    def __init__(self, entering: int, leaving: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = entering * expansion
        steps: OrderedDict[str, nn.Module] = OrderedDict()
        if expansion > 1:
            steps.update(expand=nn.Conv2d(entering, wide, 1, bias=False), norm0=_norm(wide), relu0=nn.ReLU6())
        steps.update(
            depthwise=SamePadded(wide, wide, kernel, stride, groups=wide, bias=False),
            norm1=_norm(wide),
            relu1=nn.ReLU6(),
            project=nn.Conv2d(wide, leaving, 1, bias=False),
            norm2=_norm(leaving),
        )
        self.steps = nn.Sequential(steps)
        self.residual = stride == 1 and entering == leaving

    def forward(self, maps: Tensor) -> Tensor:
        found: Tensor = self.steps(maps)
        return maps + found if self.residual else found


class EfficientNetLite0(nn.Module):
    """Pixels ``[n, 3, h, w]`` in 0..1 (any size from 32 x 32) to logits ``[n, 1000]``; 4,652,008 weights.

    M. Tan and Q. V. Le, *EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks*, 2019, in the
    "lite" form of its authors: no squeeze-and-excitation, ReLU6 in place of swish.
    """

    def __init__(self) -> None:
        super().__init__()
        self.input = Standardised(MEAN, SPREAD)
        self.stem = nn.Sequential(
            OrderedDict(conv=SamePadded(3, 32, 3, 2, bias=False), norm=_norm(32), relu=nn.ReLU6())
        )
        blocks, entering = [], 32
        for count, kernel, first, expansion, leaving in STAGES:
            for number in range(count):
                blocks.append(Block(entering, leaving, kernel, first if number == 0 else 1, expansion))
                entering = leaving
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Sequential(
            OrderedDict(conv=nn.Conv2d(entering, 1280, 1, bias=False), norm=_norm(1280), relu=nn.ReLU6())
        )
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flat = nn.Flatten()
        self.classifier = nn.Linear(1280, CLASSES)

    def forward(self, pixels: Tensor) -> Tensor:
        maps = self.head(self.blocks(self.stem(self.input(pixels))))
        logits: Tensor = self.classifier(self.flat(self.pool(maps)))
        return logits


def our_name(published: str) -> str:
    """A published tensor's name in our network.

    >>> our_name("_blocks.3._depthwise_conv.weight"), our_name("_bn0.bias"), our_name("_fc.weight")
    ('blocks.3.steps.depthwise.weight', 'stem.norm.bias', 'classifier.weight')
    """
    outer = {"_conv_stem": "stem.conv", "_bn0": "stem.norm", "_conv_head": "head.conv", "_bn1": "head.norm"}
    inner = {"_expand_conv": "expand", "_depthwise_conv": "depthwise", "_project_conv": "project"}
    inner |= {f"_bn{number}": f"norm{number}" for number in range(3)}
    found = re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", published)
    if found is not None and found[2] in inner:
        return f"blocks.{found[1]}.steps.{inner[found[2]]}.{found[3]}"
    place, _, tensor = published.partition(".")
    return f"{(outer | {'_fc': 'classifier'}).get(place, place)}.{tensor}"


def renamed(published: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published state under our names."""
    return {our_name(name): value for name, value in published.items()}


def load_net(path: Path) -> EfficientNetLite0:
    """The network with the weights of the published file, read with ``weights_only=True``: tensors, no code.

    Raises
    ------
    workbench.ModelError
        When the file holds another network.
    """
    published = torch.load(path, weights_only=True, map_location="cpu")
    net = EfficientNetLite0()
    try:
        net.load_state_dict(renamed(published), strict=True)
    except (RuntimeError, AttributeError, TypeError) as error:
        raise wb.ModelError(f"'{path.name}' holds no EfficientNet-Lite0: fetch it anew ({error})") from None
    return net.eval()
