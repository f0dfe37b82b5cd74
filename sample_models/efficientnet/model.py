# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0 as a model of the workbench."""

from __future__ import annotations

from torch import Tensor

import workbench as wb
from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.efficientnet.nets import load_net
from sample_models.imagenet_names import class_names


class EfficientNet(wb.Model):
    """A classifier of natural images (Tan and Le, 2019). ``net`` takes pictures of any size from 32 x 32."""

    pixels = wb.images(3, 224, 224)
    logits = wb.logits(class_names())

    def __init__(self, device: str = "cpu") -> None:
        self.net = load_net(assets.fetch(ASSET)).to(device)

    @wb.maps(pixels, to=logits)
    def classify(self, pixels: Tensor) -> Tensor:
        """Logits ``[n, 1000]`` of pictures ``[n, 3, 224, 224]`` in 0..1; batch norm uses its stored statistics."""
        logits: Tensor = self.net(pixels)
        return logits
