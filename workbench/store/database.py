# SPDX-License-Identifier: Apache-2.0
"""The database under a store: SQLite by default, PostgreSQL by address, through the same statements."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from registry.errors import StoreError

BUSY_SECONDS = 30.0
WRITERS = 0x6C777362  # the advisory lock that makes writers of a PostgreSQL store take turns, as SQLite's do


class Database:
    """An engine, with transactions for reading and for writing. Safe in threads and after a fork.

    Parameters
    ----------
    url : where the database is
    shown : how messages call it (never with a password)
    references : whether SQLite holds to foreign keys; not while tables are rebuilt, since dropping one would cascade
    """

    def __init__(self, url: sa.URL, shown: str, *, references: bool = True) -> None:
        self.url, self.shown = url, shown
        self.is_sqlite = url.get_backend_name() == "sqlite"
        try:
            options: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}} if self.is_sqlite else {}
            self.engine = sa.create_engine(url, **options)
        except ImportError as error:
            raise StoreError(
                f"the store {shown} needs psycopg: install 'latent-workbench[postgres]', or use a folder"
            ) from error
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", partial(_set_up, references))
            sa.event.listen(self.engine, "begin", _begin)
        self._pid = os.getpid()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state of the store. Raises :class:`StoreError` when it cannot be read."""
        self._after_fork()
        with self._errors("read"), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that no other writer overlaps. Raises :class:`StoreError` when it cannot be committed."""
        self._after_fork()
        with self._errors("written"), self.engine.connect() as plain:
            connection = plain.execution_options(write=True)
            with connection.begin():
                if not self.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITERS)))
                yield connection

    def close(self) -> None:
        """Close every connection that is not in use."""
        self.engine.dispose()

    def _after_fork(self) -> None:
        if os.getpid() != self._pid:  # connections of the parent are not ours to use, nor to close
            self.engine.dispose(close=False)
            self._pid = os.getpid()

    @contextmanager
    def _errors(self, what: str) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(f"the store {self.shown} could not be {what}: {_in_words(cause)}") from error


def _set_up(references: bool, connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions are begun below, so that writers wait at their start
    for pragma in (
        "synchronous=FULL",
        f"foreign_keys={'ON' if references else 'OFF'}",
        f"busy_timeout={int(BUSY_SECONDS * 1000)}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get("write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _in_words(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    for sign, way_out in (
        ("is full", "free some space and try again"),
        ("readonly", "make the folder writable, or choose another with --store"),
        ("unable to open", "make the folder readable and writable, or choose another with --store"),
        ("is locked", "another process has been writing for long; try again"),
        ("malformed", "restore a copy of it, or choose another with --store"),
        ("not a database", "choose another folder with --store"),
    ):
        if sign in text:
            return f"{text}: {way_out}"
    return text


def sqlite_url(path: Path) -> sa.URL:
    """The address of an SQLite file."""
    return sa.URL.create("sqlite", database=str(path))
