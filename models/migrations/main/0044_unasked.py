"""An index of visits that nobody was asked about yet, among all that were rated or ran out (`make bench-city`)."""

from contextlib import nullcontext

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    unasked = sa.text("state = 'open' AND asked_at IS NULL")
    with op.get_context().autocommit_block() if on_postgres else nullcontext():
        if on_postgres:  # others go on writing, so it may wait for them and build as long as it takes
            op.execute("SET statement_timeout = 0")
            op.execute("SET lock_timeout = 0")
        op.create_index(
            "ix_rating_token_unasked",
            "rating_token",
            ["until", "id"],
            sqlite_where=unasked,
            postgresql_where=unasked,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
