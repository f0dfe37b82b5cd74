# SPDX-License-Identifier: Apache-2.0
"""SmolLM2: a small published language model; its weights are fetched on demand, never kept here."""

from __future__ import annotations

import importlib.util

import workbench as wb
from sample_models import assets

ASSET = "smollm2"


def missing() -> str | None:
    """What is missing for the model to load, in one sentence; ``None`` when all is there."""
    if importlib.util.find_spec("tokenizers") is None:
        return "it needs the package 'tokenizers': pip install 'latent-workbench[language]'"
    return assets.missing(ASSET)


def fetch() -> None:
    """Bring the weights into the cache; raises :class:`workbench.ModelError` with no network."""
    assets.fetch(ASSET)


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The card of the model; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "smollm2",
            "sample_models.smollm2.model:SmolLM2",
            title="SmolLM2 135M (language model)",
            description=(
                "A language model of 134.5 million weights in 30 blocks. Its residual stream after each block, at the "
                "last token of a text, is a space; it says the next token and writes on (15 tokens a second on one "
                "core). The perplexity of the first sentence of Pride and Prejudice is 15.886."
            ),
            licence=one.licence,
            provenance=f"{one.attribution}; PyPI package '{one.package}' {one.version}, {one.bytes / 1e6:.1f} MB",
            tags=("texts", "language model"),
            weights=(one.path,),
            data="styles",
            requires=missing,
            fetch=fetch,
        )
    ]


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """The card of the prompts that have one right answer."""
    return [
        wb.DatasetCard(
            "prompts-with-answers",
            "sample_models.smollm2.datasets:open_prompts",
            title="Prompts with answers (146)",
            description=(
                "Beginnings of sentences with the next word and a tempting wrong one: who was given something, "
                "capitals, plurals, opposites, and verbs that agree with a subject further back."
            ),
            licence="Apache-2.0",
            provenance="made for the workbench from templates",
            tags=("texts",),
        )
    ]
