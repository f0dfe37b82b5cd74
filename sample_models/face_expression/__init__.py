# SPDX-License-Identifier: Apache-2.0
"""Scorers of faces by a small published network of expressions; its weights are fetched on demand, never kept here."""

from __future__ import annotations

import workbench as wb
from sample_models import assets

ASSET = "face_expression"
LEAST = 48


def missing() -> str | None:
    """What to do when the weights are not in the cache, in one sentence; ``None`` when they are."""
    return assets.missing(ASSET)


@wb.hookimpl
def workbench_scorers() -> list[wb.Scorer]:
    """How much a face smiles, and how surprised it looks; nothing is loaded."""
    one = assets.asset(ASSET)

    def scorer(name: str, expression: str, title: str, words: str) -> wb.Scorer:
        return wb.Scorer(
            name,
            f"sample_models.face_expression.scoring:{expression}",
            title=title,
            unit="probability",
            description=f"{words} What the network was trained on is not published: a proxy, not the truth. It takes "
            "pictures that one face fills, and sees expressions in anything else as well.",
            licence=one.licence,
            provenance=f"{one.attribution}; npm package '{one.package}' {one.version}, {one.bytes / 1e6:.1f} MB",
            channels=(1, 3),
            least=LEAST,
            requires=missing,
        )

    return [
        scorer("smile", "happy", "Smile", "Probability of 'happy' among seven expressions of a face."),
        scorer("surprise", "surprised", "Surprise", "Probability of 'surprised' among seven expressions of a face."),
    ]
