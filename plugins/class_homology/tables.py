# SPDX-License-Identifier: Apache-2.0
"""The tables of the result: classes, pairs of classes, and the strongest loop of each pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.class_homology.findings import is_joined
from plugins.class_homology.measures import KINDS
from plugins.homology.trust import wilson
from plugins.space_comparison.trials import Mean, mean_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from plugins.class_homology.classes import Single
    from plugins.class_homology.measures import Trials
    from plugins.class_homology.strongest import Strongest
    from plugins.homology.clouds import Group

LEVEL = 0.05
NOTHING = float("nan")
LOOP, STRETCH, APART = 0, 1, 2  # places in the numbers of a draw
WORDS = ("pieces", "loops", "voids")
NAMES = {"bottleneck": "bottleneck", "wasserstein": "Wasserstein"}


def classes_table(groups: Sequence[Group], single: Sequence[Single], trials: Trials) -> pd.DataFrame:
    """One row for each class: its pieces and loops (voids) with their three numbers, and its two halves as control."""
    import pandas as pd

    rows = []
    for at, (group, one) in enumerate(zip(groups, single, strict=True)):
        row: dict[str, Any] = {
            "class": group.name,
            "points": len(group.positions),
            "landmarks": len(one.measured.chosen),
            "connected_at": float(np.median(trials.within[at])),
            "pieces": len(one.sizes) if one.torn is not None else 1,
        }
        for dimension in range(len(one.measured.barcode.bars)):
            bar = one.longest(dimension)
            row |= _bar(("gap", "loop", "void")[dimension], bar)
            if dimension:
                row[WORDS[dimension]] = one.significant(dimension)
        n = len(group.positions)
        row |= _share("halves_loop", trials.halves[at, :, LOOP])
        row |= _mean("halves_stretch", mean_of(trials.halves[at, :, STRETCH], 2 * trials.points, n))
        row |= _mean("halves_join", mean_of(trials.halves[at, :, APART], 2 * trials.points, n))
        for kind_at, kind in enumerate(KINDS):
            for dimension in range(trials.alike.shape[3]):
                mean = mean_of(trials.alike[at, :, kind_at, dimension], 2 * trials.half, n)
                row |= _mean(f"halves_{kind}_h{dimension}", mean)
        rows.append(row)
    return pd.DataFrame(rows)


def pairs_table(groups: Sequence[Group], trials: Trials, strongest: Sequence[Strongest | None]) -> pd.DataFrame:
    """One row for each pair: join, loop, distances of diagrams, each with its interval and controls."""
    import pandas as pd

    return pd.DataFrame([_pair(at, groups, trials, strongest[at]) for at in range(len(trials.pairs))])


def _pair(at: int, groups: Sequence[Group], trials: Trials, found: Strongest | None) -> dict[str, Any]:
    a, b = trials.pairs[at]
    n = min(len(groups[a].positions), len(groups[b].positions))
    draws = trials.real.shape[1]
    used = trials.points
    real, blobs = trials.real[at], trials.blobs[at]
    row: dict[str, Any] = {
        "first": groups[a].name,
        "second": groups[b].name,
        "n": len(groups[a].positions) + len(groups[b].positions),
        **_share("loop_share", real[:, LOOP]),
        **_share("blob_share", blobs[:, LOOP]),
    }
    halves = [trials.halves[one, :, LOOP] for one in (a, b)]
    row["halves_share"] = float(max(one.mean() for one in halves))
    controls = [blobs[:, LOOP], *halves]
    row["controls_high"] = max(float(wilson(one.sum(), draws)[1]) for one in controls)
    row["p_value"] = found.joining_p if found is not None else 1.0
    radii = found.in_covering_radii if found is not None else NOTHING
    row["joined_by_loop"] = is_joined(
        row["loop_share"],
        row["loop_share_low"],
        row["p_value"],
        radii,
        max(row["blob_share"], row["halves_share"]),
        row["controls_high"],
    )
    row |= _mean("stretch", mean_of(real[:, STRETCH], used, n))
    row |= _mean("blob_stretch", mean_of(blobs[:, STRETCH], used, n))
    row |= _mean("join", mean_of(real[:, APART], used, n))
    row |= _mean("blob_join", mean_of(blobs[:, APART], used, n))
    return row | _distances(at, a, b, trials, n)


def _distances(at: int, a: int, b: int, trials: Trials, n: int) -> dict[str, Any]:
    """Distances of the diagrams, and the largest excess over two halves of the class that is less like itself.

    The level of an excess is divided by all pairs, measures and dimensions tried (Bonferroni).
    """
    row: dict[str, Any] = {}
    tried = trials.apart[:, 0].size
    best: tuple[float, Mean, str, float] | None = None
    for kind_at, kind in enumerate(KINDS):
        for dimension in range(trials.apart.shape[3]):
            apart = trials.apart[at, :, kind_at, dimension]
            row |= _mean(f"{kind}_h{dimension}", mean_of(apart, 2 * trials.half, n))
            controls = [trials.alike[one, :, kind_at, dimension] for one in (a, b)]
            control = max(controls, key=lambda one: float(one.mean()))
            row[f"{kind}_h{dimension}_halves"] = float(control.mean())
            excess = mean_of(apart - control, 2 * trials.half, n, 1 - LEVEL / tried)
            spread = float(control.mean()) or 1.0
            # of several that differ the one is named that is largest beside its control
            if best is None or _order(excess, spread) > _order(best[1], best[3]):
                best = float(apart.mean()), excess, f"the {NAMES[kind]} distance of {WORDS[dimension]}", spread
    assert best is not None
    value, excess, words, _ = best
    return row | {
        "excess_of": words,
        "excess_value": value,
        **_mean("excess", excess),
        "shapes_differ": bool(excess.low > 0),
    }


def _order(excess: Mean, control: float) -> float:
    return excess.low / control if excess.low == excess.low else -np.inf


def loops_table(
    groups: Sequence[Group], trials: Trials, strongest: Sequence[Strongest | None], pairs: pd.DataFrame
) -> pd.DataFrame:
    """One row for the strongest loop of each pair that has one; ``loop`` numbers its arrays ``cycle_0``, ..."""
    import pandas as pd

    rows = []
    for at, ((a, b), found) in enumerate(zip(trials.pairs, strongest, strict=True)):
        if found is None:
            continue
        of = pairs.iloc[at]
        loop = found.loop
        rows.append(
            {
                "loop": at,
                "first": groups[a].name,
                "second": groups[b].name,
                "joins": loop.joins,
                "joined_by_loop": bool(of["joined_by_loop"]),
                "rank": found.rank,
                "birth": loop.birth,
                "death": loop.death,
                "length": found.length,
                "relative_length": found.relative_length,
                "p_value": found.p_value,
                "recurrence": of["loop_share"],
                "recurrence_low": of["loop_share_low"],
                "recurrence_high": of["loop_share_high"],
                "in_covering_radii": found.in_covering_radii,
                "changes": loop.changes,
                "first_alone": loop.alone[0],
                "second_alone": loop.alone[1],
                "samples_of_first": loop.counts[0],
                "samples_of_second": loop.counts[1],
                "cycle_length": loop.cycle.length,
                "sample": len(found.chosen),
            }
        )
    return pd.DataFrame(rows)


def _bar(name: str, bar: Any) -> dict[str, float]:
    fields = ("relative_length", "p_value", "recurrence", "recurrence_low", "recurrence_high", "in_covering_radii")
    return {f"{name}_{one}": NOTHING if bar is None else float(getattr(bar, one)) for one in fields}


def _share(name: str, hits: NDArray[np.float64]) -> dict[str, float]:
    low, high = wilson(hits.sum(), len(hits))
    return {name: float(hits.mean()), f"{name}_low": float(low), f"{name}_high": float(high)}


def _mean(name: str, mean: Mean) -> dict[str, float]:
    return {name: mean.value, f"{name}_low": mean.low, f"{name}_high": mean.high}
