# SPDX-License-Identifier: Apache-2.0
"""The parts of the result, from the measured gap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import workbench as wb
from plugins.homology.trust import wilson
from plugins.modality_gap import charts
from plugins.modality_gap.findings import findings_of
from plugins.modality_gap.gap import Closing, Clouds, Halves, Int64, along_gap, plane
from plugins.retrieval.measures import AT, Share
from plugins.retrieval.pairs import Pairs
from plugins.retrieval.results import said

if TYPE_CHECKING:
    import pandas as pd

    from plugins.modality_gap.analysis import ModalityGap

DRAWN = 400  # pairs on the map


@dataclass(frozen=True)
class Measured:
    """All that was measured; see :mod:`plugins.modality_gap.gap`."""

    distance: Share
    share: Share
    halves: Halves
    p: float
    separable: Share
    closing: Closing
    moved: list[tuple[float, float, Int64]]
    parts: tuple[Int64, Int64]
    plain: float


def result_of(
    pairs: Pairs, clouds: Clouds, found: Measured, params: ModalityGap.Params, rng: np.random.Generator
) -> wb.Result:
    """Metrics, tables ``closing``, ``curve``, ``halves`` and ``map``, charts, the finding and notes."""
    closing = closing_table(pairs, found, rng)
    curve = curve_table(pairs, found)
    chosen = np.sort(rng.permutation(len(pairs))[:DRAWN])
    drawn, shares = map_table(pairs, clouds, chosen, found.parts)
    return wb.Result(
        metrics=_metrics(pairs, found, closing, params),
        tables={"closing": closing, "curve": curve, "halves": _halves_table(found), "map": drawn},
        arrays={"rows": pairs.rows, "gap": clouds.gap},
        charts={
            "map": charts.map_chart(drawn, pairs.names, shares),
            "curve": charts.curve_chart(curve, telling_k(curve)),
            "along": charts.along_chart(drawn, pairs.names),
            "halves": charts.halves_chart(_halves_table(found), pairs.names),
        },
        findings=findings_of(pairs, found),
        notes=_notes(pairs, found, len(chosen)),
    )


def telling_k(curve: pd.DataFrame) -> int:
    """The k whose recall, of the space as it is, lies nearest to a half: there a change is seen best."""
    now = curve[curve["closed"] == 0].groupby("k")["recall"].mean()
    return int(now.index.to_numpy()[int((now - 0.5).abs().to_numpy().argmin())])


def closing_table(pairs: Pairs, found: Measured, rng: np.random.Generator) -> pd.DataFrame:
    """Recall before and after centring, both ways, with the difference of the same queries."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for way, words in enumerate(said(pairs)):
        for k in AT:
            if k >= found.closing.candidates:
                continue
            change = found.closing.change(k, way, rng)
            row: dict[str, Any] = {"way": words, "k": k}
            for name, ranks in (("before", found.closing.before[way]), ("after", found.closing.after[way])):
                low, high = wilson(int((ranks <= k).sum()), len(ranks))
                row |= {name: float((ranks <= k).mean()), f"{name}_low": float(low), f"{name}_high": float(high)}
            row |= {"change": change.value, "change_low": change.low, "change_high": change.high}
            row |= {"chance": k / found.closing.candidates, "n": found.closing.before.shape[1]}
            rows.append(row | {"candidates": found.closing.candidates})
    return pd.DataFrame(rows)


def curve_table(pairs: Pairs, found: Measured) -> pd.DataFrame:
    """Recall at each share of the gap that is closed, both ways."""
    import pandas as pd

    rows = []
    for share, left, ranks in found.moved:
        for way, words in enumerate(said(pairs)):
            for k in AT:
                if k >= found.closing.candidates:
                    continue
                hits = int((ranks[way] <= k).sum())
                low, high = wilson(hits, ranks.shape[1])
                rows.append(
                    {
                        "closed": share,
                        "gap": left,
                        "way": words,
                        "k": k,
                        "recall": hits / ranks.shape[1],
                        "low": float(low),
                        "high": float(high),
                        "n": ranks.shape[1],
                        "candidates": found.closing.candidates,
                    }
                )
    return pd.DataFrame(rows)


def map_table(pairs: Pairs, clouds: Clouds, chosen: Int64, parts: tuple[Int64, Int64]) -> tuple[pd.DataFrame, Any]:
    """Both points of each chosen pair on the plane of the two principal components of all points."""
    import pandas as pd

    one, other, shares = plane(clouds)
    along = along_gap(clouds, parts)
    words = pairs.second_words or pairs.first_words
    told = [str(words[at]) if words else f"row {pairs.rows[at]:,}" for at in chosen]
    frame = pd.DataFrame(
        {
            "row": pairs.rows[chosen],
            "what": [one[:120] for one in told],
            "x": one[chosen, 0],
            "y": one[chosen, 1],
            "x_second": other[chosen, 0],
            "y_second": other[chosen, 1],
            "along": along[0][chosen],
            "along_second": along[1][chosen],
        }
    )
    return frame, shares


