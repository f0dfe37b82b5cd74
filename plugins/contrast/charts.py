# SPDX-License-Identifier: Apache-2.0
"""Charts of the result (Altair): effects with their intervals, distributions of numbers, shares of categories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plugins.contrast.strongest import label
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

BINS = 30
LEVELS = 12  # of a category drawn at most
SHORT = 34  # letters of a name beside an axis
SIDES = ("inside", "outside")
SIDE_COLOURS = [CHART_COLOURS[1], CHART_COLOURS[0]]  # orange for the selection, blue for what it is set against
KINDS = {"column": "label or attribute", "dimension": "dimension", "pixel": "pixel", "layer unit": "layer unit"}
KIND_COLOURS = dict(zip(KINDS.values(), (CHART_COLOURS[at] for at in (0, 1, 6, 2)), strict=True))


def effects_chart(chosen: pd.DataFrame, level: float) -> Any:
    """One dot with its interval for each feature, the strongest on top; the line at one half is no difference."""
    import altair as alt
    import pandas as pd

    names = _distinct([shortened(label(row)) for _, row in chosen.iterrows()])
    frame = pd.DataFrame(
        {
            "feature": names,
            "kind": chosen["kind"].map(KINDS).to_numpy(),
            "effect": chosen["effect"].to_numpy(),
            "low": chosen["low"].to_numpy(),
            "high": chosen["high"].to_numpy(),
            "q": [number(one) for one in chosen["q"]],
        }
    )
    kinds = [one for one in KINDS.values() if one in set(frame["kind"])]
    colour = alt.Color(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=kinds, range=[KIND_COLOURS[one] for one in kinds]),
        legend=alt.Legend(orient="bottom", columns=2),
    )
    title, scale = f"probability of being higher inside ({100 * level:g} % interval)", alt.Scale(domain=[0, 1])
    base = alt.Chart(frame).encode(y=alt.Y("feature:N", sort=names, title=None, axis=alt.Axis(labelLimit=240)))
    tips = ["feature:N", "kind:N", *(alt.Tooltip(f"{one}:Q", format=".3f") for one in ("effect", "low", "high")), "q:N"]
    axis = alt.Axis(values=[0, 0.25, 0.5, 0.75, 1], format=".2f")
    low, middle = (alt.X(f"{one}:Q", title=title, scale=scale, axis=axis) for one in ("low", "effect"))
    lines = base.mark_rule(strokeWidth=2).encode(x=low, x2="high:Q", color=colour, tooltip=tips)
    dots = base.mark_point(filled=True, size=70, opacity=1).encode(x=middle, color=colour, tooltip=tips)
    none = alt.Chart(pd.DataFrame({"effect": [0.5]})).mark_rule(strokeDash=[4, 4], color="#8A8A8A").encode(x="effect:Q")
    return alt.layer(none, lines, dots).properties(width=420, height=max(60, 24 * len(frame)))


def distribution_chart(inside: Any, outside: Any, title: str) -> Any:
    """Both distributions of one number on common bins, each as a share of its own side."""
    import altair as alt
    import pandas as pd

    both = np.concatenate([inside, outside]).astype(np.float64)
    edges = np.linspace(both.min(), both.max(), BINS + 1)
    rows = []
    for side, values in zip(SIDES, (inside, outside), strict=True):
        counts, _ = np.histogram(np.asarray(values, dtype=np.float64), bins=edges)
        share = counts / max(1, counts.sum())
        steps = [*share, share[-1]]  # the last step needs an end
        ends = [*edges[1:], edges[-1]]
        rows += [
            {"low": float(low), "high": float(high), "share": float(one), "side": side}
            for low, high, one in zip(edges, ends, steps, strict=True)
        ]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_area(interpolate="step-after", fillOpacity=0.35, line={"strokeWidth": 2})
        .encode(
            x=alt.X("low:Q", title=None, scale=alt.Scale(nice=False), axis=alt.Axis(tickCount=5)),
            y=alt.Y("share:Q", stack=None, title="share of points", axis=alt.Axis(format="%", tickCount=4)),
            color=_sides(alt),
            tooltip=["side:N", "low:Q", "high:Q", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(width=260, height=150, title=shortened(title))
    )


def shares_chart(counts: pd.DataFrame, name: str) -> Any:
    """Share of each level of a category inside and outside: the commonest levels, in the order of the levels."""
    import altair as alt
    import pandas as pd

    shown = counts.assign(most=_share(counts["inside"]) + _share(counts["outside"])).nlargest(LEVELS, "most")
    order = _in_order([str(one) for one in shown.index])
    rows = [
        {"level": shortened(str(level)), "share": float(shares[level]), "side": side}
        for side in SIDES
        for shares in [_share(counts[side])]
        for level in shown.index
    ]
    return (
        alt.Chart(pd.DataFrame(rows))
        .mark_bar()
        .encode(
            y=alt.Y("level:N", sort=[shortened(one) for one in order], title=None),
            yOffset=alt.YOffset("side:N", sort=list(SIDES)),
            x=alt.X("share:Q", title="share of points", axis=alt.Axis(format="%", tickCount=4)),
            color=_sides(alt),
            tooltip=["level:N", "side:N", alt.Tooltip("share:Q", format=".1%")],
        )
        .properties(width=260, height=max(150, 26 * len(order)), title=shortened(name))
    )


def number(value: float) -> str:
    """A p or q value as text; below what a float can hold it is said to be below.

    >>> number(0.0), number(3e-9), number(0.25)
    ('< 1e-300', '3e-09', '0.25')
    """
    return "< 1e-300" if value < 1e-300 else f"{value:.2g}"


def shortened(text: str, most: int = SHORT) -> str:
    """The text with its middle left out where it is longer: both ends of a layer's path tell it apart.

    >>> shortened("net.encoder.blocks.11.attention.projection", 20)
    'net.encod…projection'
    """
    if len(text) <= most:
        return text
    end = (most - 1) // 2 + (most - 1) % 2
    return text[: most - 1 - end] + "…" + text[-end:]


def _distinct(names: list[str]) -> list[str]:
    """Names made different by a number where shortening made them the same."""
    seen: dict[str, int] = {}
    found = []
    for one in names:
        seen[one] = seen.get(one, 0) + 1
        found.append(one if seen[one] == 1 else f"{one} ({seen[one]})")
    return found


def _in_order(levels: list[str]) -> list[str]:
    """Levels by number where all are numbers, else by name."""
    try:
        return sorted(levels, key=float)
    except ValueError:
        return sorted(levels)


def _share(counts: pd.Series[Any]) -> Any:
    return counts / max(1, int(counts.sum()))


def _sides(alt: Any) -> Any:
    scale = alt.Scale(domain=list(SIDES), range=SIDE_COLOURS)
    return alt.Color("side:N", title=None, scale=scale, legend=alt.Legend(orient="bottom"))
