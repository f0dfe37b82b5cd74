# SPDX-License-Identifier: Apache-2.0
"""What an analysis gets: points by every route, slices, columns, seeds; the same inline and in a worker."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from registry.errors import DataError, DoesNotApply, ModelError, ParameterError, PluginError, WorkbenchError
from registry.result import Result
from workbench.discovered import catalogue
from workbench.runs import RunSpec, describe, prepare, run, submit, wait, why
from workbench.runs.randomness import subset
from workbench.store import Store


def inline(store: Store, **asked: Any) -> Result:
    return run("mean", store=store, inline=True, **asked)


def values(result: Result, name: str = "values") -> np.ndarray[Any, Any]:
    return np.asarray(result.arrays[name])


def toy_rows() -> np.ndarray[Any, Any]:
    return np.asarray(catalogue().dataset("toy-data").open().batch(np.arange(300)))


def test_points_of_the_data_are_its_rows_and_carry_its_columns(store: Store) -> None:
    result = inline(store, model="toy", space="x", column="label")
    np.testing.assert_array_equal(values(result), toy_rows())
    np.testing.assert_array_equal(values(result, "column"), np.arange(300) % 3)
    assert result.notes == ["toy-data"]


def test_points_of_a_latent_are_the_encoded_data(store: Store) -> None:
    result = inline(store, model="toy", space="z", spread=True)
    np.testing.assert_allclose(values(result), toy_rows()[:, :2], atol=1e-6)
    assert result.numbers()["spread"] == pytest.approx(0.5)


def test_points_of_a_layer_are_captured(store: Store) -> None:
    result = inline(store, model="toy", space="net")
    np.testing.assert_allclose(values(result), toy_rows()[:, :2], atol=1e-6)


def test_without_data_points_come_from_the_prior_and_follow_the_seed(store: Store) -> None:
    first, second = (inline(store, model="toy-without-data", space="z", seed=seed) for seed in (0, 1))
    assert first.notes == ["prior"] and values(first).shape == (2000, 2)
    assert abs(float(values(first).mean())) < 0.1
    assert not np.array_equal(values(first), values(second))
    fewer = inline(store, model="toy-without-data", space="z", seed=0, limit=10)
    np.testing.assert_array_equal(values(fewer), values(first)[:10])
    assert fewer.numbers()["columns"] == 0


def test_a_limit_takes_a_random_subset_in_ascending_order_fixed_by_the_seed(store: Store) -> None:
    rows = values(inline(store, model="toy", space="x", limit=50, column="row"), "rows")
    again = inline(store, model="toy", space="z", limit=50, column="row")
    assert len(rows) == 50 and np.all(np.diff(rows) > 0)
    np.testing.assert_array_equal(values(again, "rows"), rows)
    np.testing.assert_array_equal(values(again, "column"), rows)
    other = inline(store, model="toy", space="x", limit=50, seed=1)
    assert not np.array_equal(values(other, "rows"), rows)


def test_a_subset_takes_every_position_about_equally_often() -> None:
    counts = np.zeros(20)
    for seed in range(2000):
        counts[subset(seed, 20, 5)] += 1
    expected = 2000 * 5 / 20
    assert np.abs(counts - expected).max() < 5 * np.sqrt(expected * 0.75)


def test_batches_are_the_same_sample_in_parts(store: Store) -> None:
    assert values(inline(store, model="toy", space="z", limit=150), "batches").tolist() == [64, 64, 22]


def test_a_slice_restricts_the_run_and_a_picked_one_the_sample(store: Store) -> None:
    store.save_slice("some", "toy-data", [7, 3, 5])
    by_run = inline(store, model="toy", space="x", slice="some")
    by_pick = inline(store, model="toy", space="x", of="some")
    for result in (by_run, by_pick):
        assert values(result, "rows").tolist() == [3, 5, 7]
    key_before = prepare(store, RunSpec("mean", model="toy", params={"space": "x", "of": "some"}))[0]
    store.save_slice("some", "toy-data", [1, 2], replace=True)
    key_after = prepare(store, RunSpec("mean", model="toy", params={"space": "x", "of": "some"}))[0]
    assert key_before != key_after
    assert values(inline(store, model="toy", space="x", slice="some"), "rows").tolist() == [1, 2]
    store.save_slice("elsewhere", "another", [1])
    with pytest.raises(DataError, match="'elsewhere' is of the data set 'another'"):
        prepare(store, RunSpec("mean", model="toy", data="toy-data", slice="elsewhere", params={"space": "x"}))


def test_bare_points_need_no_model(store: Store, tmp_path: Path) -> None:
    points = np.random.default_rng(1).normal(size=(40, 3)).astype(np.float32)
    np.save(tmp_path / "points.npy", points)
    result = inline(store, points=tmp_path / "points.npy")  # the only space is filled in
    np.testing.assert_array_equal(values(result), points)
    named = inline(store, data=str(tmp_path / "points.npy"))
    np.testing.assert_array_equal(values(named), points)


def test_the_worker_and_this_process_give_the_same_bytes(store: Store) -> None:
    asked: dict[str, Any] = {"model": "toy", "space": "z", "limit": 100, "spread": True, "seed": 5}
    outside = run("mean", store=store, **asked)
    inside = run("mean", store=store, inline=True, again=True, **asked)
    assert outside.numbers() == inside.numbers()
    for name in outside.arrays:
        assert values(outside, name).tobytes() == values(inside, name).tobytes(), name
    ids = [one.id for one in store.runs(analysis="mean", limit=2)]
    assert len({store.run(one).key for one in ids}) == 1
    manifests = [store.result(one).manifest for one in ids]
    assert {one["seed"] for one in manifests} == {5}
    assert {one["samples"]["z"]["route"] for one in manifests} == {"data -> x -> encode"}
    for one in manifests:
        assert one["versions"]["torch"] == torch.__version__ and one["device"]["used"] == "cpu"
        assert set(one["seconds"]) >= {"load", "analysis", "points of z"}
    assert "a line of the analysis" in store.log(ids[0])[0] and "a line of the analysis" in store.log(ids[1])[0]


def test_a_run_leaves_the_generators_of_the_process_alone(store: Store) -> None:
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()  # type: ignore[index, union-attr]
    threads = torch.get_num_threads()
    inline(store, model="toy", space="z", seed=77)
    assert random.getstate() == before[0]
    assert np.random.get_state()[1].tolist() == before[1]  # type: ignore[index, union-attr]
    assert torch.equal(torch.get_rng_state(), before[2])
    assert torch.get_num_threads() == threads


def test_data_is_taken_by_default_only_where_it_is_of_use(store: Store) -> None:
    with_data = prepare(store, RunSpec("mean", model="toy", params={"space": "z"}))[1]
    assert with_data["data"]["name"] == "toy-data"
    without = prepare(store, RunSpec("mean", model="toy-without-data", params={"space": "z"}))[1]
    assert without["data"] is None


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        (RunSpec("maen", model="toy"), PluginError, "did you mean 'mean'"),
        (RunSpec("mean", model="tyo"), ModelError, "did you mean 'toy'"),
        (RunSpec("mean", data="toy-dta"), DataError, "did you mean toy-data"),
        (
            RunSpec("mean", model="toy", params={"space": "zz"}),
            ParameterError,
            "'space' = 'zz' is not a space of vectors",
        ),
        (RunSpec("mean", model="toy", params={"space": "z", "limits": 3}), ParameterError, "'limits' is no parameter"),
        (RunSpec("mean", model="toy", params={"space": "z", "column": "colour"}), ParameterError, "label, row"),
        (RunSpec("mean", model="toy"), ParameterError, "'space' is needed"),
        (RunSpec("needs-images", model="toy"), DoesNotApply, "a map from a space of vectors to a space of images"),
        (RunSpec("needs-images", data="toy-data"), DoesNotApply, "it needs a model"),
        (RunSpec("mean"), DoesNotApply, "give a model, a data set or a file of points"),
        (RunSpec("mean", model="missing"), ModelError, "its weights must be fetched first"),
        (RunSpec("mean", model="toy", device="cuda:9", params={"space": "z"}), ParameterError, "'cuda:9' is not there"),
        (RunSpec("mean", model="toy", seed=-1), ParameterError, "the seed -1"),
        (RunSpec("mean", points="/nowhere.npy"), DataError, "no file of points"),
        (RunSpec("mean", model="toy", points="/nowhere.npy"), ParameterError, "points stand alone"),
        (RunSpec("mean", model="toy", time_limit=0, params={"space": "z"}), ParameterError, "time limit"),
        (RunSpec("mean", model="toy", slice="sum", params={"space": "z"}), WorkbenchError, "there is no slice 'sum'"),
    ],
)
def test_mistakes_are_said_before_anything_is_queued(
    store: Store, spec: RunSpec, error: type[WorkbenchError], words: str
) -> None:
    count = store.count()
    with pytest.raises(error) as raised:
        submit(store, spec)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
    assert store.count() == count


def test_a_model_that_cannot_be_loaded_says_so_and_is_not_loaded_again_in_vain(store: Store) -> None:
    with pytest.raises(ModelError, match="'broken' cannot be described: .*the weights are at sea"):
        describe(store, "broken")
    record = store.description("broken")
    assert record is not None and record.status == "failed"
    assert "Traceback" in record.error and "raise RuntimeError" in record.error
    with pytest.raises(ModelError, match="at sea"):
        describe(store, "broken")
    again = store.description("broken")
    assert again is not None and again.updated == record.updated
    with pytest.raises(ModelError, match="at sea"):
        describe(store, "broken", again=True)
    tried = store.description("broken")
    assert tried is not None and tried.updated > record.updated


def test_an_old_failure_is_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="at sea"):
        describe(store, "broken")
    record = store.description("broken")
    monkeypatch.setattr("workbench.runs.descriptions.STALE", timedelta(0))
    with pytest.raises(ModelError, match="at sea"):
        describe(store, "broken")
    tried = store.description("broken")
    assert record is not None and tried is not None and tried.updated > record.updated


def test_a_model_that_takes_its_process_down_is_described_as_that(store: Store) -> None:
    with pytest.raises(ModelError, match="'crashing' cannot be described: .*signal SIGABRT"):
        describe(store, "crashing")
    assert describe(store, "toy").parameters == 8  # and the next one is described all the same


def test_a_model_that_draws_its_weights_is_the_same_model_in_every_process(store: Store) -> None:
    outside = describe(store, "drawn").fingerprint
    torch.rand(5)
    assert describe(store, "drawn", inline=True, again=True).fingerprint == outside
    first = run("mean", store=store, model="drawn", space="net", seed=1, limit=20)
    second = run("mean", store=store, model="drawn", space="net", seed=1, limit=20, inline=True, again=True)
    assert values(first).tobytes() == values(second).tobytes()


def test_a_data_set_that_was_added_to_the_store_is_found_by_name(store: Store, tmp_path: Path) -> None:
    rows = np.random.default_rng(2).normal(size=(30, 4)).astype(np.float32)
    np.save(tmp_path / "rows.npy", rows)
    store.add_dataset("mine", tmp_path / "rows.npy")
    result = run("mean", store=store, model="toy", data="mine", space="z")
    np.testing.assert_allclose(values(result), rows[:, :2], atol=1e-6)
    np.save(tmp_path / "wide.npy", np.zeros((30, 9), np.float32))
    with pytest.raises(DoesNotApply, match="fits no space of the model"):
        run("mean", store=store, model="toy", data=str(tmp_path / "wide.npy"), space="z")


def test_a_page_that_submits_and_reads_imports_neither_torch_nor_streamlit(store: Store) -> None:
    code = (
        "import sys\nfrom workbench.store import Store\n"
        "from workbench.runs import RunSpec, describe, submit, wait, why\n"
        "store = Store.open(sys.argv[1])\ndescribe(store, 'toy')\n"
        "spec = RunSpec('mean', model='toy', params={'space': 'z', 'limit': 33})\n"
        "assert wait(store, submit(store, spec).id).status == 'done'\nassert why(store, spec) == []\n"
        "print([one for one in ('torch', 'streamlit', 'sklearn') if one in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, store.location], capture_output=True, text=True, check=False)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_a_description_is_kept_until_the_weights_change(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "scale.txt"
    weights.write_text("1.0")
    folder = tmp_path / "plugins"
    folder.mkdir()
    text = (Path(__file__).parent / "plugins_folder" / "toy.py").read_text()
    (folder / "toy.py").write_text(text.replace('os.environ.get("TOY_WEIGHTS", "/nonexistent")', repr(str(weights))))
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    with Store.open(tmp_path / "own") as store:
        first = describe(store, "toy", inline=True)
        kept = store.description("toy")
        assert describe(store, "toy", inline=True) == first
        assert store.description("toy") == kept
        spec = RunSpec("mean", model="toy", params={"space": "z"})
        small = run("mean", model="toy", space="z", store=store, inline=True)
        assert why(store, spec) == []
        weights.write_text("2.0")
        second = describe(store, "toy", inline=True)
        assert second.fingerprint != first.fingerprint
        assert [one for one in why(store, spec) if "the model's weights or code was" in one]
        large = run("mean", model="toy", space="z", store=store, inline=True)
        np.testing.assert_allclose(values(large), 2 * values(small), atol=1e-6)


def test_weights_that_no_card_names_are_found_out_by_the_run_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = tmp_path / "scale.txt"
    weights.write_text("1.0")
    folder = tmp_path / "plugins"
    folder.mkdir()
    text = (Path(__file__).parent / "plugins_folder" / "toy.py").read_text()
    text = text.replace('os.environ.get("TOY_WEIGHTS", "/nonexistent")', repr(str(weights)))
    (folder / "toy.py").write_text(text.replace(", weights=(WEIGHTS,)", ""))
    monkeypatch.setenv("WORKBENCH_PLUGINS_DIR", str(folder))
    with Store.open(tmp_path / "own") as store:
        small = run("mean", model="toy", space="z", store=store, inline=True)
        few = run("mean", model="toy", space="z", limit=9, store=store, inline=True)
        stale = describe(store, "toy", inline=True).fingerprint
        weights.write_text("2.0")
        assert describe(store, "toy", inline=True).fingerprint == stale  # nothing tells of the change
        large = run("mean", model="toy", space="z", store=store, inline=True, again=True)
        np.testing.assert_allclose(values(large), 2 * values(small), atol=1e-6)
        newest = store.runs(limit=1)[0]
        assert describe(store, "toy", inline=True).fingerprint != stale
        assert store.preimage(newest.id)["model"]["fingerprint"] == describe(store, "toy").fingerprint
        weights.write_text("1.0")  # and back: the run finds that its result is there already
        back = run("mean", model="toy", space="z", limit=9, store=store, inline=True)
        np.testing.assert_array_equal(values(back), values(few))
        assert store.runs(limit=1)[0].status == "cancelled" and "has just this result" in store.runs(limit=1)[0].error


def test_why_names_what_differs_from_the_nearest_run(store: Store) -> None:
    inline(store, model="toy", space="z", limit=20, seed=3)
    wait(store, submit(store, RunSpec("mean", model="toy", params={"space": "z", "limit": 20}, seed=3)).id)
    assert why(store, RunSpec("mean", model="toy", params={"space": "z", "limit": "20"}, seed=3)) == []
    found = why(store, RunSpec("mean", model="toy", params={"space": "z", "limit": 21}, seed=3))
    assert len(found) == 1 and "the parameter 'limit' was 20 and is now 21" in found[0]
    assert why(store, RunSpec("trouble", data="toy-data", params={"kind": "nothing"})) == [
        "no run of 'trouble' is stored yet"
    ]
