# SPDX-License-Identifier: Apache-2.0
"""Publishing results and reading them back."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from registry.arrays import Array
from registry.errors import ResultError, StoreError
from registry.result import Finding, Metric, Result
from workbench.store import Store

many = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
names = st.from_regex(r"[a-z0-9][a-z0-9_.-]{0,30}", fullmatch=True)
reals = st.floats(allow_nan=True, allow_infinity=True)
metrics = st.builds(
    Metric,
    value=st.floats(allow_nan=True, allow_infinity=False),
    low=st.none() | reals,
    high=st.none() | reals,
    n=st.none() | st.integers(0, 2**62),
    unit=st.text(max_size=5),
    label=st.text(max_size=20),
    note=st.text(max_size=50),
    better=st.sampled_from(["higher", "lower", ""]),
)
dtypes = st.sampled_from(["<f4", "<f8", "<f2", ">f8", "<i8", "<i4", "u1", "?", "<c8", "<U5", "S3", "<M8[ns]"])
arrays = dtypes.flatmap(lambda one: npst.arrays(one, npst.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)))
images = npst.arrays("u1", st.sampled_from([(1, 1), (3, 5), (4, 2, 3), (2, 3, 4)]))
columns = st.sampled_from(
    [[1, 2, 3], [0.5, math.nan, -1e300], [True, False, True], ["a", "é\x00", ""], pd.to_datetime(["2026-01-01"] * 3)]
)
tables = st.dictionaries(st.text(min_size=1, max_size=8), columns, max_size=4).map(pd.DataFrame)


def same(one: Any, other: Any) -> bool:
    return one == other or (isinstance(one, float) and math.isnan(one) and math.isnan(other))


def identical(one: Array, other: Array) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()


def full() -> Result:
    """A result with a part of every kind."""
    return Result(
        metrics={"stress": Metric(0.5, low=0.4, high=0.6, n=100, better="lower"), "undefined": math.nan},
        tables={"curve": pd.DataFrame({"k": [1, 2], "error": [0.5, 0.25]})},
        arrays={"points": np.arange(12, dtype=np.float32).reshape(6, 2)},
        images={"sheet": np.arange(24, dtype=np.uint8).reshape(2, 4, 3)},
        charts={"map": {"mark": "point", "data": {"values": [{"x": 1}]}}},
        findings=[Finding("projection.low-trustworthiness", "neighbours are torn apart", 0.7, threshold=0.9, n=100)],
        notes=["distances between clusters mean nothing"],
    )


@many
@given(st.dictionaries(names, metrics, max_size=5))
def test_metrics_come_back_exactly(store: Store, claimed: Any, given_: dict[str, Metric]) -> None:
    record = store.publish(claimed().id, Result(metrics=given_), {})
    read = store.result(record.id).metrics
    assert list(read) == list(given_) == list(record.metrics)
    for name, one in given_.items():
        assert all(same(value, vars(read[name])[field]) for field, value in vars(one).items())
        assert same(record.metrics[name], one.value)


@many
@given(st.dictionaries(names, arrays, max_size=3))
def test_arrays_come_back_exactly_as_memory_maps(store: Store, claimed: Any, given_: dict[str, Array]) -> None:
    stored = store.result(store.publish(claimed().id, Result(arrays=given_), {}).id)
    assert stored.arrays == list(given_)
    for name, one in given_.items():
        assert identical(stored.array(name), np.asarray(one))
        assert not stored.array(name).flags.writeable


@many
@given(st.dictionaries(names, images, max_size=3))
def test_images_come_back_exactly(store: Store, claimed: Any, given_: dict[str, Array]) -> None:
    stored = store.result(store.publish(claimed().id, Result(images=given_), {}).id)
    assert all(identical(stored.image(name), one) for name, one in given_.items())


@many
@given(tables)
def test_tables_come_back_exactly(store: Store, claimed: Any, table: pd.DataFrame) -> None:
    stored = store.result(store.publish(claimed().id, Result(tables={"t": table}), {}).id)
    pd.testing.assert_frame_equal(stored.table("t"), table)


def test_a_large_array_is_mapped_and_not_read(store: Store, done: Any) -> None:
    stored = store.result(done(Result(arrays={"big": np.zeros((1000, 1000))})).id)
    assert isinstance(stored.array("big").base, np.memmap)


def test_a_whole_result_comes_back(store: Store, done: Any) -> None:
    run = done(full())
    stored, whole = store.result(run.id[:6]), full()
    again = stored.result()
    assert (again.findings, again.notes, again.charts) == (whole.findings, whole.notes, whole.charts)
    assert again.metrics["stress"] == whole.metrics["stress"]
    assert identical(np.asarray(again.arrays["points"]), whole.arrays["points"])
    assert identical(again.images["sheet"], whole.images["sheet"])
    pd.testing.assert_frame_equal(again.tables["curve"], whole.tables["curve"])
    assert (stored.tables, stored.arrays, stored.images, stored.charts) == (["curve"], ["points"], ["sheet"], ["map"])
    assert run.status == "done" and run.fraction == 1.0 and run.finished is not None
    assert run.metrics["stress"] == 0.5 and math.isnan(run.metrics["undefined"])


def test_the_manifest_names_every_file_with_its_hash(store: Store, claimed: Any) -> None:
    run = store.publish(
        claimed(seed=3, params={"space": "z"}).id, full(), {"versions": {"numpy": "2"}, "seconds": np.float32(0.5)}
    )
    manifest = store.result(run.id).manifest
    assert (manifest["run"], manifest["seed"], manifest["params"]) == (run.id, 3, {"space": "z"})
    assert (manifest["versions"], manifest["seconds"], manifest["analysis_version"]) == ({"numpy": "2"}, 0.5, "3")
    listed = {one["file"]: one["sha256"] for one in manifest["parts"]}
    artifacts = {str(one.path.relative_to(store.root / "runs" / run.id)): one.sha256 for one in store.artifacts(run.id)}
    assert listed == {file: sha256 for file, sha256 in artifacts.items() if file != "manifest.json"}
    on_disk = {
        str(one.relative_to(store.root / "runs" / run.id)) for one in (store.root / "runs" / run.id).rglob("*.*")
    }
    assert on_disk == set(artifacts)
    for one in store.artifacts(run.id):
        assert store.artifact(one.sha256).sha256 == one.sha256
        assert one.bytes == one.path.stat().st_size


def test_stored_json_is_strict(store: Store, done: Any) -> None:
    chart = {"mark": "bar", "data": {"values": [{"x": math.nan}, {"x": np.float32(2)}, {"x": math.inf}]}}
    run = done(Result(charts={"c": chart}, metrics={"m": math.nan}))

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    for file in (store.root / "runs" / run.id).rglob("*.json"):
        json.loads(file.read_text(), parse_constant=refuse)
    assert store.result(run.id).chart("c")["data"]["values"] == [{"x": None}, {"x": 2.0}, {"x": None}]


def test_nothing_is_pickled(store: Store, claimed: Any) -> None:
    run, result = claimed(), Result()
    result.arrays = {"objects": np.array([{}], dtype=object)}
    with pytest.raises(ResultError, match="holds Python objects"):
        store.publish(run.id, result, {})
    assert store.run(run.id).status == "running"


@pytest.mark.parametrize("name", ["../out", "a/b", "/etc/x", "..", ".hidden", "A", "a\x00", "é", "", "a" * 81, "a\\b"])
@pytest.mark.parametrize("group", ["arrays", "tables", "images", "charts", "metrics"])
def test_a_name_never_leads_outside_the_folder(store: Store, claimed: Any, name: str, group: str) -> None:
    run, result = claimed(), full()
    part = next(iter(getattr(result, group).values()))
    setattr(result, group, {name: part})  # past the validation at construction
    before = sorted(store.root.parent.rglob("*"))
    with pytest.raises(ResultError, match="cannot name a part"):
        store.publish(run.id, result, {})
    assert sorted(store.root.parent.rglob("*")) == before


def test_a_table_that_parquet_cannot_hold_is_named(store: Store, claimed: Any) -> None:
    run = claimed()
    with pytest.raises(ResultError, match="the table 'mixed' cannot be stored"):
        store.publish(run.id, Result(tables={"mixed": pd.DataFrame({"a": [1, "x"]}, dtype=object)}), {})
    assert not (store.root / "staging" / run.id).exists()
    assert store.publish(run.id, Result(), {}).status == "done"


def test_only_a_running_run_takes_a_result(store: Store, submit: Any, done: Any) -> None:
    queued, finished, failed = submit(), done(), submit()
    store.fail(failed.id, "failed", "memory")
    for run, status in ((queued, "queued"), (finished, "done"), (failed, "failed")):
        with pytest.raises(StoreError, match=f"the run is {status}, not running"):
            store.publish(run.id, Result(metrics={"late": 1.0}), {})
    assert store.result(finished.id).metrics["stress"].value == 0.25
    with pytest.raises(StoreError, match=re.escape(f"run {failed.id} has no result: it is failed (memory)")):
        store.result(failed.id)


def test_a_folder_left_between_rename_and_commit_does_not_hinder(store: Store, claimed: Any) -> None:
    run = claimed()
    orphan = store.root / "runs" / run.id
    orphan.mkdir()
    (orphan / "half").write_text("old")
    assert store.publish(run.id, full(), {}).status == "done"
    assert not (orphan / "half").exists() and store.verify() == []


def test_staging_is_fresh_each_time(store: Store, claimed: Any) -> None:
    run = claimed()
    (store.stage(run.id) / "junk").write_text("x")
    assert list(store.stage(run.id).iterdir()) == []


@pytest.mark.parametrize("harm", ["change", "remove"])
def test_damage_is_found_and_named(store: Store, done: Any, harm: str) -> None:
    run = done(full())
    stored = store.result(run.id)
    assert stored.verify() == [] and store.verify() == []
    for one in store.artifacts(run.id):
        whole = one.path.read_bytes()
        one.path.chmod(0o644)
        if harm == "remove":
            one.path.unlink()
        else:
            one.path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        problem = {"remove": "is missing", "change": "has changed since it was stored"}[harm]
        assert [problem in line and one.path.name in line for line in stored.verify()] == [True]
        assert store.verify() == stored.verify()
        one.path.write_bytes(whole)
    assert store.verify() == []


def test_a_part_that_is_not_there_is_named(store: Store, done: Any) -> None:
    stored = store.result(done(full()).id)
    with pytest.raises(StoreError, match="no array 'nope': there are points"):
        stored.array("nope")
    with pytest.raises(StoreError, match="no table '../../store.sqlite'"):
        stored.table("../../store.sqlite")
    with pytest.raises(StoreError, match="no file of hash"):
        store.artifact("0" * 64)


def test_findings_are_found_by_model_analysis_and_severity(store: Store, done: Any) -> None:
    for model, severity in (("a", "info"), ("a", "serious"), ("b", "serious")):
        done(Result(findings=[Finding("x.y", f"{model} {severity}", math.nan, severity=severity)]), model=model)  # type: ignore[arg-type]
    assert [one.statement for one in store.findings()] == ["b serious", "a serious", "a info"]
    assert [one.model for one in store.findings(severity="serious", model="a")] == ["a"]
    assert store.findings(analysis="other") == []
    newest = store.findings(limit=1)[0]
    assert newest.code == "x.y" and math.isnan(newest.finding.value) and newest.created.tzinfo is not None


def test_deleting_a_run_leaves_nothing_of_it(store: Store, done: Any, claimed: Any) -> None:
    run, other = done(full()), claimed()
    store.log_path(run.id).write_text("hello")
    store.delete_run(run.id)
    assert store.runs() == [store.run(other.id)] and store.findings() == [] and store.artifacts(run.id) == []
    assert not list(store.root.rglob(f"{run.id}*")) and store.gc().removed == []
    with pytest.raises(StoreError, match="is running: cancel it"):
        store.delete_run(other.id)


def test_a_log_is_followed_without_tearing_characters(store: Store, claimed: Any) -> None:
    run = claimed()
    assert store.log(run.id) == ("", 0)
    path, whole = store.log_path(run.id), "naïve €uro 🙂\n"
    raw, seen, offset = whole.encode(), "", 0
    for end in range(1, len(raw) + 1):
        path.write_bytes(raw[:end])
        more, offset = store.log(run.id, offset)
        seen += more
    assert (seen, offset) == (whole, len(raw))
    path.write_bytes(b"\xff\xfe bytes")
    assert store.log(run.id)[0] == "\ufffd\ufffd bytes"


def test_published_files_are_read_only(store: Store, done: Any) -> None:
    assert all(one.path.stat().st_mode & 0o222 == 0 for one in store.artifacts(done(full()).id))


def test_the_store_can_be_moved(store: Store, done: Any, tmp_path: Path) -> None:
    run = done(full())
    store.close()
    store.root.rename(tmp_path / "moved")
    with Store.open(tmp_path / "moved") as moved:
        assert moved.verify() == []
        assert moved.result(run.id).table("curve").shape == (2, 2)
