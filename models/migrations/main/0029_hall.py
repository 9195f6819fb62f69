"""The hall: windows, one line of numbers through the house, and tablets that show it."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0029"
down_revision = "0028"

LIVE = "state IN ('waiting', 'called', 'aside')"
OF_PERSON = sa.text(f"appointment_id IS NULL AND {LIVE}")
CHECKS = {
    "state": "state IN ('waiting', 'called', 'aside', 'done', 'no_show', 'left', 'closed')",
    "called": "state <> 'called' OR (window_id IS NOT NULL AND called_at IS NOT NULL)",
    "ended": "(ended_at IS NULL) = (state IN ('waiting', 'called', 'aside'))",
}
REFERENCES = (
    ("person_id", "person", "SET NULL"),
    ("appointment_id", "appointment", "SET NULL"),
    ("window_id", "hall_window", None),
    ("for_window_id", "hall_window", None),
)
AT_WINDOW = sa.text("state = 'called'")


def upgrade() -> None:
    _windows()
    _tablet()
    _ticket()


def _windows() -> None:
    op.create_table(
        "hall_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("closed_at", base.Instant(), nullable=True),
        sa.Column("ended_at", base.Instant(), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_hall_day")),
    )
    op.create_table(
        "hall_window",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("sat_at", base.Instant(), nullable=True),
        sa.Column("paused_at", base.Instant(), nullable=True),
        sa.Column("pause", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_member.id"],
            name=op.f("fk_hall_window_staff_id_staff_member"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hall_window")),
        sa.UniqueConstraint("name", name=op.f("uq_hall_window_name")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_hall_window_staff_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "window_service",
        sa.Column("window_id", sa.Integer(), nullable=False),
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["window_id"],
            ["hall_window.id"],
            name=op.f("fk_window_service_window_id_hall_window"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service.id"],
            name=op.f("fk_window_service_service_id_service"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("window_id", "service_id", name=op.f("pk_window_service")),
    )


def _tablet() -> None:
    op.execute(
        "ALTER TABLE wall_tablet ADD COLUMN shows VARCHAR(8) DEFAULT 'codes' NOT NULL"
        " CONSTRAINT ck_wall_tablet_shows CHECK (shows IN ('codes', 'line', 'numbers'))"
    )


def _ticket() -> None:
    """Nothing refers to a number yet, so that SQLite may make the table anew. Numbers began at 1 for each service; from
    now on they run through the house. Nobody waits any more from before."""
    with op.batch_alter_table("ticket") as table:
        table.drop_constraint(op.f("uq_ticket_service_id_day_number"), type_="unique")
        table.drop_constraint(op.f("ck_ticket_state"), type_="check")
        for name in ("since", "due", "back_at", "soon_at", "rung_at"):
            table.add_column(sa.Column(name, base.Instant(), nullable=True))
        for name in ("person_id", "appointment_id", "window_id", "for_window_id"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=True))
        for name in ("calls", "missed"):
            table.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("channel", sa.String(length=10), nullable=False, server_default="console"))
        table.add_column(sa.Column("code", sa.String(length=6), nullable=True))
    _old_numbers()
    with op.batch_alter_table("ticket") as table:
        table.alter_column("since", existing_type=base.Instant(), nullable=False)
        for name in ("calls", "missed"):
            table.alter_column(name, existing_type=sa.Integer(), server_default=None)
        table.alter_column("channel", existing_type=sa.String(length=10), server_default=None)
        table.create_unique_constraint(op.f("uq_ticket_day_number"), ["day", "number"])
        table.create_unique_constraint(op.f("uq_ticket_code"), ["code"])
        for name, rule in CHECKS.items():
            table.create_check_constraint(op.f(f"ck_ticket_{name}"), rule)
        for column, other, whose in REFERENCES:
            name = op.f(f"fk_ticket_{column}_{other}")
            table.create_foreign_key(name, other, [column], ["id"], ondelete=whose)
    _indexes()


def _old_numbers() -> None:
    op.execute(
        "UPDATE ticket SET since = came_at, ended_at = COALESCE(ended_at, called_at, came_at),"
        " state = CASE state WHEN 'waiting' THEN 'closed' WHEN 'called' THEN 'done' ELSE state END,"
        " number = (SELECT COUNT(*) FROM ticket AS other WHERE other.day = ticket.day AND other.id <= ticket.id)"
    )


def _indexes() -> None:
    for column in ("service_id", "person_id", "window_id"):
        op.create_index(op.f(f"ix_ticket_{column}"), "ticket", [column])
    for name, columns, rule in (
        ("uq_ticket_at_window", ["window_id"], AT_WINDOW),
        ("uq_ticket_of_person", ["person_id", "service_id"], OF_PERSON),
        ("uq_ticket_of_appointment", ["appointment_id"], sa.text(LIVE)),
    ):
        op.create_index(name, "ticket", columns, unique=True, sqlite_where=rule, postgresql_where=rule)
