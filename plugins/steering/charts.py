# SPDX-License-Identifier: Apache-2.0
"""Effect, perplexity and signs of broken text over the scales, beside random directions (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from plugins.steering.measuring import DOUBLED
from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

HEIGHT: Final = 230
NAMES: Final = {"": "the direction", "random_": "random directions (least to largest)"}


def effect(table: pd.DataFrame) -> Any:
    """Change of the log-probability of toward texts less that of away texts."""
    return _beside_random(table, "effect", "effect (nats a token)", None, logarithmic=False)


def perplexity(table: pd.DataFrame) -> Any:
    """Perplexity of neutral text beside the unsteered model, on a logarithmic axis."""
    return _beside_random(table, "perplexity", "perplexity of neutral text (times)", DOUBLED, logarithmic=True)


def broken(table: pd.DataFrame) -> Any:
    """Full stops and distinct pairs of words in what was written."""
    import altair as alt

    names = {"distinct_pairs": "distinct pairs of words", "full_stops": "full stops"}
    rows = table.melt("scale", list(names), "what", "share")
    rows["what"] = rows["what"].map(names)
    domain = list(names.values())
    return (
        alt.Chart(rows)
        .mark_line(point=alt.OverlayMarkDef(size=60))
        .encode(
            x=alt.X("scale:Q", title="scale"),
            y=alt.Y("share:Q", title="share of what is written", scale=alt.Scale(domain=[0, 1])),
            color=_colours(domain),
            strokeDash=alt.StrokeDash("what:N", title=None, scale=alt.Scale(domain=domain, range=[[1, 0], [5, 3]])),
            tooltip=["what:N", alt.Tooltip("scale:Q"), alt.Tooltip("share:Q", format=".2f")],
        )
        .properties(height=HEIGHT)
    )


def _colours(domain: list[str]) -> Any:
    import altair as alt

    return alt.Color(
        "what:N",
        title=None,
        scale=alt.Scale(domain=domain, range=[CHART_COLOURS[0], CHART_COLOURS[1]]),
        legend=alt.Legend(orient="bottom", columns=1, labelLimit=320),
    )


def _beside_random(table: pd.DataFrame, name: str, title: str, limit: float | None, *, logarithmic: bool) -> Any:
    import altair as alt
    import pandas as pd

    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "scale": table["scale"],
                    "what": words,
                    "value": table[f"{stem}{name}"],
                    "low": table[f"{stem}{name}_low"],
                    "high": table[f"{stem}{name}_high"],
                }
            )
            for stem, words in NAMES.items()
        ]
    )
    domain = list(NAMES.values())
    scale = alt.Scale(type="log", nice=False) if logarithmic else alt.Scale()
    base = alt.Chart(rows).encode(x=alt.X("scale:Q", title="scale"), color=_colours(domain))
    layers = [
        base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=title, scale=scale), y2="high:Q"),
        base.mark_line(point=alt.OverlayMarkDef(size=60)).encode(
            y=alt.Y("value:Q", title=title, scale=scale),
            strokeDash=alt.StrokeDash("what:N", title=None, scale=alt.Scale(domain=domain, range=[[1, 0], [5, 3]])),
            tooltip=[
                "what:N",
                "scale:Q",
                alt.Tooltip("value:Q", format=".3g"),
                alt.Tooltip("low:Q", format=".3g"),
                alt.Tooltip("high:Q", format=".3g"),
            ],
        ),
    ]
    if limit is not None:
        line = alt.Chart(pd.DataFrame({"at": [limit]})).mark_rule(strokeDash=[2, 2], color="#8A8A8A")
        layers.append(line.encode(y=alt.Y("at:Q", scale=scale)))
    return alt.layer(*layers).properties(height=HEIGHT)
