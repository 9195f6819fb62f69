"""Rooms and persons that can be in one place only, and who has them when."""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('room', 'person')", name=op.f("ck_resource_kind")),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff_member.id"],
            name=op.f("fk_resource_staff_id_staff_member"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("kind", "name", name=op.f("uq_resource_kind_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "occupation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("starts", base.Instant(), nullable=False),
        sa.Column("ends", base.Instant(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.CheckConstraint("ends > starts", name=op.f("ck_occupation_stretch")),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_occupation_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occupation")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_occupation_resource_id_starts", "occupation", ["resource_id", "starts"])
    op.create_index(op.f("ix_occupation_source"), "occupation", ["source"])
    op.create_table(
        "service_resource",
        sa.Column("service_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["service_id"],
            ["service.id"],
            name=op.f("fk_service_resource_service_id_service"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resource.id"],
            name=op.f("fk_service_resource_resource_id_resource"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("service_id", "resource_id", name=op.f("pk_service_resource")),
    )
