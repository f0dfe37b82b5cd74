# SPDX-License-Identifier: Apache-2.0
"""Opening, settings of the database, migrations, and stores that cannot be used."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store import Store
from workbench.store.database import Database, sqlite_url
from workbench.store.migrate import FOLDER, HEAD, bring_up, revision
from workbench.store.schema import metadata

LATER = """
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = {head!r}
def upgrade():
    with op.batch_alter_table("run", recreate="always") as batch:
        batch.add_column(sa.Column("colour", sa.Text(), nullable=False, server_default="blue"))
    {then}
"""


def values(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def later(folder: Path, then: str = "") -> Path:
    """The migrations of a later version, with one more column."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "9999_colour.py").write_text(LATER.format(then=then, head=HEAD))
    return folder


def test_the_folder_is_the_named_one_or_the_environments(tmp_path: Path, monkeypatch: Any) -> None:
    with Store.open(tmp_path / "a") as store:
        assert store.root == tmp_path / "a" and store.location == str(tmp_path / "a")
        assert {one.name for one in store.root.iterdir()} >= {
            "runs",
            "staging",
            "activations",
            "slices",
            "directions",
            "logs",
        }
    monkeypatch.setenv("WORKBENCH_STORE", str(tmp_path / "b"))
    with Store.open() as store:
        assert store.root == tmp_path / "b"
    monkeypatch.delenv("WORKBENCH_STORE")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Store.open() as store:
        assert store.root == tmp_path / ".local/share/latent-workbench"


def test_acknowledged_commits_are_synced(store: Store) -> None:
    with store._database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30000}


def test_another_journal_mode_is_set_back(store: Store) -> None:
    store.close()
    path = store.root / "store.sqlite"
    assert values(path, "PRAGMA journal_mode=DELETE") == [("delete",)]
    with Store.open(store.root):
        assert values(path, "PRAGMA journal_mode") == [("wal",)]


def test_head_is_the_newest_migration() -> None:
    from alembic.script import ScriptDirectory

    assert ScriptDirectory(str(FOLDER)).get_current_head() == HEAD


def test_migrations_make_the_tables_that_the_code_uses(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store._database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_opening_at_head_needs_no_alembic(store: Store) -> None:
    code = (
        f"import sys; from workbench.store import Store; Store.open({str(store.root)!r}).close(); print(*sys.modules)"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "workbench.store" in loaded
    assert not {"alembic", "torch", "pandas", "pyarrow", "streamlit"}.intersection(loaded)


def test_a_later_version_migrates_and_keeps_a_copy(store: Store, done: Any, tmp_path: Path) -> None:
    run = done()
    database = Database(sqlite_url(store.root / "store.sqlite"), "x")
    bring_up(database, store.root, head="9999", folder=later(tmp_path / "later"))
    assert revision(database) == "9999"
    database.close()
    path = store.root / "store.sqlite"
    assert values(path, "SELECT id, colour FROM run") == [(run.id, "blue")]
    assert values(path, "SELECT run_id FROM run_metric") == [(run.id,)]  # a rebuilt table keeps what hangs on it
    (copy,) = store.root.glob(f"store-{HEAD}-*.sqlite")
    assert values(copy, "SELECT id, status FROM run") == [(run.id, "done")]
    assert values(copy, "PRAGMA integrity_check") == [("ok",)]
    with pytest.raises(StoreError, match=r"written by a newer version.*'9999'.*update latent-workbench"):
        Store.open(store.root)


def test_a_store_of_the_first_version_gets_the_table_of_directions(tmp_path: Path) -> None:
    root, first = tmp_path / "store", tmp_path / "first"
    shutil.copytree(FOLDER, first, ignore=shutil.ignore_patterns("__pycache__", "000[23]_*"))
    root.mkdir()
    database = Database(sqlite_url(root / "store.sqlite"), "x")
    bring_up(database, root, head="0001", folder=first)
    path = root / "store.sqlite"
    assert (
        revision(database) == "0001" and values(path, "SELECT name FROM sqlite_master WHERE name = 'direction'") == []
    )
    database.close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "INSERT INTO dataset VALUES ('mine', '/points.npy', '{}', '2026-01-01T00:00:00.000000+00:00')"
        )
    with Store.open(root) as store:
        assert [one.name for one in store.datasets()] == ["mine"] and store.directions() == []
        store.save_direction("smile", model="vae", fingerprint="f", space="z", vector=[1.0])
    (copy,) = root.glob("store-0001-*.sqlite")
    assert values(copy, "SELECT name FROM dataset") == [("mine",)]
    with Store.open(root) as store:
        assert [one.name for one in store.directions()] == ["smile"]


def test_a_migration_that_fails_changes_nothing(store: Store, done: Any, tmp_path: Path) -> None:
    run = done()
    database = Database(sqlite_url(store.root / "store.sqlite"), "x")
    with pytest.raises(RuntimeError, match="half way"):
        bring_up(
            database, store.root, head="9999", folder=later(tmp_path / "later", then="raise RuntimeError('half way')")
        )
    database.close()
    with Store.open(store.root) as again:
        assert again.run(run.id) == run and again.verify() == []
        columns = {one["name"] for one in sa.inspect(again._database.engine).get_columns("run")}
        assert "colour" not in columns


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("not a database, but long enough to look at " * 10)
    with pytest.raises(StoreError, match="choose another folder"):
        Store.open(tmp_path)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="cannot be made"):
        Store.open(tmp_path / "file")


def test_postgresql_wants_a_folder_for_files(monkeypatch: Any) -> None:
    monkeypatch.delenv("WORKBENCH_ARTIFACTS", raising=False)
    with pytest.raises(StoreError, match="set WORKBENCH_ARTIFACTS"):
        Store.open("postgresql://somebody:secret@localhost/nowhere")


def test_a_password_is_never_shown(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKBENCH_ARTIFACTS", str(tmp_path))
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql://somebody:secret@127.0.0.1:1/nowhere?connect_timeout=1")
    assert "secret" not in str(caught.value)


def test_a_closed_store_opens_again_when_used(store: Store) -> None:
    store.close()
    assert store.runs() == []


def test_a_store_is_used_after_a_fork(store: Store, submit: Any) -> None:
    run = submit()
    child = os.fork()
    if child == 0:
        os._exit(0 if store.claim("child") is not None else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert store.run(run.id).worker == "child"
