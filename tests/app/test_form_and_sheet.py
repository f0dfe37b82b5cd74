# SPDX-License-Identifier: Apache-2.0
"""Forms are made from parameters, contact sheets from pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from registry.spaces import images
from workbench.app.parts import contact_sheet, thumbnail


def form_page() -> None:
    from typing import Literal

    import streamlit as st
    from pydantic import Field

    from registry.parameters import Column, Offer, Params, Pick
    from registry.spaces import Vectors
    from workbench.app.parts import form

    class Example(Params):
        space: Pick[Vectors]
        column: Pick[Column] | None = None
        slice: Pick[Column] | None = None
        dimensions: Literal[2, 3] = 2
        method: Literal["a", "b", "c", "d", "e"] = "b"
        limit: int = Field(500, gt=9, le=1000, description="How <b>many</b> points")
        rate: float = Field(0.25, ge=0, lt=1)
        perplexity: float | None = Field(None, ge=1)
        exact: bool = True
        label: str = "x"
        sizes: tuple[int, ...] = (1, 2)

    offered = {
        "space": Offer(("z", "w*"), "a space of vectors", True),
        "column": Offer(("digit",), "a column", False),
        "slice": Offer((), "a slice", False),
    }
    values = form.draw(Example, offered, key="f", initial=st.session_state.get("initial"))
    read, wrong = form.read(Example, values)
    st.session_state["out"] = (values, None if read is None else read.model_dump(), wrong)


def out(test: AppTest) -> Any:
    assert not test.exception, test.exception
    return test.session_state["out"]


def test_a_form_begins_with_the_defaults() -> None:
    values, read, wrong = out(AppTest.from_function(form_page).run())
    assert wrong == ""
    assert read == {
        "space": "z", "column": None, "slice": None, "dimensions": 2, "method": "b", "limit": 500, "rate": 0.25,
        "perplexity": None, "exact": True, "label": "x", "sizes": (1, 2),
    }  # fmt: skip


def test_a_form_begins_with_a_stored_run() -> None:
    test = AppTest.from_function(form_page)
    test.session_state["initial"] = {"space": "w*", "dimensions": 3, "limit": 10, "perplexity": 12.5, "sizes": [7]}
    _, read, _ = out(test.run())
    assert (read["space"], read["dimensions"], read["limit"], read["perplexity"], read["sizes"]) == (
        "w*",
        3,
        10,
        12.5,
        (7,),
    )


def test_what_is_entered_is_read() -> None:
    test = AppTest.from_function(form_page).run()
    test.selectbox(key="f.space").set_value("w*")
    test.selectbox(key="f.column").set_value("digit")
    test.number_input(key="f.limit").set_value(10)
    test.number_input(key="f.perplexity").set_value(3.5)
    test.toggle(key="f.exact").set_value(False)
    test.text_input(key="f.sizes").set_value("4, 5 ,6")
    _, read, wrong = out(test.run())
    assert wrong == ""
    assert (read["space"], read["column"], read["limit"], read["perplexity"]) == ("w*", "digit", 10, 3.5)
    assert (read["exact"], read["sizes"]) == (False, (4, 5, 6))


def names_page() -> None:
    import streamlit as st

    from registry.directions import Kept
    from registry.parameters import Offer, Params
    from workbench.app.parts import form

    class Example(Params):
        kept: tuple[Kept, ...] = ()

    values = form.draw(
        Example,
        {"kept": Offer(("age", "smile"), "a kept direction", False)},
        key="f",
        initial=st.session_state.get("initial"),
    )
    read, wrong = form.read(Example, values)
    st.session_state["out"] = (values, None if read is None else read.model_dump(), wrong)


def test_kept_directions_are_chosen_by_their_names() -> None:
    test = AppTest.from_function(names_page).run()
    assert out(test)[1] == {"kept": ()} and test.multiselect(key="f.kept").options == ["age", "smile"]
    test.multiselect(key="f.kept").set_value(["smile", "age"])
    assert out(test.run())[1] == {"kept": ("smile", "age")}
    again = AppTest.from_function(names_page)
    again.session_state["initial"] = {"kept": ["gone"]}
    assert out(again.run())[1] == {"kept": ("gone",)}  # it stays to be seen: the check of the run says that it is gone


def test_ranges_and_help_come_from_the_field() -> None:
    test = AppTest.from_function(form_page).run()
    limit = test.number_input(key="f.limit")
    assert (limit.min, limit.max) == (10, 1000), "an excluded bound of whole numbers is one further in"
    assert "\\<b\\>" in limit.help and "Above 9 up to 1,000" in limit.help.replace("\\", "")


def test_what_is_wrong_is_said_in_words() -> None:
    test = AppTest.from_function(form_page).run()
    test.text_input(key="f.sizes").set_value("a")
    _, read, wrong = out(test.run())
    assert read is None and "sizes" in wrong


def test_pixels_are_scaled_by_the_space_and_clipped() -> None:
    batch = np.array([[[[-1.0, 0.0], [1.0, 3.0]]]], dtype=np.float32)
    pixels = contact_sheet.to_pixels(batch, images(1, 2, 2, low=-1, high=1))
    assert pixels.shape == (1, 2, 2, 1) and pixels.ravel().tolist() == [0, 128, 255, 255]


def test_a_sheet_places_each_picture() -> None:
    grey = [np.full((4, 4), shade, dtype=np.uint8) for shade in (10, 20, 30)]
    made = contact_sheet.sheet(grey, columns=2)
    cell, gap = contact_sheet.CELL, 6
    assert made.shape == (2 * cell + gap, 2 * cell + gap, 4)
    assert made[0, 0].tolist() == [10, 10, 10, 255] and made[0, -1].tolist() == [20, 20, 20, 255]
    assert made[-1, 0].tolist() == [30, 30, 30, 255] and made[-1, -1, 3] == 0


def test_a_sheet_keeps_colour_and_centres_smaller_pictures() -> None:
    tall, small = np.zeros((100, 80, 3), np.uint8), np.full((90, 60, 3), (1, 2, 3), np.uint8)
    made = contact_sheet.sheet([tall, small])
    assert made[50, 86 + 40].tolist() == [1, 2, 3, 255] and made[0, 86 + 40, 3] == 0


def test_captions_are_written_below_and_never_change_the_pictures() -> None:
    pictures = [np.full((72, 72), 200, dtype=np.uint8)] * 2
    plain = contact_sheet.sheet(pictures)
    told = contact_sheet.sheet(pictures, ["4", "a caption that is far too long for its cell"])
    assert np.array_equal(told[:72], plain) and told[72:].any()
    with pytest.raises(ValueError, match="2 pictures have 1 captions"):
        contact_sheet.sheet(pictures, ["one"])
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet.sheet([])


def test_png_reads_back() -> None:
    import io

    from PIL import Image

    shown = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(contact_sheet.png(shown)))), shown)


def test_a_thumbnail_shows_each_class_where_it_lies() -> None:
    points = np.concatenate([np.full((50, 2), (-1.0, 0.0)), np.full((50, 2), (1.0, 0.0)), [[np.nan, 0.0]]])
    made = thumbnail.of_points(points, np.repeat([0, 1, 0], [50, 50, 1]), width=100, height=50)
    assert made.shape == (50, 100, 4)
    assert made[25, 6].tolist() == [0, 0x72, 0xB2, 255] and made[25, 94].tolist() == [0xE6, 0x9F, 0, 255]
    assert made[:10, :, 3].max() == 0


def test_a_thumbnail_of_nothing_is_empty() -> None:
    assert thumbnail.of_points(np.empty((0, 2))).max() == 0
