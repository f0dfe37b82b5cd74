# SPDX-License-Identifier: Apache-2.0
"""The analysis: the mean of one style taken from a text's point and that of another added, measured and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from pydantic import Field

import workbench as wb

if TYPE_CHECKING:
    from plugins.style_shift.decoding import InWords
    from plugins.style_shift.journeys import Journey
    from plugins.style_shift.measuring import Shift
    from plugins.style_shift.probing import Probe
    from plugins.style_shift.samples import Style

USUAL = ("caption", "romance", "news")


class StyleShift(wb.Analysis):
    """Does moving the point of a text by the difference of two styles change its style, and is its content left?

    Takes the mean of the points of one style from that of a text and adds the mean of another, as the Neural
    Storyteller does (Kiros, 2015). A linear probe says how far that reaches the style, on texts that neither the means
    nor the probe were learned of; the cosine to the text it came from, and whether that text is still the nearest one,
    say how much content is left. Both stand beside random directions of the same length. Where the model has maps back
    to text, the moved points are told in words, read again, and measured once more: a point can be in a style that no
    word shows.
    """

    name = "style-shift"
    title = "Style shift"
    version = "1"
    needs_model = True
    tags: ClassVar[tuple[str, ...]] = ("text", "style", "direction", "storyteller", "sentence embedding")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ()

    class Params(wb.Params):
        """Which styles, how far, and how much is spent."""

        embed: wb.Pick[wb.Map[wb.Texts, wb.Vectors]] = Field(description="The map from texts to points.")
        by: wb.Pick[wb.Column] | None = Field(None, description="The column of styles; empty: 'style'.")
        split: wb.Pick[wb.Column] | None = Field(
            None, description="The column that says 'train' of texts to learn of; empty: 'split', else random halves."
        )
        source: str | None = Field(None, description="The style to take away; empty: caption, else the first.")
        target: str | None = Field(None, description="The style to add; empty: romance, else the next one.")
        against: str | None = Field(
            None,
            description="The style that the probe of 'style_gain' tells the new one from; empty: news, else one that "
            "is neither of both.",
        )
        strength: float = Field(1.0, gt=0, le=10, description="How often the difference of the means is added.")
        limit: int = Field(200, ge=20, le=20_000, description="Most texts of a style to learn means and probes of.")
        measured: int = Field(100, ge=20, le=5000, description="Most texts of a style that are measured.")
        draws: int = Field(200, ge=20, le=5000, description="Random directions of the same length.")
        decoded: int = Field(40, ge=0, le=1000, description="Texts told in words at each strength; 0: none.")
        decoded_draws: int = Field(2, ge=1, le=100, description="Random directions along which texts are told too.")
        candidates: int | None = Field(
            8, ge=1, le=1000, description="Sentences written for each text by a map back that searches among so many; "
            "empty: its own number.",
        )  # fmt: skip
        rounds: int | None = Field(
            0, ge=0, le=100, description="Further rounds of such a search; empty: its own number."
        )
        journeys: int = Field(4, ge=0, le=12, description="Texts whose whole journey is drawn.")
        neighbours: int = Field(5, ge=0, le=50, description="Nearest texts averaged at the start of a journey.")

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Points first; then probes and shifts, words, the matrix of all styles, and a few journeys."""
        from plugins.style_shift import samples
        from plugins.style_shift.averaging import curve
        from plugins.style_shift.matrix import Probes, every_pair
        from plugins.style_shift.measuring import Shift
        from plugins.style_shift.plane import plane_of
        from plugins.style_shift.results import Found, result_of
        from plugins.style_shift.shifting import Corpus, Metric, style_vector

        read = job.model.maps[params.embed]
        space = read.target
        if job.data is None or not isinstance(job.data.space, wb.Texts):
            raise wb.DataError("styles are measured on texts: give a data set of texts with a column of styles")
        job.progress(0.0, "texts")
        chosen = samples.choose(job.data.columns, params.by, params.split, params.limit, params.measured, job.rng)
        styles = samples.points_of(job, space.name, chosen)
        names = list(styles)
        source = samples.named(params.source, names, USUAL[0])
        target = samples.named(params.target, names, USUAL[1], (source,))
        if source == target:
            raise wb.ParameterError(f"'source' and 'target' are both '{source}': choose two styles")
        against = samples.named(params.against, names, USUAL[2], (source, target))
        if against == target:  # no third style is there: the old one tells
            against = source
        metric: Metric = "cosine" if getattr(space, "metric", "") == "cosine" else "euclidean"
        probes = Probes(styles, job.seed)
        job.progress(0.35, "probes")
        one, other = styles[source], styles[target]
        vector = style_vector(one.train, other.train)
        corpus = Corpus(one.corpus, np.arange(len(one.test)), metric)
        moved = Shift(one.test, vector, corpus, one.documents, params.draws, job.rng)
        if not moved.length > 0:
            raise wb.DataError(f"the means of '{source}' and '{target}' are one point: there is no direction")
        judges = {f"{target} against {against}": probes(target, against)}
        judges.setdefault(f"{target} against {source}", probes(target, source))
        job.progress(0.4, "in words")
        both = probes(target, against), probes(target, source)
        words, journeys = self._told(job, params, styles, source, moved, both)
        job.progress(0.85, "every style to every other")
        pairs = every_pair(
            styles, probes, metric, params.strength, max(20, params.draws // 4), job.rng,
            lambda part: job.progress(0.85 + 0.1 * part, "every style to every other"),
        )  # fmt: skip
        averaged = curve(one.test, one.train, one.test, job.seed)
        plane = plane_of({name: held.train for name, held in styles.items()})
        return result_of(
            Found(
                styles, source, target, against, metric, moved, judges, probes(target, source), words, pairs, averaged,
                plane, journeys, chosen.notes,
            ),
            params,
        )  # fmt: skip

    def _told(
        self,
        job: wb.Job,
        params: Params,
        styles: Mapping[str, Style],
        source: str,
        moved: Shift,
        both: tuple[Probe, Probe],
    ) -> tuple[list[InWords], list[Journey]]:
        """What every map back to text makes of the moved points, and whole journeys of the first of them."""
        from plugins.style_shift.decoding import decoder, in_words, maps_back, reader
        from plugins.style_shift.journeys import START, Stop, travel

        back = maps_back(job.model, job.model.maps[params.embed].target.name)
        effort = {"candidates": params.candidates, "rounds": params.rounds}
        decoders = {name: decoder(job.model, name, job.device, effort) for name in back}
        read = reader(job.model, params.embed, job.device, styles)
        one, words = styles[source], []
        some = np.sort(job.rng.choice(len(one.test), min(params.decoded, len(one.test)), replace=False))
        if len(some):
            part = moved.corpus.only(some)
            documents = [one.documents[row] for row in some]
            for at, (name, decode) in enumerate(decoders.items()):
                job.progress(0.4 + 0.4 * at / len(decoders), f"in words, by {name}")
                words.append(
                    in_words(
                        name,
                        decode,
                        read,
                        one.test[some],
                        part,
                        moved.vector,
                        both[0],
                        both[1],
                        params.strength,
                        moved.random[: params.decoded_draws],
                        documents,
                        job.rng,
                    )  # fmt: skip
                )
        rows = job.rng.choice(len(one.test), min(params.journeys, len(one.test)), replace=False)
        ways = [
            travel(
                Stop(START, source, one.test_texts[row], one.test[row]),
                one.train, one.train_texts, params.neighbours, moved.vector, params.strength, decoders, read,
            )
            for row in rows
        ]  # fmt: skip
        return words, ways