def _halves_table(found: Measured) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for name in ("across", "first", "second"):
        drawn = getattr(found.halves, name)
        low, high = np.quantile(drawn, [0.025, 0.975])
        rows.append({"halves": name, "gap": float(drawn.mean()), "low": float(low), "high": float(high)})
    return pd.DataFrame(rows).assign(draws=len(found.halves.across))


def _metrics(pairs: Pairs, found: Measured, closing: pd.DataFrame, params: ModalityGap.Params) -> dict[str, wb.Metric]:
    n, (first, second) = len(pairs), pairs.names
    within = max(float(found.halves.first.mean()), float(found.halves.second.mean()))
    of_halves = f"Mean of {params.draws:,} splits; the noise of the means is in it."
    metrics = {
        "gap": _metric(
            found.distance,
            n,
            "Distance of the means",
            f"Of unit vectors, from 0 to 2 (Liang and others, 2022), without the noise of the means; {found.plain:.3f} "
            f"with it. Swapping the two points of each pair at random gives as long a distance with p = {found.p:.3g}.",
            "lower",
        ),
        "gap_across_halves": wb.Metric(
            float(found.halves.across.mean()),
            n=n // 2,
            label=f"Distance of half of {first} from the other half of {second}",
            note=of_halves,
        ),
        "gap_halves": wb.Metric(
            within,
            n=n // 2,
            label="Distance of two halves of one cloud",
            note=f"The control: what no gap at all would give. The larger of both clouds. {of_halves}",
        ),
        "gap_centred": wb.Metric(
            found.closing.distance_after, n=n // 2, label="Distance after centring", better="lower",
            note=f"Each cloud less its own mean in the other half of the pairs, at length 1 again, without the "
            f"noise of the means; "
            f"{found.closing.distance:.3f} before, in the same halves.",
        ),
        "share_of_spread": _metric(
            found.share, n, "Share of the spread", "Part of the squared distance of all points from their common mean "
            "that the distance of the two means makes up.", "lower"
        ),
        "separability": _metric(
            found.separable, n, "Told apart by a plane", "Share of held-out points that logistic regression puts on "
            "the right side, five folds by pairs; 0.5 is chance. Interval as of one point for each pair.", "lower"
        ),
    }  # fmt: skip
    for row in closing.to_dict("records"):
        end = "_back" if row["way"] == said(pairs)[1] else ""
        about = (
            f"{row['n']:,} queries, each among the {row['candidates']:,} candidates of its half; chance "
            f"{row['chance']:.3f}."
        )
        for name, words in (("before", "before"), ("after", "after centring")):
            metrics[f"recall_at_{row['k']}_{name}{end}"] = wb.Metric(
                row[name],
                low=row[f"{name}_low"],
                high=row[f"{name}_high"],
                n=row["n"],
                label=f"Recall at {row['k']} {words}, {row['way']}",
                better="higher",
                note=about,
            )
        metrics[f"recall_at_{row['k']}_change{end}"] = wb.Metric(
            row["change"],
            low=row["change_low"],
            high=row["change_high"],
            n=row["n"],
            label=f"Change of recall at {row['k']} by centring, {row['way']}",
            better="higher",
            note=f"Of the same queries, bootstrap interval of 95 %. {about}",
        )
    return metrics


def _metric(share: Share, n: int, label: str, note: str, better: Any) -> wb.Metric:
    return wb.Metric(share.value, low=share.low, high=share.high, n=n, label=label, note=note, better=better)


def _notes(pairs: Pairs, found: Measured, drawn: int) -> list[str]:
    n, (first, second) = len(pairs), pairs.names
    return [
        f"{n:,} pairs of {first} and {second} from {pairs.source}, every point at length 1, in "
        f"{pairs.first.shape[1]:,} numbers.",
        f"What closing the gap does is measured in {found.closing.candidates:,} pairs with means from other pairs, "
        "both halves in turn: recall here is among fewer candidates than in the analysis 'retrieval'.",
        "Centring takes away the gap and also what all points of a cloud have in common; the shift takes away the gap "
        "alone. Cosines change with both, for points are brought to length 1 again.",
        f"The map shows {drawn:,} pairs on the first two principal components of both clouds together; it leaves out "
        "all other axes.",
        *pairs.notes,
    ]
