# SPDX-License-Identifier: Apache-2.0
"""Which columns are factors, their levels, what is left out and said, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import workbench as wb
from plugins.disentanglement.factors import dependence, factors_of

RNG = np.random.default_rng(0)
SHAPE = RNG.integers(3, size=600)
SCALE = RNG.choice([0.5, 0.75, 1.0], size=600)
ANGLE = RNG.random(600) * 90


def table(**more: Any) -> pd.DataFrame:
    return pd.DataFrame({"shape": np.array(["disc", "box", "heart"])[SHAPE], "scale": SCALE, "angle": ANGLE, **more})


def test_texts_are_categories_and_numbers_with_many_values_are_cut() -> None:
    found = factors_of(table(), [], [])
    shape, scale, angle = found.each
    assert [(one.name, one.kind, one.count) for one in found.each] == [
        ("shape", "category", 3), ("scale", "number", 3), ("angle", "number", 10)
    ]  # fmt: skip
    assert shape.labels == ("box", "disc", "heart")
    assert (scale.values == SCALE).all() and scale.labels == ("0.5", "0.75", "1")
    assert np.bincount(angle.levels).tolist() == [60] * 10
    assert (np.diff(angle.values[np.argsort(angle.levels, kind="stable")].reshape(10, 60).mean(axis=1)) > 0).all()
    assert any("Cut into 10 levels" in one and "angle" in one for one in found.notes)


def test_split_row_numbers_doubles_and_constants_are_left_out_and_said() -> None:
    more = {
        "split": RNG.choice(["train", "test"], 600),
        "identity": np.arange(600),
        "shape_index": SHAPE,
        "colour": "white",
    }
    found = factors_of(table(**more), [], [])
    assert found.names == ["shape", "scale", "angle"]
    told = " ".join(found.notes)
    assert "do not vary among these points: colour" in told
    assert "shape_index (the same as shape)" in told


def test_named_columns_are_taken_even_when_they_say_the_same_twice() -> None:
    found = factors_of(table(shape_index=SHAPE), ["shape", "shape_index"], [])
    assert found.names == ["shape", "shape_index"]
    assert dependence(found)[0, 1] == pytest.approx(1, abs=0.01)


def test_numbers_that_are_categories() -> None:
    found = factors_of(table(person=RNG.integers(40, size=600)), ["person", "scale"], ["person"])
    assert [(one.kind, one.count) for one in found.each] == [("category", 40), ("number", 3)]


def test_rows_without_a_value_are_left_out() -> None:
    columns = table()
    columns.loc[:9, "scale"] = np.nan
    columns.loc[10:14, "angle"] = np.inf
    columns.loc[15:19, "shape"] = None
    found = factors_of(columns, [], [])
    assert found.kept.tolist() == list(range(20, 600))
    assert len(found.each[0].levels) == 580
    assert any(one.startswith("20 of 600 points lack a value") for one in found.notes)


def test_independent_factors_depend_little_and_copies_fully() -> None:
    copied = np.where(RNG.random(600) < 0.5, SHAPE, RNG.integers(3, size=600))
    found = dependence(factors_of(table(copied=copied), [], []))
    assert found[0, 1] < 0.01 and found[0, 2] < 0.02
    assert 0.1 < found[0, 3] < 0.4
    assert (np.diag(found) == 1).all() and (found == found.T).all()


@pytest.mark.parametrize(
    ("columns", "named", "message"),
    [
        (table()[["shape"]], [], "at least two columns of factors .* only 'shape' does"),
        (table(colour=1.0)[["shape", "colour"]], [], r"only 'shape' does \(colour: one value only\)"),
        (table(), ["shape"], "only 'shape' does"),
        (table(broken=np.nan), ["shape", "broken"], "only 0 points have a value of every factor"),
        (table(split="train")[["split"]], [], "none does"),
    ],
)
def test_too_few_factors_are_refused(columns: pd.DataFrame, named: list[str], message: str) -> None:
    with pytest.raises(wb.DataError, match=message):
        factors_of(columns, named, [])


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (["shape", "colour"], "no column 'colour': there are shape, scale, angle, name"),
        (["shape", "shape"], "named twice"),
        (["shape", "name"], "600 categories, 64 at most"),
    ],
)
def test_wrong_names_are_refused(named: list[str], message: str) -> None:
    with pytest.raises(wb.ParameterError, match=message):
        factors_of(table(name=[f"n{one}" for one in range(600)]), named, [])
