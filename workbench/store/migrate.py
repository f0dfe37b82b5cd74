# SPDX-License-Identifier: Apache-2.0
"""Bring the tables of a store to the present version, once, with a copy of the file kept."""

from __future__ import annotations

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store.clock import now
from workbench.store.database import Database

HEAD = "0003"  # the newest revision in migrations/versions; a test holds the two together
FOLDER = Path(__file__).parent / "migrations"


def bring_up(database: Database, root: Path, *, head: str = HEAD, folder: Path = FOLDER) -> None:
    """Create or migrate the tables unless they are at ``head``. Several processes may try at once.

    Raises
    ------
    StoreError
        When a newer version of the workbench has written the store, or it cannot be migrated.
    """
    if revision(database) == head and _is_wal(database):
        return
    with _turn(root / "migrate.lock"):
        if not _is_wal(database):
            _set_wal(database)
        present = revision(database)
        if present == head:
            return
        if present is not None:
            _refuse_newer(database, present, folder)
            _keep_copy(database, root, present)
        _upgrade(database, folder)


def revision(database: Database) -> str | None:
    """The revision that the store is at, ``None`` for an empty one."""
    with database.read() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _is_wal(database: Database) -> bool:
    if not database.is_sqlite:
        return True
    with database.read() as connection:
        return str(connection.exec_driver_sql("PRAGMA journal_mode").scalar()).lower() == "wal"


def _set_wal(database: Database) -> None:
    path = str(database.url.database)
    try:
        with closing(sqlite3.connect(path, timeout=30.0, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL").close()
    except sqlite3.Error as error:
        raise StoreError(
            f"the store {database.shown} could not be written: {error}; choose another folder with --store"
        ) from error


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Wait until no other process on this machine migrates."""
    try:
        lock = path.open("a")
    except OSError as error:
        raise StoreError(
            f"the store at {path.parent} cannot be written: {error.strerror}; choose another folder with --store"
        ) from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refuse_newer(database: Database, present: str, folder: Path) -> None:
    from alembic.script import ScriptDirectory

    if present not in {one.revision for one in ScriptDirectory(str(folder)).walk_revisions()}:
        raise StoreError(
            f"the store {database.shown} was written by a newer version of the workbench "
            f"(its tables are at '{present}'): "
            "update latent-workbench, or choose another store with --store"
        )


def _keep_copy(database: Database, root: Path, present: str) -> None:
    """A copy of the file as it was, whole even while others write."""
    if not database.is_sqlite:
        return
    stamp = now()[:19].replace(":", "").replace("-", "")
    target = root / f"store-{present}-{stamp}.sqlite"
    with closing(sqlite3.connect(str(database.url.database))) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _upgrade(database: Database, folder: Path) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    own = Database(database.url, database.shown, references=False)
    try:
        with own.write() as connection:  # all or nothing: a kill in between leaves the store as it was
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if own.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
                raise StoreError(f"the store {database.shown} was not migrated: rows would point to runs that are gone")
    finally:
        own.close()
