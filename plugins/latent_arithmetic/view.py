# SPDX-License-Identifier: Apache-2.0
"""The page of one sum: the pictures, what they are worth, where the sum lies, and what is near it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.latent_arithmetic.results import parts_of
from plugins.latent_arithmetic.sheet import equation
from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS: Final = {
    "sign": "Sign",
    "label": "Group",
    "role": "Role",
    "group": "Exemplars there",
    "used": "Used",
    "distance": "Distance",
    "exemplars": "Which",
    "rank": "Rank",
    "rank_without_inputs": "Rank without inputs",
    "point": "Point",
    "is_input": "Input of the sum",
    "input_of": "Of group",
    "title": "Score",
    "unit": "Unit",
    "base": "Before",
    "result": "Sum",
    "pixel_sum": "Sum of pictures",
    "change": "Change",
    "change_low": "Change, low",
    "change_high": "Change, high",
    "wanted": "Exemplars differ by",
    "apart": "In standard deviations",
    "random_low": "Random, low",
    "random_high": "Random, high",
    "p": "p, random",
    "exemplars_number": "Exemplars",
    "cosine": "Cosine",
    "low": "Low",
    "high": "High",
    "expected": "Expected, endlessly many",
    "expected_others": "Expected, all others",
    "draws": "Choices",
}


def draw(view: ViewContext) -> None:
    """Draw the result of a sum."""
    _sum(view)
    _answer(view)
    view.findings()
    left, right = view.beside(5, 4)
    with left:
        st.markdown("**Does it settle?**")
        if "settling" in view.result.charts:
            view.chart("settling")
            st.caption(
                "Cosine of the change that so many exemplars of each group make to that of all the others; the band is "
                "the middle 95 % of 100 random choices. The horizontal line is 0.9, the vertical one what the sum uses."
            )
        _by_number(view)
    with right:
        st.markdown("**What it is worth**")
        view.measures()
    first, second = view.beside(7, 8)
    with first:
        if "lengths" in view.result.charts:
            st.markdown("**Where it lies**")
            view.chart("lengths")
            _rescaled(view)
    with second:
        if "scores" in view.result.charts:
            st.markdown("**What it changes**")
            view.chart("scores")
            st.caption(
                "Change of each score from the group that is changed to the sum; lines span other choices of "
                "exemplars, grey bars the middle 95 % of sums with random exemplars in the place of the groups."
            )
    _nearest(view)
    _exemplars(view)
    view.notes()
    for name, title in (
        ("terms", "The terms as a table"),
        ("scores", "Scores as a table"),
        ("settling", "Cosines as a table"),
        ("nearest", "Nearest points as a table"),
    ):
        if name in view.result.tables:
            with st.expander(title, icon=":material/table:"):
                _table(view.result.table(name), title)


def _sum(view: ViewContext) -> None:
    if "cloud_pictures" not in view.result.arrays:
        return
    arrays = {name: view.result.array(name) for name in _NEEDED}
    terms = view.result.table("terms")
    drawn = equation(*parts_of(terms, arrays), dark=style.dark(), ground=None)
    words = " ".join(f"{'plus' if one['sign'] > 0 else 'minus'} {one['label']}" for one in terms.to_dict("records"))
    with st.container(key=f"smooth-{view.run.id}-sum"):
        st.image(contact_sheet.png(drawn), alt=f"The sum {words}: exemplars, means, result and neighbours")
    st.caption(
        f"Above each decoded mean three of its exemplars. The framed picture is the sum; the eight around it have "
        f"uniform noise of up to {float(view.run.params['cloud']):g} standard deviations in every axis. On the right "
        f"the same sum made of the decoded pictures. Seed {view.run.seed}."
    )


def _answer(view: ViewContext) -> None:
    """What the sum does to its attribute, in a sentence."""
    found = view.result.metrics
    if "change" not in found or "p_random" not in found:
        return
    change, p = found["change"], found["p_random"]
    unit = f" {text.plain(change.unit)}" if change.unit else ""
    span = f", {change.low:.3g} to {change.high:.3g} with other exemplars" if change.low is not None else ""
    trials = int(view.run.params["random"])
    score = change.label.removeprefix("Change of ").capitalize()
    st.markdown(
        f"**{text.plain(score)} changes by {change.value:.3g}{unit}**{span}. Of {trials} sums with random "
        f"exemplars {round(p.value * (trials + 1)) - 1} change it as much."
    )


_NEEDED: Final = ("exemplar_of", "exemplar_pictures", "mean_pictures", "cloud_pictures", "pixel_sum_picture")


def _by_number(view: ViewContext) -> None:
    if "pictures_by_number" not in view.result.arrays:
        return
    pictures = np.asarray(view.result.array("pictures_by_number"))
    counts = np.asarray(view.result.array("numbers")).tolist()
    captions = [f"k = {count}" if choice == 0 else "" for choice in range(pictures.shape[1]) for count in counts]
    # a column for each number, a row for each choice
    ordered = pictures.transpose(1, 0, *range(2, pictures.ndim)).reshape(-1, *pictures.shape[2:])
    sheet = contact_sheet.sheet(list(ordered), captions, columns=len(counts), dark=style.dark())
    st.image(contact_sheet.png(sheet), alt="The sum with more and more exemplars, four random choices of each number")
    st.caption("The sum with more and more exemplars of each group; each row is another random choice of them.")


def _rescaled(view: ViewContext) -> None:
    """The sum as it is, and on the shell."""
    if "rescaled_picture" not in view.result.arrays:
        return
    pair = [np.asarray(view.result.array(name)) for name in ("sum_picture", "rescaled_picture")]
    big = [contact_sheet.enlarge(one, 128) for one in pair]
    sheet = contact_sheet.sheet(big, ["as it is", "on the shell"], columns=2, dark=style.dark())
    st.image(contact_sheet.png(sheet), alt="The sum as it is, and brought to the shell of the prior")
    st.caption(
        "Grey: how far draws of the prior lie from its centre. Right: the same direction, brought to that radius."
    )


def _nearest(view: ViewContext) -> None:
    table = view.result.table("nearest")
    st.markdown("**What is nearest to the sum**")
    pictures = view.result.array("nearest_pictures") if "nearest_pictures" in view.result.arrays else None
    sides = (
        ("Its own exemplars left out", table[~table["is_input"]]),
        ("Its own exemplars included", table),
    )
    for column, (title, rows) in zip(view.beside(9, 10), sides, strict=True):
        few = rows.head(8)
        with column:
            st.caption(title)
            if pictures is None:
                st.markdown("\n".join(f"1. {_called(one)}" for one in few.to_dict("records")))
                continue
            captions = [f"{one['distance']:.2f}{' input' if one['is_input'] else ''}" for one in few.to_dict("records")]
            found = [np.asarray(pictures[at]) for at in few.index]
            sheet = contact_sheet.sheet(found, captions, columns=4, dark=style.dark())
            st.image(contact_sheet.png(sheet), alt=f"Nearest points, {title.lower()}")
    inputs = int(table.head(8)["is_input"].sum())
    told = f"{inputs} of the first eight are exemplars of the sum itself" + (
        ", marked input" if pictures is not None else ""
    )
    st.caption(f"Decoded, with their distance in the space. {told}." if pictures is not None else f"{told}.")


def _called(one: Any) -> str:
    own = ", an input" if one["is_input"] else ""
    return f"{text.plain(one['point'])} ({one['distance']:.3f}{own})"


def _exemplars(view: ViewContext) -> None:
    if "exemplar_pictures" not in view.result.arrays:
        return
    of = np.asarray(view.result.array("exemplar_of"))
    pictures = np.asarray(view.result.array("exemplar_pictures"))
    with st.expander("The exemplars, decoded", icon=":material/photo_library:"):
        for place, one in enumerate(view.result.table("terms").to_dict("records")):
            mine = np.flatnonzero(of[:, 0] == place)
            sign = "plus" if one["sign"] > 0 else "minus"
            st.markdown(f"**{sign}** {text.plain(one['label'])} · {one['used']:,} of {one['group']:,}")
            sheet = contact_sheet.sheet(
                list(pictures[mine]), [f"{row}" for row in of[mine, 1]], columns=8, dark=style.dark()
            )
            st.image(contact_sheet.png(sheet), alt=f"Exemplars of {one['label']}")
            if one["used"] > len(mine):
                st.caption(f"The first {len(mine)} of {one['used']:,} that were used.")


def _table(table: Any, alt: str) -> None:
    shown = table[[name for name in table.columns if name in COLUMNS]]
    whole = {"group", "used", "rank", "rank_without_inputs", "exemplars", "draws"}
    labels = {name: COLUMNS[name] for name in shown.columns}
    if "cosine" in shown.columns:
        labels["exemplars"] = COLUMNS["exemplars_number"]
    numbers = {
        label: st.column_config.NumberColumn(format="%.4g")
        for name, label in labels.items()
        if name not in whole and str(shown[name].dtype).startswith("float")
    }
    st.dataframe(shown.rename(columns=labels), hide_index=True, column_config=numbers, alt=alt)
