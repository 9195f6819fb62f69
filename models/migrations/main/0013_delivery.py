"""Messages that belong together carry the name of their bundle; those to one person go before those to many."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

UNDER_WAY = sa.text("state IN ('waiting', 'sending')")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("bundle", sa.String(length=40), nullable=True))
    op.add_column("outbox", sa.Column("rank", sa.SmallInteger(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("roads", sa.JSON(), nullable=True))
    op.create_index("ix_outbox_bundle_state", "outbox", ["bundle", "state"])
    op.drop_index("ix_outbox_ready", table_name="outbox")
    op.create_index(
        "ix_outbox_ready",
        "outbox",
        ["rank", "due"],
        postgresql_where=UNDER_WAY,
        sqlite_where=UNDER_WAY,
    )
