# SPDX-License-Identifier: Apache-2.0
"""Run keys: what must not change them does not, what must does, and differences are said in words."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ParameterError
from registry.parameters import Params
from workbench.runs import differences, preimage_of, run_key
from workbench.runs.key import canonical

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
FILLED = [{}, {"limit": 500}, {"limit": 500.0}, {"limit": "500"}, {"names": ["a", "b"]}, {"deep": {"x": 1}}]
GIVEN = st.dictionaries(st.text(min_size=1), VALUES, max_size=5)
TREES = st.dictionaries(st.text(), VALUES, max_size=6)


def shuffled(value: Any, reverse: bool) -> Any:
    """The same value with its keys in another order, whole numbers spelt as floats and lists as tuples."""
    if isinstance(value, dict):
        names = sorted(value, reverse=reverse)
        return {name: shuffled(value[name], not reverse) for name in names}
    if isinstance(value, list):
        return tuple(shuffled(one, reverse) for one in value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53:
        return float(value)
    return value


@given(TREES, st.booleans())
@settings(max_examples=150, deadline=None)
def test_order_of_keys_and_spelling_of_numbers_do_not_change_the_key(tree: dict[str, Any], reverse: bool) -> None:
    assert run_key(tree) == run_key(shuffled(tree, reverse))


@given(TREES)
@settings(max_examples=100, deadline=None)
def test_canonical_text_reads_back_to_the_same_text(tree: dict[str, Any]) -> None:
    assert canonical(json.loads(canonical(tree))) == canonical(tree)


@given(TREES, TREES)
@settings(max_examples=100, deadline=None)
def test_equal_keys_mean_equal_values(a: dict[str, Any], b: dict[str, Any]) -> None:
    assert (run_key(a) == run_key(b)) == (canonical(a) == canonical(b))


class Settings(Params):
    """Parameters with defaults."""

    space: str
    limit: float = 500
    names: tuple[str, ...] = ("a", "b")
    deep: dict[str, float] = {"x": 1.0}


def with_params(**values: Any) -> str:
    return run_key(preimage(params=Settings.read(values).model_dump(mode="json")))


def preimage(**changed: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "analysis": "projection",
        "analysis_version": "1",
        "source": "acme 1.0",
        "params": {"space": "z", "limit": 500},
        "seed": 0,
        "device": "cpu",
        "model": ("mnist-vae", "a" * 64),
        "data": ("mnist", "b" * 64),
        "slice": "c" * 64,
        "slices": {"threes": "d" * 64},
    }
    return preimage_of(**{**given, **changed})


@given(st.sampled_from(FILLED))
def test_filling_in_a_default_does_not_change_the_key(values: dict[str, Any]) -> None:
    assert with_params(space="z", **values) == with_params(space="z")


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"analysis": "reconstruction"}, "the analysis was projection and is now reconstruction"),
    ({"analysis_version": "2"}, "the version of the analysis was 1 and is now 2"),
    ({"source": "other 1.0"}, "the plugin that the analysis comes from was acme 1.0 and is now other 1.0"),
    ({"params": {"space": "w", "limit": 500}}, "the parameter 'space' was z and is now w"),
    ({"params": {"space": "z"}}, "the parameter 'limit' was 500 and is now not given"),
    ({"seed": 1}, "the seed was 0 and is now 1"),
    ({"device": "cuda"}, "the kind of device was cpu and is now cuda"),
    ({"model": ("faces", "a" * 64)}, "the model was mnist-vae and is now faces"),
    ({"model": ("mnist-vae", "e" * 64)}, "the model's weights or code was aaaaaaaaaaaa... and is now eeeeeeeeeeee..."),
    ({"data": ("mnist", "e" * 64)}, "the content of the data set was bbbbbbbbbbbb... and is now eeeeeeeeeeee..."),
    ({"slice": None}, "the rows of the slice was cccccccccccc... and is now not given"),
    ({"slices": {"threes": "e" * 64}}, "the rows of the slice 'threes' was dddddddddddd... and is now eeeeeeeeeeee..."),
    ({"points": "f" * 64}, "the content of the points was not given and is now ffffffffffff..."),
]


@pytest.mark.parametrize(("change", "words"), CHANGES, ids=[next(iter(one)) for one, _ in CHANGES])
def test_every_field_changes_the_key_and_is_named(change: dict[str, Any], words: str) -> None:
    before, after = preimage(), preimage(**change)
    assert run_key(before) != run_key(after)
    assert words in differences(before, after)


def test_a_new_release_of_a_numeric_library_changes_the_key() -> None:
    before = preimage()
    after = {**before, "numerics": {**before["numerics"], "torch": "99.0"}}
    assert run_key(before) != run_key(after)
    assert any("the installed version of 'torch'" in one for one in differences(before, after))


@given(GIVEN, GIVEN)
@settings(max_examples=150, deadline=None)
def test_differences_are_empty_exactly_when_the_keys_are_equal(a: dict[str, Any], b: dict[str, Any]) -> None:
    first, second = preimage(params=a), preimage(params=b)
    assert (differences(first, second) == []) == (run_key(first) == run_key(second))


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, np.float64("nan")])
def test_numbers_that_are_not_finite_are_refused_by_name(bad: float) -> None:
    with pytest.raises(ParameterError, match=r"params\.limit.*finite"):
        preimage(params={"limit": bad})


def test_what_json_cannot_hold_is_refused_by_name() -> None:
    with pytest.raises(ParameterError, match=r"'a\[1\]' is a object"):
        canonical({"a": [1, object()]})


def test_numpy_numbers_are_numbers() -> None:
    assert canonical({"a": np.float32(2), "b": np.int64(3), "c": np.bool_(True)}) == '{"a":2,"b":3,"c":true}'
