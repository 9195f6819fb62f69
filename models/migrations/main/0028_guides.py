"""Service guides: cards, ways of asking, misses."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "guide_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=True),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("topic", sa.String(length=10), nullable=False),
        sa.Column("terms", sa.String(length=80), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("bring", sa.JSON(), nullable=False),
        sa.Column("hours", sa.String(length=80), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("takes", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=True),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'sample', 'confirmed', 'retired')", name=op.f("ck_guide_card_state")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR confirmed_at IS NOT NULL", name=op.f("ck_guide_card_confirmed")
        ),
        _staff("guide_card", "confirmed_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_card")),
        sa.UniqueConstraint("key", name=op.f("uq_guide_card_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_guide_card_state_review_by", "guide_card", ["state", "review_by"])
    op.create_index(op.f("ix_guide_card_topic"), "guide_card", ["topic"])
    op.create_table(
        "guide_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        _card("guide_version", "card_id"),
        _staff("guide_version", "author_id"),
        _staff("guide_version", "confirmed_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_version")),
        sa.UniqueConstraint("card_id", "number", name=op.f("uq_guide_version_card_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_guide_version_card_id"), "guide_version", ["card_id"])
    op.create_table(
        "guide_phrasing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        _card("guide_phrasing", "card_id"),
        _staff("guide_phrasing", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_phrasing")),
        sa.UniqueConstraint("words", name=op.f("uq_guide_phrasing_words")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_guide_phrasing_card_id"), "guide_phrasing", ["card_id"])
    op.create_table(
        "guide_synonym",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("word", sa.String(length=20), nullable=False),
        sa.Column("meant", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        _staff("guide_synonym", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_synonym")),
        sa.UniqueConstraint("word", name=op.f("uq_guide_synonym_word")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "guide_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_edition")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "guide_miss",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("words", sa.String(length=40), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("chosen_id", sa.Integer(), nullable=True),
        _card("guide_miss", "chosen_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guide_miss")),
        sa.UniqueConstraint("words", "asked_on", name=op.f("uq_guide_miss_words_asked_on")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_guide_miss_asked_on"), "guide_miss", ["asked_on"])


def _card(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["guide_card.id"], name=op.f(f"fk_{table}_{column}_guide_card"))


def _staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["staff_member.id"], name=op.f(f"fk_{table}_{column}_staff_member")
    )
