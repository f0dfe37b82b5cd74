# SPDX-License-Identifier: Apache-2.0
"""Spaces and priors: what is a batch of them, what is said of what is not, and storage as JSON."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import workbench as wb
from registry.arrays import bad_rows, is_distribution, is_tensor, to_numpy, value_range
from registry.priors import prior_from
from registry.spaces import Layer, space_from


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


SPACES: list[wb.Space] = [
    wb.images(3, 8, 6, low=-1, high=1),
    wb.images(1),
    wb.vectors(4, prior=wb.normal()),
    wb.vectors(2, prior=wb.normal([1, 2], [3, 4]), metric="cosine", axes=["a", "b"]),
    wb.vectors(3, prior=wb.uniform(-2, 5)),
    wb.vectors(3, prior=wb.sphere(2.5)),
    wb.items(["red", "green"]),
    wb.texts(),
    wb.table(["age", "height"]),
    wb.scalars(["score"]),
    wb.logits(["cat", "dog"]),
    Layer(12, shape=(3, 2, 2), map="encode"),
]


@pytest.mark.parametrize("space", SPACES, ids=repr)
def test_space_comes_back_from_json_with_its_name(space: wb.Space) -> None:
    named = space.named("here")
    read = space_from(json.loads(json.dumps(named.describe())))
    assert (read, read.name, type(read)) == (named, "here", type(named))


@pytest.mark.parametrize("space", [one for one in SPACES if not isinstance(one, (wb.Tables, Layer))], ids=repr)
def test_examples_are_points_of_the_space_and_follow_the_seed(space: wb.Space) -> None:
    first, again, other = (space.example(5, generator(seed)) for seed in (0, 0, 1))
    space.validate(first)
    assert len(first) == 5
    if is_tensor(first):
        assert torch.equal(first, again)
        assert isinstance(space, wb.Items) or not torch.equal(first, other)


@pytest.mark.parametrize("space", [wb.table(["a"]), Layer(3)], ids=repr)
def test_spaces_without_examples_say_what_to_do(space: wb.Space) -> None:
    with pytest.raises(wb.SpaceError, match="give a data set|sample the source"):
        space.example(1, generator())


REFUSED: list[tuple[wb.Space, Any, str]] = [
    (wb.images(3, 4, 4), np.zeros((2, 4, 4, 3), np.float32), r"got shape \[2, 4, 4, 3\], expected \[n, 3, 4, 4\]"),
    (wb.images(1, 2), torch.zeros(2, 1, 3, 9), r"expected \[n, 1, 2, any\]"),
    (wb.images(1, 2, 2), np.full((1, 1, 2, 2), 2.0), "values run from 2 to 2, expected 0 to 1"),
    (wb.images(1, 2, 2), np.zeros((1, 1, 2, 2), np.uint8), "type uint8, expected floating point"),
    (wb.vectors(3), [[1.0, 2.0, 3.0]], "got a list, expected a tensor or array"),
    (wb.vectors(3), torch.tensor([[0.0, 1.0, 2.0], [math.nan, 0, 0]]), r"1 of 2 rows hold NaN .*first: row 1"),
    (wb.vectors(3), np.zeros(3, np.float32), r"got shape \[3\], expected \[n, 3\]"),
    (wb.items(["a", "b"]), np.array([0, 2]), "positions run from 0 to 2, expected 0 to 1"),
    (wb.items(["a", "b"]), np.array([-1, 0]), "positions run from -1"),
    (wb.items(["a", "b"]), np.array([0.0]), "expected whole positions"),
    (wb.texts(), "one text", "got a str, expected a list of texts"),
    (wb.texts(), ["a", 3], "row 1 is a int, expected text"),
    (wb.table(["a", "b"]), pd.DataFrame({"a": [1]}), "lacks the column b"),
    (wb.table(["a"]), {"a": [1]}, "expected a pandas DataFrame"),
    (wb.scalars(["a", "b"]), np.zeros((2, 1)), r"expected \[n, 2\]"),
    (wb.logits(["a"]), np.full((1, 1), np.inf), "NaN or infinity"),
]


@pytest.mark.parametrize(("space", "batch", "words"), REFUSED)
def test_wrong_batch_is_refused_in_one_sentence_that_names_the_space(space: wb.Space, batch: Any, words: str) -> None:
    with pytest.raises(wb.SpaceError, match=words) as caught:
        space.named("here").validate(batch)
    assert f"space 'here' ({space.kind})" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("space", [wb.images(1, 2, 2), wb.vectors(2), wb.scalars(), wb.items(["a"])], ids=repr)
def test_no_rows_are_a_batch(space: wb.Space) -> None:
    shape = (0, *(space.row_shape or ()))
    space.validate(np.zeros(shape, np.int64 if isinstance(space, wb.Items) else np.float32))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_every_floating_type_is_a_batch(dtype: torch.dtype) -> None:
    wb.vectors(2).validate(torch.zeros(3, 2, dtype=dtype))
    wb.images(1, 1, 1, low=-1).validate(torch.full((1, 1, 1, 1), 1.0005, dtype=dtype))  # rounding of a tanh


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: wb.images(0), "at least one channel"),
        (lambda: wb.images(1, low=1, high=1), "low < high"),
        (lambda: wb.vectors(0), "at least one axis"),
        (lambda: wb.vectors(2, metric="taxi"), "'taxi' is not known"),
        (lambda: wb.vectors(2, axes=["a"]), "1 names were given for 2 axes"),
        (lambda: wb.vectors(2, prior=wb.normal([0, 0, 0])), "prior's mean has 3 axes, the space has 2"),
        (lambda: wb.items([]), "at least one name"),
        (lambda: wb.uniform(1, 1), "low < high"),
        (lambda: space_from({"kind": "clouds"}), "'clouds' is not known"),
        (lambda: prior_from({"kind": "cauchy"}), "'cauchy' is not known"),
    ],
)
def test_impossible_spaces_are_refused_where_they_are_declared(make: Any, words: str) -> None:
    with pytest.raises(wb.SpaceError, match=words):
        make()


def test_position_of_an_item() -> None:
    colours = wb.items(["red", "green"])
    assert colours.position("green") == 1
    with pytest.raises(wb.SpaceError, match="has no item 'blue'"):
        colours.position("blue")


def test_one_space_cannot_have_two_names() -> None:
    with pytest.raises((wb.SpaceError, RuntimeError)) as caught:

        class Twice(wb.Model):
            a = wb.vectors(1)
            b = a

    cause = caught.value.__cause__ or caught.value  # Python 3.11 wraps what __set_name__ raises
    assert "given a second name, 'b'" in str(cause)


# -- priors against what is known of them


def test_moments_of_the_priors() -> None:
    """Means and deviations of 40,000 draws within five standard errors of the truth."""
    n = 40_000
    normal = wb.normal([1, -2], [0.5, 3]).sample(n, 2, generator())
    assert torch.allclose(normal.mean(dim=0), torch.tensor([1.0, -2.0]), atol=5 * 3 / n**0.5)
    assert torch.allclose(normal.std(dim=0), torch.tensor([0.5, 3.0]), rtol=5 / (2 * n) ** 0.5)
    uniform = wb.uniform(-1, 3).sample(n, 1, generator())
    assert abs(float(uniform.mean()) - 1) < 5 * 4 / (12 * n) ** 0.5
    assert float(uniform.min()) >= -1
    assert float(uniform.max()) < 3
    sphere = wb.sphere(2).sample(n, 3, generator())
    assert torch.allclose(sphere.norm(dim=1), torch.full((n,), 2.0))
    assert float(sphere.mean(dim=0).abs().max()) < 5 * 2 / (3 * n) ** 0.5


# -- arithmetic of batches

anything = st.floats(width=32, allow_nan=True, allow_infinity=True)


@settings(deadline=None)
@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=4, max_side=4), elements=anything))
def test_bad_rows_are_those_that_are_not_finite(batch: Any) -> None:
    expected = [row for row in range(len(batch)) if not np.isfinite(batch[row]).all()]
    assert bad_rows(batch).tolist() == expected
    assert bad_rows(torch.from_numpy(batch)).tolist() == expected


@settings(deadline=None)
@given(arrays(np.float32, array_shapes(max_dims=3, max_side=4), elements=st.floats(-1e6, 1e6, width=32)))
def test_arrays_and_tensors_are_looked_at_alike(batch: Any) -> None:
    tensor = torch.from_numpy(batch.copy())
    assert value_range(batch) == value_range(tensor)
    assert np.array_equal(to_numpy(tensor), batch)
    assert not is_tensor(batch)
    assert is_tensor(tensor)
    assert is_tensor(torch.nn.Parameter(tensor))


def test_distributions_are_known() -> None:
    assert is_distribution(torch.distributions.Normal(torch.zeros(1), torch.ones(1)))
    assert not is_distribution(torch.zeros(1))


@settings(deadline=None)
@given(st.integers(1, 6), st.lists(st.floats(-5, 5), min_size=1, max_size=6))
def test_prior_and_space_agree_about_axes(size: int, means: list[float]) -> None:
    prior = wb.normal(means)
    if len(means) == size:
        drawn = wb.vectors(size, prior=prior).example(3, generator())
        assert drawn.shape == (3, size)
    else:
        with pytest.raises(wb.SpaceError):
            wb.vectors(size, prior=prior)
