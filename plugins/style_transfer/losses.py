# SPDX-License-Identifier: Apache-2.0
"""Gram matrices, and how far two pictures are in content and style: as shares, so that weights carry over.

Source: Gatys, Ecker and Bethge, *Image Style Transfer Using Convolutional Neural Networks*, CVPR 2016, section 2. There
both losses are plain sums of squares, so that their weights depend on the network, the layer and the size of the
picture; here each is divided by its value at an empty picture (features, or Gram matrix, of all 0).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

import workbench as wb


def gram(features: Tensor) -> Tensor:
    """Products of channels, averaged over positions and channels: ``[n, c, h, w]`` to ``[n, c, c]``.

    Divided by channels times positions, so that the trace is the mean square of the features. It is the same for any
    order of the positions: style does not see layout.
    """
    count, channels = features.shape[:2]
    flat = features.reshape(count, channels, -1)
    return torch.bmm(flat, flat.transpose(1, 2)) / (channels * flat.shape[2])


def style_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """Squared distance of the Gram matrix of ``features [1, c, h, w]`` to ``wanted [1, c, c]``, over its square."""
    return (gram(features) - wanted).square().sum() / wanted.square().sum()


def content_loss(features: Tensor, wanted: Tensor) -> Tensor:
    """Squared distance of the features to those wanted, over their square size."""
    return (features - wanted).square().sum() / wanted.square().sum()


def variation(pictures: Tensor, width: float) -> Tensor:
    """Mean squared difference of neighbouring values, of a range of ``width``; 0 for a single pixel."""
    total = pictures.new_zeros(())
    for dimension in (2, 3):
        if pictures.shape[dimension] > 1:
            total = total + (pictures.diff(dim=dimension) / width).square().mean()
    return total


@dataclass(frozen=True)
class Weights:
    """How much each pull counts."""

    content: float = 1.0
    style: float = 1.0
    variation: float = 0.0


@dataclass(frozen=True)
class Parts:
    """The losses of one picture: content, style by layer, variation (unweighted), and their weighted sum."""

    content: Tensor
    style: dict[str, Tensor]
    variation: Tensor
    total: Tensor


@dataclass(frozen=True)
class Wanted:
    """What is aimed at.

    Attributes
    ----------
    layer, features : the content layer and what it gives at the content picture ``[1, c, h, w]``
    grams : Gram matrices of the style picture by layer
    width : of the range of the pictures
    """

    layer: str
    features: Tensor
    grams: dict[str, Tensor]
    weights: Weights
    width: float

    def losses(self, activations: dict[str, Tensor], picture: Tensor) -> Parts:
        """The losses of a picture ``[1, c, h, w]`` with these activations."""
        content = content_loss(activations[self.layer], self.features)
        style = {name: style_loss(activations[name], one) for name, one in self.grams.items()}
        rough = variation(picture, self.width)
        mean = torch.stack(list(style.values())).mean()
        total = self.weights.content * content + self.weights.style * mean + self.weights.variation * rough
        return Parts(content, style, rough, total)


def check_features(name: str, features: Tensor, what: str) -> None:
    """Refuse what no loss can be made of.

    Raises
    ------
    DataError
        When the features are not finite, or all 0: there is no content or style in them.
    """
    if not bool(torch.isfinite(features).all()):
        raise wb.DataError(f"the layer '{name}' is NaN or infinite at {what}: choose another layer or picture")
    if not bool((features != 0).any()):
        raise wb.DataError(
            f"the layer '{name}' is 0 everywhere at {what}: there is nothing to carry over; choose another"
        )
