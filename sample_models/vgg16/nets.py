# SPDX-License-Identifier: Apache-2.0
"""The convolutional part of VGG-16, and the reading of its published weights."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, nn

import workbench as wb
from sample_models.imagenet import CaffeInput

BLOCKS: Final = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
MEAN: Final = (104.00699, 116.66877, 122.67892)
"""Mean blue, green and red that the published network takes off, in 0..255."""


class Vgg16Features(nn.Module):
    """Pixels ``[n, 3, h, w]`` in 0..1 (any size) to maps ``[n, 512, h / 16, w / 16]``, rounded up; 14,714,688 weights.

    K. Simonyan and A. Zisserman, *Very Deep Convolutional Networks for Large-Scale Image Recognition*, 2014,
    configuration D without its three dense layers and its last pooling. Layers are called ``conv3_2``, ``relu3_2``,
    ``pool3``, as in the literature on style transfer.
    """

    def __init__(self, blocks: tuple[tuple[int, ...], ...] = BLOCKS) -> None:
        super().__init__()
        steps: OrderedDict[str, nn.Module] = OrderedDict(input=CaffeInput(MEAN))
        entering = 3
        for block, widths in enumerate(blocks, start=1):
            for number, leaving in enumerate(widths, start=1):
                steps[f"conv{block}_{number}"] = nn.Conv2d(entering, leaving, 3, padding=1)
                steps[f"relu{block}_{number}"] = nn.ReLU()
                entering = leaving
            if block < len(blocks):
                steps[f"pool{block}"] = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.features = nn.Sequential(steps)

    def forward(self, pixels: Tensor) -> Tensor:
        maps: Tensor = self.features(pixels)
        return maps


def read_weights(path: Path) -> dict[str, Tensor]:
    """The thirteen kernels and biases of the published file (HDF5, read as data) under our names.

    Raises
    ------
    workbench.ModelError
        When the file holds something else.
    """
    import h5py

    state = {}
    try:
        with h5py.File(path, "r") as file:
            for block, widths in enumerate(BLOCKS, start=1):
                for number in range(1, len(widths) + 1):
                    layer = "conv2d" if number == 1 else f"conv2d_{number - 1}"
                    kernel, bias = (file[f"block{block}/layers/{layer}/vars/{one}"][()] for one in (0, 1))
                    ours = f"features.conv{block}_{number}"
                    state[f"{ours}.weight"] = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
                    state[f"{ours}.bias"] = torch.from_numpy(bias)
    except (KeyError, OSError) as error:
        raise wb.ModelError(f"'{path.name}' holds no convolutions of VGG-16: fetch it anew ({error})") from None
    return state


def load_net(path: Path) -> Vgg16Features:
    """The network with the weights of the published file; raises :class:`workbench.ModelError` when it is another."""
    net = Vgg16Features()
    net.load_state_dict(read_weights(path), strict=True)
    return net.eval()
