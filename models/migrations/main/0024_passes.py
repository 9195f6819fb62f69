"""Own passes and tablets on the wall."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("scan", sa.Column("device", sa.String(length=64), nullable=True))
    _passes()
    _spots()
    _tablets()


def _passes() -> None:
    op.create_table(
        "session_pass",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("digits", sa.String(length=4), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["activity_session.id"],
            name=op.f("fk_session_pass_session_id_activity_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_session_pass_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_pass")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_session_pass_session_id_person_id")),
        sa.UniqueConstraint("session_id", "digits", name=op.f("uq_session_pass_session_id_digits")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_pass_person_id"), "session_pass", ["person_id"])


def _spots() -> None:
    op.create_table(
        "checkin_spot",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("spot_index", sa.String(length=64), nullable=False),
        sa.Column("spot", sa.LargeBinary(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["scan.id"], name=op.f("fk_checkin_spot_scan_id_scan"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_checkin_spot_person_id_person"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkin_spot")),
        sa.UniqueConstraint("scan_id", name=op.f("uq_checkin_spot_scan_id")),
        sqlite_autoincrement=True,
    )
    for column in ("person_id", "at", "spot_index"):
        op.create_index(op.f(f"ix_checkin_spot_{column}"), "checkin_spot", [column])


def _tablets() -> None:
    op.create_table(
        "wall_tablet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=40), nullable=False),
        sa.Column("code_index", sa.String(length=64), nullable=True),
        sa.Column("code_until", base.Instant(), nullable=True),
        sa.Column("device_index", sa.String(length=64), nullable=True),
        sa.Column("opened_at", base.Instant(), nullable=True),
        sa.Column("seen_at", base.Instant(), nullable=True),
        sa.Column("revoked_at", base.Instant(), nullable=True),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["staff_member.id"], name=op.f("fk_wall_tablet_made_by_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wall_tablet")),
        sa.UniqueConstraint("code_index", name=op.f("uq_wall_tablet_code_index")),
        sa.UniqueConstraint("device_index", name=op.f("uq_wall_tablet_device_index")),
        sqlite_autoincrement=True,
    )
