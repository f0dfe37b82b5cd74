# SPDX-License-Identifier: Apache-2.0
"""The journey of one start: sliders, the map with its arrows, the texts, and numbers of every stop."""

from __future__ import annotations

from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.storyteller import asking
from plugins.style_shift import charts as drawn
from plugins.style_shift.journeys import START, TOLD, Stop, travel
from plugins.style_shift.probing import probability
from plugins.style_shift.shifting import cosines
from registry.errors import WorkbenchError
from workbench.app import engine, subjects
from workbench.app.parts import background, charts, errors, links, permalink, text

if TYPE_CHECKING:
    from plugins.storyteller.ground import Ground
    from plugins.storyteller.offered import Painter, Teller
    from plugins.storyteller.starts import Chosen
    from plugins.style_shift.journeys import Journey

MOST: Final = 50
PATIENCE: Final = 0.8  # seconds that the page stands still for a journey: most are there by then
K: Final = 5
TARGET: Final = "romance"
EFFORTS: Final = {
    "Quick": {"candidates": 8, "rounds": 0},
    "Thorough": {"candidates": 24, "rounds": 2},
}
NAMES: Final = {
    "tell": "written anew by a small network, which searches for a text whose own point is near",
    "recall": "the nearest text that is stored: nothing is written",
}


@dataclass(frozen=True)
class Settings:
    """How many captions are averaged, the style and its strength, and how long the telling map searches."""

    k: int
    target: str
    strength: float
    effort: str


def settings(ground: Ground) -> Settings:
    """Sliders; all of them are part of the address."""
    targets = [one for one in ground.styles if one != ground.source]
    usual = TARGET if TARGET in targets else targets[0]
    asked = permalink.choice("style", targets, usual)
    target = st.segmented_control(
        "Style to add", targets, format_func=lambda one: one.replace("_", " "), default=asked, key="story.style"
    )
    target = str(target or asked)
    k = st.slider(
        "Nearest captions averaged, k", 0, MOST, permalink.whole("k", 0, MOST, K), key="story.k",
        help="0 takes the point itself.",
    )  # fmt: skip
    tenths = permalink.whole("strength", 0, 20, 10)
    strength = st.slider(
        "Strength of the style", 0.0, 2.0, tenths / 10, 0.1, key="story.strength",
        help="How often the difference of the means of style and captions is added; 1 is the Neural Storyteller's.",
    )  # fmt: skip
    efforts = list(EFFORTS)
    effort = st.segmented_control(
        "Search for words", efforts, default=permalink.choice("search", efforts, efforts[0]), key="story.effort"
    )
    effort = str(effort or efforts[0])
    permalink.put(
        style=None if target == usual else target, k=None if k == K else k,
        strength=None if round(strength * 10) == 10 else round(strength * 10),
        search=None if effort == efforts[0] else effort,
    )  # fmt: skip
    return Settings(int(k), target, float(strength), effort)


def tell(teller: Teller, painter: Painter | None, ground: Ground, chosen: Chosen, asked: Settings) -> None:
    """Draw the journey of one start; it is computed in the background and kept."""

    def work() -> Journey | str:
        try:
            return journey_of(teller, painter, ground, chosen, asked)
        except WorkbenchError as error:
            return str(error)

    what = chosen.text if chosen.pixels is None else chosen.pixels.tobytes()
    key = ("journey", engine.store().location, teller.model, subjects.stamp(teller.model), what, asked)
    wait([background.background().ask(key, work)], timeout=PATIENCE)
    background.wait_for(
        key,
        work,
        lambda found: _show(found, ground, chosen, asked),
        saying="Telling",
    )


def journey_of(teller: Teller, painter: Painter | None, ground: Ground, chosen: Chosen, asked: Settings) -> Journey:
    """The whole journey. Raises :class:`ModelError` when a model fails."""
    if chosen.pixels is not None:
        assert painter is not None  # pictures are offered with it only
        start = Stop(START, chosen.label, "", asking.placed(painter, chosen.pixels))
    else:
        start = Stop(START, chosen.label, chosen.text, asking.read(teller, [chosen.text])[0])
    effort = EFFORTS[asked.effort]
    decoders = {name: partial(_told, teller, number, effort) for number, name in enumerate(teller.back)}
    return travel(
        start, ground.corpus, ground.texts, asked.k, ground.vector(asked.target), asked.strength, decoders,
        lambda texts: asking.read(teller, list(texts)),
    )  # fmt: skip


def _told(teller: Teller, number: int, effort: dict[str, int], points: Any) -> list[str]:
    return asking.tell(teller, number, points, effort)


