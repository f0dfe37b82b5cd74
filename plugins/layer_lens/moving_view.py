# SPDX-License-Identifier: Apache-2.0
"""The part of the page that shows a dense layer as motion, and says what is exact about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st

from plugins.layer_lens.colouring import NONE, PLAIN, Colouring, ramp
from plugins.layer_lens.motion import ALONG
from plugins.layer_lens.moving import moving
from workbench.app.parts import text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from workbench.app.parts.view_context import ViewContext

STRETCH: Final = "size of the Jacobian's determinant"
FLAT: Final = -12.0  # log10 of the determinant at and below which a point is drawn as flat


def draw(view: ViewContext, colouring: Colouring | None) -> None:
    """A slider from space to space, and the facts of the layer beside it."""
    st.subheader("A dense layer as motion")
    table = view.result.table("motions")
    names = [text.one_line(one, 80) for one in table["layer"]]
    left, right = view.beside(3, 2)
    with right:
        at = names.index(view.choice("motion", names, "Dense layer", default=names[0]))
        row = table.iloc[at]
        slopes = np.asarray(view.result.array(f"slopes.{at:02d}"))
        square = bool(row["entering"] == row["leaving"])
        offered = ["points as above", *([STRETCH] if square else [])]
        by = view.choice("motion_colour", offered, "Colour while moving", default=offered[0])
        _facts(row, np.asarray(view.result.array(f"singular.{at:02d}")), slopes)
    with left:
        positions = np.asarray(view.result.array("moving"))
        light, dark = _colours(colouring if by != STRETCH else None, positions, slopes if by == STRETCH else None)
        activation = str(row["activation"])
        stages = ["x", "W x", "W x + b"] + ([f"{activation}(W x + b)"] if activation else [])
        verbs = ["multiplying by W", "adding b"] + ([f"applying {activation}"] if activation else [])
        moving(
            np.asarray(view.result.array(f"motion.{at:02d}")),
            key=view.key(f"motion.{at}"),
            points=int(row["points"]),
            lines=int(row["lines"]),
            along=ALONG,
            stages=stages,
            verbs=verbs,
            colours=light,
            colours_dark=dark,
        )
        st.caption(_drawn(row))


def _colours(
    colouring: Colouring | None, positions: NDArray[np.int64], slopes: NDArray[Any] | None
) -> tuple[list[str], list[str]]:
    if slopes is not None:
        known = np.where(np.isneginf(slopes), FLAT, slopes)
        low, high = float(known.min()), float(known.max())
        share = (known - low) / (high - low) if high > low else np.full(len(known), 0.5)
        return ramp(share, dark=False), ramp(share, dark=True)
    if colouring is None or colouring.name == NONE:
        return [PLAIN[0]] * len(positions), [PLAIN[1]] * len(positions)
    return colouring.colours(positions, dark=False), colouring.colours(positions, dark=True)


def _drawn(row: Any) -> str:
    """How what is seen relates to the true spaces."""
    points = text.counted(int(row["points"]), "point")
    square = row["entering"] == row["leaving"]
    if square:
        way = "W is drawn by its polar form: a stretch along fixed axes that grows while the space turns"
        if row["determinant"] < 0:
            way += "; it mirrors, so that one axis is turned over out of the plane, seen as a squeeze through a line"
    else:
        way = "W is not square: points go straight from the one space to the other, the narrower a part of the wider"
    if max(row["entering"], row["leaving"]) <= 2:
        return f"{points} and a square grid, in the plane itself: nothing is projected. {way}."
    return (
        f"{points}, and a grid in the plane of their two principal components, by one fixed linear projection "
        f"(principal "
        f"components of all clouds together: {100 * row['explained']:.0f} % of their variance). What crosses here need "
        f"not meet in {max(row['entering'], row['leaving']):,} dimensions. {way}."
    )


def _facts(row: Any, singular: NDArray[Any], slopes: NDArray[Any]) -> None:
    square = row["entering"] == row["leaving"]
    lines = [
        ("Width", f"{int(row['entering']):,} to {int(row['leaving']):,}"),
        ("Nonlinearity", text.plain(row["activation"], 40) or "none follows as a layer of its own"),
        ("Singular values of W", f"{singular[0]:.3g} to {singular[-1]:.3g}{'' if row['full_rank'] else ': singular'}"),
    ]
    if square:
        mirrors = " (mirrors)" if row["determinant"] < 0 else ""
        lines.append(("Determinant of W", f"{row['determinant']:.3g}{mirrors}"))
        finite = slopes[np.isfinite(slopes)]
        if finite.size:
            grown = f"{10 ** finite.min():.2g} to {10 ** finite.max():.2g} times"
            lines.append(("Size of the Jacobian's determinant at the points", grown))
        if np.isneginf(slopes).any():
            share = 100 * float(np.isneginf(slopes).mean())
            lines.append(("Determinant of the Jacobian is 0", f"at {share:.1f} % of the points"))
    st.markdown("| This layer | |\n|:--|:--|\n" + "\n".join(f"| {name} | {value} |" for name, value in lines))
    st.markdown(verdict(row))


def verdict(row: Any) -> str:
    """What is exact about the layer: whether it can tear, fold or glue."""
    activation = text.plain(row["activation"], 40)
    if row["homeomorphism"]:
        name = f"{activation} is" if activation else "what follows is the identity:"
        why = "continuous and strictly increasing" if activation else "continuous with a continuous inverse"
        return (
            f"**A homeomorphism.** W is square and of full rank, {name} {why}: the layer bends the space and neither "
            f"tears, "
            "folds nor glues it. What is enclosed stays enclosed; classes that are knotted or nested here are so "
            "after it."
        )
    reasons = []
    if row["entering"] > row["leaving"]:
        reasons.append("fewer numbers leave than enter, so different points can become one")
    elif row["entering"] < row["leaving"]:
        reasons.append("more numbers leave than enter: the image is a thin part of the wider space")
    if not row["full_rank"]:
        reasons.append("W is not of full rank: whole lines become points, and the determinant is 0")
    if activation and not _increasing(str(row["activation"])):
        reasons.append(f"{activation} is not strictly increasing: it glues or folds")
    return f"**No homeomorphism of one space onto another of its kind:** {'; '.join(reasons)}."


def _increasing(activation: str) -> bool:
    from plugins.layer_lens.nonlinearities import INCREASING

    return activation in (*INCREASING, "LeakyReLU")
