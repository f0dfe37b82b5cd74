# SPDX-License-Identifier: Apache-2.0
"""What the reader must know: how it was measured, what was left out, and what was looked for and not found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import workbench as wb
from plugins.layer_homology.follow import AGREES
from plugins.layer_homology.tables import WORDS

if TYPE_CHECKING:
    from plugins.layer_homology.analysis import LayerHomology
    from plugins.layer_homology.changes import Change
    from plugins.layer_homology.follow import Track
    from plugins.layer_homology.rows import Rows
    from plugins.layer_homology.steps import Shaped


def notes_of(
    sample: wb.Points,
    through: wb.Map[Any, Any],
    rows: Rows,
    shaped: Sequence[Shaped],
    tracks: Sequence[Track],
    changes: Sequence[Change],
    params: LayerHomology.Params,
    more: Sequence[str],
) -> list[str]:
    """In the order of the work."""
    whole = rows.groups[0]
    notes = [*rows.notes, *more]
    if sample.source == "prior":
        notes.append(f"The points of {through.source.name} were made by the model itself from its prior.")
    graph = f" of {params.neighbours} neighbours" if params.metric in ("geodesic", "hops") else ""
    notes.append(
        f"{WORDS[params.metric].capitalize()}{graph} at every step, over the median of the step's pairs, as layers "
        f"differ in size. {min(rows.most, len(rows)):,} landmarks were chosen once, at the first step; "
        f"{len(whole.draws)} random subsets of {whole.size:,} points are the same at every step."
    )
    if params.max_dim > 0:
        notes.append(
            "A loop is followed by the angle that it gives each sample (circular coordinate): it is kept where the "
            f"circular correlation, less what permuted samples reach, is at least {AGREES:g} of what it can be. It is "
            "present in a draw where a loop that stands out there has these angles."
        )
        if params.metric == "hops":
            notes.append("Numbers of edges are whole numbers: the universal null does not hold, and there is no p.")
        if not tracks:
            notes.append(
                "No loop is more than noise at any step, at this number of points: neither by the universal null nor "
                "by the draws."
            )
    if any(one.joins for one in shaped):
        notes.append(
            "Classes: the scale at which one piece of both holds more than a quarter of each, over the larger of "
            "those at which each alone has a piece of more than half. Where distances are along a graph, it is that of "
            "all points."
        )
        parted = sum(one.told for one in changes if one.what == "classes parted")
        if parted:
            notes.append(f"Pairs of classes are parted at {parted} places of the walk: see the table of changes.")
    if rows.trials:
        notes.append(
            f"RTD of neighbouring steps: mean of {len(rows.trials)} subsets of {len(rows.trials[0])} points, straight "
            "distances; intervals of 95 % allow for the overlap of the subsets. It grows with the size of the subsets."
        )
    left = [one.step.name for one in shaped if one.state == "no direction"]
    if left:
        notes.append(f"Not measured by angle, since some points are zero there: {', '.join(left)}.")
    notes.append(
        "Shares of draws are of subsets of one sample: they say what this sample shows, not what another would."
    )
    return notes
