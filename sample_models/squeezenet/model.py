# SPDX-License-Identifier: Apache-2.0
"""SqueezeNet as a model of the workbench."""

from __future__ import annotations

from safetensors.torch import load_file
from torch import Tensor

import workbench as wb
from sample_models.imagenet_names import class_names
from sample_models.squeezenet import WEIGHTS
from sample_models.squeezenet.nets import SqueezeNet


class SqueezeNetModel(wb.Model):
    """A classifier of natural images (Iandola and others, 2016). ``net`` takes pictures of any size from 32 x 32."""

    pixels = wb.images(3, 224, 224)
    logits = wb.logits(class_names())

    def __init__(self, device: str = "cpu") -> None:
        self.net = SqueezeNet()
        self.net.load_state_dict({name: value.float() for name, value in load_file(WEIGHTS).items()}, strict=True)
        self.net.to(device).eval()

    @wb.maps(pixels, to=logits)
    def classify(self, pixels: Tensor) -> Tensor:
        """Logits ``[n, 1000]`` of pictures ``[n, 3, 224, 224]`` in 0..1. All are at least 0: a ReLU comes last but one.

        Colours are put in the order blue, green, red and lose ImageNet's mean inside the network.
        """
        logits: Tensor = self.net(pixels)
        return logits
