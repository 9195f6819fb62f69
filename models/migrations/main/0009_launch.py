"""Going live: template maps, verification files, what people confirmed, examinations."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "template_map",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=16), nullable=False),
        sa.Column("ours", sa.String(length=40), nullable=False),
        sa.Column("template_id", sa.String(length=60), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("changed_at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_template_map")),
        sa.UniqueConstraint("account", "ours", name=op.f("uq_template_map_account_ours")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "verify_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=70), nullable=False),
        sa.Column("content", sa.String(length=200), nullable=False),
        sa.Column("made_at", base.Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verify_file")),
        sa.UniqueConstraint("name", name=op.f("uq_verify_file_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "launch_tick",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("fk_launch_tick_staff_id_staff_member")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_launch_tick")),
    )
    op.create_table(
        "examination",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", base.Instant(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("templates", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examination")),
        sqlite_autoincrement=True,
    )
