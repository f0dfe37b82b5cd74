# SPDX-License-Identifier: Apache-2.0
"""The network that tells expressions of faces: its architecture and the reading of its published weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

import workbench as wb

EXPRESSIONS: Final = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
SIDE: Final = 112
MEAN_RGB: Final = (122.782, 117.001, 104.298)
"""Mean red, green and blue of the training pictures, in 0..255, as published."""

MANIFEST: Final = Path(__file__).parent / "manifest.json"
BLOCKS: Final = ((3, 32), (32, 64), (64, 128), (128, 256))


class Separable(nn.Module):
    """A 3 x 3 convolution of each map by itself, then one across maps with a bias; pads as TensorFlow's "same".

    Chollet, *Xception: Deep Learning with Depthwise Separable Convolutions*, 2017.
    """

    def __init__(self, entering: int, leaving: int, stride: int = 1) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(entering, entering, 3, stride, groups=entering, bias=False)
        self.pointwise = nn.Conv2d(entering, leaving, 1)

    def forward(self, maps: Tensor) -> Tensor:
        crossed: Tensor = self.pointwise(self.depthwise(_padded(maps, self.depthwise.stride[0])))
        return crossed


class First(nn.Module):
    """The first convolution, which sees all three colours; stride 2."""

    def __init__(self, entering: int, leaving: int) -> None:
        super().__init__()
        self.filters = nn.Conv2d(entering, leaving, 3, 2)

    def forward(self, pixels: Tensor) -> Tensor:
        found: Tensor = self.filters(_padded(pixels, 2))
        return found


class DenseBlock(nn.Module):
    """Four convolutions, each fed the rectified sum of all before it; halves height and width."""

    def __init__(self, entering: int, leaving: int, *, first: bool = False) -> None:
        super().__init__()
        self.conv0 = First(entering, leaving) if first else Separable(entering, leaving, 2)
        self.conv1 = Separable(leaving, leaving)
        self.conv2 = Separable(leaving, leaving)
        self.conv3 = Separable(leaving, leaving)

    def forward(self, maps: Tensor) -> Tensor:
        total: Tensor = self.conv0(maps).relu()
        total = total + self.conv1(total)
        total = total + self.conv2(total.relu())
        total = total + self.conv3(total.relu())
        return total.relu()


class ExpressionNet(nn.Module):
    """Faces ``[n, 3, 112, 112]`` in 0..1 to logits ``[n, 7]`` in the order of ``EXPRESSIONS``; 0.3 M weights.

    The ``FaceExpressionNet`` of face-api.js by Vincent Mühler (MIT), written anew.
    """

    mean: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN_RGB)[:, None, None] / 255, persistent=False)
        for number, (entering, leaving) in enumerate(BLOCKS):
            self.add_module(f"dense{number}", DenseBlock(entering, leaving, first=number == 0))
        self.fc = nn.Linear(BLOCKS[-1][1], len(EXPRESSIONS))

    def forward(self, pixels: Tensor) -> Tensor:
        maps = pixels - self.mean
        for number in range(len(BLOCKS)):
            maps = self.get_submodule(f"dense{number}")(maps)
        logits: Tensor = self.fc(maps.mean(dim=(2, 3)))
        return logits


def load_net(path: Path) -> ExpressionNet:
    """The network with the weights of the published file.

    Raises
    ------
    workbench.ModelError
        When the file has not the length that the manifest says.
    """
    net = ExpressionNet()
    net.load_state_dict(read_weights(path.read_bytes(), path.name), strict=True)
    return net.eval()


def read_weights(raw: bytes, name: str = "weights") -> dict[str, Tensor]:
    """The tensors of the published file under our names.

    The file is the tensors of ``manifest.json`` one after another: unsigned bytes ``q`` for ``q * scale + min`` where
    the manifest gives both, else little-endian float32. Kernels are ``[height, width, in, out]``.
    """
    entries = json.loads(MANIFEST.read_text(encoding="utf-8"))[0]["weights"]
    wanted = sum(_bytes(one) for one in entries)
    if len(raw) != wanted:
        raise wb.ModelError(f"'{name}' has {len(raw):,} bytes, the manifest says {wanted:,}: fetch it anew")
    state, at = {}, 0
    for one in entries:
        state[_our_name(one["name"])] = _arranged(one["name"], _values(one, raw[at : at + _bytes(one)]))
        at += _bytes(one)
    return state


def _bytes(entry: dict[str, Any]) -> int:
    return int(math.prod(entry["shape"])) * (1 if "quantization" in entry else 4)


def _values(entry: dict[str, Any], raw: bytes) -> Tensor:
    scaled = entry.get("quantization")
    if scaled is None:
        values = np.frombuffer(raw, "<f4")
    else:
        values = (np.frombuffer(raw, np.uint8) * scaled["scale"] + scaled["min"]).astype(np.float32)
    return torch.from_numpy(values.reshape(entry["shape"]).copy())


def _our_name(published: str) -> str:
    """``dense1/conv0/depthwise_filter`` is our ``dense1.conv0.depthwise.weight``.

    >>> _our_name("dense0/conv0/filters"), _our_name("dense2/conv1/bias"), _our_name("fc/weights")
    ('dense0.conv0.filters.weight', 'dense2.conv1.pointwise.bias', 'fc.weight')
    """
    place, _, tensor = published.rpartition("/")
    inner = {
        "filters": "filters.weight",
        "depthwise_filter": "depthwise.weight",
        "pointwise_filter": "pointwise.weight",
        "weights": "weight",
        "bias": {"dense0/conv0": "filters.bias", "fc": "bias"}.get(place, "pointwise.bias"),
    }[tensor]
    return f"{place.replace('/', '.')}.{inner}"


def _arranged(published: str, values: Tensor) -> Tensor:
    """Axes as torch wants them."""
    if published.endswith("/depthwise_filter"):
        return values.permute(2, 3, 0, 1)  # [height, width, in, 1]
    if values.ndim == 4:
        return values.permute(3, 2, 0, 1)
    return values.T if values.ndim == 2 else values


def _padded(maps: Tensor, stride: int) -> Tensor:
    """As TensorFlow pads for "same" with a 3 x 3 kernel and an even side: with stride 2 only right and below."""
    return functional.pad(maps, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
