# SPDX-License-Identifier: Apache-2.0
"""Alembic's environment: the connection is given by :mod:`workbench.store.migrate`."""

from __future__ import annotations

from alembic import context

from workbench.store.schema import metadata

if hasattr(context, "config"):  # not while the file is only looked at
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        transactional_ddl=True,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()
