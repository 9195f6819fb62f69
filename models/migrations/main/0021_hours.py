"""Hours that are confirmed, may be disputed, and are posted to the time bank once."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "service_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("started_at", base.Instant(), nullable=False),
        sa.Column("ended_at", base.Instant(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.Column("served_id", sa.Integer(), nullable=True),
        sa.Column("served_asked_at", base.Instant(), nullable=True),
        sa.Column("served_at", base.Instant(), nullable=True),
        sa.Column("dispute_until", base.Instant(), nullable=True),
        sa.Column("objection", sa.LargeBinary(), nullable=True),
        sa.Column("objected_by", sa.String(length=10), nullable=True),
        sa.Column("objected_at", base.Instant(), nullable=True),
        sa.Column("held_back", sa.String(length=20), nullable=True),
        sa.Column("transfer_id", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('provisional', 'confirmed', 'disputed', 'posted', 'void')",
            name=op.f("ck_service_hours_state"),
        ),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_service_hours_minutes")),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_service_hours_order")),
        sa.CheckConstraint(
            "(state = 'posted') = (transfer_id IS NOT NULL)", name=op.f("ck_service_hours_posted")
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR dispute_until IS NOT NULL", name=op.f("ck_service_hours_window")
        ),
        sa.CheckConstraint(
            "served_id IS NULL OR served_id <> person_id", name=op.f("ck_service_hours_served")
        ),
        _person("person_id"),
        _person("leader_id"),
        _person("served_id"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["activity_session.id"], name=op.f("fk_service_hours_session_id_activity_session")
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_service_hours_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["time_transfer.id"], name=op.f("fk_service_hours_transfer_id_time_transfer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_hours")),
        sa.UniqueConstraint("person_id", "source", name=op.f("uq_service_hours_person_id_source")),
        sa.UniqueConstraint("transfer_id", name=op.f("uq_service_hours_transfer_id")),
        sqlite_autoincrement=True,
    )
    for columns in (("served_id",), ("session_id",), ("state", "dispute_until"), ("person_id", "started_at")):
        op.create_index(op.f(f"ix_service_hours_{'_'.join(columns)}"), "service_hours", list(columns))
    op.create_table(
        "service_hours_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hours_id", sa.Integer(), nullable=False),
        sa.Column("did", sa.String(length=20), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hours_id"],
            ["service_hours.id"],
            name=op.f("fk_service_hours_step_hours_id_service_hours"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_service_hours_step_person_id_person"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_service_hours_step_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_hours_step")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_service_hours_step_hours_id"), "service_hours_step", ["hours_id"])
    op.create_table(
        "session_served",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_session_served_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_session_served_person_id_person"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_served")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_served_person_id"), "session_served", ["person_id"])
    op.create_table(
        "hours_terms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("most_a_day", sa.Integer(), nullable=False),
        sa.Column("served_days", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_terms")),
        sqlite_autoincrement=True,
    )


def _person(column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["person.id"], name=op.f(f"fk_service_hours_{column}_person"), ondelete="SET NULL"
    )
