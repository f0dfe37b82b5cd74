# SPDX-License-Identifier: Apache-2.0
"""The page of blobs and rings: the counts beside their control, the images that have the most and the fewest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from workbench.app.parts import contact_sheet, style, text

if TYPE_CHECKING:
    import pandas as pd

    from workbench.app.parts.view_context import ViewContext

SHEET = 24  # images shown of each kind
ACROSS = 12  # mean images in a line
COUNTS = {"Rings": "rings", "Blobs": "blobs"}


def draw(view: ViewContext) -> None:
    """Draw the result."""
    images = view.result.table("images")
    view.findings()
    st.subheader("How many blobs and rings an image has")
    for name, place in zip(COUNTS.values(), view.beside(1, 1), strict=True):
        with place:
            view.chart(name)
    st.caption(
        f"{text.counted(len(images), 'image')}, seed {view.run.seed}. Bars are 95 % intervals of the mean. Pixels in "
        "random order have the same values and no shape: what lies apart from them is of the shape."
    )
    _examples(view, images)
    _means(view)
    st.subheader("All measures")
    view.measures()
    view.notes()
    with st.expander("Every image as a table", icon=":material/table:"):
        st.dataframe(_worded(images), hide_index=True, alt="Blobs and rings of every image")
    with st.expander("Blobs and rings of the mean images as a table", icon=":material/table:"):
        bars = view.result.table("bars").replace({"group": {"": "all images"}})
        st.dataframe(bars, hide_index=True, alt="Bars of the mean images")


def _examples(view: ViewContext, images: pd.DataFrame) -> None:
    """The images with the most and with the fewest, in the order of their count."""
    st.subheader("Images with the most and the fewest")
    count = COUNTS[view.choice("count", list(COUNTS), "Counted", default="Rings", width=260)]
    ordered = images.sort_values([count, f"total_{count}"], ascending=False, kind="stable")
    for title, some in (("Most", ordered.head(SHEET)), ("Fewest", ordered.iloc[::-1].head(SHEET))):
        st.markdown(f"**{title} {count}**")
        view.pictures(some["row"].to_numpy(), [str(int(one)) for one in some[count]], limit=SHEET)
    st.caption(
        f"Below each: its {count}. Those of equal count are in the order of the total length of their {count}, a sum "
        "of differences of value."
    )


def _means(view: ViewContext) -> None:
    """The mean image of all and of each class, on one scale of values."""
    means = np.asarray(view.result.array("means"), dtype=np.float64)
    if means.ndim != 3 or min(means.shape[1:]) < 2:
        return
    names = list(dict.fromkeys(view.result.table("classes")["group"].replace("", "all")))
    prefix = f"{view.run.params.get('by')} "
    st.subheader("Mean image" if len(means) == 1 else "Mean image of all, and of each class")
    low, high = float(means.min()), float(means.max())
    pixels = np.round(255 * (means - low) / (high - low or 1)).astype(np.uint8)
    pictures = [contact_sheet.enlarge(np.repeat(one[:, :, None], 3, axis=2)) for one in pixels]
    captions = [str(name).removeprefix(prefix) for name in names][: len(pictures)]
    sheet = contact_sheet.sheet(pictures, captions, columns=min(ACROSS, len(pictures)), dark=style.dark())
    st.image(contact_sheet.png(sheet), width="content", alt="Mean image of all and of each class")
    st.caption(
        f"From black ({low:.3g}) to white ({high:.3g}). A mean image is no image of the class: its rings need not be "
        "theirs."
    )


def _worded(images: pd.DataFrame) -> pd.DataFrame:
    words = {"row": "Row", "class": "Class"}
    for one in COUNTS.values():
        words |= {
            one: one.capitalize(),
            f"total_{one}": f"Total length of {one}",
            f"entropy_{one}": f"Entropy of {one}",
            f"shuffled_{one}": f"{one.capitalize()}, pixels in random order",
        }
    return images.rename(columns=words)
