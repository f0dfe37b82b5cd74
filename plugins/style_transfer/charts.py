# SPDX-License-Identifier: Apache-2.0
"""Charts: the two pulls, the losses by layer, and all pictures as points of both spaces (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

    from plugins.style_transfer.placing import Placed
    from plugins.style_transfer.transferring import Transferred

WIDTH: Final = 400
MOST: Final = 300
DASHES: Final = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3], [10, 4], [3, 6]]
KINDS: Final = {
    "content picture": (CHART_COLOURS[0], "square"),
    "style picture": (CHART_COLOURS[3], "diamond"),
    "start": (CHART_COLOURS[2], "triangle-up"),
    "steps": (CHART_COLOURS[2], "circle"),
    "result": (CHART_COLOURS[6], "cross"),
    "other samples": (CHART_COLOURS[7], "circle"),
}
FLOOR: Final = 1e-4


def pulls(found: Transferred) -> Any:
    """Weighted content and style over the steps: which one pulls harder."""
    import pandas as pd

    weights = found.weights
    style = found.style_curve.mean(axis=1)
    parts = {
        f"content x {weights.content:g}": weights.content * found.content_curve,
        f"style x {weights.style:g}": weights.style * style,
    }
    if weights.variation > 0:
        parts[f"variation x {weights.variation:g}"] = weights.variation * found.variation_curve
    rows = _rows(found.steps, parts)
    return _lines(pd.DataFrame(rows), list(parts), "weighted loss", zero=True).properties(
        width=WIDTH,
        height=320,
        title="The two pulls" if weights.variation <= 0 else "The pulls: content, style, smoothness",
    )


def losses(curves: pd.DataFrame, found: Transferred) -> Any:
    """Content and style by layer, unweighted, on a logarithmic axis."""
    import pandas as pd

    names = [f"style: {one}" for one in found.style_layers]
    parts = {f"content: {found.content_layer}": found.content_curve, **{one: curves[one].to_numpy() for one in names}}
    rows = _rows(found.steps, {name: np.maximum(one, FLOOR) for name, one in parts.items()})
    return _lines(pd.DataFrame(rows), list(parts), "loss (share; logarithmic)", zero=False).properties(
        width=WIDTH, height=320, title="Losses by layer"
    )


def _rows(steps: Any, parts: dict[str, Any]) -> list[dict[str, Any]]:
    at = np.unique(np.linspace(0, len(steps) - 1, min(MOST, len(steps))).round().astype(int))
    return [
        {"step": int(steps[one]), "value": float(values[one]), "part": name}
        for name, values in parts.items()
        for one in at
    ]


def _lines(rows: Any, names: list[str], title: str, *, zero: bool) -> Any:
    import altair as alt

    scale = alt.Scale(zero=True) if zero else alt.Scale(type="log")
    axis = alt.Axis() if zero else alt.Axis(values=[10.0**one for one in range(-4, 7)], format="~g")
    colours = [CHART_COLOURS[at % len(CHART_COLOURS)] for at in range(len(names))]
    dashes = [DASHES[at % len(DASHES)] for at in range(len(names))]
    return (
        alt.Chart(rows)
        .mark_line(strokeWidth=2.2)
        .encode(
            x=alt.X("step:Q", title="step"),
            y=alt.Y("value:Q", title=title, scale=scale, axis=axis),
            color=alt.Color(
                "part:N",
                title=None,
                sort=names,
                scale=alt.Scale(domain=names, range=colours),
                legend=alt.Legend(orient="bottom", columns=1),
            ),
            strokeDash=alt.StrokeDash("part:N", title=None, sort=names, scale=alt.Scale(domain=names, range=dashes)),
            tooltip=["part", "step", alt.Tooltip("value", format=".4g")],
        )
    )


def kind_of(name: str) -> str:
    """What a picture is called in the legend.

    >>> kind_of("step 40"), kind_of("row 7")
    ('steps', 'other samples')
    """
    if name.startswith("row "):
        return "other samples"
    return {"content": "content picture", "style": "style picture"}.get(name, "steps" if " " in name else name)


def plane(found: Transferred, space: Placed, what: str) -> Any:
    """The principal plane of one space, with the way through it."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({"picture": found.names, "x": space.plane[:, 0], "y": space.plane[:, 1]})
    frame["kind"] = [kind_of(one) for one in found.names]
    kinds = [one for one in KINDS if one in set(frame["kind"])]
    way = frame[frame["kind"].isin(["start", "steps", "result"])].assign(order=lambda rows: range(len(rows)))
    # one unit is as long in both directions, or distances would not be what they look like
    half = 0.55 * max(float(np.ptp(frame["x"])), float(np.ptp(frame["y"])), 1e-9)
    middle = [(float(frame[one].min()) + float(frame[one].max())) / 2 for one in ("x", "y")]
    axes: list[Any] = [
        channel(
            f"{name}:Q",
            title=f"principal axis {number} ({share:.0%} of the variance)",
            scale=alt.Scale(domain=[centre - half, centre + half], nice=False, zero=False),
        )
        for channel, name, number, share, centre in zip(
            (alt.X, alt.Y), ("x", "y"), (1, 2), space.shares, middle, strict=True
        )
    ]
    base = alt.Chart(frame).encode(x=axes[0], y=axes[1])
    colours, shapes = zip(*(KINDS[one] for one in kinds), strict=True)
    marks = base.mark_point(filled=True, size=90, opacity=0.9).encode(
        color=alt.Color(
            "kind:N",
            title=None,
            sort=kinds,
            scale=alt.Scale(domain=kinds, range=list(colours)),
            legend=alt.Legend(orient="bottom", columns=2),
        ),
        shape=alt.Shape("kind:N", title=None, sort=kinds, scale=alt.Scale(domain=kinds, range=list(shapes))),
        tooltip=["picture"],
    )
    line = (
        alt.Chart(way)
        .mark_line(color=CHART_COLOURS[2], strokeWidth=1.5, opacity=0.8)
        .encode(x=axes[0], y=axes[1], order="order:Q")
    )
    return alt.layer(line, marks).properties(width=WIDTH, height=WIDTH, title=f"The space of {what}")
