"""Messages that belong together carry the name of their bundle; those to one person go before those to many."""

import sqlalchemy as sa
from alembic import op

from models import base

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
    op.create_index(
        "ix_outbox_person_under_way",
        "outbox",
        ["person_id", "rank", "id"],
        postgresql_where=UNDER_WAY,
        sqlite_where=UNDER_WAY,
    )
    op.create_table(
        "outbox_halt",
        sa.Column("bundle", sa.String(length=40), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("bundle", name=op.f("pk_outbox_halt")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_halt_at"), "outbox_halt", ["at"], unique=False)
    op.create_table(
        "closed_door",
        sa.Column("door", sa.String(length=80), nullable=False),
        sa.Column("until", base.Instant(), nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("closed_at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("door", name=op.f("pk_closed_door")),
        sqlite_autoincrement=True,
    )
