# SPDX-License-Identifier: Apache-2.0
"""What a run of ``words`` keeps: tables of answers, the vectors they were found among, how often sums return inputs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson
from plugins.words.arithmetic import CALLED, METHODS, answer
from plugins.words.asked import Asked
from plugins.words.index import EXACT, Index
from plugins.words.odd import odd_one_out
from plugins.words.vocabulary import Vocabulary

if TYPE_CHECKING:
    import pandas as pd

    from plugins.words.analysis import Words

OFTEN: Final = 0.25  # share of sums whose answer is a word of the sum, above which it is said
PAIRS: Final = 5000


def result_of(job: wb.Job, params: Words.Params, vocabulary: Vocabulary, asked: Asked) -> wb.Result:
    """Tables, metrics, findings and notes."""
    import pandas as pd

    from plugins.words.charts import neighbours_chart, returned_chart

    notes = [f"Not in the vocabulary: {one}." for one in asked.unknown]
    notes += [f"{one[:1].upper()}{one[1:]}." for one in asked.left_out]
    if asked.chosen:
        notes.append("No words were given: these were chosen.")
    exact = params.search == "exact" or (params.search == "automatic" and len(vocabulary) <= EXACT)
    finder: Any = vocabulary.table if exact else Index(vocabulary.table, params.count, job.seed)
    if not exact:
        notes.append(finder.recall.sentence("Neighbours"))
    random = _random_cosines(vocabulary, job.rng)
    neighbours = _neighbours(vocabulary, asked.words, params.count, finder)
    job.progress(0.6, "sums")
    sums = _sums(vocabulary, asked, params.count, notes)
    odd = _odd(vocabulary, asked, job.rng)
    metrics, findings = _returned(sums)
    error = 1.96 * random.std(ddof=1) / np.sqrt(len(random))
    metrics["random_cosine"] = wb.Metric(
        float(random.mean()),
        float(random.mean() - error),
        float(random.mean() + error),
        n=len(random),
        label="cosine of two random words",
        note="Mean over random pairs: cosines of neighbours are read against it.",
    )
    notes.append(
        f"Cosines among {len(vocabulary):,} words. Two random words have a cosine of {random.mean():.2f} on average; "
        f"95 % of such pairs lie between {np.quantile(random, 0.025):.2f} and {np.quantile(random, 0.975):.2f} "
        f"({len(random):,} pairs, seed {job.seed}). 'Place' is the place in the vocabulary, in most files by frequency."
    )
    charts = {}
    if len(neighbours):
        charts["neighbours"] = neighbours_chart(neighbours, float(np.quantile(random, 0.975)))
    if len(sums):
        charts["answers"] = returned_chart(sums)
    held = vocabulary.table.vectors
    narrow = held.astype(np.float16) if np.abs(held).max(initial=0) < 6e4 else held
    return wb.Result(
        metrics=metrics,
        tables={
            "neighbours": neighbours,
            "odd_one_out": odd,
            "arithmetic": sums,
            "unknown": pd.DataFrame(
                {
                    "word": [one.word for one in asked.unknown],
                    "why": [one.why for one in asked.unknown],
                    "spelled_alike": [", ".join(one.near) for one in asked.unknown],
                },
                dtype=object,
            ),
            "vocabulary": pd.DataFrame({"word": list(vocabulary.names)}),
        },
        arrays={"vectors": narrow if np.array_equal(narrow, held) else np.asarray(held)},
        charts=charts,
        findings=findings,
        notes=notes,
    )


def _neighbours(vocabulary: Vocabulary, words: dict[str, int], count: int, finder: Any) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, list[Any]] = {one: [] for one in ("word", "word_place", "rank", "neighbour", "cosine", "place")}
    if words:
        places = list(words.values())
        found, cosines = finder.nearest(
            vocabulary.rows(np.array(places, dtype=np.int64)), count, suppress=[[one] for one in places]
        )
        for at, (word, place) in enumerate(words.items()):
            for rank in np.flatnonzero(found[at] >= 0).tolist():
                near = int(found[at, rank])
                row = (word, place + 1, rank + 1, vocabulary.names[near], float(cosines[at, rank]), near + 1)
                for name, value in zip(columns, row, strict=True):
                    columns[name].append(value)
    return pd.DataFrame(columns)


def _sums(vocabulary: Vocabulary, asked: Asked, count: int, notes: list[str]) -> pd.DataFrame:
    """A row for each sum, method and rank: both answers with score and place, and whether they are words of the sum."""
    import pandas as pd

    rows = []
    for one in asked.sums:
        for method in METHODS:
            try:
                found = answer(vocabulary, one.terms, one.positions, method, count)
            except wb.ParameterError as error:
                notes.append(f"'{one.text}' by {CALLED[method]}: {error}.")
                continue
            if found is None:
                notes.append(
                    f"'{one.text}' has no answer by {CALLED[method]}: that needs two words added and one taken away."
                )
                continue
            for rank in range(min(count, len(found.plain))):
                row: dict[str, Any] = {"expression": one.text, "method": method, "rank": rank + 1}
                for name, places, scores in (
                    ("suppressed", found.suppressed, found.suppressed_scores),
                    ("unsuppressed", found.plain, found.plain_scores),
                ):
                    there = rank < len(places)
                    row[name] = vocabulary.names[int(places[rank])] if there else None
                    row[f"{name}_score"] = float(scores[rank]) if there else np.nan
                    row[f"{name}_place"] = int(places[rank]) + 1 if there else None
                row["returned_input"] = int(found.plain[rank]) in one.positions
                rows.append(row)
    names = ["expression", "method", "rank", "suppressed", "suppressed_score", "suppressed_place", "unsuppressed",
             "unsuppressed_score", "unsuppressed_place", "returned_input"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame.astype({"suppressed_place": "Int64", "unsuppressed_place": "Int64", "returned_input": bool})


def _odd(vocabulary: Vocabulary, asked: Asked, rng: np.random.Generator) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for group in asked.groups:
        found = odd_one_out(vocabulary, np.array(list(group.values()), dtype=np.int64), rng)
        for at, word in enumerate(group):
            rows.append(
                {
                    "group": ", ".join(group),
                    "word": word,
                    "cosine": float(found.cosines[at]),
                    "odd": at == found.odd,
                    "margin": found.margin,
                    "chance": found.chance,
                    "random_groups": found.random,
                }
            )
    names = ["group", "word", "cosine", "odd", "margin", "chance", "random_groups"]
    return pd.DataFrame(rows, columns=names).astype({"odd": bool})


def _random_cosines(vocabulary: Vocabulary, rng: np.random.Generator) -> np.ndarray:
    """Cosines of random pairs of different words that have vectors, float64 ``[p]``."""
    usable = np.flatnonzero(vocabulary.table.answers)
    if len(usable) < 2:
        return np.zeros(2)
    first = rng.integers(len(usable), size=PAIRS)
    second = (first + rng.integers(1, len(usable), size=PAIRS)) % len(usable)
    return np.asarray((vocabulary.rows(usable[first]) * vocabulary.rows(usable[second])).sum(axis=1))


def _returned(sums: pd.DataFrame) -> tuple[dict[str, wb.Metric], list[wb.Finding]]:
    """How often the first answer with no word left out is a word of the sum, by method."""
    metrics: dict[str, wb.Metric] = {}
    findings = []
    first = sums[sums["rank"] == 1]
    for method in METHODS:
        part = first[first["method"] == method]
        if not len(part):
            continue
        hits, n = int(part["returned_input"].sum()), len(part)
        low, high = (float(one) for one in wilson(hits, n))
        name = "returned_input_rate" if method == "3cosadd" else f"returned_input_rate_{method}"
        metrics[name] = wb.Metric(
            hits / n, low, high, n=n, label=f"sums answered by a word of the sum ({CALLED[method]})", better="lower"
        )
        if method == "3cosadd" and low > OFTEN:
            findings.append(_finding(metrics[name], hits))
    return metrics, findings


def _finding(rate: wb.Metric, hits: int) -> wb.Finding:
    return wb.Finding(
        "words.answered-by-input",
        f"{hits} of {rate.n} sums are answered by one of their own words once none is left out",
        value=rate.value,
        threshold=OFTEN,
        low=rate.low,
        high=rate.high,
        n=rate.n,
        wrong_if="the sums were chosen because they do; the analysis 'analogies' asks thousands that were not",
        figure="answers",
    )
