# SPDX-License-Identifier: Apache-2.0
"""Filters of points: what stands in the address comes back the same, and nothing else is believed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from workbench.app.parts.filters import Condition

NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable())
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@given(NAMES, st.lists(st.text(max_size=10), min_size=1, max_size=5))
def test_values_come_back_from_the_address(name: str, values: list[str]) -> None:
    condition = Condition(name, tuple(values))
    assert Condition.read(condition.written(), ["other", name]) == condition


@given(NAMES, NUMBERS, NUMBERS)
def test_ranges_come_back_from_the_address(name: str, low: float, high: float) -> None:
    condition = Condition(name, low=low, high=high)
    assert Condition.read(condition.written(), [name]) == condition


@pytest.mark.parametrize(
    "written", ["", "label", "label~1", "label~nan,1", "label~1,inf", "else:1", "label~1,2,3", ":", "~"]
)
def test_what_is_no_condition_is_none(written: str) -> None:
    assert Condition.read(written, ["label"]) is None


def test_masks_are_those_of_pandas() -> None:
    frame = pd.DataFrame(
        {
            "label": [4, 9, 4, 1],
            "name": ["a", None, "b,c", "a"],
            "size": [0.5, np.nan, 2.0, 1.0],
            "whole": [1.0, 2.0, np.nan, 1.0],
            "kind": pd.Categorical(["x", "y", "x", None]),
            "flag": [True, False, True, True],
        }
    )
    assert Condition("label", ("4", "1")).mask(frame).tolist() == [True, False, True, True]
    assert Condition("name", ("b,c",)).mask(frame).tolist() == [False, False, True, False]
    assert Condition("size", low=0.5, high=1.0).mask(frame).tolist() == [True, False, False, True]
    assert Condition("whole", ("1",)).mask(frame).tolist() == [True, False, False, True]
    assert Condition("kind", ("x",)).mask(frame).tolist() == [True, False, True, False]
    assert Condition("flag", ("False",)).mask(frame).tolist() == [False, True, False, False]


def test_the_range_of_a_column_leaves_infinity_out() -> None:
    def page() -> None:
        import numpy as np
        import pandas as pd
        import streamlit as st

        from workbench.app.parts import filters

        values = np.concatenate([np.arange(100) / 3, [np.inf, -np.inf, np.nan]])
        st.text(str(filters.draw(pd.DataFrame({"a": values}), filters.Condition("a", low=1.0, high=1e300), "key")))

    test = AppTest.from_function(page).run()
    assert not test.exception
    assert (test.slider[0].min, test.slider[0].max) == (0.0, 33.0)
    assert test.slider[0].value == (1.0, 33.0)
