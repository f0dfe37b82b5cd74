# SPDX-License-Identifier: Apache-2.0
"""The store: runs, results, findings, trials, slices, directions, data sets, in a folder with a database."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from registry.errors import StoreError
from workbench.store.database import Database, sqlite_url
from workbench.store.directions import Directions
from workbench.store.files import told
from workbench.store.garbage import Garbage
from workbench.store.ledger import Ledger
from workbench.store.migrate import bring_up
from workbench.store.named import Named
from workbench.store.queue import Queue
from workbench.store.searches import Searches
from workbench.store.selections import Selections
from workbench.store.slices import Slices
from workbench.store.triage import Triage

DEFAULT = Path("~/.local/share/latent-workbench")
FOLDERS = ("runs", "staging", "activations", "slices", "selections", "directions", "logs", "pictures")


class Store(Queue, Garbage, Triage, Ledger, Searches, Slices, Selections, Directions, Named):
    """Everything that is kept between sessions. Several processes and threads may use one store at once.

    Open it with :meth:`open`; close it, or use it in a ``with`` statement.

    Examples
    --------
    >>> import tempfile
    >>> from workbench.runs.spec import RunSpec
    >>> from registry.result import Result
    >>> with tempfile.TemporaryDirectory() as folder, Store.open(folder) as store:
    ...     run, new = store.submit(RunSpec("projection", params={"space": "z"}), "k" * 64, {})
    ...     claimed = store.claim("me")
    ...     done = store.publish(run.id, Result(metrics={"stress": 0.25}), {})
    ...     done.status, done.metrics, store.result(run.id).metrics["stress"].value
    ('done', {'stress': 0.25}, 0.25)
    """

    @classmethod
    def open(cls, location: str | os.PathLike[str] | None = None) -> Self:
        """Open a store, making it where there is none, and bringing its tables up to date.

        Parameters
        ----------
        location : a folder, or ``postgresql://user@host/name`` (files then go to ````);
            by default ````, else ``~/.local/share/latent-workbench``

        Raises
        ------
        StoreError
            When it cannot be made, read or written, or a newer version of the workbench has written it.
        """
        given = os.fspath(location) if location is not None else os.environ.get("WORKBENCH_STORE") or str(DEFAULT)
        by_address = given.startswith(("postgresql:", "postgresql+psycopg:"))
        root = _artifacts() if by_address else Path(given).expanduser().absolute()
        with told(f"the store at {root} cannot be made"):
            for name in FOLDERS:
                (root / name).mkdir(parents=True, exist_ok=True)
        if by_address:
            url = sa.make_url(given).set(drivername="postgresql+psycopg")
            database = Database(url, url.render_as_string(hide_password=True))
        else:
            database = Database(sqlite_url(root / "store.sqlite"), str(root))
        try:
            bring_up(database, root)
        except BaseException:
            database.close()
            raise
        return cls(root, given if by_address else str(root), database)

    def close(self) -> None:
        """Close the connections to the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Store({self._database.shown!r})"


def _artifacts() -> Path:
    folder = os.environ.get("WORKBENCH_ARTIFACTS")
    if not folder:
        raise StoreError("a store on PostgreSQL keeps its files in a folder: set WORKBENCH_ARTIFACTS to it")
    return Path(folder).expanduser().absolute()
