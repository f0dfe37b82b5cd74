# SPDX-License-Identifier: Apache-2.0
"""The page of a walk: the strip of small maps, one step in full, the measures over depth, and the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from workbench.app.parts import text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from workbench.app.parts.view_context import ViewContext

SMALL = (190, 144)  # pixels of a small map
SHEET = 48
BIASED = 10  # dimensions above which TwoNN is too low with some thousand points
WHY = {
    "constant": "All points are equal at this step: there is nothing to draw.",
    "not finite": "Some points hold NaN or infinity at this step: it is not measured.",
}
COLUMNS = {
    "depth": "Step",
    "layer": "Layer",
    "kind": "Kind",
    "width": "Units",
    "accuracy": "Told by the probe",
    "accuracy_low": "Told, low",
    "accuracy_high": "Told, high",
    "majority": "Majority rate",
    "control": "Told, labels shuffled",
    "selectivity": "Above shuffled labels",
    "standardised": "Folds with standardised units",
    "dimension": "Dimension",
    "dimension_low": "Dimension, low",
    "dimension_high": "Dimension, high",
    "dimension_by_line": "Dimension, by line",
    "silhouette": "Silhouette",
    "silhouette_low": "Silhouette, low",
    "silhouette_high": "Silhouette, high",
    "explained": "Variance on the map",
    "still": "Units that never vary",
    "distinct": "Distinct points",
    "units": "Units looked at",
    "state": "State",
}
SHARES = (
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "majority",
    "control",
    "selectivity",
    "standardised",
    "explained",
    "still",
)
COUNTS = ("width", "units", "distinct")
NUMBERS = ("dimension", "silhouette")


@dataclass(frozen=True)
class Labelled:
    """Classes: the column, their names, and the number of the class of each point (-1: none)."""

    column: str
    names: list[str]
    codes: NDArray[np.int64]

    def colour(self) -> pd.Series[Any]:
        """The classes as a column of names."""
        import pandas as pd

        return pd.Series(pd.Categorical.from_codes(self.codes, categories=pd.Index(self.names)))


def draw(view: ViewContext) -> None:
    """Draw the result of a walk through the layers."""
    table = view.result.table("layers")
    maps = np.asarray(view.result.array("layer_maps"))
    rows = np.asarray(view.result.array("rows"))
    labels = _labels(view)
    view.findings()
    names = [
        f"{depth} · {text.one_line(layer, 80)}" for depth, layer in zip(table["depth"], table["layer"], strict=True)
    ]
    strip = st.container()
    st.subheader("One step in full")
    at = names.index(view.choice("layer", names, "Step", default=_most_telling(table, names), width=360))
    chosen = _one(view, table.iloc[at], maps[at], rows, labels)
    with strip:
        _strip(view, table, maps, _marked(labels, chosen, len(rows)), len(chosen))
    _selected(view, rows, chosen, labels)
    _project(view, table.iloc[at])
    _charts(view)
    view.notes()
    _table(table)


def _labels(view: ViewContext) -> Labelled | None:
    """The classes of the points; none where they have no labels."""
    if "codes" not in view.result.arrays:
        return None
    table = view.result.table("classes")
    if table.empty:  # a column without a single value
        return None
    names = [str(one) for one in table["class"]]
    return Labelled(str(table["column"].iloc[0]), names, np.asarray(view.result.array("codes"), dtype=np.int64))


def _most_telling(table: pd.DataFrame, names: list[str]) -> str:
    """The step that is shown first: where the labels are told best, else the last one that is measured."""
    if table["accuracy"].notna().any():
        return names[int(np.nanargmax(table["accuracy"].to_numpy()))]
    measured = np.flatnonzero((table["state"] == "measured").to_numpy())
    return names[int(measured[-1])] if len(measured) else names[-1]


def _marked(labels: Labelled | None, chosen: NDArray[np.int64], n: int) -> NDArray[np.int64] | None:
    """Class numbers for the small maps; with a selection, all other points in grey."""
    codes = None if labels is None else labels.codes
    if len(chosen) == 0:
        return codes
    marked = np.full(n, -1, dtype=np.int64)
    marked[chosen] = 0 if codes is None else codes[chosen]
    return marked


def _strip(
    view: ViewContext, table: pd.DataFrame, maps: NDArray[Any], codes: NDArray[np.int64] | None, chosen: int
) -> None:
    st.subheader(f"Step by step through {text.plain(view.run.params['through'], 80)}")
    with st.container(key=f"smooth-strip-{view.run.id}", horizontal=True, gap="small"):
        for at, row in enumerate(table.to_dict("records")):
            with st.container(width=SMALL[0], gap=None):
                words = f"Step {row['depth']}, {text.one_line(row['layer'], 80)}: {_caption(row)}"
                image = view.thumbnail(maps[at], codes, width=SMALL[0], height=SMALL[1])
                st.image(image, width=SMALL[0], alt=words)
                st.caption(f"**{row['depth']} · {text.plain(row['layer'], 80)}**  \n{_caption(row)}")
    n = int(table["n"].iloc[0])
    told = f"{n:,} points, seed {view.run.seed}. "
    told += "Colours are those of the map below. " if codes is not None else ""
    told += f"The {text.counted(chosen, 'selected point')} in colour, the others grey." if chosen else ""
    st.caption(told)


def _caption(row: Any) -> str:
    if row["state"] != "measured":
        return {"constant": "all points are equal", "not finite": "NaN or infinity"}[str(row["state"])]
    parts = []
    if row["accuracy"] == row["accuracy"]:
        parts.append(f"{100 * row['accuracy']:.1f} % told")
    if row["dimension"] == row["dimension"]:
        parts.append(f"dimension {row['dimension']:.1f}")
    return " · ".join(parts) or "dimension not defined"


def _one(
    view: ViewContext, row: Any, coordinates: NDArray[Any], rows: NDArray[np.int64], labels: Labelled | None
) -> NDArray[np.int64]:
    """One step: its map and its numbers. Gives the positions selected."""
    depth = int(row["depth"])
    look = _carried(view, depth)
    left, right = view.beside(2, 1)
    nothing = np.empty(0, dtype=np.int64)
    if row["state"] != "measured":
        st.info(WHY[str(row["state"])], icon=":material/block:")
        return nothing
    with left:
        found = view.scatter(
            coordinates,
            colour=None if labels is None else labels.colour(),
            colour_label="" if labels is None else labels.column,
            selected=view.starting_selection(rows),
            key=view.key(f"map.{depth}"),
            height=460,
            look=look,
        )
        chosen = np.asarray(found.points, dtype=np.int64)
        st.caption("Points selected here stay selected at the other steps, and are marked in the strip.")
    with right:
        _numbers(row)
    view.keep_selection(rows, chosen)
    st.session_state[view.key("carried")] = (depth, chosen)
    return chosen


def _carried(view: ViewContext, depth: int) -> str:
    """Take the selection along to another step; the camera of the last step means nothing there."""
    before = st.session_state.get(view.key("carried"))
    if before is None or before[0] == depth:
        return view.remembered("look") or ""
    view.select(before[1])
    view.remember(projection=None)  # the projection of the step before
    return ""


def _numbers(row: Any) -> None:
    """Everything measured of one step, each with its 95 % interval."""
    st.markdown(f"**{text.plain(row['layer'], 80)}** · {text.plain(row['kind'], 40)} · {int(row['width']):,} units")
    lines = []
    if row["accuracy"] == row["accuracy"]:
        lines += [
            ("Told by a linear probe", _share(row, "accuracy")),
            ("Majority rate", f"{100 * row['majority']:.1f} %"),
            ("Labels shuffled", _share(row, "control")),
            ("Silhouette", _number(row, "silhouette", 3)),
        ]
    lines += [
        ("Intrinsic dimension", _number(row, "dimension", 1)),
        ("Variance on the map", f"{100 * row['explained']:.1f} %"),
        ("Units that never vary", f"{100 * row['still']:.1f} %"),
        ("Distinct points", f"{int(row['distinct']):,} of {int(row['n']):,}"),
    ]
    head = "| Measured | With 95 % interval |\n|:--|:--|\n"
    st.markdown(head + "\n".join(f"| {name} | {value} |" for name, value in lines))


def _share(row: Any, name: str) -> str:
    value, low, high = (100 * row[one] for one in (name, f"{name}_low", f"{name}_high"))
    return f"{value:.1f} % ({low:.1f} to {high:.1f})"


def _number(row: Any, name: str, digits: int) -> str:
    value, low, high = (row[one] for one in (name, f"{name}_low", f"{name}_high"))
    return "not defined" if value != value else f"{value:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def _selected(view: ViewContext, rows: NDArray[np.int64], chosen: NDArray[np.int64], labels: Labelled | None) -> None:
    if len(chosen) == 0:
        return
    st.subheader(f"{len(chosen):,} selected")
    captions = None
    if labels is not None:
        captions = [labels.names[one] if one >= 0 else "" for one in labels.codes[chosen[:SHEET]].tolist()]
    view.pictures(rows[chosen], captions, limit=SHEET)
    view.save_slice(rows[chosen])


def _project(view: ViewContext, row: Any) -> None:
    """The way to a projection of this step, drawn here."""
    if row["state"] == "measured":
        view.launch(
            "projection",
            {"space": str(row["layer"]), "limit": int(view.run.params["limit"])},
            "Project this step, with measures of the map",
            icon=":material/scatter_plot:",
        )


def _charts(view: ViewContext) -> None:
    shown = [one for one in ("accuracy", "dimension", "silhouette") if one in view.result.charts]
    if not shown:
        return
    st.subheader("From step to step")
    for column, name in zip(view.beside(*[1] * max(len(shown), 2)), shown, strict=False):
        with column:
            view.chart(name)
    told = "Bands are 95 % intervals; the steps have their names in the strip and under the pointer."
    if view.result.table("layers")["dimension"].max() > BIASED:
        told += f" Dimensions above {BIASED} are estimated too low: read which is larger, not how large."
    st.caption(told)


def _table(table: pd.DataFrame) -> None:
    st.subheader("Every step")
    idle = {name for name in COLUMNS if name in table and table[name].isna().all()}
    idle |= {"state"} if (table["state"] == "measured").all() else set()
    idle |= {"units"} if (table["units"] == table["width"]).all() else set()
    words = {name: label for name, label in COLUMNS.items() if name in table and name not in idle}
    shown = table[list(words)]
    shares = [name for name in SHARES if name in words]
    shown = shown.assign(**{name: 100 * shown[name] for name in shares})
    form: dict[str, Any] = {words[name]: st.column_config.NumberColumn(format="%.1f %%") for name in shares}
    form |= {words[name]: st.column_config.NumberColumn(format="localized") for name in COUNTS if name in words}
    form[words["layer"]] = st.column_config.TextColumn(width=180)
    for name, label in words.items():
        if name.startswith(NUMBERS):
            form[label] = st.column_config.NumberColumn(format="%.3f" if name.startswith("silhouette") else "%.2f")
    st.dataframe(
        shown.rename(columns=words),
        hide_index=True,
        height=min(38 + 35 * len(shown), 640),
        column_config=form,
        alt="Every step with its measures",
    )
