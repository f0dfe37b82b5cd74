# SPDX-License-Identifier: Apache-2.0
"""The parts of the result of a comparison, from what was computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import workbench as wb
from plugins.contrast.charts import distribution_chart, effects_chart, shares_chart
from plugins.contrast.columns import Columns
from plugins.contrast.findings import ALPHA
from plugins.contrast.spaces import Spaces
from plugins.contrast.strongest import label, strongest

if TYPE_CHECKING:
    import pandas as pd


def metrics(features: pd.DataFrame, level: float) -> dict[str, wb.Metric]:
    """How many features were tested, how many differ, and the strongest effect."""
    first, different = features.iloc[0], features["q"] < ALPHA
    columns = features["kind"] == "column"
    found = {
        "strongest": wb.Metric(
            float(first["effect"]),
            low=float(first["low"]),
            high=float(first["high"]),
            level=level,
            n=int(first["n_inside"] + first["n_outside"]),
            label="Strongest effect",
            note=f"{label(first)}: probability that a point inside has the higher value; 0.5 is no difference",
        ),
        "tested": wb.Metric(
            float(len(features)), label="Features tested", note="columns, dimensions, pixels and units"
        ),
        "different": wb.Metric(
            float(different.sum()),
            label="Different",
            note=f"features with a q value below {ALPHA}; of those, {100 * ALPHA:g} % are expected to be false",
        ),
    }
    if columns.any():
        found["different_columns"] = wb.Metric(
            float((different & columns).sum()),
            label="Different columns and levels",
            note=f"of {int(columns.sum())} tested; not circular where they had no part in making the map",
        )
    return found


def charts(features: pd.DataFrame, columns: Columns, spaces: Spaces, top: int, level: float) -> dict[str, Any]:
    """`effects`: the ranking; then one chart for each of the top features, a category once: `top_01`, ..."""
    chosen = strongest(features, top)
    found = {"effects": effects_chart(chosen, level)}
    drawn: set[str] = set()
    for _, row in chosen.iterrows():
        name = label(row) if row["space"] else f"column {row['name']}"
        if name in drawn:
            continue
        drawn.add(name)
        found[f"top_{len(drawn):02d}"] = _chart(row, columns, spaces)
    return found


def _chart(row: pd.Series[Any], columns: Columns, spaces: Spaces) -> Any:
    name, space = str(row["name"]), str(row["space"])
    if space:
        at = spaces.names[space].index(name)
        pair = spaces.features[space]
        return distribution_chart(pair.inside[:, at], pair.outside[:, at], label(row))
    if name in columns.counts:
        return shares_chart(columns.counts[name], name)
    return distribution_chart(*columns.numbers[name], name)


def images(features: pd.DataFrame, spaces: Spaces) -> dict[str, Any]:
    """For each space of pictures the mean pictures of both sides, and where they differ: `pixels_01`, ..."""
    from plugins.contrast.panels import panels

    found: dict[str, Any] = {}
    for name, one in spaces.pictures.items():
        if name in spaces.features:
            effects = features[features["space"] == name].set_index("name")["effect"]
            found[f"pixels_{len(found) + 1:02d}"] = panels(one, effects.reindex(one.names).to_numpy())
    return found
