# SPDX-License-Identifier: Apache-2.0
"""The analysis: questions that the vocabulary knows, answered twice, by section."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator

import workbench as wb
from plugins.homology.trust import wilson

if TYPE_CHECKING:
    import pandas as pd

    from plugins.analogies.questions import Questions

FEWEST = 20
OFTEN = 0.25  # share of answers that repeat a word of the question, above which it is said


class Analogies(wb.Analysis):
    """Does the arithmetic of word vectors answer analogies, or does it repeat a word of the question?

    Asks ``a is to b as c is to what`` for published questions, once with the three words of the question left out of
    the possible answers, as is the custom, and once with none left out. The offset between two words is often small
    beside the words themselves, so that the nearest word to b - a + c is c or b: leaving them out hides that.
    """

    name = "analogies"
    title = "Analogies"
    version = "2"
    tags: ClassVar[tuple[str, ...]] = ("words", "analogies", "embedding")
    gallery: ClassVar[tuple[Mapping[str, Any], ...]] = ({},)
    needs_model = True

    class Params(wb.Params):
        """Which words, which questions, and how they are answered."""

        embed: wb.Pick[wb.Map[wb.Items, wb.Vectors]] = Field(description="The map from words to vectors.")
        method: Literal["3cosadd", "3cosmul", "offset"] = Field("3cosadd", description="How answers are scored.")
        vocabulary: int = Field(10_000, ge=100, description="Words that can be answers: the first so many.")
        suppress: bool = Field(
            True, description="Leave the words of the question out of the answers that 'accuracy' counts."
        )
        questions: int | None = Field(None, ge=FEWEST, description="Most questions, taken at random; empty: all.")
        section: str = Field("", description="Only sections whose name has this in it, e.g. 'family' or 'gram'.")
        own: str = Field(
            "",
            description="Questions of your own in place of the published ones: a file (.txt), or text. Four words a "
            "line under lines ': section'; a semicolon ends a line, too.",
        )

        @field_validator("own", mode="after")
        @classmethod
        def _own(cls, value: str) -> str:
            """The questions themselves, so that the run is of these and not of what a file says later."""
            from plugins.analogies.questions import own

            return own(value)

    def run(self, job: wb.Job, params: Params) -> wb.Result:
        """Both answers to every question, counted by section."""
        import pandas as pd

        from plugins.analogies.answering import answer
        from plugins.analogies.questions import read, shipped

        embed = job.model.maps[params.embed]
        vocabulary = embed.source
        assert isinstance(vocabulary, wb.Items)  # what the pick asks for
        words = list(vocabulary.names[: params.vocabulary])
        questions = read(params.own or shipped(), words)
        chosen = np.array([params.section.lower() in one for one in questions.sections], dtype=bool)
        places = np.flatnonzero(chosen) if len(chosen) else np.empty(0, dtype=np.int64)
        if params.questions is not None and len(places) > params.questions:
            places = np.sort(job.rng.choice(places, params.questions, replace=False))
        fewest = 1 if params.own else FEWEST
        if len(places) < fewest:
            raise wb.DataError(
                f"{len(places)} questions have all their words among the first {len(words):,} words: at least {fewest} "
                "are needed; take a larger vocabulary or another section"
            )
        job.progress(0.1, "vectors")
        points = job.points(embed.target.name, rows=np.arange(len(words)))
        vectors = points.flat()
        if not np.isfinite(vectors).all():
            raise wb.DataError("some word vectors hold NaN or infinity: leave these words out")
        asked = questions.words[places]
        job.progress(0.3, "answers")
        given = answer(vectors, asked, params.method)
        right = given.suppressed == asked[:, 3]
        plain = given.found == asked[:, 3]
        repeated = (given.found[:, None] == asked[:, :3]).any(axis=1)
        names = np.array(words, dtype=object)
        frame = pd.DataFrame(
            {
                "section": [questions.sections[one] for one in places],
                **{name: names[asked[:, column]] for column, name in enumerate(("a", "b", "c", "answer"))},
                "suppressed": names[given.suppressed],
                "unsuppressed": names[given.found],
                "right_suppressed": right,
                "right_unsuppressed": plain,
                "returned_input": repeated,
            }
        )
        sections = _by_section(frame)
        metrics = {
            "accuracy": share(right if params.suppress else plain, "questions answered right", "higher"),
            "accuracy_suppressed": share(right, "right, with the words of the question left out", "higher"),
            "accuracy_unsuppressed": share(plain, "right, with no word left out", "higher"),
            "returned_input_rate": share(repeated, "answers that repeat a word of the question", "lower"),
        }
        return wb.Result(
            metrics=metrics,
            tables={"sections": sections, "questions": frame},
            charts={"sections": _chart(sections)},
            findings=_findings(metrics["returned_input_rate"]),
            notes=_notes(params, questions, len(places), len(words)),
        )


def share(hits: NDArray[np.bool_], label: str, better: Literal["higher", "lower"]) -> wb.Metric:
    """A share with its 95 % interval (Wilson, Journal of the American Statistical Association 22, 1927)."""
    low, high = wilson(int(hits.sum()), len(hits))
    return wb.Metric(float(hits.mean()), float(low), float(high), n=len(hits), label=label, better=better)


def _by_section(frame: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name, part in frame.groupby("section", sort=False):
        row: dict[str, Any] = {"section": name, "questions": len(part)}
        for column in ("right_suppressed", "right_unsuppressed", "returned_input"):
            low, high = wilson(int(part[column].sum()), len(part))
            row |= {column: float(part[column].mean()), f"{column}_low": float(low), f"{column}_high": float(high)}
        rows.append(row)
    return pd.DataFrame(rows)


def _chart(sections: pd.DataFrame) -> Any:
    import altair as alt

    said = {"right_suppressed": "right, words of the question left out", "right_unsuppressed": "right, none left out",
            "returned_input": "a word of the question returned"}  # fmt: skip
    parts = []
    for column, words in said.items():
        part = sections[["section"]].copy()
        part["share"], part["low"], part["high"] = (
            100 * sections[one] for one in (column, f"{column}_low", f"{column}_high")
        )
        part["what"] = words
        parts.append(part)
    import pandas as pd

    colour = alt.Color(
        "what:N", title=None, sort=list(said.values()), legend=alt.Legend(orient="top", labelLimit=400, columns=1),
        scale=alt.Scale(domain=list(said.values()), range=["#0072B2", "#009E73", "#D55E00"]),
    )  # fmt: skip
    row = alt.Y(
        "section:N", title=None, sort=None, axis=alt.Axis(labelLimit=230), scale=alt.Scale(type="band", padding=0.4)
    )
    base = alt.Chart(pd.concat(parts), height=42 * len(sections)).encode(
        y=row, yOffset=alt.YOffset("what:N", sort=list(said.values()))
    )
    shape = alt.Shape(
        "what:N", legend=None,
        scale=alt.Scale(domain=list(said.values()), range=["circle", "square", "triangle-up"]),
    )  # fmt: skip
    return base.mark_rule(strokeWidth=2).encode(x=alt.X("low:Q", title="share of questions (%)"), x2="high:Q",
                                                color=colour) + base.mark_point(filled=True, size=50).encode(
        x="share:Q", color=colour, shape=shape,
        tooltip=["section", "what", alt.Tooltip("share:Q", format=".1f")],
    )  # fmt: skip


def _findings(rate: wb.Metric) -> list[wb.Finding]:
    if rate.low is None or rate.low <= OFTEN:
        return []
    return [
        wb.Finding(
            "analogies.answered-by-input",
            f"{100 * rate.value:.0f} % of the answers are a word of the question itself once none is left out",
            value=rate.value,
            threshold=OFTEN,
            low=rate.low,
            high=rate.high,
            n=rate.n,
            wrong_if="the questions ask for words that lie near those they give, as plurals do",
            figure="sections",
        )
    ]


def _notes(params: Analogies.Params, questions: Questions, used: int, words: int) -> list[str]:
    whose = "questions of your own" if params.own else "questions"
    return [
        f"{used:,} of {questions.asked:,} {whose}: those whose four words are among the first {words:,}"
        + (", taken at random" if params.questions is not None else "")
        + ". Intervals are of 95 % over questions, as if these were independent; many share their words.",
        "Accuracy falls as the vocabulary grows, with more wrong answers to give: compare equal vocabularies only.",
    ]
