"""Petitions: who comes, what for, and what became of it."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "c002"
down_revision = "c001"


def upgrade() -> None:
    op.create_table(
        "petition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=22), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("receipt", sa.String(length=7), nullable=True),
        sa.Column("who", sa.String(length=64), nullable=True),
        sa.Column("tail", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("app", sa.String(length=40), nullable=True),
        sa.Column("openid", base.Sealed("petition.openid"), nullable=True),
        sa.Column("text", base.Sealed("petition.text"), nullable=False),
        sa.Column("name", base.Sealed("petition.name"), nullable=True),
        sa.Column("phone", base.Sealed("petition.phone"), nullable=True),
        sa.Column("language", base.Sealed("petition.language"), nullable=True),
        sa.Column("companion", sa.Boolean(), nullable=False),
        sa.Column("about_staff", sa.Boolean(), nullable=False),
        sa.Column("accused", base.Sealed("petition.accused"), nullable=True),
        sa.Column("excluded", base.Sealed("petition.excluded"), nullable=True),
        sa.Column("time_id", sa.Integer(), nullable=True),
        sa.Column("starts", base.Instant(), nullable=True),
        sa.Column("ends", base.Instant(), nullable=True),
        sa.Column("leader", base.Sealed("petition.leader"), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("placed_at", base.Instant(), nullable=True),
        sa.Column("first_until", base.Instant(), nullable=True),
        sa.Column("received_at", base.Instant(), nullable=True),
        sa.Column("registered_at", base.Instant(), nullable=True),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.Column("answered_at", base.Instant(), nullable=True),
        sa.Column("review_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("rules", sa.Integer(), nullable=True),
        sa.Column("extended", sa.Boolean(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("warned_for", sa.Date(), nullable=True),
        sa.Column("alarmed_for", sa.Date(), nullable=True),
        sa.Column("link", base.Sealed("petition.link"), nullable=True),
        sa.Column("papers_seen_at", base.Instant(), nullable=True),
        sa.Column("link_tested_at", base.Instant(), nullable=True),
        sa.Column("interpreter_at", base.Instant(), nullable=True),
        sa.Column("called_at", base.Instant(), nullable=True),
        sa.Column("met_at", base.Instant(), nullable=True),
        sa.Column("outcome", base.Sealed("petition.outcome"), nullable=True),
        sa.Column("minutes", base.Sealed("petition.minutes"), nullable=True),
        sa.Column("satisfied", base.Sealed("petition.satisfied"), nullable=True),
        sa.Column("forgotten_at", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR (receipt IS NOT NULL AND received_at IS NOT NULL)",
            name=op.f("ck_petition_number"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'closed', 'withdrawn') OR due IS NOT NULL", name=op.f("ck_petition_due")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition")),
        sa.UniqueConstraint("receipt", name=op.f("uq_petition_receipt")),
        sa.UniqueConstraint("token", name=op.f("uq_petition_token")),
    )
    op.create_index(op.f("ix_petition_made_at"), "petition", ["made_at"], unique=False)
    op.create_index("ix_petition_state_due", "petition", ["state", "due"], unique=False)
    op.create_index(op.f("ix_petition_tail"), "petition", ["tail"], unique=False)
    op.create_index(op.f("ix_petition_who"), "petition", ["who"], unique=False)
    op.create_table(
        "petition_look",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=64), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_look")),
    )
    op.create_index(op.f("ix_petition_look_who"), "petition_look", ["who"], unique=False)
    op.create_table(
        "petition_paper",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("content", base.Sealed("petition_paper.content"), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_petition_paper_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_paper")),
    )
    op.create_index(op.f("ix_petition_paper_petition_id"), "petition_paper", ["petition_id"], unique=False)
    op.create_table(
        "petition_permit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("reason", base.Sealed("petition_permit.reason"), nullable=False),
        sa.Column("asked_at", base.Instant(), nullable=False),
        sa.Column("agreed_by", sa.Integer(), nullable=True),
        sa.Column("refused_by", sa.Integer(), nullable=True),
        sa.Column("until", base.Instant(), nullable=True),
        sa.CheckConstraint(
            "agreed_by IS NULL OR agreed_by <> staff_id", name=op.f("ck_petition_permit_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_petition_permit_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_permit")),
        sa.UniqueConstraint(
            "petition_id",
            "staff_id",
            "asked_at",
            name=op.f("uq_petition_permit_petition_id_staff_id_asked_at"),
        ),
    )
    op.create_index(op.f("ix_petition_permit_petition_id"), "petition_permit", ["petition_id"], unique=False)
    op.create_table(
        "petition_promise",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("words", base.Sealed("petition_promise.words"), nullable=False),
        sa.Column("owner", base.Sealed("petition_promise.owner"), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("done_at", base.Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_petition_promise_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_promise")),
    )
    op.create_index(
        op.f("ix_petition_promise_petition_id"), "petition_promise", ["petition_id"], unique=False
    )
    op.create_table(
        "petition_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("words", base.Sealed("petition_step.words"), nullable=True),
        sa.Column("note", base.Sealed("petition_step.note"), nullable=True),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_petition_step_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_step")),
    )
    op.create_index(op.f("ix_petition_step_petition_id"), "petition_step", ["petition_id"], unique=False)
    op.create_table(
        "petition_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("petition_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["petition_id"],
            ["petition.id"],
            name=op.f("fk_petition_view_petition_id_petition"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_view")),
    )
    op.create_index(op.f("ix_petition_view_petition_id"), "petition_view", ["petition_id"], unique=False)
