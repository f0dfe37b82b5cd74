# SPDX-License-Identifier: Apache-2.0
"""The door of the point map in pages without a browser: what it takes, what it refuses, what it remembers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from workbench.app.components.encoding import encode_colour, encode_coordinates
from workbench.app.components.look import Viewing, clean
from workbench.app.components.picture import version_of
from workbench.app.components.resolver import Resolver


def page() -> None:
    import numpy as np
    import streamlit as st

    from workbench.app.components.encoding import encode_colour, encode_coordinates, encode_sizes
    from workbench.app.components.scatter import scatter

    points = np.arange(12, dtype=np.float32).reshape(6, 2)
    cloud, stranger = encode_coordinates(points), encode_coordinates(points + 1)
    options = {
        "prepared": {"colour": encode_colour(list("aabbcc"), cloud), "size_by": encode_sizes(range(6), cloud)},
        "filtered": {"visible": np.arange(6) > 2, "selected": [1, 3, 5]},
        "morphing": {"other": encode_coordinates(points[::-1])},
        "linked": {"link": "both", "look": "z2_c0,0", "renderer": "server"},
        "strange colour": {"colour": encode_colour(list("aabbcc"), stranger)},
        "strange sizes": {"size_by": encode_sizes(range(6), stranger)},
        "short filter": {"visible": np.ones(5, dtype=bool)},
        "counted filter": {"visible": np.ones(6)},
        "other in space": {"other": np.zeros((6, 3))},
        "shorter other": {"other": np.zeros((5, 2))},
    }
    for name, given in options.items():
        try:
            found = scatter(cloud, key=name, **given)
            st.text(f"{name}: {found.points.tolist()} {found.mode} {found.look!r} {found.probe}")
        except ValueError as error:
            st.text(f"{name}: {error}")


def test_what_the_door_takes_and_refuses() -> None:
    test = AppTest.from_function(page).run(timeout=30)
    assert not test.exception
    assert [text.value for text in test.text] == [
        "prepared: [] initial '' None",
        "filtered: [3, 5] initial '' None",
        "morphing: [] initial '' None",
        "linked: [] initial 'z2_c0,0' None",
        "strange colour: this Colour was made for other points: call encode_colour with the points it colours",
        "strange sizes: these Sizes were made for other points: call encode_sizes with the points they size",
        "short filter: visible must be one bool a point: 6, not bool [5]",
        "counted filter: visible must be one bool a point: 6, not float64 [6]",
        "other in space: other must have the shape [n, 2] as the coordinates have ([6, 2]), not [6, 3]",
        "shorter other: other must have the shape [n, 2] as the coordinates have ([6, 2]), not [5, 2]",
    ]


@pytest.mark.parametrize("text", ["", "z1 c0", "<b>", "z1\n", "x" * 481, "é", None, 3, ["z1"]])
def test_a_look_is_short_and_plain(text: Any) -> None:
    assert clean(text) == ""
    assert clean("z1.5_c-2,3e-7_h1,2_r0,65534_d_t0.5") == "z1.5_c-2,3e-7_h1,2_r0,65534_d_t0.5"


@pytest.mark.parametrize(
    ("look", "probe"),
    [
        ({"cloud": "other", "text": "z9_c0,0"}, {"cloud": "other", "place": [1, 2]}),
        ({"cloud": "cloud", "text": "<script>"}, {"cloud": "cloud", "place": "text"}),
        ("z9_c0,0", [1, 2]),
        (None, None),
        ({"cloud": "cloud"}, {"cloud": "cloud", "place": [1, float("nan")]}),
    ],
)
def test_what_is_not_about_these_points_or_malformed_is_not_heard(look: Any, probe: Any) -> None:
    heard = Viewing("cloud", "z1_c0,0", "z1_c0,0").hear(look, probe)
    assert (heard.look, heard.probe) == ("z1_c0,0", None)


def test_a_question_is_heard_and_taken_back() -> None:
    heard = Viewing("cloud", "", "").hear({"cloud": "cloud", "text": "z2_c0,0"}, {"cloud": "cloud", "place": [1, 2]})
    assert (heard.start, heard.look, heard.probe) == ("", "z2_c0,0", (1, 2))
    assert heard.hear(None, {"cloud": "cloud", "place": None}).probe is None


def test_the_version_of_a_picture_changes_with_what_it_shows() -> None:
    points = np.random.default_rng(1).normal(size=(50, 2))
    cloud = encode_coordinates(points)
    plain = Resolver(cloud, encode_colour(None, cloud))
    coloured = Resolver(cloud, encode_colour(np.arange(50.0), cloud))
    none, some = np.zeros(50, dtype=np.bool_), np.arange(50) < 9
    versions = {
        version_of(plain, none, None),
        version_of(plain, some, None),
        version_of(plain, none, some),
        version_of(plain, none, ~none),
        version_of(coloured, none, None),
        version_of(Resolver(cloud, plain.colour, encode_coordinates(points + 1)), none, None),
    }
    assert len(versions) == 6
    assert version_of(plain, none.copy(), None) in versions
    assert all(0 < one < 10**15 for one in versions)
