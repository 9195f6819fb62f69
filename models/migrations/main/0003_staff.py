"""Tables of staff: WeChat identities of the staff, scans that sign in, and sessions for which a phone vouched."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    _possession()
    op.create_table(
        "staff_wechat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("identity_id", sa.Integer(), nullable=False),
        sa.Column("bound_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_staff_wechat_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_wechat_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_wechat")),
        sa.UniqueConstraint("identity_id", name=op.f("uq_staff_wechat_identity_id")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_wechat_staff_id")),
        sqlite_autoincrement=True,
    )
    _scans()


def _scans() -> None:
    op.create_table(
        "staff_scan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("key_index", sa.String(length=64), nullable=False),
        sa.Column("digits_index", sa.String(length=64), nullable=False),
        sa.Column("browser_index", sa.String(length=64), nullable=False),
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("address", base.Sealed("staff_scan.address"), nullable=False),
        sa.Column("browser", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("session_id", sa.Integer(), nullable=True),
        sa.Column("identity_id", sa.Integer(), nullable=True),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.Column("expires_at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["identity.id"],
            name=op.f("fk_staff_scan_identity_id_identity"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["staff_session.id"],
            name=op.f("fk_staff_scan_session_id_staff_session"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_staff_scan_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_scan")),
        sa.UniqueConstraint("key_index", name=op.f("uq_staff_scan_key_index")),
        sqlite_autoincrement=True,
    )
    for column in ("digits_index", "browser_index", "address_index", "staff_id", "identity_id", "expires_at"):
        op.create_index(op.f(f"ix_staff_scan_{column}"), "staff_scan", [column])


def _possession() -> None:
    """Who has a second factor showed its code when they signed in."""
    with op.batch_alter_table("staff_session") as table:
        table.add_column(sa.Column("possession", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE staff_session SET possession = (staff_id IN (SELECT id FROM staff_member WHERE totp IS NOT NULL))"
    )
    with op.batch_alter_table("staff_session") as table:
        table.alter_column("possession", existing_type=sa.Boolean(), server_default=None)
