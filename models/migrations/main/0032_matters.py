"""Matters at depth: categories, places, who follows, pictures afterwards, a second pair of eyes, a lane of its own."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    _rules()
    _matter_place()
    _matter()
    _followers()
    _guarded()


def _rules() -> None:
    op.create_table(
        "matter_category",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("goes_to", sa.String(length=4), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=True),
        sa.Column("keeper_id", sa.Integer(), nullable=True),
        sa.Column("working_days", sa.Integer(), nullable=True),
        sa.Column("needs_after", sa.Boolean(), nullable=False),
        sa.Column("needs_check", sa.Boolean(), nullable=False),
        sa.Column("asks_after", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("asks_after BETWEEN 0 AND 28", name=op.f("ck_matter_category_asks_after")),
        sa.CheckConstraint("goes_to IN ('grid', 'unit', 'desk')", name=op.f("ck_matter_category_goes_to")),
        sa.CheckConstraint(
            "metres BETWEEN 0 AND 2000 AND days BETWEEN 0 AND 60", name=op.f("ck_matter_category_reach")
        ),
        _to("matter_category", "keeper_id", "staff_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_category")),
        sa.UniqueConstraint("name", name=op.f("uq_matter_category_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "matter_rule_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        _to("matter_rule_version", "staff_id", "staff_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_rule_version")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_matter_rule_version_rule_at", "matter_rule_version", ["rule", "at"])
    op.create_table(
        "matter_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=True),
        sa.Column("check_days", sa.Integer(), nullable=False),
        _to("matter_settings", "owner_id", "staff_member"),
        _to("matter_settings", "lead_id", "staff_member"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_settings")),
        sqlite_autoincrement=True,
    )


def _matter_place() -> None:
    op.create_table(
        "matter_place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("grid_id", sa.Integer(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("lng", sa.Double(), nullable=False),
        sa.Column("metres", sa.Integer(), nullable=False),
        sa.CheckConstraint("metres BETWEEN 10 AND 3000", name=op.f("ck_matter_place_metres")),
        sa.CheckConstraint(
            "lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name=op.f("ck_matter_place_point")
        ),
        _to("matter_place", "place_id", "place", "SET NULL"),
        _to("matter_place", "grid_id", "grid"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_place")),
        sa.UniqueConstraint("name", name=op.f("uq_matter_place_name")),
        sqlite_autoincrement=True,
    )


def _matter() -> None:
    """Columns are only added: SQLite would empty a table that others refer to by making it anew."""
    for name, other in (
        ("category_id", "matter_category"),
        ("lent_by_id", "staff_member"),
        ("fixed_by_id", "staff_member"),
        ("checked_by_id", "staff_member"),
        ("joined_to_id", "matter"),
    ):
        _refer("matter", name, other)
    op.create_index(op.f("ix_matter_joined_to_id"), "matter", ["joined_to_id"])
    op.add_column("matter", sa.Column("unit", sa.String(length=20), nullable=True))
    for name in ("give_by", "late_told_on"):
        op.add_column("matter", sa.Column(name, sa.Date(), nullable=True))
    for name in ("checked_at", "asked_at"):
        op.add_column("matter", sa.Column(name, base.Instant(), nullable=True))
    op.add_column("matter", sa.Column("spot", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE matter SET give_by = due WHERE state = 'received'")
    op.add_column(
        "matter_photo", sa.Column("what", sa.String(length=6), nullable=False, server_default="before")
    )
    op.add_column("matter_photo", sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false()))
    _refer("matter_photo", "staff_id", "staff_member")
    op.add_column("matter_photo", sa.Column("fetch_after", base.Instant(), nullable=True))


def _followers() -> None:
    op.create_table(
        "matter_follower",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("matter_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("own_id", sa.Integer(), nullable=True),
        sa.Column("at", base.Instant(), nullable=False),
        _to("matter_follower", "matter_id", "matter", "CASCADE"),
        _to("matter_follower", "person_id", "person", "CASCADE"),
        _to("matter_follower", "own_id", "matter", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_follower")),
        sa.UniqueConstraint("matter_id", "person_id", name=op.f("uq_matter_follower_matter_id_person_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_matter_follower_person_id"), "matter_follower", ["person_id"])
    op.create_index(op.f("ix_matter_follower_own_id"), "matter_follower", ["own_id"])
    op.create_table(
        "matter_unasked",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        _to("matter_unasked", "person_id", "person", "CASCADE"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_matter_unasked")),
    )


def _guarded() -> None:
    op.create_table(
        "guarded_matter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.String(length=7), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("said_on", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("late_told_on", sa.Date(), nullable=True),
        sa.CheckConstraint("state IN ('received', 'working', 'done')", name=op.f("ck_guarded_matter_state")),
        sa.CheckConstraint("state = 'done' OR due IS NOT NULL", name=op.f("ck_guarded_matter_due")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarded_matter")),
        sa.UniqueConstraint("receipt", name=op.f("uq_guarded_matter_receipt")),
        sqlite_autoincrement=True,
    )


def _to(table: str, column: str, other: str, gone: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=gone
    )


def _refer(table: str, column: str, other: str) -> None:
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN {column} INTEGER"
        f" CONSTRAINT fk_{table}_{column}_{other} REFERENCES {other} (id)"
    )
