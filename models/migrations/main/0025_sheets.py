"""Sign-in sheets on paper, scans taken back, collector codes."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    _undo()


def _undo() -> None:
    """A column is only added: SQLite would empty a table that others refer to by making it anew."""
    op.add_column("scan", sa.Column("voided_at", base.Instant(), nullable=True))
    op.create_table(
        "scan_undo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("of", sa.String(length=80), nullable=False),
        sa.Column("nonce", sa.String(length=80), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("occurred_at", base.Instant(), nullable=False),
        sa.Column("received_at", base.Instant(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        _to("scan_undo", "session_id", "activity_session"),
        _to("scan_undo", "person_id", "person", "CASCADE"),
        _to("scan_undo", "staff_id", "staff_member"),
        _to("scan_undo", "leader_id", "person", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scan_undo")),
        sa.UniqueConstraint("person_id", "nonce", name=op.f("uq_scan_undo_person_id_nonce")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_scan_undo_session_id"), "scan_undo", ["session_id"])
    op.create_index("ix_scan_undo_person_id_of", "scan_undo", ["person_id", "of"])


def _to(table: str, column: str, other: str, gone: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=gone)
