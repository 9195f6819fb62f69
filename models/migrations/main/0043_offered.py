"""Places of a kind in their order: estates are offered on many pages, and lie among thousands of doors. Letters tried
in vain: few, where a broadcast has a hundred thousand on the way (`make bench-city`)."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"

PARTS = (
    ("place", "kind_position", "kind position id", None),
    ("outbox", "in_vain", "created_at due", sa.text("state = 'waiting' AND tries > 0")),
)


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        if on_postgres:  # others go on writing, so it may wait for them and build as long as it takes
            op.execute("SET statement_timeout = 0")
            op.execute("SET lock_timeout = 0")
        for table, name, columns, where in PARTS:
            op.create_index(
                f"ix_{table}_{name}",
                table,
                columns.split(),
                sqlite_where=where,
                postgresql_where=where,
                postgresql_concurrently=True,
                if_not_exists=True,
            )
