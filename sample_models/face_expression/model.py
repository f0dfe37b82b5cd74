# SPDX-License-Identifier: Apache-2.0
"""The network of expressions as a model of the workbench: a classifier of faces."""

from __future__ import annotations

from torch import Tensor

import workbench as wb
from sample_models import assets
from sample_models.face_expression import ASSET
from sample_models.face_expression.net import EXPRESSIONS, SIDE, load_net


class FaceExpression(wb.Model):
    """Expressions of faces by the network of face-api.js; its activations are functions, not layers of their own."""

    pixels = wb.images(3, SIDE, SIDE)
    logits = wb.logits(EXPRESSIONS)

    def __init__(self, device: str = "cpu") -> None:
        self.net = load_net(assets.fetch(ASSET)).to(device)

    @wb.maps(pixels, to=logits)
    def classify(self, pixels: Tensor) -> Tensor:
        """Logits ``[n, 7]`` of faces ``[n, 3, 112, 112]`` in 0..1, in the order of ``EXPRESSIONS``."""
        logits: Tensor = self.net(pixels)
        return logits
