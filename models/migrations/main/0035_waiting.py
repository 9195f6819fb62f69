"""Waiting for a time, and what became of those who did not come."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    _appointment()
    _rules()
    _waits()
    _strikes()


def _appointment() -> None:
    """Columns are only added: SQLite would empty a table that others refer to by making it anew."""
    op.add_column("appointment", sa.Column("reason_code", sa.String(length=12), nullable=True))
    op.add_column("appointment", sa.Column("told_late_at", base.Instant(), nullable=True))
    op.add_column("appointment", sa.Column("released_at", base.Instant(), nullable=True))


def _rules() -> None:
    op.create_table(
        "visit_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=12), nullable=False),
        sa.Column("words", sa.String(length=20), nullable=False),
        sa.Column("who", sa.String(length=5), nullable=False),
        sa.Column("excuses", sa.Boolean(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("who IN ('all', 'staff')", name=op.f("ck_visit_reason_who")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_reason")),
        sa.UniqueConstraint("code", name=op.f("uq_visit_reason_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "visit_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strikes_on", sa.Boolean(), nullable=False),
        sa.Column("most_strikes", sa.Integer(), nullable=False),
        sa.Column("within_days", sa.Integer(), nullable=False),
        sa.Column("pause_days", sa.Integer(), nullable=False),
        sa.Column("decay_days", sa.Integer(), nullable=False),
        sa.Column("kept_visits", sa.Integer(), nullable=False),
        sa.Column("grace_minutes", sa.Integer(), nullable=False),
        sa.Column("claim_minutes", sa.Integer(), nullable=False),
        sa.Column("claim_last_minutes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_rule")),
        sqlite_autoincrement=True,
    )


def _waits() -> None:
    op.create_table(
        "slot_wait",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=True),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=2), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("offered_slot_id", sa.Integer(), nullable=True),
        sa.Column("offered_until", base.Instant(), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(length=12), nullable=True),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("helped_name", sa.LargeBinary(), nullable=True),
        sa.Column("helped_phone", sa.LargeBinary(), nullable=True),
        sa.Column("helped_tie", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "(state = 'offered') = (offered_slot_id IS NOT NULL AND offered_until IS NOT NULL)",
            name=op.f("ck_slot_wait_offer"),
        ),
        sa.CheckConstraint("half IN ('', 'am', 'pm')", name=op.f("ck_slot_wait_half")),
        sa.CheckConstraint(
            "state IN ('waiting', 'offered', 'taken', 'left', 'over', 'removed')",
            name=op.f("ck_slot_wait_state"),
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_slot_wait_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(
            ["offered_slot_id"], ["slot.id"], name=op.f("fk_slot_wait_offered_slot_id_slot")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_slot_wait_person_id_person")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_slot_wait_service_id_service")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_slot_wait_slot_id_slot")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_wait")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_slot_wait_offered_slot_id"), "slot_wait", ["offered_slot_id"], unique=False)
    op.create_index(op.f("ix_slot_wait_offered_until"), "slot_wait", ["offered_until"], unique=False)
    op.create_index(op.f("ix_slot_wait_person_id"), "slot_wait", ["person_id"], unique=False)
    op.create_index(
        "ix_slot_wait_service_id_state_line", "slot_wait", ["service_id", "state", "line"], unique=False
    )
    op.create_index(
        "uq_slot_wait_open",
        "slot_wait",
        ["person_id", "visitor", "service_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('waiting', 'offered')"),
        postgresql_where=sa.text("state IN ('waiting', 'offered')"),
    )


def _strikes() -> None:
    op.create_table(
        "strike",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("marked_by", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("why_ended", sa.String(length=8), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("(ended_at IS NULL) = (why_ended IS NULL)", name=op.f("ck_strike_end")),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_strike_appointment_id_appointment")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_strike_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strike")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_strike_appointment_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_strike_at"), "strike", ["at"], unique=False)
    op.create_index(
        "ix_strike_live",
        "strike",
        ["person_id", "visitor", "kind"],
        unique=False,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(op.f("ix_strike_person_id"), "strike", ["person_id"], unique=False)
    op.create_table(
        "strike_appeal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("strike_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", base.Instant(), nullable=True),
        sa.Column("created_at", base.Instant(), nullable=False),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused')", name=op.f("ck_strike_appeal_state")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_strike_appeal_person_id_person")),
        sa.ForeignKeyConstraint(
            ["strike_id"], ["strike.id"], name=op.f("fk_strike_appeal_strike_id_strike"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_strike_appeal")),
        sa.UniqueConstraint("strike_id", name=op.f("uq_strike_appeal_strike_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_strike_appeal_person_id"), "strike_appeal", ["person_id"], unique=False)
    op.create_index(op.f("ix_strike_appeal_state"), "strike_appeal", ["state"], unique=False)
