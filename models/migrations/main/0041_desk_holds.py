"""Seats held by a clerk who fills in the booking of somebody at the desk; series that residents book by themselves;
wrong numbers counted at the tablet that gives numbers."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0041"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("service", sa.Column("series_most", sa.Integer(), nullable=True))
    op.add_column("wall_tablet", sa.Column("misses", sa.Integer(), nullable=True))
    op.add_column("wall_tablet", sa.Column("misses_since", base.Instant(), nullable=True))
    op.create_table(
        "desk_hold",
        sa.Column("staff_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("since", base.Instant(), nullable=False),
        sa.Column("until", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_desk_hold_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_desk_hold_slot_id_slot")),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_desk_hold")),
    )
    op.create_index(op.f("ix_desk_hold_slot_id"), "desk_hold", ["slot_id"])
    op.create_index(op.f("ix_desk_hold_until"), "desk_hold", ["until"])
