"""Tables of ratings."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "rating",
        sa.Column("key", sa.String(length=22), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("face", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint("answer IS NULL OR owner_id IS NOT NULL", name=op.f("ck_rating_answer")),
        sa.CheckConstraint("face IN (1, 2, 3)", name=op.f("ck_rating_face")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_member.id"], name=op.f("fk_rating_owner_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_rating_person_id_person"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rating")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_rating_person_id"), "rating", ["person_id"], unique=False)
    op.create_index("ix_rating_subject_week", "rating", ["subject", "week"], unique=False)
    op.create_index(op.f("ix_rating_week"), "rating", ["week"], unique=False)
    op.create_table(
        "rating_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("at", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'spent')", name=op.f("ck_rating_token_state")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_rating_token_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rating_token")),
        sa.UniqueConstraint("source", name=op.f("uq_rating_token_source")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_rating_token_person_id_state", "rating_token", ["person_id", "state"], unique=False)
    op.create_index(op.f("ix_rating_token_until"), "rating_token", ["until"], unique=False)
