"""Own passes and tablets on the wall."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "session_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digits", sa.String(length=4), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_session_pass_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_pass_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_pass")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_session_pass_session_id_person_id")),
        sa.UniqueConstraint("session_id", "digits", name=op.f("uq_session_pass_session_id_digits")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_pass_person_id"), "session_pass", ["person_id"])
