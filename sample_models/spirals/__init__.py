# SPDX-License-Identifier: Apache-2.0
"""Two spirals, and tanh networks whose every layer is a plane: what a layer does to points can be drawn as it is."""

from __future__ import annotations

from pathlib import Path

import workbench as wb

HERE = Path(__file__).parent
DEPTHS = {"spirals": 5, "spirals-shallow": 1}
"""Dense layers of two units before the readout, by the name of the model."""


def weights(name: str) -> Path:
    """Where the weights of a model are kept."""
    return HERE / f"{name.replace('-', '_')}.safetensors"


@wb.hookimpl
def workbench_datasets() -> list[wb.DatasetCard]:
    """The card of the data set; its points are made when it is opened."""
    return [
        wb.DatasetCard(
            "spirals",
            "sample_models.spirals.datasets:open_spirals",
            title="Two spirals (1,000)",
            description="Points of the plane on two spirals that wind into each other, with the spiral as a column.",
            licence="Apache-2.0",
            provenance="Made by this project (sample_models/spirals/datasets.py), after C. Olah, 2014",
            tags=("points", "synthetic"),
        )
    ]


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The cards of both models; nothing is loaded."""

    def card(name: str, title: str, description: str) -> wb.ModelCard:
        return wb.ModelCard(
            name,
            f"sample_models.spirals.model:{'Deep' if name == 'spirals' else 'Shallow'}",
            title=title,
            description=description,
            licence="Apache-2.0",
            provenance="Trained by this project on points of two spirals (sample_models/spirals/train.py)",
            tags=("points", "classifier", "tanh"),
            weights=(weights(name),),
            data="spirals",
        )

    return [
        card(
            "spirals",
            "Two spirals, five tanh layers of two units",
            "Tells two spirals apart. Every layer has two units, so that what it does to the plane can be seen: each "
            "turns, stretches and bends it until a straight line is enough (after Olah 2014).",
        ),
        card(
            "spirals-shallow",
            "Two spirals, one tanh layer of two units",
            "The same with one layer: too few. The best of many starts leaves the spirals wound into each other.",
        ),
    ]
