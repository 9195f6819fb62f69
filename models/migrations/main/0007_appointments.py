"""Walk-in numbers, hours closed within a day, whom the house must still call; and notes of the wishes desk."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0007"
down_revision = "0006"

TO_BE_CALLED = sa.text("called_off_at IS NOT NULL AND phoned_at IS NULL")


def upgrade() -> None:
    _called_off()
    op.create_table(
        "closed_time",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=True),
        sa.Column("starts", base.Instant(), nullable=False),
        sa.Column("ends", base.Instant(), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service.id"],
            name=op.f("fk_closed_time_service_id_service"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closed_time")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_closed_time_starts"), "closed_time", ["starts"])
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("came_at", base.Instant(), nullable=False),
        sa.Column("called_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.Column("marked_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'called', 'done', 'no_show')", name=op.f("ck_ticket_state")),
        sa.ForeignKeyConstraint(["service_id"], ["service.id"], name=op.f("fk_ticket_service_id_service")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket")),
        sa.UniqueConstraint("service_id", "day", "number", name=op.f("uq_ticket_service_id_day_number")),
        sqlite_autoincrement=True,
    )
    _notes()


def _called_off() -> None:
    with op.batch_alter_table("appointment") as table:
        for name in ("called_at", "called_off_at", "phoned_at"):
            table.add_column(sa.Column(name, base.Instant(), nullable=True))
        table.add_column(sa.Column("phoned_by", sa.Integer(), nullable=True))
    op.create_index(
        "ix_appointment_called_off",
        "appointment",
        ["called_off_at"],
        sqlite_where=TO_BE_CALLED,
        postgresql_where=TO_BE_CALLED,
    )


def _notes() -> None:
    op.create_table(
        "wish_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.Column("wish_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_wish_note_staff_id_staff_member")
        ),
        sa.ForeignKeyConstraint(
            ["wish_id"], ["wish.id"], name=op.f("fk_wish_note_wish_id_wish"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish_note")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wish_note_wish_id"), "wish_note", ["wish_id"])
