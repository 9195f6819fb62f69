"""Bookings at depth: seats and rooms held while somebody fills in."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("occupation", sa.Column("until", base.Instant(), nullable=True))
    _hold()


def _hold() -> None:
    op.create_table(
        "seat_hold",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("since", base.Instant(), nullable=False),
        sa.Column("until", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_hold_person_id_person")),
        sa.ForeignKeyConstraint(["slot_id"], ["slot.id"], name=op.f("fk_seat_hold_slot_id_slot")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_seat_hold")),
    )
    op.create_index(op.f("ix_seat_hold_slot_id"), "seat_hold", ["slot_id"])
    op.create_index(op.f("ix_seat_hold_until"), "seat_hold", ["until"])
