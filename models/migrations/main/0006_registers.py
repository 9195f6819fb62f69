"""Sheets of residents that were brought in, line by line, tables that were taken out, and codes that hang on walls."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _imports()
    _lines()
    _exports()
    _codes()


def _imports() -> None:
    op.create_table(
        "register_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("name", base.Sealed("register_import.name"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("head", sa.Integer(), nullable=True),
        sa.Column("columns", sa.JSON(), nullable=True),
        sa.Column("seen", base.SealedJSON("register_import.seen"), nullable=True),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.Column("basis", base.Sealed("register_import.basis"), nullable=True),
        sa.Column("only_good", sa.Boolean(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("began_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('uploaded', 'checked', 'running', 'done', 'failed', 'undone', 'dropped')",
            name=op.f("ck_register_import_state"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_register_import_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
            name=op.f("fk_register_import_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["work_id"], ["work.id"], name=op.f("fk_register_import_work_id_work"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_import")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_register_import_staff_id"), "register_import", ["staff_id"])


def _lines() -> None:
    op.create_table(
        "register_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('made', 'undone', 'kept')", name=op.f("ck_register_line_state")),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["register_import.id"],
            name=op.f("fk_register_line_import_id_register_import"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_register_line_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_line")),
        sa.UniqueConstraint("import_id", "number", name=op.f("uq_register_line_import_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_register_line_person_id"), "register_line", ["person_id"])


def _exports() -> None:
    op.create_table(
        "register_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("reason", base.Sealed("register_export.reason"), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("taken_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'agreed', 'refused', 'taken')", name=op.f("ck_register_export_state")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_register_export_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff_member.id"], name=op.f("fk_register_export_decided_by_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_export")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_register_export_staff_id"), "register_export", ["staff_id"])


def _codes() -> None:
    op.create_table(
        "poster_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scene", sa.String(length=64), nullable=False),
        sa.Column("content", sa.String(length=200), nullable=False),
        sa.Column("until", base.Instant(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster_code")),
        sa.UniqueConstraint("scene", name=op.f("uq_poster_code_scene")),
        sqlite_autoincrement=True,
    )
