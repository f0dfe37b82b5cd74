# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0: a published classifier of natural images; its weights are fetched on demand, never kept here."""

from __future__ import annotations

import workbench as wb
from sample_models import assets

ASSET = "efficientnet_lite0"


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "efficientnet",
            "sample_models.efficientnet.model:EfficientNet",
            title="EfficientNet-Lite0 (ImageNet)",
            description=(
                "A convolutional classifier of natural images, 224 x 224, to 1,000 classes: 4.7 million weights in 16 "
                "inverted residual blocks with ReLU6."
            ),
            licence=one.licence,
            provenance=one.credit,
            tags=("photographs", "classifier", "imagenet"),
            weights=(one.path,),
            data="photographs",
            requires=one.missing,
            fetch=one.fetch,
        )
    ]
