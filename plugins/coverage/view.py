# SPDX-License-Identifier: Apache-2.0
"""The page of a coverage: the four measures and their control, classes, what stands out in pictures, and shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

ACROSS = 12  # pictures in a line
WORDS = {"precision": "Precision", "recall": "Recall", "density": "Density", "coverage": "Coverage"}
SETS = {
    "real_generated": "Data against draws",
    "halves_of_real": "Two halves of the data",
    "halves_of_generated": "Two halves of the draws",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    measures = view.result.table("measures")
    st.subheader("Whether draws and data lie in the same places")
    left, right = view.beside(1, 1)
    with left:
        view.chart("measures")
    with right:
        _measures(measures)
        row = measures.iloc[0]
        st.caption(
            f"{text.counted(int(row['trials']), 'trial')} of {int(row['n']):,} real points against {int(row['n']):,} "
            f"draws; neighbour k = {int(row['k'])}, seed {view.run.seed}; 95 % intervals. The control is of equal "
            "counts: it is what a perfect model would give."
        )
    _sheet(
        view,
        "Data that no draw comes near",
        ("missed_pictures", "missed_nearest"),
        ("not_covered", "real_distance"),
        "Real samples, the farthest from any draw first, each above the draw nearest to it. Below: how far that is, in "
        "radii of the ball around the real sample (mean of the trials; above 1 it is not covered).",
    )
    _sheet(
        view,
        "Draws far from all data",
        ("off_pictures", "off_nearest"),
        ("off_data", "generated_distance"),
        "Draws, the farthest from the data first, each above the real sample nearest to it. Below: how far off they "
        "are, in radii of the nearest ball (mean of the trials; above 1 they lie in none).",
    )
    _classes(view)
    _map(view)
    _shapes(view)
    view.notes()
    with st.expander("Every real point as a table", icon=":material/table:"):
        _real(view.result.table("real"))


def _measures(table: pd.DataFrame) -> None:
    lines = []
    for row in table.to_dict("records"):
        expected = f"{row['expected']:.3f}" if row["expected"] == row["expected"] else "–"
        lines.append(f"| {WORDS[str(row['measure'])]} | {_told(row, 'value')} | {_told(row, 'control')} | {expected} |")
    head = "| Measure | Draws against data | Two halves of the data | Expected if equal |\n|:--|:--|:--|:--|\n"
    st.markdown(head + "\n".join(lines))


def _told(row: Any, name: str) -> str:
    value, low, high = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return f"{value:.3f} ({low:.3f} to {high:.3f})" if low == low else f"{value:.3f}"


def _sheet(view: ViewContext, title: str, names: tuple[str, str], where: tuple[str, str], told: str) -> None:
    """Pictures of one set, each above the nearest of the other, in lines of twelve."""
    positions = np.asarray(view.result.array(where[0]))
    st.subheader(title)
    if len(positions) == 0:
        st.caption("None: each lies within a ball of the other set, on average over the trials.")
        return
    far = np.asarray(view.result.array(where[1]))[positions]
    captions = ["far" if one != one else f"{one:.2f}" for one in far]
    if names[0] not in view.result.arrays:
        rows = np.asarray(view.result.array("rows"))
        which = [f"row {rows[one]:,}" if where[0] == "not_covered" else f"draw {one:,}" for one in positions[:ACROSS]]
        st.markdown(", ".join(f"{a} ({b})" for a, b in zip(which, captions, strict=False)))
        st.caption("They are no pictures. In brackets: distance in radii of the ball.")
        return
    upper, lower = (np.asarray(view.result.array(one)) for one in names)
    for start in range(0, len(upper), ACROSS):
        here = slice(start, start + ACROSS)
        pictures = [*upper[here], *lower[here]]
        count = len(pictures) // 2
        sheet = contact_sheet.sheet(pictures, [""] * count + captions[here], columns=count, dark=style.dark())
        with st.container(key=f"smooth-{where[0]}-{start}-{view.run.id}"):
            st.image(contact_sheet.png(sheet), width="content", alt=f"{title}, from {start + 1}")
    st.caption(f"{told} n = {len(far)} of the farthest, seed {view.run.seed}.")


def _classes(view: ViewContext) -> None:
    if "classes" not in view.result.tables:
        return
    table = view.result.table("classes")
    st.subheader("Class by class")
    left, right = view.beside(2, 2)
    with left:
        if "classes" in view.result.charts:
            view.chart("classes")
        else:
            st.caption("No class has 30 real points, which it takes to be judged.")
    with right:
        words = {
            "class": "Class",
            "n": "Real points",
            "coverage": "Coverage",
            "coverage_low": "Low",
            "coverage_high": "High",
            "control": "Two halves",
            "lacking": "Lacking",
            "lacking_low": "Lacking, low",
            "lacking_high": "Lacking, high",
        }
        numbers = {
            label: st.column_config.NumberColumn(format="%.3f")
            for name, label in words.items()
            if name not in ("class", "n")
        }
        st.dataframe(
            table[list(words)].rename(columns=words),
            hide_index=True,
            column_config=numbers,
            alt="Coverage of each class",
        )
        st.caption(
            "Lacking: how much more of its coverage a class lacks than all others, beside two halves of the data; "
            "the interval is of 95 % for all classes together. A class is told as missing where the lower end "
            "is above 0.05."
        )


def _map(view: ViewContext) -> None:
    """Both sets on the two principal components of both together."""
    import pandas as pd

    coordinates = np.asarray(view.result.array("coordinates"))
    rows = np.asarray(view.result.array("rows"))
    st.subheader("Both on one map")
    names = ["data", "draw"]
    codes = np.repeat([0, 1], [len(rows), len(coordinates) - len(rows)])
    found = view.scatter(
        coordinates,
        colour=pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names))),
        colour_label="point",
        height=420,
        cluster_labels=False,
    )
    st.caption("Principal components of both sets together: near on the map does not mean near in the space.")
    chosen = np.asarray(found.points, dtype=np.int64)
    real = chosen[chosen < len(rows)]
    if len(chosen):
        st.markdown(f"{len(real):,} real points and {len(chosen) - len(real):,} draws selected")
        far = np.asarray(view.result.array("real_distance"))
        view.pictures(
            rows[real], [f"{one:.2f}" for one in far[real]], told="Below: distance to the nearest draw, in radii."
        )


def _shapes(view: ViewContext) -> None:
    if "shapes" not in view.result.tables:
        return
    table = view.result.table("shapes")
    st.subheader("Whether both have the same shape")
    left, right = view.beside(3, 3)
    with left:
        for name in [one for one in view.result.charts if one.startswith("betti_")]:
            view.chart(name)
        row = table.iloc[0]
        st.caption(
            f"Features alive at each scale: median and 5 to 95 % of {text.counted(int(row['trials']), 'trial')} of "
            f"{int(row['half']):,} points of each set, seed {view.run.seed}."
        )
    with right:
        view.chart("bottleneck")
        view.chart("wasserstein")
    lines = [
        f"| {str(row['measure']).capitalize()}, {row['what']} | " + " | ".join(_told(row, name) for name in SETS) + " |"
        for row in table.to_dict("records")
    ]
    head = f"| Distance | {' | '.join(SETS.values())} |\n|:--|{':--|' * len(SETS)}\n"
    st.markdown(head + "\n".join(lines))
    st.caption(
        "In median distances of the data, with 95 % intervals. Shapes differ where the first is beyond the others."
    )


def _real(table: pd.DataFrame) -> None:
    words = {"row": "Row", "covered": "Trials in which it was covered", "distance": "Nearest draw, in radii"}
    st.dataframe(
        table.rename(columns=words),
        hide_index=True,
        column_config={words["distance"]: st.column_config.NumberColumn(format="%.3f")},
        alt="Every real point",
    )
