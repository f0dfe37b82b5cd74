# SPDX-License-Identifier: Apache-2.0
"""The prompt as a grid of layers and tokens; ranks and divergences by layer with their controls (Altair)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from registry.pictures import CHART_COLOURS

if TYPE_CHECKING:
    import pandas as pd

ROW, COLUMN, HEIGHT = 20, 64, 260
MOST_ROWS: Final = 33
LETTERS: Final = 9
HIDDEN: Final = {" ": "␣", "\n": "⏎", "\t": "⇥"}


def shown(token: str) -> str:
    """A token as a cell writes it: spaces and line ends as marks, long ones cut.

    >>> shown(" the"), shown("\\n"), shown(" constitutional")
    ('the', '⏎', 'constitu…')
    """
    bare = token[1:] if token.startswith(" ") and len(token) > 1 else token
    written = "".join(HIDDEN.get(one, one) for one in bare)
    return written if len(written) <= LETTERS else f"{written[: LETTERS - 1]}…"


def kept_steps(steps: int) -> list[int]:
    """At most 33 steps at even distances, the last among them.

    >>> kept_steps(49)[:3], kept_steps(49)[-1]
    ([0, 2, 4], 48)
    """
    apart = -(-(steps - 1) // (MOST_ROWS - 1)) if steps > 1 else 1
    return sorted(range(steps - 1, -1, -apart))


def grid(table: pd.DataFrame) -> Any:
    """The most likely token at each layer and position, coloured by its probability; the last layer on top."""
    import altair as alt

    rows = table[table["step"].isin(kept_steps(int(table["step"].max()) + 1))].copy()
    rows["word"] = [shown(one) for one in rows["says"]]
    rows["at"] = [f"{place} {shown(one)}" for place, one in zip(rows["position"], rows["token"], strict=True)]
    rows["exact"], rows["of"] = ([repr(str(one)) for one in rows[name]] for name in ("says", "token"))
    order = list(dict.fromkeys(rows["at"]))
    base = alt.Chart(rows).encode(
        x=alt.X("at:N", sort=order, title="token (position and text)", axis=alt.Axis(labelAngle=-40, orient="bottom")),
        y=alt.Y("step:O", sort="descending", title="layer (0: embedding)"),
        tooltip=[
            alt.Tooltip("of:N", title="token"),
            alt.Tooltip("layer:N"),
            alt.Tooltip("exact:N", title="most likely next"),
            alt.Tooltip("probability:Q", format=".3f"),
            alt.Tooltip("rank_of_next:Q", title="rank of what follows"),
        ],
    )
    cells = base.mark_rect().encode(
        color=alt.Color(
            "probability:Q",
            scale=alt.Scale(scheme="viridis", domain=[0, 1]),
            legend=alt.Legend(title="probability", orient="top"),
        )
    )
    dark = alt.datum.probability > 0.6
    words = base.mark_text(fontSize=11).encode(
        text="word:N", color=alt.condition(dark, alt.value("#111"), alt.value("#fff"))
    )
    return alt.layer(cells, words).properties(width=COLUMN * len(order), height=ROW * rows["step"].nunique())


def rank(layers: pd.DataFrame) -> Any:
    """Rank of the answer by layer, on a logarithmic axis, beside the answers of other prompts."""
    return _curves(
        layers,
        {"rank": "the answer", "shuffled": "answers of other prompts"},
        "rank (geometric mean, 1 is the most likely)",
        logarithmic=True,
    )


def divergence(layers: pd.DataFrame) -> Any:
    """Divergence from the end by layer, beside that of a guess that does not look at the prompt."""
    rows = layers.assign(without_prompt_low=layers["without_prompt"], without_prompt_high=layers["without_prompt"])
    names = {"divergence": "the layer", "without_prompt": "a guess that does not look at the prompt"}
    return _curves(rows, names, "divergence from the end (bits)", logarithmic=False)


def _curves(layers: pd.DataFrame, names: dict[str, str], title: str, *, logarithmic: bool) -> Any:
    import altair as alt
    import pandas as pd

    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "step": layers["step"],
                    "layer": layers["layer"],
                    "of": words,
                    "value": layers[name],
                    "low": layers[f"{name}_low"],
                    "high": layers[f"{name}_high"],
                }
            )
            for name, words in names.items()
        ]
    )
    domain = list(names.values())
    scale = alt.Scale(type="log") if logarithmic else alt.Scale(zero=True)
    base = alt.Chart(rows).encode(
        x=alt.X("step:Q", title="layer (0: embedding)", axis=alt.Axis(tickMinStep=1), scale=alt.Scale(nice=False)),
        color=alt.Color(
            "of:N",
            title=None,
            scale=alt.Scale(domain=domain, range=[CHART_COLOURS[0], CHART_COLOURS[1]]),
            legend=alt.Legend(orient="bottom", columns=1, labelLimit=320),
        ),
    )
    bands = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", scale=scale, title=title), y2="high:Q")
    lines = base.mark_line(point=True).encode(
        y=alt.Y("value:Q", scale=scale, title=title),
        strokeDash=alt.StrokeDash("of:N", title=None, scale=alt.Scale(domain=domain, range=[[1, 0], [5, 3]])),
        tooltip=[
            "layer:N",
            alt.Tooltip("of:N", title="of"),
            alt.Tooltip("value:Q", format=",.2f"),
            alt.Tooltip("low:Q", format=",.2f"),
            alt.Tooltip("high:Q", format=",.2f"),
        ],
    )
    return alt.layer(bands, lines).properties(height=HEIGHT)
