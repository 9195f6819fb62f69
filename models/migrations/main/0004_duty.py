"""Office hours, who is on duty, who stands in for whom; quick replies, drafts, and files that residents sent."""

from datetime import UTC, datetime, time

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0004"
down_revision = "0003"

# What stood in the code before: Monday to Friday, morning and afternoon.
USUAL = ((time(8, 30), time(12, 0)), (time(14, 0), time(18, 0)))


def upgrade() -> None:
    _office_hours()
    _rota()
    _told()
    _desk()


def _office_hours() -> None:
    made = op.create_table(
        "office_hours",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("since", base.Instant(), nullable=False),
        sa.Column("until", base.Instant(), nullable=True),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        _staff("office_hours", "set_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_hours")),
        sqlite_autoincrement=True,
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {"weekday": weekday, "opens": opens, "closes": closes, "since": since}
        for weekday in range(5)
        for opens, closes in USUAL
    ]
    op.bulk_insert(made, rows)


def _rota() -> None:
    op.create_table(
        "duty_shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("half", sa.String(length=2), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        _staff("duty_shift", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shift")),
        sa.UniqueConstraint("day", "half", name=op.f("uq_duty_shift_day_half")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "staff_leave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("told_at", base.Instant(), nullable=False),
        sa.Column("begun_at", base.Instant(), nullable=True),
        sa.Column("over_at", base.Instant(), nullable=True),
        _staff("staff_leave", "staff_id"),
        _staff("staff_leave", "deputy_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_leave")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_staff_leave_staff_id"), "staff_leave", ["staff_id"])
    op.create_index(op.f("ix_staff_leave_deputy_id"), "staff_leave", ["deputy_id"])


def _told() -> None:
    op.create_table(
        "duty_reader",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("wants_digest", sa.Boolean(), nullable=False),
        sa.Column("counted_until", base.Instant(), nullable=True),
        sa.Column("told_at", base.Instant(), nullable=True),
        _staff("duty_reader", "staff_id"),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_duty_reader")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "duty_bell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("rung_at", base.Instant(), nullable=False),
        sa.Column("told_at", base.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_bell")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_duty_bell_rung_at"), "duty_bell", ["rung_at"])


def _desk() -> None:
    op.create_table(
        "quick_reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", base.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quick_reply")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "desk_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("talk_id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", base.Sealed("desk_draft.text"), nullable=False),
        sa.Column("saved_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["talk_id"], ["desk_talk.id"], name=op.f("fk_desk_draft_talk_id_desk_talk"), ondelete="CASCADE"
        ),
        _staff("desk_draft", "staff_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_draft")),
        sa.UniqueConstraint("talk_id", "staff_id", name=op.f("uq_desk_draft_talk_id_staff_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("desk_talk") as table:
        table.add_column(sa.Column("lent_by_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_desk_talk_lent_by_id_staff_member"), "staff_member", ["lent_by_id"], ["id"]
        )
        table.create_index(op.f("ix_desk_talk_opened_at"), ["opened_at"])
    with op.batch_alter_table("desk_line") as table:
        table.add_column(sa.Column("file_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("media_state", sa.String(length=8), nullable=True))
        table.add_column(sa.Column("media_due", base.Instant(), nullable=True))
        table.add_column(sa.Column("media_tries", sa.Integer(), nullable=False, server_default="0"))
        table.create_foreign_key(
            op.f("fk_desk_line_file_id_stored_file"),
            "stored_file",
            ["file_id"],
            ["id"],
            ondelete="SET NULL",
        )
    with op.batch_alter_table("desk_line") as table:
        table.alter_column("media_tries", existing_type=sa.Integer(), server_default=None)
    waits = sa.text("media_state = 'waiting'")
    op.create_index(
        "ix_desk_line_media", "desk_line", ["media_due"], sqlite_where=waits, postgresql_where=waits
    )


def _staff(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["staff_member.id"], name=op.f(f"fk_{table}_{column}_staff_member")
    )
