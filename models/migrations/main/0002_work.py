"""Long work with progress, files that belong to rows, a fresh proof at the console, and the key of a person's row."""

import secrets

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=60), nullable=False),
        sa.Column("name", base.Sealed("stored_file.name"), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("until", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_stored_file_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_stored_file_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("key", name=op.f("uq_stored_file_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_stored_file_person_id"), "stored_file", ["person_id"])
    op.create_index(op.f("ix_stored_file_until"), "stored_file", ["until"])
    op.create_table(
        "work",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("facts", base.SealedJSON("work.facts"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=200), nullable=False),
        sa.Column("result", base.SealedJSON("work.result"), nullable=True),
        sa.Column("file_id", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("lease_until", base.Instant(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["file_id"], ["stored_file.id"], name=op.f("fk_work_file_id_stored_file"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_work_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_work_staff_id"), "work", ["staff_id"])
    still_open = sa.text("state IN ('waiting', 'running')")
    op.create_index(
        "ix_work_open", "work", ["lease_until"], sqlite_where=still_open, postgresql_where=still_open
    )
    _proof()
    _row_keys()


def _proof() -> None:
    """Whoever is signed in proved it when they came."""
    with op.batch_alter_table("staff_session") as table:
        table.add_column(sa.Column("proved_at", base.Instant(), nullable=True))
    op.execute("UPDATE staff_session SET proved_at = started_at")
    with op.batch_alter_table("staff_session") as table:
        table.alter_column("proved_at", existing_type=base.Instant(), nullable=False)


def _row_keys() -> None:
    """What was sealed before stays bound to its column alone until the keys are renewed (flask rekey)."""
    with op.batch_alter_table("person") as table:
        table.add_column(sa.Column("row_key", sa.String(length=22), nullable=True))
    person = sa.table("person", sa.column("id", sa.Integer), sa.column("row_key", sa.String))
    connection = op.get_bind()
    for number in connection.scalars(sa.select(person.c.id)).all():
        one = sa.update(person).where(person.c.id == number)
        connection.execute(one.values(row_key=secrets.token_urlsafe(16)))
    with op.batch_alter_table("person") as table:
        table.alter_column("row_key", existing_type=sa.String(length=22), nullable=False)
