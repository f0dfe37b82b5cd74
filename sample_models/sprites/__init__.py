# SPDX-License-Identifier: Apache-2.0
"""Sprites: drawn shapes whose factors are known, and a small beta-VAE of them."""

from __future__ import annotations

from pathlib import Path

import workbench as wb


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """The card of the data set; the pictures are drawn when it is opened."""
    return [
        wb.DatasetCard(
            "sprites",
            "sample_models.sprites.datasets:open_sprites",
            title="Sprites with known factors (12,000)",
            description=(
                "White shapes on black, 24 x 24 pixels: every combination of 3 shapes, 5 scales, 8 rotations and "
                "10 x 10 places, drawn when the data is opened. The factors are independent by design."
            ),
            licence="Apache-2.0",
            provenance="Drawn by this project (sample_models/sprites/drawing.py), after the idea of dSprites",
            tags=("images", "factors", "synthetic"),
        )
    ]


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    return [
        wb.ModelCard(
            "sprites-vae",
            "sample_models.sprites.model:SpritesVae",
            title="Sprites beta-VAE",
            description=(
                "A small beta-VAE with 8 latent axes and a standard normal prior, of shapes whose factors are known: "
                "what its axes have recovered can be measured."
            ),
            licence="Apache-2.0",
            provenance="Trained by this project on drawn sprites (sample_models/sprites/train.py)",
            tags=("sprites", "vae", "disentanglement"),
            weights=(Path(__file__).parent / "sprites_vae.safetensors",),
            data="sprites",
        )
    ]
