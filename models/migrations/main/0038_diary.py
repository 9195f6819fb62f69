"""Fair ratings: where a visit was and how long it took, and visits that were rated; suggestions and their answers for
everybody to read; who is thanked by a public formula."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    _rating()
    _visit()
    _suggestions()
    _thanks()


def _rating() -> None:
    """Columns are only added, see 0020."""
    op.add_column("rating", sa.Column("counter", sa.String(length=40), nullable=True))
    op.add_column("rating", sa.Column("waited", sa.Boolean(), nullable=False, server_default=sa.false()))
    helper = "fk_rating_helper_id_staff_member"
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"ALTER TABLE rating ADD COLUMN helper_id INTEGER CONSTRAINT {helper} REFERENCES staff_member (id)"
        )
    else:
        op.add_column("rating", sa.Column("helper_id", sa.Integer(), nullable=True))
        op.create_foreign_key(helper, "rating", "staff_member", ["helper_id"], ["id"])
    op.create_index(op.f("ix_rating_helper_id"), "rating", ["helper_id"])


def _visit() -> None:
    op.create_table(
        "rated_visit",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("source", name=op.f("pk_rated_visit")),
    )
    op.create_index(op.f("ix_rated_visit_until"), "rated_visit", ["until"])


def _suggestions() -> None:
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("may_show", sa.Boolean(), nullable=True),
        sa.Column("book_page", sa.String(length=10), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=True),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("passed_by_id", sa.Integer(), nullable=True),
        sa.Column("shown_at", base.Instant(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("reply", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('kept', 'asked', 'public', 'down')", name=op.f("ck_suggestion_state")),
        sa.CheckConstraint(
            "state <> 'public' OR (asked_by_id IS NOT NULL AND passed_by_id IS NOT NULL"
            " AND asked_by_id <> passed_by_id AND shown_at IS NOT NULL)",
            name=op.f("ck_suggestion_public"),
        ),
        sa.ForeignKeyConstraint(
            ["matter_id"], ["matter.id"], name=op.f("fk_suggestion_matter_id_matter"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff_member.id"], name=op.f("fk_suggestion_asked_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["passed_by_id"], ["staff_member.id"], name=op.f("fk_suggestion_passed_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint("matter_id", name=op.f("uq_suggestion_matter_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_suggestion_state"), "suggestion", ["state"])
    op.create_index(op.f("ix_suggestion_shown_at"), "suggestion", ["shown_at"])
    op.create_table(
        "suggestion_echo",
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestion.id"],
            name=op.f("fk_suggestion_echo_suggestion_id_suggestion"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_suggestion_echo_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("suggestion_id", "person_id", name=op.f("pk_suggestion_echo")),
    )
    op.create_index(op.f("ix_suggestion_echo_person_id"), "suggestion_echo", ["person_id"])


def _thanks() -> None:
    _thanks_agreed()
    op.create_table(
        "honour_quarter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("formula", sa.JSON(), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=False),
        sa.Column("public_at", base.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('appeal', 'public')", name=op.f("ck_honour_quarter_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_quarter")),
        sa.UniqueConstraint("name", name=op.f("uq_honour_quarter_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "honour_reckoning",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.Column("quarter_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("reached", sa.Boolean(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("appeal", sa.LargeBinary(), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "decided_by_id IS NULL OR decided_by_id <> staff_id", name=op.f("ck_honour_reckoning_own")
        ),
        sa.ForeignKeyConstraint(
            ["quarter_id"],
            ["honour_quarter.id"],
            name=op.f("fk_honour_reckoning_quarter_id_honour_quarter"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_honour_reckoning_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_honour_reckoning_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"],
            ["staff_member.id"],
            name=op.f("fk_honour_reckoning_decided_by_id_staff_member"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_reckoning")),
        sa.UniqueConstraint("quarter_id", "staff_id", name=op.f("uq_honour_reckoning_quarter_id_staff_id")),
        sa.UniqueConstraint("quarter_id", "person_id", name=op.f("uq_honour_reckoning_quarter_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_honour_reckoning_staff_id"), "honour_reckoning", ["staff_id"])
    op.create_index(op.f("ix_honour_reckoning_person_id"), "honour_reckoning", ["person_id"])


def _thanks_agreed() -> None:
    op.create_table(
        "honour_setting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("passed_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('off', 'asked', 'on')", name=op.f("ck_honour_setting_state")),
        sa.CheckConstraint(
            "state <> 'on' OR (asked_by_id IS NOT NULL AND passed_by_id IS NOT NULL"
            " AND asked_by_id <> passed_by_id)",
            name=op.f("ck_honour_setting_two"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff_member.id"], name=op.f("fk_honour_setting_asked_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["passed_by_id"], ["staff_member.id"], name=op.f("fk_honour_setting_passed_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_setting")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "honour_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("(staff_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_honour_part_who")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_honour_part_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_honour_part_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_honour_part")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_honour_part_staff_id")),
        sa.UniqueConstraint("person_id", name=op.f("uq_honour_part_person_id")),
        sqlite_autoincrement=True,
    )
