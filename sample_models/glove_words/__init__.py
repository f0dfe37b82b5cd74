# SPDX-License-Identifier: Apache-2.0
"""GloVe word vectors: a finite space of words with a map into a space of vectors."""

from __future__ import annotations

from pathlib import Path

import workbench as wb
from sample_models import assets

ASSET = "glove"


@wb.hookimpl
def workbench_models() -> list[wb.ModelCard]:
    """The cards of the small and the full vocabulary; nothing is loaded."""
    one = assets.asset(ASSET)
    return [
        wb.ModelCard(
            "glove-words",
            "sample_models.glove_words.model:GloveWords",
            title="GloVe word vectors (20,000 words)",
            description=(
                "The 20,000 most frequent words of Wikipedia 2014 and Gigaword 5 as vectors of 50 numbers, learned "
                "from how often words stand near each other. Words are ordered by frequency; nearness is by angle."
            ),
            licence="PDDL-1.0 (vectors); Apache-2.0 (code)",
            provenance="Pennington, Socher and Manning, 2014: GloVe 6B, 50 dimensions; kept as float16",
            tags=("words", "embedding"),
            weights=(Path(__file__).parent / "vectors.npz",),
        ),
        wb.ModelCard(
            "glove-words-full",
            "sample_models.glove_words.full:GloveWordsFull",
            title="GloVe word vectors (all 400,000 words)",
            description=(
                "All 400,000 words of GloVe 6B as vectors of 50 numbers, the most frequent first, read from disk as "
                "they are asked for. Nearness is by angle."
            ),
            licence=one.licence,
            provenance=one.credit,
            tags=("words", "embedding"),
            weights=(one.path,),
            requires=one.missing,
            fetch=one.fetch,
        ),
    ]
