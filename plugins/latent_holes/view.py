# SPDX-License-Identifier: Apache-2.0
"""The page of latent holes: shares and controls, the map, each hole in pictures, loops and voids, every number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from plugins.latent_holes.results import KINDS
from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    from workbench.app.parts.view_context import ViewContext

COLUMNS = {
    "hole": "Hole",
    "mass": "Prior mass",
    "mass_low": "Low",
    "mass_high": "High",
    "mass_of_draws": "Of draws alone",
    "mass_of_draws_most": "At most",
    "distance": "Distance to the nearest code",
    "in_typical_distances": "In typical distances",
    "place": "Place",
}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    view.findings()
    if not view.result.findings:
        st.markdown(
            "**No hole is told from chance.** What is far from the codes is not surely more than what draws from the "
            "prior leave far from each other, or only because codes are crowded; and no loop or void stands out more "
            "often than among draws. That is no proof that there is none."
        )
    _shares(view)
    _holes(view)
    _map(view)
    _voids(view)
    view.notes()
    st.subheader("All measures")
    view.measures()


def _shares(view: ViewContext) -> None:
    shares = view.result.table("shares")
    metrics = view.result.metrics
    quantile = float(view.run.params["quantile"])
    st.subheader("How much of the prior is far from every code")
    left, right = view.beside(1, 1)
    with left:
        view.chart("shares")
    with right:
        lines = [
            f"| {str(row['words'])[:1].upper()}{str(row['words'])[1:]} | {_told(row)} |"
            for row in shares.to_dict("records")
        ]
        st.markdown("| Share | With 95 % interval |\n|:--|:--|\n" + "\n".join(lines))
        p, value = metrics["mmd_p"].value, metrics["mmd2"].value
        if p == p:
            told = "can be told apart" if p < 0.05 else "cannot be told apart"
            st.markdown(
                f"Codes and draws **{told}** by their squared maximum mean discrepancy: {value:.3g}, p = {p:.3g} "
                f"(n = {metrics['mmd2'].n:,} of each)."
            )
        st.caption(
            f"Far: farther than the distance that {100 * quantile:.3g} % of held-out codes keep to the nearest of "
            f"{int(shares['n'].iloc[0]):,} others, so that {100 * (1 - quantile):.3g} % is what equal distributions "
            f"give. {text.counted(int(view.run.params['trials']), 'trial')}, seed {view.run.seed}."
        )


def _told(row: Any) -> str:
    if row["low"] != row["low"]:
        return f"{100 * row['value']:.1f} %"
    return f"{100 * row['value']:.1f} % ({100 * row['low']:.1f} to {100 * row['high']:.1f})"


def _holes(view: ViewContext) -> None:
    table = view.result.table("holes")
    st.subheader("The largest holes")
    if table.empty:
        st.caption("None: every draw looked at has a code within the typical distance.")
        return
    if "hole_pictures" in view.result.arrays:
        _pictures(view, table)
    columns = [one for one in COLUMNS if one in table]  # results of version 1 have no control
    shares = [one for one in columns if one.startswith("mass")]
    form: dict[str, Any] = {COLUMNS[one]: st.column_config.NumberColumn(format="%.2f %%") for one in shares}
    form |= {COLUMNS[one]: st.column_config.NumberColumn(format="%.3g") for one in ("distance", "in_typical_distances")}
    shown = table[columns].assign(**{one: 100 * table[one] for one in shares})
    st.dataframe(shown.rename(columns=COLUMNS), hide_index=True, column_config=form, alt="The largest holes")
    st.caption(
        f"A hole is the empty ball around a draw that reaches the nearest code; its mass is the share of "
        f"{int(table['n'].iloc[0]):,} fresh draws inside, with a 95 % interval (balls may overlap). Beyond the codes: "
        f"farther from their middle than 95 % of them. Any sample leaves such balls empty: beside each stands what the "
        "ball of the same rank holds when as many draws take the place of the codes, the mean and the most of 10 sets. "
        f"Holes that are no larger are no finding. Seed {view.run.seed}."
    )


def _pictures(view: ViewContext, table: Any) -> None:
    """Each hole's decoded centre, and the samples with the nearest codes, 1 the nearest."""
    centres = np.asarray(view.result.array("hole_pictures"))
    near = np.asarray(view.result.array("near_pictures")) if "near_pictures" in view.result.arrays else None
    for column, which in zip(view.beside(2, 2), (0, 1), strict=True):
        with column:
            for at in range(which, len(centres), 2):
                row = table.iloc[at]
                cells = [centres[at], *([] if near is None else near[at])]
                captions = ["hole", *(str(one) for one in range(1, len(cells)))]
                sheet = contact_sheet.sheet(cells, captions, columns=len(cells), dark=style.dark())
                st.markdown(f"**Hole {at + 1}**: {100 * row['mass']:.2f} % of the prior, {row['place']}")
                with st.container(key=f"smooth-hole-{at}-{view.run.id}"):
                    words = f"Decoded centre of hole {at + 1}, then the samples with the nearest codes"
                    st.image(contact_sheet.png(sheet), width="content", alt=words)
    st.caption(
        "First what is decoded at the centre of the hole, then the samples with the nearest codes, 1 the nearest."
    )


def _map(view: ViewContext) -> None:
    import pandas as pd

    coordinates, kind = (np.asarray(view.result.array(one)) for one in ("coordinates", "kind"))
    rows = np.asarray(view.result.array("rows"))
    st.subheader("Codes, draws and holes on one map")
    found = view.scatter(
        coordinates,
        colour=pd.Series(pd.Categorical.from_codes(kind, categories=pd.Index(KINDS))),
        colour_label="point",
        height=440,
        cluster_labels=False,
    )
    st.caption(
        "First two principal components of the codes. A hole in many dimensions need not look like one here: the "
        "colour says what is measured in all of them."
    )
    chosen = np.asarray(found.points, dtype=np.int64)
    codes = chosen[chosen < len(rows)]
    if len(chosen):
        st.markdown(f"{len(codes):,} codes and {len(chosen) - len(codes):,} draws selected")
        view.pictures(rows[codes])


def _voids(view: ViewContext) -> None:
    st.subheader("Loops and voids")
    left, right = view.beside(3, 3)
    metrics = view.result.metrics
    names = [one for one in metrics if one.startswith(("codes_with_h", "prior_with_h"))]
    with left:
        view.chart("voids")
    with right:
        view.measures(names)
        n = int(view.run.params["half"])
        st.caption(
            f"Each mark is the longest bar of one of {int(view.run.params['draws'])} subsets of up to {n:,} points, "
            f"seed {view.run.seed}. A loop or void is told if it stands out in more subsets of the codes than of the "
            "prior."
        )
