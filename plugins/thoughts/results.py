# SPDX-License-Identifier: Apache-2.0
"""From what is asked to a result: vectors, tables, numbers and notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import workbench as wb
from plugins.homology.trust import wilson
from plugins.thoughts.analysis import FEWEST, Thoughts, map_back, read_texts
from plugins.thoughts.asked import Asked
from plugins.thoughts.charts import distances_chart, neighbours_chart
from plugins.thoughts.corpus import Corpus, same
from plugins.thoughts.measuring import answers, neighbours, path_points, path_table, sums_table
from plugins.thoughts.paths import unit

if TYPE_CHECKING:
    import pandas as pd


def result_of(job: wb.Job, params: Thoughts.Params, asked: Asked) -> wb.Result:
    """All tables of a run.

    Raises
    ------
    DataError
        When there are too few texts, or a text has no direction.
    """
    import pandas as pd

    read = job.model.maps[params.embed]
    back = map_back(job.model, read, params.tell)
    job.progress(0.02, "texts of the data")
    points = job.points(read.target.name, limit=params.limit)
    if "text" not in points.columns:
        raise wb.DataError("the points do not come from texts: choose a data set of texts, such as 'styles'")
    texts = [str(one) for one in points.columns["text"]]
    if len(texts) < FEWEST:
        raise wb.DataError(f"the data has {len(texts)} texts: at least {FEWEST} are needed")
    left = {same(one) for one in texts} - {same(one) for one in asked.texts}
    if len(left) < 2:  # what is asked is never its own answer
        raise wb.DataError(
            f"the data has {len(left)} texts that read differently from each other and from what is asked: at least 2 "
            "are needed to answer"
        )
    vectors = points.flat()
    if not np.isfinite(vectors).all():
        raise wb.DataError("some texts have vectors that hold NaN or infinity: leave these texts out")
    job.progress(0.5, "what is asked")
    corpus = Corpus(texts, vectors, job.seed)
    known = dict(zip(asked.texts, unit(read_texts(read, asked.texts)), strict=True))

    def again(told: list[str]) -> NDArray[np.float32]:
        return read_texts(read, [one if one.strip() else "." for one in told])

    def tell(places: NDArray[np.float32]) -> list[str]:
        assert back is not None
        return list(back.point(job_tensor(places, job.device)))

    way_back = None if back is None else tell
    near = neighbours(corpus, asked.sentences, known, params.count)
    summed = answers(corpus, asked.sums, known, params.count)
    job.progress(0.6, "sums")
    short = sums_table(corpus, asked.sums, known, way_back, lambda told: again(list(told)))
    parts, middles = [], []
    for number, pair in enumerate(asked.paths):
        job.progress(0.65 + 0.3 * number / len(asked.paths), f"path {number + 1} of {len(asked.paths)}")
        places = path_points(pair, known, params.steps)
        parts.append(path_table(corpus, pair, places, way_back, lambda told: again(list(told))))
        middles.append(_middle(corpus, pair, parts[-1]))
    path = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    charts: dict[str, Any] = {}
    if len(near):
        charts["neighbours"] = neighbours_chart(near, float(np.quantile(corpus.random, 0.975)))
    if len(path):
        charts["path"] = distances_chart(path, float(np.median(corpus.nearest_other)))
    tables = {"neighbours": near, "arithmetic": summed, "sums": short, "path": path, "paths": pd.DataFrame(middles)}
    return wb.Result(
        metrics=_metrics(corpus, summed),
        tables={name: one for name, one in tables.items() if name in ("neighbours", "arithmetic", "path") or len(one)},
        arrays={"rows": np.asarray(points.rows, dtype=np.int64), "vectors": vectors.astype(np.float16)},
        charts=charts,
        notes=_notes(corpus, asked, read.name, back),
    )


def job_tensor(places: NDArray[np.float32], device: str) -> Any:
    """A float32 tensor on the job's device."""
    import torch

    return torch.from_numpy(np.array(places, dtype=np.float32)).to(device)


def _middle(corpus: Corpus, pair: tuple[str, str], path: pd.DataFrame) -> dict[str, Any]:
    """Of one pair: its angle, how near the nearest text is half way along the sphere, and how usual that is."""
    way = path[path["way"] == "spherical"]
    middle = way.iloc[len(way) // 2]
    return {
        "first": pair[0],
        "second": pair[1],
        "angle": float(way["angle"].max()),
        "middle_cosine": float(middle["cosine"]),
        "usual_cosine": float(np.median(corpus.nearest_other)),
        "texts_further": float(middle["further"]),
        "shortest_length": float(path.loc[path["way"] == "straight", "length"].min()),
    }


def _metrics(corpus: Corpus, summed: pd.DataFrame) -> dict[str, wb.Metric]:
    spread = 1.96 * corpus.random.std(ddof=1) / np.sqrt(min(len(corpus.random), len(corpus)))
    mean = float(corpus.random.mean())
    found = {
        "random_cosine": wb.Metric(
            mean, mean - spread, mean + spread, n=len(corpus.random), label="mean cosine of random pairs of texts",
            note="pairs share texts: the interval counts as many independent pairs as there are texts",
        ),
        "nearest_cosine": wb.Metric(
            float(np.median(corpus.nearest_other)), float(np.quantile(corpus.nearest_other, 0.025)),
            float(np.quantile(corpus.nearest_other, 0.975)), n=len(corpus.nearest_other),
            label="cosine of a text with the nearest other (median)",
            note="low and high are where 95 % of the texts lie, not an interval of the median",
        ),
    }  # fmt: skip
    if len(summed):
        first = summed[summed["rank"] == 1]
        low, high = wilson(int(first["returned_input"].sum()), len(first))
        found["returned_input_rate"] = wb.Metric(
            float(first["returned_input"].mean()), float(low), float(high), n=len(first),
            label="sums whose nearest text is one of their own sentences", better="lower",
        )  # fmt: skip
    return found


def _notes(corpus: Corpus, asked: Asked, read: str, back: wb.Map[Any, Any] | None) -> list[str]:
    notes = [
        f"Answers are among {len(corpus):,} texts of the data, by cosine of '{read}'. Texts that read alike but for "
        "case and punctuation count as one.",
        "The straight and the spherical way pass the same directions, at different steps: by angle alone they differ "
        "in speed, and only a map that looks at length tells them apart.",
    ]
    if asked.chosen:
        notes.append("Nothing was asked: sentences, sums and the path are examples.")
    if asked.sums:
        notes.append(
            "A sum whose answer does not change when the subtraction is left out has been answered by its added "
            "sentences alone. A few sums say nothing of how often that happens."
        )
    if back is not None:
        notes.append(f"'told' is what the map '{back.name}' makes of a point: {back.description.splitlines()[0]}"
                     if back.description else f"'told' is what the map '{back.name}' makes of a point.")  # fmt: skip
    else:
        notes.append("The model has no map back to texts: points are shown by their nearest texts only.")
    return notes
