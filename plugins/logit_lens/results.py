# SPDX-License-Identifier: Apache-2.0
"""From what was read to metrics, tables, charts and findings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.contrast.proportions import wilson
from plugins.logit_lens import charts
from plugins.logit_lens.findings import findings_of
from plugins.logit_lens.measures import means_with_interval, settled

if TYPE_CHECKING:
    import pandas as pd

    from plugins.logit_lens.prompts import Prompts
    from plugins.logit_lens.reading import Lens, Read

Shown = tuple[list[Mapping[str, Any]], list[Mapping[str, Any]], list[str]]


def result_of(lens: Lens, prompts: Prompts, seen: Read, shown: Shown, rng: np.random.Generator) -> wb.Result:
    """The result of a run."""
    import pandas as pd

    grid, best = pd.DataFrame(shown[0]), pd.DataFrame(shown[1])
    layers = by_layer(lens, seen, rng)
    tables = {"layers": layers, "grid": grid, "top": best, "prompts": told(prompts, seen)}
    return wb.Result(
        metrics=metrics_of(lens, seen, layers, rng),
        tables=tables,
        arrays={"rows": prompts.rows, "rank": seen.rank, "divergence": seen.divergence.astype(np.float32)},
        charts={
            "grid": charts.grid(grid),
            "rank": charts.rank(layers),
            "divergence": charts.divergence(layers),
        },
        findings=findings_of(layers, len(prompts)),
        notes=[
            f"{len(prompts):,} prompts; the answer is {prompts.whence}"
            + (f"; texts without such an answer, passed over: {prompts.left:,}." if prompts.left else "."),
            "Early layers do not write in the basis of the last: what the lens reads there may be nothing that the "
            "model says. A lens trained for each layer (Belrose and others, 2023) reads them earlier and with less "
            "bias. A token that is read at a layer is not thereby used there.",
            *shown[2],
        ],
    )


def by_layer(lens: Lens, seen: Read, rng: np.random.Generator) -> pd.DataFrame:
    """One row for each step: means over prompts with the 95 % interval; ranks are geometric means."""
    import pandas as pd

    found: dict[str, Any] = {"step": range(len(lens.steps)), "layer": lens.steps, "n": seen.rank.shape[1]}
    columns = {
        "rank": np.log(seen.rank),
        "shuffled": np.log(seen.shuffled),
        "log_probability": seen.log_probability,
        "entropy": seen.entropy,
        "divergence": seen.divergence,
        "excess": seen.divergence - seen.without_prompt,
        "same": seen.same,
    }
    for name, values in columns.items():
        back = np.exp if name in ("rank", "shuffled") else np.asarray
        for ending, one in zip(("", "_low", "_high"), means_with_interval(values.astype(float), rng), strict=True):
            found[f"{name}{ending}"] = back(one)
    found["without_prompt"] = float(seen.without_prompt.mean())
    return pd.DataFrame(found)


def metrics_of(lens: Lens, seen: Read, layers: pd.DataFrame, rng: np.random.Generator) -> dict[str, wb.Metric]:
    """The numbers of the run."""
    n, last = seen.rank.shape[1], layers.iloc[-1]
    right = int((seen.rank[-1] == 1).sum())
    low, high = wilson(right, n)
    depth = settled(seen.same) / (len(lens.steps) - 1)
    middle, under, over = (float(one) for one in means_with_interval(depth, rng))
    early = layers[layers["excess_low"] > 0]
    return {
        "right_at_the_end": wb.Metric(
            right / n, low, high, n=n, label="Answer most likely at the end", better="higher",
            note="Share of prompts whose answer is the most likely next token of the model itself; Wilson's interval.",
        ),
        "rank_at_the_end": wb.Metric(
            float(last["rank"]), float(last["rank_low"]), float(last["rank_high"]), n=n, better="lower",
            label="Rank of the answer at the end", note="Geometric mean; ties count against the answer.",
        ),
        "rank_shuffled": wb.Metric(
            float(last["shuffled"]), float(last["shuffled_low"]), float(last["shuffled_high"]), n=n,
            label="The same for answers of other prompts", note="The control: what any of these words would have.",
        ),
        "answer_depth": wb.Metric(
            apart(layers), n=n, label="Depth at which the answer stands out", better="lower",
            note="Share of the steps after which the answer ranks before the answers of other prompts to the end, "
            "intervals apart. NaN: it never does.",
        ),
        "settled_depth": wb.Metric(
            middle, under, over, n=n, label="Depth at which the last word stands",
            note="Mean share of the steps after which the most likely token is the final one to the end.",
        ),
        "unreadable_layers": wb.Metric(
            len(early) / (len(layers) - 1), n=n, label="Layers that the lens cannot read",
            note="Share of the layers whose divergence from the end is larger than that of a guess which does not look "
            "at the prompt, with the whole interval over prompts.",
        ),
    }  # fmt: skip


def apart(layers: pd.DataFrame) -> float:
    """The first step, as a share of all, from which ranks and those of the control stay apart; NaN where none."""
    from_here = np.flip(np.cumprod(np.flip((layers["rank_high"] < layers["shuffled_low"]).to_numpy())))
    return (len(layers) - int(from_here.sum())) / (len(layers) - 1) if from_here.any() else float("nan")


def told(prompts: Prompts, seen: Read) -> pd.DataFrame:
    """One row for each prompt."""
    import pandas as pd

    return pd.DataFrame(
        {
            "row": prompts.rows,
            "prompt": prompts.texts,
            "answer": prompts.words,
            "rank": seen.rank[-1],
            "probability": np.exp(seen.log_probability[-1]),
            "settled": settled(seen.same),
        }
    )
