# SPDX-License-Identifier: Apache-2.0
"""Kept directions as parameters of an analysis: given by name, checked, and part of the key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from registry.errors import ParameterError, WorkbenchError
from workbench.runs import RunSpec, describe, prepare, run, submit, wait, why
from workbench.store import DirectionRecord, Store


def keep(store: Store, name: str, vector: Any, **about: Any) -> DirectionRecord:
    """A direction of the latent space of the toy model, kept as it is now."""
    known = {"model": "toy", "space": "z", "fingerprint": describe(store, "toy", inline=True).fingerprint, **about}
    return store.save_direction(name, vector=vector, replace=True, **known)


def spec(*kept: str, **params: Any) -> RunSpec:
    return RunSpec("along", model="toy", params={"space": "z", "kept": list(kept), **params})


def test_an_analysis_is_given_the_direction_that_it_names(store: Store) -> None:
    keep(store, "first", [2.0, 0.0], how={"note": "by hand"}, card={"effect": 1.5})
    result = run("along", model="toy", space="z", kept=["first"], store=store, inline=True)
    vector = np.asarray(result.arrays["vector-first"])
    assert vector.tolist() == [2, 0] and vector.dtype == np.float32
    assert result.notes == ["first of z of toy: {'note': 'by hand'} {'effect': 1.5}"]
    points = run("mean", model="toy", space="z", limit=50, store=store, inline=True)
    assert result.numbers()["first"] == pytest.approx(2 * np.asarray(points.arrays["values"])[:, 0].mean(), abs=1e-5)


def test_the_worker_gives_the_same(store: Store) -> None:
    keep(store, "tilted", [0.5, -0.25])
    keep(store, "second", [0.0, 1.0])
    done = wait(store, submit(store, spec("tilted", "second")).id, timeout=120)
    assert done.status == "done", done.error
    inline = run("along", model="toy", space="z", kept=["tilted", "second"], store=store, inline=True, again=True)
    assert store.result(done.id).result().numbers() == inline.numbers()


def test_the_key_covers_the_vector_and_not_only_the_name(store: Store) -> None:
    keep(store, "changing", [1.0, 0.0])
    key, preimage = prepare(store, spec("changing"))
    assert preimage["directions"] == {"changing": store.direction("changing").sha256}
    keep(store, "changing", [1.0, 0.0], card={"effect": 2.0})  # the same vector: nothing that is computed changes
    assert prepare(store, spec("changing"))[0] == key
    first = run("along", model="toy", space="z", kept=["changing"], store=store, inline=True)
    keep(store, "changing", [-1.0, 0.0])
    assert prepare(store, spec("changing"))[0] != key
    assert any("the vector of the direction 'changing' was" in one for one in why(store, spec("changing")))
    second = run("along", model="toy", space="z", kept=["changing"], store=store, inline=True)
    assert second.numbers()["changing"] == pytest.approx(-first.numbers()["changing"])


def test_other_analyses_have_the_keys_that_they_had(store: Store) -> None:
    _, preimage = prepare(store, RunSpec("mean", model="toy", params={"space": "z"}))
    assert "directions" not in preimage
    assert prepare(store, spec())[1]["directions"] == {}


@pytest.mark.parametrize(
    ("about", "vector", "words"),
    [
        ({"model": "two-priors"}, [1.0, 0.0], "of the model 'two-priors', not of 'toy'"),
        ({"model": None, "fingerprint": ""}, [1.0, 0.0], "of bare data, not of 'toy'"),
        ({"fingerprint": "0" * 64}, [1.0, 0.0], "kept for other weights of 'toy' .fingerprint 000000000000, now"),
        ({"space": "x"}, [1.0] * 4, "of the space 'x', and the run looks at 'z'"),
        ({}, [1.0, 2.0, 3.0], "it has 3 numbers, and points of 'z' have 2"),
    ],
)
def test_a_direction_that_does_not_fit_is_refused_in_words(
    store: Store, about: dict[str, Any], vector: list[float], words: str
) -> None:
    keep(store, "unfit", vector, **about)
    with pytest.raises(ParameterError, match=f"'kept': the direction 'unfit' does not fit: .*{words}"):
        prepare(store, spec("unfit"))


def test_a_name_that_is_not_kept_has_near_ones(store: Store) -> None:
    keep(store, "smile", [1.0, 0.0])
    with pytest.raises(ParameterError, match="'kept': there is no direction 'smlie': did you mean smile"):
        prepare(store, spec("smlie"))
    with pytest.raises(ParameterError, match="kept"):
        prepare(store, spec(""))


def test_a_direction_that_no_parameter_names_is_not_given(store: Store) -> None:
    keep(store, "hidden", [1.0, 0.0])
    with pytest.raises(WorkbenchError, match=r"the run names no such .it names: none.: give it a parameter"):
        run("along", model="toy", space="z", sneaky="hidden", store=store, inline=True)


def test_a_direction_of_bare_data_serves_runs_on_data_alone(store: Store) -> None:
    keep(store, "bare", [1.0, 0.0, 0.0, 0.0], model=None, fingerprint="", space="points")
    result = run("along", data="toy-data", space="points", kept=["bare"], store=store, inline=True)
    assert result.notes == ["bare of points of None: {} {}"]
    keep(store, "bare", [1.0, 0.0], model=None, fingerprint="", space="points")
    with pytest.raises(ParameterError, match="it has 2 numbers, and points of 'points' have 4"):
        prepare(store, RunSpec("along", data="toy-data", params={"space": "points", "kept": ["bare"]}))
    keep(store, "smirk", [1.0, 0.0])
    with pytest.raises(ParameterError, match="of the model 'toy', not of bare data"):
        prepare(store, RunSpec("along", data="toy-data", params={"space": "points", "kept": ["smirk"]}))


def test_what_was_replaced_while_the_run_was_queued_is_what_the_run_says_it_computed(store: Store) -> None:
    keep(store, "late", [1.0, 0.0])
    record, _ = store.submit(spec("late"), *prepare(store, spec("late")))
    keep(store, "late", [0.0, 3.0])
    keep(store, "waking", [7.0, 1.0])
    submit(store, spec("waking"))  # wakes the supervisor, which takes the other one first
    done = wait(store, record.id, timeout=120)
    assert done.status == "done" and store.preimage(done.id)["directions"]["late"] == store.direction("late").sha256
    assert np.asarray(store.result(done.id).array("vector-late")).tolist() == [0, 3]


def test_one_that_was_deleted_fails_the_run_in_words(store: Store) -> None:
    keep(store, "gone", [1.0, 0.0])
    key, preimage = prepare(store, spec("gone"))
    store.delete_direction("gone")
    record, _ = store.submit(spec("gone"), key, preimage)
    keep(store, "other", [1.0, 5.0])
    wait(store, submit(store, spec("other")).id, timeout=120)  # wakes the supervisor
    done = wait(store, record.id, timeout=120)
    assert done.status == "failed" and "there is no direction 'gone'" in str(done.error)
