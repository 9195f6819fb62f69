"""When a leader receives by video and in which room, and the clocks of the law, none of which names anybody."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "reception_plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("every", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "minutes BETWEEN 10 AND 120 AND count BETWEEN 1 AND 20", name=op.f("ck_reception_plan_times")
        ),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6 AND every BETWEEN 1 AND 4", name=op.f("ck_reception_plan_rota")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_plan")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "reception_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=False),
        sa.Column("starts", base.Instant(), nullable=False),
        sa.Column("ends", base.Instant(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("kept_until", base.Instant(), nullable=True),
        sa.CheckConstraint("ends > starts", name=op.f("ck_reception_time_stretch")),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["reception_plan.id"],
            name=op.f("fk_reception_time_plan_id_reception_plan"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reception_time")),
        sa.UniqueConstraint("leader_id", "starts", name=op.f("uq_reception_time_leader_id_starts")),
        sa.UniqueConstraint("source", name=op.f("uq_reception_time_source")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reception_time_starts", "reception_time", ["starts"], unique=False)
    op.create_table(
        "petition_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("working", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("confirmed_by", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", base.Instant(), nullable=True),
        sa.CheckConstraint("days BETWEEN 1 AND 36500", name=op.f("ck_petition_rule_days")),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["staff_member.id"], name=op.f("fk_petition_rule_confirmed_by_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_petition_rule")),
        sa.UniqueConstraint("version", "kind", name=op.f("uq_petition_rule_version_kind")),
        sqlite_autoincrement=True,
    )
