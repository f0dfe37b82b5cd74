# SPDX-License-Identifier: Apache-2.0
"""The page of class by class: the matrices with their controls, and for a chosen pair its strongest loop in samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.class_homology.charts import plane_chart
from plugins.class_homology.results import places, strongest_loop
from registry.errors import DoesNotApply
from workbench.app.components.palette import CYCLIC_RAMP
from workbench.app.parts import charts, style, text
from workbench.app.parts import pictures as pictures_of

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

CLASS, AROUND = "class", "place around the loop"


def draw(view: ViewContext) -> None:
    """Draw the result."""
    by = text.plain(view.run.params["by"], 80)
    pairs, loops = view.result.table("pairs"), view.result.table("loops")
    view.findings()
    st.subheader("Every pair of classes")
    left, right = view.beside(1, 1)
    with left:
        view.chart("loops")
        view.chart("joins")
    with right:
        view.chart("stretch")
        view.chart("distances")
    draws = int(view.run.params["draws"])
    st.caption(
        f"Rows and columns: {by}. {text.counted(draws, 'random draw')} with the same number of points of each class, "
        f"{text.counted(len(pairs), 'pair')}, seed {view.run.seed}. A number is worth what it exceeds its controls by: "
        "those above and on the diagonal are what chance gives. Rest on a cell for its 95 % interval."
    )
    _pair(view, by, pairs, loops)
    _classes(view, by)
    with st.expander("Every pair as a table", icon=":material/table:"):
        st.dataframe(pairs, hide_index=True, height=320, alt="Every pair of classes with all its numbers")
    st.subheader("All measures")
    view.measures()
    view.notes()


def _pair(view: ViewContext, by: str, pairs: pd.DataFrame, loops: pd.DataFrame) -> None:
    """The strongest loop of a pair, and its samples."""
    best = strongest_loop(loops)
    if best is None:
        st.caption("No pair has a loop at all: there are too few points.")
        return
    st.subheader("A pair, and its strongest loop")
    names = {f"{one['first']} and {one['second']}": one for one in loops.to_dict("records")}
    default = f"{best['first']} and {best['second']}"
    row = names[view.choice("pair", list(names), f"Pair of {by}", default=default, width=300)]
    st.caption(
        "The strongest loop is found on one larger sample, not in the draws. Shown first: of the pairs that theirs "
        "runs through, an arc of each class, the one with a loop in most draws, and of equal ones the longest."
    )
    number = int(row["loop"])
    of = pairs.iloc[number]
    st.markdown(_told(row))
    result = view.result
    sample, cycle, label, plane, circular = (
        np.asarray(result.array(f"{name}_{number}")) for name in ("sample", "cycle", "label", "plane", "circular")
    )
    called = [text.plain(row["second"] if one else row["first"], 80) for one in label]
    left, right = view.beside(6, 5)
    with left:
        known = bool(np.isfinite(circular).any())
        colour = view.choice("colour", [CLASS, AROUND] if known else [CLASS], "Colour", width=260)
        ramp = CYCLIC_RAMP["dark" if style.dark() else "light"]
        order = places(sample, cycle)
        chart = plane_chart(plane, called, order, circular if colour == AROUND else None, ramp)
        charts.draw(chart.to_dict(), "plane of the loop")
        st.caption(
            f"The {len(sample):,} samples of both classes in which the loop was found, in the plane in which its cycle "
            "lies best; shape tells the classes apart. The line is the cycle. The plane is chosen to show a ring: it "
            "shows one for noise as well."
        )
    with right:
        st.table(_numbers(row, of), hide_index=True, border="horizontal")
    rows = np.asarray(result.array("rows"))
    st.markdown(f"**Once around: {len(cycle)} samples in the order of the cycle**, the last beside the first again")
    captions = [called[at] for at in order]
    if _has_pictures(view):
        view.pictures(rows[cycle], captions, limit=60)
    else:
        st.dataframe(
            {"place around": range(1, len(cycle) + 1), "row": rows[cycle], by: captions},
            hide_index=True,
            height=240,
            alt="The samples of the cycle in order",
        )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("One short way around of many. Below each picture: its class.")
        view.save_slice(rows[cycle])


def _told(row: dict[Any, Any]) -> str:
    """What the loop is, in one sentence."""
    first, second = (text.plain(row[name], 80) for name in ("first", "second"))
    if row["joined_by_loop"]:
        return f"**{first} and {second} are joined by this loop**, which neither has by itself."
    if row["joins"]:
        return (
            f"This loop runs through an arc of {first} and an arc of {second}, but **it is no more than noise**: other "
            "draws, or normal clouds in place of the classes, do not tell it apart. Its samples are shown so that this "
            "can be seen."
        )
    alone = [name for name, key in ((first, "first_alone"), (second, "second_alone")) if row[key]]
    why = f"{' and '.join(alone)} has it by itself" if alone else "its cycle changes class more than twice"
    return f"**No loop joins {first} and {second}**: of the longest loop of both together, {why}."


def _numbers(row: dict[Any, Any], of: Any) -> dict[str, list[str]]:
    p = row["p_value"]
    radii = row["in_covering_radii"]
    lines = [
        ("Closes at", f"{row['birth']:.4g}"),
        ("Filled at", f"{row['death']:.4g}" if np.isfinite(row["death"]) else "not at the scales looked at"),
        ("Length, in median distances", f"{row['relative_length']:.3g}"),
        ("p against noise, all pairs", "not defined" if p != p else "< 0.001" if p < 0.001 else f"{p:.3f}"),
        ("Length, in covering radii", "not defined along a graph" if radii != radii else f"{radii:.3g}"),
        ("Draws in which a loop joins them", _interval(of, "loop_share")),
        ("The same of normal clouds", _interval(of, "blob_share")),
        ("The same of two halves, at most", f"{of['halves_share']:.0%}"),
        (
            "Cycle",
            f"{int(row['samples_of_first'])} samples of the first, {int(row['samples_of_second'])} of the second",
        ),
        ("They become one piece at", f"{of['join']:.2f} times the scale of each ({_ends(of, 'join')})"),
        ("Diagrams", f"{of['excess_of']} {of['excess']:+.3g} beyond two halves ({_ends(of, 'excess')})"),
    ]
    return {"Measure": [name for name, _ in lines], "Of this pair": [value for _, value in lines]}


def _interval(of: Any, name: str) -> str:
    return f"{of[name]:.0%} ({of[f'{name}_low']:.0%} to {of[f'{name}_high']:.0%})"


def _ends(of: Any, name: str) -> str:
    low, high = of[f"{name}_low"], of[f"{name}_high"]
    return f"{low:.3g} to {high:.3g}" if low == low else "no interval"


def _classes(view: ViewContext, by: str) -> None:
    """Each class by itself."""
    table = view.result.table("classes")
    st.subheader(f"Each {by} by itself")
    rows: dict[str, list[Any]] = {
        by: [text.plain(one, 80) for one in table["class"]],
        "Points": [f"{int(one):,}" for one in table["points"]],
        "Pieces": [str(int(one)) for one in table["pieces"]],
        "Loops": [str(int(one)) for one in table["loops"]],
        "Longest loop, median distances": [f"{one:.3g}" for one in table["loop_relative_length"]],
        "p, adjusted": [
            "not defined" if p != p else "< 0.001" if p < 0.001 else f"{p:.3f}" for p in table["loop_p_value"]
        ],
        "Recurs (95 %)": [
            f"{one['loop_recurrence']:.0%} ({one['loop_recurrence_low']:.0%} to {one['loop_recurrence_high']:.0%})"
            if one["loop_recurrence"] == one["loop_recurrence"]
            else "no draws"
            for one in table.to_dict("records")
        ],
        "Mostly one piece at": [f"{one:.3g}" for one in table["connected_at"]],
    }
    if "voids" in table:
        rows["Voids"] = [str(int(one)) for one in table["voids"]]
    st.table(rows, hide_index=True, border="horizontal")
    st.caption(
        "Pieces and loops that are more than noise, as the analysis homology tells them; of each class the longest "
        "loop with its numbers. Mostly one piece: the scale at which one piece holds half of the class."
    )


def _has_pictures(view: ViewContext) -> bool:
    try:
        pictures_of.check(view.run, view.result)
    except DoesNotApply:
        return False
    return True
