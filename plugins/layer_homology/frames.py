# SPDX-License-Identifier: Apache-2.0
"""The tables of the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.homology.summaries import betti_band, betti_curve, scales
from plugins.layer_homology.follow import NONE, Share, Track, share_of
from plugins.layer_homology.loops import is_told

if TYPE_CHECKING:
    import pandas as pd

    from plugins.layer_homology.changes import Change
    from plugins.layer_homology.order import Order
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import GroupShape, Shaped

GRID = 80  # scales of a Betti curve
KEPT = {0: 6, 1: 12, 2: 8}  # longest bars of each dimension in the table
KINDS = ("pieces", "loops", "voids")
NOTHING = float("nan")


def layers_table(shaped: Sequence[Shaped], orders: Mapping[int, Order], n: int) -> pd.DataFrame:
    """One row for each step: what it is, the shape of all points, and how it differs from the step before."""
    import pandas as pd

    rows = []
    for at, one in enumerate(shaped):
        row: dict[str, Any] = {
            "depth": at,
            "layer": one.step.name,
            "kind": one.step.kind,
            "width": one.step.width,
            "units": one.units,
            "state": one.state,
            "n": n,
            "bad": one.bad,
            "median_distance": one.unit,
            "explained": one.explained,
        }
        row |= _shape(one.groups[0] if one.groups else None)
        order = orders.get(at)
        for name, mean in (("rtd", order and order.paired), ("rtd_control", order and order.mixed)):
            row[name] = mean.value if mean else NOTHING
            row[f"{name}_low"], row[f"{name}_high"] = (mean.low, mean.high) if mean else (NOTHING, NOTHING)
        rows.append(row)
    frame = pd.DataFrame(rows)
    idle = [name for name in frame if str(name).startswith("voids") and frame[name].isna().all()]
    return frame.drop(columns=idle)


def shapes_table(shaped: Sequence[Shaped], rows: Rows) -> pd.DataFrame:
    """One row for each step that is measured and each group of points."""
    import pandas as pd

    found = []
    for at, one in enumerate(shaped):
        for draws, group in zip(rows.groups, one.groups, strict=False):
            about = {"depth": at, "layer": one.step.name, "group": draws.group.name}
            found.append(about | {"points": len(draws.group.positions)} | _shape(group))
    return pd.DataFrame(found)


def _shape(group: GroupShape | None) -> dict[str, Any]:
    """Pieces, loops and voids of one group: in the median draw with 5 % to 95 %, and how many are significant."""
    found: dict[str, Any] = {}
    draws = 0 if group is None else len(group.standing)
    found["landmarks"] = 0 if group is None else len(group.measured.chosen)
    found["covering_radius"] = NOTHING if group is None else group.measured.covering_radius
    found["draws"], found["drawn"] = draws, 0 if group is None else group.measured.drawn_size
    for dimension, kind in enumerate(KINDS):
        there = group is not None and dimension < group.standing.shape[1]
        values = group.standing[:, dimension] if group is not None and there else np.empty(0)
        quantiles = np.quantile(values, [0.5, 0.05, 0.95], method="inverted_cdf") if len(values) else [NOTHING] * 3
        found[kind], found[f"{kind}_low"], found[f"{kind}_high"] = (float(one) for one in quantiles)
        if dimension == 0:
            continue
        share = share_of(values > 0)
        found |= _columns(f"{kind}_share", share)
        bars = [] if group is None else [bar for bar in group.bars if bar.dimension == dimension]
        told = [bar for bar in bars if group is not None and is_told(bar, group.measured.barcode)]
        found[f"{kind}_significant"] = float(len(told)) if there else NOTHING
        found[f"longest_{kind}"] = max((bar.length for bar in bars), default=0.0) if there else NOTHING
        found[f"p_{kind}"] = bars[0].p_value if bars else NOTHING
    return found


def bars_table(shaped: Sequence[Shaped], tracks: Sequence[Track]) -> pd.DataFrame:
    """The longest bars of each group at each step, in median distances of the step, with what each is worth."""
    import pandas as pd

    names = (
        "group",
        "dimension",
        "rank",
        "birth",
        "death",
        "length",
        "p_value",
        "recurrence",
        "recurrence_low",
        "recurrence_high",
        "in_covering_radii",
        "essential",
        "significant",
    )
    followed = {id(loop.bar): track.number for track in tracks for loop in track.seen.values()}
    found: list[dict[str, Any]] = []
    for at, one in enumerate(shaped):
        for group in one.groups:
            for bar in group.bars:
                if bar.rank <= KEPT[bar.dimension]:
                    row = {"bar": len(found), "depth": at, "layer": one.step.name}
                    row |= {name: getattr(bar, name) for name in names}
                    row["significant"] = is_told(bar, group.measured.barcode)
                    found.append(row | {"loop": followed.get(id(bar), 0)})
    return pd.DataFrame(found, columns=["bar", "depth", "layer", *names, "loop"])


def betti_table(shaped: Sequence[Shaped], rows: Rows) -> pd.DataFrame:
    """Bars alive at each scale: of the landmarks (``count``), and median and 5 to 95 % of the draws."""
    import pandas as pd

    parts = []
    for place, draws in enumerate(rows.groups):
        mine = [(at, one.groups[place].measured) for at, one in enumerate(shaped) if one.groups]
        if not mine:
            continue
        grid = scales([barcode for _, one in mine for barcode in (one.barcode, *one.draws)], GRID)
        for at, one in mine:
            for dimension in range(len(one.barcode.bars)):
                count = betti_curve(one.barcode.dimension(dimension), grid)
                band = betti_band(one.draws, dimension, grid) if one.draws else None
                nothing = np.full(len(grid), np.nan)
                about = {"depth": at, "layer": shaped[at].step.name, "group": draws.group.name, "dimension": dimension}
                curves = {
                    "scale": grid,
                    "count": count,
                    "median": count.astype(np.float64) if band is None else band.median,
                    "low": nothing if band is None else band.low,
                    "high": nothing if band is None else band.high,
                }
                parts.append(pd.DataFrame(about | curves))
    names = ["depth", "layer", "group", "dimension", "scale", "count", "median", "low", "high"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=names)


def loops_table(shaped: Sequence[Shaped], rows: Rows, tracks: Sequence[Track]) -> pd.DataFrame:
    """One row for each loop and step: what becomes of it, how its angle agrees, and in which share of draws it is."""
    import pandas as pd

    found = []
    for track in tracks:
        for at, state in enumerate(track.states):
            loop, agreed = track.seen.get(at), track.agreements.get(at, NONE)
            source = track.followed_from.get(at)
            row = {
                "loop": track.number,
                "group": rows.groups[track.group].group.name,
                "depth": at,
                "layer": shaped[at].step.name,
                "state": state,
                "followed_from": "" if source is None else shaped[source].step.name,
                "correlation": agreed.correlation,
                "correlation_permuted": agreed.control,
                "agreement": agreed.value if agreed.n else NOTHING,
                "times": agreed.times if loop is not None else 0,
                "samples": agreed.n,
            }
            for name in ("rank", "birth", "death", "length", "p_value", "recurrence"):
                row[name] = NOTHING if loop is None else float(getattr(loop.bar, name))
            share = share_of(track.present.get(at, np.zeros(0, dtype=np.bool_)))
            found.append(row | _columns("share", share) | {"draws": share.n})
    return pd.DataFrame(found)


def pairs_table(shaped: Sequence[Shaped], rows: Rows) -> pd.DataFrame:
    """One row for each pair of classes at each step: where they join over where each is one piece."""
    import pandas as pd

    found = []
    for at, one in enumerate(shaped):
        for (a, b), ratios in one.joins.items():
            apart = share_of(ratios > 1)
            row: dict[str, Any] = {
                "depth": at,
                "layer": one.step.name,
                "first": rows.groups[a].group.name,
                "second": rows.groups[b].group.name,
            }
            for name, values in (("ratio", ratios), ("shuffled", one.shuffled[a, b])):
                middle, low, high = np.quantile(values, [0.5, 0.05, 0.95], method="inverted_cdf")
                row |= {name: float(middle), f"{name}_low": float(low), f"{name}_high": float(high)}
            state = "apart" if apart.low >= 0.5 else "merged" if apart.high <= 0.5 else "unclear"
            found.append(row | _columns("apart", apart) | {"draws": apart.n, "state": state})
    return pd.DataFrame(found)


def changes_table(shaped: Sequence[Shaped], rows: Rows, changes: Sequence[Change]) -> pd.DataFrame:
    """What steps do, as far as it happens in any draw: the share of draws, that of the control, and if it is told."""
    import pandas as pd

    names = ["what", "before", "layer", "depth", "of", "share", "share_low", "share_high"]
    names += ["control", "control_low", "control_high", "draws", "told"]
    found = []
    for one in changes:
        if not one.share.value > 0:
            continue
        row: dict[str, Any] = {"what": one.what, "before": shaped[one.before].step.name}
        row |= {"layer": shaped[one.at].step.name, "depth": one.at, "of": words_of(one, rows)}
        row |= _columns("share", one.share)
        row |= _columns("control", one.control or Share(NOTHING, NOTHING, NOTHING, 0))
        found.append(row | {"draws": one.share.n, "told": one.told})
    return pd.DataFrame(found, columns=names)


def words_of(change: Change, rows: Rows) -> str:
    """What it happens to: a loop by its number, classes by their names."""
    if change.what.startswith("loop"):
        return f"loop {change.of[0]}"
    return " and ".join(rows.groups[place].group.name for place in change.of)


def _columns(name: str, share: Share) -> dict[str, float]:
    return {name: share.value, f"{name}_low": share.low, f"{name}_high": share.high}
