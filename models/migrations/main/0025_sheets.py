"""Sign-in sheets on paper, scans taken back, collector codes."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    _undo()
    _sheets()
    _collectors()


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


def _sheets() -> None:
    op.create_table(
        "sign_in_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("draft", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("printed_at", base.Instant(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        _to("sign_in_sheet", "session_id", "activity_session"),
        _to("sign_in_sheet", "staff_id", "staff_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_sheet")),
        sa.UniqueConstraint("session_id", "number", name=op.f("uq_sign_in_sheet_session_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sheet_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("printed", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("companion_id", sa.Integer(), nullable=True),
        sa.Column("came_at", base.Instant(), nullable=True),
        sa.Column("left_at", base.Instant(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        _to("sheet_line", "sheet_id", "sign_in_sheet", "CASCADE"),
        _to("sheet_line", "person_id", "person", "SET NULL"),
        _to("sheet_line", "companion_id", "companion", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_line")),
        sa.UniqueConstraint("sheet_id", "line", name=op.f("uq_sheet_line_sheet_id_line")),
        sqlite_autoincrement=True,
    )
    for column in ("person_id", "companion_id"):
        op.create_index(op.f(f"ix_sheet_line_{column}"), "sheet_line", [column])
    op.create_table(
        "sheet_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sheet_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        _to("sheet_photo", "sheet_id", "sign_in_sheet", "CASCADE"),
        _to("sheet_photo", "file_id", "stored_file", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sheet_photo")),
        sqlite_autoincrement=True,
    )
    for column in ("sheet_id", "file_id"):
        op.create_index(op.f(f"ix_sheet_photo_{column}"), "sheet_photo", [column])


def _collectors() -> None:
    op.create_table(
        "collector",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("tail", sa.LargeBinary(), nullable=False),
        sa.Column("agreed_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        _to("collector", "child_id", "person", "CASCADE"),
        _to("collector", "guardian_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collector")),
        sqlite_autoincrement=True,
    )
    for column in ("child_id", "guardian_id"):
        op.create_index(op.f(f"ix_collector_{column}"), "collector", [column])


def _to(table: str, column: str, other: str, gone: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=gone)
