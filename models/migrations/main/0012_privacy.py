"""Audit lines get a place in the chain and are guarded by the database; heads of the chain are kept."""

import secrets

import sqlalchemy as sa
from alembic import op

from models import base
from models.audit_guard import create_guard

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("chain", sa.String(length=64), nullable=False),
        sa.Column("purged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_line") as table:
        table.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        table.create_unique_constraint(op.f("uq_audit_line_seq"), ["seq"])
    op.add_column("desk_talk", sa.Column("forgotten_at", base.Instant(), nullable=True))
    _row_keys("appointment")
    _row_keys("wish")
    op.add_column("outbox", sa.Column("emptied", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index(op.f("ix_outbox_settled_at"), "outbox", ["settled_at"])
    op.execute("UPDATE audit_line SET chain = NULL")  # made anew, now with a place in it
    create_guard(op.get_bind())


def _row_keys(name: str) -> None:
    """What was sealed before stays bound to its column alone until the keys are renewed (flask rekey)."""
    op.add_column(name, sa.Column("row_key", sa.String(length=22), nullable=False, server_default=""))
    table = sa.table(name, sa.column("id", sa.Integer), sa.column("row_key", sa.String))
    connection = op.get_bind()
    for number in connection.scalars(sa.select(table.c.id)).all():
        one = sa.update(table).where(table.c.id == number)
        connection.execute(one.values(row_key=secrets.token_urlsafe(16)))
