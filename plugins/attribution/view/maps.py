# SPDX-License-Identifier: Apache-2.0
"""Maps over pictures: methods side by side on one sample, samples below each other, baselines beside what they give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.attribution.view.colours import Scale, bar, drawn, enlarged, scale_of
from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    from plugins.attribution.view.shown import Shown
    from workbench.app.parts.view_context import ViewContext

LARGE, SMALL = 132, 76
SAMPLES: Final = 12
ONE, EACH = "one scale for what measures the same", "each map by itself"


def draw(view: ViewContext, shown: Shown, sample: int) -> None:
    """The chosen sample by every method, then all samples."""
    st.subheader("Where in the input")
    if not shown.of_input:
        st.caption("No method that answered attributes to the input.")
        return
    chosen, how = _choosers(view, shown)
    scales = _scales(shown, chosen, [sample], how)
    dark = style.dark()
    cells = [*_inputs(shown, sample), *(drawn(shown.map(one, sample), scales[one], dark) for one in chosen)]
    captions = [*_words(shown), *(shown.title(one) for one in chosen)]
    _sheet(view, "maps", [enlarged(one, LARGE) for one in cells], captions, 8,
           f"Input, baseline and maps of sample {int(shown.rows[sample])}")  # fmt: skip
    _legend(view, shown, chosen, scales, how)
    with st.expander("All samples, methods side by side", icon=":material/grid_on:"):
        _all(view, shown, chosen, how)


def _choosers(view: ViewContext, shown: Shown) -> tuple[list[str], str]:
    left, right = view.beside(3, 2)
    titles = {shown.title(one): one for one in shown.of_input}
    start = [one for one in (view.remembered("shown") or "").split(",") if one in shown.of_input]
    with left:
        named = st.multiselect(
            "Methods", list(titles), [shown.title(one) for one in start or shown.of_input], key=view.key("methods")
        )
    chosen = [titles[one] for one in named] or shown.of_input
    view.remember(shown=None if chosen == shown.of_input else ",".join(chosen))
    with right:
        how = view.choice("scale", [ONE, EACH], "Colours")
    return chosen, how


def _scales(shown: Shown, chosen: list[str], samples: list[int], how: str) -> dict[str, Scale]:
    """The scale of each method: of its family's maps of these samples, or of its own."""
    found = {}
    for name in chosen:
        family = [one for one in chosen if shown.scale(one) == shown.scale(name)] if how == ONE else [name]
        found[name] = scale_of([shown.map(one, at) for one in family for at in samples], shown.signed(name))
    return found


def _inputs(shown: Shown, sample: int) -> list[Any]:
    found = shown.pixels(shown.inputs[sample : sample + 1], shown.space)
    if shown.baselines:
        starts = shown.start(shown.baselines[0])
        at = sample if len(starts) > sample else 0
        found += shown.pixels(starts[at : at + 1], shown.space)
    return found


def _words(shown: Shown) -> list[str]:
    return ["input", *([f"baseline: {shown.baselines[0]}"] if shown.baselines else [])]


def _legend(view: ViewContext, shown: Shown, chosen: list[str], scales: dict[str, Scale], how: str) -> None:
    """A strip for each scale, with what it clips; maps that are empty are named."""
    dark = style.dark()
    families: dict[str, list[str]] = {}
    for one in chosen:
        families.setdefault(shown.scale(one) if how == ONE else shown.title(one), []).append(one)
    for name, methods in families.items():
        scale = scales[methods[0]]
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            ends = f"{-scale.end:.2g}" if scale.signed else "0"
            st.markdown(f":small[{ends}]", width="content")
            st.image(contact_sheet.png(bar(scale, dark, 160)), width=160, alt=f"Colour scale of {name}")
            st.markdown(f":small[{scale.end:.2g}]", width="content")
            told = f"**{text.plain(name)}**" if how == EACH else f"**{text.plain(name)}**: {_listed(shown, methods)}"
            clipped = f"; {scale.beyond:.1%} of the mass lies beyond the ends" if scale.beyond >= 0.0005 else ""
            st.markdown(f":small[{told}{clipped}.]", width="content")
    signed = any(scales[one].signed for one in chosen)
    if signed:
        st.caption(
            "Orange raises the number, blue lowers it; channels are summed. Half a percent of the places is clipped."
        )


