# SPDX-License-Identifier: Apache-2.0
"""The convolutions of VGG-16 as a model of the workbench."""

from __future__ import annotations

from torch import Tensor

import workbench as wb
from sample_models import assets
from sample_models.vgg16 import ASSET
from sample_models.vgg16.nets import BLOCKS, load_net


class Vgg16(wb.Model):
    """Convolutions of VGG-16 (Simonyan and Zisserman, 2014) tuned for edges. ``net`` takes pictures of any size."""

    pixels = wb.images(3, 224, 224)
    features = wb.vectors(BLOCKS[-1][-1])

    def __init__(self, device: str = "cpu") -> None:
        self.net = load_net(assets.fetch(ASSET)).to(device)

    @wb.maps(pixels, to=features)
    def describe(self, pixels: Tensor) -> Tensor:
        """Mean over positions of the 512 maps of the last convolution, after its ReLU, ``[n, 512]``."""
        maps: Tensor = self.net(pixels)
        return maps.mean(dim=(2, 3))
