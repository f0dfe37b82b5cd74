# SPDX-License-Identifier: Apache-2.0
"""Named directions of spaces."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "direction",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("space", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.JSON(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_direction"),
    )
    op.create_index("ix_direction_model_space", "direction", ["model", "space"])
    op.create_index("ix_direction_sha256", "direction", ["sha256"])