def _listed(shown: Shown, methods: list[str]) -> str:
    return text.plain(", ".join(shown.title(one) for one in methods))


def _all(view: ViewContext, shown: Shown, chosen: list[str], how: str) -> None:
    few = list(range(min(SAMPLES, len(shown.inputs))))
    scales = _scales(shown, chosen, few, how)
    dark = style.dark()
    cells, captions = [], []
    answers = np.asarray(view.result.array("answers"))
    for at in few:
        inputs = _inputs(shown, at)
        cells += [*inputs, *(drawn(shown.map(one, at), scales[one], dark) for one in chosen)]
        words = _words(shown) if at == 0 else [""] * len(inputs)
        captions += [f"{answers[at]:.3g}", *words[1:], *(shown.title(one) if at == 0 else "" for one in chosen)]
    _sheet(view, "all", [enlarged(one, SMALL) for one in cells], captions, len(cells) // len(few),
           f"Maps of {len(few)} samples, a row for each")  # fmt: skip
    more = f" The first {len(few)} of {len(shown.inputs):,} samples." if len(shown.inputs) > len(few) else ""
    st.caption(f"A row for each sample, a column for each method; below the input: the number.{more}")


def baselines(view: ViewContext, shown: Shown, sample: int) -> None:
    """The baselines as pictures, and the maps that each gives of the chosen sample."""
    if not shown.baselines:
        return
    st.subheader("What it is measured from")
    tried = {one: shown.by_baseline(one) for one in shown.of_input}
    tried = {name: one for name, one in tried.items() if one}
    starts = [shown.start(one) for one in shown.baselines]
    at = [min(sample, len(one) - 1) for one in starts]
    cells = [shown.pixels(one[place : place + 1], shown.space)[0] for one, place in zip(starts, at, strict=True)]
    captions = list(shown.baselines)
    count = len(shown.baselines)
    dark = style.dark()
    left, right = view.beside(3, 4) if "baselines" in view.result.charts else (st.container(), None)
    few = min((len(one) for maps in tried.values() for one in maps.values()), default=0)
    place = sample if sample < few else 0
    for name, maps in tried.items():
        pictures = [np.asarray(one[place], dtype=np.float64).sum(axis=0) for one in maps.values()]
        scale = scale_of(pictures, shown.signed(name))
        cells += [drawn(one, scale, dark) for one in pictures]
        captions += [shown.title(name), *[""] * (len(pictures) - 1)]
        if len(pictures) < count:
            cells += [np.full((4, 4, 3), 21 if dark else 255, dtype=np.uint8)] * (count - len(pictures))
            captions += [""] * (count - len(pictures))
    with left:
        _sheet(view, "baselines", [enlarged(one, 104) for one in cells], captions, count,
               "Baselines, and the map of each method from each of them")  # fmt: skip
        told = "Above: the baselines. Below: a row for each method that needs one, on one scale within the row."
        if place != sample and tried:
            told += f" Other baselines were tried for the first {few} samples; these maps are of row {shown.rows[0]}."
        st.caption(told if tried else "No method that answered needs a baseline.")
    if right is not None:
        with right:
            view.chart("baselines")
            st.caption("How alike the maps of two baselines are: 1 is the same order of places, 0 none in common.")


def _sheet(view: ViewContext, name: str, cells: list[Any], captions: list[str], columns: int, words: str) -> None:
    sheet = contact_sheet.sheet(cells, captions, columns=columns, dark=style.dark())
    with st.container(key=f"{view.key('sheet')}-{name}"):
        st.image(contact_sheet.png(sheet), width="content", alt=words)
