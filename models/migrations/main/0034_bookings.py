"""Bookings at depth: seats and rooms held while somebody fills in, series with the dates that failed."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.add_column("occupation", sa.Column("until", base.Instant(), nullable=True))
    _hold()
    _series()
    _date()


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


def _series() -> None:
    op.create_table(
        "booking_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.Column("team", sa.LargeBinary(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("stopped_from", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_booking_series_person_id_person")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service.id"], name=op.f("fk_booking_series_service_id_service")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_series")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_booking_series_person_id"), "booking_series", ["person_id"])


def _date() -> None:
    """A date was booked or refused: one of `appointment_id` and `why` says which."""
    op.create_table(
        "booking_date",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("starts", base.Instant(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=True),
        sa.Column("why", sa.String(length=40), nullable=True),
        sa.CheckConstraint(
            "(appointment_id IS NULL) <> (why IS NULL)", name=op.f("ck_booking_date_booked_or_refused")
        ),
        sa.ForeignKeyConstraint(
            ["series_id"],
            ["booking_series.id"],
            name=op.f("fk_booking_date_series_id_booking_series"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointment.id"], name=op.f("fk_booking_date_appointment_id_appointment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_date")),
        sa.UniqueConstraint("series_id", "starts", name=op.f("uq_booking_date_series_id_starts")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_booking_date_appointment_id")),
        sqlite_autoincrement=True,
    )
