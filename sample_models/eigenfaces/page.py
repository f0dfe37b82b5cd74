# SPDX-License-Identifier: Apache-2.0
"""The page of the eigenfaces: what they look like, and what comes back of a picture made of the first few of them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

import workbench as wb
from sample_models import datasets
from workbench.app import engine
from workbench.app.parts import background, contact_sheet, links, permalink, style

if TYPE_CHECKING:
    Array = np.ndarray[Any, Any]

SHAPE = (56, 46)
MOST = 319
COUNTS = (0, 1, 2, 5, 10, 20, 40, 80, 160, MOST)
SHOWN = 24
SOURCES = {"face": "A face", "digit": "A digit, which is no face", "own": "A picture of yours"}


def draw() -> None:
    """Draw the page."""
    st.title("Eigenfaces")
    st.markdown(
        "A face is the mean face plus a weighted sum of eigenfaces, the directions in which 320 photographs differ "
        "most (Turk and Pentland, 1991). The weights are dot products. Whatever is put in comes back as a face."
    )
    picture, split = _chosen()
    if picture is not None:
        asked = permalink.whole("components", 0, MOST, 40)
        start = min(COUNTS, key=lambda count: abs(count - asked))
        components = st.select_slider("Components", COUNTS, start, key="eigen.components", width=560)
        permalink.put(components=components)
        key = ("eigenfaces", picture.tobytes())
        background.wait_for(
            key,
            lambda: _reconstructions(picture),
            lambda back: _compared(picture, back, int(components), split),
            saying="Starting the model; the first picture takes a few seconds",
        )
    st.subheader("The first eigenfaces")
    background.wait_for(
        ("eigenfaces", "basis"),
        lambda: engine.live("eigenfaces").apply("eigenface", np.arange(SHOWN)),
        _basis,
        saying="Drawing the eigenfaces",
    )
    links.link("models", "The model, its spaces and maps", icon=":material/deployed_code:", model="eigenfaces")


def _chosen() -> tuple[Array | None, str]:
    """The picture to be taken apart, float32 ``[56, 46]`` in 0..1, and what it is in words."""
    kind = permalink.choice("picture", SOURCES, "face") or "face"
    taken = st.segmented_control("Picture", SOURCES, format_func=SOURCES.__getitem__, default=kind, key="eigen.kind")
    kind = taken or kind
    permalink.put(picture=kind)
    if kind == "own":
        given = st.file_uploader("Picture", ["png", "jpg", "jpeg"], key="eigen.file", label_visibility="collapsed")
        return (None, "") if given is None else (_read(given.getvalue()), "your picture")
    data = datasets.open_orl_faces() if kind == "face" else datasets.open_mnist()
    last = len(data) - 1
    row = int(st.number_input("Row", 0, last, permalink.whole("row", 0, last, 8), key=f"eigen.{kind}", width=200))
    permalink.put(row=row)
    facts = data.columns.iloc[row]
    grey = data.batch(np.array([row]))[0, 0]
    if kind == "face":
        return grey, f"person {facts['person']}, picture {facts['picture']} ({facts['split']})"
    return _fitted(grey), f"digit {facts['digit']}"


def _fitted(grey: Array) -> Array:
    from PIL import Image

    pixels = Image.fromarray((grey * 255).astype(np.uint8)).resize(SHAPE[::-1], Image.Resampling.BILINEAR)
    return np.asarray(pixels, dtype=np.float32) / 255


def _read(content: bytes) -> Array | None:
    """An uploaded picture, grey and at the size of the faces; ``None`` after saying why it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            return _fitted(np.asarray(opened.convert("L"), dtype=np.float32) / 255)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError) as error:
        st.error(f"This file cannot be read as a PNG or JPEG picture: {error}", icon=":material/error:")
        return None


def _reconstructions(picture: Array) -> Array:
    """What comes back with each number of components in ``COUNTS``, float32 ``[len(COUNTS), 56, 46]``."""
    live = engine.live("eigenfaces")
    codes = live.apply("encode", picture[None, None])
    return np.stack([live.apply("decode", codes, components=count)[0, 0] for count in COUNTS])


def _compared(picture: Array, back: Array, components: int, what: str) -> None:
    import pandas as pd

    nearest = COUNTS.index(components)
    difference = np.abs(back - picture)
    here = difference[nearest]
    grey = [picture, back[nearest], here / max(float(difference.max()), 1e-6)]
    captions = ["picture", f"{COUNTS[nearest]} components", f"difference (white: {difference.max():.2f})"]
    left, right = st.columns([1, 1], gap="large")
    with left:
        pixels = [(np.clip(one, 0, 1) * 255).astype(np.uint8).repeat(3, axis=0).repeat(3, axis=1) for one in grey]
        sheet = contact_sheet.sheet(pixels, captions, columns=3, dark=style.dark())
        st.image(contact_sheet.png(sheet), alt=f"{what}, its reconstruction and their difference")
        errors = f"L1 {here.mean():.4f} · L2 {np.sqrt((here**2).mean()):.4f}"
        st.caption(f"{what} · {errors} (grey values, black 0, white 1)")
    with right:
        curve = pd.DataFrame(
            {
                "components": COUNTS,
                "L1, mean absolute": difference.mean(axis=(1, 2)),
                "L2, root mean square": np.sqrt((difference**2).mean(axis=(1, 2))),
            }
        )
        st.line_chart(curve, x="components", y_label="error (grey values)", height=300)
    st.caption(
        "One picture, n = 1. Errors over the whole data set, with intervals, are in the analysis 'reconstruction'. "
        "Person 0 to 39 were all in the training set with pictures 0 to 7; pictures 8 and 9 were not."
    )


def _basis(images: Array) -> None:
    pixels = contact_sheet.to_pixels(images, wb.images(1, *SHAPE))
    st.image(contact_sheet.png(contact_sheet.sheet(list(pixels), columns=12)), alt=f"The first {SHOWN} eigenfaces")
    st.caption("In order of variance; grey is zero, black and white are the largest weights of each.")
