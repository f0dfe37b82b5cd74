# SPDX-License-Identifier: Apache-2.0
"""The analysis: held-out texts through their vectors and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

import workbench as wb
from plugins.thoughts.analysis import map_back
from registry.parameters import Subject, offers

FEWEST = 10
KEPT = 2000  # training texts that can be recalled where the model has no other map back
RANDOM = 200  # and those that a random one is taken of where it has


class ThoughtDecoding(wb.Analysis):
    """How much of a sentence comes back from its vector, and is it more than the nearest known sentence gives?

    Each held-out text is mapped to its vector, told again from that alone, and mapped once more: the cosine of the two
    vectors says how much of the thought was kept, BLEU how much of the wording. Both stand beside what the nearest
    sentence of the training texts gives (recalled), pair by pair, and beside a training text taken at random. A decoder
    that repeats training sentences is a retrieval with extra steps: how often it does is counted.
    """

    name = "thought-decoding"
    title = "Thought decoding"
    version = "1"
    tags: ClassVar[tuple[str, ...]] = ("sentences", "decoder", "reconstruction")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()
    needs_model = True

    class Params(wb.Params):
        """Which maps, and which texts are held out."""

        embed: wb.Pick[wb.Map[wb.Texts, wb.Vectors]] = Field(description="The map from texts to vectors.")
        tell: wb.Pick[wb.Map[wb.Vectors, wb.Texts]] | None = Field(
            None, description="The map back that is measured; empty: the model's first."
        )
        recall: wb.Pick[wb.Map[wb.Vectors, wb.Texts]] | None = Field(
            None,
            description="The map back that it is compared with; empty: the model's other one, else the nearest "
            "training text of the data.",
        )
        split: wb.Pick[wb.Column] | None = Field(
            None, description="The column that tells held-out texts from training texts; empty: 'split', if there."
        )
        held_out: str = Field("test", description="Its value for held-out texts.")
        texts: int = Field(80, ge=FEWEST, le=5000, description="Held-out texts that are measured, taken at random.")
        resamples: int = Field(1000, ge=100, le=10_000, description="Resamples of the bootstrap.")

    @classmethod
    def missing(cls, subject: Subject) -> list[str]:
        """Besides what the picks need, a map back to texts."""
        lacking = super().missing(subject)
        offer = offers(cls.Params, subject)["tell"]
        return lacking if offer.options else [*lacking, f"'tell' needs {offer.kind}"]

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Choose the texts, tell and recall them, measure."""
        from plugins.thought_decoding.measuring import Kept, measure
        from plugins.thought_decoding.results import result_of

        embed = job.model.maps[params.embed]
        tell = map_back(job.model, embed, params.tell)
        if tell is None:
            raise wb.DoesNotApply(f"the model has no map from '{embed.target.name}' back to texts")
        recall = other_map(job.model, tell, params.recall)
        data = job.data
        if data is None or "text" not in data.columns:
            raise wb.DataError("it needs a data set of texts, such as 'styles'")
        test, train = parts(data, params, job.rows(embed.source.name))
        chosen = np.sort(job.rng.choice(test, min(params.texts, len(test)), replace=False))
        job.progress(0.02, "training texts")
        most = KEPT if recall is None else RANDOM
        taken = train if len(train) <= most else np.sort(job.rng.choice(train, most, replace=False))
        points = job.points(embed.target.name, rows=taken)
        listed = data.columns["text"].astype(str)
        kept = Kept(listed.iloc[taken].tolist(), points.flat(), listed.iloc[train].tolist())
        found = measure(job, embed, tell, recall, listed.iloc[chosen].tolist(), kept)
        return result_of(found, job, params, chosen, tell, recall)


def other_map(model: wb.Model, tell: wb.Map[Any, Any], name: str | None) -> wb.Map[Any, Any] | None:
    """The map that ``tell`` is compared with: the one named, else the model's first other between the same spaces.

    Raises
    ------
    ParameterError
        When the named one does not start where ``tell`` does.
    """
    if name is not None:
        found = model.maps[name]
        if found.source.name != tell.source.name:
            raise wb.ParameterError(f"the map '{name}' starts at '{found.source.name}', not at '{tell.source.name}'")
        return found
    others = model.maps_from(tell.source.name, tell.target.name)
    return next((one for one in others if one.name != tell.name), None)


def parts(
    data: wb.Dataset, params: ThoughtDecoding.Params, rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows that are held out and rows to train on, both among ``rows``.

    Raises
    ------
    DataError
        When there is no column of a split, or either part is too small.
    """
    name = params.split or "split"
    if name not in data.columns:
        raise wb.DataError(
            f"the data has no column '{name}' that tells held-out texts from training texts: name one with split=COLUMN"
        )
    held = (data.columns[name].astype(str) == params.held_out).to_numpy()[rows]
    test, train = rows[held], rows[~held]
    for found, what in ((test, f"'{params.held_out}'"), (train, f"not '{params.held_out}'")):
        if len(found) < FEWEST:
            raise wb.DataError(f"{len(found)} rows have a '{name}' that is {what}: at least {FEWEST} are needed")
    return test, train
