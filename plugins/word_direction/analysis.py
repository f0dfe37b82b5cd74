# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, which pairs, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

import workbench as wb

Preset = Literal[
    "tense", "number", "gender", "comparative", "superlative", "participle", "third-person", "opposite", "adverb",
    "nationality", "capital-country", "capital-any-country", "city-state", "currency", "own",
]  # fmt: skip


class WordDirection(wb.Analysis):
    """Which way leads from 'walking' to 'walked', from singular to plural, from a capital to its country?

    Takes pairs of words that differ in one thing, by section of the analogy questions or your own, and finds their
    common direction: the mean difference, and the axis along which differences are largest. Pairs that were held out
    say how well it orders words it has not seen, beside random directions and pairs turned round at random; then how
    it settles, how far it goes along with the other directions and with frequency, and where a list of words lies along
    it. It can be kept under a name, like a direction of pictures.
    """

    name = "word-direction"
    title = "Directions between words"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("words", "direction", "embedding")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """Which pairs, and which words to place along the direction."""

        embed: wb.Pick[wb.Map[wb.Items, wb.Vectors]] = Field(description="The map from words to vectors.")
        preset: Preset = Field("tense", description="Pairs of the analogy questions, or 'own' for those below.")
        pairs: str = Field("", description="Own pairs, e.g. 'walk:walked, go:went'.")
        words: str = Field(
            "", description="Words to place along the direction, parted by commas or spaces; empty: some of the pairs."
        )
        controls: int = Field(200, ge=50, le=5000, description="Random directions, and random turns of the pairs.")
        vocabulary: int = Field(
            20_000, ge=500, le=1_000_000, description="Words that a word's place is compared with: the first so many."
        )

        @model_validator(mode="after")
        def _pairs_of_own(self) -> WordDirection.Params:
            from plugins.word_direction.pairs import own

            if self.preset == "own" and not own(self.pairs):
                raise ValueError("'own' needs pairs: write 'walk:walked, go:went'")
            if self.preset != "own" and self.pairs.strip():
                raise ValueError(f"'{self.preset}' brings its pairs: choose 'own' for pairs of your own")
            return self

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Directions, held-out pairs and controls, other directions, and words along it."""
        from plugins.word_direction.measures import measure
        from plugins.word_direction.results import result_of

        return result_of(measure(job, params), params, job.seed)
