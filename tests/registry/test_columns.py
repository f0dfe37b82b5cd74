# SPDX-License-Identifier: Apache-2.0
"""Columns of a data set: what a plugin gives as names and cells is made countable, or refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from registry.data import ArrayDataset
from registry.errors import DataError
from registry.spaces import vectors

POINTS = np.zeros((2, 3), dtype=np.float32)


def columns_of(columns: pd.DataFrame) -> pd.DataFrame:
    return ArrayDataset(POINTS, vectors(3), columns).columns


def test_names_are_text() -> None:
    assert list(columns_of(pd.DataFrame({0: [1, 2], ("a", 1): ["x", "y"]})).columns) == ["0", "('a', 1)"]


def test_lists_and_dictionaries_become_text_and_can_be_counted() -> None:
    given = pd.DataFrame(
        {"tags": [["a"], {"b": 1}], "array": [np.arange(2), None], "kept": [1, "a"], "mixed": [(1, 2), 0.5]}
    )
    found = columns_of(given)
    assert found["tags"].tolist() == ["['a']", "{'b': 1}"]
    assert found["array"].tolist() == ["[0 1]", None]
    assert found["kept"].tolist() == [1, "a"]
    assert found["mixed"].tolist() == ["(1, 2)", 0.5]
    assert [found[one].nunique() for one in found] == [2, 1, 2, 2]
    assert isinstance(given["tags"][0], list)  # what the plugin holds is left as it is


def test_plain_columns_are_not_copied() -> None:
    given = pd.DataFrame({"label": ["a", "b"]})
    assert columns_of(given) is given


@pytest.mark.parametrize("names", [["x", "x"], [1, "1"]])
def test_two_columns_of_one_name_are_refused(names: list[object]) -> None:
    with pytest.raises(DataError, match="two columns of the name '(x|1)': rename"):
        columns_of(pd.DataFrame([["a", 1.0], ["b", 2.0]], columns=pd.Index(names, dtype=object)))
