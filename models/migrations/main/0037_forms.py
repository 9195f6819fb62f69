"""Forms that are filled together: what they ask, in versions, and what people have filled in."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    _forms()
    _versions()
    _drafts()


def _forms() -> None:
    op.create_table(
        "form",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.String(length=10), nullable=True),
        sa.Column("wanted_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.CheckConstraint("state IN ('sample', 'confirmed', 'off')", name=op.f("ck_form_state")),
        sa.CheckConstraint("(wanted IS NULL) = (wanted_by_id IS NULL)", name=op.f("ck_form_wanted")),
        sa.ForeignKeyConstraint(
            ["wanted_by_id"], ["staff_member.id"], name=op.f("fk_form_wanted_by_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["staff_member.id"], name=op.f("fk_form_confirmed_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form")),
        sa.UniqueConstraint("key", name=op.f("uq_form_key")),
        sqlite_autoincrement=True,
    )


def _versions() -> None:
    op.create_table(
        "form_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("seen_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["form.id"], name=op.f("fk_form_version_form_id_form"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["staff_member.id"], name=op.f("fk_form_version_author_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["seen_by_id"], ["staff_member.id"], name=op.f("fk_form_version_seen_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_version")),
        sa.UniqueConstraint("form_id", "number", name=op.f("uq_form_version_form_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_form_version_form_id"), "form_version", ["form_id"])


def _drafts() -> None:
    op.create_table(
        "form_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=7), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("window", sa.String(length=20), nullable=True),
        sa.Column("begun_at", base.Instant(), nullable=False),
        sa.Column("touched_at", base.Instant(), nullable=False),
        sa.Column("told_at", base.Instant(), nullable=True),
        sa.Column("handed_in_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'handed_in', 'ready', 'done', 'dropped')", name=op.f("ck_form_draft_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('handed_in', 'ready', 'done') OR receipt IS NOT NULL",
            name=op.f("ck_form_draft_receipt"),
        ),
        sa.ForeignKeyConstraint(["form_id"], ["form.id"], name=op.f("fk_form_draft_form_id_form")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_form_draft_person_id_person")),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_form_draft_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_draft")),
        sa.UniqueConstraint("receipt", name=op.f("uq_form_draft_receipt")),
        sqlite_autoincrement=True,
    )
    for name in ("form_id", "person_id", "staff_id", "kept_until"):
        op.create_index(op.f(f"ix_form_draft_{name}"), "form_draft", [name])
    op.create_index("ix_form_draft_state_touched_at", "form_draft", ["state", "touched_at"])
