# SPDX-License-Identifier: Apache-2.0
"""Alembic migrations of the store; run when a store is opened."""
