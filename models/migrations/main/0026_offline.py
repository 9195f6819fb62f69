"""The leader's page without a network: its one device, and who came without standing on the list."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "leader_device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("secret_index", sa.String(length=64), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("bound_at", base.Instant(), nullable=True),
        sa.Column("roster_at", base.Instant(), nullable=True),
        sa.Column("synced_at", base.Instant(), nullable=True),
        sa.Column("let_go_at", base.Instant(), nullable=True),
        _session("leader_device"),
        _person("leader_device"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_leader_device_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader_device")),
        sqlite_autoincrement=True,
    )
    for column in ("session_id", "person_id"):
        op.create_index(op.f(f"ix_leader_device_{column}"), "leader_device", [column])
    for column in ("person_id", "staff_id"):
        live = sa.text("let_go_at IS NULL")
        op.create_index(
            f"uq_leader_device_live_{column}",
            "leader_device",
            ["session_id", column],
            unique=True,
            postgresql_where=live,
            sqlite_where=live,
        )
    op.create_table(
        "unlisted_arrival",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("came_at", base.Instant(), nullable=True),
        sa.Column("left_at", base.Instant(), nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("received_at", base.Instant(), nullable=False),
        sa.Column("row_key", sa.String(length=22), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'matched', 'dropped')", name=op.f("ck_unlisted_arrival_state")
        ),
        _session("unlisted_arrival"),
        _person("unlisted_arrival"),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["leader_device.id"],
            name=op.f("fk_unlisted_arrival_device_id_leader_device"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unlisted_arrival")),
        sa.UniqueConstraint("device_id", "nonce", name=op.f("uq_unlisted_arrival_device_id_nonce")),
        sqlite_autoincrement=True,
    )
    for columns in (("session_id",), ("person_id",), ("state", "received_at")):
        op.create_index(op.f(f"ix_unlisted_arrival_{'_'.join(columns)}"), "unlisted_arrival", list(columns))


def _session(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_session_id_activity_session")
    return sa.ForeignKeyConstraint(["session_id"], ["activity_session.id"], name=name)


def _person(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_person_id_person")
    return sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=name, ondelete="SET NULL")
