# SPDX-License-Identifier: Apache-2.0
"""Load a model so that it is the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.discovered import catalogue
from workbench.runs.randomness import Seeds, seeded

if TYPE_CHECKING:
    from registry.model import Model


def load_model(name: str, device: str) -> Model:
    """The model on ``device``.

    The global generators are seeded while it is made, with the same seed always: a model that draws some of its
    weights is then the same model in every process, and has the same fingerprint.
    """
    card = catalogue().model(name)
    with seeded(Seeds.of(0)):
        return card.load(device)
