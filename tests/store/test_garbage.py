# SPDX-License-Identifier: Apache-2.0
"""What killed processes left behind is reclaimed, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from registry.result import Result
from workbench.store import Store


def litter(store: Store) -> list[str]:
    """What processes that were killed at the wrong moment leave."""
    for name in ("staging/aaaaaaaaaaaa", "staging/aaaaaaaaaaaa.12345678", "runs/bbbbbbbbbbbb"):
        (store.root / name / "arrays").mkdir(parents=True)
        (store.root / name / "arrays" / "x.npy").write_bytes(b"1234")
    for name in ("slices/.0123456789abcdef", f"slices/{'c' * 64}.npy", "logs/dddddddddddd.log"):
        (store.root / name).write_bytes(b"12")
    return sorted(
        [
            "staging/aaaaaaaaaaaa",
            "staging/aaaaaaaaaaaa.12345678",
            "runs/bbbbbbbbbbbb",
            "slices/.0123456789abcdef",
            f"slices/{'c' * 64}.npy",
            "logs/dddddddddddd.log",
        ]
    )


def files(root: Path) -> set[Path]:
    return {one for one in root.rglob("*") if "store.sqlite" not in one.name}


def test_an_orderly_store_has_no_garbage(store: Store, done: Any, submit: Any, claimed: Any) -> None:
    store.log_path(done().id).write_text("log")
    store.save_slice("s", "digits", [1])
    submit()
    running = store.stage(claimed().id)
    (store.root / "runs" / running.name).mkdir()  # renamed, and about to be committed
    before = files(store.root)
    report = store.gc()
    assert (report.removed, report.bytes) == ([], 0) and files(store.root) == before


def test_orphans_are_named_counted_and_removed(store: Store, done: Any) -> None:
    run = done(Result(notes=["kept"]))
    before = files(store.root)
    orphans = litter(store)
    dry = store.gc(dry_run=True)
    assert (dry.removed, dry.bytes, dry.dry_run) == (orphans, 3 * 4 + 3 * 2, True)
    assert files(store.root) > before
    wet = store.gc()
    assert (wet.removed, wet.bytes, wet.dry_run) == (orphans, 18, False)
    assert files(store.root) == before and store.gc().removed == []
    assert store.result(run.id).notes == ["kept"]


def test_a_failed_run_keeps_its_log_and_loses_its_files(store: Store, claimed: Any) -> None:
    run = claimed()
    store.stage(run.id)
    (store.root / "runs" / run.id).mkdir()
    store.log_path(run.id).write_text("what happened")
    store.fail(run.id, "failed", "killed")
    assert store.gc().removed == [] and store.log(run.id)[0] == "what happened"
    assert [one.name for one in files(store.root) if run.id in one.name] == [f"{run.id}.log"]


def test_a_link_in_staging_is_removed_and_not_followed(store: Store, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "file").write_text("keep")
    (store.root / "staging" / "eeeeeeeeeeee").symlink_to(tmp_path / "precious")
    assert store.gc().removed == ["staging/eeeeeeeeeeee"]
    assert (tmp_path / "precious" / "file").read_text() == "keep"
    assert not (store.root / "staging" / "eeeeeeeeeeee").is_symlink()


def test_a_missing_folder_and_a_damaged_database_are_said(store: Store, done: Any) -> None:
    run = done()
    (store.root / "runs" / run.id).rename(store.root / "elsewhere")
    assert store.verify() == [f"the folder of run {run.id} is missing"]
