# SPDX-License-Identifier: Apache-2.0
"""Slices of draws from a prior: the same numbers are the same points, and nothing else is taken for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import DataError, DoesNotApply, ParameterError, StoreError, WorkbenchError
from registry.result import Result
from workbench.points import sample_prior
from workbench.runs import RunSpec, draws_source, prepare, read_draws, run, slice_source, why
from workbench.runs.loading import load_model
from workbench.runs.preparation import complete
from workbench.runs.worker import run_here
from workbench.store import RunRecord, Store

MODEL, NUMBERS = "toy-without-data", [2, 150, 1999, 2500]


@pytest.fixture
def drawn(store: Store) -> Store:
    """Slices of draws of several models, spaces and seeds, and of rows of data."""
    for name, source in (
        ("far", draws_source(MODEL, "z", 3)),
        ("other-seed", draws_source(MODEL, "z", 4)),
        ("of-toy", draws_source("toy", "z", 3)),
        ("of-two", draws_source("two-priors", "z", 3)),
        ("of-w", draws_source("two-priors", "w", 3)),
        ("rows", "toy-data"),
    ):
        store.save_slice(name, source, NUMBERS if source != "toy-data" else [1, 2], replace=True)
    return store


def mean(store: Store, **asked: Any) -> Result:
    return run("mean", store=store, inline=True, **asked)


def newest(store: Store) -> RunRecord:
    return store.runs(analysis="mean", limit=1)[0]


def points_of_seed(seed: int) -> np.ndarray[Any, Any]:
    return sample_prior(load_model(MODEL, "cpu").spaces["z"], np.array(NUMBERS), seed)


@given(st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True), st.text(min_size=1), st.integers(0, 2**63 - 1))
def test_a_source_is_read_back(model: str, space: str, seed: int) -> None:
    read = read_draws(draws_source(model, space, seed))
    assert read is not None and (read.model, read.space, read.seed) == (model, space, seed)


@pytest.mark.parametrize("name", ["mnist", "/data/prior:a/b@3.npy", "prior:a/b", "prior:/b@3", "prior:a/b@x", ""])
def test_other_names_are_of_no_draws(name: str) -> None:
    assert read_draws(name) is None


def test_a_slice_of_a_map_of_draws_is_its_very_points(drawn: Store) -> None:
    whole = mean(drawn, model=MODEL, space="z", limit=3000, seed=3)
    source = slice_source(newest(drawn), drawn.result(newest(drawn).id))
    assert source == drawn.slice("far").data
    for asked in ({"slice": "far", "seed": 3}, {"slice": "far", "seed": 8}, {"of": "far", "seed": 8}):
        some = mean(drawn, model=MODEL, space="z", **asked)
        assert some.arrays["rows"].tolist() == NUMBERS
        np.testing.assert_array_equal(some.arrays["values"], np.asarray(whole.arrays["values"])[NUMBERS])
        record = newest(drawn)
        assert slice_source(record, drawn.result(record.id)) == source
        assert drawn.result(record.id).manifest["samples"]["z"]["of"] == source
    fewer = mean(drawn, model=MODEL, space="z", slice="far", limit=2, seed=1)
    assert len(fewer.arrays["rows"]) == 2 and set(fewer.arrays["rows"].tolist()) < set(NUMBERS)


def test_they_go_on_through_the_maps_of_the_model(drawn: Store) -> None:
    decoded = np.asarray(mean(drawn, model=MODEL, space="x", slice="far").arrays["values"])
    np.testing.assert_array_equal(decoded[:, :2], points_of_seed(3))
    assert not decoded[:, 2:].any()
    record = newest(drawn)
    assert slice_source(record, drawn.result(record.id)) == drawn.slice("far").data


def test_the_worker_gives_the_same_points(drawn: Store) -> None:
    outside = run("mean", store=drawn, model=MODEL, space="z", slice="far", seed=5)
    np.testing.assert_array_equal(outside.arrays["values"], points_of_seed(3))


def test_the_rest_of_a_slice_is_drawn_under_its_seed(drawn: Store) -> None:
    """What a run draws beside a picked slice has the slice's seed, so that rows can be compared."""
    record = run_here(drawn, complete(drawn, RunSpec("rest", MODEL, params={"of": "far"}, seed=11), inline=True))
    result = drawn.result(record.id)
    assert result.metrics["same"].value == 3 and result.metrics["all"].value == 2000  # draw 2,500 is beyond these
    np.testing.assert_array_equal(result.array("exact"), points_of_seed(3)[:2])


def test_the_model_of_the_draws_is_filled_in(drawn: Store) -> None:
    spec = complete(drawn, RunSpec("mean", slice="far", params={"space": "z"}), inline=True).spec
    assert (spec.model, spec.data, spec.slice) == (MODEL, None, "far")


