# SPDX-License-Identifier: Apache-2.0
"""The thirteen convolutions of VGG-16, tuned for edges; their weights are fetched on demand, never kept here."""

from __future__ import annotations

import importlib.util

import workbench as wb
from sample_models import assets

ASSET = "hed_vgg16"


def missing() -> str | None:
    """What to do when the weights, or the library that reads them, are not here; ``None`` when both are."""
    if importlib.util.find_spec("h5py") is None:
        return "its file is read with h5py, which is not installed: pip install 'latent-workbench[samples]'"
    return assets.missing(ASSET)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "vgg16",
            "sample_models.vgg16.model:Vgg16",
            title="VGG-16 convolutions (tuned for edges)",
            description=(
                "The thirteen convolutions of VGG-16 with the weights of a network of edges (HED) that started from "
                "ImageNet's: no classes, but layers from colours to object parts, the ones that style transfer uses."
            ),
            licence=one.licence,
            provenance=one.credit,
            tags=("photographs", "features", "style"),
            weights=(one.path,),
            data="photographs",
            requires=missing,
            fetch=one.fetch,
        )
    ]