def _show(found: Journey | str, ground: Ground, chosen: Chosen, asked: Settings) -> None:
    if isinstance(found, str):
        errors.show(found)
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.draw(drawn.journey(found, ground.behind, ground.plane), "Journey")
        kept = ground.plane.kept(np.stack([one.point for one in found.stops]))
        st.caption(
            f"One map for all journeys: two principal components of texts of {len(ground.styles)} styles "
            f"({ground.plane.share:.0%} of their variance). It keeps {kept:.0%} of the squared distances among the "
            "stops of this journey: what looks near may be far."
        )
    with right:
        _words(found, asked)
    _numbers(found, ground, asked)


def _words(found: Journey, asked: Settings) -> None:
    for one in found.told:
        st.markdown(f"**Told by {text.plain(one.name)}**: {NAMES.get(one.name, 'a map of the model')}")
        st.markdown(f"> {text.plain(one.styled, 600) or 'nothing'}")
        st.caption(f"Without the style: {text.plain(one.plain, 400) or 'nothing'}")
    if found.captions:
        with st.expander(f"The {len(found.captions)} nearest captions", icon=":material/notes:", expanded=True):
            st.markdown(
                "\n".join(f"- {text.plain(one.text, 160)} ({text.plain(one.label)})" for one in found.captions[:8])
            )
            if len(found.captions) > 8:
                st.caption(f"The first 8 of {len(found.captions)}.")


def _numbers(found: Journey, ground: Ground, asked: Settings) -> None:
    import pandas as pd

    against, probe = ground.probe(asked.target)
    stops = [found.start, found.middle, found.end, *(one for one in found.stops if one.kind == TOLD)]
    stops = stops if found.captions else [found.start, *stops[2:]]
    points = np.stack([one.point for one in stops])
    likely = probability(probe.log_odds(points))
    style = asked.target.replace("_", " ")
    table = pd.DataFrame(
        {
            "Stop": [f"told by {one.label}" if one.kind == TOLD else one.label for one in stops],
            "Text": [text.one_line(one.text, 200) for one in stops],
            f"Probability of {style}": likely,
            "Similarity to the start": cosines(points, np.broadcast_to(found.start.point, points.shape)),
            "Length": np.linalg.norm(points, axis=1),
        }
    )
    widths = dict(zip(table.columns[2:], (150, 150, 75), strict=True))
    numbers = {name: st.column_config.NumberColumn(format="%.2f", width=width) for name, width in widths.items()}
    columns = {"Text": st.column_config.TextColumn(width=290), **numbers}
    st.dataframe(table, hide_index=True, column_config=columns, alt="Numbers of the stops")
    st.caption(
        f"One journey, n = 1. The probe tells {text.plain(style)} from {text.plain(against)}: right for "
        f"{probe.accuracy:.0%} of {probe.n} held-out texts ({probe.low:.0%} to {probe.high:.0%}). Over many texts, "
        "with intervals and random directions beside them, the same is measured by the analysis style-shift."
    )
    links.link("runs", "Runs of style-shift", icon=":material/history:", analysis="style-shift")


def averaging(found: Any, ground: Ground, k: int) -> None:
    """Why averages help: the cosine to the true text by k."""
    if isinstance(found, str):
        errors.show(found)
        return
    table, data = found
    st.subheader("Why captions are averaged")
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.draw(drawn.averaging(table, ground.source, k), "Similarity by number of averaged captions")
    rows = table[table["k"] > 0]
    best = rows.loc[rows["similarity"].idxmax()]
    one = rows.iloc[0]
    start = table[table["k"] == 0].iloc[0]
    with right:
        what = f"rows of {text.plain(data)}, whose texts are not among the captions" if data else "held-out captions"
        st.markdown(
            f"On {int(best['n'])} {what}: the nearest caption alone has a mean cosine of **{one['similarity']:.2f}** "
            f"with the true text, the average of {int(best['k'])} has **{best['similarity']:.2f}** "
            f"({best['low']:.2f} to {best['high']:.2f})."
        )
        if data:
            st.markdown(
                f"The placed point itself has {start['similarity']:.2f} (dashed): whether averaging captions brings it "
                "nearer is for the line to say."
            )
        st.caption(
            "Each neighbour has its own details; those differ and cancel in the mean, while what the neighbours share "
            f"stays. Their mean squared distance to the average is {best['spread']:.2f} at {int(best['k'])}, and the "
            f"average has length {best['length']:.2f}: it is no sentence's point. Bands: 95 % bootstrap. The upright "
            "line is the k above."
        )
