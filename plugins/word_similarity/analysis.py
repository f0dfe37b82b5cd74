# SPDX-License-Identifier: Apache-2.0
"""The analysis: parameters, which sets, and what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

import workbench as wb

Set = Literal["simlex999", "wordsim353"]


def _fetched() -> tuple[Set, ...]:
    from plugins.word_similarity.sets import available

    return available()


class WordSimilarity(wb.Analysis):
    """Do the vectors find those words alike that people find alike?

    Correlates the cosine of two words with ratings by people, by rank (Spearman), on SimLex-999, WordSim-353 or a file
    of your own: two words and a number on each line. SimLex asks for similarity (cup and mug), WordSim also for
    relatedness (cup and coffee). Pairs with a word that the vocabulary lacks are counted and told, once left out, as is
    the custom, and once kept in as pairs that nothing is known of. Ratings dealt out at random are the control.
    """

    name = "word-similarity"
    title = "Word similarity"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("words", "embedding", "similarity")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """Which words, which sets, and how likeness is counted."""

        embed: wb.Pick[wb.Map[wb.Items, wb.Vectors]] = Field(description="The map from words to vectors.")
        sets: tuple[Set, ...] = Field(
            default_factory=_fetched,
            description="Published sets; by default those that were fetched (workbench assets fetch simlex999).",
        )
        file: str = Field("", description="A file of your own: two words and a number on each line, as CSV or TSV.")
        file_sha256: str = Field("", description="What the file hashes to; filled in when the run is asked for.")
        likeness: Literal["cosine", "dot", "euclidean"] = Field(
            "cosine", description="How alike two vectors are: cosine, product, or nearness by distance."
        )
        correction: Literal["none", "mean", "top-1", "top-2", "top-3"] = Field(
            "none", description="What is taken from all vectors first: their mean, and so many top components."
        )
        vocabulary: int = Field(
            20_000, ge=100, le=1_000_000, description="Words that mean and components are taken of: the first so many."
        )
        shuffles: int = Field(1000, ge=100, le=10_000, description="Times that the ratings are dealt out at random.")

        @model_validator(mode="before")
        @classmethod
        def _stamped(cls, values: Any) -> Any:
            """A file by its whole path and hash, so that another content is another run."""
            if not isinstance(values, Mapping) or not values.get("file") or values.get("file_sha256"):
                return values
            from plugins.word_similarity.sets import content_of

            path = str(Path(str(values["file"])).expanduser().absolute())
            try:
                content = content_of(path)
            except wb.DataError as error:
                raise ValueError(str(error)) from None
            return {**values, "file": path, "file_sha256": hashlib.sha256(content).hexdigest()}

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Likeness of every pair, correlations with intervals and controls."""
        from plugins.word_similarity.results import result_of
        from plugins.word_similarity.scoring import score_all
        from plugins.word_similarity.sets import PUBLISHED, own, published

        sets = [published(name) for name in dict.fromkeys(params.sets)]
        if params.file:
            sets.append(own(params.file, params.file_sha256))
        if not sets:
            raise wb.DataError(
                f"no similarity set is here: fetch one with 'workbench assets fetch {' '.join(PUBLISHED)}', or name a "
                "file of your own with 'file'"
            )
        job.progress(0.1, "vectors")
        scored = score_all(job, params, sets)
        job.progress(0.9, "result")
        return result_of(scored, params, job.seed)