def test_draws_take_the_place_of_a_models_own_data(drawn: Store) -> None:
    some = mean(drawn, model="toy", space="z", slice="of-toy")
    np.testing.assert_array_equal(some.arrays["values"], points_of_seed(3))
    assert newest(drawn).data is None
    by_pick = mean(drawn, model="toy", space="z", of="of-toy")
    np.testing.assert_array_equal(by_pick.arrays["values"], some.arrays["values"])
    assert mean(drawn, model="toy", space="z", of="rows").arrays["rows"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("asked", "error", "sentence"),
    [
        ({"model": "toy", "slice": "far"}, DataError, r"'far' is of draws .* of 'toy-without-data' under seed 3, not"),
        ({"model": "toy", "data": "toy-data", "slice": "of-toy"}, DataError, r"draws .*, not of rows of 'toy-data'"),
        ({"model": MODEL, "data": "toy-data", "of": "far"}, DataError, r"draws .*, not of rows of 'toy-data'"),
        ({"model": "two-priors", "slice": "of-w"}, DoesNotApply, r"the prior of 'w'.* drawn from the prior of 'z'"),
        ({"model": "two-priors", "slice": "rows"}, DoesNotApply, r"'rows' is of rows of 'toy-data', and .* drawn"),
        ({"model": "two-priors", "data": "toy-data", "of": "rows"}, DoesNotApply, r"is of rows of 'toy-data', and"),
        ({"model": MODEL, "of": "rows"}, ParameterError, r"'rows' is of rows of 'toy-data'; .* fit here: far"),
        ({"model": MODEL, "slice": "far", "of": "other-seed"}, ParameterError, r"seed 3 and 'other-seed' .* seed 4"),
        ({"model": "toy", "slice": "of-toy", "of": "rows"}, ParameterError, r"and 'rows' of rows of 'toy-data'"),
        ({"model": MODEL, "slice": "fra"}, StoreError, r"no slice 'fra': did you mean far"),
    ],
)
def test_what_does_not_fit_is_refused_before_it_runs(
    drawn: Store, asked: dict[str, Any], error: type[WorkbenchError], sentence: str
) -> None:
    params = {"space": "z", **({"of": asked.pop("of")} if "of" in asked else {})}
    with pytest.raises(error, match=sentence):
        prepare(drawn, RunSpec("mean", params=params, **asked))


def test_points_of_a_space_that_is_no_draw_are_asked_for_by_name_in_vain(drawn: Store) -> None:
    """An analysis that names a slice in its code meets the same sentences."""
    for asked, space in (("rows", "z"), ("of-w", "z"), ("far", "z")):
        record = run_here(
            drawn,
            complete(drawn, RunSpec("named", "two-priors", params={"which": asked, "space": space}), inline=True),
        )
        assert record.status == "failed"
        assert f"'{asked}' is of" in record.error and "drawn from the prior of 'z' of 'two-priors'" in record.error


def test_the_key_has_the_rows_and_what_they_are_of(drawn: Store) -> None:
    def key(**about: Any) -> str:
        return prepare(drawn, RunSpec("mean", MODEL, params={"space": "z", **about.pop("params", {})}, **about))[0]

    first = key(slice="far")
    drawn.save_slice("same", draws_source(MODEL, "z", 3), NUMBERS, replace=True)
    assert key(slice="same") == first  # a name decides nothing
    others = [key(), key(slice="other-seed"), key(params={"of": "far"}), key(params={"of": "other-seed"})]
    assert len({first, *others}) == 5
    drawn.save_slice("same", draws_source(MODEL, "z", 3), NUMBERS[:2], replace=True)
    assert key(slice="same") != first
    mean(drawn, model=MODEL, space="z", slice="far", limit=3)
    (told,) = why(drawn, RunSpec("mean", MODEL, slice="other-seed", params={"space": "z", "limit": 3}))
    assert "what the slice is of was prior:toy-without-data/z@3 and is now prior:toy-without-data/z@4" in told


def test_a_slice_that_was_saved_anew_meanwhile_gives_the_run_its_true_key(drawn: Store) -> None:
    spec = RunSpec("mean", MODEL, slice="far", params={"space": "z", "limit": 4})
    prepared = complete(drawn, spec, inline=True)
    drawn.save_slice("far", draws_source(MODEL, "z", 6), [1, 2], replace=True)
    record = run_here(drawn, prepared)
    assert record.key == prepare(drawn, spec)[0] != prepared.key
    assert drawn.result(record.id).array("rows").tolist() == [1, 2]


def test_a_run_of_an_earlier_version_is_read_by_its_routes(drawn: Store) -> None:
    def source(samples: dict[str, Any], **about: Any) -> str | None:
        key = f"{len(drawn.runs(limit=1000)):064x}"
        record, _ = drawn.submit(RunSpec("old", seed=7, **{"params": {"space": "z"}, **about}), key, {})
        drawn.claim("test", record.id)
        drawn.publish(record.id, Result(metrics={"a": 1.0}), {"samples": samples})
        return slice_source(record, drawn.result(record.id))

    drawn_once = {"route": "prior -> z -> decode", "rows": 3, "slice": None}
    of_data = {"route": "data -> x -> encode", "rows": 3, "slice": None}
    assert source({"z": drawn_once}, model="gan") == "prior:gan/z@7"
    assert source({"z": of_data}, model="gan", data="mnist") == "mnist"
    assert source({"z": of_data, "x": drawn_once}, model="gan", data="mnist") == "mnist"
    assert source({"w": drawn_once, "x": drawn_once}, model="gan", params={}) == "prior:gan/z@7"
    assert source({"w": drawn_once, "x": of_data}, model="gan", data="mnist", params={}) is None
    assert source({"w": {"route": "items -> words"}}, model="gan", params={}) is None
    assert source({}, data="mnist") == "mnist"


def test_rows_of_bare_points_are_of_nothing_that_has_a_name(drawn: Store, tmp_path: Path) -> None:
    np.save(tmp_path / "points.npy", np.eye(6, dtype=np.float32))
    mean(drawn, points=tmp_path / "points.npy")
    assert slice_source(newest(drawn), drawn.result(newest(drawn).id)) is None
    mean(drawn, data="toy-data", space="points")
    assert slice_source(newest(drawn), drawn.result(newest(drawn).id)) == "toy-data"
